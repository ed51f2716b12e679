"""What a join computes, written out: sums, products and complements of the layers that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rfcalc.ops.registry import MODULE_OF, find_operator
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph
    from rfcalc.ops.operator import ElementWise

_SIGNS: dict[ElementWise, str] = {"sum": " + ", "difference": " − ", "product": " · ", "quotient": " / "}
# What is longer is no formula that anybody reads.
_MOST_TERMS = 8
_DEEPEST = 4


class KnownBlock(NamedTuple):
    """A block that textbooks have a formula for.

    kind: "residual", y = F(x) + x, or "highway", y = F(x) · T(x) + x · (1 − T(x)).
    parts: the nodes that end F ("transform") and T ("gate"), and x ("carried").
    """

    kind: str
    parts: Mapping[str, int]


def joined_at(graph: Graph, node: int, within: str) -> int:
    """Where a block joins its branches: its last layer, or behind it what activations alone follow.

    within: the block's name; a layer that is no block's is itself.
    """
    place = node
    while within and graph.nodes[place].name.startswith(f"{within}."):
        if _arithmetic(graph, place):
            return place
        inputs = graph.nodes[place].inputs
        if len(inputs) != 1 or _traits(graph, place) & {"convolution", "dense", "join"}:
            break
        place = inputs[0]
    return node


def formula_of(graph: Graph, node: int) -> str:
    """The arithmetic of a join with the names of layers: `relu1 · T + pool1 · (1 − T)`; "" for no join."""
    if len(graph.nodes[node].inputs) < 2 or not _arithmetic(graph, node):
        return ""
    terms: list[int] = []
    text = _written(graph, node, 0, terms)
    return text if len(terms) <= _MOST_TERMS else ""


def block_of(graph: Graph, node: int) -> KnownBlock | None:
    """The kind of block that a sum ends, if it is one of those that textbooks have formulas for."""
    inputs = graph.nodes[node].inputs
    if _arithmetic(graph, node) != "sum" or len(inputs) != 2:
        return None
    for transformed, carried in (inputs, inputs[::-1]):
        found = _highway(graph, transformed, carried)
        if found or (_reads(graph, transformed, carried) and not _arithmetic(graph, transformed)):
            return found or KnownBlock("residual", {"transform": transformed, "carried": carried})
    return None


def _highway(graph: Graph, transformed: int, carried: int) -> KnownBlock | None:
    """F · T beside x · (1 − T), where F and T come from x."""
    if _arithmetic(graph, transformed) != "product" or _arithmetic(graph, carried) != "product":
        return None
    for gate in graph.nodes[transformed].inputs:
        others = [node for node in graph.nodes[transformed].inputs if node != gate]
        carry = [node for node in graph.nodes[carried].inputs if _complement_of(graph, node) == gate]
        kept = [node for node in graph.nodes[carried].inputs if node not in carry]
        if len(others) == len(carry) == len(kept) == 1 and all(
            _reads(graph, node, kept[0]) for node in (*others, gate)
        ):
            return KnownBlock("highway", {"transform": others[0], "gate": gate, "carried": kept[0]})
    return None


def _complement_of(graph: Graph, node: int) -> int | None:
    return graph.nodes[node].inputs[0] if _arithmetic(graph, node) == "complement" else None


def _reads(graph: Graph, node: int, source: int) -> bool:
    """Whether a layer comes from an earlier one."""
    return node != source and source in graph.ancestors(node)


def _written(graph: Graph, node: int, depth: int, terms: list[int]) -> str:
    """A layer's arithmetic as text, in parentheses where it stands within other arithmetic."""
    kind = _arithmetic(graph, node)
    inputs = graph.nodes[node].inputs
    if (
        not kind
        or depth == _DEEPEST
        or len(terms) > _MOST_TERMS
        or (kind != "complement" and len(inputs) < 2)
    ):
        terms.append(node)
        return graph.nodes[node].name
    each = [_written(graph, operand, depth + 1, terms) for operand in inputs]
    text = f"1 − {each[0]}" if kind == "complement" else _SIGNS[kind].join(each)
    binds = kind in ("product", "quotient")
    return text if depth == 0 or (binds and depth == 1) else f"({text})"


def _arithmetic(graph: Graph, node: int) -> ElementWise:
    op = graph.nodes[node].op
    return find_operator(op).arithmetic if op in MODULE_OF else ""


def _traits(graph: Graph, node: int) -> frozenset[str]:
    op = graph.nodes[node].op
    return find_operator(op).traits if op in MODULE_OF else frozenset()
