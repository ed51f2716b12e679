"""Commands and their output as documents show them, and running them again.

A `console` block holds lines `$ command`, each followed by what the command prints, standard error
included; its output is that on a pipe.  The command runs in a shell, in a folder that holds the
document's `yaml`, `toml`, `ini` and `protobuf` blocks whose first line is a file's name, `# net.yaml`, and
the models that its commands name.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

_FILE = re.compile(
    r"^```(?:yaml|toml|ini|protobuf)\n(# ([\w-]+\.(?:yaml|toml|cfg|prototxt))\n.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_DATA = Path(__file__).parents[1] / "data"
_MODELS = {
    "resnet50.onnx": _DATA / "onnx" / "resnet50-legacy.onnx",
    "lenet.json": _DATA / "keras" / "lenet.json",
    "nnUNetPlans.json": _DATA / "nnunet" / "aniso3d_20x320x256.plans.json",
}
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Shown(NamedTuple):
    """One command of a document, with the output shown for it; start and end: where that output stands."""

    command: str
    output: str
    start: int
    end: int


def shown_commands(text: str) -> Iterator[Shown]:
    """Every command of a document in the order of its text."""
    for block in _BLOCK.finditer(text):
        commands = list(re.finditer(r"^\$ (.*)\n", block[1], re.MULTILINE))
        for command, following in zip(commands, [*commands[1:], None], strict=True):
            start = block.start(1) + command.end()
            end = block.start(1) + following.start() if following else block.end(1)
            yield Shown(command[1], text[start:end], start, end)


def write_files(text: str, folder: Path) -> None:
    """Write the files that a document shows into a folder."""
    for content, name in _FILE.findall(text):
        (folder / name).write_text(content, encoding="utf-8")
    commands = [shown.command for shown in shown_commands(text)]
    for name, model in _MODELS.items():
        if any(name in command for command in commands):
            (folder / name).write_bytes(model.read_bytes())


def output_of(command: str, folder: Path) -> str:
    """What a shell prints for a command run in this folder; `rfcalc` there is the package under test."""
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout


def _environment(folder: Path) -> Mapping[str, str]:
    commands = folder / "bin"
    commands.mkdir(exist_ok=True)
    program = commands / "rfcalc"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rfcalc "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return kept | {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1", "COLUMNS": "100"}


def with_current_output(text: str, folder: Path) -> str:
    """The document with the output of each of its commands as it is now."""
    write_files(text, folder)
    parts = []
    done = 0
    for shown in shown_commands(text):
        parts += [text[done : shown.start], output_of(shown.command, folder)]
        done = shown.end
    return "".join([*parts, text[done:]])


def main() -> None:
    """Bring the documents named on the command line up to date: `python tests/project/shown_commands.py`."""
    from tempfile import TemporaryDirectory

    for name in sys.argv[1:] or ["README.md"]:
        path = Path(name)
        with TemporaryDirectory() as folder:
            current = with_current_output(path.read_text(encoding="utf-8"), Path(folder))
        path.write_text(current, encoding="utf-8")


if __name__ == "__main__":
    main()
