"""How one step is written: its attributes, and how the language says which tensors it reads.

The language says nothing of an operand that is the tensor standing before the line.  What else a line reads
`from=` names; how that goes together with what stands before is the operator's business, so that the shortest
way of writing is tried first, and kept if it means the operands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rfcalc.importers.steps import ImportedStep
from rfcalc.ops.attributes import Value, format_value
from rfcalc.ops.operator import Attribute
from rfcalc.ops.registry import JOINS, find_operator
from rfcalc.records import NamedTuple

# With more names a line may pass what is read of one: names of imported layers have 500 characters at most.
_MOST_ON_A_LINE = 16


class OperandReading(NamedTuple):
    """How a step comes to its operands.

    form: "line" (a layer line), "join" (a join without branches), or "before": an item before the line makes
    the named tensors those that stand there.  sources: the operands that are named.
    """

    form: Literal["line", "join", "before"]
    sources: tuple[int, ...]


def reading(step: ImportedStep, operands: tuple[int, ...], current: tuple[int, ...]) -> OperandReading:
    """How to write that a step reads its operands where some tensors stand before it."""
    operator = find_operator(step.operator)
    ahead = len(current)
    for sources in ((), operands[ahead:], operands):
        if len(sources) <= _MOST_ON_A_LINE and operator.taken(current, sources) == operands:
            return OperandReading("line", sources)
    joins = step.operator in JOINS and not step.values and len(operands) > 1
    return OperandReading("join" if joins else "before", operands)


def left(step: ImportedStep, number: int) -> tuple[int, ...]:
    """What stands behind a step's line: behind one that nothing reads what it read itself."""
    ends = "loss" in find_operator(step.operator).traits or step.values.get("training") is True
    return step.operands[:1] if ends else (number,)


def arguments(step: ImportedStep) -> list[str]:
    """The attributes of a step as its line gives them, by the book's letter where there is one."""
    if not step.values:
        return []
    attributes = find_operator(step.operator).attributes
    return [f"{attributes[name].spelling}={value_text(value)}" for name, value in step.values.items()]


def default_text(attribute: Attribute) -> str | None:
    """The default of an attribute as a line would give it; None where it has none that can be written."""
    default = attribute.default
    if attribute.required or default is None:
        return None
    return attribute.kind.text(default)


def value_text(value: Value) -> str:
    """A value as a description writes it."""
    return format_value(value, "language")


def owners(steps: Sequence[ImportedStep]) -> dict[int, int]:
    """The steps that use another's learned tensors, each with the first step that learns them."""
    first: dict[object, int] = {}
    found = {}
    for number, step in enumerate(steps):
        if step.learned:
            # That another tensor is a step's own beside a shared weight, the language cannot say.
            key = step.learned.get("weight") or tuple(sorted(step.learned.items()))
            owner = first.setdefault(key, number)
            if owner != number:
                found[number] = owner
    return found
