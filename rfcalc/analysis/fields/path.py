"""Where a receptive field comes from: the chain of layers that carries its two ends.

One unit's field ends at a first and a last position of the input.  Going back from the unit, at each
layer some tap of some operand sees that same position; following it gives the chain of layers that
sets this end.  Usually one chain carries both ends, and the size is 1 + Σ(f − 1)·r·stride along it.
Where branches are off-centre to each other or advance at different rates, each end may have its own.

Source of the sum: Araujo, Norris and Sim 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import gcd
from typing import TypeAlias

from rfcalc.analysis.fields.axis_field import Field, Outer, Periodic, PositionTable, Whole
from rfcalc.analysis.fields.axis_state import COLLAPSED, Slot, State
from rfcalc.analysis.fields.receptive_field import FieldAnalysis
from rfcalc.graph.ir import Graph
from rfcalc.ops.axis_maps import AxisMap, Window, count_of, extent_of, in_place, taps_of
from rfcalc.ops.reads import AxisReads, Collapsed, local_taps
from rfcalc.records import NamedTuple

# Input positions, or a part of one: behind upsampling units stand closer than positions of the input.
Distance: TypeAlias = "int | Fraction"


class Step(NamedTuple):
    """One layer of a chain.

    node: the layer.  operand: the node it reads.  taps: how it reads it along the chain, a global path
    left out; None where no position is left.  whole: whether it covers the whole map.
    extent: how far apart its outermost taps are, in positions of the operand: (f − 1)·r for a window,
    n − 1 for one that covers a map of n positions.
    stride, behind: input positions from one unit to the next of that operand, and of the layer, along the
    chain; 0 where a window has covered the whole map.
    contribution: by how many input positions the layer moves the end (or, in a chain of both, takes the
    ends apart); for a window before any upsampling that is extent · stride.  reach: the contributions up
    to here.
    first, last: the units of the layer between which the chain runs; the same in a chain of one end.
    """

    node: int
    operand: int
    taps: AxisMap | None
    whole: bool
    extent: int
    stride: Distance
    behind: Distance
    contribution: Distance
    reach: Distance
    first: int
    last: int

    @property
    def moves(self) -> bool:
        """Whether it reads anything but one position in place, where there is more than one."""
        if self.contribution or self.behind != self.stride:
            return True
        return self.taps is not None and not in_place(self.taps)


class Chain(NamedTuple):
    """The layers that set an end of a field, from the input to the layer asked about.

    end: "low" or "high"; "both" where one chain carries both ends.
    """

    end: str
    steps: tuple[Step, ...]

    @property
    def stride(self) -> Distance:
        """Input positions from one unit of the layer to the next, along the chain; 0 where it has one."""
        return self.steps[-1].behind if self.steps else 1

    @property
    def reach(self) -> Distance:
        """The sum of the contributions."""
        return self.steps[-1].reach if self.steps else 0


class FieldPath(NamedTuple):
    """The field of one unit and the chains that set its ends.

    unit: the position of the layer whose field is followed: the first of those with the largest one.
    low, high: the first and last input position it sees.
    chains: one of both ends, whose reach is high − low; or two, of the low and of the high end.  Low is
    then `unit` times the stride behind its chain less its reach, high that of its own plus its reach.
    """

    unit: int
    low: int
    high: int
    chains: tuple[Chain, ...]

    @property
    def size(self) -> int:
        """The positions from end to end."""
        return self.high - self.low + 1


def field_chains(fields: FieldAnalysis, node: int, axis: int = 0, source: int = 0) -> FieldPath | None:
    """The chains of layers that set the ends of a layer's field along one axis of one input.

    None when the layer does not depend on that input or its field is unknown, only bounded, or has
    nothing left without a global path.
    """
    slot = fields.slots.index(Slot(source, axis))
    state = fields.states[node][slot]
    unit = None if state is None else _largest(state)
    if unit is None:
        return None
    tracer = _Tracer(fields.graph, lambda index: fields.states[index][slot])
    low, high = tracer.ends(node, unit)
    together = tracer.common(node, unit)
    if together is not None:
        return FieldPath(unit, low, high, (tracer.chain("both", together),))
    parted = tracer.parted(node, unit)
    if parted is None:
        return None
    return FieldPath(unit, low, high, tuple(map(tracer.chain, ("low", "high"), parted)))


def _largest(state: State) -> int | None:
    """The first unit that sees the most; None when there is none to follow."""
    field = state.field
    if isinstance(field, Whole):
        return None if field.support is None else 0
    if field is None or isinstance(field, Outer) or state.digits:
        return None
    spans = [
        -1 if seen is None else seen[1] - seen[0]
        for seen in (field.supports if isinstance(field, Periodic) else field.ends)
    ]
    most = max(spans, default=-1)
    return spans.index(most) if most >= 0 else None


class _ChainPlace(NamedTuple):
    """A layer, and the units of it that see the low and the high end."""

    node: int
    low: int
    high: int


class _Tracer:
    """The way back through the graph; state: that of a node along the axis followed."""

    def __init__(self, graph: Graph, state: Callable[[int], State | None]) -> None:
        self.graph = graph
        self.state = state

    def ends(self, node: int, unit: int) -> tuple[int, int]:
        """The first and last input position that a unit sees; it sees some."""
        state = self.state(node)
        assert state is not None
        assert state.field is not None
        seen = state.field.at(unit)
        assert seen is not None
        return seen.low, seen.high

    def common(self, node: int, unit: int) -> list[_ChainPlace] | None:
        """The places of a chain that carries both ends, from the layer back to the input; None if none does.

        The position an end sees fixes the unit of each layer that sees it, so a layer is tried about once.
        """
        start = _ChainPlace(node, unit, unit)
        trail = [start]
        choices = [self._shared(start)]
        tried = {start}
        while trail:
            if not self.graph.nodes[trail[-1].node].inputs:
                return trail
            following = next(choices[-1], None)
            if following is None:
                trail.pop()
                choices.pop()
            elif following not in tried:
                tried.add(following)
                trail.append(following)
                choices.append(self._shared(following))
        return None

    def parted(self, node: int, unit: int) -> tuple[list[_ChainPlace], list[_ChainPlace]] | None:
        """The places of the chain of each end, low and high; alike as long as they can be."""
        place = _ChainPlace(node, unit, unit)
        together = [place]
        while True:
            following = next(self._shared(place), None)
            if following is None:
                break
            place = following
            together.append(place)
        trails = []
        for end in (0, 1):
            unit = (place.low, place.high)[end]
            trail = [_ChainPlace(each.node, *((each.low, each.high)[end],) * 2) for each in together]
            current = place.node
            while self.graph.nodes[current].inputs:
                found = next(self._choices(current, unit, end), None)
                if found is None:
                    return None
                current, unit = found
                trail.append(_ChainPlace(current, unit, unit))
            trails.append(trail)
        return trails[0], trails[1]

    def chain(self, end: str, trail: Sequence[_ChainPlace]) -> Chain:
        """The chain of a trail, from the input on."""
        result: list[Step] = []
        stride: Distance = 1
        reach: Distance = 0
        for operand, place in zip(trail[:0:-1], trail[-2::-1], strict=True):
            read = self._read(place.node, operand.node)
            window = self._window(place.node, operand.node)
            assert window is not None
            behind = _plain(stride * Fraction(window.shift, window.period))
            moved = Fraction(0)
            if end != "high":
                moved += place.low * behind - operand.low * stride
            if end != "low":
                moved += operand.high * stride - place.high * behind
            reach = _plain(reach + moved)
            result.append(
                Step(
                    node=place.node,
                    operand=operand.node,
                    taps=local_taps(read),
                    whole=isinstance(read, Collapsed),
                    extent=extent_of(window),
                    stride=stride,
                    behind=behind,
                    contribution=_plain(moved),
                    reach=reach,
                    first=place.low,
                    last=place.high,
                )
            )
            stride = behind
        return Chain(end, tuple(result))

    def _shared(self, place: _ChainPlace) -> Iterator[_ChainPlace]:
        """The operands through which the units of a place see both ends."""
        highs = dict(self._choices(place.node, place.high, 1))
        for operand, low in self._choices(place.node, place.low, 0):
            if operand in highs:
                yield _ChainPlace(operand, low, highs[operand])

    def _choices(self, node: int, unit: int, end: int) -> Iterator[tuple[int, int]]:
        """The operands through which a unit sees an end of its field (0 low, 1 high), and its unit there."""
        state = self.state(node)
        assert state is not None
        wanted = self.ends(node, unit)[end]
        for operand in dict.fromkeys(self.graph.nodes[node].inputs):
            other = self.state(operand)
            if other is None or other.field is None:
                continue
            if other.remarks & COLLAPSED and not state.remarks & COLLAPSED:
                # Spread over positions it is a global path, which the field leaves out.
                continue
            window = self._window(node, operand)
            found = None if window is None else _outermost(other.field, taps_of(window, unit), end)
            if found is not None and found[0] == wanted:
                yield operand, found[1]

    def _window(self, node: int, operand: int) -> AxisMap | None:
        """How a node reads an operand along the axis followed; None where that is not known or left out.

        What is covered whole is read through a window that never moves.
        """
        other = self.state(operand)
        assert other is not None
        if other.digits:
            return None
        if other.axis is None or isinstance(other.field, Whole):
            return Window(1, 0)
        read = self._read(node, operand)
        if isinstance(read, Collapsed):
            size = self.graph.nodes[operand].facts.output.axes[other.axis]
            return Window(size, 0) if isinstance(size, int) else None
        return local_taps(read)

    def _read(self, node: int, operand: int) -> AxisReads | None:
        """How a node reads the axis of an operand along which the field runs."""
        reader = self.graph.nodes[node]
        other = self.state(operand)
        assert other is not None
        reads = reader.facts.reads
        if other.axis is None or reads is None:
            return None
        found = reads[reader.inputs.index(operand)] if len(reads) == len(reader.inputs) else ()
        return found[other.axis] if other.axis < len(found) else None


def _outermost(field: Field | Whole, taps: range, end: int) -> tuple[int, int] | None:
    """The lowest (end 0) or highest (end 1) position the units see, and the outermost unit that sees it."""
    if isinstance(field, PositionTable):
        taps = _inside(taps, len(field.ends))
    elif isinstance(field, Whole):
        taps = taps[:1]
    order = taps if end == 0 else taps[::-1]
    # After this many taps the phases of a periodic field come round again, further in.
    units = order[: field.period // gcd(taps.step, field.period)] if isinstance(field, Periodic) else order
    best: tuple[int, int] | None = None
    for unit in units:
        seen = field.at(unit)
        if seen is None:
            continue
        position = (seen.low, seen.high)[end]
        if best is None or (position < best[0] if end == 0 else position > best[0]):
            best = position, unit
    return best


def _inside(taps: range, size: int) -> range:
    """Those of the units that are positions of a map of this size."""
    first = max(0, -(taps.start // taps.step))
    last = min(count_of(taps), (size - 1 - taps.start) // taps.step + 1)
    return range(taps.start + first * taps.step, taps.start + max(first, last) * taps.step, taps.step)


def _plain(distance: Distance) -> Distance:
    """The distance as an integer where it is whole."""
    return distance.numerator if distance.denominator == 1 else distance
