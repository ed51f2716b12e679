"""`rfcalc schema`: the JSON Schema of the report."""

from __future__ import annotations

import click

from rfcalc.cli.output import emit
from rfcalc.cli.texts import HELP_OPTIONS, examples


@click.command(
    "schema",
    context_settings=HELP_OPTIONS,
    short_help="Print the JSON Schema of reports.",
    epilog=examples(("rfcalc schema -o report.schema.json", "to validate reports with")),
)
@click.option("--output", "-o", metavar="FILE", type=click.Path(), help="Write to FILE, whole or not at all.")
def schema(output: str | None) -> None:
    """Print the JSON Schema (2020-12) that `--format json` keeps to."""
    from importlib.resources import files

    emit(files("rfcalc.report").joinpath("report.schema.json").read_text("utf-8"), output)
