"""`rfcalc list`: the shipped networks."""

from __future__ import annotations

import click

from rfcalc.cli.options import output_options
from rfcalc.cli.tables import Output, write_data, write_table
from rfcalc.cli.texts import HELP_OPTIONS, examples
from rfcalc.report.cells import Units
from rfcalc.report.words import Language


@click.command(
    "list",
    context_settings=HELP_OPTIONS,
    short_help="List the shipped networks.",
    epilog=examples(
        ("rfcalc list", "all shipped networks"),
        ("rfcalc list --units si", "with short figures"),
        ("rfcalc list --format json", "for programs"),
    ),
)
@output_options()
def networks(
    format_name: str | None, output: str | None, units: Units, language: Language | None, no_color: bool
) -> None:
    """List the shipped networks: source, input, parameters, multiply-adds and receptive field."""
    from rfcalc.library import analyze, load, shipped_names
    from rfcalc.report.reference.catalog import Listed, catalog_data, catalog_table

    where = Output(format_name, output, units, language, no_color)
    listed = [Listed(name, analyze(load(name))) for name in shipped_names()]
    if where.format == "json":
        write_data(catalog_data(listed), where)
    else:
        write_table(catalog_table(listed, language or "en"), where, droppable=False)
