"""`rfcalc compare`: two or more networks side by side."""

from __future__ import annotations

import click

from rfcalc.cli.known_words import column_words
from rfcalc.cli.operands import InOrder, analysed, named_operands, operand_options, operands_at
from rfcalc.cli.options import DTYPE, OfferedWords, chosen_formats, column_names
from rfcalc.cli.output import Output
from rfcalc.cli.output_options import output_options
from rfcalc.cli.tables import write_data, write_tables
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError
from rfcalc.render.formats import MACHINE_FORMATS


def _columns(typed: str) -> dict[str, str]:
    """The columns of a comparison: those of a network's table, and NAME_difference."""
    from rfcalc.report.comparison.layers import difference_names

    return column_words(typed) | dict.fromkeys(difference_names(), "")


@command(
    "compare",
    "Hold networks against each other.",
    ("rfcalc compare conv7x7 conv3x3-stack", "one 7x7 against three 3x3, with symbols"),
    ("rfcalc compare resnet50 resnet50-v1", "what the place of the stride accounts for"),
    ("rfcalc compare vgg19 plain34 resnet34", "several, each against the first"),
    ("rfcalc compare old.yaml new.yaml --format markdown", "two files, for a pull request"),
    ("rfcalc compare model.onnx resnet50", "what was exported against what was published"),
    ("rfcalc compare --git HEAD net.yaml", "a file against its last commit"),
    ("rfcalc compare vgg16 -e 'conv f=3 d=64; relu' --input 224x224x3", "layers as an operand"),
    ("rfcalc compare resnet50 resnet50 --input B=320x320x3", "one network at two input sizes"),
    ("rfcalc compare vgg16 vgg16 --set B:classes=10", "with two values of a parameter"),
    ("rfcalc compare resnet18 resnet34 --summary", "the figures alone"),
    cls=InOrder,
)
@operand_options(
    click.option(
        "--git",
        "revision",
        metavar="REV",
        help="Compare the one file given with what it was at this revision, A... for its merge base with "
        "HEAD.",
    )
)
@click.option("--summary", is_flag=True, help="The summary alone, without edits and layers.")
@click.option(
    "--columns",
    type=OfferedWords("columns", _columns, listed=True),
    metavar="NAMES",
    help="Columns of the layers, joined by commas: those of a network's table, and NAME_difference.",
)
@click.option("--all", "every", is_flag=True, help="Every layer: fold neither equal layers nor blocks.")
@DTYPE
@output_options()
def compare(
    networks: tuple[str, ...],
    expressions: tuple[str, ...],
    revision: str | None,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    summary: bool,
    columns: str | None,
    every: bool,
    dtype: str | None,
    where: Output,
) -> None:
    """Hold networks against the first one: figures, edits and what they account for, layers side by side.

    A NETWORK is the name of a shipped network, the path of a description or of a model (ONNX, exported
    PyTorch, Keras, Ultralytics, darknet, Caffe, plans of nnU-Net; it contains a slash or ends in a suffix),
    package.module:callable, which RUNS THE CODE of that module, or - for standard input. Layers are matched
    by what they do, and every difference of the totals is charged to the edits that cause it.

    Formats of rows alone (csv, tsv) hold the layers of two networks, or with --summary the figures.
    """
    names = column_names(columns)
    from rfcalc.report.comparison.layers import find_shown

    # A wrong name is reported before any network is read.
    find_shown(names)
    operands = named_operands(networks, python) if revision is None else operands_at(networks, revision)
    read = analysed(operands, inputs, settings, layers, batch, max_layers)
    formats = chosen_formats(dtype, [description for description, _ in read])
    from rfcalc.compared import compared
    from rfcalc.report.comparison.summary import ComparisonView

    names_given = [operand.name for operand in operands]
    found = compared([analysis for _, analysis in read], names_given)._replace(dtype=formats)
    if where.format == "json":
        write_data(found.to_dict(), where.file)
        return
    from rfcalc.report.comparison.tables import comparison_tables

    rows_alone = where.format in MACHINE_FORMATS
    view = ComparisonView(names, summary, every, rows_alone, formats, where.language or "en")
    tables = comparison_tables(found.networks, found.comparisons, view)
    if rows_alone:
        # A format of rows alone holds one table: the summary, or the layers of two networks.
        if len(read) > 2 and not summary and len(tables) > 1:
            raise UsageError(
                "rows alone hold the layers of two networks; --summary gives the figures of more"
            )
        tables = (tables[0 if summary else -1],)
    write_tables(*tables, output=where, droppable=not names)
