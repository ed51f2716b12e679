"""`rfcalc field`: how the fields of networks grow with depth, and what is spent behind the input's size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from rfcalc.cli.branch_weights import BRANCH_WEIGHTS_OPTION
from rfcalc.cli.charts import CHART_FORMATS, WITH_CHARTS, chart_above, write_chart
from rfcalc.cli.operands import InOrder, analysed, named_operands, operand_options
from rfcalc.cli.output import Output, emit
from rfcalc.cli.output_options import output_options
from rfcalc.cli.tables import tables_text, write_data
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError
from rfcalc.render.formats import MACHINE_FORMATS

if TYPE_CHECKING:
    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.report.chart import Chart
    from rfcalc.report.growth.points import Growth
    from rfcalc.report.words import Language


@command(
    "field",
    "Show how fields grow with depth, and what is spent behind.",
    ("rfcalc field vgg16", "theoretical, effective and smallest field by depth"),
    ("rfcalc field resnet50 --all --format csv", "every layer, for programs"),
    ("rfcalc field vgg16 resnet50 densenet121 --summary", "where the fields of several reach the input"),
    ("rfcalc field resnet50 resnet50 --input B=448x448x3", "at two input sizes"),
    ("rfcalc field vgg16 resnet50 -o fields.svg", "the curves as a picture"),
    ("rfcalc field net.yaml --format chart", "the curves in characters"),
    cls=InOrder,
)
@operand_options()
@click.option("--summary", is_flag=True, help="Where fields reach the input alone, without layers.")
@click.option("--all", "every", is_flag=True, help="Every layer, not those where something ends.")
@BRANCH_WEIGHTS_OPTION
@output_options(WITH_CHARTS)
def field(
    networks: tuple[str, ...],
    expressions: tuple[str, ...],
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    summary: bool,
    every: bool,
    branch_weights: BranchWeights,
    where: Output,
) -> None:
    """Show how fields grow with depth, where they reach the input, and what is spent behind.

    For the theoretical, the effective and the smallest field. Depth counts the layers with weights on the
    longest path from the input, gates aside. Beside the fields stand stride, size of the map, and the shares
    of multiply-adds and parameters spent so far.

    NETWORK is as for the table. On a terminal the curves stand above the tables where both have room.
    """
    if summary and every:
        raise UsageError("--summary shows no layers: leave out --all")
    operands = named_operands(networks, python, least=1)
    read = analysed(operands, inputs, settings, layers, batch, max_layers)
    from rfcalc.report.growth.points import growth_of

    growths = [
        growth_of(analysis, operand.name, branch_weights)
        for operand, (_, analysis) in zip(operands, read, strict=True)
    ]
    if where.format == "json":
        from rfcalc.report.growth.data import growth_data

        write_data(growth_data(growths), where.file)
        return
    if where.format in CHART_FORMATS:
        from rfcalc.report.growth.chart import growth_chart

        write_chart(lambda language: growth_chart(growths, language), where)
        return
    from rfcalc.report.growth.table import GrowthView, growth_tables

    view = GrowthView(every, summary, where.format in MACHINE_FORMATS, where.language or "en")
    text = tables_text(*growth_tables(growths, view), output=where)
    emit(_fields_above(growths, text, where) + text, where.file)


def _fields_above(growths: Sequence[Growth], text: str, where: Output) -> str:
    """The curves of the fields, where a terminal has room for them above the tables."""
    from rfcalc.report.growth.chart import growth_chart

    def fields(language: Language) -> Chart:
        chart = growth_chart(growths, language)
        # The tables have the rest, and the notes.
        return chart._replace(panels=chart.panels[: chart.columns], notes=())

    try:
        return chart_above(fields, text, where)
    except UsageError:
        # A network with symbols has no curves.
        return ""
