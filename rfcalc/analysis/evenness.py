"""Which divisions of lengths leave a rest, so that the borders of a map are not seen alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import zip_longest

from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.axis_maps import Window
from rfcalc.ops.reads import Along
from rfcalc.shapes import Size

# Padding that follows the size.
_SAME = ("same", "same_lower")


def moved_axes(graph: Graph, starts: Mapping[int, Collection[int]]) -> list[frozenset[int]]:
    """For each node the axes that run along some axes of the inputs; starts: these, by the nodes of inputs.

    An axis whose reading is not known counts as the same axis of the output.
    """
    moved: list[frozenset[int]] = []
    for index, node in enumerate(graph.nodes):
        if not node.inputs:
            moved.append(frozenset(starts.get(index, ())))
            continue
        axes: set[int] = set()
        reads = node.facts.reads or ()
        for operand, read in zip_longest(node.inputs, reads if len(reads) == len(node.inputs) else ()):
            for axis in moved[operand]:
                along = read[axis] if read is not None and axis < len(read) else None
                place = axis if along is None else along.axis
                if place is not None and place < len(node.facts.output.axes):
                    axes.add(place)
        moved.append(frozenset(axes))
    return moved


def with_rests(graph: Graph, starts: Mapping[int, Collection[int]]) -> Iterator[Node]:
    """The layers that leave a rest along axes which run along some axes of the inputs, see `moved_axes`.

    They are those whose windows, at a stride, end before the padded map does or hang over its end; those
    whose padding follows the size (`same`) and is not the same at both ends; croppings to a size that take
    more from one end than from the other.
    """
    moved = moved_axes(graph, starts)
    for node in graph.nodes:
        reads = node.facts.reads
        if not node.inputs or not reads:
            continue
        entering = graph.nodes[node.inputs[0]].facts.output.axes
        lengths = node.facts.output.axes
        if any(
            _leaves_rest(node, read.taps, entering[axis], lengths[read.axis])
            if isinstance(read, Along) and isinstance(read.taps, Window)
            else False
            for axis, read in enumerate(reads[0])
            if axis in moved[node.inputs[0]]
        ) or any(node.facts.uneven[axis] != 0 for axis in moved[node.inputs[0]] if node.facts.uneven):
            yield node


def _leaves_rest(node: Node, window: Window, size: Size, number: Size) -> bool:
    """Whether windows over so many positions, of which there are so many, leave a rest."""
    if window.stride == 1:
        return False
    if node.arguments.word("padding") in _SAME and window.before != window.after:
        return True
    span = window.dilation * (window.kernel - 1) + 1
    rest = size + window.before + window.after - span - (number - 1) * window.stride
    return bool(rest != 0)
