"""Runs of `rfcalc check` within a test, the files that they read, and the repository these are in."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from rfcalc.cli.main import main


class Ran(NamedTuple):
    """One run: its exit code and its streams."""

    code: int
    out: str
    err: str

    def found(self) -> list[str]:
        """The file and the code of each finding, of a run with the concise format."""
        lines = self.out.splitlines()[:-1]
        return [f"{line.partition(':')[0]} {line.split()[1]}" for line in lines]


Runner = Callable[..., Ran]


def runner(capsys: pytest.CaptureFixture[str], *always: str) -> Runner:
    """What runs the command with some arguments behind those that it is always run with."""

    def run(*arguments: str) -> Ran:
        code = main(["check", *always, *arguments])
        return Ran(code, *capsys.readouterr())

    return run


def write(files: Mapping[str, str]) -> None:
    """Write files by their paths from the current folder, with the folders that they need."""
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def git(*arguments: str) -> str:
    """What git prints."""
    name = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(("git", *name, *arguments), check=True, capture_output=True, text=True).stdout


def commit() -> None:
    """Commit all that is there."""
    git("add", "-A")
    git("commit", "-qm", "networks")
