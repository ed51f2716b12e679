"""Reading files: what is read, what is refused, and that nothing waits for what never comes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from rfcalc.errors import DescriptionError, UsageError
from rfcalc.files import NoSuchFile, bytes_of, text_of

NET = "input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=8\n"
# Seconds after which a process that waits for a pipe has failed.
LIMIT = 60


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


# What is read


def test_a_file_is_read_and_one_byte_more_than_is_wanted() -> None:
    Path("a").write_bytes(b"12345")
    assert [bytes_of("a", longest) for longest in (3, 4, 5, 6)] == [b"1234", b"12345", b"12345", b"12345"]
    assert bytes_of("a", 2**26) == b"12345"
    Path("long").write_bytes(b"x" * (2**21 + 5))
    assert len(bytes_of("long", 2**21)) == 2**21 + 1
    Path("link").symlink_to("a")
    assert bytes_of("link", 9) == b"12345"


def test_what_the_process_was_given_is_read_where_it_is_named(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    for name in (f"/dev/fd/{reading}", f"/proc/self/fd/{reading}"):
        os.write(writing, b"123")
        assert bytes_of(name, 2, given=True) == b"123"
    assert bytes_of(os.devnull, 9, given=True) == b""


@pytest.mark.parametrize("word", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_standard_input_is_read_by_all_its_names(word: str) -> None:
    for command in (["show", word], ["check", word, "--no-config"], ["explain", word, "conv1"]):
        done = subprocess.run(
            [sys.executable, "-m", "rfcalc", *command],
            check=False,
            input=NET,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        assert (done.returncode, done.stderr) == (0, "")
    with open("net.yaml", "w", encoding="utf-8") as file:
        file.write(NET)
    with open("net.yaml", encoding="utf-8") as file:
        done = subprocess.run(
            [sys.executable, "-m", "rfcalc", word],
            check=False,
            stdin=file,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_shell_s_process_substitution_and_a_named_pipe_as_input_are_read() -> None:
    Path("net.yaml").write_text(NET, encoding="utf-8")
    run = f"{sys.executable} -m rfcalc"
    script = f"""
