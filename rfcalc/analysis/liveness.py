"""How many elements must be held at once while the layers of a network run one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.symbolic.polynomial import SymbolicError, sum_of

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph
    from rfcalc.shapes import Size


def peak_activations(graph: Graph, batch: int = 1) -> Size | None:
    """The most elements that are alive at once, of `batch` examples.

    Layers run in the order of the graph.  The inputs of the network are there from the start.  The output of
    a layer is made while all that it reads is still there, and is kept until the last layer that reads it has
    run; the outputs of the network are kept to the end.  No layer works in place, and none needs room of its
    own. So of a chain it is the most that a layer has of input and output together.
    None where it depends on the values of symbols which of two sums is the larger.
    """
    last = {operand: reader for reader, node in enumerate(graph.nodes) for operand in node.inputs}
    inputs = frozenset(graph.inputs)
    last.update(dict.fromkeys(graph.outputs, len(graph.nodes)))
    done_after: dict[int, list[int]] = {}
    for index in range(len(graph.nodes)):
        done_after.setdefault(last.get(index, index), []).append(index)
    alive: Size = sum_of([graph.nodes[index].facts.output.elements for index in graph.inputs])
    sums: dict[Size, None] = {alive: None}
    for index, node in enumerate(graph.nodes):
        if index not in inputs and not node.facts.sink:
            alive = alive + node.facts.output.elements
            sums[alive] = None
        for done in done_after.get(index, ()):
            if not graph.nodes[done].facts.sink:
                alive = alive - graph.nodes[done].facts.output.elements
    try:
        return _largest(sums) * batch
    except SymbolicError:
        return None


def _largest(sums: dict[Size, None]) -> Size:
    """The largest of some sums, for all values of the symbols; raises SymbolicError where none is."""
    most: Size = 0
    for each in sums:
        if each >= most:
            most = each
        elif not most >= each:
            raise SymbolicError("which sum is the largest depends on the symbols")
    return most
