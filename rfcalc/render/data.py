"""Structured reports as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping


def render_json(data: Mapping[str, object], *, ascii_only: bool = False) -> str:
    """The data as JSON text: keys in the order given, lists of plain values on one line.

    Integers are written in full, however long; there is no NaN and no infinity.  `ascii_only` escapes
    every other character.
    """
    encoder = json.JSONEncoder(ensure_ascii=ascii_only, allow_nan=False)
    return _written(data, "", encoder.encode) + "\n"


def _written(value: object, margin: str, plain: Callable[[object], str]) -> str:
    """A value, broken over lines where it holds a mapping, so that a diff shows what changed."""
    inner = margin + "  "
    if isinstance(value, Mapping) and value:
        if any(_nested(entry) for entry in value.values()):
            entries = [
                f"{inner}{plain(str(key))}: {_written(entry, inner, plain)}" for key, entry in value.items()
            ]
            return "{\n" + ",\n".join(entries) + f"\n{margin}}}"
        return plain(value)
    if isinstance(value, list | tuple) and any(_nested(entry) for entry in value):
        return "[\n" + ",\n".join(inner + _written(entry, inner, plain) for entry in value) + f"\n{margin}]"
    return plain(value)


def _nested(value: object) -> bool:
    if isinstance(value, Mapping):
        return len(value) > 0
    return isinstance(value, list | tuple) and any(_nested(entry) for entry in value)
