"""The pictures of the README and the guides, as SVG.  `python docs/pictures.py` makes them anew.

Of what a terminal shows each command runs in a terminal of its own, so the pictures hold what a user sees,
colours included; rich turns that into SVG.  Charts are what the command writes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

FOLDER = Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 100, 50

PICTURES: Mapping[str, Sequence[str]] = {
    "vgg16": ("rfcalc", "vgg16"),
    "resnet50-folded": ("rfcalc", "resnet50", "--depth", "1"),
    "alexnet-book": ("rfcalc", "alexnet", "--table", "book"),
}

CHARTS: Mapping[str, Sequence[str]] = {
    "field-resnet50": ("rfcalc", "field", "resnet50"),
    "field-networks": ("rfcalc", "field", "vgg16", "resnet50", "densenet121"),
    "locate-fields": ("rfcalc", "locate", "vgg16", "pool5", "3,3", "0,0"),
    "locate-layers": ("rfcalc", "locate", "vgg16", "pool5", "0,0", "--picture", "layers"),
    "locate-strip": ("rfcalc", "locate", "vgg16", "pool5", "3,3", "--picture", "strip"),
    "locate-support": (
        *("rfcalc", "locate", "-e", "conv f=3 r=2 p=2 d=8; conv f=3 r=4 p=4 d=8 as wide"),
        *("--input", "32x32x3", "wide", "--picture", "support"),
    ),
    "locate-energy": ("rfcalc", "locate", "resnet18", "layer4", "3,3", "--picture", "energy"),
    "locate-heads": ("rfcalc", "locate", "yolov3", "--picture", "fields"),
    "drawing-figure-3-11": ("rfcalc", "draw", "vgg19", "plain34", "resnet34"),
    "drawing-resnet152": ("rfcalc", "draw", "resnet152"),
    "drawing-bottleneck": ("rfcalc", "draw", "resnet50", "--block", "bottleneck"),
    "drawing-inception": ("rfcalc", "draw", "googlenet", "--block", "inception"),
    "drawing-unet": ("rfcalc", "draw", "unet"),
    "drawing-alexnet-volumes": ("rfcalc", "draw", "alexnet", "--style", "volumes"),
    "sizes-unet-2015": ("rfcalc", "sizes", "unet"),
}

# Fonts are the reader's own: a picture loads nothing from anywhere.
_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)

_WIDE = re.compile(r"[\u2e80-\u9fff\uff00-\uff60]+")


def shown(command: Sequence[str]) -> str:
    """What a command shows on a terminal of 100 columns and 50 lines, escape sequences included."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color", "COLUMNS": str(WIDTH), "LINES": str(HEIGHT), "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        (sys.executable, "-m", *command), stdin=subprocess.DEVNULL, stdout=theirs, env=environment
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError as error:
            # The end of a terminal's output is an error on Linux.
            if error.errno != errno.EIO:
                raise
            part = b""
        if not part:
            break
        parts.append(part)
    os.close(ours)
    if process.wait():
        raise SystemExit(f"{' '.join(command)} failed")
    return b"".join(parts).decode().replace("\r\n", "\n")


def chart(command: Sequence[str]) -> str:
    """The SVG that a command writes of its chart."""
    words = (sys.executable, "-m", *command, "--format", "svg")
    environment = os.environ | {"PYTHONUTF8": "1"}
    return subprocess.run(words, check=True, capture_output=True, env=environment).stdout.decode("utf-8")


def picture(command: Sequence[str]) -> str:
    """The SVG of a command's output."""
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print(_with_wide_runs_apart(Text.from_ansi(shown(command))), end="")
    name = "-".join(command).replace("--", "")
    return _FONT.sub("", console.export_svg(title=" ".join(command), theme=MONOKAI, unique_id=name))


def _with_wide_runs_apart(text: Text) -> Text:
    """The text with every run of wide characters placed for itself.

    A font's Chinese characters are seldom twice as wide as its Latin ones; what follows such a run
    keeps its column only where it is a piece of its own, which a style of its own makes it.
    """
    for run in _WIDE.finditer(text.plain):
        text.stylize(Style(overline=False), *run.span())
    return text


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, command in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(picture(command), encoding="utf-8")
    for name, command in CHARTS.items():
        (FOLDER / f"{name}.svg").write_text(chart(command), encoding="utf-8")


if __name__ == "__main__":
    main()
