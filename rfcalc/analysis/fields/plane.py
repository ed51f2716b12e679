"""The positions of the input that units of a layer see, all axes together.

On a single path the product of what is seen along each axis is the whole truth.  Where branches meet it is
only a box around it: 1x7 beside 7x1 sees a cross.  One sweep back from the units through the graph gives the
set exactly.  Each layer hands on to its operands, as a Boolean array, the elements that are read of them.

This is the only kind of analysis that needs arrays, so numpy is imported where they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.axis_state import UNKNOWN, Reads
from rfcalc.analysis.fields.global_paths import GlobalPaths
from rfcalc.analysis.fields.patches import (
    ONE_LAYER,
    ONE_PASSED,
    Patch,
    PatchEffort,
    along,
    any_channel,
    channels_read,
    either,
    inside,
    known,
    patch_of,
    rearranged,
)
from rfcalc.analysis.fields.receptive_field import FieldAnalysis
from rfcalc.analysis.fields.taken_apart import shows_channels
from rfcalc.graph.ir import Node
from rfcalc.ops.axis_maps import AxisMap
from rfcalc.ops.reads import Everything, local_taps
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.patches import Array


class PositionSet(NamedTuple):
    """A set of positions of one input.

    origin: the position of the first entry of `seen` along each axis.  seen: whether each position
    belongs to the set; one dimension per axis, as small as the set allows, so its outermost slices hold
    members.  It has no entries when the set is empty.
    """

    origin: tuple[int, ...]
    seen: Array

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

    def along(self, axes: Sequence[int | None]) -> PositionSet:
        """What is seen along some axes, whatever the others say; None stands for an axis of one position."""
        import numpy as np

        kept = [axis for axis in axes if axis is not None]
        others = tuple(axis for axis in range(self.seen.ndim) if axis not in kept)
        seen = np.asarray(np.any(self.seen, axis=others)) if others else self.seen
        left = sorted(kept)
        seen = np.transpose(seen, [left.index(axis) for axis in kept])
        shape = [1 if axis is None else self.seen.shape[axis] for axis in axes]
        return PositionSet(
            tuple([0 if axis is None else self.origin[axis] for axis in axes]), seen.reshape(shape)
        )

    def blocks(self, most: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """A set in the plane as boxes side by side; the one around it where these are too many."""
        import numpy as np

        if self.box is None:
            return []
        (first, last), (start, stop) = self.box
        if self.seen.all():
            return [((first, last), (start, stop))]
        found: list[tuple[tuple[int, int], tuple[int, int]]] = []
        before: list[tuple[int, int]] = []
        for number, row in enumerate(self.seen, first):
            edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8)))
            along = [
                (start + low, start + end - 1)
                for low, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
            ]
            if along and along == before:
                # As the row above it has it.
                found[-len(along) :] = [((top, number), ends) for (top, _), ends in found[-len(along) :]]
            else:
                found += [((number, number), ends) for ends in along]
            before = along
            if len(found) > most:
                return [((first, last), (start, stop))]
        return found

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
    fields: FieldAnalysis,
    node: int,
    units: Iterable[Sequence[int]],
    source: int = 0,
    *,
    clipped: bool = False,
    everything: bool = False,
    effort: PatchEffort | None = None,
) -> PositionSet:
    """The positions of input number `source` that the units at some positions of a node see together.

    As in the receptive field, padding is part of the signal and nothing is clipped, unless `clipped` is
    set: then a unit sees what is real.  Padding with zeros carries nothing, padding that repeats inner
    positions shows those.  Interpolation repeats the border, which it sees there in any case.
    everything: global paths (attention, gates, normalisation over space) count too; else they are left out.
    The set is the union over the channels of the node.
    effort: what may be worked out on the way, EFFORT unless it is given; it is taken from.
    Raises OutOfReachError, with the reason, where the set is unknown or too large.
    """
    rank = len(fields.graph.nodes[fields.graph.inputs[source]].facts.output.axes)
    found = patch_of((), rank)
    for index, patch in swept_back(
        fields, node, units, source, clipped=clipped, everything=everything, effort=effort
    ):
        if index == fields.graph.inputs[source]:
            found = patch
    return trimmed(found)


def supports_on_the_way(
    fields: FieldAnalysis, node: int, unit: Sequence[int], source: int = 0, *, everything: bool = False
) -> dict[int, PositionSet]:
    """What one unit sees of each layer on the way to input number `source`, both included, by their numbers.

    Nothing is counted that lies outside a map; everything and errors are those of `support`.
    """
    found: dict[int, Patch] = {}
    effort = PatchEffort()
    for index, patch in swept_back(
        fields, node, [unit], source, clipped=True, everything=everything, effort=effort
    ):
        flat = patch._replace(seen=any_channel(patch.seen))
        found[index] = either(found[index], flat, effort) if index in found else flat
    sets = {index: trimmed(patch) for index, patch in found.items()}
    return {index: positions for index, positions in sets.items() if positions.seen.any()}


def swept_back(
    fields: FieldAnalysis,
    node: int,
    units: Iterable[Sequence[int]],
    source: int,
    *,
    clipped: bool,
    everything: bool,
    effort: PatchEffort | None,
) -> Iterator[tuple[int, Patch]]:
    """The elements that some units see of each layer on the way back to input number `source`.

    The units come first, the input last; a layer comes twice where its channels are told apart by some of its
    readers alone.  Arguments and errors are those of `support`.
    """
    graph = fields.graph
    for slot, state in zip(fields.slots, fields.states[node], strict=True):
        if slot.source == source and state is not None and state.remarks & UNKNOWN:
            raise OutOfReachError(state.reason)
    sweep = _PlaneSweep(fields, source, clipped, everything, effort or PatchEffort())
    sweep.add(node, patch_of(units, len(graph.nodes[node].facts.output.axes)))
    wanted = graph.inputs[source]
    sweep.budget.take(ONE_PASSED * (node - wanted))
    for index in range(node, wanted, -1):
        for told in (False, True):
            patch = sweep.pending.pop((index, told), None)
            if patch is not None and graph.nodes[index].inputs:
                sweep.budget.take(ONE_LAYER)
                patch = sweep.inside(index, patch)
                yield index, patch
                sweep.step(index, patch)
    patch = sweep.pending.get((wanted, False))
    if patch is not None:
        yield wanted, sweep.inside(wanted, patch)


class _PlaneSweep:
    """The way back; pending: what is read of the nodes still to come, and whether by channel."""

    def __init__(
        self, fields: FieldAnalysis, source: int, clipped: bool, everything: bool, budget: PatchEffort
    ) -> None:
        self.graph = fields.graph
        self.fields = fields
        self.clipped = clipped
        self.everything = everything
        self.pending: dict[tuple[int, bool], Patch] = {}
        self.budget = budget
        self.paths = GlobalPaths(fields, source)

    def step(self, index: int, patch: Patch) -> None:
        """Hand on to the operands what a node reads of them."""
        node = self.graph.nodes[index]
        if not patch.seen.any():
            return
        facts = node.facts
        if facts.reads is None or len(facts.reads) != len(node.inputs):
            raise OutOfReachError(f"{node.name} does not say which positions it reads")
        widths = [self.graph.nodes[operand].facts.output.channels for operand in node.inputs]
        order = facts.rearranged
        shown = patch.told or (order is not None and shows_channels(order))
        for place, (operand, reads) in enumerate(zip(node.inputs, facts.reads, strict=True)):
            told = shown and operand in self.fields.by_channel
            if order is not None and (None in reads or facts.spreads_channels or patch.seen.shape[-1] > 1):
                moved = rearranged(patch, order, facts.output.channels, told, self.budget)
                if self.everything or not self.paths.spreads(index, operand, patch.told, told, reads):
                    self.add(operand, moved)
                continue
            seen = channels_read(patch.seen, facts, place, widths, operand in self.fields.needed)
            found = Patch(patch.origin, seen, told and seen.shape[-1] > 1)
            if not self.everything and self.paths.spreads(index, operand, patch.told, found.told, reads):
                continue
            self._read(found, reads, node, operand)
            if any(isinstance(read, Everything) and read.local is not None for read in reads):
                # Of others a unit sees what the map holds; itself also past its borders.
                self._read(found, reads, node, operand, alone=True)

    def add(self, node: int, patch: Patch) -> None:
        """More elements of a node that are read."""
        key = node, patch.told
        earlier = self.pending.get(key)
        self.pending[key] = patch if earlier is None else either(earlier, patch, self.budget)

    def inside(self, node: int, patch: Patch) -> Patch:
        """The part of a patch that lies inside the map, where clipping is asked for."""
        return inside(patch, self.graph.nodes[node].facts.output.axes) if self.clipped else patch

    def _read(self, patch: Patch, reads: Reads, node: Node, operand: int, *, alone: bool = False) -> None:
        """Add what a patch reads of one operand; alone: of itself, where it sees itself beside others."""
        import numpy as np

        axes = self.graph.nodes[operand].facts.output.axes
        if len(reads) != len(axes) or None in reads:
            raise OutOfReachError(f"{node.name} does not say which positions it reads")
        taps: list[AxisMap | None] = []
        fed: list[int] = []
        for place, read in enumerate(reads):
            found = local_taps(read)
            if isinstance(read, Everything):
                if not alone and (self.everything or not self.paths.leads(operand, place)):
                    found = None
                elif found is None:
                    return
            taps.append(found)
            if found is not None:
                assert read is not None
                assert read.axis is not None
                fed.append(read.axis)
        if len(set(fed)) < len(fed):
            raise OutOfReachError(f"{node.name} makes two axes of one")
        # The axes that nothing of this operand runs along say only that something is read.
        rank = patch.seen.ndim - 1
        others = tuple(axis for axis in range(rank) if axis not in fed)
        seen = np.asarray(np.any(patch.seen, axis=others)) if others else patch.seen
        left = [axis for axis in range(rank) if axis in fed]
        seen = np.transpose(seen, [*(left.index(axis) for axis in fed), len(left)])
        origin = [patch.origin[axis] for axis in fed]
        for place, (tap, read, size) in enumerate(zip(taps, reads, axes, strict=True)):
            if tap is None:
                length = known(size)
                self.budget.room(seen.size * length)
                origin.insert(place, 0)
                seen = np.repeat(np.expand_dims(seen, place), length, axis=place)
            else:
                clipped = self.clipped or (isinstance(read, Everything) and not alone)
                origin[place], seen = along(origin[place], seen, place, tap, size, clipped, self.budget)
        self.add(operand, Patch(tuple(origin), seen, patch.told))


def trimmed(patch: Patch) -> PositionSet:
    """The set, in an array as small as it allows."""
    import numpy as np

    seen = np.asarray(np.any(patch.seen, axis=-1))
    if not seen.any():
        return PositionSet((0,) * seen.ndim, np.zeros((0,) * max(seen.ndim, 1), dtype=np.bool_))
    cut = []
    for axis in range(seen.ndim):
        along = np.flatnonzero(seen.any(axis=tuple(other for other in range(seen.ndim) if other != axis)))
        cut.append((int(along[0]), int(along[-1]) + 1))
    origin = tuple(low + start for low, (start, _) in zip(patch.origin, cut, strict=True))
    return PositionSet(origin, seen[tuple(slice(*ends) for ends in cut)])


def _hull(seen: Array) -> int:
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
