"""The positions of the input that units of a layer see, all axes together.

On a single path the product of what is seen along each axis is the whole truth.  Where branches meet it is
only a box around it: 1x7 beside 7x1 sees a cross.  One sweep back from the units through the graph gives the
set exactly.  Each layer hands on to its operands, as a Boolean array, the positions that are read of them.

This is the only kind of analysis that needs arrays, so numpy is imported where they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.fields.axis_field import OutOfReachError, count_of
from rfcalc.graph.ir import Graph
from rfcalc.ops.reads import Along, AxisMap, AxisReads, Collapsed, Window
from rfcalc.shapes import Size

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    _Array: TypeAlias = NDArray[np.bool_]

# The largest array that is made, and how many entries all of them may have together: about 0.1 s.
MOST_POSITIONS = 2**22
EFFORT = 2**27
# What it costs to handle one position by itself, in entries.
ONE_BY_ONE = 2**10


class PositionSet(NamedTuple):
    """A set of positions of one input.

    origin: the position of the first entry of `seen` along each axis.  seen: whether each position
    belongs to the set; one dimension per axis, as small as the set allows, so its outermost slices hold
    members.  It has no entries when the set is empty.
    """

    origin: tuple[int, ...]
    seen: _Array

    @property
    def box(self) -> tuple[tuple[int, int], ...] | None:
        """The first and last position along each axis; None when the set is empty."""
        if not self.seen.size:
            return None
        return tuple((low, low + n - 1) for low, n in zip(self.origin, self.seen.shape, strict=True))

    @property
    def size(self) -> int:
        """How many positions belong to the set."""
        return int(self.seen.sum())

    @property
    def holes(self) -> int:
        """How many positions of the box do not belong to the set."""
        return int(self.seen.size) - self.size

    @property
    def density(self) -> float:
        """The share of the box that belongs to the set; 0 when it is empty."""
        return self.size / self.seen.size if self.seen.size else 0.0

    @property
    def hull(self) -> int | None:
        """How many positions the convex hull of the set holds; None for more than two axes."""
        if not self.seen.size:
            return 0
        if self.seen.ndim > 2:
            return None
        if self.seen.ndim < 2:
            return int(self.seen.size)
        rows, columns = self.seen.shape
        return _hull(self.seen if rows < columns else self.seen.T)


def support(
    graph: Graph,
    node: int,
    units: Iterable[Sequence[int]],
    source: int = 0,
    *,
    clipped: bool = False,
    everything: bool = False,
    effort: int = EFFORT,
) -> PositionSet:
    """The positions of input number `source` that the units at some positions of a node see together.

    As in the receptive field, padding is part of the signal and nothing is clipped, unless `clipped` is
    set: then a unit sees what is real.  Padding with zeros carries nothing, padding that repeats inner
    positions shows those.  Interpolation repeats the border, which it sees there in any case.
    everything: global paths (attention, gates, normalisation over space) count too; else they are left out.
    After a join whose parts differ the set is the union over the channels.
    effort: how many entries of arrays may be worked out on the way.
    Raises OutOfReachError, with the reason, where the set is unknown or too large.
    """
    sweep = _Sweep(graph, clipped, everything, effort)
    sweep.add(node, _patch(units, len(graph.nodes[node].facts.output.axes)))
    for index in range(node, -1, -1):
        patch = sweep.pending.get(index)
        if patch is None or not graph.nodes[index].inputs:
            continue
        del sweep.pending[index]
        sweep.step(index, sweep.inside(index, patch))
    wanted = graph.inputs[source]
    found = sweep.pending.get(wanted)
    if found is None:
        return _trimmed(_patch((), len(graph.nodes[wanted].facts.output.axes)))
    return _trimmed(sweep.inside(wanted, found))


class _Patch(NamedTuple):
    """Positions of one node: `seen[i]` stands for the position origin + i."""

    origin: tuple[int, ...]
    seen: _Array


class _Sweep:
    """The way back; pending: what is read of the nodes that are still to come."""

    def __init__(self, graph: Graph, clipped: bool, everything: bool, effort: int) -> None:
        self.graph = graph
        self.clipped = clipped
        self.everything = everything
        self.pending: dict[int, _Patch] = {}
        self.effort = effort

    def step(self, index: int, patch: _Patch) -> None:
        """Hand on to the operands what a node reads of them."""
        node = self.graph.nodes[index]
        if not patch.seen.any():
            return
        facts = node.facts
        if facts.reads is None or len(facts.reads) != len(node.inputs):
            raise OutOfReachError(f"{node.name} does not say which positions it reads")
        for operand, reads in zip(node.inputs, facts.reads, strict=True):
            axes = self.graph.nodes[operand].facts.output.axes
            if len(reads) != len(axes):
                raise OutOfReachError(f"{node.name} does not say which positions it reads")
            found = self._read(patch, reads, axes, node.name)
            if found is not None:
                self.add(operand, found)

    def add(self, node: int, patch: _Patch) -> None:
        """More positions of a node that are read."""
        earlier = self.pending.get(node)
        self.pending[node] = patch if earlier is None else self._union(earlier, patch)

    def inside(self, node: int, patch: _Patch) -> _Patch:
        """The part of a patch that lies inside the map, where clipping is asked for."""
        if not self.clipped:
            return patch
        sizes = self.graph.nodes[node].facts.output.axes
        starts = [max(0, -low) for low in patch.origin]
        cut = tuple(
            slice(start, max(start, _known(size) - low))
            for start, low, size in zip(starts, patch.origin, sizes, strict=True)
        )
        return _Patch(tuple(map(int.__add__, patch.origin, starts)), patch.seen[cut])

    def _read(
        self, patch: _Patch, reads: Sequence[AxisReads | None], axes: tuple[Size, ...], name: str
    ) -> _Patch | None:
        """What a patch reads of one operand; None where nothing is left without a global path."""
        import numpy as np

        taps: list[AxisMap | None] = []
        for read in reads:
            if read is None:
                raise OutOfReachError(f"{name} does not say which positions it reads")
            if isinstance(read, Along):
                taps.append(read.taps)
            elif isinstance(read, Collapsed) or self.everything:
                taps.append(None)
            elif read.local is None or read.axis is None:
                return None
            else:
                taps.append(read.local)
        fed = [
            read.axis for read, tap in zip(reads, taps, strict=True) if read is not None and tap is not None
        ]
        if len(set(fed)) < len(fed):
            raise OutOfReachError(f"{name} makes two axes of one")
        # The axes that nothing of this operand runs along say only that something is read.
        others = tuple(axis for axis in range(patch.seen.ndim) if axis not in fed)
        seen = patch.seen.any(axis=others) if others else patch.seen
        left = [axis for axis in range(patch.seen.ndim) if axis in fed]
        seen = np.transpose(seen, [left.index(axis) for axis in fed if axis is not None])
        origin = [patch.origin[axis] for axis in fed if axis is not None]
        for place, (tap, size) in enumerate(zip(taps, axes, strict=True)):
            if tap is None:
                length = _known(size)
                self._room(seen.size * length)
                origin.insert(place, 0)
                seen = np.repeat(np.expand_dims(seen, place), length, axis=place)
            else:
                origin[place], seen = self._along(origin[place], seen, place, tap, size)
        return _Patch(tuple(origin), seen)

    def _along(self, origin: int, seen: _Array, axis: int, taps: AxisMap, size: Size) -> tuple[int, _Array]:
        """What is read along one axis, which stays where it is."""
        import numpy as np

        length = seen.shape[axis]
        moved = np.moveaxis(seen, axis, 0)
        if isinstance(taps, Window):
            kernel, stride, before, dilation, border = taps
            low = origin * stride - before
            result = self._empty((length - 1) * stride + (kernel - 1) * dilation + 1, moved.shape[1:])
            result[: (length - 1) * stride + 1 : stride] = moved
            self._spread(result, kernel, dilation)
        else:
            border = "zero"
            self._take(ONE_BY_ONE * length)
            reads = [_taps_of(taps, unit) for unit in range(origin, origin + length)]
            kept = [(place, read) for place, read in enumerate(reads) if count_of(read)]
            if not kept:
                return 0, np.zeros((*seen.shape[:axis], 0, *seen.shape[axis + 1 :]), dtype=np.bool_)
            low = min(read.start for _, read in kept)
            high = max(read.start + (count_of(read) - 1) * read.step for _, read in kept)
            result = self._empty(high - low + 1, moved.shape[1:])
            for place, read in kept:
                self._take(count_of(read) * moved[place].size)
                result[read.start - low : read.stop - low : read.step] |= moved[place]
        if self.clipped:
            if border != "zero":
                self._take(ONE_BY_ONE * max(0, -low, low + len(result) - _known(size)))
            low, result = _folded(low, result, _known(size), border)
        return low, np.moveaxis(result, 0, axis)

    def _spread(self, seen: _Array, count: int, step: int) -> None:
        """Add to an array its copies `step`, 2·`step`, … further on, `count` in all with itself."""
        made = 1
        while made < count:
            more = min(made, count - made)
            self._take(seen.size)
            seen[more * step :] |= seen[: seen.shape[0] - more * step].copy()
            made += more

    def _union(self, one: _Patch, two: _Patch) -> _Patch:
        lows = tuple(map(min, one.origin, two.origin))
        ends = [
            max(a + n, b + m)
            for a, n, b, m in zip(one.origin, one.seen.shape, two.origin, two.seen.shape, strict=True)
        ]
        shape = tuple(end - low for low, end in zip(lows, ends, strict=True))
        result = self._empty(shape[0], shape[1:]) if shape else one.seen | two.seen
        for origin, seen in (one, two) if shape else ():
            place = tuple(
                slice(low - start, low - start + n)
                for low, start, n in zip(origin, lows, seen.shape, strict=True)
            )
            result[place] |= seen
        return _Patch(lows, result)

    def _empty(self, length: int, others: tuple[int, ...]) -> _Array:
        import numpy as np

        size = length
        for other in others:
            size *= other
        self._room(size)
        return np.zeros((length, *others), dtype=np.bool_)

    def _room(self, size: int) -> None:
        """Pay for an array of so many entries."""
        if size > MOST_POSITIONS:
            raise OutOfReachError(f"it spans more than {MOST_POSITIONS:,} positions of a map")
        self._take(size)

    def _take(self, entries: int) -> None:
        self.effort -= entries
        if self.effort < 0:
            raise OutOfReachError("following it position by position takes too long")


def _patch(units: Iterable[Sequence[int]], rank: int) -> _Patch:
    """Some positions of a map of `rank` axes."""
    import numpy as np

    places = [tuple(unit) for unit in units]
    if not places:
        return _Patch((0,) * rank, np.zeros((0,) * rank if rank else (), dtype=np.bool_))
    lows = tuple(map(min, zip(*places, strict=True)))
    shape = tuple(max(along) - low + 1 for along, low in zip(zip(*places, strict=True), lows, strict=True))
    size = 1
    for length in shape:
        size *= length
    if size > MOST_POSITIONS:
        raise OutOfReachError(f"the units span more than {MOST_POSITIONS:,} positions")
    seen = np.zeros(shape, dtype=np.bool_)
    for place in places:
        seen[tuple(map(int.__sub__, place, lows))] = True
    return _Patch(lows, seen)


def _taps_of(taps: AxisMap, unit: int) -> range:
    turn, phase = divmod(unit, taps.period)
    pattern = taps.taps(phase)
    distance = turn * taps.shift
    return range(pattern.start + distance, pattern.stop + distance, pattern.step)


def _folded(low: int, seen: _Array, size: int, border: str) -> tuple[int, _Array]:
    """What lies inside a map of `size` positions, with that which its border repeats; from position 0 on."""
    import numpy as np

    result = np.zeros((size, *seen.shape[1:]), dtype=np.bool_)
    high = low + seen.shape[0] - 1
    first, last = max(low, 0), min(high, size - 1)
    if first <= last:
        result[first : last + 1] = seen[first - low : last + 1 - low]
    if border == "zero":
        return 0, result
    for position in (*range(low, min(0, high + 1)), *range(max(size, low), high + 1)):
        inner = position % size
        if border == "replicate":
            inner = min(max(position, 0), size - 1)
        elif border == "reflect" and size > 1:
            around = position % (2 * size - 2)
            inner = min(around, 2 * size - 2 - around)
        result[inner] |= seen[position - low]
    return 0, result


def _trimmed(patch: _Patch) -> PositionSet:
    """The set, in an array as small as it allows."""
    import numpy as np

    seen = patch.seen
    if not seen.any():
        return PositionSet((0,) * seen.ndim, np.zeros((0,) * max(seen.ndim, 1), dtype=np.bool_))
    cut = []
    for axis in range(seen.ndim):
        along = np.flatnonzero(seen.any(axis=tuple(other for other in range(seen.ndim) if other != axis)))
        cut.append((int(along[0]), int(along[-1]) + 1))
    origin = tuple(low + start for low, (start, _) in zip(patch.origin, cut, strict=True))
    return PositionSet(origin, seen[tuple(slice(*ends) for ends in cut)])


def _known(size: Size) -> int:
    if not isinstance(size, int):
        raise OutOfReachError("a map has a symbolic size")
    if size > MOST_POSITIONS:
        raise OutOfReachError(f"a map spans more than {MOST_POSITIONS:,} positions")
    return size


def _hull(seen: _Array) -> int:
    """The positions inside the convex hull of a set in the plane: between its two envelopes, row by row."""
    import numpy as np

    rows = [(int(row), np.flatnonzero(seen[row])) for row in np.flatnonzero(seen.any(axis=1))]
    left = _envelope([(row, int(along[0])) for row, along in rows])
    right = _envelope([(row, -int(along[-1])) for row, along in rows])
    # Both are upper bounds of what they round to: ceil(left) and, mirrored, floor(right).
    return sum(-high - low + 1 for low, high in zip(left, right, strict=True))


def _envelope(points: list[tuple[int, int]]) -> list[int]:
    """The largest convex function below some points, rounded up, at each place from the first to the last."""
    corners: list[tuple[int, int]] = []
    for x, y in points:
        while len(corners) > 1:
            (x0, y0), (x1, y1) = corners[-2:]
            if (y1 - y0) * (x - x1) < (y - y1) * (x1 - x0):
                break
            corners.pop()
        corners.append((x, y))
    result = [corners[0][1]]
    for (x0, y0), (x1, y1) in pairwise(corners):
        result += [y0 - (y0 - y1) * (x - x0) // (x1 - x0) for x in range(x0 + 1, x1 + 1)]
    return result
