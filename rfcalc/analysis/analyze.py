"""The analysis of a graph: every layer's figures from its facts, and their totals."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.analysis.fields.receptive_field import NodeField, receptive_fields
from rfcalc.analysis.figures import COUNTS, total
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis, Totals
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.facts import Facts
from rfcalc.shapes import Shape


def analyze_graph(graph: Graph, batch: int = 1) -> NetworkAnalysis:
    """Every layer's figures for `batch` examples, and their totals."""
    fields = receptive_fields(graph)
    first = len(graph.inputs)
    layers = tuple(
        analyze_layer(node, node.facts, shapes_read(graph, node), batch, fields.nodes, place)
        for place, node in enumerate(graph.nodes[first:], first)
    )
    return NetworkAnalysis(graph, batch, layers, totals_of(layers), fields)


def shapes_read(graph: Graph, node: Node) -> tuple[Shape, ...]:
    """The shapes of a node's operands."""
    return tuple(graph.nodes[index].facts.output for index in node.inputs)


def analyze_layer(
    node: Node, facts: Facts, inputs: tuple[Shape, ...], batch: int, fields: Sequence[NodeField], place: int
) -> LayerAnalysis:
    """The figures of a layer that has these facts, since it reads these shapes."""
    output = None if facts.sink else facts.output
    return LayerAnalysis(
        node=node,
        inputs=inputs,
        output=output,
        params=facts.params if node.shared is None else node._replace(facts=facts).own_params,
        macs=None if facts.macs is None else facts.macs * batch,
        work=None if facts.work is None else facts.work.times(batch),
        activations=0 if output is None else output.elements * batch,
        fields=fields,
        place=place,
    )


def totals_of(layers: tuple[LayerAnalysis, ...]) -> Totals:
    """The sums over some layers."""
    costs = [
        each
        for count in COUNTS.values()
        if count.cost and not count.in_bytes
        for each in (count, *count.kinds)
    ]
    sums = {count.name: total(count, layers) for count in costs}
    lacking = [count for count in costs if not sums[count.name].complete]
    unknown = tuple(layer.name for layer in layers if any(count.value(layer) is None for count in lacking))
    return Totals({name: one.known for name, one in sums.items()}, unknown)
