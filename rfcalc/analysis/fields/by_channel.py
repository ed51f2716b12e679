"""What each channel of a layer sees, where some later layer asks for it (see runs)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import Effort
from rfcalc.analysis.fields.axis_state import (
    ALONE,
    BOUND,
    COLLAPSED,
    GLOBAL,
    MIXED,
    PER_POSITION,
    UNKNOWN,
    Reads,
    States,
    data_decides,
    in_channels,
    is_identity,
    not_told,
)
from rfcalc.analysis.fields.runs import (
    MixedError,
    Runs,
    element_wise,
    grouped,
    has_digits,
    mapped,
    one_run,
    selected,
    shuffled,
    side_by_side,
)
from rfcalc.analysis.fields.taken_apart import rearranged, shows_channels, without_channels
from rfcalc.analysis.fields.views import Layer, carried
from rfcalc.ops.facts import Facts
from rfcalc.ops.rearrangement import Rearrangement
from rfcalc.shapes import Shape, Size

if TYPE_CHECKING:
    from rfcalc.analysis.fields.runs import Union


def view_by_channel(
    facts: Facts,
    operand: Shape,
    layer: Layer,
    reads: Reads | None,
    needed: bool,
    union: Union,
    effort: Effort,
) -> Layer:
    """What a node sees of one operand whose channels do not all see the same, or that it takes apart."""
    if facts.rearranged is not None:
        return _elsewhere(facts, facts.rearranged, operand, layer, needed, effort)
    source, target = operand.axes, facts.output.axes
    states = carried(layer.states, reads, source, target, effort)
    selects = facts.channels in ("select", None)
    if layer.mixed:
        return Layer(_bounded(states, layer.mixed) if selects else states, None, layer.mixed)
    if not (selects or needed):
        return Layer(states)

    def read(part: States) -> States:
        return carried(part, reads, source, target, effort)

    runs = layer.runs or one_run(operand.channels, layer.states)
    try:
        runs = mapped(runs, read, effort)
        if not selects:
            return Layer(states, runs)
        if facts.part is None and (len(runs.kinds) > 1 or has_digits(runs.states[0])):
            raise MixedError("which of the channels are read depends on the position")
        runs = selected(runs, *(facts.part or (0, 1)), facts.output.channels, effort)
    except MixedError as reason:
        if selects and any(map(has_digits, runs.states)):
            return Layer(tuple(state and not_told(state, str(reason)) for state in states))
        return Layer(_bounded(states, str(reason)) if selects else states, None, str(reason))
    seen = [without_channels(kind, target, effort) for kind in runs.states if kind is not None]
    # Of zeros alone nothing is seen; what all channels see is then as good as any.
    return Layer(_left(union(seen), states) if seen else states, runs)


def _left(seen: States, states: States) -> States:
    """What is seen of some channels, with the axis that is left of what is collapsed, as for all of them.

    What is unknown since its branches meet at different rates stays so where they meet again.
    """
    return tuple(
        old
        if old and new and old.remarks & UNKNOWN and new.remarks & PER_POSITION
        else new._replace(axis=old.axis, remarks=new.remarks | old.remarks & ALONE)
        if old and new and old.remarks & new.remarks & COLLAPSED and new.axis is None
        else new
        for old, new in zip(states, seen, strict=True)
    )


def _elsewhere(
    facts: Facts, order: Rearrangement, operand: Shape, layer: Layer, needed: bool, effort: Effort
) -> Layer:
    """What a node sees whose elements come from elsewhere."""
    source, target, channels = operand.axes, facts.output.axes, operand.channels
    runs = layer.runs or one_run(channels, layer.states)
    mixed = len(runs.kinds) > 1 or bool(layer.mixed)
    if mixed and shows_channels(order):
        runs, mixed = one_run(channels, _bounded(layer.states, layer.mixed)), False
    if not mixed:
        before = runs.states[0]
        assert before is not None
        after = rearranged(before, order, source, target, effort)
        seen = without_channels(after, target, effort)
        states = tuple(
            all_see._replace(axis=state and state.axis)
            if all_see and old and new and in_channels(old) and in_channels(new)
            else state
            for all_see, old, new, state in zip(layer.states, before, after, seen, strict=True)
        )
        told_apart = needed and has_digits(after)
        return Layer(states, one_run(facts.output.channels, after) if told_apart else None)
    states = rearranged(layer.states, order, source, target, effort)
    states = without_channels(states, target, effort)
    if layer.mixed or not needed:
        return Layer(states, None, layer.mixed)
    reads = facts.reads
    if not reads or not is_identity(reads[0]) or len(order.source[-1]) != 2:
        return Layer(states, None, "its channels are put in another order")
    try:
        return Layer(states, shuffled(runs, *order.source[-1], effort))
    except MixedError as reason:
        return Layer(states, None, str(reason))


def _bounded(states: States, reason: str) -> States:
    """What some channels see of a layer whose channels are not told apart: at most what all of them see.

    Unknown where positions are collapsed or a path is global: perhaps in the other channels alone; and where
    positions that channels lead may be those of one channel or of all.
    """
    return tuple(
        not_told(state, reason)
        if state and state.remarks & (COLLAPSED | GLOBAL | MIXED)
        else state and state._replace(remarks=state.remarks | BOUND, reason=state.reason or reason)
        for state in states
    )


def behind(
    facts: Facts,
    widths: Sequence[Size],
    states: States,
    views: Sequence[Layer],
    joined: Union,
    together: Union,
    effort: Effort,
) -> Layer:
    """A node as a layer whose channels are told apart, given its states and what it sees of each operand.

    widths: the channels of the operands.  joined: what operands see that meet in one channel; together:
    the union over channels.
    """
    mixed = next((view.mixed for view in views if view.mixed), "")
    if mixed:
        return Layer(states, None, mixed)
    if any(state is not None and state.remarks & PER_POSITION for state in states):
        return Layer(states, None, "its branches advance at different rates")
    runs = [view.runs or one_run(width, view.states) for width, view in zip(widths, views, strict=True)]
    try:
        combined = _combined(facts, runs, widths, joined, effort)
        if facts.data_dependent:
            combined = mapped(combined, data_decides, effort)
    except MixedError as reason:
        return Layer(states, None, str(reason))
    apart = [
        old
        for kind in combined.states
        for old, new in zip(states, kind or (), strict=False)
        if old and new and new.remarks & UNKNOWN and not old.remarks & UNKNOWN
    ]
    if apart:
        mixed = "its channels do not go by the same positions"
        untold = facts.gate and any(old.remarks & GLOBAL for old in apart)
        return Layer(_bounded(states, mixed) if untold else states, None, mixed)
    if facts.gate:
        # Whose path is global depends on what meets in each channel; what is not known stays so.
        kinds = [without_channels(each, facts.output.axes, effort) for each in combined.states if each]
        states = tuple(
            old if old and old.remarks & UNKNOWN else new
            for old, new in zip(states, _left(together(kinds), states), strict=True)
        )
    if len(combined.kinds) == 1 and combined.states[0] == states:
        return Layer(states)
    return Layer(states, combined)


def _combined(
    facts: Facts, operands: Sequence[Runs], widths: Sequence[Size], union: Union, effort: Effort
) -> Runs:
    """The runs behind a node, given those of its operands as it reads them.  Raises MixedError.

    widths: the channels of the operands.
    """
    if facts.channels == "stack":
        return side_by_side(operands, effort)
    if facts.channels == "some":
        alike = [
            runs.states[0] for runs in operands if len(runs.kinds) == 1 and not has_digits(runs.states[0])
        ]
        if len(alike) < len(operands):
            raise MixedError("which of the channels it reads is not followed")
        operands = [one_run(facts.output.channels, states) for states in alike]
    if facts.channels == "group":
        if facts.data_dependent and any(len(runs.kinds) > 1 for runs in operands[1:]):
            raise MixedError("its offsets do not all see the same")
        pairs = zip(operands, widths, strict=True)
        operands = [_of_groups(facts, runs, width, union, effort) for runs, width in pairs]
    return element_wise(operands, union, effort) if len(operands) > 1 else operands[0]


def _of_groups(facts: Facts, runs: Runs, channels: Size, union: Union, effort: Effort) -> Runs:
    """The runs of an operand that is read in groups.  Raises MixedError."""
    if facts.groups is None:
        raise MixedError("each of its channels reads those beside it")
    read, made = channels // facts.groups, facts.output.channels // facts.groups
    if any(map(has_digits, runs.states)) and not read == made == 1:
        raise MixedError("its groups read channels that positions became")
    if len(runs.kinds) == 1 and runs.states[0] is not None:
        return one_run(facts.output.channels, runs.states[0])
    return grouped(runs, read, made, union, effort)
