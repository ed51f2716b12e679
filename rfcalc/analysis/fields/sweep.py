"""The pass over a graph that works out what every layer sees, along each axis of each input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import lcm
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import ORIGIN, Effort, Field, Outer, Periodic, Whole, rates_agree
from rfcalc.analysis.fields.axis_state import (
    BOUND,
    COLLAPSED,
    GLOBAL,
    PER_POSITION,
    PLACED,
    UNKNOWN,
    Axes,
    OffCentre,
    Reads,
    Slot,
    State,
    States,
    data_decides,
    has_gaps,
    is_identity,
)
from rfcalc.analysis.fields.figures import holes_of
from rfcalc.analysis.fields.supports import Support
from rfcalc.analysis.fields.views import Layer, carried, carried_locally, seen_together, sees_nothing
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.facts import Facts
from rfcalc.ops.reads import Everything
from rfcalc.shapes import Size

if TYPE_CHECKING:
    from rfcalc.analysis.fields.findings import Findings
    from rfcalc.analysis.fields.runs import Runs

_MANY_PHASES = "its period is too long to follow every phase"
_SOME_CHANNELS = "it takes some of the channels of a join whose branches do not see the same"


class Sweep:
    """The pass over the graph.

    findings: what the reader must know, None while that is nothing.
    slots: the axes of all inputs; layers: what the nodes done so far see, without runs and masks once
    nobody needs these; by_channel, needed: see FieldAnalysis; misaligned: the joins of branches that are
    off-centre to each other.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.findings: Findings | None = None
        self.slots = tuple(
            Slot(source, axis)
            for source, index in enumerate(graph.inputs)
            for axis in range(len(graph.nodes[index].facts.output.axes))
        )
        self.layers: list[Layer] = []
        self.by_channel: dict[int, States] = {}
        self.misaligned: set[int] = set()
        self.off_centre: list[OffCentre] = []
        self.effort = Effort()
        # By the identity of the facts, which the graph keeps.
        self._in_place: dict[int, bool] = {}
        self._sources = {index: source for source, index in enumerate(graph.inputs)}
        self._inputs = tuple(
            [number for number, slot in enumerate(self.slots) if slot.source == source]
            for source in range(len(graph.inputs))
        )
        self._planes = tuple(slots for slots in self._inputs if len(slots) > 1)
        self.needed = _needed_by_channel(graph)
        last_reader = {index: reader for reader, node in enumerate(graph.nodes) for index in node.inputs}
        self._done_after: dict[int, list[int]] = {}
        for index in range(len(graph.nodes)):
            self._done_after.setdefault(last_reader.get(index, index), []).append(index)
        # Nodes that pass on what they see share one object, before its masks are dropped and after.
        self._slimmed: tuple[States, States] = ((), ())
        # Along each axis: what was kept last, of which state of a layer of which lengths.
        self._last_slimmed: dict[int, tuple[State, list[Size], State]] = {}

    def _telling(self) -> Findings:
        if self.findings is None:
            # Loaded late: of many networks there is nothing to tell.
            from rfcalc.analysis.fields.findings import Findings

            self.findings = Findings(self.graph)
        return self.findings

    def step(self, index: int) -> None:
        """Do the next node."""
        source = self._sources.get(index)
        if source is None:
            node = self.graph.nodes[index]
            operands = [self.layers[operand] for operand in node.inputs]
            layer = self._passed(index, node, operands) or self._read(index, node, operands)
        else:
            own = [State(slot.axis, ORIGIN) if slot.source == source else None for slot in self.slots]
            layer = Layer(tuple(own))
        self.layers.append(layer)
        for done in self._done_after.get(index, ()):
            self._finish(done)

    def _finish(self, index: int) -> None:
        """Keep of a node what later questions need: not its runs, and of holes only their number."""
        layer = self.layers[index]
        states, runs, _ = layer
        if runs is not None:
            self.by_channel[index] = self._slim(_of_channels(runs), self.axes(index))
        if states is not self._slimmed[0]:
            self._slimmed = states, self._slim(states, self.axes(index))
            for number, (old, new) in enumerate(zip(*self._slimmed, strict=True)):
                if old is not None and new is not None and new.remarks & ~old.remarks & (BOUND | UNKNOWN):
                    self._tell(
                        index,
                        number,
                        new,
                        [self.layers[each].states for each in self.graph.nodes[index].inputs],
                    )
        if runs is not None or layer.mixed or states is not self._slimmed[1]:
            self.layers[index] = Layer(self._slimmed[1])

    def _slim(self, states: States, axes: Axes) -> States:
        """The states as they are kept: along one axis where they can be, and without masks."""
        result = list(states)
        for number, state in enumerate(states):
            if state is None or not (state.digits or _has_masks(state.field)):
                continue
            lengths = [axes[digit.axis] for digit in state.digits if digit.axis in range(len(axes))]
            # Along one axis many layers may see what the layer before does, while they look along others.
            before = self._last_slimmed.get(number)
            if before is None or before[0] != state or before[1] != lengths:
                found = state
                if state.digits:
                    from rfcalc.analysis.fields.taken_apart import along_one_axis

                    found = along_one_axis(state, axes, self.effort)
                slim = _without_mask(found) if _has_masks(found.field) else found
                before = self._last_slimmed[number] = state, lengths, slim
            result[number] = before[2]
        return states if result == list(states) else tuple(result)

    def _passed(self, index: int, node: Node, operands: Sequence[Layer]) -> Layer | None:
        """What a node sees that sees what its one operand sees, along every axis, or nothing at all.

        None for any other.
        """
        facts = node.facts
        if not operands:
            return Layer((None,) * len(self.slots))
        if len(operands) != 1 or not self._reads_in_place(facts):
            return None
        layer, axes = operands[0], facts.output.axes
        # A list of positions ends where the map does, so do digits, and one position that is padded is
        # several: a cut or padding at the end alone counts.
        source = self.axes(node.inputs[0])
        if (
            axes is not source
            and axes != source
            and (
                layer.runs is not None
                or any(
                    state is not None and (state.digits or state.remarks & (PER_POSITION | COLLAPSED))
                    for state in layer.states
                )
            )
        ):
            return None
        if index in self.needed and facts.channels == "select":
            return None
        if layer.runs is None and not layer.mixed:
            return layer
        if facts.channels == "all":
            return Layer(layer.states)
        return layer if facts.channels == "each" else None

    def _reads_in_place(self, facts: Facts) -> bool:
        """Whether a layer of these facts, which equal layers share, reads its one operand in place."""
        found = self._in_place.get(id(facts))
        if found is None:
            stated = facts.reads or ()
            known = len(stated) == 1 and len(stated[0]) == len(facts.output.axes) and not facts.data_dependent
            found = self._in_place[id(facts)] = known and is_identity(stated[0])
        return found

    def _read(self, index: int, node: Node, operands: Sequence[Layer]) -> Layer:
        """What a node sees."""
        facts = node.facts
        stated = facts.reads
        known = stated if stated and len(stated) == len(operands) else (None,) * len(operands)
        views = [
            self._view(index, node, *operand) for operand in zip(node.inputs, operands, known, strict=True)
        ]
        states = self._told(
            index, facts, [layer.states for layer in operands], [view.states for view in views]
        )
        told_apart = index in self.needed or (facts.gate and any(view.runs for view in views))
        if not told_apart or facts.channels == "all":
            return Layer(states)
        from rfcalc.analysis.fields.by_channel import behind

        widths = [self.graph.nodes[operand].facts.output.channels for operand in node.inputs]
        joined, together = self._union_for(facts, joining=True), self._union_for(facts)
        layer = behind(facts, widths, states, views, joined, together, self.effort)
        return layer if index in self.needed else Layer(layer.states)

    def _view(self, index: int, node: Node, operand: int, layer: Layer, reads: Reads | None) -> Layer:
        """What a node sees of one operand, by channel where that is needed."""
        if (
            layer.runs is not None
            or layer.mixed
            or (node.facts.channels == "select" and index in self.needed)
            or (node.facts.rearranged is not None and self._takes_apart(index, layer, reads))
        ):
            from rfcalc.analysis.fields.by_channel import view_by_channel

            source, facts = self.graph.nodes[operand].facts.output, node.facts
            needed = index in self.needed or facts.gate
            return view_by_channel(facts, source, layer, reads, needed, self._union_for(facts), self.effort)
        axes, target = self.axes(operand), node.facts.output.axes
        seen = carried(layer.states, reads, axes, target, self.effort)
        if reads is not None and Everything in map(type, reads):
            blind = [
                slot
                for slots in self._inputs
                if any(sees_nothing(layer.states[slot], axes) for slot in slots)
                for slot in slots
            ]
            if blind:
                seen = carried_locally(layer.states, seen, blind, reads, axes, target, self.effort)
        return Layer(seen)

    def _takes_apart(self, index: int, layer: Layer, reads: Reads | None) -> bool:
        """Whether more is known of a rearrangement than how each axis is read."""
        return (
            index in self.needed
            or self.graph.nodes[index].facts.spreads_channels
            or reads is None
            or None in reads
            or any(
                state is not None and state.axis is None and not state.remarks & UNKNOWN
                for state in layer.states
            )
        )

    def _union_for(self, facts: Facts, *, joining: bool = False) -> Callable[[Sequence[States]], States]:
        """The union of what channels, or joining operands, of a layer with these facts see."""
        return partial(
            seen_together,
            planes=self._planes,
            target=facts.output.axes,
            effort=self.effort,
            gate=joining and facts.gate,
            successive=joining and facts.successive,
        )

    def axes(self, index: int) -> Axes:
        """The axes of a node."""
        return self.graph.nodes[index].facts.output.axes

    def _told(self, index: int, facts: Facts, before: Sequence[States], views: Sequence[States]) -> States:
        """The union of what the operands of a node see, with what disagrees among them reported."""
        states = views[0]
        if len(views) > 1:
            states = self._union_for(facts, joining=True)(views)
            for number, slot in enumerate(self.slots):
                if states[number] is not None and not facts.successive:
                    old = [each[number] for each in before]
                    if self._compare(index, slot, old, [view[number] for view in views]):
                        self.misaligned.add(index)
        if facts.data_dependent:
            states = data_decides(states)
        for number, state in enumerate(states):
            if state is not None:
                self._tell(index, number, state, before)
        return states

    def _compare(
        self,
        index: int,
        slot: Slot,
        before: Sequence[State | None],
        seen: Sequence[State | None],
    ) -> bool:
        """Report what disagrees among the operands; whether they are off-centre to each other."""
        running: dict[int, tuple[int, Periodic | Outer]] = {}
        for operand, old, new in zip(self.graph.nodes[index].inputs, before, seen, strict=True):
            # A map that is listed position by position has neither rate nor centre.
            if old and new and old.axis is not None and isinstance(new.field, Periodic | Outer):
                running[operand] = (old.axis, new.field)
        if len(running) < 2 or len({id(field) for _, field in running.values()}) == 1:
            return False
        if not rates_agree([field for _, field in running.values()]):
            self._telling().different_rates(index, slot, running)
            return False
        exact = [
            (operand, axis, field, centre)
            for operand, (axis, field) in running.items()
            if isinstance(field, Periodic) and (centre := field.mean_centre) is not None
        ]
        operands, axes, fields, centres = zip(*exact, strict=True) if exact else ((), (), (), ())
        placed = any(new.remarks & PLACED for new in seen if new)
        if len(set(centres)) < 2 or (placed and not self._shifted(fields, centres)):
            return False
        ends_agree = len({field.mean_end for field in fields}) == 1
        self.off_centre.append(OffCentre(index, slot, operands, axes, centres, ends_agree))
        return True

    def _shifted(self, fields: Sequence[Periodic], centres: Sequence[tuple[int, int]]) -> bool:
        """Whether of fields whose mean centres differ no unit stands off to the other side."""
        means = [above / below for above, below in centres]
        first, last = fields[means.index(min(means))], fields[means.index(max(means))]
        units = lcm(first.period, last.period)
        return not self.effort.take(units) or all(
            one.low + one.high <= two.low + two.high
            for unit in range(units)
            if (one := first.at(unit)) and (two := last.at(unit))
        )

    def _tell(self, index: int, number: int, state: State, before: Sequence[States]) -> None:
        """Report gaps, and a field that is unknown or a bound, where none of the operands has them."""
        field, remarks = state.field, state.remarks
        new = remarks & (UNKNOWN | BOUND)
        if not (new or has_gaps(field)):
            return
        slot, earlier = self.slots[number], [old for each in before if (old := each[number])]
        if has_gaps(field) and not any(has_gaps(old.field) for old in earlier):
            self._telling().gaps(index, slot, field)
        if new & UNKNOWN:
            if not any(old.remarks & UNKNOWN for old in earlier):
                self._telling().lost(index, slot, state.reason)
        elif new and not any(old.remarks & BOUND for old in earlier):
            reason = _MANY_PHASES if isinstance(field, Outer) else state.reason or _SOME_CHANNELS
            self._telling().bounded(index, slot, reason)


