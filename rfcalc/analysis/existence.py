"""For which values of a symbol a network exists: every size of it must be at least 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.ops.reads import Along, Window
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
    ranges = {symbol: [Range(1, None)] for symbol in graph.symbols}
    dividing: dict[str, Polynomial] = {}
    for size in sizes:
        if len(size.symbols) == 1:
            (symbol,) = size.symbols
            positive = [stretch for stretch, sign in stretches(size) if sign > 0]
            common = [one.meet(other) for one in ranges[symbol] for other in positive]
            ranges[symbol] = [one for one in common if one is not None]
            if len(ranges[symbol]) != 1:
                dividing[symbol] = size
    # A size that several ranges fulfil may be one of which another size leaves a single range.
    found = {
        symbol: Existence(ones[0]) if len(ones) == 1 else Existence(None, dividing[symbol])
        for symbol, ones in ranges.items()
    }
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


def lengths_under_windows(graph: Graph) -> Iterator[Polynomial]:
    """The symbolic lengths that windows without padding leave of maps.

    Where one is 1 the window is as large as the map, nothing slides, and the field is another one.
    """
    for node in graph.nodes:
        for read in (read for operand in node.facts.reads or () for read in operand):
            if isinstance(read, Along) and isinstance(read.taps, Window):
                length = node.facts.output.axes[read.axis]
                if read.taps.kernel > 1 and read.taps.before == 0 and isinstance(length, Polynomial):
                    yield length


def _is_positive(size: Size) -> bool:
    return size.sign() == 1 if isinstance(size, Polynomial) else size > 0


def _sizes(graph: Graph) -> Iterator[Polynomial]:
    """Every size that depends on symbols, once."""
    sizes: dict[Size, None] = {}
    for node in graph.nodes:
        for dimensions in (node.facts.output.sizes(), *(node.facts.weights or {}).values()):
            sizes |= dict.fromkeys(dimensions)
    yield from (size for size in sizes if isinstance(size, Polynomial))
