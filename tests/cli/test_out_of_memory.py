"""A lack of memory is told in one line, with exit code 2; the default limits leave no such lack."""

from __future__ import annotations

import errno
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from rfcalc.cli import run
from rfcalc.cli.main import main
from rfcalc.cli.memory import OUT_OF_MEMORY

pytestmark = pytest.mark.slow

MEBIBYTE = 2**20
HEAD = "input: 32x32x8\nlayers:\n"
# As large as the default limits let them be: by layers, by different layers, by operands.
LARGEST = {
    "layers": HEAD + "  - {repeat: 50000, do: [relu]}\n",
    "different layers": HEAD + "  - {repeat: 50000, index: i, do: [conv f=3 p=1 d=i+1]}\n",
    "operands": HEAD
    + "  - {repeat: 750, as: s, do: [relu as k]}\n  - {repeat: 750, do: ['add from=s.*.k']}\n",
}


def limited(mebibytes: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with so much memory."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (mebibytes * MEBIBYTE, mebibytes * MEBIBYTE))

    command = (sys.executable, "-m", "rfcalc", *arguments)
    return subprocess.run(command, capture_output=True, encoding="utf-8", preexec_fn=limit, check=False)


@pytest.fixture
def large(tmp_path: Path) -> str:
    path = tmp_path / "large.yaml"
    path.write_text(LARGEST["different layers"].replace("50000", "60000"))
    return str(path)


@pytest.mark.parametrize("case", LARGEST)
def test_the_largest_networks_that_are_built_by_default_fit_a_gigabyte(case: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(LARGEST[case])
    done = limited(1000, str(path), "--format", "json", "--output-file", str(tmp_path / "net.json"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("show", "--format", "json"),
        ("show", "--format", "csv"),
        ("explain",),
        ("check", "--no-config"),
        ("compare", "vgg16"),
    ],
)
def test_a_network_too_large_for_the_memory_is_told_in_one_line(words: tuple[str, ...], large: str) -> None:
    for mebibytes in (51, 117):
        done = limited(mebibytes, *words, large, "--max-layers", "1000000")
        assert (done.returncode, done.stdout, done.stderr) == (2, "", OUT_OF_MEMORY + "\n")


def test_a_file_is_left_as_it_was(large: str, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    output.write_text("before")
    done = limited(80, large, "--max-layers", "1000000", "--output-file", str(output))
    assert (done.returncode, done.stderr) == (2, OUT_OF_MEMORY + "\n")
    assert output.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large.yaml", "out.csv"]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
    ],
)
def test_whatever_a_lack_of_memory_looks_like_is_told_alike(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(run.program, "main", fail)
    assert main(["vgg16"]) == 2
    assert capsys.readouterr().err == OUT_OF_MEMORY + "\n"


def test_another_error_of_the_system_is_told_as_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(run.program, "main", fail)
    assert main(["vgg16"]) == 2
    assert capsys.readouterr().err == "rfcalc: error: cannot write to standard output: Input/output error\n"
