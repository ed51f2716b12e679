"""What a table's reader must know about symbols: what they stand for, and where they leave an order open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from rfcalc.analysis.existence import ValueRange, existence
from rfcalc.report.cells import REPRESENTATIVE, Sortable
from rfcalc.report.words import Language, listed_in, say
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph

# Of more ranges than these a sentence does not tell.
_MOST_NAMED = 4


def symbol_notes(graph: Graph, language: Language) -> Iterator[str]:
    """What the symbols of a network stand for, those alike in one note."""
    alike: dict[tuple[ValueRange, ...] | None, list[str]] = {}
    for symbol, exists in existence(graph).items():
        alike.setdefault(exists.ranges, []).append(symbol)
    for ranges, symbols in alike.items():
        yield meaning_of(symbols, ranges, language)


def meaning_of(symbols: Sequence[str], exists: tuple[ValueRange, ...] | None, language: Language) -> str:
    """What symbols stand for, given the ranges of values for which the network exists; None: not known."""
    names = listed_in(symbols, language)
    if not exists or len(exists) > _MOST_NAMED:
        return say("exists where" if exists != () else "exists never", language, symbols=names)
    if exists == (ValueRange(1, None),):
        return say("exists every", language, symbols=names)
    ranges = [
        say(
            "values up" if one.last is None else "values between",
            language,
            first=f"{one.first:,}",
            last=f"{one.last or 0:,}",
        )
        for one in exists
    ]
    return say("exists some", language, symbols=names, values=say("or", language).join(ranges))


def order_note(cells: Sequence[Sortable], graph: Graph, language: Language) -> Iterator[str]:
    """The note that a sorted column needs where symbols leave its order open."""
    measures = (cell.measure() for cell in cells)
    amounts = [measure for measure in measures if isinstance(measure, int | Polynomial)]
    # Where each amount is no smaller than the next whatever the symbols are, none is out of place.
    try:
        ordered = all(one >= two for one, two in pairwise(amounts))
    except SymbolicError:
        ordered = False
    if not ordered:
        names = listed_in(graph.symbols, language)
        yield say("symbolic order", language, symbols=names, value=f"{REPRESENTATIVE:,}")
