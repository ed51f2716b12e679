"""The list of shipped networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rfcalc.analysis.figures import COUNTS, of_network
from rfcalc.report.cells import Amount, Cell, Sizes, Text
from rfcalc.report.network_table.columns import find_column
from rfcalc.report.network_table.data import report_data
from rfcalc.report.network_table.fields import network_field, size_cell
from rfcalc.report.network_table.notes import field_kinds, mark_notes
from rfcalc.report.table import Heading, Table, TableNote
from rfcalc.report.words import Language, say

if TYPE_CHECKING:
    from rfcalc.analysis.network import NetworkAnalysis

SCHEMA = "rfcalc.list/1"


def catalog_table(networks: Mapping[str, NetworkAnalysis], language: Language = "en") -> Table:
    """One row for each network by its name: source, input, parameters, MACs and receptive field."""
    rows = tuple(_row(*network, language) for network in networks.items())
    fields = [(name, seen.axes) for name, each in networks.items() if (seen := network_field(each))]
    notes = (TableNote(say("list note", language)), *mark_notes(field_kinds(fields), language))
    headings = (
        Heading("network", say("network", language)),
        Heading("input", say("input", language), right=True, shorten="parts"),
        *(
            find_column(name).heading(language)._replace(drop=0)
            for name in ("params", "macs", "receptive_field")
        ),
        Heading("source", say("source", language), shorten="wrap", drop=1),
    )
    title = say("list of one" if len(rows) == 1 else "list title", language, count=len(rows))
    return Table(title, headings, rows, (), notes, language)


def catalog_data(networks: Mapping[str, NetworkAnalysis]) -> dict[str, object]:
    """The same as data."""
    data = []
    for name, analysis in networks.items():
        report = report_data(analysis)
        data.append({"name": name, "network": report["network"], "totals": report["totals"]})
    return {"schema": SCHEMA, "networks": data}


def _row(name: str, analysis: NetworkAnalysis, language: Language) -> tuple[Cell, ...]:
    params, macs = (of_network(COUNTS[count], analysis) for count in ("params", "macs"))
    return (
        Text(name),
        Sizes(analysis.inputs),
        Amount(*params),
        Amount(*macs),
        size_cell(network_field(analysis), analysis.input_names, language),
        Text(analysis.graph.source),
    )
