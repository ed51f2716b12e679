"""Which layer of an earlier state of a network each of its layers was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rfcalc.analysis.comparison.sequences import best_pairs, common_ends, equal_runs
from rfcalc.records import NamedTuple

_NUMBER = re.compile(r"\d+")
# Layers may correspond when their names differ in numbers alone, since a new unnamed layer renumbers all that
# follow it; what else is equal decides which do.
_SAME_STEM, _SAME_NAME, _SAME_FIGURE = 100, 5, 3
# Shorter runs of equal layers may be a coincidence, and separate nothing.
_SHORTEST_RUN = 8
# The most similarities that are worked out for one network: about a microsecond each.
_MOST_CELLS = 500_000


class LayerFigures(NamedTuple):
    """A layer as a baseline knows it; stem: its name without numbers."""

    name: str
    figures: Mapping[str, int]
    stem: str

    def figure(self, name: str) -> int:
        """One of its figures; it counts as one of `layers`."""
        return 1 if name == "layers" else self.figures.get(name, 0)


def layers_of(figures: Mapping[str, Mapping[str, int]]) -> tuple[LayerFigures, ...]:
    """The layers of a baseline's entry, given as the figures of each by its name."""
    return tuple(LayerFigures(name, numbers, _NUMBER.sub("#", name)) for name, numbers in figures.items())


def counterparts(before: Sequence[LayerFigures], now: Sequence[LayerFigures]) -> dict[int, LayerFigures]:
    """For the layers of now, by index, what they were before; those that are new are not in it.

    Both sequences are aligned so that many layers correspond, and of those choices so that much is equal;
    what is then left corresponds by name, since it may have moved.  Names alone
    decide in stretches that are too long and too different to align.
    """
    found = dict(_aligned(before, now))
    taken = frozenset(found.values())
    left = {layer.name: index for index, layer in enumerate(before) if index not in taken}
    for index, layer in enumerate(now):
        if index not in found and layer.name in left:
            found[index] = left.pop(layer.name)
    return {index: before[place] for index, place in found.items()}


def _aligned(before: Sequence[LayerFigures], now: Sequence[LayerFigures]) -> Iterator[tuple[int, int]]:
    """Pairs of indices, now first."""
    one, two = ([(layer.stem, dict(layer.figures)) for layer in layers] for layers in (before, now))
    start, ends = common_ends(one, two)
    yield from ((index, index) for index in range(start))
    yield from ((len(two) - back, len(one) - back) for back in range(1, ends + 1))
    old, new = range(start, len(one) - ends), range(start, len(two) - ends)
    runs = None
    if len(old) * len(new) > _MOST_CELLS:
        runs = equal_runs(one[old.start : old.stop], two[new.start : new.stop], _SHORTEST_RUN)
    place, other, cells = 0, 0, _MOST_CELLS
    for left, right, length in (*(runs or ()), (len(old), len(new), 0)):
        rows, columns = old[place:left], new[other:right]
        if len(rows) * len(columns) <= cells:
            cells -= len(rows) * len(columns)
            scores = ([_likeness(before[row], now[column]) for column in columns] for row in rows)
            for row, column in best_pairs(scores, len(rows), len(columns)):
                if row is not None and column is not None:
                    yield columns[column], rows[row]
        yield from zip(new[right : right + length], old[left : left + length], strict=True)
        place, other = left + length, right + length


def _likeness(one: LayerFigures, two: LayerFigures) -> int:
    if one.stem != two.stem:
        return 0
    equal = sum(two.figures.get(name) == value for name, value in one.figures.items())
    return _SAME_STEM + _SAME_NAME * (one.name == two.name) + _SAME_FIGURE * equal
