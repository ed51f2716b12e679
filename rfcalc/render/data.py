"""Structured reports as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

# Levels of nesting that are broken over lines: the report, its lists, and each layer in them.
_BROKEN_LEVELS = 3


def render_json(data: Mapping[str, object], *, ascii_only: bool = False) -> str:
    """The data as JSON text: keys in the order given, one line per figure of a layer, so that a diff tells.

    Integers are written in full, however long; there is no NaN and no infinity.  `ascii_only` escapes
    every other character.
    """
    encoder = json.JSONEncoder(ensure_ascii=ascii_only, allow_nan=False)
    return _written(data, 0, encoder.encode) + "\n"


def _written(value: object, level: int, plain: Callable[[object], str]) -> str:
    """A value, broken over lines in the outer levels."""
    if level == _BROKEN_LEVELS or not value or not isinstance(value, Mapping | list):
        return plain(value)
    margin = "  " * level
    if isinstance(value, Mapping):
        opening, closing = "{", "}"
        parts = [f"{plain(str(key))}: {_written(entry, level + 1, plain)}" for key, entry in value.items()]
    elif any(isinstance(entry, Mapping | list) for entry in value):
        opening, closing = "[", "]"
        parts = [_written(entry, level + 1, plain) for entry in value]
    else:
        return plain(value)
    return f"{opening}\n" + ",\n".join(f"{margin}  {part}" for part in parts) + f"\n{margin}{closing}"
