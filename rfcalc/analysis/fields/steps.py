"""How a layer reads its operands, one axis at a time: the steps of a way back to the input."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from rfcalc.ops.reads import local_taps
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.axis_state import Slot
    from rfcalc.analysis.fields.receptive_field import FieldAnalysis
    from rfcalc.ops.axis_maps import AxisMap


class BackStep(NamedTuple):
    """A layer on a way back to the input: how it reads an axis of an operand position by position.

    axis: of the layer; operand_axis: of its operand.
    """

    node: int
    axis: int
    operand: int
    operand_axis: int
    taps: AxisMap


def steps(fields: FieldAnalysis, node: int, source: int | None = None) -> Iterator[BackStep]:
    """How a layer reads its operands, global paths left out; source: the input they must depend on."""
    reader = fields.graph.nodes[node]
    for operand, reads in zip(reader.inputs, reader.facts.reads or (), strict=False):
        if source is not None and fields.nodes[operand].inputs[source] is None:
            continue
        for place, read in enumerate(reads):
            taps = local_taps(read)
            if read is not None and taps is not None and read.axis is not None:
                yield BackStep(node, read.axis, operand, place, taps)


def steps_along(fields: FieldAnalysis, node: int, slot: Slot) -> Iterator[BackStep]:
    """How a layer reads its operands along an axis of an input of the network, global paths left out."""

    def running(index: int) -> int | None:
        axes = fields.nodes[index].axes[slot.source]
        return None if axes is None else axes[slot.axis]

    own = running(node)
    for step in steps(fields, node, slot.source):
        if step.axis == own and step.operand_axis == running(step.operand):
            yield step


def stride_along(fields: FieldAnalysis, node: int, slot: Slot) -> Fraction | None:
    """Positions of an input from one unit of a node to the next, along an axis; None where there are none."""
    axes = fields.nodes[node].inputs[slot.source]
    stride = None if axes is None else axes[slot.axis].stride
    return None if stride is None else as_fraction(stride)


def as_fraction(stride: int | tuple[int, int]) -> Fraction:
    """A stride as one number."""
    return Fraction(stride) if isinstance(stride, int) else Fraction(*stride)
