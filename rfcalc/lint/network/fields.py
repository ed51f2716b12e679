"""Questions about receptive fields that several rules ask."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from rfcalc.analysis.fields.axis_state import Slot
from rfcalc.analysis.fields.figures import AxisField
from rfcalc.lint.rule import Subject
from rfcalc.ops.axis_maps import AxisMap
from rfcalc.ops.reads import Collapsed, local_taps
from rfcalc.records import NamedTuple


class BackStep(NamedTuple):
    """A layer on a way back to the input: how it reads an axis of an operand position by position.

    axis: of the layer; operand_axis: of its operand.
    """

    node: int
    axis: int
    operand: int
    operand_axis: int
    taps: AxisMap


def collapsed_later(subject: Subject, source: int, axis: int) -> bool:
    """Whether the main output sees an axis of an input through a window over a whole map.

    Such a network decides once about its whole input: a classifier.
    """
    outputs = subject.graph.outputs
    field = axis_field(subject, outputs[0], source, axis) if outputs else None
    return field is not None and field.collapsed


def axis_field(subject: Subject, node: int, source: int, axis: int) -> AxisField | None:
    """The field of a node along an axis of input number `source`; None where it does not depend on it."""
    axes = subject.analysis.fields.nodes[node].inputs[source]
    return None if axes is None else axes[axis]


def stride_along(subject: Subject, node: int, slot: Slot) -> Fraction | None:
    """Positions of an input from one unit of a node to the next, along an axis; None where there are none."""
    field = axis_field(subject, node, *slot)
    return None if field is None or field.stride is None else as_fraction(field.stride)


def last_maps(subject: Subject) -> tuple[int, ...]:
    """The nodes behind which no layer goes on reading position by position, in the order of execution.

    They are outputs with positions, and maps that nothing but windows over a whole map read.
    """
    nodes = subject.graph.nodes
    found = {index for index in subject.graph.outputs if nodes[index].facts.output.axes}
    covered: set[int] = set()
    going_on: set[int] = set()
    for node in (nodes[index] for index in subject.useful):
        for operand, reads in zip(node.inputs, node.facts.reads or (), strict=False):
            whole = bool(reads) and all(isinstance(read, Collapsed) for read in reads)
            (covered if whole else going_on).add(operand)
    axes = subject.analysis.fields.nodes
    return tuple(
        index
        for index in sorted(found | (covered - going_on))
        if index not in subject.graph.inputs
        and not all(axis.collapsed for field in axes[index].inputs for axis in field or ())
    )


def steps(subject: Subject, node: int, source: int | None = None) -> Iterator[BackStep]:
    """How a layer reads its operands, global paths left out; source: the input they must depend on."""
    reader = subject.graph.nodes[node]
    for operand, reads in zip(reader.inputs, reader.facts.reads or (), strict=False):
        if source is not None and subject.analysis.fields.nodes[operand].inputs[source] is None:
            continue
        for place, read in enumerate(reads):
            taps = local_taps(read)
            if read is not None and taps is not None and read.axis is not None:
                yield BackStep(node, read.axis, operand, place, taps)


def steps_along(subject: Subject, node: int, slot: Slot) -> Iterator[BackStep]:
    """How a layer reads its operands along an axis of an input of the network, global paths left out."""

    def running(index: int) -> int | None:
        axes = subject.analysis.fields.nodes[index].axes[slot.source]
        return None if axes is None else axes[slot.axis]

    own = running(node)
    for step in steps(subject, node, slot.source):
        if step.axis == own and step.operand_axis == running(step.operand):
            yield step


def as_fraction(stride: int | tuple[int, int]) -> Fraction:
    """A stride as one number."""
    return Fraction(stride) if isinstance(stride, int) else Fraction(*stride)
