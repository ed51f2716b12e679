"""Ctrl-C at any moment: the process ends by it, and says nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "rfcalc"]

# Runs the command as the process does, and interrupts it when an event of the interpreter (an import, a file
# that is opened) has come about so many times since the start; prints how many there were in a run that ends.
_PROGRAM = """
import os, signal, sys
from rfcalc.cli.main import run_process

event, number = sys.argv[1], int(sys.argv[2])
del sys.argv[1:3]
count = 0

def hook(name, arguments):
    global count
    if name == event:
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGINT)

if event != "-":
    sys.addaudithook(hook)
ended = os._exit

def tell(code):
    print(count, file=sys.stderr)
    ended(code)

if not number:
    os._exit = tell
run_process()
"""

MOMENTS = [
    ("import", "vgg16"),
    ("open", "vgg16"),
    ("exec", "vgg16"),
    ("import", "check vgg16 --no-config"),
    ("open", "compare vgg16 resnet18 --format json"),
]


def run(
    event: str, number: int, *arguments: str, preexec: Callable[[], object] | None = None
) -> tuple[int, bytes, str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, event, str(number), *arguments],
        capture_output=True,
        preexec_fn=preexec,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize(("event", "command"), MOMENTS)
@pytest.mark.slow
def test_an_interrupt_at_any_moment_ends_the_process_and_says_nothing(event: str, command: str) -> None:
    code, _, counted = run(event, 0, *command.split())
    total = int(counted.split()[-1])
    assert code in (0, 1)
    assert total > 20
    for number in sorted({1, 2, *range(5, total, total // 4), total}):
        code, _, said = run(event, number, *command.split())
        # By the signal, as a shell expects it, which makes 130 of it.
        assert (code, said) == (-signal.SIGINT, ""), number


def test_an_interrupt_that_the_caller_ignores_is_ignored() -> None:
    plain = run("-", 1, "lenet5")
    ignoring = run("import", 5, "lenet5", preexec=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert ignoring == plain
    assert plain[0] == 0


def test_an_interrupt_while_output_waits_for_its_reader_ends_the_process_and_says_nothing() -> None:
    process = subprocess.Popen(
        [*COMMAND, "resnet152", "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    # More than a pipe holds: after its first byte the process waits for a reader.
    assert process.stdout.read(1) == b"{"
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate()
    assert (process.returncode, said) == (-signal.SIGINT, b"")
    assert not rest.endswith(b"}\n")


def test_an_interrupt_while_a_pipe_is_waited_for_ends_the_process_and_says_nothing() -> None:
    process = subprocess.Popen(
        [*COMMAND, "check", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    # More than a pipe holds: written to the end means that the other side is reading.
    assert process.stdin is not None
    process.stdin.write(b"# a comment\n" * 30_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, said = process.communicate()
    assert (process.returncode, out, said) == (-signal.SIGINT, b"", b"")


def test_a_shell_makes_130_of_an_interrupt() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" 2>&1; echo $?', "sh", sys.executable, "-c", _PROGRAM, "import", "9", "vgg16"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "130\n"


@pytest.mark.parametrize("module", ["rfcalc.cli.run", "yaml", "rfcalc.library", "tabulate"])
def test_a_program_that_calls_the_command_gets_an_exit_code(module: str, tmp_path: Path) -> None:
    program = f"""
import sys
from importlib.abc import MetaPathFinder

class Interrupting(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
from rfcalc.cli.main import main
assert main(["vgg16"]) == 130
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (0, "", "")


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="the system does not tell its limits so")
@pytest.mark.parametrize("limit", [None, 2**32])
def test_nothing_is_imported_while_another_import_may_be_interrupted(limit: int | None) -> None:
    # An import within that of another module fails with an error of the interpreter's own.
    program = (
        "import builtins, signal, sys\n"
        "from rfcalc.cli import memory\n"
        "def refuse(name, *_): raise AssertionError(name)\n"
        "memory.watch()\n"
        "builtins.__import__ = refuse\n"
        "signal.raise_signal(signal.SIGPROF)\n"
        "print(memory._most_memory())\n"
    )

    def limited() -> None:
        import resource

        if limit is not None:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, preexec_fn=limited
    )
    assert (done.stdout, done.stderr) == (f"{limit}\n", "")
