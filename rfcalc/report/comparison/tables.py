"""A comparison as tables: the summary, and for each network the edits and the layers against the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.report.comparison.edits import edits_table
from rfcalc.report.comparison.layers import Shown, default_shown, find_shown, layers_table
from rfcalc.report.comparison.summary import Compared, summary_table
from rfcalc.report.comparison.words import say
from rfcalc.report.table import Note, Table
from rfcalc.report.words import Language
from rfcalc.units import NumberFormat

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.comparison import Comparison


class ComparisonView(NamedTuple):
    """What of a comparison is shown, and how.

    columns: of the tables of layers; () for the default ones.  summary: whether that is all.
    every: whether equal layers and whole blocks are written out.  rows: whether it is for a format of rows
    alone, in which every layer has one and columns stay the same.  dtype: the number format of bytes.
    """

    columns: tuple[str, ...] = ()
    summary: bool = False
    every: bool = False
    rows: bool = False
    dtype: NumberFormat = "fp32"
    language: Language = "en"


def comparison_tables(
    networks: Sequence[Compared], comparisons: Sequence[Comparison], view: ComparisonView
) -> tuple[Table, ...]:
    """The tables of a comparison; comparisons: of each network but the first with that one.

    Raises UsageError for an unknown column.
    """
    columns = find_shown(view.columns)
    summary = summary_table(networks, view.language)
    tables: list[Table] = []
    if not view.summary:
        for other, comparison in zip(networks[1:], comparisons, strict=True):
            if comparison.equal:
                text = say("equal networks", view.language, base=networks[0].letter, other=other.letter)
                summary = summary._replace(notes=(Note.of(text), *summary.notes))
            else:
                tables += _pair(networks[0], other, comparison, columns, view)
    return (summary, *tables)


def _pair(
    base: Compared, other: Compared, comparison: Comparison, columns: Sequence[Shown], view: ComparisonView
) -> tuple[Table, Table]:
    every = view.every or view.rows
    edits = edits_table(base, other, comparison, view.language, every=every)
    layers = layers_table(
        base,
        other,
        comparison,
        columns or default_shown(comparison, every=view.rows),
        view.language,
        dtype=view.dtype,
        every=every,
        both_names=view.rows,
    )
    return edits, layers
