"""Where the boxes of a tangle stand: chains on lanes, and what passes by in gutters beside the lanes.

Each chain of boxes has a lane while it lasts, so that an edge from its end goes straight down.  What else
passes by boxes goes down beside the lane of its target and enters that from its side, the shorter the nearer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise

from rfcalc.records import NamedTuple
from rfcalc.render.diagrams.regions import DiagramRegions, Tangle
from rfcalc.shapes import Shape


class TangleLanes(NamedTuple):
    """The lanes of a tangle, from the left.

    lane_of: of each box.  gutters: of each lane the columns beside it, from the nearest, each with the edges
    that go down in it, by number.
    """

    lane_of: dict[int, int]
    gutters: tuple[tuple[tuple[int, ...], ...], ...]


class _PassingTrack(NamedTuple):
    """Edges from one box to boxes of one lane, by number: beside which lane, from which rank to which."""

    lane: int
    start: int
    end: int
    edges: tuple[int, ...]


def lanes_of(
    regions: DiagramRegions,
    sizes: Sequence[Shape],
    region: Tangle,
    numbers: dict[tuple[int, int], list[int]],
    told: Sequence[bool],
) -> TangleLanes:
    """The lanes of a tangle; sizes: of what leaves each box.

    numbers: of the edges between two boxes.  told: of each edge whether a text stands beside it, so that it
    shares its way with none.
    """
    ranks = regions.ranks
    chains = _chains(regions, sizes, region)
    lanes = _Lanes()
    lane_of: dict[int, int] = {}
    for chain in sorted(chains, key=lambda each: ranks[each[0]]):
        readers = regions.readers[chain[-1]]
        end = max((ranks[each] for each in readers), default=ranks[chain[-1]])
        operands = [each for each in regions.operands[chain[0]] if each in lane_of]
        lane = lanes.nearest(lane_of[operands[0]] if operands else 0, ranks[chain[0]], end)
        lane_of.update(dict.fromkeys(chain, lane))
    straight = {(one, two) for chain in chains for one, two in pairwise(chain)}
    tails = {chain[-1] for chain in chains}
    inside = set(region.boxes)
    shared: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    for target in (*region.boxes, *((region.target,) if region.target >= 0 else ())):
        for source in dict.fromkeys(regions.operands[target]):
            known = source in inside or (source == region.source and target in inside)
            if not known:
                continue
            numbered = numbers[source, target]
            if (source, target) in straight or source in tails or ranks[target] - ranks[source] < 2:
                # One goes straight on; others between the same boxes pass.
                numbered = numbered[1:]
            # The box where all ends stands on the axis, as the first lane does.
            lane = lane_of.get(target, 0)
            for number in numbered:
                key = (source, lane, number if told[number] else -1)
                shared.setdefault(key, []).append((ranks[target], number))
    tracks = [
        _PassingTrack(lane, ranks[source], max(rank for rank, _ in found), tuple(edge for _, edge in found))
        for (source, lane, _), found in shared.items()
    ]
    gutters = [_columns(track for track in tracks if track.lane == lane) for lane in range(lanes.count)]
    return TangleLanes(lane_of, tuple(gutters))


def _columns(tracks: Iterable[_PassingTrack]) -> tuple[tuple[int, ...], ...]:
    """The columns of one gutter: a track is further out than all shorter ones that it passes."""
    starts, heights = [-1], [0]

    def cut(at: int) -> int:
        place = bisect_right(starts, at) - 1
        if starts[place] != at:
            place += 1
            starts.insert(place, at)
            heights.insert(place, heights[place - 1])
        return place

    columns: list[list[int]] = []
    for track in sorted(tracks, key=lambda each: (each.end - each.start, each.start)):
        first = cut(track.start)
        last = cut(track.end)
        height = max(heights[first:last])
        # What it stands on is seen no more, so that all of it takes little more than a sort.
        starts[first:last], heights[first:last] = [track.start], [height + 1]
        columns += [[]] if height == len(columns) else []
        columns[height] += track.edges
    return tuple(map(tuple, columns))


class _Lanes:
    """Lanes side by side, each taken by one after the other."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._taken: list[tuple[int, int]] = []
        self.count = 0

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
            lane, self.count = self.count, self.count + 1
        insort(self._taken, (end, lane))
        return lane


def _chains(regions: DiagramRegions, sizes: Sequence[Shape], region: Tangle) -> list[list[int]]:
    """Boxes of a tangle in chains, each reading the one before: with maps of its size, or nobody else does.

    Of several that could follow one with as many channels does, and where several chains come together the
    oldest goes on: so a branch keeps its lane.
    """
    chain_of: dict[int, list[int]] = {}
    chains: list[list[int]] = []

    def unlike(operand: int, box: int) -> tuple[bool, bool]:
        return sizes[operand].axes != sizes[box].axes, sizes[operand] != sizes[box]

    def can_follow(operand: int, box: int) -> bool:
        readers = dict.fromkeys(regions.readers[operand])
        alone = len(readers) == 1 or not unlike(operand, box)[0]
        return chain_of[operand][-1] == operand and alone and heir[operand] == box

    heir = {
        box: min(((unlike(box, reader), reader) for reader in regions.readers[box]), default=(None, -1))[1]
        for box in region.boxes
    }
    for box in region.boxes:
        operands = [each for each in regions.operands[box] if each in chain_of and can_follow(each, box)]
        operands.sort(key=lambda each: (unlike(each, box)[0], chain_of[each][0]))
        if operands:
            chain = chain_of[operands[0]]
        else:
            chain = []
            chains.append(chain)
        chain.append(box)
        chain_of[box] = chain
    return chains
