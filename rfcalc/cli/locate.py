"""`rfcalc locate`: what units of a layer really see, and which units see a part of the input."""

from __future__ import annotations

from typing import Any

import click

from rfcalc.cli.layer_words import NetworkAndLayer
from rfcalc.cli.options import by_name, described, input_sizes, network_options, shipped_words
from rfcalc.cli.output import Output
from rfcalc.cli.output_options import output_options
from rfcalc.cli.tables import write_data, write_tables
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError
from rfcalc.render.formats import MACHINE_FORMATS


@command(
    "locate",
    "Show what units of a layer see at this input size.",
    ("rfcalc locate vgg16 pool5", "the unit in the middle and those at the corners"),
    ("rfcalc locate vgg16 pool5 0,0 3,4", "two units, by row and column from 0"),
    ("rfcalc locate resnet50 layer4 --all --format csv", "every unit, for programs"),
    ("rfcalc locate vgg16 pool5 --pixel 100,100", "the units that see a position of the input"),
    ("rfcalc locate vgg16 conv3_3 --box 0-63,0-63", "those that see some of a region, and nothing else"),
    ("rfcalc locate -e 'conv f=3 p=1 d=8; maxpool f=2 s=2 as pool' --input 64x64x3 pool", "other networks"),
)
@network_options(
    click.argument(
        "words",
        metavar="[NETWORK] LAYER [UNIT]...",
        nargs=-1,
        type=NetworkAndLayer("layer", shipped_words),
    )
)
@click.option("--corners", is_flag=True, help="The units at the corners of the layer.")
@click.option("--all", "every", is_flag=True, help="Every unit of the layer.")
@click.option(
    "--pixel",
    "pixels",
    metavar="ROW,COL",
    multiple=True,
    help="Which units see this position of the input; NAME=ROW,COL of one of several. Repeatable.",
)
@click.option(
    "--box",
    "boxes",
    metavar="ROWS,COLS",
    multiple=True,
    help="Which units see some of this region of the input, and which see nothing else: 0-63,0-63 from the "
    "first to the last position along each axis; NAME=ROWS,COLS of one of several inputs. Repeatable.",
)
@click.option(
    "--strict", is_flag=True, help="Count gates and the statistics of normalisations, which see everything."
)
@output_options()
def locate(
    words: tuple[str, ...],
    expression: str | None,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    corners: bool,
    every: bool,
    pixels: tuple[str, ...],
    boxes: tuple[str, ...],
    strict: bool,
    where: Output,
) -> None:
    """Show what units of a layer really see at this input size, clipped at the border of every layer.

    For each UNIT the box of its visible field and the positions seen in it, its theoretical field, how much
    of that lies in padding, and how much of the field and of the input the unit sees.

    NETWORK is as for the table. LAYER is the name of a layer, a glob that matches one, or the name of a
    block, whose last layer is meant. UNIT is its place in the layer, ROW,COL from 0, with as many numbers as
    the layer has axes; without any the unit in the middle and those at the corners are shown.
    """
    known = 0 if expression is not None else 1
    if len(words) <= known:
        described(words[:known], expression, max_layers, python=python)
        raise UsageError("which layer? `rfcalc NETWORK --columns name` lists them")
    from rfcalc.library import analyze

    given: dict[str, Any] = {"input": input_sizes(inputs), "params": by_name("--set", settings)}
    description = described(words[:known], expression, max_layers, **given, python=python, layers=layers)
    analysis = analyze(description, **given, batch=batch)
    from rfcalc.report.location.asking import locate as located_of

    layer, *units = words[known:]
    located = located_of(
        analysis,
        layer,
        units,
        corners=corners,
        every_unit=every,
        pixels=pixels,
        boxes=boxes,
        strict=strict,
    )
    if where.format == "json":
        from rfcalc.shown import Location

        write_data(Location(located, where.language or "en").to_dict(), where.file)
        return
    from rfcalc.report.location.table import located_tables

    tables = located_tables(located, where.language or "en")
    if len(tables) > 1 and where.format in MACHINE_FORMATS:
        raise UsageError("rows alone hold units or regions: ask for one of them, or for --format json")
    write_tables(*tables, output=where)
