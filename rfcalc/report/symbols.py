"""What a table's reader must know about symbols: what they stand for, and where they leave an order open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, starmap
from typing import TYPE_CHECKING

from rfcalc.analysis.existence import existence
from rfcalc.ops.reads import Along, Window
from rfcalc.report.cells import REPRESENTATIVE, Amount, Cell, Share, Sizes, listed
from rfcalc.report.words import say
from rfcalc.symbolic import SymbolicError, total

if TYPE_CHECKING:
    from rfcalc.analysis.existence import Range
    from rfcalc.graph.ir import Graph
    from rfcalc.shapes import Size


def symbol_notes(graph: Graph, language: str) -> Iterator[str]:
    """What the symbols of a network stand for, those alike in one note."""
    alike: dict[Range | None, list[str]] = {}
    for symbol, exists in existence(graph).items():
        alike.setdefault(exists.range, []).append(symbol)
    for values, symbols in alike.items():
        yield meaning_of(symbols, values, language)


def meaning_of(symbols: Sequence[str], exists: Range | None, language: str) -> str:
    """What symbols stand for, given the values for which the network exists."""
    names = listed(symbols, say("comma", language), say("and", language))
    if exists is None:
        return say("exists where", language, symbols=names)
    key = "exists range" if exists.last is not None else "exists from" if exists.first > 1 else "exists every"
    return say(key, language, symbols=names, first=f"{exists.first:,}", last=f"{exists.last or 0:,}")


def windows_may_cover(graph: Graph) -> bool:
    """Whether a window slides without padding over a map of symbolic size.

    Where the map is no larger than the window nothing slides, and the field is another one.
    """
    return any(
        isinstance(read, Along)
        and isinstance(read.taps, Window)
        and read.taps.kernel > 1
        and read.taps.before == 0
        and not isinstance(node.facts.output.axes[read.axis], int)
        for node in graph.nodes
        for operand in node.facts.reads or ()
        for read in operand
    )


def order_note(cells: Sequence[Cell], graph: Graph, language: str) -> Iterator[str]:
    """The note that a sorted column needs where symbols leave its order open."""
    amounts = [amount for amount in map(_amount, cells) if amount is not None]
    # Where each amount is no smaller than the next whatever the symbols are, none is out of place.
    if not all(starmap(_never_less, pairwise(amounts))):
        names = listed(graph.symbols, say("comma", language), say("and", language))
        yield say("symbolic order", language, symbols=names, value=f"{REPRESENTATIVE:,}")


def _amount(cell: Cell) -> Size | None:
    """What a cell sorts by, where that may be a polynomial."""
    if isinstance(cell, Amount):
        return cell.value
    if isinstance(cell, Share):
        return cell.part
    if isinstance(cell, Sizes):
        return total(shape.elements for shape in cell.shapes)
    return None


def _never_less(one: Size, two: Size) -> bool:
    try:
        return one >= two
    except SymbolicError:
        return False
