"""How wide a text will be, in a font that nobody knows yet.

The widths are those of letters by their kinds in DejaVu Sans, the widest of the usual fonts: enough to lay
out a picture, in which nothing depends on the last pixel.
"""

from __future__ import annotations

from rfcalc.errors import width_of
from rfcalc.render.characters import wrapped

# In parts of the size of the font.
_WIDTHS = {
    **dict.fromkeys("iljI.,:;'|!` ", 0.31),
    **dict.fromkeys('()[]{}tfr-"/\\*', 0.4),
    **dict.fromkeys("mMW@%—…", 0.97),
    **dict.fromkeys("wABCDEGHKNOPQRSUVXYZ&+=<>~×≥≤−", 0.76),
}
_USUAL = 0.62


def text_width(text: str, size: float) -> float:
    """The width of a text in the unit of the size of its font."""
    return size * sum(_WIDTHS.get(character) or _width(character) for character in text)


def _width(character: str) -> float:
    cells = width_of(character)
    return _USUAL if cells == 1 else cells * 0.5


def cut(text: str, size: float, width: float) -> str:
    """The text, or as much of its beginning as fits with an ellipsis behind it."""
    if text_width(text, size) <= width:
        return text
    room = width - text_width("…", size)
    used, kept = 0.0, ""
    for character in text:
        used += text_width(character, size)
        if used > room:
            break
        kept += character
    return f"{kept.rstrip()}…"


def lines_within(text: str, size: float, width: float, most: int) -> list[str]:
    """The text in lines of this width, at most so many; the last is cut where there is more."""
    if not text:
        return []
    lines = wrapped(text, width, lambda part: text_width(part, size))
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [cut(line, size, width) for line in lines]
