"""For which values of a symbol a network exists: every size of it must be at least 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.symbolic.polynomial import Polynomial
from rfcalc.symbolic.signs import sign_runs

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph
    from rfcalc.shapes import Size


class Range(NamedTuple):
    """Whole numbers from `first` to `last`; without end where that is None."""

    first: int
    last: int | None

    def meet(self, other: Range) -> Range | None:
        """What both have in common; None when that is nothing."""
        ends = [end for end in (self.last, other.last) if end is not None]
        common = Range(max(self.first, other.first), min(ends) if ends else None)
        return None if common.last is not None and common.last < common.first else common


class Existence(NamedTuple):
    """The values of one symbol for which a network exists.

    range: None where they are not one range, or where they depend on other symbols as well.
    undecided: the size that makes it so; None where there is a range.
    """

    range: Range | None
    undecided: Polynomial | None = None


def existence(graph: Graph) -> dict[str, Existence]:
    """For each symbol the values for which every size of an output or of a weight is at least 1."""
    sizes = [size for size in _sizes(graph) if size.sign() != 1]
    found = {symbol: Existence(Range(1, None)) for symbol in graph.symbols}
    for size in sizes:
        exists = found[size.symbols[0]].range
        if len(size.symbols) == 1 and exists is not None:
            positive = [stretch for stretch, sign in stretches(size) if sign > 0]
            common = positive[0].meet(exists) if len(positive) == 1 else None
            found[size.symbols[0]] = Existence(common, size if common is None else None)
    # With each symbol counted from its first value, products of sizes are seen to be no less than 1.
    firsts = {
        symbol: Polynomial.symbol(symbol) + (one.range.first - 1)
        for symbol, one in found.items()
        if one.range is not None
    }
    for size in sizes:
        if len(size.symbols) > 1 and not _is_positive(size.evaluate(firsts)):
            found |= {symbol: Existence(None, size) for symbol in size.symbols}
    return found


def stretches(number: Polynomial) -> Iterator[tuple[Range, int]]:
    """The ranges over which a polynomial in one symbol keeps its sign, and that sign.

    Raises SymbolicError for a polynomial in several symbols.
    """
    runs = sign_runs(dict(number.terms))
    ends = [run.start - 1 for run in runs[1:]]
    for run, end in zip(runs, [*ends, None], strict=True):
        yield Range(run.start, end), run.sign


def _is_positive(size: Size) -> bool:
    return size.sign() == 1 if isinstance(size, Polynomial) else size > 0


def _sizes(graph: Graph) -> Iterator[Polynomial]:
    """Every size that depends on symbols, once."""
    sizes: dict[Size, None] = {}
    for node in graph.nodes:
        for dimensions in (node.facts.output.sizes(), *(node.facts.weights or {}).values()):
            sizes |= dict.fromkeys(dimensions)
    yield from (size for size in sizes if isinstance(size, Polynomial))
