"""The theoretical receptive field of every layer: padding is part of the signal, nothing is clipped.

One pass over the graph in execution order composes, exactly, what each layer reads with what its
operands see (docs/conventions.md).  Only the figures of a layer are kept; its field is dropped
once the last layer that reads it is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeGuard

from rfcalc.analysis.fields.axis_field import ORIGIN, Effort, Field, Outer, Periodic, Whole, rates_agree
from rfcalc.analysis.fields.axis_state import (
    BOUND,
    DATA_DEPENDENT,
    MIXED,
    UNKNOWN,
    State,
    States,
    carried,
    channels_read,
    is_identity,
    merged,
)
from rfcalc.analysis.fields.figures import AxisField, NodeField, Status, axis_field
from rfcalc.analysis.fields.findings import Findings, OffCentre, Remark, Slot
from rfcalc.analysis.fields.supports import Support
from rfcalc.errors import Diagnostic
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.reads import Along, Collapsed

__all__ = ["AxisField", "FieldAnalysis", "NodeField", "Status", "receptive_fields", "unit_support"]


class FieldAnalysis(NamedTuple):
    """The receptive fields of a network.

    nodes: one per node of the graph.
    remarks: the diagnostics, each with its kind and layer; of a kind that occurs often the first few.
    more: of each kind, the further layers of which it holds.
    off_centre: every join of branches that are off-centre to each other.
    network: the index of the node whose field is the field of the network: the last layer before the
        first collapsed axis on the way to the main output; where nothing collapses, the output's.
    """

    nodes: tuple[NodeField, ...]
    remarks: tuple[Remark, ...]
    more: Mapping[str, tuple[int, ...]]
    off_centre: tuple[OffCentre, ...]
    network: int

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the reader of the fields must know; of a kind that occurs often the first few and a count."""
        counted = [Diagnostic(f"{len(nodes)} more {kind}", None, "note") for kind, nodes in self.more.items()]
        return (*[remark.diagnostic for remark in self.remarks], *counted)


def receptive_fields(graph: Graph) -> FieldAnalysis:
    """The receptive field of every layer, per axis of each input of the network.

    Source of the recurrence: Dumoulin and Visin 2016; Araujo, Norris and Sim 2019.
    """
    sweep = _Sweep(graph)
    for index in range(len(graph.nodes)):
        sweep.step(index)
    fields = tuple(sweep.fields)
    found = sweep.findings
    return FieldAnalysis(
        fields, found.remarks(), found.more(), tuple(found.off_centre_joins), _network(graph, fields)
    )


def unit_support(graph: Graph, node: int, unit: int, source: int = 0, axis: int = 0) -> Support | None:
    """The positions along one axis of input number `source` that position `unit` of a node's axis sees.

    None when it sees none.  Where a global path is left out the rest is given.  Raises ValueError
    when the field is unknown or nothing is left of it.
    """
    sweep = _Sweep(graph)
    for index in range(node + 1):
        sweep.step(index)
    states = sweep.states[node]
    state = states[sweep.slots.index(Slot(source, axis))] if states else None
    if state is None or state.field is None:
        raise ValueError(f"{graph.nodes[node].name} has no known field along this axis")
    return state.field.at(unit)


def axis_states(graph: Graph, node: int, source: int = 0, axis: int = 0) -> tuple[State | None, ...]:
    """The state of every node up to one, along one axis of input number `source`; holes are left out.

    None for a node that does not depend on that input.  Raises ValueError when there is no such axis.
    """
    sweep = _Sweep(graph)
    number = sweep.slots.index(Slot(source, axis))
    result: list[State | None] = []
    last: tuple[State, State] | None = None
    for index in range(node + 1):
        sweep.step(index)
        states = sweep.states[index]
        state = states[number] if states else None
        if state is not None:
            # What a layer passes on unchanged stays one object.
            last = (state, last[1] if last and last[0] is state else _without_holes(state))
            state = last[1]
        result.append(state)
    return tuple(result)


def _without_holes(state: State) -> State:
    """The state with the two ends of each support only: masks are what takes memory."""
    field = state.field
    if not isinstance(field, Periodic) or all(seen is None or seen.mask is None for seen in field.supports):
        return state
    ends = tuple(None if seen is None else Support(seen.low, seen.high) for seen in field.supports)
    return state._replace(field=field._replace(supports=ends))


