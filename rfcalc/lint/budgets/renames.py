"""Which network that is gone each new one was: files are moved, and their growth must not go with them.

As git does it (diffcore-rename): what is equal corresponds first, then what is most alike, if at least half
of it is.  Likeness is measured here without the numbers, as `counterparts` does: a network that is moved and
made twice as wide is the case that matters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from rfcalc.lint.budgets.baseline import BaselineEntry
from rfcalc.lint.budgets.counterparts import layers_of
from rfcalc.records import NamedTuple

_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_LEAST = Fraction(1, 2)
# So many pairs are compared, in a second or two; of more than these only files that kept their names.
_MOST_PAIRS = 10_000


class NetworkContent(NamedTuple):
    """What a network consists of: all of it, and its parts without numbers, each with its weight."""

    whole: object
    parts: Mapping[object, int]

    @property
    def weight(self) -> int:
        """That of all parts together."""
        return sum(self.parts.values())


def text_content(text: bytes) -> NetworkContent:
    """A description: its lines, which weigh as much as they are long."""
    lines = Counter(_NUMBER.sub(b"#", line.strip()) for line in text.splitlines())
    return NetworkContent(text, {line: len(line) * times for line, times in lines.items() if line})


def entry_content(entry: BaselineEntry) -> NetworkContent:
    """An entry of a baseline: its layers, which weigh the same."""
    return NetworkContent(entry.counts, Counter(layer.stem for layer in layers_of(entry.layers)))


def likeness(one: NetworkContent, two: NetworkContent) -> Fraction:
    """Which part of the larger one both have in common, from 0 to 1."""
    larger = max(one.weight, two.weight)
    # What differs so much in length need not be looked at.
    if not larger or min(one.weight, two.weight) < _LEAST * larger:
        return Fraction(0)
    common = sum(min(weight, two.parts.get(part, 0)) for part, weight in one.parts.items())
    return Fraction(common, larger)


def renames(gone: Mapping[str, NetworkContent], new: Mapping[str, NetworkContent]) -> dict[str, str]:
    """The earlier path for each new path that has one; each earlier path is that of one network."""
    found = _paired((Fraction(0), path, before) for path, before in _equal(gone, new))
    # What is equal is not compared with anything else: where a folder is moved, that is nearly all.
    taken = set(found.values())
    gone = {path: content for path, content in gone.items() if path not in taken}
    new = {path: content for path, content in new.items() if path not in found}
    return found | _paired(_alike(gone, new))


def _paired(pairs: Iterable[tuple[Fraction, str, str]]) -> dict[str, str]:
    """The pairs of which neither path is in an earlier one, the most alike first.

    Of those that are equally alike the ones that kept their names come first, then by path.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, path, before in sorted(
        (alike, _name(path) != _name(before), path, before) for alike, path, before in pairs
    ):
        if path not in found and before not in taken:
            found[path] = before
            taken.add(before)
    return found


def _equal(
    gone: Mapping[str, NetworkContent], new: Mapping[str, NetworkContent]
) -> Iterator[tuple[str, str]]:
    """Every pair that is equal."""
    for path, content in new.items():
        yield from ((path, before) for before, earlier in gone.items() if content.whole == earlier.whole)


def _alike(
    gone: Mapping[str, NetworkContent], new: Mapping[str, NetworkContent]
) -> Iterator[tuple[Fraction, str, str]]:
    """Every pair that may be one network, each after how much it is not alike."""
    few = len(gone) * len(new) <= _MOST_PAIRS
    for path, content in new.items():
        for before, earlier in gone.items():
            if few or _name(path) == _name(before):
                alike = likeness(earlier, content)
                if alike >= _LEAST:
                    yield -alike, path, before


def _name(path: str) -> str:
    return path.rpartition("/")[2]