def _needed_by_channel(graph: Graph) -> frozenset[int]:
    """The nodes of which some later layer reads a part of the channels, multiplies them, or spreads them."""
    needed: set[int] = set()
    for index in range(len(graph.nodes) - 1, -1, -1):
        node = graph.nodes[index]
        facts = node.facts
        if (
            facts.channels in ("select", None)
            or facts.spreads_channels
            or facts.gate
            or (index in needed and facts.channels != "all")
        ):
            needed.update(node.inputs)
    return frozenset(needed)


def _of_channels(runs: Runs) -> States:
    """What the first channels that see anything see; nothing where others collapse what these do not."""
    result: list[State | None] = []
    for states in zip(*(kind for kind in runs.states if kind is not None), strict=True):
        seeing = [state for state in states if state is not None]
        if len({state.remarks & (COLLAPSED | GLOBAL) for state in seeing}) > 1:
            return ()
        result.append(seeing[0] if seeing else None)
    return tuple(result)


def _has_masks(field: Field | Whole | None) -> bool:
    if isinstance(field, Periodic):
        return any(seen is not None and seen.mask for seen in field.supports)
    return isinstance(field, Whole) and field.support is not None and bool(field.support.mask)


def _without_mask(state: State) -> State:
    """The state with the ends of each support only: masks are what takes memory; holes are counted."""
    field = state.field
    if isinstance(field, Periodic):
        ends = tuple(None if seen is None else Support(seen.low, seen.high) for seen in field.supports)
        return state._replace(field=field._replace(supports=ends), holes=holes_of(field))
    assert isinstance(field, Whole)
    assert field.support is not None
    return state._replace(field=Whole(Support(*field.support[:2])), holes=holes_of(field))
