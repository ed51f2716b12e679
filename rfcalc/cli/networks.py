"""`rfcalc list`: the shipped networks."""

from __future__ import annotations

import click

from rfcalc.cli.options import output_options
from rfcalc.cli.output import Output
from rfcalc.cli.tables import write_data, write_table
from rfcalc.cli.texts import HELP_OPTIONS, examples


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
def networks(where: Output) -> None:
    """List the shipped networks: source, input, parameters, multiply-adds and receptive field."""
    from rfcalc.library import analyze, load, shipped_names
    from rfcalc.report.reference.catalog import Listed, catalog_data, catalog_table

    listed = [Listed(name, analyze(load(name))) for name in shipped_names()]
    if where.format == "json":
        write_data(catalog_data(listed), where)
    else:
        write_table(catalog_table(listed, where.language or "en"), where, droppable=False)
