"""How wide a text will be, in a font that nobody knows yet.

The widths are those of letters by their kinds in DejaVu Sans, the widest of the usual fonts: enough to lay
out a picture, in which nothing depends on the last pixel.
"""

from __future__ import annotations

from math import fsum

from rfcalc.errors import width_of
from rfcalc.render.characters import wrapped

# In parts of the size of the font.
_WIDTHS = {
    **dict.fromkeys("iljI.,:;'|!` ", 0.31),
    **dict.fromkeys('()[]{}tfr-"/\\*', 0.4),
    **dict.fromkeys("mMW@%—…", 0.97),
    **dict.fromkeys("wABCDEGHKNOPQRSUVXYZ&+=<>~×≥≤−", 0.76),
}
_USUAL = 0.64
# So much wider are bold letters; those of Chinese are not.
_BOLD = 1.13


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a text in the unit of the size of its font."""
    # `sum` of floats differs between versions of Python, and with it the last digit of a drawing.
    return size * fsum([_width(character, bold) for character in text])


def _width(character: str, bold: bool) -> float:
    cells = width_of(character)
    if cells != 1:
        return cells * 0.5
    return _WIDTHS.get(character, _USUAL) * (_BOLD if bold else 1)


def cut(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits with an ellipsis behind it."""
    if text_width(text, size, bold=bold) <= width:
        return text
    room = width - text_width("…", size, bold=bold)
    used, kept = 0.0, ""
    for character in text:
        used += text_width(character, size, bold=bold)
        if used > room:
            break
        kept += character
    return f"{kept.rstrip()}…"


def lines_within(text: str, size: float, width: float, most: int, *, bold: bool = False) -> list[str]:
    """The text in lines of this width, at most so many; the last is cut where there is more."""
    if not text:
        return []
    lines = wrapped(text, width, lambda part: text_width(part, size, bold=bold))
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [cut(line, size, width, bold=bold) for line in lines]
