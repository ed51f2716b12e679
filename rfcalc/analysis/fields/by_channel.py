"""What each channel of a layer sees, where some later layer asks for it (see runs)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import Effort
from rfcalc.analysis.fields.axis_state import (
    BOUND,
    COLLAPSED,
    GLOBAL,
    PER_POSITION,
    UNKNOWN,
    Axes,
    Reads,
    States,
    in_channels,
    is_identity,
    lost,
)
from rfcalc.analysis.fields.runs import (
    OF_A_KIND,
    MixedError,
    Runs,
    element_wise,
    grouped,
    has_digits,
    mapped,
    one_run,
    pay,
    selected,
    shuffled,
    side_by_side,
)
from rfcalc.analysis.fields.taken_apart import by_groups, rearranged, some_channels, without_channels
from rfcalc.analysis.fields.views import Layer, carried
from rfcalc.ops.facts import Facts
from rfcalc.ops.rearrangement import Rearrangement
from rfcalc.shapes import Shape, Size

if TYPE_CHECKING:
    from rfcalc.analysis.fields.runs import Part, Union


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

    try:
        runs = mapped(layer.runs or one_run(operand.channels, layer.states), read, effort)
        if not selects:
            return Layer(states, runs)
        if facts.part is None:
            raise MixedError("it does not say which channels it reads")
        runs = selected(runs, *facts.part, facts.output.channels, _part(facts, effort), effort)
    except MixedError as reason:
        return Layer(_bounded(states, str(reason)) if selects else states, None, str(reason))
    seen = [without_channels(kind, target, effort) for kind in runs.states if kind is not None]
    # Of zeros alone nothing is seen; what all channels see is then as good as any.
    return Layer(union(seen) if seen else states, runs)


def _part(facts: Facts, effort: Effort) -> Part:
    def part(states: States, first: Size, step: int, count: Size) -> States:
        pay(effort, OF_A_KIND)
        return some_channels(states, first, step, count, target=facts.output.axes, effort=effort)

    return part


def _elsewhere(
    facts: Facts, order: Rearrangement, operand: Shape, layer: Layer, needed: bool, effort: Effort
) -> Layer:
    """What a node sees whose elements come from elsewhere."""
    source, target, channels = operand.axes, facts.output.axes, operand.channels
    runs = layer.runs or one_run(channels, layer.states)
    mixed = len(runs.kinds) > 1 or bool(layer.mixed)
    if mixed and facts.spreads_channels:
        # Each channel sees at most what all of them see, if their positions are told from channels at all.
        told = not layer.mixed and not any(map(has_digits, runs.states))
        states = layer.states if told else _without_collapsed(layer.states, source, target)
        runs, mixed = one_run(channels, _bounded(states, layer.mixed)), False
    if not mixed:
        before = runs.states[0]
        assert before is not None
        after = rearranged(before, order, source, target, effort)
        seen = without_channels(after, target, effort)
        states = tuple(
            all_see if old and new and in_channels(old) and in_channels(new) else state
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
        return Layer(states, shuffled(runs, *order.source[-1], _part(facts, effort), effort))
    except MixedError as reason:
        return Layer(states, None, str(reason))


def _without_collapsed(states: States, source: Axes, target: Axes) -> States:
    """The states, unknown where no position is left: by which of the channels they went is not known."""
    return tuple(
        lost(state, source, target)._replace(remarks=UNKNOWN | state.remarks & GLOBAL)
        if state is not None and state.remarks & COLLAPSED
        else state
        for state in states
    )


def _bounded(states: States, reason: str) -> States:
    return tuple(
        state and state._replace(remarks=state.remarks | BOUND, reason=state.reason or reason)
        for state in states
    )


def behind(
    facts: Facts,
    widths: Sequence[Size],
    states: States,
    views: Sequence[Layer],
    union: Union,
    effort: Effort,
) -> Layer:
    """A node as a layer whose channels are told apart, given its states and what it sees of each operand.

    widths: the channels of the operands.
    """
    mixed = next((view.mixed for view in views if view.mixed), "")
    if mixed:
        return Layer(states, None, mixed)
    if any(state is not None and state.remarks & PER_POSITION for state in states):
        return Layer(states, None, "its branches advance at different rates")
    runs = [view.runs or one_run(width, view.states) for width, view in zip(widths, views, strict=True)]
    try:
        combined = _combined(facts, runs, widths[0], union, effort)
    except MixedError as reason:
        return Layer(states, None, str(reason))
    if any(
        old and new and new.remarks & UNKNOWN and not old.remarks & UNKNOWN
        for kind in combined.states
        for old, new in zip(states, kind or (), strict=False)
    ):
        return Layer(states, None, "its channels do not go by the same positions")
    if len(combined.kinds) == 1 and combined.states[0] == states:
        return Layer(states)
    return Layer(states, combined)


def _combined(facts: Facts, operands: Sequence[Runs], channels: Size, union: Union, effort: Effort) -> Runs:
    """The runs behind a node, given those of its operands as it reads them.  Raises MixedError.

    channels: of the first operand.
    """
    if facts.channels == "stack":
        return side_by_side(operands, effort)
    if len(operands) > 1:
        return element_wise(operands, union, _part(facts, effort), effort)
    runs = operands[0]
    if facts.channels != "group":
        return runs
    if facts.groups is None:
        raise MixedError("each of its channels reads those beside it")
    read, made = channels // facts.groups, facts.output.channels // facts.groups
    if len(runs.kinds) == 1 and runs.states[0] is not None:
        moved = by_groups(runs.states[0], read, made, facts.output.axes, effort)
        return one_run(facts.output.channels, moved)
    if any(map(has_digits, runs.states)):
        raise MixedError("its groups read channels that positions became")
    return grouped(runs, read, made, union, effort)