class _Sweep:
    """The pass over the graph.

    slots: the axes of all inputs; states: per node one entry per slot, None once nobody needs it;
    fields: the figures of the nodes done so far.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.findings = Findings(graph)
        self.slots = tuple(
            Slot(source, axis)
            for source, index in enumerate(graph.inputs)
            for axis in range(len(graph.nodes[index].facts.output.axes))
        )
        self.states: list[States | None] = []
        self.fields: list[NodeField] = []
        self._effort = Effort()
        self._sources = {index: source for source, index in enumerate(graph.inputs)}
        self._axes = tuple(node.facts.output.axes for node in graph.nodes)
        last_reader = {index: reader for reader, node in enumerate(graph.nodes) for index in node.inputs}
        self._done_after: dict[int, list[int]] = {}
        for index, reader in last_reader.items():
            self._done_after.setdefault(reader, []).append(index)
        self._figures: tuple[State, AxisField] | None = None

    def step(self, index: int) -> None:
        """Do the next node."""
        node = self.graph.nodes[index]
        if index in self._sources:
            source = self._sources[index]
            states: States = tuple(
                State(slot.axis, ORIGIN) if slot.source == source else None for slot in self.slots
            )
            self._keep(states, False)
            return
        operands = [self.states[operand] or () for operand in node.inputs]
        if len(operands) == 1 and _passes(node, operands[0]):
            self.states.append(operands[0])
            field = self.fields[node.inputs[0]]
            self.fields.append(NodeField(field.inputs) if field.misaligned else field)
        else:
            self._keep(*self._read(index, node, operands))
        for operand in self._done_after.get(index, ()):
            self.states[operand] = None

    def _keep(self, states: States, misaligned: bool) -> None:
        self.states.append(states)
        inputs: list[tuple[AxisField, ...] | None] = []
        place = 0
        for node in self.graph.inputs:
            rank = len(self._axes[node])
            own = [state for state in states[place : place + rank] if state is not None]
            inputs.append(tuple(map(self._figures_of, own)) if len(own) == rank else None)
            place += rank
        self.fields.append(NodeField(tuple(inputs), misaligned))

    def _figures_of(self, state: State) -> AxisField:
        """The figures of a state; those of the last one again when it is the same but for its axis."""
        last = self._figures
        if last and last[0].field == state.field and last[0].remarks == state.remarks:
            return last[1]
        figures = axis_field(state)
        self._figures = (state, figures)
        return figures

    def _read(self, index: int, node: Node, operands: Sequence[States]) -> tuple[States, bool]:
        """The states of a node, and whether it joins branches that are off-centre to each other."""
        facts = node.facts
        target = facts.output.axes
        reads = facts.reads if facts.reads and len(facts.reads) == len(operands) else (None,) * len(operands)
        views = []
        for operand, states, operand_reads in zip(node.inputs, operands, reads, strict=True):
            source = self._axes[operand]
            view = carried(states, operand_reads, source, target, self._effort)
            views.append(
                [
                    state and channels_read(state, facts.channels, operand_reads, source, target)
                    for state in view
                ]
            )
        misaligned = False
        result: list[State | None] = []
        for number, slot in enumerate(self.slots):
            seen = [view[number] for view in views]
            present = [state for state in seen if state is not None]
            if not present:
                result.append(None)
                continue
            before = [states[number] for states in operands]
            state = present[0]
            if len(seen) > 1:
                misaligned |= self._compare(index, slot, before, seen)
                state = merged(present, target, self._effort)
                if facts.channels == "stack" and any(other != seen[0] for other in seen):
                    state = state._replace(remarks=state.remarks | MIXED)
            if facts.data_dependent:
                state = state._replace(remarks=state.remarks | DATA_DEPENDENT)
            self._tell(index, slot, state, before)
            result.append(state)
        return tuple(result), misaligned

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
        if len(running) < 2:
            return False
        if not rates_agree([field for _, field in running.values()]):
            self.findings.different_rates(index, slot, running, self.fields)
            return False
        exact = [
            (operand, axis, field)
            for operand, (axis, field) in running.items()
            if isinstance(field, Periodic) and field.mean_centre is not None
        ]
        centres = tuple(field.mean_centre or (0, 1) for _, _, field in exact)
        if len(set(centres)) < 2:
            return False
        operands, axes = tuple(item[0] for item in exact), tuple(item[1] for item in exact)
        ends_agree = len({field.mean_end for _, _, field in exact}) == 1
        self.findings.off_centre(OffCentre(index, slot, operands, axes, centres, ends_agree))
        return True

    def _tell(self, index: int, slot: Slot, state: State, before: Sequence[State | None]) -> None:
        """Report gaps, and a field that is unknown or a bound, where none of the operands has them."""
        field, remarks = state.field, state.remarks
        if _has_gaps(field) and not any(old and _has_gaps(old.field) for old in before):
            self.findings.gaps(index, slot, field)
        if not remarks & (UNKNOWN | BOUND):
            return
        earlier = 0
        for old in before:
            earlier |= old.remarks if old else 0
        if remarks & UNKNOWN:
            if not earlier & UNKNOWN:
                self.findings.lost(index, slot, state.reason)
        elif not earlier & BOUND:
            many = "its period is too long to follow every phase"
            some = "it takes some of the channels of a join whose branches do not see the same"
            self.findings.bounded(index, slot, many if isinstance(field, Outer) else some)


def _has_gaps(field: Field | Whole | None) -> TypeGuard[Periodic]:
    return isinstance(field, Periodic) and None in field.supports


def _passes(node: Node, states: States) -> bool:
    """Whether the node sees what its one operand sees, along every axis."""
    facts = node.facts
    if not facts.reads or len(facts.reads) != 1 or facts.data_dependent:
        return False
    reads = facts.reads[0]
    if len(reads) != len(facts.output.axes) or not is_identity(reads):
        return False
    if facts.channels in {"each", "group", "stack", "shuffle"}:
        return True
    return not any(state is not None and state.remarks & MIXED for state in states)


def _network(graph: Graph, fields: Sequence[NodeField]) -> int:
    """The node whose field is the field of the network."""
    output = graph.outputs[0] if graph.outputs else len(graph.nodes) - 1
    path = [output]
    while graph.nodes[path[-1]].inputs:
        path.append(_main_operand(graph.nodes[path[-1]], fields))
    last = path[-1]
    for index in reversed(path):
        axes = [axis for field in fields[index].inputs for axis in field or ()]
        if any(axis.collapsed for axis in axes):
            return last
        last = index
    return output


def _main_operand(node: Node, fields: Sequence[NodeField]) -> int:
    """The operand the main path comes from: the first that is not merely broadcast, as a gate is."""
    if len(node.inputs) == 1:
        return node.inputs[0]
    known = [index for index in node.inputs if any(field is not None for field in fields[index].inputs)]
    for index, reads in zip(node.inputs, node.facts.reads or (), strict=False):
        if index in known and any(
            isinstance(read, Along | Collapsed) or (read is not None and read.local is not None)
            for read in reads
        ):
            return index
    return known[0] if known else node.inputs[0]
