"""Structured reports as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

# Levels of nesting that are broken over lines: the report, its lists, and each layer in them.
_BROKEN_LEVELS = 3


def render_json(
    data: Mapping[str, object] | Sequence[object], *, ascii_only: bool = False, levels: int = _BROKEN_LEVELS
) -> str:
    """The data as JSON text: keys in the order given, one line per figure of a layer, so that a diff tells.

    Integers are written in full, however long; there is no NaN and no infinity.  `ascii_only` escapes
    every other character.  levels: how many levels of nesting are broken over lines.
    """
    encoder = json.JSONEncoder(ensure_ascii=ascii_only, allow_nan=False)
    return _written(data, levels, encoder.encode) + "\n"


def _written(value: object, levels: int, plain: Callable[[object], str], margin: str = "") -> str:
    """A value, broken over lines in the outer levels."""
    if not levels or not value or not isinstance(value, Mapping | list):
        return plain(value)
    inner = margin + "  "
    if isinstance(value, Mapping):
        opening, closing = "{", "}"
        parts = [
            f"{plain(str(key))}: {_written(entry, levels - 1, plain, inner)}" for key, entry in value.items()
        ]
    elif any(isinstance(entry, Mapping | list) for entry in value):
        opening, closing = "[", "]"
        parts = [_written(entry, levels - 1, plain, inner) for entry in value]
    else:
        return plain(value)
    return f"{opening}\n" + ",\n".join(inner + part for part in parts) + f"\n{margin}{closing}"
