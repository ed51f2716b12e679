"""`rfcalc tile`: how a large image can be run tile by tile with the same outputs."""

from __future__ import annotations

import click

from rfcalc.cli.options import DTYPE, by_name, chosen_formats, described, input_sizes, network_options
from rfcalc.cli.output import Output
from rfcalc.cli.output_options import output_options
from rfcalc.cli.tables import write_data, write_tables
from rfcalc.cli.texts import command
from rfcalc.render.formats import MACHINE_FORMATS


@command(
    "tile",
    "Show how a large image can be run tile by tile.",
    ("rfcalc tile unet --image 8204x8204x1", "halos, the step, and tiles of several sizes"),
    ("rfcalc tile unet --image 8204x8204x1 --memory 8GiB", "the largest tiles that have room"),
    ("rfcalc tile fcn-resnet50 --image 4096x4096x3 --tile 1024x1024", "tiles of one size"),
    ("rfcalc tile unet --image 8204x8204x1 --memory 8GiB --format csv", "where each tile lies, for programs"),
    (
        "rfcalc tile vgg16 --output conv5_3 --image 4096x4096x3",
        "of a classifier the layers that have positions",
    ),
    ("rfcalc tile deeplabv3-resnet50 --image 4096x4096x3 --ignore-global", "what is local, not exact"),
)
@network_options(
    size=click.option(
        "--image",
        "--input",
        "images",
        metavar="SIZE",
        multiple=True,
        help="Size of the image, with its channels: 8192x8192x3, 3,8192,8192; NAME=SIZE for one of several "
        "inputs. By default that of the network.",
    )
)
@click.option(
    "--tile",
    metavar="SIZE",
    help="Tiles of this size, along each axis: 512x512; 512 for all of them.",
)
@click.option(
    "--memory",
    metavar="BYTES",
    help="The largest tiles whose activations have room in so much beside the parameters: 8GiB, 500MB.",
)
@click.option(
    "--ignore-global",
    is_flag=True,
    help="Leave out layers that see the whole image; tiles then are not exact.",
)
@DTYPE
@output_options()
def tile(
    networks: tuple[str, ...],
    expression: str | None,
    images: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    tile: str | None,
    memory: str | None,
    ignore_global: bool,
    dtype: str | None,
    where: Output,
) -> None:
    """Show how a large image can be run tile by tile with the outputs of the whole image.

    Along each axis the halo that units see beyond their own places, the step that tiles keep, and how far
    they overlap; what tiles of several sizes, of one size (--tile) or of the largest that have room
    (--memory) cost in memory and in MACs that are computed twice; where they begin and what of each is kept.
    A sweep back through the network proves the halo.

    Layers that see the whole image, as attention and global pooling do, make that impossible and are named.
    """
    from rfcalc.library import analyze

    sizes, values = input_sizes(images, "--image"), by_name("--set", settings)
    description = described(
        networks, expression, max_layers, input=sizes, params=values, python=python, layers=layers
    )
    if sizes:
        description = description.without_promises()
    network = analyze(description, input=sizes, params=values, batch=batch)
    formats = str(chosen_formats(dtype, [description]))
    language = where.language or "en"
    tiled = network.tile(
        tile=tile, memory=memory, ignore_global=ignore_global, dtype=formats, language=language
    )
    if where.format == "json":
        write_data(tiled.to_dict(), where.file)
        return
    from rfcalc.report.tiling.table import rows_table, tiling_tables

    if where.format in MACHINE_FORMATS:
        write_tables(rows_table(tiled.tiling, language), output=where)
        return
    write_tables(*tiling_tables(tiled.tiling, language), output=where)