set -e
{run} <(cat net.yaml) --format csv
{run} compare <(cat net.yaml) <(cat net.yaml) > compared
{run} check net.yaml --config <(echo 'select = ["RF900"]') > checked
mkfifo pipe
(cat net.yaml > pipe) & {run} /dev/stdin --format csv < pipe
"""
    done = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True, timeout=LIMIT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("conv1") == 2


# What is refused


def refused(path: str, given: bool) -> str:
    with pytest.raises(UsageError) as raised:
        bytes_of(path, 99, given=given)
    return str(raised.value)


@pytest.mark.parametrize("given", [False, True])
def test_what_is_no_regular_file_is_refused(given: bool, folder: Path) -> None:
    os.mkfifo("pipe")
    Path("link").symlink_to("pipe")
    Path("zero").symlink_to("/dev/zero")
    Path("input").symlink_to("/dev/stdin")
    Path("nothing").symlink_to(os.devnull)
    Path("loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert refused("socket", given) == "cannot read 'socket': it is a socket, not a file"
    for path in ("pipe", "link"):
        assert refused(path, given) == f"cannot read '{path}': it is a named pipe, not a file"
    for path in ("/dev/zero", "zero", "nothing"):
        assert refused(path, given) == f"cannot read '{path}': it is a device, not a file"
    assert refused(".", given) == "cannot read '.': it is a folder, not a file"
    assert refused("loop", given).startswith("cannot read 'loop': ")
    assert refused("a\0b", given) == "'a\\x00b' is no path"
    with pytest.raises(NoSuchFile, match="cannot read 'none': No such file or directory"):
        bytes_of("none", 9, given=given)


def test_what_the_process_was_given_is_none_of_the_files_that_a_repository_names(
    pipe: tuple[int, int],
) -> None:
    assert "it is a named pipe" in refused(f"/dev/fd/{pipe[0]}", given=False)
    assert "it is a device" in refused(os.devnull, given=False)
    # By a link it is not what the user named.
    Path("net.yaml").symlink_to(f"/dev/fd/{pipe[0]}")
    assert "it is a named pipe" in refused("net.yaml", given=True)
    assert refused("/dev/fd/987654321", given=True).startswith("cannot read '/dev/fd/987654321': ")


def test_a_named_pipe_with_a_writer_is_refused_too() -> None:
    os.mkfifo("pipe")

    def write() -> None:
        with open("pipe", "wb") as file:
            file.write(b"x")

    writer = Thread(target=write)
    writer.start()
    assert "it is a named pipe" in refused("pipe", given=True)
    with open("pipe", "rb") as file:
        assert file.read() == b"x"
    writer.join()


def test_a_path_that_comes_to_lead_to_a_pipe_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("file").write_bytes(b"x")
    os.mkfifo("pipe")
    regular = os.stat("file")
    before = set(os.listdir("/dev/fd"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", lambda path: regular)
        with pytest.raises(UsageError, match="cannot read 'pipe': it is a named pipe, not a file"):
            bytes_of("pipe", 9)
    assert set(os.listdir("/dev/fd")) == before


# Wherever a file is read

ROLES = {
    "a description": ("net.yaml", ["net.yaml"], 2),
    "explained": ("net.yaml", ["explain", "net.yaml", "conv1"], 2),
    "compared": ("net.yaml", ["compare", "net.yaml", "good.yaml"], 2),
    "compared with a revision": ("net.yaml", ["compare", "--git", "HEAD", "net.yaml"], 2),
    "formatted": ("net.yaml", ["fmt", "net.yaml"], 2),
    "checked": ("net.yaml", ["check", "net.yaml"], 2),
    "found": ("net.yaml", ["check"], 0),
    "matched": ("net.yaml", ["check", "*.yaml"], 0),
    "a configuration": ("rfcalc.toml", ["check", "good.yaml"], 0),
    "a configuration by name": ("mine.toml", ["check", "good.yaml", "--config", "mine.toml"], 2),
    "a configuration of Python": ("pyproject.toml", ["check", "good.yaml"], 0),
    "a baseline": ("figures.json", ["check", "good.yaml", "--baseline", "figures.json"], 2),
    "what git ignores": (".gitignore", ["check"], 0),
    "what one repository ignores": (".git/info/exclude", ["check"], 0),
}


@pytest.mark.parametrize("kind", ["a pipe", "a link to standard input"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.slow
def test_no_command_waits_for_what_is_no_file(role: str, kind: str) -> None:
    path, command, code = ROLES[role]
    Path("good.yaml").write_text(NET, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], check=True)
    place = Path(path)
    place.unlink(missing_ok=True)
    if kind == "a pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("/dev/stdin")
    # Nothing is ever written to the input, and it stays open.
    process = subprocess.Popen(
        [sys.executable, "-m", "rfcalc", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        process.wait(LIMIT)
    finally:
        process.kill()
        _, said = process.communicate()
    assert process.returncode == code, said
    if code:
        assert "not a file" in said or "HEAD" in said


def test_a_baseline_that_a_configuration_names_is_a_file_of_its_own() -> None:
    Path("rfcalc.toml").write_text('baseline = "/dev/stdin"\n', encoding="utf-8")
    Path("net.yaml").write_text(NET, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "rfcalc", "check"],
        check=False,
        input="{}",
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 2
    assert "cannot read '/dev/stdin': it is a named pipe, not a file" in done.stderr


# From bytes to text


def test_a_text_has_no_byte_order_mark_and_may_be_as_long_as_it_may() -> None:
    assert text_of(b"\xef\xbb\xbf\xc3\xa9", "a", 5, "a description") == "é"
    assert text_of(b"", "a", 0, "a description") == ""


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xff", "a:1:1: error: not a text in UTF-8 (byte 1)"),
        (b"\xef\xbb\xbf\xff", "a:1:1: error: not a text in UTF-8 (byte 4)"),
        (b"\xc3\xa9\xff", "a:1:2: error: not a text in UTF-8 (byte 3)"),
        (b"one\r\ntwo\n\nth\xe2\x82", "a:4:3: error: not a text in UTF-8 (byte 13)"),
        (b"one\rtwo\xed\xa0\x80", "a:2:4: error: not a text in UTF-8 (byte 8)"),
        (b"one\n\xff\n", "a:2:1: error: not a text in UTF-8 (byte 5)"),
        (b"x" * 2**20 + b"\xff", "a:1:1: error: larger than 1 MiB, the limit for a description"),
    ],
)
def test_bytes_that_are_no_text_are_told_with_line_and_column(data: bytes, place: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        text_of(data, "a", 2**20, "a description")
    (diagnostic,) = raised.value.diagnostics
    first, second, carets = str(diagnostic).splitlines()
    assert first == place
    assert diagnostic.position is not None
    # The caret stands under the first of them.
    if "UTF-8" in place:
        assert second[carets.index("^")] == "\ufffd"
