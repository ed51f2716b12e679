"""Writing files: whole or not at all, with a reason where not, and what a killed run leaves behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from check_runs import write

from rfcalc.cli.main import main
from rfcalc.errors import UsageError

COMMAND = [sys.executable, "-m", "rfcalc"]
# It differs from its canonical form, so that fmt has something to write.
NET = "input: 32x32x3\nlayers:\n  - conv p=1   f=3 d=8\n"
TEMPORARY = ".rfcalc-*.tmp"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write({"net.yaml": NET})
    return tmp_path


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path().iterdir()}


def run(*arguments: str, **options: object) -> tuple[int, str]:
    """The exit code of a process, and what it says on standard error."""
    done = subprocess.run([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True, check=False, **options)
    return done.returncode, done.stderr


def at_moment(moment: str, number: int, *arguments: str) -> tuple[int, str]:
    """A run that sends itself a signal when it opens or renames a file of its own."""
    program = f"""
import os, sys
from rfcalc.cli.main import run_process

def hook(event, arguments):
    if event == {moment!r} and ".rfcalc-" in str(arguments[0]):
        os.kill(os.getpid(), {number})

sys.addaudithook(hook)
run_process()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], stderr=subprocess.PIPE, text=True, check=False
    )
    return done.returncode, done.stderr


# Every command that writes, and the file that it writes.
WRITING = {
    "show vgg16 -o out.txt": "out.txt",
    "explain vgg16 -o out.txt": "out.txt",
    "compare vgg16 resnet18 -o out.txt": "out.txt",
    "check vgg16 --no-config -o out.txt": "out.txt",
    "check net.yaml --no-config --baseline out.json --update-baseline": "out.json",
    "fmt net.yaml": "net.yaml",
    "init out.yaml --force": "out.yaml",
    "spec vgg16 -o out.txt": "out.txt",
    "list -o out.txt": "out.txt",
    "ops conv -o out.txt": "out.txt",
    "rule RF401 -o out.txt": "out.txt",
    "rules -o out.txt": "out.txt",
    "schema -o out.txt": "out.txt",
    "locate vgg16 pool5 -o out.txt": "out.txt",
    "tile unet -o out.txt": "out.txt",
    "field vgg16 -o out.txt": "out.txt",
}
OLD = {"out.txt": "old", "out.yaml": "old", "out.json": '{"schema": "rfcalc.baseline/1", "networks": {}}'}


