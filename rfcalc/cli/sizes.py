"""`rfcalc sizes`: at which sizes of its inputs a network can be built, and what it is there."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from rfcalc.cli.charts import CHART_FORMATS, WITH_CHARTS, write_chart
from rfcalc.cli.known_words import shipped_words
from rfcalc.cli.options import OfferedWords, Positive, by_name, described, input_sizes, network_options
from rfcalc.cli.output import Output
from rfcalc.cli.output_options import output_options
from rfcalc.cli.tables import write_data, write_tables
from rfcalc.cli.texts import command
from rfcalc.render.formats import MACHINE_FORMATS


@command(
    "sizes",
    "Show which sizes of its input a network takes.",
    ("rfcalc sizes unet", "which sizes fit, and what the network is at some of them"),
    ("rfcalc sizes resnet50 --from 64 --to 512", "within a range"),
    ("rfcalc sizes unet 500 512 572x388", "these sizes alone"),
    ("rfcalc sizes unet-3d --each", "each axis by itself"),
    ("rfcalc sizes vgg16 --all --format csv", "every size of the range, for programs"),
    ("rfcalc sizes resnet50 -o sizes.svg", "a picture of sizes against cost"),
)
@network_options(
    click.argument(
        "words",
        metavar="[NETWORK] [SIZE]...",
        nargs=-1,
        type=OfferedWords("network", shipped_words, files=True),
    )
)
@click.option(
    "--from",
    "first",
    type=Positive(),
    default=32,
    show_default=True,
    metavar="N",
    help="The smallest length to show.",
)
@click.option(
    "--to", "last", type=Positive(), default=1024, show_default=True, metavar="N", help="The largest length."
)
@click.option(
    "--each", is_flag=True, help="Every axis by itself, instead of axes of one length moving together."
)
@click.option("--all", "every", is_flag=True, help="Every size of the range.")
@output_options(WITH_CHARTS)
def sizes(
    words: tuple[str, ...],
    expression: str | None,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    first: int,
    last: int,
    each: bool,
    every: bool,
    where: Output,
) -> None:
    """Show at which sizes of its input a network can be built: every layer has an output, every join fits.

    It says the smallest such size, which ones there are, at which of them no division of a length leaves a
    rest, which layers have other parameters at other sizes, and how the field compares with the input; then
    what the network is at some sizes. What is said of sizes is shown for all of them, in the range and
    beyond, and not sampled.

    NETWORK is as for the table. SIZE is a length for all axes, or 512x384; sizes that are named are shown
    instead of some of the range. Axes of one length move together, with --each every axis by itself.
    """
    known = 0 if expression is not None else 1
    given: dict[str, Any] = {"input": input_sizes(inputs), "params": by_name("--set", settings)}
    description = described(words[:known], expression, max_layers, **given, python=python, layers=layers)
    from rfcalc.description import Resizable, read_with
    from rfcalc.report.input_sizes.asking import input_sizes as sizes_of

    resizable = Resizable(read_with(description, **given), **given)
    asked = sizes_of(
        resizable.trials(),
        words[known:],
        first=first,
        last=last,
        each=each,
        every=every,
        batch=batch,
    )
    language = where.language or "en"
    if where.format == "json":
        from rfcalc.report.input_sizes.data import sizes_data

        write_data(sizes_data(asked), where.file)
        return
    if where.format in CHART_FORMATS:
        from rfcalc.report.input_sizes.chart import sizes_chart

        write_chart(partial(sizes_chart, asked), where)
        return
    from rfcalc.report.input_sizes.table import rows_table, sizes_tables

    # For programs the rows alone: a summary is in words.
    tables = (
        [rows_table(asked, language)] if where.format in MACHINE_FORMATS else sizes_tables(asked, language)
    )
    write_tables(*tables, output=where)
