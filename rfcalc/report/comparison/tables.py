"""A comparison as tables: the summary, and for each network the edits and the layers against the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfcalc.report.comparison.edits import edits_table
from rfcalc.report.comparison.layers import LayersTable, find_shown
from rfcalc.report.comparison.summary import Compared, Pair, summary_table
from rfcalc.report.comparison.words import say
from rfcalc.report.table import Table, TableNote

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.comparison import Comparison
    from rfcalc.report.comparison.summary import ComparisonView


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
            pair = Pair(networks[0], other, comparison)
            if comparison.equal:
                text = say("equal networks", view.language, **pair.letters)
                summary = summary._replace(notes=(TableNote(text), *summary.notes))
            else:
                tables += edits_table(pair, view), LayersTable(pair, columns, view).table()
    return (summary, *tables)