def _small_files() -> None:
    """Let no file grow past a few bytes, as a full disk does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))


@pytest.mark.parametrize("command", WRITING)
@pytest.mark.parametrize("there", [False, True])
@pytest.mark.slow
def test_a_disk_that_is_full_is_told_and_every_file_stays_as_it_was(command: str, there: bool) -> None:
    name = WRITING[command]
    if there and name in OLD:
        write({name: OLD[name]})
    before = contents()
    # Neither what the interpreter caches nor the output of the test run itself is to be cut short.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    code, said = run(*command.split(), preexec_fn=_small_files, env=environment, stdout=subprocess.DEVNULL)
    assert f"rfcalc: error: cannot write {name!r}: File too large\n" in said
    assert code == 2
    assert contents() == before


@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_report_that_cannot_be_written_is_told_before_anything_is_replaced(buffered: str) -> None:
    write({"out.json": OLD["out.json"]})
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": buffered}
    command = list(WRITING)[4].split()
    with open("report.txt", "w", encoding="utf-8") as report:
        code, said = run(*command, preexec_fn=_small_files, env=environment, stdout=report)
    assert (code, said) == (2, "rfcalc: error: cannot write to standard output: File too large\n")
    assert Path("out.json").read_text("utf-8") == OLD["out.json"]


@pytest.mark.parametrize("failing", ["builtins.open", "os.fsync", "os.chmod", "os.replace"])
@pytest.mark.parametrize("command", ["show vgg16 -o out.txt", "fmt net.yaml"])
def test_whatever_step_of_writing_fails_is_told_and_undone(
    failing: str, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"out.txt": "old"})
    before = contents()
    ours = open

    def refused(*arguments: object, **options: object) -> object:
        if failing == "builtins.open" and not str(arguments[0]).endswith(".tmp"):
            return ours(*arguments, **options)
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(failing, refused)
        code = main(command.split())
    said = capsys.readouterr().err
    assert f"rfcalc: error: cannot write {WRITING[command]!r}: Read-only file system\n" in said
    assert code == 2
    assert contents() == before


@pytest.mark.parametrize("command", ["vgg16 -o out.txt", "fmt net.yaml"])
def test_a_file_that_others_may_not_read_is_not_readable_by_them_while_it_is_written(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = command.rpartition(" ")[2]
    write({"out.txt": "old"})
    os.chmod(name, 0o600)
    modes: list[int] = []
    ours = os.fsync

    def looked_at(descriptor: int) -> None:
        modes.append(os.fstat(descriptor).st_mode & 0o777)
        ours(descriptor)

    monkeypatch.setattr(os, "fsync", looked_at)
    before = os.umask(0o022)
    try:
        assert main(command.split()) == 0
    finally:
        os.umask(before)
    assert modes == [0o600]
    assert os.stat(name).st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("folder", "Is a directory"),
        ("new/", "Is a directory"),
        ("net.yaml/", "Not a directory"),
        ("net.yaml/out.txt", "Not a directory"),
        ("missing/out.txt", "there is no folder 'missing'; make it first, or name another"),
        ("loop", "Too many levels of symbolic links"),
        ("x" * 300, "File name too long"),
        ("/dev/full", "No space left on device"),
        ("", "Is a directory"),
    ],
)
@pytest.mark.parametrize("command", ["vgg16 -o", "check vgg16 --no-config -o", "init --force"])
def test_what_is_no_place_for_a_file_is_told(
    command: str, target: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("folder").mkdir()
    os.symlink("loop", "loop")
    before = sorted(os.listdir())
    assert main([*command.split(), target]) == 2
    shown = target if len(target) <= 60 else f"{target[:59]}…"
    assert f"rfcalc: error: cannot write {shown!r}: {reason}\n" in capsys.readouterr().err
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize("summary", ["/dev/full", "folder", "missing/summary.md"])
def test_a_summary_that_cannot_be_written_is_told(
    summary: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("folder").mkdir()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", summary)
    assert main(["check", "vgg16", "--no-config", "--format", "github"]) == 2
    assert f"rfcalc: error: cannot write {summary!r}: " in capsys.readouterr().err


# What is no file


@pytest.mark.parametrize("target", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_by_name_is_a_pipe_like_any_other(target: str) -> None:
    plain = subprocess.run([*COMMAND, "vgg16"], capture_output=True, check=True)
    named = subprocess.run([*COMMAND, "vgg16", "-o", target], capture_output=True, check=True)
    assert (named.stdout, named.stderr) == (plain.stdout, b"")


@pytest.mark.parametrize("mode", [">", ">>"])
def test_standard_output_by_name_keeps_what_others_write_to_the_same_file(mode: str) -> None:
    script = f'{{ echo first; "$@" -o /dev/stdout; echo last; }} {mode} out.txt'
    subprocess.run(["/bin/sh", "-c", script, "sh", *COMMAND, "lenet5"], check=True)
    lines = Path("out.txt").read_text("utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("first", "last")
    assert "LeNet-5" in lines[1]


def test_standard_error_by_name_is_written_to() -> None:
    code, said = run("lenet5", "-o", "/dev/stderr")
    assert code == 0
    assert said.startswith("LeNet-5")


def test_a_named_pipe_is_written_to_and_stays_one() -> None:
    os.mkfifo("pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_text("utf-8")))
    reader.start()
    assert main(["lenet5", "-o", "pipe"]) == 0
    reader.join()
    assert read[0].startswith("LeNet-5")
    assert Path("pipe").is_fifo()


def test_a_reader_of_standard_output_by_name_that_leaves_early_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "resnet152", "-o", "/dev/stdout"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_path_that_is_no_text_is_written_and_is_named_in_a_template(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = os.fsdecode(b"a\xffb.yaml")
    assert main(["init", name]) == 0
    assert main(["show", "vgg16", "-o", f"{name}.txt"]) == 0
    assert os.path.isfile(name)
    capsys.readouterr()


# What is left behind


@pytest.mark.parametrize("command", list(WRITING)[3:7])
def test_an_interrupt_while_a_file_is_written_leaves_all_as_it_was(command: str) -> None:
    before = contents()
    for moment in ("open", "os.rename"):
        code, said = at_moment(moment, signal.SIGINT, *command.split())
        assert (code, said.strip()) == (130, ""), moment
        assert contents() == before


def test_what_a_killed_run_leaves_is_hidden_and_never_taken_for_a_description(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write({"net.yaml": NET.replace("p=1   f=3", "f=3 p=1   ")})
    assert at_moment("os.rename", signal.SIGKILL, "fmt", "net.yaml")[0] == -signal.SIGKILL
    assert at_moment("os.rename", signal.SIGKILL, "spec", "vgg16", "-o", "x.yaml")[0] == -signal.SIGKILL
    left = sorted(Path().glob(TEMPORARY))
    assert len(left) == 2
    assert all("layers:" in path.read_text("utf-8") for path in left)
    assert not Path("x.yaml").exists()
    for paths in ((".",), ("*",), (".*", "*"), ("**",)):
        main(["check", "--no-config", "--format", "concise", *paths])
        assert "in 1 description" in capsys.readouterr().out
    assert main(["fmt", ".", "--check"]) == 1
    assert "1 file would be reformatted" in capsys.readouterr().err


# Updates of a baseline at the same time


def entries() -> set[str]:
    import json

    return set(json.loads(Path("figures.json").read_text("utf-8"))["networks"])


def update(name: str) -> tuple[str, ...]:
    return ("check", name, "--no-config", "--baseline", "figures.json", "--update-baseline")


def test_runs_that_update_a_baseline_at_the_same_time_leave_the_entries_of_all() -> None:
    names = {f"net{number}.yaml" for number in range(8)}
    write(dict.fromkeys(names, NET))
    write({"figures.json": OLD["out.json"]})
    os.symlink("figures.json", "link.json")
    started = [
        # A link to the baseline leads to the same lock.
        subprocess.Popen(
            [*COMMAND, *update(name)[:3], "--baseline", file, "--update-baseline"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for name, file in zip(sorted(names), ("figures.json", "link.json") * 4, strict=True)
    ]
    for process in started:
        _, said = process.communicate()
        assert (process.returncode, b"error:" in said) == (0, False), said
    assert entries() == names
    assert not list(Path().glob(".rfcalc-*"))


def test_an_update_keeps_what_another_run_wrote_after_this_one_had_read_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"other.yaml": NET})
    from rfcalc.cli import check as command

    ours = command._write

    def meanwhile(*arguments: object) -> None:
        # The report is written when all is checked, before the baseline.
        monkeypatch.setattr(command, "_write", ours)
        assert main(list(update("other.yaml"))) == 0
        ours(*arguments)

    monkeypatch.setattr(command, "_write", meanwhile)
    assert main(list(update("net.yaml"))) == 0
    assert entries() == {"net.yaml", "other.yaml"}
    assert "figures.json holds the figures of 2 networks" in capsys.readouterr().err


def test_an_update_waits_for_another_no_longer_than_it_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rfcalc.cli import locks

    monkeypatch.setattr(locks, "_SECONDS", 0)
    with locks.locked("figures.json"):
        assert main(list(update("net.yaml"))) == 2
        assert "'figures.json' is being updated by another run" in capsys.readouterr().err
        assert not Path("figures.json").exists()
        assert list(Path().glob(".rfcalc-figures.json.lock"))
    assert main(list(update("net.yaml"))) == 0
    assert entries() == {"net.yaml"}


def test_a_lock_that_a_killed_run_leaves_behind_holds_nobody_up_and_is_removed() -> None:
    for moment in ("open", "os.rename"):
        code, _ = at_moment(moment, signal.SIGKILL, *update("net.yaml"))
        assert code == -signal.SIGKILL
    lock = Path(".rfcalc-figures.json.lock")
    assert lock.exists()
    code, said = run(*update("net.yaml"), stdout=subprocess.DEVNULL)
    assert (code, "figures.json holds the figures of 1 network" in said) == (0, True)
    assert entries() == {"net.yaml"}
    assert not lock.exists()


def test_a_lock_on_a_file_that_was_removed_meanwhile_is_taken_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from rfcalc.cli import locks

    ours = locks._lock
    calls = []

    def released_by_another(descriptor: int) -> None:
        # Between opening the file and locking it, whoever had the lock has removed it.
        calls.append(descriptor)
        if len(calls) == 1:
            os.unlink(".rfcalc-figures.json.lock")
        ours(descriptor)

    monkeypatch.setattr(locks, "_lock", released_by_another)
    with locks.locked("figures.json"):
        assert len(calls) == 2
        monkeypatch.setattr(locks, "_SECONDS", 0)
        with pytest.raises(UsageError, match="being updated"), locks.locked("figures.json"):
            pass


@pytest.mark.parametrize("target", ["victim", "net.yaml", "folder", None])
def test_what_stands_in_the_place_of_a_lock_is_neither_followed_nor_opened(
    target: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = Path(".rfcalc-figures.json.lock")
    Path("folder").mkdir()
    if target is None:
        os.mkfifo(lock)
    else:
        lock.symlink_to(target)
    before = sorted(os.listdir())
    assert main(list(update("net.yaml"))) == 2
    reason = "its lock '.rfcalc-figures.json.lock' is a link or no file"
    assert f"rfcalc: error: cannot write 'figures.json': {reason}\n" in capsys.readouterr().err
    assert sorted(os.listdir()) == before


def test_a_link_that_takes_the_place_of_a_lock_while_it_is_opened_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = os.open

    def overtaken(path: str, flags: int, mode: int) -> int:
        os.symlink("victim", path)
        return ours(path, flags, mode)

    from rfcalc.cli import locks

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", overtaken)
        with pytest.raises(UsageError, match="cannot write"), locks.locked("figures.json"):
            pass
    assert not Path("victim").exists()


@pytest.mark.parametrize("output", [(), ("-o", ".rfcalc-figures.json.lock")])
def test_a_file_of_the_name_of_a_lock_that_holds_anything_stays(output: tuple[str, ...]) -> None:
    lock = Path(".rfcalc-figures.json.lock")
    lock.write_text("mine")
    assert main([*update("net.yaml"), *output]) == 0
    assert entries() == {"net.yaml"}
    assert lock.read_text() == ("no findings in 1 description\n" if output else "mine")
