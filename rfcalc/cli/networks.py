"""`rfcalc list`: the shipped networks."""

from __future__ import annotations

from functools import partial

from rfcalc.cli.options import output_options
from rfcalc.cli.output import Output
from rfcalc.cli.tables import write_either
from rfcalc.cli.texts import command


@command(
    "list",
    "List the shipped networks.",
    ("rfcalc list", "all shipped networks"),
    ("rfcalc list --units si", "with short figures"),
    ("rfcalc list --format json", "for programs"),
)
@output_options()
def networks(where: Output) -> None:
    """List the shipped networks: source, input, parameters, multiply-adds and receptive field."""
    from rfcalc.library import analyze, load, shipped_names
    from rfcalc.report.reference.catalog import catalog_data, catalog_table

    listed = {name: analyze(load(name)) for name in shipped_names()}
    write_either(partial(catalog_data, listed), partial(catalog_table, listed), where)
