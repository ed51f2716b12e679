"""`rfcalc locate`: what units of a layer really see, and which units see a part of the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rfcalc.cli.charts import CHART_FORMATS, WITH_CHARTS
from rfcalc.cli.known_words import shipped_words
from rfcalc.cli.layer_words import NetworkAndLayer
from rfcalc.cli.options import OneOf, by_name, described, input_sizes, network_options
from rfcalc.cli.output import Output
from rfcalc.cli.output_options import output_options
from rfcalc.cli.tables import write_data, write_tables
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError
from rfcalc.render.formats import MACHINE_FORMATS
from rfcalc.report.location.kinds import PICTURES
from rfcalc.units import is_digits

if TYPE_CHECKING:
    from rfcalc.report.location.asking import Located


@command(
    "locate",
    "Show what units of a layer see at this input size.",
    ("rfcalc locate vgg16 pool5", "the unit in the middle and those at the corners"),
    ("rfcalc locate yolov3", "units of each head, the outputs of the network"),
    ("rfcalc locate vgg16 pool5 0,0 3,4", "two units, by row and column from 0"),
    ("rfcalc locate resnet50 layer4 --all --format csv", "every unit, for programs"),
    ("rfcalc locate vgg16 pool5 --pixel 100,100", "the units that see a position of the input"),
    ("rfcalc locate vgg16 conv3_3 --box 0-63,0-63", "those that see some of a region, and nothing else"),
    ("rfcalc locate vgg16 pool5 -o fields.svg", "a picture of the fields over the input"),
    ("rfcalc locate vgg16 pool5 3,3 --picture layers", "what a unit sees of each layer below it"),
    ("rfcalc locate -e 'conv f=3 p=1 d=8; maxpool f=2 s=2 as pool' --input 64x64x3 pool", "other networks"),
)
@network_options(
    click.argument(
        "words",
        metavar="[NETWORK] [LAYER]... [UNIT]...",
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
@click.option(
    "--picture",
    type=OneOf(PICTURES),
    metavar="KIND",
    help=f"Draw what units see, as one of {', '.join(PICTURES)}: in characters, or as --format or -o say. "
    "Without it a format of pictures has fields.",
)
@click.option(
    "--down",
    type=int,
    metavar="N",
    help="So many layers below the unit in the pictures layers and strip. Without it: down to the input.",
)
@click.option(
    "--image",
    metavar="FILE",
    help="A PNG, JPEG or WebP that lies behind the picture fields, scaled to the input.",
)
@output_options(WITH_CHARTS)
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
    picture: str | None,
    down: int | None,
    image: str | None,
    where: Output,
) -> None:
    """Show what units of a layer really see at this input size, clipped at the border of every layer.

    For each UNIT the box of its visible field and the positions seen in it, its theoretical field, how much
    of that lies in padding, and how much of the field and of the input the unit sees.

    NETWORK is as for the table. LAYER is the name of a layer, a glob that matches one, or the name of a
    block, whose last layer is meant; several may stand there, and without any it is, for each output of the
    network, the last layer that has positions. UNIT is its place in the layer, ROW,COL from 0, with as many
    numbers as the layer has axes; without any the unit in the middle and those at the corners are shown.
    """
    known = 0 if expression is not None else 1
    drawn = picture is not None or down is not None or image is not None
    if drawn and where.format is None:
        where = where._replace(format="chart")
    if drawn and where.format not in CHART_FORMATS:
        named = f"{where.format} has no pictures" if where.format else "no format of pictures"
        raise UsageError(f"{named}; the formats are {', '.join(sorted(CHART_FORMATS))}")
    from rfcalc.library import analyze

    given: dict[str, Any] = {"input": input_sizes(inputs), "params": by_name("--set", settings)}
    description = described(words[:known], expression, max_layers, **given, python=python, layers=layers)
    analysis = analyze(description, **given, batch=batch)
    from rfcalc.report.location.asking import locate_layers

    # What comes first is a layer where it may be one: models have layers of the name 0.
    unit = [is_place(word) and (number > 0 or "," in word) for number, word in enumerate(words[known:])]
    located = locate_layers(
        analysis,
        [word for word, place in zip(words[known:], unit, strict=True) if not place],
        [word for word, place in zip(words[known:], unit, strict=True) if place],
        corners=corners,
        every_unit=every,
        pixels=pixels,
        boxes=boxes,
        strict=strict,
    )
    if where.format in CHART_FORMATS:
        _draw(located, picture or ("fields" if down is None else "layers"), down, image, where)
        return
    if where.format == "json":
        from rfcalc.shown import Location

        write_data(Location(located, where.language or "en").to_dict(), where.file)
        return
    from rfcalc.report.location.table import located_tables

    language = where.language or "en"
    tables = [table for each in located for table in located_tables(each, language)]
    if len(tables) > 1 and where.format in MACHINE_FORMATS:
        raise UsageError(
            "rows alone hold units or regions of one layer: ask for one of them, or for --format json"
        )
    write_tables(*tables, output=where)


def is_place(word: str) -> bool:
    """Whether a word is meant as a unit: a number, or several with commas between."""
    return "," in word or is_digits(word)


def _draw(
    located: tuple[Located, ...], kind: str, down: int | None, image: str | None, where: Output
) -> None:
    from rfcalc.cli.charts import write_chart
    from rfcalc.report.location.chart import location_chart

    behind = None
    if image is not None:
        from rfcalc.report.location.photo import image_file

        behind = image_file(image)
    write_chart(
        lambda language: location_chart(located, kind, down=down, image=behind, language=language), where
    )
