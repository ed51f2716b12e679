"""The order in which the nodes of a graph can run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rfcalc.errors import listed, mistake, quoted
from rfcalc.importers.onnx.model import AttributeValue, Function, ModelGraph, ModelNode

_NAMED = 5


def ordered(graph: ModelGraph | Function) -> tuple[ModelNode, ...]:
    """The nodes of a graph, each behind those whose outputs it reads, otherwise in the order of the file.

    What a graph within a node reads from outside, its node reads.  Tensors that no node makes are taken to be
    there.  In time that grows with the size of the graph.  Raises DescriptionError for nodes in a circle.
    """
    makers = {output: node.place for node in graph.nodes for output in node.outputs if output}
    wanted = [[makers[name] for name in dict.fromkeys(_read(node)) if name in makers] for node in graph.nodes]
    if all(before < place for place, needs in enumerate(wanted) for before in needs):
        return graph.nodes
    order: list[ModelNode] = []
    left = [iter(needs) for needs in wanted]
    # 0: not looked at; 1: waits for the one on top of the pile, or is it; 2: has its place in the order.
    states = [0] * len(wanted)
    for first in range(len(wanted)):
        pile = [first] if not states[first] else []
        while pile:
            place = pile[-1]
            states[place] = 1
            before = next((need for need in left[place] if states[need] < 2), None)
            if before is None:
                states[place] = 2
                order.append(graph.nodes[pile.pop()])
            elif states[before]:
                circle = [graph.nodes[waiting] for waiting in pile[pile.index(before) :]]
                raise mistake(_circle(circle), None)
            else:
                pile.append(before)
    return tuple(order)


def _read(node: ModelNode) -> Iterator[str]:
    """The names of the tensors that a node reads, those that graphs within it read from outside included."""
    yield from filter(None, node.inputs)
    for value in node.attributes.values():
        for inner in _graphs(value):
            yield from _from_outside(inner)


def _from_outside(graph: ModelGraph) -> Iterator[str]:
    own = {info.name for info in graph.inputs} | graph.stored.keys()
    own.update(output for node in graph.nodes for output in node.outputs)
    for node in graph.nodes:
        yield from (name for name in _read(node) if name not in own)
    yield from (info.name for info in graph.outputs if info.name not in own)


def _graphs(value: AttributeValue) -> Iterable[ModelGraph]:
    if isinstance(value, ModelGraph):
        return (value,)
    if isinstance(value, tuple):
        return [part for part in value if isinstance(part, ModelGraph)]
    return ()


def _circle(nodes: list[ModelNode]) -> str:
    named = [quoted(node.name) if node.name else f"{node.place} ({quoted(node.operator)})" for node in nodes]
    if len(nodes) == 1:
        return f"node {named[0]} reads what it makes"
    shown = listed(named) if len(named) <= _NAMED else f"{', '.join(named[:_NAMED])} … ({len(named):,} nodes)"
    return f"nodes {shown} read each other's outputs in a circle, so none can run first"
