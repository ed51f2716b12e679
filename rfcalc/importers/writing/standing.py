"""What stands before and behind the items of a body: the tensors that the language calls current."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.importers.steps import ImportedStep
from rfcalc.importers.writing.scopes import JoinItem, NetworkPart, PartItem, PlacedItem, StepItem

Current = tuple[int, ...]


def inputs_of(
    item: PlacedItem, steps: Sequence[ImportedStep], parts: Sequence[NetworkPart]
) -> tuple[int, ...]:
    """The tensors that an item reads; of a join those of the first item in a branch."""
    if isinstance(item, StepItem):
        return steps[item.step].operands
    if isinstance(item, PartItem):
        return parts[item.part].inputs
    branch = item.branches[0]
    return inputs_of(branch[0], steps, parts) if branch else item.operands[:1]


def before_branches(
    join: JoinItem, current: Current, steps: Sequence[ImportedStep], parts: Sequence[NetworkPart]
) -> tuple[Current, list[Current]]:
    """What has to be made the current tensor before a join, () for nothing, and what then enters each branch.

    An empty branch is the tensor that enters; any other one can say what it begins with, unless all would say
    the same.
    """
    number = len(join.branches)
    enters: list[Current] = (
        [(tensor,) for tensor in current] if len(current) == number else [current] * number
    )
    empty = [place for place, branch in enumerate(join.branches) if not branch]
    if empty:
        wanted: set[Current] = {(join.operands[place],) for place in empty}
        right = all(enters[place] in wanted for place in empty)
    else:
        wanted = {inputs_of(branch[0], steps, parts) for branch in join.branches}
        right = len(wanted) > 1 or number == 1 or all(one in wanted for one in enters)
    lead = next(iter(wanted))
    if right or len(lead) != 1:
        return (), enters
    return lead, [lead] * number
