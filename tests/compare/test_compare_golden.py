"""Comparisons in full, as files to be read: `python tests/compare/test_compare_golden.py` writes them anew.

Read what has changed before it is committed: these files are evidence only as far as somebody looked.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from rfcalc.cli.main import main

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
VERSIONS = Path(__file__).parents[1] / "data" / "compare"

CASES: dict[str, tuple[str, ...]] = {
    # The chapter's argument: the same field from 27 instead of 49 C² weights.
    "compare-conv3x3-stack.txt": ("conv7x7", "conv3x3-stack"),
    # Figure 3.10, at 64 channels and at any number.
    "compare-bottleneck.txt": ("basic-block", "bottleneck-block"),
    "compare-bottleneck-symbolic.md": (
        *("basic-block", "bottleneck-block", "--set", "C=C", "--format", "markdown"),
    ),
    # Figure 3.11.
    "compare-resnet34.txt": ("vgg19", "plain34", "resnet34"),
    "compare-plain56.txt": ("plain20", "plain56"),
    # The place of the stride: 231,211,008 MACs and 56 pixels of field.
    "compare-resnet50-v1.txt": ("resnet50", "resnet50-v1"),
    "compare-resnet50-v1-zh.txt": ("resnet50", "resnet50-v1", "--lang", "zh"),
    "compare-resnet50-input.txt": ("resnet50", "resnet50", "--input", "B=320x320x3"),
    # Two versions of one file, for a pull request.
    "compare-versions.md": ("old.yaml", "new.yaml", "--format", "markdown"),
    "compare-versions.json": ("old.yaml", "new.yaml", "--format", "json"),
}


def output_of(arguments: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    with contextlib.chdir(VERSIONS), contextlib.redirect_stdout(buffer):
        assert main(("compare", *arguments)) == 0
    return buffer.getvalue()


@pytest.mark.parametrize("name", CASES)
def test_the_output_is_the_one_on_file(name: str) -> None:
    assert output_of(CASES[name]) == (GOLDEN / name).read_text("utf-8")


if __name__ == "__main__":
    for file, words in CASES.items():
        (GOLDEN / file).write_text(output_of(words), "utf-8")
