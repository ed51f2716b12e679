"""The table of edits: what was done to one network to make another of it, and what that accounts for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.comparison.attribution import Deltas, together
from rfcalc.report.cells import BLANK, Cell, EachAxis, Style, Text, magnitude
from rfcalc.report.comparison.cells import Difference
from rfcalc.report.comparison.phrases import phrase
from rfcalc.report.comparison.words import say
from rfcalc.report.network_table.columns import find_column
from rfcalc.report.table import Heading, Table, TableNote
from rfcalc.report.words import Language

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.causes import SharedEdit
    from rfcalc.analysis.comparison.comparison import Comparison
    from rfcalc.report.comparison.summary import ComparisonView, Pair
    from rfcalc.symbolic.polynomial import Exact

# Of more edits the smaller ones stand in one line, unless all are asked for.
MOST_EDITS = 40
# What an edit accounts for is shown for these alone; json has all.
TOLD = ("params", "macs", "activations")


def edits_table(pair: Pair, view: ComparisonView) -> Table:
    """One line for each edit with what it accounts for; the last line is the difference of the networks."""
    comparison, language = pair.comparison, view.language
    causes = list(enumerate(comparison.causes, 1))
    shown = causes if view.every or view.rows else _largest(causes)
    rest = [cause for number, cause in causes if (number, cause) not in shown]
    rows = [
        (Text(str(number)), Text(phrase(comparison, cause, language)), *_cells(cause.deltas, cause.field))
        for number, cause in shown
    ]
    if rest:
        total = together(cause.deltas for cause in rest)
        label = Text(say("smaller edits", language, count=len(rest)))
        rows.append((BLANK, label, *_cells(total, _field_total(rest))))
    label = Text(say("difference", language, **pair.letters))
    # The two fields, where both are known.
    ends = [(each.old, each.new) for each in comparison.fields]
    old, new = (EachAxis(sizes).text(Style()) for sizes in (zip(*ends, strict=True) if ends else ((), ())))
    field = Difference(_field_total(comparison.causes) or (), ends=(old, new) if ends else None)
    total_row = (BLANK, label, *_cells(comparison.differences, ())[:-1], field)
    return Table(
        say("edits title", language, **pair.labels),
        (
            Heading("number", "#", right=True),
            Heading("edit", say("edit", language), shorten="wrap"),
            *(find_column(name).heading(language)._replace(drop=int(name == "activations")) for name in TOLD),
            Heading("receptive_field", say("field", language), right=True),
        ),
        tuple(rows),
        (total_row,),
        tuple(_notes(comparison, language)),
        language,
    )


def _cells(deltas: Deltas, field: tuple[Exact, ...] | None) -> tuple[Cell, ...]:
    return (*(Difference((deltas[name],)) for name in TOLD), Difference(field or ()))


def _field_total(causes: Sequence[SharedEdit]) -> tuple[Exact, ...] | None:
    """The sum of what edits account for of the field along each axis; None where that is not known."""
    fields = [cause.field for cause in causes]
    if not fields or any(field is None for field in fields):
        return None
    return tuple(sum(axis) for axis in zip(*(field for field in fields if field is not None), strict=True))


def _largest(causes: Sequence[tuple[int, SharedEdit]]) -> Sequence[tuple[int, SharedEdit]]:
    """The edits that account for most, in their order; all where they are not too many."""
    if len(causes) <= MOST_EDITS:
        return causes
    totals = [sum(abs(magnitude(cause.deltas[name])) for _, cause in causes) or 1.0 for name in TOLD]

    def weight(numbered: tuple[int, SharedEdit]) -> float:
        deltas = numbered[1].deltas
        return sum(abs(magnitude(deltas[name])) / total for name, total in zip(TOLD, totals, strict=True))

    chosen = sorted(causes, key=weight, reverse=True)[: MOST_EDITS - 1]
    return sorted(chosen, key=lambda numbered: numbered[0])


def _notes(comparison: Comparison, language: Language) -> Iterator[TableNote]:
    if len(comparison.causes) > 1:
        yield TableNote(say("order note", language))
    key = "no field" if _field_total(comparison.causes) is None else "field note"
    yield TableNote(say(key, language))
    if comparison.unaligned:
        yield TableNote(say("unaligned", language, count=f"{comparison.unaligned:,}"))
