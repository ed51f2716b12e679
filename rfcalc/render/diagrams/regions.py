"""What stands one behind the other and what side by side in a diagram: its edges taken apart into regions.

A box that every way passes through is a cut; between two cuts lie branches that do not know of each other,
and each is taken apart in the same way.  What has no such form is a tangle, of which only chains are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from rfcalc.records import NamedTuple

# Deeper than this branches within branches are tangles, so that the time grows with the size alone.
_DEEPEST = 48


class Tangle(NamedTuple):
    """Boxes without a form, in order, from one box to another."""

    boxes: tuple[int, ...]
    source: int
    target: int


class Branches(NamedTuple):
    """Branches from one box to another, side by side; -1 where it is the beginning or the end of all.

    passing: how many edges lead past them from the one to the other.
    """

    branches: tuple[Series, ...]
    source: int
    target: int
    passing: int


SeriesItem: TypeAlias = "int | Branches | Tangle"


class Series(NamedTuple):
    """Items one behind the other."""

    items: tuple[SeriesItem, ...]


class Regions:
    """The boxes of a diagram, taken apart; edges: what is read, and who reads it, by number, in order.

    operands and readers: of each box.  order: pairs of which the first stands above the second though no edge
    says so: what nobody reads ends, and what reads nothing begins, where its branch does.
    ranks: of each box the length of the longest way to it.
    """

    def __init__(self, count: int, edges: Sequence[tuple[int, int]]) -> None:
        self.operands: list[list[int]] = [[] for _ in range(count)]
        self.readers: list[list[int]] = [[] for _ in range(count)]
        for source, target in edges:
            self.operands[target].append(source)
            self.readers[source].append(target)
        self._edges = Counter(edges)
        self.order: list[tuple[int, int]] = []
        self.whole = self._taken_apart(range(count), -1, -1, 0)
        self.ranks = self._ranks()

    def _ranks(self) -> list[int]:
        above: dict[int, list[int]] = {}
        for first, second in self.order:
            above.setdefault(second, []).append(first)
        ranks: list[int] = []
        for box, operands in enumerate(self.operands):
            ranks.append(max((ranks[each] + 1 for each in (*operands, *above.get(box, ()))), default=0))
        return ranks

    def _taken_apart(self, boxes: Sequence[int], source: int, target: int, level: int) -> Series:
        """Boxes in order, of which each reads of them or `source`, and is read by them or `target`."""
        place = {box: number for number, box in enumerate(boxes)}
        items: list[SeriesItem] = []
        begin, start = source, 0
        reach = max((place[box] for box in boxes if source in self.operands[box]), default=0)
        # Several that begin stand side by side.
        first = next((number for number, box in enumerate(boxes) if self.operands[box]), len(boxes))
        reach = max(reach, first if first > 1 else 0)
        for number in range(len(boxes) + 1):
            at_end = number == len(boxes)
            if at_end or reach <= number:
                end = target if at_end else boxes[number]
                inner = boxes[start:number]
                whole = at_end and len(inner) == len(boxes)
                # Edges past everything are those of whoever is around.
                passing = 0 if whole else self._edges[begin, end]
                if inner:
                    items.append(self._between(inner, begin, end, passing, level, whole=whole))
                elif passing > 1:
                    items.append(Branches((), begin, end, passing - 1))
                elif not passing and begin >= 0 and end >= 0:
                    self.order.append((begin, end))
                if not at_end:
                    items.append(end)
                begin, start = end, number + 1
            if not at_end:
                ends = (place.get(reader, len(boxes)) for reader in self.readers[boxes[number]])
                reach = max(reach, *ends, 0)
        return Series(tuple(items))

    def _between(
        self, boxes: Sequence[int], source: int, target: int, passing: int, level: int, *, whole: bool
    ) -> SeriesItem:
        self.order += [(source, box) for box in boxes if source >= 0 and not self.operands[box]]
        self.order += [(box, target) for box in boxes if target >= 0 and not self.readers[box]]
        parts = self._components(boxes)
        if level >= _DEEPEST or (whole and len(parts) == 1):
            return Tangle(tuple(boxes), source, target)
        branches = tuple(self._taken_apart(part, source, target, level + 1) for part in parts)
        return Branches(branches, source, target, passing)

    def _components(self, boxes: Sequence[int]) -> list[list[int]]:
        """The boxes in groups that no edge among them joins, each in order."""
        root = {box: box for box in boxes}

        def found(box: int) -> int:
            while root[box] != box:
                root[box] = root[root[box]]
                box = root[box]
            return box

        for box in boxes:
            for operand in self.operands[box]:
                if operand in root:
                    first, second = sorted((found(operand), found(box)))
                    root[second] = first
        groups: dict[int, list[int]] = {}
        for box in boxes:
            groups.setdefault(found(box), []).append(box)
        return list(groups.values())


def boxes_of(item: SeriesItem) -> list[int]:
    """All boxes of an item, in the order of their branches."""
    if isinstance(item, int):
        return [item]
    if isinstance(item, Tangle):
        return [*item.boxes]
    return [box for branch in item.branches for each in branch.items for box in boxes_of(each)]
