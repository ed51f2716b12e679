"""The theoretical receptive field of every layer: padding is part of the signal, nothing is clipped.

One pass over the graph in execution order composes, exactly, what each layer reads with what its
operands see (docs/conventions.md).  The states of all layers are kept, so that whoever asks later
(the table, explanations, comparisons, rules) never sweeps again; masks of holes are dropped once the
last layer that reads them is done, and only their counts stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_state import COLLAPSED, OffCentre, Slot, State, States
from rfcalc.analysis.fields.figures import AxisField, NodeField, NodeFields, Status
from rfcalc.analysis.fields.sweep import Sweep
from rfcalc.errors import Diagnostic
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.reads import Collapsed, local_taps
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.findings import FieldRemark

__all__ = ["AxisField", "FieldAnalysis", "NodeField", "Status", "receptive_fields"]


class FieldAnalysis(NamedTuple):
    """The receptive fields of a network.

    graph: the network.
    nodes: one per node of the graph, worked out when it is asked for.
    states: what is known of each node along each axis of each input, in the order of `slots`; without
        the masks of holes.
    by_channel: what a channel of a node sees, the first that sees anything, where a later layer asks and
        not all see the same; empty where some channels collapse what others do not.
    needed: the nodes of which a later layer reads a part of the channels, or spreads them over positions.
    remarks: the diagnostics, each with its kind and layer; of a kind that occurs often the first few.
    more: of each kind, the further layers of which it holds.
    off_centre: every join of branches that are off-centre to each other.
    of_outputs: for each output of the network the index of the node whose field is the field of the
        network: the last layer before positions are collapsed for good on the way to that output; where
        nothing collapses, the output itself.
    """

    graph: Graph
    nodes: Sequence[NodeField]
    states: Sequence[States]
    by_channel: Mapping[int, States]
    needed: frozenset[int]
    slots: tuple[Slot, ...]
    remarks: tuple[FieldRemark, ...]
    more: Mapping[str, tuple[int, ...]]
    off_centre: tuple[OffCentre, ...]
    of_outputs: tuple[int, ...]

    @property
    def network(self) -> int:
        """The node whose field is that of the network, as its main output has it."""
        return self.of_outputs[0]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the reader of the fields must know; of a kind that occurs often the first few and a count."""
        counted = [Diagnostic(f"{len(nodes)} more {kind}", None, "note") for kind, nodes in self.more.items()]
        return (*[remark.diagnostic for remark in self.remarks], *counted)

    def state(self, node: int, source: int, axis: int) -> State | None:
        """The state of a node along one axis of input number `source`; None where it does not depend on it.

        Raises ValueError when there is no such axis.
        """
        return self.states[node][self.slots.index(Slot(source, axis))]


def receptive_fields(graph: Graph) -> FieldAnalysis:
    """The receptive field of every layer, per axis of each input of the network.

    Source of the recurrence: Dumoulin and Visin 2016; Araujo, Norris and Sim 2019.
    """
    sweep = Sweep(graph)
    for index in range(len(graph.nodes)):
        sweep.step(index)
    states = tuple([layer.states for layer in sweep.layers])
    fields = NodeFields(graph, states, frozenset(sweep.misaligned))
    found = sweep.findings
    return FieldAnalysis(
        graph=graph,
        nodes=fields,
        states=states,
        by_channel=sweep.by_channel,
        needed=sweep.needed,
        slots=sweep.slots,
        remarks=found.remarks() if found else (),
        more=found.more() if found else {},
        off_centre=tuple(sweep.off_centre),
        of_outputs=_of_outputs(graph, states, sweep.slots),
    )


def _of_outputs(graph: Graph, states: Sequence[States], slots: Sequence[Slot]) -> tuple[int, ...]:
    """For each output the node whose field is that of the network."""
    outputs = graph.outputs or (len(graph.nodes) - 1,)
    return tuple(_before_the_end(graph, output, states, slots) for output in outputs)


def _before_the_end(graph: Graph, output: int, states: Sequence[States], slots: Sequence[Slot]) -> int:
    """The last node on the main path to an output that still has positions along every axis of some input."""
    node = output
    while graph.nodes[node].inputs:
        seen = [(slot.source, state) for slot, state in zip(slots, states[node], strict=True) if state]
        over = {source for source, state in seen if state.remarks & COLLAPSED}
        if not over or any(source not in over for source, _ in seen):
            break
        node = _main_operand(graph.nodes[node], states)
    return node


def _main_operand(node: Node, states: Sequence[States]) -> int:
    """The operand the main path comes from: the first that is not merely broadcast, as a gate is."""
    if len(node.inputs) == 1:
        return node.inputs[0]
    known = [index for index in node.inputs if any(state is not None for state in states[index])]
    for index, reads in zip(node.inputs, node.facts.reads or (), strict=False):
        if index in known and any(isinstance(read, Collapsed) or local_taps(read) for read in reads):
            return index
    return known[0] if known else node.inputs[0]
