"""Where the boxes of a diagram stand across.

Branches stand side by side, and within a branch boxes stand on one axis; an edge that passes by boxes has a
track of its own beside them.  In a tangle each chain of boxes has a lane while it lasts (`tangles`).  So no
box lies on another and no edge behind a box, whatever the edges are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum

from rfcalc.records import NamedTuple
from rfcalc.render.diagrams.regions import Branches, DiagramRegions, Series, SeriesItem, Tangle
from rfcalc.render.diagrams.tangles import lanes_of
from rfcalc.shapes import Shape

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
    """What a diagram is to its layout: how far its boxes reach, its edges with the widths of their texts.

    lefts, rights: of each box from its middle, with what stands beside it.  ends: to the right, with what
    stands above it alone, which an edge passes that ends at it.  sizes: of what leaves each box.
    """

    lefts: Sequence[float]
    rights: Sequence[float]
    ends: Sequence[float]
    edges: Sequence[tuple[int, int]]
    texts: Sequence[float]
    sizes: Sequence[Shape]


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
            return Placed(self.measures.lefts[item], self.measures.rights[item], ((item, 0.0),))
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
            # What goes on passes what ends, on the axis of this region, which need not be that of its source.
            passed = tuple((edge, 0.0) for edge in passing)
            parts, right = [Placed(BESIDE, BESIDE, tracks=passed)], BESIDE
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
        ends_of = (self.measures.ends[box] for box in (region.source, region.target) if box >= 0)
        right = max(whole.right, *ends_of, 0.0)
        for edge in passing:
            text = self.measures.texts[edge]
            wide = right + BESIDE + (TEXT + text if text else 0.0)
            whole = _together((whole, Placed(0.0, wide, tracks=((edge, right + BESIDE),), arcs=(edge,))))
            right = wide
        return whole

    def _tangle(self, region: Tangle) -> Placed:
        """Chains on lanes, each as wide as its boxes, and beside it the tracks that end at them."""
        lefts, rights, texts = self.measures.lefts, self.measures.rights, self.measures.texts
        told = [bool(width) for width in texts]
        lane_of, gutters = lanes_of(self.regions, self.measures.sizes, region, self._numbers, told)
        left_of, right_of = [0.0] * len(gutters), [0.0] * len(gutters)
        for box, lane in lane_of.items():
            left_of[lane] = max(left_of[lane], lefts[box])
            right_of[lane] = max(right_of[lane], rights[box])
        ends_of = (self.measures.ends[box] for box in (region.source, region.target) if box >= 0)
        right_of[0] = max(right_of[0], *ends_of, 0.0)
        right = 0.0
        axes: list[float] = []
        tracks: list[tuple[int, float]] = []
        for lane, columns in enumerate(gutters):
            axes.append(right + APART + left_of[lane] if lane else 0.0)
            right = axes[lane] + right_of[lane]
            for place, edges in enumerate(columns):
                track = right + (TRACKS if place else BESIDE)
                tracks += [(edge, track) for edge in edges]
                wide = max(texts[edge] for edge in edges)
                right = track + (TEXT + wide if wide else 0.0)
        boxes = tuple((box, axes[lane_of[box]]) for box in region.boxes)
        return Placed(left_of[0], right, boxes, tuple(tracks), tuple(edge for edge, _ in tracks))


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
