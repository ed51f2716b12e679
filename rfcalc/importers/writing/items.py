"""Items of a description in the making, and which of their names need not be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rfcalc.spec.line import before_number
from rfcalc.spec.printer import YamlValue


class Draft:
    """An item in the making: a layer line of these words, or a mapping with these keys.

    kind: what an automatic name of it begins with, "" where it has none or may be missing.
    opens: what it does is a scope of its own.
    """

    def __init__(
        self,
        words: Iterable[str] = (),
        keys: dict[str, object] | None = None,
        kind: str = "",
        *,
        opens: bool = False,
    ) -> None:
        self.name = ""
        self.words = words
        self.keys = keys
        self.kind = kind
        self.opens = opens

    def value(self) -> YamlValue:
        """The item as a value of YAML."""
        if self.keys is None:
            return " ".join([*self.words, *([f"as {self.name}"] if self.name else [])])
        keys = {key: finished(value) for key, value in self.keys.items()}
        return keys | ({"as": self.name} if self.name else {})


def finished(value: object) -> YamlValue:
    """A value that may hold items in the making as one of YAML."""
    if isinstance(value, Draft):
        return value.value()
    if isinstance(value, dict):
        return {key: finished(one) for key, one in value.items()}
    if isinstance(value, list):
        return list(map(finished, value))
    return str(value)


def leave_out_automatic_names(body: Sequence[Draft]) -> None:
    """Take the names from the items of a body that would be called so without one.

    An item without a name is numbered among those of its kind in its scope, where numbers that others have
    been given are left out.
    """
    every = list(_in_scope(body))
    given = {item.name.partition(".")[0] for item, _ in every}
    numbers: Counter[str] = Counter()
    for item, certain in every:
        if item.opens and item.keys:
            inside = item.keys["do"]
            assert isinstance(inside, list)
            leave_out_automatic_names(inside)
        if not item.kind or not certain:
            continue
        number = numbers[item.kind] + 1
        lead = before_number(item.kind)
        while f"{lead}{number}" in given and f"{lead}{number}" != item.name:
            number += 1
        if item.name in ("", f"{lead}{number}"):
            item.name = ""
            numbers[item.kind] = number


def _in_scope(value: object, *, certain: bool = True) -> Iterator[tuple[Draft, bool]]:
    """The items of one scope in the order in which they are built, and whether each is always there."""
    if isinstance(value, list):
        for one in value:
            yield from _in_scope(one, certain=certain)
    elif isinstance(value, dict):
        # A condition decides about all that stands beside it.
        for one in value.values():
            yield from _in_scope(one, certain=certain and "when" not in value)
    elif isinstance(value, Draft):
        if value.keys and not value.opens:
            yield from _in_scope(value.keys, certain=certain)
        yield value, certain
