"""Where the field of a layer is surely its whole box, so that nobody need look for holes in the plane.

On a single path it is the product of what is seen along each axis: a box where no axis has holes.  A join
is filled where one of its operands is, and no other reaches further.
"""

from __future__ import annotations

from rfcalc.analysis.fields.axis_state import is_identity
from rfcalc.analysis.fields.figures import AxisField
from rfcalc.lint.rule import Subject


def filled(subject: Subject, source: int) -> list[bool]:
    """For each node whether its units surely see every position of their box on input number `source`."""
    fields = subject.analysis.fields.nodes
    result: list[bool] = []
    for index, node in enumerate(subject.graph.nodes):
        axes = fields[index].inputs[source]
        if axes is None or not node.inputs:
            result.append(index == subject.graph.inputs[source])
            continue
        reads = node.facts.reads
        if reads is None or len(reads) != len(node.inputs) or any(axis.holes != (0, 0) for axis in axes):
            result.append(False)
            continue
        seeing = {
            (operand, read)
            for operand, read in zip(node.inputs, reads, strict=True)
            if fields[operand].inputs[source] is not None
        }
        if len(seeing) == 1:
            ((operand, _),) = seeing
            result.append(result[operand])
        else:
            result.append(
                any(
                    result[operand] and is_identity(read) and _alike(fields[operand].inputs[source], axes)
                    for operand, read in seeing
                )
            )
    return result


def _alike(one: tuple[AxisField, ...] | None, two: tuple[AxisField, ...]) -> bool:
    """Whether both fields reach from the same position to the same, phase by phase."""
    return one is not None and all(
        (left.offsets, left.sizes, left.stride) == (right.offsets, right.sizes, right.stride)
        for left, right in zip(one, two, strict=True)
    )
