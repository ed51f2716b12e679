"""The layers of a graph as a tree: the scopes of the description that hold together when they run."""

from __future__ import annotations

from typing import TypeAlias

from rfcalc.graph.ir import Graph
from rfcalc.records import NamedTuple

# A layer, by its index in the graph, or a scope.
SpanItem: TypeAlias = "int | LayerSpan"


class LayerSpan(NamedTuple):
    """A scope whose layers stand one behind the other: those from `first` to before `last`.

    path: its name; "" for the network.  label: the name of the block that it is a call of, else "".
    operands, results: the layers that are read from outside, and those that are read there.
    shared: the first layer of the part whose modules it uses; -1 where it has its own.
    """

    path: str
    label: str
    first: int
    last: int
    items: tuple[SpanItem, ...]
    operands: tuple[int, ...]
    results: tuple[int, ...]
    shared: int = -1


def span_tree(graph: Graph) -> LayerSpan:
    """The network as a tree."""
    spans: dict[str, tuple[int, int, int]] = {}
    for index in range(len(graph.inputs), len(graph.nodes)):
        for scope in graph.scopes_around(graph.nodes[index].name):
            first, _, count = spans.get(scope, (index, index, 0))
            spans[scope] = first, index + 1, count + 1
    # A scope whose layers do not stand together is none: its layers belong to the scope around it.
    whole = {scope: (first, last) for scope, (first, last, count) in spans.items() if last - first == count}
    readers: dict[int, int] = {index: len(graph.nodes) for index in graph.outputs}
    for index, node in enumerate(graph.nodes):
        for operand in node.inputs:
            readers[operand] = max(readers.get(operand, 0), index)
    return _part(graph, whole, readers, "", len(graph.inputs), len(graph.nodes))


def _part(
    graph: Graph, whole: dict[str, tuple[int, int]], readers: dict[int, int], path: str, first: int, last: int
) -> LayerSpan:
    items: list[SpanItem] = []
    index = first
    while index < last:
        inner = next(
            (
                scope
                for scope in graph.scopes_around(graph.nodes[index].name)
                if scope in whole
                and whole[scope][0] == index
                and whole[scope][1] <= last
                and _below(scope, path)
            ),
            None,
        )
        if inner is None:
            items.append(index)
            index += 1
        else:
            items.append(_part(graph, whole, readers, inner, *whole[inner]))
            index = whole[inner][1]
    operands: dict[int, None] = {}
    if path:
        for number in range(first, last):
            operands.update(dict.fromkeys(each for each in graph.nodes[number].inputs if each < first))
    else:
        operands = dict.fromkeys(graph.inputs)
    results = tuple(number for number in range(first, last) if readers.get(number, -1) >= last)
    # What nobody reads runs all the same, and a module returns something.
    results = results or (last - 1,)
    if not path:
        results = tuple(dict.fromkeys(graph.outputs))
    group = graph.scopes.get(path)
    label = group.label if group is not None and group.is_call else ""
    found = LayerSpan(path, label, first, last, tuple(items), tuple(operands), results)
    return found._replace(items=_with_shared(graph, found))


def _below(scope: str, path: str) -> bool:
    return not path or scope.startswith(f"{path}.")


def _span(item: SpanItem) -> tuple[int, int]:
    return (item, item + 1) if isinstance(item, int) else (item.first, item.last)


def _with_shared(graph: Graph, part: LayerSpan) -> tuple[SpanItem, ...]:
    """The items of a part, those that use the modules of another one told."""
    spans = {_span(item) for item in part.items}
    found: list[SpanItem] = []
    for item in part.items:
        first, last = _span(item)
        outside = [
            (index, shared)
            for index in range(first, last)
            if (shared := graph.nodes[index].shared) is not None and not first <= shared < last
        ]
        # Whoever stands further out sees both, or nobody does.
        if not outside or not isinstance(item, LayerSpan):
            found.append(item)
            continue
        offset = outside[0][0] - outside[0][1]
        learning = [index for index in range(first, last) if graph.nodes[index].facts.weights]
        alike = (
            all(index - shared == offset for index, shared in outside)
            and all(_same(graph, index, offset, first) for index in range(first, last))
            and {index for index, _ in outside} >= set(learning)
            and (first - offset, last - offset) in spans
            and all(graph.nodes[index].own_params == 0 for index in learning)
        )
        found.append(item._replace(shared=first - offset) if alike else item)
    return tuple(found)


def _same(graph: Graph, index: int, offset: int, first: int) -> bool:
    """Whether a layer and the one so far before it compute the same of the same layers of their parts."""
    one, other = graph.nodes[index], graph.nodes[index - offset]
    inner = [operand - offset if operand >= first else -1 for operand in one.inputs]
    there = [operand if operand >= first - offset else -1 for operand in other.inputs]
    return one.op == other.op and dict(one.arguments) == dict(other.arguments) and inner == there
