"""Structured reports as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from rfcalc.errors import printable

# Levels of nesting that are broken over lines: the report, its lists, and each layer in them.
_BROKEN_LEVELS = 3


def render_json(
    data: Mapping[str, object] | Sequence[object], *, ascii_only: bool = False, levels: int = _BROKEN_LEVELS
) -> str:
    """The data as JSON text: keys in the order given, one line per figure of a layer, so that a diff tells.

    Integers are written in full, however long; there is no NaN and no infinity.  Characters that command a
    terminal or cannot be seen are escaped; `ascii_only` escapes every other one, too.  levels: how many
    levels of nesting are broken over lines.
    """
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False)

    def plain(value: object) -> str:
        text = encoder.encode(value)
        shown = printable(text)
        if shown == text and (text.isascii() or not ascii_only):
            return text
        return "".join(
            one if one == other and (one.isascii() or not ascii_only) else _escape(one)
            for one, other in zip(text, shown, strict=True)
        )

    return _laid_out(data, levels, plain) + "\n"


def _escape(character: str) -> str:
    """The character as JSON escapes it; half of one, which strict readers refuse, as `?`."""
    code = character.encode("utf-16-be", "replace").hex()
    return "".join(f"\\u{code[place : place + 4]}" for place in range(0, len(code), 4))


def _laid_out(value: object, levels: int, plain: Callable[[object], str], margin: str = "") -> str:
    """A value, broken over lines in the outer levels."""
    if not levels or not value or not isinstance(value, Mapping | list):
        return plain(value)
    inner = margin + "  "
    if isinstance(value, Mapping):
        opening, closing = "{", "}"
        parts = [
            f"{plain(str(key))}: {_laid_out(entry, levels - 1, plain, inner)}" for key, entry in value.items()
        ]
    elif any(isinstance(entry, Mapping | list) for entry in value):
        opening, closing = "[", "]"
        parts = [_laid_out(entry, levels - 1, plain, inner) for entry in value]
    else:
        return plain(value)
    return f"{opening}\n" + ",\n".join(inner + part for part in parts) + f"\n{margin}{closing}"
