"""docs/symbols.md: what it shows is what happens."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[2] / "docs" / "symbols.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n\$ ([^\n]*)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_every_block_holds_one_command() -> None:
    assert len(BLOCKS) == len(re.findall(r"^\$ ", GUIDE, re.MULTILINE)) >= 8


@pytest.mark.parametrize(("command", "output"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_a_command_prints_what_the_guide_shows(command: str, output: str, tmp_path: Path) -> None:
    program = tmp_path / "rfcalc"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rfcalc "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    result = subprocess.run(
        ["sh", "-c", command],
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.stdout == output, (
        "bring it up to date: python tests/project/shown_commands.py docs/symbols.md"
    )


def test_the_examples_in_python_run() -> None:
    examples = "\n".join(re.findall(r"^```pycon\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(examples, {}, "docs/symbols.md", "symbols.md", 0)
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0
