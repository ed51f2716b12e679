"""What makes a network deep: layers with weights, non-linearities, and the longest path to an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.ops.axis_maps import IDENTITY
from rfcalc.ops.reads import Along

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph, Node


def weighted(node: Node) -> bool:
    """Whether a layer has weights of two or more dimensions: a convolution, a fully connected layer."""
    return any(len(dimensions) > 1 for dimensions in (node.facts.weights or {}).values())


def depths_of(graph: Graph) -> list[int]:
    """Of each node how many layers with weights the longest path to it has, itself included."""
    depths: list[int] = []
    for node in graph.nodes:
        depths.append(max((depths[operand] for operand in node.inputs), default=0) + weighted(node))
    return depths


def works_in_place(node: Node) -> bool:
    """Whether each unit of a layer reads its own position alone."""
    reads = [read for operand in node.facts.reads or () for read in operand]
    return all(isinstance(read, Along) and read.taps is IDENTITY for read in reads)


def is_nonlinearity(node: Node) -> bool | None:
    """Whether a layer is an element-wise function that is not affine, as all activation functions are.

    Unless its facts say so, addition and multiplication alone make an affine function of each element; to
    compare, to divide by or raise to the element does not.  None where it is not known what the layer does.
    """
    work, facts = node.facts.work, node.facts
    if len(node.inputs) != 1 or facts.channels not in ("each", None) or not works_in_place(node):
        return False
    if work is None or facts.channels is None:
        return None
    if facts.affine is not None:
        return not facts.affine
    return any(count != 0 for count in (work.compare, work.divide, work.exp))


def depth(graph: Graph) -> int | None:
    """How many layers the longest path has; None where it is not known of a layer whether it has weights."""
    known = all(node.facts.weights is not None for node in graph.nodes)
    return len(longest_path(graph)) if known else None


def longest_path(graph: Graph) -> tuple[int, ...]:
    """The layers with weights on one of the paths to an output that have most of them, by index, in order.

    Their number is what papers call the depth: VGG-16 has 16, ResNet-34 34, GoogLeNet 22 (projections of
    shortcuts lie on shorter paths).
    """
    depths: list[int] = []
    before: list[int | None] = []
    for node in graph.nodes:
        longest = max(node.inputs, key=depths.__getitem__, default=None)
        before.append(longest)
        depths.append((0 if longest is None else depths[longest]) + weighted(node))
    found: list[int] = []
    place = max(graph.outputs, key=depths.__getitem__, default=None)
    while place is not None:
        if weighted(graph.nodes[place]):
            found.append(place)
        place = before[place]
    return tuple(reversed(found))
