"""The table of layers as the page has it: a row for each layer, and one for each block with its sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.report.cells import Text
from rfcalc.report.network_table.columns import Context, find_column, find_columns
from rfcalc.report.network_table.entries import summed
from rfcalc.report.network_table.notes import TableContent, table_notes
from rfcalc.report.page.layer_kinds import field_step
from rfcalc.report.page.record import PageRow, PageTable
from rfcalc.report.table import View
from rfcalc.report.words import say as say_of_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.analysis.field_values import Views
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.report.network_table.columns import Column
    from rfcalc.report.network_table.entries import RowEntry
    from rfcalc.report.page.blocks import BlockTree
    from rfcalc.report.page.record import PageSettings

# What a reader may ask for beside the columns that are shown unasked.
_FURTHER = (
    "inputs",
    "padding",
    "centre",
    "effective_field",
    "params_share",
    "macs_share",
    "other_ops",
    "activations",
    "memory",
    "status",
)


def page_table(
    analysis: NetworkAnalysis,
    tree: BlockTree,
    kinds: Sequence[int],
    views: Views,
    settings: PageSettings,
) -> PageTable:
    """The table of a network; kinds: of each layer the number of its kind.  views: of its layers."""
    dtype, language, weights, _ = settings
    usual = find_columns((), rated=bool(analysis.graph.rates))
    further = [column for name in _FURTHER if (column := find_column(name)) not in usual]
    columns = (*usual, *further)
    names = tuple(column.name for column in columns)
    view = View(columns=names, dtype=dtype, language=language, branch_weights=weights)
    context = Context(analysis, views, view)
    walked = [(level - 1, part) for level, part in tree.walk() if part.entry.name]
    places = {part.entry.layers[0].place: row for row, (_, part) in enumerate(walked) if part.entry.node}
    rows = tuple(_row(analysis, level, part.entry, columns, context, places, kinds) for level, part in walked)
    entries = tuple(part.entry for _, part in walked if part.entry.node)
    total = summed(say_of_tables("total", language), entries)
    return PageTable(
        tuple(column.heading(language) for column in columns),
        len(usual),
        rows,
        tuple(
            column.value(total, context) if column.summed else Text("" if place else total.name)
            for place, column in enumerate(columns)
        ),
        table_notes(TableContent(context, columns, entries, entries)),
    )


def _row(
    analysis: NetworkAnalysis,
    level: int,
    entry: RowEntry,
    columns: Sequence[Column],
    context: Context,
    places: dict[int, int],
    kinds: Sequence[int],
) -> PageRow:
    cells = tuple(column.value(entry, context) for column in columns)
    if entry.node is None:
        return PageRow(entry.name, level, cells)
    (layer,) = entry.layers
    nodes = analysis.graph.nodes
    reads = tuple(places.get(index, nodes[index].name) for index in entry.node.inputs)
    position = entry.node.position
    kind = kinds[layer.place - len(analysis.graph.inputs)]
    step = field_step(analysis, layer)
    return PageRow(entry.name, level, cells, kind, reads, position.number, step)
