"""Questions about receptive fields that several rules ask."""

from __future__ import annotations

from rfcalc.analysis.fields.figures import AxisField
from rfcalc.lint.rule import Subject
from rfcalc.ops.reads import Collapsed


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
