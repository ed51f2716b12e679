"""Outputs in full, as files to be read: `python tests/cli/test_golden.py` writes them anew.

Read what has changed before it is committed: these files are evidence only as far as somebody looked.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from rfcalc.cli.main import main

GOLDEN = Path(__file__).parents[1] / "data" / "golden"

CASES: dict[str, tuple[str, ...]] = {
    "vgg16.txt": ("vgg16",),
    "vgg16-zh.txt": ("vgg16", "--lang", "zh"),
    "vgg16.json": ("vgg16", "--format", "json"),
    "alexnet-book.txt": ("alexnet", "--table", "book"),
    "vgg16-book-en.md": ("vgg16", "--table", "book", "--lang", "en", "--format", "markdown"),
    "resnet50-depth-2.md": ("resnet50", "--depth", "2", "--format", "markdown"),
    "resnet50-top.txt": ("resnet50", "--only", "layer3.*", "--sort", "macs", "--top", "5", "--units", "si"),
    "conv3x3-stack.tex": ("conv3x3-stack", "--format", "latex"),
    "unet-depth-1.csv": ("unet", "--depth", "1", "--format", "csv"),
    "efficientnet-b0-depth-1.txt": (
        *("efficientnet-b0", "--depth", "1", "--columns"),
        "name,rf,stride,centre,status,params_share,macs_share",
    ),
    "upsampling.json": (
        *("-e", "conv f=3 s=2 d=4; deconv f=2 s=3 d=2; softmaxloss", "--input", "9x9xC", "--format", "json"),
    ),
    "columns.txt": ("--columns", "help"),
}


def output_of(arguments: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    with contextlib.redirect_stdout(buffer):
        assert main(arguments) == 0
    return buffer.getvalue()


@pytest.mark.parametrize("name", CASES)
def test_the_output_is_the_one_on_file(name: str) -> None:
    assert output_of(CASES[name]) == (GOLDEN / name).read_text("utf-8")


if __name__ == "__main__":
    for file, words in CASES.items():
        (GOLDEN / file).write_text(output_of(words), "utf-8")
