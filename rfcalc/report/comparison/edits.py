"""The table of edits: what was done to one network to make another of it, and what that accounts for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.comparison.attribution import Deltas, together
from rfcalc.report.cells import BLANK, Cell, Text, magnitude
from rfcalc.report.comparison.cells import Difference
from rfcalc.report.comparison.phrases import phrase
from rfcalc.report.comparison.words import say
from rfcalc.report.network_table.columns import find_column
from rfcalc.report.table import Heading, Note, Table
from rfcalc.report.words import Language

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.comparison import Cause, Comparison
    from rfcalc.analysis.comparison.course import Amount
    from rfcalc.report.comparison.summary import Compared

# Of more edits the smaller ones stand in one line, unless all are asked for.
MOST_EDITS = 40
# What an edit accounts for is told of these alone; json has all.
TOLD = ("params", "macs", "activations")


def edits_table(
    base: Compared, other: Compared, comparison: Comparison, language: Language, *, every: bool = False
) -> Table:
    """One line for each edit with what it accounts for; the last line is the difference of the networks."""
    causes = list(enumerate(comparison.causes, 1))
    shown = causes if every else _largest(comparison, causes)
    kept = {number for number, _ in shown}
    rest = [cause for number, cause in causes if number not in kept]
    rows = [
        (Text(str(number)), Text(phrase(comparison, cause, language)), *_cells(cause.deltas, cause.field))
        for number, cause in shown
    ]
    if rest:
        total = together(cause.deltas for cause in rest)
        label = Text(say("smaller edits", language, count=len(rest)))
        rows.append((BLANK, label, *_cells(total, _field_total(rest))))
    label = Text(say("difference", language, base=base.letter, other=other.letter))
    field = Difference(_field_total(comparison.causes) or (), ends=_ends(comparison))
    total_row = (BLANK, label, *_cells(comparison.differences, ())[:-1], field)
    names = {"base": f"{base.letter} {base.name}", "other": f"{other.letter} {other.name}"}
    return Table(
        say("edits title", language, **names),
        (
            Heading("number", "#", right=True),
            Heading("edit", say("edit", language), shorten="wrap"),
            *(
                Heading(
                    name,
                    find_column(name).heading(language),
                    right=True,
                    drop=1 if name == "activations" else 0,
                )
                for name in TOLD
            ),
            Heading("receptive_field", say("field", language), right=True),
        ),
        tuple(rows),
        (total_row,),
        tuple(_notes(comparison, language)),
        language,
    )


def _cells(deltas: Deltas, field: tuple[Amount, ...] | None) -> tuple[Cell, ...]:
    return (*(Difference((deltas[name],)) for name in TOLD), Difference(field or ()))


def _field_total(causes: Sequence[Cause]) -> tuple[Amount, ...] | None:
    """The sum of what edits account for of the field along each axis; None where that is not known."""
    fields = [cause.field for cause in causes]
    if not fields or any(field is None for field in fields):
        return None
    return tuple(sum(axis) for axis in zip(*(field for field in fields if field is not None), strict=True))


def _ends(comparison: Comparison) -> tuple[str, str] | None:
    """The two fields, where both are known."""
    known = [field for field in comparison.fields if field is not None]
    if not known or len(known) < len(comparison.fields):
        return None
    old, new = ([str(size) for size in sizes] for sizes in zip(*((f.old, f.new) for f in known), strict=True))
    texts = [side[0] if len(set(side)) == 1 else "x".join(side) for side in (old, new)]
    return texts[0], texts[1]


def _largest(comparison: Comparison, causes: Sequence[tuple[int, Cause]]) -> Sequence[tuple[int, Cause]]:
    """The edits that account for most, in their order; all where they are not too many."""
    if len(causes) <= MOST_EDITS:
        return causes
    totals = [sum(abs(magnitude(cause.deltas[name])) for _, cause in causes) or 1.0 for name in TOLD]

    def weight(numbered: tuple[int, Cause]) -> float:
        deltas = numbered[1].deltas
        return sum(abs(magnitude(deltas[name])) / total for name, total in zip(TOLD, totals, strict=True))

    chosen = sorted(causes, key=weight, reverse=True)[: MOST_EDITS - 1]
    return sorted(chosen, key=lambda numbered: numbered[0])


def _notes(comparison: Comparison, language: Language) -> Iterator[Note]:
    if len(comparison.causes) > 1:
        yield Note.of(say("order note", language))
    if _field_total(comparison.causes) is None:
        yield Note.of(say("no field", language))
    else:
        yield Note.of(say("field note", language))
    if comparison.unaligned:
        yield Note.of(say("unaligned", language, count=f"{comparison.unaligned:,}"))
