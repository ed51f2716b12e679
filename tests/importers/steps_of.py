"""Networks as steps, made of graphs: what an importer would have made of a file of the same network."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import cast

from rfcalc.errors import Source
from rfcalc.graph.build import build
from rfcalc.graph.ir import Graph, Node
from rfcalc.importers.steps import ImportedNetwork, ImportedStep
from rfcalc.ops.attributes import ChannelPadding, PerAxis, SizeReference, SpanValue, Value, Word
from rfcalc.ops.registry import find_operator
from rfcalc.spec.reader import read_network

Pair = tuple[int, int]


def network_of(graph: Graph, name: Callable[[str], str] = str) -> ImportedNetwork:
    """A graph as the steps that it would be imported as; name: what a layer of this name is called there."""
    return ImportedNetwork(
        graph.name, tuple(_step(graph, node, name) for node in graph.nodes), graph.outputs, graph.source
    )


def graph_of(text: str) -> Graph:
    """The graph of a description."""
    return build(read_network(Source("net.yaml", text)))


def _step(graph: Graph, node: Node, name: Callable[[str], str]) -> ImportedStep:
    called = name(node.name)
    owner = called if node.shared is None else name(graph.nodes[node.shared].name)
    learned = {
        role: f"{owner if node.shared is not None and role in node.shares else called}.{role}"
        for role in node.facts.weights or {}
    }
    operator = find_operator(node.op) if node.op != "input" else None
    values = {}
    for attribute, written in node.arguments.written.items():
        assert operator
        if isinstance(written, SizeReference):
            # A file says how large, not as large as what.
            values["size"] = _value(written.shape.axes)
        elif operator.attributes[attribute].required or not operator.attributes[attribute].is_default(
            written
        ):
            span = isinstance(operator.attributes[attribute].kind, ChannelPadding)
            values[attribute] = SpanValue(*cast("Pair", written)) if span else _value(written)
    place = f"node {called!r}"
    return ImportedStep(node.op, node.inputs, values, node.facts.output, called, (), learned, place)


def _entry(converted: object) -> Value:
    """An entry of a list per axis as it is written: of padding a pair, one number where both are equal."""
    if not isinstance(converted, tuple):
        return _value(converted)
    before, after = converted
    return before if before == after else SpanValue(before, after)


def _value(converted: object) -> Value:
    """A converted value as it is written."""
    if isinstance(converted, bool):
        return Word("yes" if converted else "no")
    if isinstance(converted, str):
        return Word(converted)
    if isinstance(converted, SpanValue):
        return converted
    if isinstance(converted, tuple):
        entries = [_entry(one) for one in converted]
        return entries[0] if len(set(entries)) == 1 else PerAxis(entries)
    assert isinstance(converted, int | Fraction), converted
    return converted
