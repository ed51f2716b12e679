"""The colours of a terminal (ECMA-48, select graphic rendition)."""

from __future__ import annotations

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"


def painted(text: str, code: str, colour: bool = True) -> str:
    """The text in a colour, where there is some text, some code, and colour at all."""
    return f"\x1b[{code}m{text}\x1b[0m" if text and code and colour else text
