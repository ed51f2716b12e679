"""The analysis of a graph: every layer's figures from its facts, and their totals."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.analysis.fields.receptive_field import NodeField, receptive_fields
from rfcalc.analysis.figures import COUNTS
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis, Totals
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.facts import Facts
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import sum_of


def analyze_graph(graph: Graph, batch: int = 1) -> NetworkAnalysis:
    """Every layer's figures for `batch` examples, and their totals."""
    fields = receptive_fields(graph)
    layers: list[LayerAnalysis] = []
    # Equal layers have one record of facts: what adds up is worked out once for all that share the same.
    alike: dict[tuple[int, int | None, frozenset[str]], list[LayerAnalysis]] = {}
    for place, node in enumerate(graph.layers, len(graph.inputs)):
        inputs = shapes_read(graph, node)
        known = alike.setdefault((id(node.facts), node.shared, node.shares), [])
        if known:
            layer = known[0]._replace(node=node, inputs=inputs, place=place)
        else:
            layer = analyze_layer(node, node.facts, inputs, batch, fields.nodes, place)
        known.append(layer)
        layers.append(layer)
    return NetworkAnalysis(graph, batch, tuple(layers), totals_of([*alike.values()]), fields)


def shapes_read(graph: Graph, node: Node) -> tuple[Shape, ...]:
    """The shapes of a node's operands."""
    return tuple([graph.nodes[index].facts.output for index in node.inputs])


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


def totals_of(alike: Sequence[Sequence[LayerAnalysis]]) -> Totals:
    """The sums over layers that are given in groups of those with the same amounts."""
    costs = [
        each
        for count in COUNTS.values()
        if count.cost and count.adds_up and not count.in_bytes
        for each in (count, *count.kinds)
    ]
    sums: dict[str, Size] = {}
    lacking: set[int] = set()
    for count in costs:
        values = [count.value(layers[0]) for layers in alike]
        lacking |= {group for group, value in enumerate(values) if value is None}
        known = [
            (value, len(layers)) for value, layers in zip(values, alike, strict=True) if value is not None
        ]
        sums[count.name] = sum_of([value * number for value, number in known])
    unknown = sorted([layer for group in lacking for layer in alike[group]], key=lambda layer: layer.place)
    return Totals(sums, tuple([layer.name for layer in unknown]))
