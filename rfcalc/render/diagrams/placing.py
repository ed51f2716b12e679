"""Where the boxes of a diagram stand across.

Branches stand side by side, and within a branch boxes stand on one axis; an edge that passes by boxes has a
track of its own beside them.  In a tangle each chain of boxes has a lane while it lasts.  So no box lies on
another and no edge behind a box, whatever the edges are.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import fsum

from rfcalc.records import NamedTuple
from rfcalc.render.diagrams.regions import Branches, DiagramRegions, Series, SeriesItem, Tangle

# Between branches, from a box to a track beside it, between tracks, and between a track and its text.
APART, BESIDE, TRACKS, TEXT = 24.0, 16.0, 11.0, 5.0


class Placed(NamedTuple):
    """Boxes and tracks with their places across, from an axis; left and right: how far all of it reaches.

    boxes: with their middles.  tracks: edges, by number, that go down beside boxes, with where they do.
    arcs: those of them that end at a box beside which nothing stands, so that they enter from its side.
    """

    left: float
    right: float
    boxes: tuple[tuple[int, float], ...] = ()
    tracks: tuple[tuple[int, float], ...] = ()
    arcs: tuple[int, ...] = ()

    def moved(self, by: float) -> Placed:
        """All of it, so far to the right."""
        if not by:
            return self
        return Placed(
            self.left - by,
            self.right + by,
            tuple((box, x + by) for box, x in self.boxes),
            tuple((edge, x + by) for edge, x in self.tracks),
            self.arcs,
        )


class DiagramMeasures(NamedTuple):
    """What a diagram is to its layout: the widths of its boxes, its edges with those of their texts.

    kinds: what boxes on one lane have in common, the size of their maps.
    """

    widths: Sequence[float]
    edges: Sequence[tuple[int, int]]
    texts: Sequence[float]
    kinds: Sequence[object]


class Placing:
    """The boxes of regions placed across."""

    def __init__(self, measures: DiagramMeasures, regions: DiagramRegions) -> None:
        self.measures, self.regions = measures, regions
        self._numbers: dict[tuple[int, int], list[int]] = {}
        for number, ends in enumerate(measures.edges):
            self._numbers.setdefault(ends, []).append(number)
        self.placed = self._series(regions.whole)

    def _series(self, series: Series) -> Placed:
        return _together(self._item(item) for item in series.items)

    def _item(self, item: SeriesItem) -> Placed:
        if isinstance(item, int):
            half = self.measures.widths[item] / 2
            return Placed(half, half, ((item, 0.0),))
        return self._tangle(item) if isinstance(item, Tangle) else self._branches(item)

    def _branches(self, region: Branches) -> Placed:
        """Branches side by side, the longest on the axis where it is longer than the others together."""
        found = [self._series(branch) for branch in region.branches]
        sizes = [len(each.boxes) for each in found]
        passing = self._numbers.get((region.source, region.target), [])[-region.passing :]
        if not region.passing:
            passing = []
        ends = all(self.regions.readers[box] == [] for each in found for box, _ in each.boxes[-1:])
        if passing and found and ends:
            # What goes on passes what ends.
            parts, right = [Placed(BESIDE, BESIDE)], BESIDE
            for each in found:
                parts.append(each.moved(right + each.left))
                right += each.left + each.right + APART
            return _together(parts)
        main = max(range(len(found)), key=sizes.__getitem__, default=-1)
        parts = []
        if main < 0 or 2 * sizes[main] > sum(sizes):
            if main >= 0:
                parts.append(found[main])
            right = found[main].right if main >= 0 else 0.0
            for number, each in enumerate(found):
                if number != main:
                    parts.append(each.moved(right + APART + each.left))
                    right = parts[-1].right
        else:
            at = -(fsum([each.left + each.right for each in found]) + APART * (len(found) - 1)) / 2
            for each in found:
                parts.append(each.moved(at + each.left))
                at += each.left + each.right + APART
        whole = _together(parts)
        ends_of = (self.measures.widths[box] / 2 for box in (region.source, region.target) if box >= 0)
        right = max(whole.right, *ends_of, 0.0)
        for edge in passing:
            text = self.measures.texts[edge]
            wide = right + BESIDE + (TEXT + text if text else 0.0)
            whole = _together((whole, Placed(0.0, wide, tracks=((edge, right + BESIDE),), arcs=(edge,))))
            right = wide
        return whole

    def _tangle(self, region: Tangle) -> Placed:
        """Chains on lanes, and at the right of them tracks for the edges that are no part of a chain."""
        widths, ranks = self.measures.widths, self.regions.ranks
        inside = set(region.boxes)
        chains = _chains(self.regions, self.measures.kinds, region)
        lanes = _Lanes()
        lane_of: dict[int, int] = {}
        for chain in sorted(chains, key=lambda each: ranks[each[0]]):
            readers = self.regions.readers[chain[-1]]
            end = max((ranks[each] for each in readers), default=ranks[chain[-1]])
            operands = [each for each in self.regions.operands[chain[0]] if each in lane_of]
            lane = lanes.nearest(lane_of[operands[0]] if operands else 0, ranks[chain[0]], end)
            lane_of.update(dict.fromkeys(chain, lane))
        pitch = max(widths[box] for box in region.boxes) + APART
        boxes = tuple((box, lane_of[box] * pitch) for box in region.boxes)
        right = max(lane_of.values()) * pitch + pitch / 2
        tails = {chain[-1] for chain in chains}
        follows = {(one, two) for chain in chains for one, two in pairwise(chain)}
        edges = [
            (source, target, number)
            for target in (*region.boxes, *((region.target,) if region.target >= 0 else ()))
            for source in dict.fromkeys(self.regions.operands[target])
            if source in inside or (source == region.source and target in inside)
            for number in self._numbers[source, target]
        ]
        ending: dict[int, int] = {}
        passing = []
        for source, target, number in edges:
            if source in tails or (source, target) in follows or ranks[target] - ranks[source] < 2:
                continue
            passing.append((source, number))
            ending[source] = max(ending.get(source, 0), ranks[target])
        tracks, track_of = _Lanes(), {}
        for source, end in sorted(ending.items(), key=lambda each: ranks[each[0]]):
            track_of[source] = tracks.nearest(0, ranks[source], end)
        most = max(track_of.values(), default=-1)
        first = right - APART / 2 + BESIDE
        places = tuple((number, first + track_of[source] * TRACKS) for source, number in passing)
        return Placed(pitch / 2, right if most < 0 else first + most * TRACKS, boxes, places)


class _Lanes:
    """Lanes side by side, each taken by one after the other."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._taken: list[tuple[int, int]] = []
        self._count = 0

    def nearest(self, wanted: int, start: int, end: int) -> int:
        """The free lane nearest to one, from a rank to before another; asked for with starts that rise."""
        while self._taken and self._taken[0][0] < start:
            insort(self._free, self._taken.pop(0)[1])
        place = bisect_left(self._free, wanted)
        near = sorted(self._free[max(0, place - 1) : place + 1], key=lambda lane: abs(lane - wanted))
        if near:
            lane = near[0]
            self._free.remove(lane)
        else:
            lane, self._count = self._count, self._count + 1
        insort(self._taken, (end, lane))
        return lane


def _together(parts: Iterator[Placed] | Sequence[Placed]) -> Placed:
    """Parts on one axis."""
    found = [*parts]
    return Placed(
        max((each.left for each in found), default=0.0),
        max((each.right for each in found), default=0.0),
        tuple(box for each in found for box in each.boxes),
        tuple(track for each in found for track in each.tracks),
        tuple(edge for each in found for edge in each.arcs),
    )


def _chains(regions: DiagramRegions, kinds: Sequence[object], region: Tangle) -> list[list[int]]:
    """Boxes of a tangle in chains, each reading the one before: of its own kind, or nobody else does."""
    chain_of: dict[int, list[int]] = {}
    chains: list[list[int]] = []

    def can_follow(operand: int, box: int) -> bool:
        alone = kinds[operand] == kinds[box] or len(regions.readers[operand]) == 1
        return chain_of[operand][-1] == operand and alone

    for box in region.boxes:
        operands = [each for each in regions.operands[box] if each in chain_of and can_follow(each, box)]
        operands.sort(key=lambda each: kinds[each] != kinds[box])
        if operands:
            chain = chain_of[operands[0]]
        else:
            chain = []
            chains.append(chain)
        chain.append(box)
        chain_of[box] = chain
    return chains
