"""Conditions on the figures of a network: comparisons joined by `and`, such as `params <= 136M`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.figures import FIGURES, count_of, find_figure
from rfcalc.errors import nearest, quoted
from rfcalc.ops.attributes import Value, format_value
from rfcalc.spec.evaluate import evaluate
from rfcalc.spec.expressions import Chain, Expression
from rfcalc.spec.tokens import ExpressionError
from rfcalc.symbolic.polynomial import Polynomial

if TYPE_CHECKING:
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.spec.syntax import Formula
    from rfcalc.symbolic.polynomial import Exact

# The signs of left - right with which a comparison holds.
_SIGNS = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1), "==": (0,)}


class Comparison(NamedTuple):
    """One comparison.

    left_text and right_text: both sides as written; left and right: their values.
    start and end: between which characters of the condition it stands.
    """

    left_text: str
    operator: str
    right_text: str
    left: Exact
    right: Exact
    start: int
    end: int

    @property
    def text(self) -> str:
        """The comparison as written."""
        return f"{self.left_text} {self.operator} {self.right_text}"

    def holds(self, symbol: str, value: int) -> bool:
        """Whether it holds at a value of its symbol."""
        difference = at(self.left, symbol, value) - at(self.right, symbol, value)
        return self.allows((difference > 0) - (difference < 0))

    def allows(self, sign: int) -> bool:
        """Whether it holds where left - right has this sign."""
        return sign in _SIGNS[self.operator]


def at(number: Exact, symbol: str, value: int) -> Exact:
    """The number with a value in place of a symbol."""
    return number.evaluate({symbol: value}) if isinstance(number, Polynomial) else number


def comparisons(
    condition: Formula, network: NetworkAnalysis, size: int, values: Mapping[str, int] = {}
) -> tuple[Comparison, ...]:
    """The comparisons of a condition, in its order; `a <= b <= c` is two.

    size: the bytes of one number.  values: numbers for names that the network does not know.
    Raises ExpressionError, with a place in the condition.
    """
    names = _Figures(network, size, values)
    text = condition.scalar.text[condition.offset :]
    return tuple(
        Comparison(
            text[left.start : left.end],
            operator,
            text[right.start : right.end],
            _side(left, names),
            _side(right, names),
            left.start,
            right.end,
        )
        for left, operator, right in _pairs(condition.tree)
    )


class _Unknown(Exception):
    """A figure that is not known."""


class _Figures:
    """What names mean in a condition: figures of the network, its parameters, its symbols."""

    def __init__(self, network: NetworkAnalysis, size: int, values: Mapping[str, int]) -> None:
        self.network = network
        self.size = size
        graph = network.graph
        self.others: dict[str, Value] = {
            **{name: Polynomial.symbol(name) for name in graph.symbols},
            **graph.declared,
            **graph.parameters,
            **values,
        }

    def spend(self, products: int) -> None:
        """A condition is one line, by whoever runs the command: no limit is needed."""

    def value(self, name: str) -> Value | None:
        figure = find_figure(name) or (None if name in self.others else find_figure(name.casefold()))
        if figure is None or not figure.is_count:
            return self.others.get(name)
        count = count_of(figure.name, self.network, self.size)
        if count is None:
            layers = ", ".join(self.network.totals.unknown[:4])
            raise _Unknown(f"{name} is not known: figures are missing of {layers}")
        return count

    def unknown(self, name: str) -> tuple[str, str]:
        counts = [figure.name for figure in FIGURES if figure.is_count]
        hint = nearest(name, [*counts, *self.others])
        return f"no figure is called {quoted(name)}", hint or f"the figures are {', '.join(counts)}"


# Two sides and the operator between them.
_Pair = tuple[Expression, str, Expression]


def _pairs(tree: Expression) -> Iterator[_Pair]:
    if isinstance(tree, Chain) and tree.rest[0][0] == "and":
        for part in (tree.first, *(operand for _, operand in tree.rest)):
            yield from _pairs(part)
        return
    if not isinstance(tree, Chain) or any(operator not in _SIGNS for operator, _ in tree.rest):
        raise ExpressionError(
            "expected a comparison, such as params <= 136M, or several joined by `and`",
            tree.start,
            tree.end,
            "what compares is <=, <, >=, > or ==",
        )
    left = tree.first
    for operator, right in tree.rest:
        yield left, operator, right
        left = right


def _side(tree: Expression, names: _Figures) -> Exact:
    try:
        value = evaluate(tree, names)
    except _Unknown as error:
        raise ExpressionError(str(error), tree.start, tree.end) from None
    if isinstance(value, bool | str | tuple):
        raise ExpressionError(f"expected a number, got {format_value(value)}", tree.start, tree.end)
    return value
