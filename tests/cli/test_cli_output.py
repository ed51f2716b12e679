"""Where output goes: files, pipes, terminals, and readers that leave early."""

from __future__ import annotations

import fcntl
import os
import pty
import stat
import struct
import subprocess
import sys
import termios
from importlib import import_module
from pathlib import Path

import pytest

from rfcalc.cli.group import COMMANDS
from rfcalc.cli.main import main

COMMAND = [sys.executable, "-m", "rfcalc"]
ENVIRONMENT = {
    key: value
    for key, value in os.environ.items()
    if key not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING")
}


def on_terminal(*arguments: str, columns: int = 100, environment: dict[str, str] | None = None) -> str:
    """What a terminal of this width receives."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**ENVIRONMENT, "TERM": "xterm-256color", **(environment or {})},
    )
    os.close(follower)
    received = b""
    # Reading past the end of a terminal is an error on Linux and an empty read elsewhere.
    try:
        while data := os.read(leader, 65536):
            received += data
    except OSError:
        pass
    os.close(leader)
    assert process.wait() == 0
    return received.decode().replace("\r\n", "\n")


def piped(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, env={**ENVIRONMENT, **environment}, check=False
    )


def test_a_terminal_gets_colours_and_a_pipe_none() -> None:
    assert "\x1b[" in on_terminal("vgg16")
    assert b"\x1b" not in piped("vgg16").stdout


@pytest.mark.parametrize(
    ("option", "environment"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})]
)
def test_colours_can_be_had_off(option: list[str], environment: dict[str, str]) -> None:
    text = on_terminal("vgg16", *option, environment=environment)
    assert "\x1b" not in text
    assert "138,357,544" in text


@pytest.mark.parametrize("columns", [80, 140])
def test_a_terminal_table_fits_its_width(columns: int) -> None:
    text = on_terminal("resnet50", "--no-color", columns=columns)
    assert max(map(len, text.splitlines())) <= columns
    # Digits go before columns do.
    assert ("4.089 G" if columns == 80 else "4,089,184,256") in text


def test_the_columns_variable_decides_the_width() -> None:
    text = on_terminal("vgg16", "--no-color", columns=200, environment={"COLUMNS": "60"})
    assert max(map(len, text.splitlines())) <= 60


def test_a_named_format_is_the_same_on_a_terminal_and_on_a_pipe() -> None:
    for name in ("markdown", "csv", "json"):
        assert on_terminal("lenet5", "--format", name) == piped("lenet5", "--format", name).stdout.decode()


def test_a_file_gets_what_a_pipe_gets(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    assert piped("vgg16", "--output-file", str(path)).stdout == b""
    assert path.read_bytes() == piped("vgg16").stdout


@pytest.mark.parametrize(
    ("suffix", "beginning"),
    [("json", "{"), ("csv", "name,"), ("md", "VGG-16"), ("html", "<p>"), ("tex", "%")],
)
def test_the_suffix_of_a_file_means_a_format(tmp_path: Path, suffix: str, beginning: str) -> None:
    path = tmp_path / f"report.{suffix}"
    assert main(["vgg16", "-o", str(path)]) == 0
    assert path.read_text("utf-8").startswith(beginning)


def test_an_existing_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    path.write_text("old", "utf-8")
    path.chmod(0o640)
    main(["vgg16", "-o", str(path)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_text("utf-8") != "old"


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    main(["vgg16", "-o", str(tmp_path / "ours.txt")])
    (tmp_path / "theirs.txt").write_text("", "utf-8")
    assert (tmp_path / "ours.txt").stat().st_mode == (tmp_path / "theirs.txt").stat().st_mode


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old", "utf-8")
    link.symlink_to(target)
    main(["vgg16", "-o", str(link)])
    assert link.is_symlink()
    assert "VGG-16" in target.read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_that_is_too_short_leaves_out_what_carries_nothing_and_a_pipe_nothing() -> None:
    # A terminal of 50 lines and 100 columns.
    shown = import_module("pictures").shown
    text = shown(("rfcalc", "resnet50"))
    assert "56 of 174 rows shown" in text
    assert "layer1.0.relu1" not in text
    for words in (
        ("resnet50", "--all"),
        ("resnet50", "--only", "layer1.0"),
        ("resnet50", "--sort", "params"),
    ):
        text = shown(("rfcalc", *words))
        assert "layer1.0.relu1" in text
        assert "--all" not in text
    # What fits is whole.
    assert "relu15" in shown(("rfcalc", "vgg16"))
    assert b"layer1.0.relu1" in piped("resnet50", LINES="10").stdout


def test_a_mistake_leaves_the_file_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "table.txt"
    path.write_text("old", "utf-8")
    assert main(["vgg16", "--only", "nothing", "-o", str(path)]) == 2
    assert path.read_text("utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.txt"]
    capsys.readouterr()


def test_a_missing_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Of a long path the message has the beginning alone.
    monkeypatch.chdir(tmp_path)
    assert main(["vgg16", "-o", "missing/table.txt"]) == 2
    assert "missing" in capsys.readouterr().err


def test_a_folder_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vgg16", "-o", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("rfcalc: error: cannot write")


def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    path = tmp_path / "table.txt"
    path.write_text("old", "utf-8")
    assert main(["vgg16", "-o", str(path)]) == 2
    assert "No space left" in capsys.readouterr().err
    assert path.read_text("utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_device_is_written_to_and_not_replaced() -> None:
    assert main(["vgg16", "-o", os.devnull]) == 0
    assert not Path(os.devnull).is_file()


def test_a_reader_that_leaves_early_is_no_error() -> None:
    process = subprocess.Popen(
        [*COMMAND, "resnet152"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    message = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 141
    assert message == b""


@pytest.mark.parametrize("network", ["vgg16", "conv7x7", "unet", "efficientnet-b0"])
def test_an_ascii_locale_gets_ascii(network: str) -> None:
    for options in ([], ["--format", "json"], ["--format", "markdown"], ["--table", "book"]):
        result = piped(network, *options, PYTHONIOENCODING="ascii")
        assert result.returncode == 0, result.stderr
        assert result.stdout.isascii()
        assert result.stderr == b""


def test_the_books_table_speaks_english_where_chinese_cannot_be_shown() -> None:
    shown = piped("alexnet", "--table", "book", PYTHONIOENCODING="ascii").stdout.decode("ascii")
    assert "max pooling" in shown
    assert "?" not in shown.partition("\n")[2]
    chinese = piped("alexnet", "--table", "book", PYTHONIOENCODING="utf-8").stdout.decode("utf-8")
    assert "最大值汇合操作" in chinese


def test_an_ascii_locale_still_gets_its_errors() -> None:
    result = piped("-e", "conv f=3 d=α", "--input", "8x8x3", PYTHONIOENCODING="ascii:backslashreplace")
    assert result.returncode == 2
    assert b"Traceback" not in result.stderr


def test_the_c_locale_is_no_accident() -> None:
    result = piped("conv7x7", LC_ALL="C", LANG="C")
    assert result.returncode == 0
    assert b"49" in result.stdout


def with_streams(*arguments: str, redirections: str) -> tuple[int, str]:
    """The exit code of a command whose streams a shell has redirected, and what it says on standard error."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirections}', "sh", *COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=ENVIRONMENT,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


