"""What each channel of a layer sees, where some later layer asks for it (see runs)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
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
    MixedError,
    Run,
    Runs,
    element_wise,
    grouped,
    has_digits,
    joined_runs,
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
    own = layer.runs or (Run(operand.channels, layer.states),)

    def read(part: States) -> States:
        return carried(part, reads, source, target, effort)

    runs = _mapped(own, read)
    if not selects:
        return Layer(states, runs)
    try:
        if facts.part is None:
            raise MixedError("it does not say which channels it reads")
        runs = selected(runs, *facts.part, facts.output.channels, _part(facts, effort))
    except MixedError as reason:
        return Layer(_bounded(states, str(reason)), None, str(reason))
    seen = [without_channels(run.states, target, effort) for run in runs if run.states is not None]
    # Of zeros alone nothing is seen; what all channels see is then as good as any.
    return Layer(union(seen) if seen else states, runs)


def _part(facts: Facts, effort: Effort) -> Part:
    return partial(some_channels, target=facts.output.axes, effort=effort)


def _mapped(runs: Runs, change: Callable[[States], States]) -> Runs:
    """The runs with their states changed; those of several runs that are one object are changed once."""
    different = {id(run.states): run.states for run in runs}
    changed = {key: states and change(states) for key, states in different.items()}
    return tuple(Run(run.channels, changed[id(run.states)]) for run in runs)


def _elsewhere(
    facts: Facts, order: Rearrangement, operand: Shape, layer: Layer, needed: bool, effort: Effort
) -> Layer:
    """What a node sees whose elements come from elsewhere."""
    source, target, channels = operand.axes, facts.output.axes, operand.channels
    runs = layer.runs or (Run(channels, layer.states),)
    mixed = len(runs) > 1 or bool(layer.mixed)
    if mixed and facts.spreads_channels:
        # Each channel sees at most what all of them see, if their positions are told from channels at all.
        told = not layer.mixed and not any(map(has_digits, runs))
        states = layer.states if told else _without_collapsed(layer.states, source, target)
        runs, mixed = (Run(channels, _bounded(states, layer.mixed)),), False
    if not mixed:
        assert runs[0].states is not None
        run = Run(facts.output.channels, rearranged(runs[0].states, order, source, target, effort))
        assert run.states is not None
        seen = without_channels(run.states, target, effort)
        states = tuple(
            all_see if old and new and in_channels(old) and in_channels(new) else state
            for all_see, old, new, state in zip(layer.states, runs[0].states, run.states, seen, strict=True)
        )
        return Layer(states, (run,) if needed and has_digits(run) else None)
    states = rearranged(layer.states, order, source, target, effort)
    states = without_channels(states, target, effort)
    if layer.mixed or not needed:
        return Layer(states, None, layer.mixed)
    reads = facts.reads
    if not reads or not is_identity(reads[0]) or len(order.source[-1]) != 2:
        return Layer(states, None, "its channels are put in another order")
    try:
        return Layer(states, shuffled(runs, *order.source[-1], effort, _part(facts, effort)))
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
    runs = [view.runs or (Run(width, view.states),) for width, view in zip(widths, views, strict=True)]
    try:
        combined = _combined(facts, runs, union, effort)
    except MixedError as reason:
        return Layer(states, None, str(reason))
    if any(
        old and new and new.remarks & UNKNOWN and not old.remarks & UNKNOWN
        for run in combined
        for old, new in zip(states, run.states or (), strict=False)
    ):
        return Layer(states, None, "its channels do not go by the same positions")
    if len(combined) == 1 and combined[0].states == states:
        return Layer(states)
    return Layer(states, combined)


def _combined(facts: Facts, operands: Sequence[Runs], union: Union, effort: Effort) -> Runs:
    """The runs behind a node, given those of its operands as it reads them.  Raises MixedError."""
    if facts.channels == "stack":
        return side_by_side(operands)
    if len(operands) > 1:
        return element_wise(operands, union, _part(facts, effort))
    runs = operands[0]
    if facts.channels != "group":
        return runs
    if facts.groups is None:
        raise MixedError("each of its channels reads those beside it")
    channels: Size = 0
    for run in runs:
        channels = channels + run.channels
    read, made = channels // facts.groups, facts.output.channels // facts.groups
    if len(runs) == 1 and runs[0].states is not None:
        moved = by_groups(runs[0].states, read, made, facts.output.axes, effort)
        return (Run(facts.output.channels, moved),)
    if any(has_digits(run) for run in runs):
        raise MixedError("its groups read channels that positions became")
    return grouped(joined_runs(runs), read, made, union)
