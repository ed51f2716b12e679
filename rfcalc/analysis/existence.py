"""For which values of a symbol a network exists: every number that must be at least 1 is at least 1."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from rfcalc.ops.registry import MODULE_OF, find_operator
from rfcalc.records import NamedTuple
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError
from rfcalc.symbolic.signs import sign_runs

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph
    from rfcalc.shapes import Size

# Past so many ranges of one symbol it is left open which they are.
MOST_RANGES = 100


class ValueRange(NamedTuple):
    """Whole numbers from `first` to `last`; without end where that is None."""

    first: int
    last: int | None

    def meet(self, other: ValueRange) -> ValueRange | None:
        """What both have in common; None when that is nothing."""
        ends = [end for end in (self.last, other.last) if end is not None]
        common = ValueRange(max(self.first, other.first), min(ends) if ends else None)
        return None if common.last is not None and common.last < common.first else common


class Existence(NamedTuple):
    """The values of one symbol for which a network exists, whatever the other symbols are of theirs.

    ranges: in ascending order, with other values between them; none where there is no such value, and None
    where they depend on other symbols as well, are too many or take too long to find.
    cause: the number, at least 1 for these values alone, that makes it more or less than one range.
    """

    ranges: tuple[ValueRange, ...] | None
    cause: Polynomial | None = None

    @property
    def range(self) -> ValueRange | None:
        """The one range; None where it is none or several."""
        return self.ranges[0] if self.ranges and len(self.ranges) == 1 else None


def existence(graph: Graph) -> dict[str, Existence]:
    """For each symbol the values for which the network exists.

    That is where every size of an output and of a weight is at least 1, no attribute is below its minimum,
    and what else operators and declarations need holds.
    """
    undecided = [number for number in _numbers(graph) if number.sign() != 1] if graph.symbols else []
    found = {symbol: Existence((ValueRange(1, None),)) for symbol in graph.symbols}
    for number in undecided:
        ranges = found[number.symbols[0]].ranges
        if len(number.symbols) == 1 and ranges is not None:
            common = _common(ranges, number)
            one_range = common is not None and len(common) == 1
            found[number.symbols[0]] = Existence(common, None if one_range else number)
    # With each symbol counted from its first value, products of sizes are seen to be no less than 1.
    firsts = {
        symbol: Polynomial.symbol(symbol) + (one.ranges[0].first - 1)
        for symbol, one in found.items()
        if one.ranges
    }
    for number in undecided:
        if len(number.symbols) > 1 and not _is_positive(number.evaluate(firsts)):
            found |= {symbol: Existence(None, number) for symbol in number.symbols}
    return found


def _common(ranges: tuple[ValueRange, ...], number: Polynomial) -> tuple[ValueRange, ...] | None:
    """What some ranges and those over which a number is positive have in common; None where that is open."""
    try:
        positive = [stretch for stretch, sign in stretches(number) if sign > 0]
    except SymbolicError:
        return None
    common = [both for one in positive for other in ranges if (both := one.meet(other))]
    return tuple(sorted(common)) if len(common) <= MOST_RANGES else None


def stretches(number: Polynomial) -> Iterator[tuple[ValueRange, int]]:
    """The ranges over which a polynomial in one symbol keeps its sign, and that sign.

    Raises SymbolicError for a polynomial in several symbols, and past the limit of effort.
    """
    runs = sign_runs(dict(number.terms))
    ends = [run.start - 1 for run in runs[1:]]
    for run, end in zip(runs, [*ends, None], strict=True):
        yield ValueRange(run.start, end), run.sign


def _is_positive(size: Size) -> bool:
    return size.sign() == 1 if isinstance(size, Polynomial) else size > 0


def _numbers(graph: Graph) -> Iterator[Polynomial]:
    """Every number that must be at least 1 and depends on symbols, once."""
    numbers: dict[Size, None] = dict.fromkeys(chain(graph.positive, *graph.object_sizes.values()))
    # Layers that are alike share their facts.
    for node in {id(node.facts): node for node in graph.nodes}.values():
        facts = node.facts
        for dimensions in (facts.output.sizes(), facts.positive, *(facts.weights or {}).values()):
            numbers |= dict.fromkeys(dimensions)
        if node.op in MODULE_OF:
            attributes = find_operator(node.op).attributes
            for name, value in node.arguments.written.items():
                numbers |= dict.fromkeys(attributes[name].kind.positive(value))
    yield from (number for number in numbers if isinstance(number, Polynomial))
