"""How the layers of a network move with its input, and what of them does not.

Where part of an image is cut out from position a on, unit v of a layer of the part stands for unit v + a·r of
the layer of the whole image, r being its units per position of the input.  That must be whole for every
layer, and each operator must meet the same phase of its pattern (`AxisMap`): unit q·p + ψ reads q·j + t, so
that its operand moves by q·j for a whole q.  The least a of which that holds is the step.  Layers that see
the whole map, or whose patterns or weights depend on its size, do not move with it at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd, lcm
from typing import Literal

from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.axis_maps import AxisMap, Resample, Window
from rfcalc.ops.reads import Along, AxisReads, Collapsed, Everything
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size

# Why a layer of a part of the image is not that part of the layer: it sees the whole map; it reads the other
# end of the image; how it reads, or what it has learned, depends on the size; branches advance at different
# rates; axes are taken apart; the data decides what it reads; it does not say.
ObstacleKind = Literal["global", "circular", "resized", "positions", "rates", "apart", "data", "unknown"]


class Obstacle(NamedTuple):
    """A layer, by its index, that does not move with the input."""

    node: int
    kind: ObstacleKind


class MovedAxis(NamedTuple):
    """An axis of a layer that runs along axis `axis` of the input: `units` for `positions` positions."""

    axis: int
    units: int
    positions: int

    def at(self, position: int) -> int:
        """How many units so many positions are; the number of positions is a multiple of the step."""
        return position * self.units // self.positions


# The axes of a layer; None for one of a single position.
MovedAxes = tuple[MovedAxis | None, ...]


class Translation(NamedTuple):
    """How the layers of a network move along the axes of one of its inputs.

    along: for each node its axes; None where it does not depend on the input, or not on a part of it.
    step: along each axis of the input what a part must be moved by a multiple of.
    obstacles: what does not move; global paths are left out of all else.
    """

    graph: Graph
    along: tuple[MovedAxes | None, ...]
    step: tuple[int, ...]
    obstacles: tuple[Obstacle, ...]


def taps_read(read: AxisReads | None) -> AxisMap | None:
    """How an axis is read, without a path over all of it; None where nothing is left."""
    if isinstance(read, Along):
        return read.taps
    return read.local if isinstance(read, Everything) else None


def translation_of(graph: Graph, source: int) -> Translation:
    """How the layers of a network move along input number `source`."""
    following = _Translating(graph, graph.inputs[source])
    for index in range(len(graph.nodes)):
        following.step_over(index)
    return Translation(
        graph, tuple(following.along), tuple(following.step), tuple(dict.fromkeys(following.obstacles))
    )


class _Translating:
    """The pass over the graph; depends: whether each node depends on the input."""

    def __init__(self, graph: Graph, source: int) -> None:
        self.graph = graph
        self.source = source
        self.along: list[MovedAxes | None] = []
        self.depends: list[bool] = []
        self.step = [1] * len(graph.nodes[source].facts.output.axes)
        self.obstacles: list[Obstacle] = []

    def step_over(self, index: int) -> None:
        """Do the next node."""
        node = self.graph.nodes[index]
        if index == self.source:
            self.along.append(tuple([MovedAxis(axis, 1, 1) for axis in range(len(self.step))]))
            self.depends.append(True)
            return
        self.depends.append(any(self.depends[operand] for operand in node.inputs))
        self.along.append(self._followed(index, node) if self.depends[index] else None)

    def _followed(self, index: int, node: Node) -> MovedAxes | None:
        facts = node.facts
        if facts.data_dependent:
            self._note(index, "data")
        if facts.reads is None or len(facts.reads) != len(node.inputs):
            self._note(index, "unknown")
            return None
        found: list[MovedAxes] = []
        for operand, reads in zip(node.inputs, facts.reads, strict=True):
            if not self.depends[operand]:
                axes = self.graph.nodes[operand].facts.output.axes
                placed = zip(axes, reads, strict=False)
                if any(size != 1 and isinstance(read, Along) for size, read in placed):
                    self._note(index, "positions")
                continue
            before = self.along[operand]
            if before is not None and (after := self._read(index, node, before, reads)) is not None:
                found.append(after)
        return self._joined(index, found)

    def _read(
        self, index: int, node: Node, before: MovedAxes, reads: Sequence[AxisReads | None]
    ) -> MovedAxes | None:
        """The axes of a node as one operand has them; None where nothing of that is local."""
        if len(reads) != len(before):
            self._note(index, "unknown")
            return None
        made: list[MovedAxis | None] = [None] * len(node.facts.output.axes)
        left = True
        for run, read in zip(before, reads, strict=True):
            if run is None:
                continue
            if read is None:
                self._note(index, "unknown" if node.facts.rearranged is None else "apart")
                return None
            if isinstance(read, Collapsed | Everything):
                self._note(index, "global")
            taps = taps_read(read)
            if taps is None or read.axis is None:
                left = False
                continue
            if isinstance(taps, Window) and taps.border == "circular":
                self._note(index, "circular")
            made[read.axis] = self._through(run, taps)
        return tuple(made) if left else None

    def _through(self, run: MovedAxis, taps: AxisMap) -> MovedAxis:
        # A part moved by a is moved by a·units / (positions·shift) turns of the pattern.
        turns = run.positions * taps.shift
        self.step[run.axis] = lcm(self.step[run.axis], turns // gcd(run.units, turns))
        units = run.units * taps.period
        common = gcd(units, turns)
        return MovedAxis(run.axis, units // common, turns // common)

    def _joined(self, index: int, found: Sequence[MovedAxes]) -> MovedAxes | None:
        if not found:
            return None
        made: list[MovedAxis | None] = []
        for runs in zip(*found, strict=True):
            ways = {run for run in runs if run is not None}
            if len(ways) > 1:
                self._note(index, "rates")
            made.append(next(iter(ways), None))
        return tuple(made)

    def _note(self, index: int, kind: ObstacleKind) -> None:
        self.obstacles.append(Obstacle(index, kind))


def changed_by_size(whole: Translation, part: Graph, lost: Sequence[int]) -> Iterator[Obstacle]:
    """The layers that are others on a part of the image.

    lost: how many positions the part has fewer along each axis, multiples of the step.
    """
    nodes = whole.graph.nodes
    if len(nodes) != len(part.nodes):
        yield Obstacle(len(nodes) - 1, "resized")
        return
    for index, (node, other) in enumerate(zip(nodes, part.nodes, strict=True)):
        if (node.op, node.inputs) != (other.op, other.inputs):
            yield Obstacle(index, "resized")
            return
        if (node.facts.weights, node.facts.buffers) != (other.facts.weights, other.facts.buffers):
            yield Obstacle(index, "positions")
        runs = whole.along[index]
        if runs is None:
            continue
        patterns = zip(_patterns(whole.graph, index), _patterns(part, index), strict=True)
        # Of a map of one position every unit reads that, whatever the pattern.
        if any(one[1] != two[1] for one, two in patterns if two[0] != 1):
            yield Obstacle(index, "resized")
            continue
        sizes = zip(runs, node.facts.output.axes, other.facts.output.axes, strict=True)
        if any(run is not None and size - run.at(lost[run.axis]) != left for run, size, left in sizes):
            yield Obstacle(index, "resized")


def _patterns(graph: Graph, index: int) -> list[tuple[Size, AxisMap | None]]:
    """How a layer reads the axes of its operands, wherever these end, with their lengths."""
    node = graph.nodes[index]
    return [
        (size, _pattern(taps_read(read)))
        for operand, reads in zip(node.inputs, node.facts.reads or (), strict=False)
        for size, read in zip(graph.nodes[operand].facts.output.axes, reads, strict=False)
    ]


def _pattern(taps: AxisMap | None) -> AxisMap | None:
    if isinstance(taps, Window):
        return taps._replace(after=0, rounded_up=False)
    if isinstance(taps, Resample):
        common = gcd(taps.step, taps.start, taps.scale)
        return Resample(taps.step // common, taps.start // common, taps.scale // common, taps.method)
    return taps
