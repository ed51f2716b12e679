"""What each channel of a layer sees, where some later layer asks for it (see runs)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rfcalc.analysis.fields.axis_state import (
    BOUND,
    COLLAPSED,
    GLOBAL,
    PER_POSITION,
    UNKNOWN,
    Axes,
    Reads,
    State,
    States,
    carried,
    is_identity,
    lost,
)
from rfcalc.analysis.fields.digits import CHANNELS
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
from rfcalc.analysis.fields.sweep import Layer, Sweep
from rfcalc.analysis.fields.taken_apart import by_groups, rearranged, without_channels
from rfcalc.graph.ir import Node
from rfcalc.shapes import Size


def view_by_channel(
    sweep: Sweep, node: Node, operand: int, layer: Layer, reads: Reads | None, needed: bool
) -> Layer:
    """What a node sees of one operand whose channels do not all see the same, or that it takes apart."""
    if node.facts.rearranged is not None:
        return _elsewhere(sweep, node, operand, layer, needed)
    source, target = sweep.axes(operand), node.facts.output.axes
    states = carried(layer.states, reads, source, target, sweep.effort)
    selects = node.facts.channels in ("select", None)
    if layer.mixed:
        return Layer(_bounded(states, layer.mixed) if selects else states, None, layer.mixed)
    if not (selects or needed):
        return Layer(states)
    own = layer.runs or (Run(sweep.graph.nodes[operand].facts.output.channels, layer.states),)

    def read(part: States) -> States:
        return carried(part, reads, source, target, sweep.effort)

    runs = _mapped(own, read)
    if not selects:
        return Layer(states, runs)
    try:
        if node.facts.part is None:
            raise MixedError("it does not say which channels it reads")
        runs = selected(runs, *node.facts.part, node.facts.output.channels)
    except MixedError as reason:
        return Layer(_bounded(states, str(reason)), None, str(reason))
    seen = [without_channels(run.states, target, sweep.effort) for run in runs if run.states is not None]
    # Of zeros alone nothing is seen; what all channels see is then as good as any.
    return Layer(sweep.union(seen, target) if seen else states, runs)


def _mapped(runs: Runs, change: Callable[[States], States]) -> Runs:
    """The runs with their states changed; those of several runs that are one object are changed once."""
    done: dict[int, States] = {}
    result = []
    for run in runs:
        if run.states is None:
            result.append(run)
            continue
        if id(run.states) not in done:
            done[id(run.states)] = change(run.states)
        result.append(Run(run.channels, done[id(run.states)]))
    return tuple(result)


def _elsewhere(sweep: Sweep, node: Node, operand: int, layer: Layer, needed: bool) -> Layer:
    """What a node sees whose elements come from elsewhere."""
    order = node.facts.rearranged
    assert order is not None
    source, target = sweep.axes(operand), node.facts.output.axes
    channels = sweep.graph.nodes[operand].facts.output.channels
    runs = layer.runs or (Run(channels, layer.states),)
    mixed = len(runs) > 1 or bool(layer.mixed)
    if mixed and node.facts.spreads_channels:
        # Each channel sees at most what all of them see, if their positions are told from channels at all.
        told = not layer.mixed and not any(map(has_digits, runs))
        states = layer.states if told else _without_collapsed(layer.states, source, target)
        runs, mixed = (Run(channels, _bounded(states, layer.mixed)),), False
    if not mixed:
        assert runs[0].states is not None
        run = Run(node.facts.output.channels, rearranged(runs[0].states, order, source, target, sweep.effort))
        assert run.states is not None
        seen = without_channels(run.states, target, sweep.effort)
        states = tuple(
            all_see if old and new and _in_channels(old) and _in_channels(new) else state
            for all_see, old, new, state in zip(layer.states, runs[0].states, run.states, seen, strict=True)
        )
        return Layer(states, (run,) if needed and has_digits(run) else None)
    states = rearranged(layer.states, order, source, target, sweep.effort)
    states = without_channels(states, target, sweep.effort)
    if layer.mixed or not needed:
        return Layer(states, None, layer.mixed)
    reads = node.facts.reads
    if not reads or not is_identity(reads[0]) or len(order.source[-1]) != 2:
        return Layer(states, None, "its channels are put in another order")
    try:
        return Layer(states, shuffled(runs, *order.source[-1], sweep.effort))
    except MixedError as reason:
        return Layer(states, None, str(reason))


def _in_channels(state: State) -> bool:
    """Whether nothing but channels tells apart what is seen, so that their order does not matter."""
    return bool(state.digits) and all(digit.axis == CHANNELS for digit in state.digits)


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


def behind(sweep: Sweep, node: Node, states: States, views: Sequence[Layer]) -> Layer:
    """A node as a layer whose channels are told apart, given its states and what it sees of each operand."""
    mixed = next((view.mixed for view in views if view.mixed), "")
    if mixed:
        return Layer(states, None, mixed)
    if any(state is not None and state.remarks & PER_POSITION for state in states):
        return Layer(states, None, "its branches advance at different rates")
    target = node.facts.output.axes

    def union(parts: Sequence[States]) -> States:
        return sweep.union(parts, target, gate=node.facts.gate)

    runs = [
        view.runs or (Run(sweep.graph.nodes[operand].facts.output.channels, view.states),)
        for operand, view in zip(node.inputs, views, strict=True)
    ]
    try:
        combined = _combined(sweep, node, runs, union, target)
    except MixedError as reason:
        return Layer(states, None, str(reason))
    if any(
        old and new and new.remarks & UNKNOWN and not old.remarks & UNKNOWN
        for run in combined
        for old, new in zip(states, run.states or (), strict=False)
    ):
        return Layer(states, None, "its channels do not go by the same positions")
    if len(combined) == 1 and not has_digits(combined[0]):
        return Layer(states)
    return Layer(states, combined)


def _combined(
    sweep: Sweep,
    node: Node,
    operands: Sequence[Runs],
    union: Callable[[Sequence[States]], States],
    target: Axes,
) -> Runs:
    """The runs behind a node, given those of its operands as it reads them.  Raises MixedError."""
    facts = node.facts
    if facts.channels == "stack":
        return side_by_side(operands)
    if len(operands) > 1:
        return element_wise(operands, union)
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
        moved = by_groups(runs[0].states, read, made, target, sweep.effort)
        return (Run(facts.output.channels, moved),)
    if any(has_digits(run) for run in runs):
        raise MixedError("its groups read channels that positions became")
    return grouped(joined_runs(runs), read, made, union)
