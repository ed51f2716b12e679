"""The table of a network's layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.field_values import Views
from rfcalc.report.cells import BLANK, Cell, Text, sort_key
from rfcalc.report.network_table.columns import Column, Context, find_column, find_columns
from rfcalc.report.network_table.entries import RowEntry, folded, layer_entry, summed
from rfcalc.report.network_table.notes import TableContent, table_notes
from rfcalc.report.table import Table, View
from rfcalc.report.words import Language, say
from rfcalc.shapes import format_sizes

if TYPE_CHECKING:
    from rfcalc.analysis.network import NetworkAnalysis


def build_table(analysis: NetworkAnalysis, view: View) -> Table:
    """The table of an analysed network.

    The totals are those of the whole network; where rows are left out, a line `shown` with the sum of
    those shown stands before them.  Raises UsageError for an unknown column and for a word that
    fits no row.
    """
    columns = find_columns(view.columns, rated=bool(analysis.graph.rates))
    entries = tuple(map(layer_entry, analysis.layers))
    total = summed(say("total", view.language), entries)
    context = Context(analysis, Views(analysis, view.branch_weights), view)
    all_rows = folded(analysis.graph, entries, view.depth)
    rows = all_rows
    if view.height is not None and len(all_rows) > view.height:
        # Imported late: few tables leave out rows.
        from rfcalc.report.network_table.selection import NEUTRAL

        view = view._replace(hide=(*view.hide, NEUTRAL))
    if view.only or view.hide:
        from rfcalc.report.network_table.selection import shown_rows

        rows = shown_rows(all_rows, view, analysis)
    if view.sort:
        value = find_column(view.sort).value
        rows = tuple(sorted(rows, key=lambda entry: sort_key(value(entry, context))))
    if view.top is not None:
        rows = rows[: view.top]
    totals = [total]
    if len(rows) < len(all_rows):
        totals.insert(0, summed(say("shown", view.language), rows))
    return Table(
        title_of(analysis, view.language),
        tuple(column.heading(view.language) for column in columns),
        tuple(tuple(column.value(entry, context) for column in columns) for entry in rows),
        tuple(_total_cells(entry, columns, context) for entry in totals)
        if any(column.summed for column in columns)
        else (),
        table_notes(TableContent(context, columns, rows, all_rows)),
        view.language,
    )


def title_of(analysis: NetworkAnalysis, language: Language) -> str:
    """One line that names the network, its source, and the sizes it is analysed at."""
    names = analysis.input_names
    sizes = [format_sizes(shape.sizes()) for shape in analysis.inputs]
    shown = sizes[0] if len(sizes) == 1 else ", ".join(map(" ".join, zip(names, sizes, strict=True)))
    outputs = ", ".join(format_sizes(shape.sizes()) for shape in analysis.outputs)
    source = f" ({analysis.graph.source})" if analysis.graph.source else ""
    arrow = say("output", language)
    return f"{analysis.name}{source}: {say('input', language)} {shown}, {arrow} {outputs}"


def _total_cells(entry: RowEntry, columns: Sequence[Column], context: Context) -> tuple[Cell, ...]:
    """The cells of a totals line; its label stands in the first column that is not a sum."""
    cells: list[Cell] = [column.value(entry, context) if column.summed else BLANK for column in columns]
    label = next((index for index, column in enumerate(columns) if not column.summed), None)
    if label is not None:
        cells[label] = Text(entry.name)
    return tuple(cells)
