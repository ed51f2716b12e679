"""Structured reports as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO

from rfcalc.errors import printable
from rfcalc.render.characters import holds

# Levels of nesting that are broken over lines: the report, its lists, and each layer in them.
_BROKEN_LEVELS = 3


def render_json(
    data: Mapping[str, object] | Sequence[object], encoding: str = "utf-8", *, levels: int = _BROKEN_LEVELS
) -> str:
    """The data as JSON text: keys in the order given, one line per figure of a layer, so that a diff tells.

    Integers are written in full, however long; there is no NaN and no infinity.  Characters that command a
    terminal, cannot be seen or are not in the encoding are escaped.  levels: how many levels of nesting are
    broken over lines.  In the outer ones an iterator of records stands for the list of them: each record is
    text before the next is made.
    """
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False)

    def plain(value: object) -> str:
        text = encoder.encode(value)
        shown = printable(text)
        if shown == text and (text.isascii() or holds(encoding, text)):
            return text
        return "".join(
            one if one == other and (one.isascii() or holds(encoding, one)) else _escape(one)
            for one, other in zip(text, shown, strict=True)
        )

    text = StringIO()
    _write(data, levels, plain, text.write)
    text.write("\n")
    return text.getvalue()


def _escape(character: str) -> str:
    """The character as JSON escapes it; half of one, which strict readers refuse, as `?`."""
    code = character.encode("utf-16-be", "replace").hex()
    return "".join(f"\\u{code[place : place + 4]}" for place in range(0, len(code), 4))


def _write(
    value: object,
    levels: int,
    plain: Callable[[object], str],
    write: Callable[[str], object],
    margin: str = "",
) -> None:
    """Write a value, broken over lines in the outer levels."""
    if not (levels and _is_broken(value)):
        write(plain(value))
        return
    brackets = "{}" if isinstance(value, Mapping) else "[]"
    inner = f"{margin}  "
    separator = brackets[0]
    for label, entry in _entries(value, plain):
        write(f"{separator}\n{inner}{label}")
        _write(entry, levels - 1, plain, write, inner)
        separator = ","
    # An iterator may have been empty.
    write(f"\n{margin}{brackets[1]}" if separator == "," else brackets)


def _entries(value: object, plain: Callable[[object], str]) -> Iterator[tuple[str, object]]:
    """What a record or a list holds, each with what stands before it."""
    if isinstance(value, Mapping):
        yield from ((f"{plain(str(key))}: ", entry) for key, entry in value.items())
    elif isinstance(value, list | Iterator):
        yield from (("", entry) for entry in value)


def _is_broken(value: object) -> bool:
    """Whether a value may be broken over lines: a record, records or lists, but not numbers in a list."""
    if isinstance(value, list):
        return any(isinstance(entry, Mapping | list) for entry in value)
    return isinstance(value, Iterator) or (isinstance(value, Mapping) and bool(value))
