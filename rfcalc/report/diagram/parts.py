"""What the boxes of a diagram stand for: scopes that are folded, and layers with those that work in place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from rfcalc.analysis.depth import weighted
from rfcalc.graph.layer_spans import LayerSpan, span_tree
from rfcalc.ops.axis_maps import IDENTITY
from rfcalc.ops.reads import Along, local_taps
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph, Node


class DiagramPart(NamedTuple):
    """The layers of one box, by their indices in the graph, in order.

    head: the layer whose box it is; -1 of a scope that is folded.  scope: its path; of several equal ones
    that follow each other the first.  times: how often it is repeated.  results: those of its layers that
    others read, or the last, once edges are known.
    """

    layers: tuple[int, ...]
    head: int = -1
    scope: str = ""
    times: int = 1
    results: tuple[int, ...] = ()


def parts_of(graph: Graph, scope: str, depth: int | None) -> tuple[DiagramPart, ...]:
    """The parts of a scope, "" for the network; depth: scopes so many levels below are folded."""
    layers = [
        index
        for index in range(len(graph.inputs), len(graph.nodes))
        if not scope or graph.nodes[index].name.startswith(f"{scope}.")
    ]
    parts = [*_in_place(graph, layers, ())]
    folded: set[int] = set()
    if depth is not None:
        level = depth + (scope.count(".") + 1 if scope else 0)
        heads = {index: part.head for part in parts for index in part.layers}
        spans = (
            span
            for span in _folded(span_tree(graph), scope, level)
            # What is one box is that of its layer.
            if len({heads[index] for index in range(span.first, span.last)}) > 1
        )
        parts = []
        for run in _runs(graph, spans):
            members = tuple(index for span in run for index in range(span.first, span.last))
            folded.update(members)
            times = len(run) if len(run) > 1 else _turns(graph, run[0])
            parts.append(DiagramPart(members, scope=run[0].path, times=times))
        parts += _in_place(graph, [index for index in layers if index not in folded], folded)
    return tuple(sorted(parts, key=lambda part: part.layers))


def _folded(span: LayerSpan, scope: str, level: int) -> Iterator[LayerSpan]:
    """The scopes within one, so many levels below the top, that are one box each."""
    for item in span.items:
        if isinstance(item, LayerSpan):
            inside = not scope or item.path.startswith(f"{scope}.")
            if inside and item.path.count(".") + 1 >= level:
                yield item
            elif inside or f"{scope}.".startswith(f"{item.path}."):
                yield from _folded(item, scope, level)


def _turns(graph: Graph, span: LayerSpan) -> int:
    """How many turns a folded repeat has that follow each other; 1 of any other scope, as of branches."""
    if graph.scopes[span.path].kind != "repeat":
        return 1
    inner = [item for item in span.items if isinstance(item, LayerSpan)]
    turns = [item for item in inner if graph.scopes[item.path].kind == "turn"]
    follow = all(set(one.results) & set(two.operands) for one, two in pairwise(turns))
    return max(1, len(turns)) if follow else 1


def _runs(graph: Graph, spans: Iterable[LayerSpan]) -> list[list[LayerSpan]]:
    """Folded scopes, those put together that do the same and follow each other in a chain."""
    runs: list[list[LayerSpan]] = []
    for span in spans:
        before = runs[-1][-1] if runs else None
        if before is not None and _repeats(graph, before, span):
            runs[-1].append(span)
        else:
            runs.append([span])
    return runs


def _repeats(graph: Graph, one: LayerSpan, two: LayerSpan) -> bool:
    if one.last != two.first or two.last - two.first != one.last - one.first or one.label != two.label:
        return False
    if two.operands != one.results or len(one.operands) != 1 or len(two.operands) != 1:
        return False
    return all(
        _shape_of(graph, index + one.first, one) == _shape_of(graph, index + two.first, two)
        for index in range(one.last - one.first)
    )


def _shape_of(graph: Graph, index: int, span: LayerSpan) -> tuple[str, dict[str, object], list[int]]:
    """What a layer of a scope does, and which of its layers it reads."""
    node = graph.nodes[index]
    arguments = {name: value for name, value in node.arguments.items() if name not in node.arguments.decided}
    operands = [
        operand - span.first if operand >= span.first else ~span.operands.index(operand)
        for operand in node.inputs
    ]
    return node.op, arguments, operands


def _in_place(graph: Graph, layers: list[int], folded: Collection[int]) -> Iterator[DiagramPart]:
    """Layers, each with those that work in place on what it leaves, or that prepare what it alone reads."""
    nodes, drawn = graph.nodes, set(layers)
    readers: dict[int, list[int]] = {}
    for index in (*layers, *folded):
        for operand in nodes[index].inputs:
            readers.setdefault(operand, []).append(index)
    owner: dict[int, int] = {}
    waiting: list[int] = []
    for index in layers:
        owner[index] = index
        if not works_on_what_it_reads(graph, nodes[index]):
            continue
        (operand,) = nodes[index].inputs
        if operand in drawn and (len(readers[operand]) == 1 or passes_on(nodes[index])):
            owner[index] = _root(owner, operand)
        else:
            waiting.append(index)
    for index in reversed(waiting):
        # What normalises before a layer, and an activation between, belong to that layer.
        reader = readers.get(index, [])
        while len(reader) == 1 and reader[0] in drawn and _root(owner, reader[0]) == index:
            reader = readers.get(reader[0], [])
        if len(reader) == 1 and reader[0] in drawn and len(nodes[reader[0]].inputs) == 1:
            owner[index] = _root(owner, reader[0])
    groups: dict[int, list[int]] = {}
    for index in layers:
        groups.setdefault(_root(owner, index), []).append(index)
    for head, members in groups.items():
        yield DiagramPart(tuple(members), head)


def _root(owner: dict[int, int], index: int) -> int:
    while owner[index] != index:
        owner[index] = owner[owner[index]]
        index = owner[index]
    return index


def passes_on(node: Node) -> bool:
    """Whether a layer hands on what it reads, as dropout does outside of training."""
    return len(node.inputs) == 1 and "unchanged" in find_operator(node.op).traits


def works_on_what_it_reads(graph: Graph, node: Node) -> bool:
    """Whether a layer keeps size and place of what it reads, so that it needs no box of its own.

    So do normalisation, activations, dropout; also a join of one operand, and what writes one position
    differently.
    """
    if len(node.inputs) != 1 or weighted(node) or node.facts.macs != 0:
        return False
    read, output = graph.nodes[node.inputs[0]].facts.output, node.facts.output
    traits = find_operator(node.op).traits
    if "rearranging" in traits and read.positions == 1:
        return read.elements == output.elements and output.positions == 1
    if read != output or node.facts.channels in (None, "shuffle", "select", "stack"):
        return False
    reads = (node.facts.reads or (None,))[0]
    return reads is not None and all(local_taps(read) is IDENTITY for read in reads)


def moves_elements_alone(node: Node) -> bool:
    """Whether a layer takes some of the elements that it reads, as cropping does, or puts others around."""
    if len(node.inputs) != 1 or node.facts.macs != 0 or weighted(node):
        return False
    reads = (node.facts.reads or (None,))[0]
    return (
        reads is not None
        and node.facts.channels in ("each", "select")
        and all(
            isinstance(read, Along) and read.taps.weights == "copied" and read.taps.period == 1
            for read in reads
        )
    )
