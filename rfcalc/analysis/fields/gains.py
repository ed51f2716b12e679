"""How much of the energy of a layer's units an operand gets, but for the taps that it is read through."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from rfcalc.ops.windows import whole
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, exact_quotient

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph
    from rfcalc.ops.facts import Facts
    from rfcalc.shapes import Shape, Size


def gain_of(graph: Graph, index: int, place: int) -> float | None:
    """The logarithm of the gain of an operand of a node.

    It is that of its facts, times the share of the channels that the operand fills; of a product, times the
    squares of the gates beside it.  None where it is not known, depends on a symbol, or is 0.
    """
    node = graph.nodes[index]
    gain = _gain(node.facts, graph.nodes[node.inputs[place]].facts.output)
    if gain is None or not node.facts.gate:
        return gain
    openings = [_opening(graph, other) for number, other in enumerate(node.inputs) if number != place]
    known = [opening for opening in openings if opening is not None]
    return gain + 2 * sum(known) if len(known) == len(openings) else None


def _opening(graph: Graph, index: int) -> float | None:
    """The logarithm of how far a gate stands open at initialisation; None where a node is none."""
    while graph.nodes[index].facts.rearranged is not None and len(graph.nodes[index].inputs) == 1:
        (index,) = graph.nodes[index].inputs
    return _logarithm(graph.nodes[index].facts.opening)


def _gain(facts: Facts, operand: Shape) -> float | None:
    """The logarithm of the gain that facts state, times the share of the channels that an operand fills."""
    gain = _logarithm(facts.gain)
    filled = filled_by(operand, facts)
    if gain is None or filled == facts.output.channels:
        return gain
    share = None if filled is None else _logarithm((filled, facts.output.channels))
    return None if share is None else gain + share


def filled_by(operand: Shape, facts: Facts) -> Size | None:
    """How many channels of a node hold something of an operand; None where that is undecided."""
    if facts.channels == "stack":
        return operand.channels
    if facts.channels != "select" or facts.part is None:
        return facts.output.channels
    (first, step), last = facts.part, facts.output.channels - 1
    try:
        if first >= 0 and first + last * step < operand.channels:
            return facts.output.channels
    except SymbolicError:
        return None
    numbers = whole(first, last, operand.channels)
    if numbers is None:
        return None
    first, last, channels = numbers
    return len(range(max(0, -(first // step)), min(last, (channels - 1 - first) // step) + 1))


def _logarithm(ratio: tuple[Size, Size] | None) -> float | None:
    """The logarithm of a ratio of sizes; None where it is not known, depends on a symbol, or is 0."""
    if ratio is None:
        return None
    above, below = ratio
    if not (isinstance(above, int) and isinstance(below, int)):
        try:
            quotient = exact_quotient(above, below)
        except SymbolicError:
            return None
        if isinstance(quotient, Polynomial):
            return None
        above, below = quotient.numerator, quotient.denominator
    return log(above) - log(below) if above > 0 and below > 0 else None
