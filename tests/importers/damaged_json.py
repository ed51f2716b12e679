"""JSON with damage: values, keys and items replaced, moved, doubled, renamed, wrapped and emptied."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from typing import Any

# What a value becomes.  The last ones are written in place of a text of the same letters: JSON has no such.
VALUES: tuple[Any, ...] = (
    *(0, 1, -1, 2, 3, 7, 32, 65537, 10**6, 2**31, 2**40, 2**63, -(2**63), 10**30, 10**390),
    *(0.5, -0.5, 1e9, 1e308, 1e-320, float("nan"), float("inf"), -float("inf"), 2.0, 3.7, True, False, None),
    *(
        "",
        "x",
        "0",
        "-1",
        "same",
        "relu",
        "channels_first",
        "Dense",
        "名",
        "\ud800",
        "\0",
        "\x1b[2J",
        "a.b/c",
        "x" * 300,
    ),
    *(
        [],
        [0],
        [1],
        [-1],
        [2, 2],
        [3, 3, 3],
        [[1, 2], [3]],
        [None],
        [None, 4, 4, 3],
        ["a", 0, 0],
        {},
        {"x": 1},
    ),
    *({"class_name": "Dense", "config": {}}, {"class_name": "__tuple__", "items": [1, 2]}),
)
_DEEP = (2, 15, 17, 40, 120, 255, 257, 900)


def damaged_value(value: Any, chance: random.Random) -> Any:
    """A value after a few changes; it is changed itself."""
    root = [value]
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        places = list(_places(root, chance))
        holder, key = chance.choice(places)
        _change(holder, key, places, chance)
    return root[0]


def _places(root: list[Any], chance: random.Random) -> Iterator[tuple[Any, Any]]:
    """Some places in a value, more of those that lie deep: some hundred at most."""
    pending: list[tuple[Any, Any]] = [(root, 0)]
    count = 0
    while pending and count < 400:
        holder, key = pending.pop(chance.randrange(len(pending)))
        count += 1
        yield holder, key
        inner = holder[key]
        if isinstance(inner, dict):
            pending += [(inner, each) for each in inner]
        elif isinstance(inner, list):
            pending += [(inner, each) for each in range(min(len(inner), 60))]


def _change(holder: Any, key: Any, places: list[tuple[Any, Any]], chance: random.Random) -> None:
    if not _there(holder, key):
        return
    value = holder[key]
    kind = chance.randrange(10)
    if kind < 4:
        holder[key] = _copy(chance.choice(VALUES))
    elif kind == 4:
        other, place = chance.choice(places)
        if _there(other, place):
            holder[key] = _copy(other[place])
    elif kind == 5:
        for _ in range(chance.choice(_DEEP)):
            value = [value] if chance.random() < 0.5 else {chance.choice(("config", "layers", "x")): value}
        holder[key] = value
    elif kind < 8:
        holder[key] = _other(value, chance)
    elif isinstance(holder, dict):
        _change_key(holder, key, chance)
    else:
        _change_item(holder, key, chance)


def _there(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)


def _change_key(holder: dict[str, Any], key: str, chance: random.Random) -> None:
    value = holder.pop(key)
    if chance.random() < 0.5:
        holder[chance.choice((f"{key}s", key[:-1], key.upper(), f"_{key}", "name", "config", "名"))] = value


def _change_item(holder: list[Any], place: int, chance: random.Random) -> None:
    value = holder[place]
    kind = chance.randrange(3)
    if kind == 0:
        chance.shuffle(holder)
    elif kind == 1:
        count = chance.choice((1, 1, 2, 30)) if _length(value) < 5000 else 1
        holder[place:place] = [_copy(value) for _ in range(count)]
    elif len(holder) > 1:
        del holder[place]


def _other(value: Any, chance: random.Random) -> Any:
    """Another value of the same kind, or nearly."""
    if isinstance(value, str):
        return chance.choice((f"{value}x", value[:-1], value.upper(), f"{value}.{value}", value * 40))
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) > 1e300:
            # Neither a float nor a text may hold more.
            return 0
        return chance.choice((value + 1, value - 1, -value, value * 1000, str(value), [value], value / 3))
    if isinstance(value, list) and value and chance.random() < 0.3:
        count = 60_000 if _length(value[0]) < 5 else 10
        return [_copy(value[0]) for _ in range(chance.choice((1, 300, count)))]
    if isinstance(value, list | dict):
        return type(value)()
    return not value


def _length(value: Any) -> int:
    """How long a value is, written; of one that is nested too deeply to be written, more than any."""
    try:
        return len(str(value))
    except RecursionError:
        return sys.maxsize


def _copy(value: Any, depth: int = 0) -> Any:
    """A copy; None of what lies deeper than any model is."""
    if depth > 200:
        return None
    if isinstance(value, list):
        return [_copy(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {key: _copy(each, depth + 1) for key, each in value.items()}
    return value


def written(value: Any, chance: random.Random) -> str:
    """A value as JSON, in one line or in many; what nests too deeply for the writer is cut."""
    try:
        return json.dumps(value, indent=chance.choice((None, None, 1)), ensure_ascii=chance.random() < 0.7)
    except RecursionError:
        return "[" * 100_000
