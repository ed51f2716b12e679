"""The list of shipped networks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rfcalc.analysis.figures import COUNTS, of_network
from rfcalc.records import NamedTuple
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


class Listed(NamedTuple):
    """A network and the name it is asked for by."""

    name: str
    analysis: NetworkAnalysis


def catalog_table(networks: Iterable[Listed], language: Language = "en") -> Table:
    """One row per network: source, input, parameters, MACs and receptive field."""
    every = tuple(networks)
    rows = tuple(_row(network, language) for network in every)
    fields = [(network.name, seen.axes) for network in every if (seen := network_field(network.analysis))]
    notes = (TableNote(say("list note", language)), *mark_notes(field_kinds(fields), language))
    headings = (
        Heading("network", say("network", language)),
        Heading("input", say("input", language), right=True),
        *(find_column(name).heading(language) for name in ("params", "macs", "receptive_field")),
        Heading("source", say("source", language), shorten="wrap", drop=1),
    )
    title = say("list title", language, count=len(rows))
    return Table(title, headings, rows, (), notes, language)


def catalog_data(networks: Iterable[Listed]) -> dict[str, object]:
    """The same as data."""
    return {"schema": SCHEMA, "networks": [_data(network) for network in networks]}


def _row(network: Listed, language: Language) -> tuple[Cell, ...]:
    analysis = network.analysis
    params, macs = (of_network(COUNTS[name], analysis) for name in ("params", "macs"))
    return (
        Text(network.name),
        Sizes(analysis.inputs),
        Amount(*params),
        Amount(*macs),
        size_cell(network_field(analysis), analysis.input_names, language),
        Text(analysis.graph.source),
    )


def _data(network: Listed) -> dict[str, object]:
    report = report_data(network.analysis)
    return {"name": network.name, "network": report["network"], "totals": report["totals"]}