_PRINTING = [("vgg16",), ("check", "vgg16"), ("check", "vgg16", "--format", "json"), ("fmt", "-"), ("rules",)]


@pytest.mark.parametrize(
    ("arguments", "redirections", "reason"),
    [
        # A help text goes nowhere where there is no output, and nothing is lost.
        (("-h",), "> /dev/full", "No space left on device"),
        *((arguments, "> /dev/full", "No space left on device") for arguments in _PRINTING),
        *((arguments, ">&-", "it is closed") for arguments in _PRINTING),
    ],
)
def test_an_output_that_takes_nothing_is_a_mistake_and_no_finding(
    arguments: tuple[str, ...], redirections: str, reason: str
) -> None:
    if arguments == ("fmt", "-"):
        redirections += " < specs/vgg16.yaml"
    code, said = with_streams(*arguments, redirections=redirections)
    assert (code, said) == (2, f"rfcalc: error: cannot write to standard output: {reason}\n")


@pytest.mark.parametrize(
    "arguments", [("-",), ("check", "-"), ("fmt", "-"), ("explain", "-"), ("compare", "-", "vgg16")]
)
def test_a_standard_input_that_is_closed_is_a_mistake(arguments: tuple[str, ...]) -> None:
    code, said = with_streams(*arguments, redirections="<&-")
    assert (code, said.partition("\n")[0]) == (
        2,
        "rfcalc: error: standard input is closed: there is nothing to read",
    )


_BUG = """
import sys
import rfcalc.cli.run
from rfcalc.cli.main import run_process

def run(arguments):
    raise IndexError("list index out of range \\x1b[31m")

rfcalc.cli.run.run = run
run_process()
"""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_what_is_said_is_in_characters_that_standard_error_has(tmp_path: Path, encoding: str) -> None:
    net = tmp_path / "net.yaml"
    net.write_text("input: 8x8x3\nlayers:\n  - conv f=3 … d=4\n", "utf-8")
    environment = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    for arguments, code in (
        ((str(net),), 2),
        (("check", str(net)), 1),
        (("fmt", "--check", str(net)), 2),
        (("compare", "vgg16", "vgg16", "--input", "Z=3"), 2),
        (("explain", "vgg16", "nosuch"), 2),
    ):
        result = piped(*arguments, **environment)
        assert result.returncode == code, arguments
        said = (result.stderr + result.stdout).decode(encoding)
        assert "..." in said, arguments
        assert "\\u" not in said, arguments
    # The carets stand under what is written in other characters.
    lines = piped(str(net), **environment).stderr.decode(encoding).splitlines()
    assert lines[1:3] == ["  3 |   - conv f=3 ... d=4", "    |              ^^^"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_help_can_be_read_in_any_encoding(encoding: str) -> None:
    for command in ((), *((name,) for name in COMMANDS)):
        result = piped(*command, "--help", PYTHONIOENCODING=encoding)
        assert (result.returncode, result.stderr) == (0, b""), command
        assert result.stdout.isascii(), command


def test_a_bug_is_no_finding_and_its_traceback_is_shown_to_whoever_asks() -> None:
    def ended(**environment: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", _BUG],
            capture_output=True,
            env=ENVIRONMENT | environment,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    code, said = ended()
    assert code == 2
    assert said == (
        "rfcalc: error: this is a bug of rfcalc (IndexError: list index out of range �[31m); "
        "with the variable RFCALC_TRACEBACK=1 the same command shows where\n"
    )
    code, said = ended(RFCALC_TRACEBACK="1")
    assert code == 2
    assert said.startswith("Traceback (most recent call last):\n")
    assert "in run\n" in said


def test_a_reader_of_a_help_text_that_leaves_early_is_no_finding() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "-h"], stdout=writing, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_dash_is_standard_output_as_it_is_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (
        "vgg16 --format csv",
        "check vgg16",
        "draw lenet5 --format svg",
        "report lenet5",
        "spec lenet5",
    ):
        assert main([*command.split(), "-o", "-"]) == 0
        assert capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    # A file that is called so is named with its folder.
    assert main(["vgg16", "-o", "./-"]) == 0
    assert [each.name for each in tmp_path.iterdir()] == ["-"]
