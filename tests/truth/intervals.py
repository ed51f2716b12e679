"""What a theoretical field says of one unit, and whether any border cuts what that unit sees."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from rfcalc.analysis.fields.receptive_field import AxisField
from rfcalc.analysis.network import LayerAnalysis
from rfcalc.graph.ir import Graph
from rfcalc.ops.axis_maps import AxisMap
from rfcalc.ops.reads import Along, Collapsed, Everything


def axes_of(layer: LayerAnalysis) -> tuple[AxisField, ...]:
    """A layer's field with respect to the network's first input, axis by axis."""
    axes = layer.field.inputs[0]
    assert axes is not None
    return axes


def interval(axis: AxisField, position: int) -> tuple[int, int] | None:
    """The first and last index that the unit at a position sees; None when it sees nothing."""
    # A field without a period lists every position.
    turn, phase = (0, position) if axis.status == "per-position" else divmod(position, axis.phases)
    offset = axis.offsets[phase]
    if offset is None:
        return None
    if axis.stride is None:
        assert turn == 0
        return offset, offset + axis.sizes[phase] - 1
    stride = Fraction(axis.stride) if isinstance(axis.stride, int) else Fraction(*axis.stride)
    first = turn * stride * axis.phases + offset
    assert first.denominator == 1
    return int(first), int(first) + axis.sizes[phase] - 1


def positions_seen(axis: AxisField, position: int) -> tuple[int, int]:
    """The fewest and most positions that the unit at a position sees along one axis."""
    size = axis.sizes[position % axis.phases]
    assert axis.holes is not None
    return size - axis.holes[1], size - axis.holes[0]


def reaches_a_border(graph: Graph, node: int, axis: int, position: int) -> bool:
    """Whether the unit reads a position outside a map, on any way back to the input.

    What it reads is followed position by position through each layer's own definition; a gate is left out.
    """
    wanted: dict[tuple[int, int], set[int]] = defaultdict(set)
    wanted[node, axis] = {position}
    for current in range(node, -1, -1):
        facts = graph.nodes[current].facts
        sets = {number: wanted[current, number] for number in range(len(facts.output.axes))}
        for number, positions in sets.items():
            size = facts.output.axes[number]
            assert isinstance(size, int)
            if any(not 0 <= place < size for place in positions):
                return True
        if not any(sets.values()):
            continue
        assert facts.reads is not None
        for operand, reads in zip(graph.nodes[current].inputs, facts.reads, strict=True):
            for number, read in enumerate(reads):
                if isinstance(read, Along):
                    wanted[operand, number] |= _read(read.taps, sets[read.axis])
                elif isinstance(read, Everything):
                    if read.local is not None and read.axis is not None:
                        wanted[operand, number] |= _read(read.local, sets[read.axis])
                elif isinstance(read, Collapsed):
                    size = graph.nodes[operand].facts.output.axes[number]
                    assert isinstance(size, int)
                    wanted[operand, number] |= set(range(size))
    return False


def _read(taps: AxisMap, positions: set[int]) -> set[int]:
    found: set[int] = set()
    for position in positions:
        turn, phase = divmod(position, taps.period)
        found.update(turn * taps.shift + tap for tap in taps.taps(phase))
    return found
