"""`rfcalc NETWORK`: the table of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rfcalc.cli.branch_weights import BRANCH_WEIGHTS_OPTION
from rfcalc.cli.options import (
    COLUMNS,
    DTYPE,
    RATE,
    ROWS,
    OneOf,
    Positive,
    by_name,
    chosen_formats,
    column_names,
    described,
    input_rates,
    input_sizes,
    network_options,
    split_words,
)
from rfcalc.cli.output import Output, book_language, is_terminal, say, terminal_height
from rfcalc.cli.output_options import output_options
from rfcalc.cli.tables import write_data, write_either, write_tables
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError
from rfcalc.spec.given import rates_given

if TYPE_CHECKING:
    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.description import Description
    from rfcalc.report.table import View

_TABLES = ("layers", "book")


@command(
    "show",
    "Print a network's table.",
    ("rfcalc vgg16", "the table of a shipped network"),
    ("rfcalc path/to/net.yaml --input 320x320x3", "your own, at another input size"),
    ("rfcalc model.onnx", "a model: ONNX, .pt2 of PyTorch, .cfg of darknet, .prototxt of Caffe"),
    ("rfcalc yolo11.yaml --scale n", "a model of Ultralytics, at one of its scales"),
    ("rfcalc nnUNetPlans.json:3d_fullres", "a configuration of plans of nnU-Net"),
    ("rfcalc my.nets:build --input 3,224,224", "what a callable in Python makes"),
    ("rfcalc - < net.yaml", "a description from standard input"),
    ("rfcalc -e 'conv f=7 p=3 d=C; relu' --input HxWxC", "layers on the command line, with symbols"),
    ("rfcalc resnet50 --depth 2", "blocks folded into their sums"),
    ("rfcalc resnet50 --output layer3", "what one layer needs, without the rest"),
    ("rfcalc resnet50 --only 'layer3.*' --sort macs --top 5", "where the work is"),
    ("rfcalc resnet50 --only weighted", "convolutions and fully connected layers alone"),
    ("rfcalc resnet50 --hide bn,relu", "all but two operators"),
    ("rfcalc vgg16 --columns name,rf,params_share", "columns of your choice"),
    ("rfcalc resnet50 --columns name,rf,effective_field,effective_sigma", "what units see strongly"),
    ("rfcalc vgg16 --columns help", "which columns there are"),
    ("rfcalc alexnet --table book", "the textbook's table, in Chinese"),
    ("rfcalc vgg16 --set classes=K --solve 'params <= 136M'", "the largest K"),
    ("rfcalc vgg16 -o vgg16.json", "everything, for programs (see rfcalc schema)"),
)
@network_options()
@click.option(
    "--columns",
    type=COLUMNS,
    metavar="NAMES",
    help="Columns to show, joined by commas; `help` lists them.",
)
@click.option(
    "--depth",
    type=Positive(),
    metavar="N",
    help="Fold what stands deeper than N levels of names into sums.",
)
@click.option(
    "--only",
    metavar="ROWS",
    multiple=True,
    type=ROWS,
    help="Only these rows, joined by commas: names of layers or of blocks around them, where * is any text "
    "without a dot, ? one character, a part ** any number of parts; operators (conv); kinds of operators "
    "(pooling, normalisation, activation, join); weighted: convolutions and fully connected layers; "
    "neutral: no MACs, and the size and field of what is read. Repeatable.",
)
@click.option(
    "--hide",
    metavar="ROWS",
    multiple=True,
    type=ROWS,
    help="All but these rows, named as for --only. Repeatable.",
)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Every row: else a terminal with fewer lines shows no neutral ones, unless rows are chosen.",
)
@click.option("--sort", type=COLUMNS, metavar="COLUMN", help="Sort by a column, numbers descending.")
@click.option("--top", type=Positive(), metavar="N", help="Only the first N rows.")
@click.option(
    "--table",
    "table_name",
    type=OneOf(_TABLES),
    default="layers",
    show_default=True,
    help="Which table; book prints the textbook's, in Chinese unless --lang en.",
)
@BRANCH_WEIGHTS_OPTION
@click.option(
    "--solve",
    "condition",
    metavar="CONDITION",
    help="For which values of a symbol a condition holds, such as 'params <= 136M and macs <= 16G'.",
)
@RATE
@DTYPE
@output_options()
def show(
    networks: tuple[str, ...],
    expression: str | None,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    columns: str | None,
    depth: int | None,
    only: tuple[str, ...],
    hide: tuple[str, ...],
    every: bool,
    sort: str | None,
    top: int | None,
    table_name: str,
    branch_weights: BranchWeights,
    condition: str | None,
    rates: tuple[str, ...],
    dtype: str | None,
    where: Output,
) -> None:
    """Print a network's layers with their sizes, receptive fields, parameters and multiply-adds.

    NETWORK is the name of a shipped network, the path of a description or of a model (ONNX, exported PyTorch,
    Keras, Ultralytics, darknet, Caffe, plans of nnU-Net; it contains a slash or ends in a suffix),
    package.module:callable, which RUNS THE CODE of that module, or - for standard input.
    """
    from rfcalc.report.table import View

    if columns == "help":
        from rfcalc.report.reference.definitions import columns_data, columns_table

        write_either(columns_data, columns_table, where)
        return
    names, values, sizes = column_names(columns), by_name("--set", settings), input_sizes(inputs)
    description = described(
        networks, expression, max_layers, input=sizes, params=values, python=python, layers=layers
    )
    if rates:
        description = description._replace(rates=rates_given(input_rates(rates)))
    formats = chosen_formats(dtype, [description])
    view = View(
        columns=names,
        depth=depth,
        only=split_words("--only", only),
        sort=sort or "",
        top=top,
        dtype=formats,
        language=where.language or "en",
        hide=split_words("--hide", hide),
        branch_weights=branch_weights,
    )
    if every and (only or hide):
        raise UsageError(f"--all shows every row: leave out {'--only' if only else '--hide'}")
    if condition is not None:
        options = _table_options(view) + (["--table"] if table_name != "layers" else [])
        _solve(description, condition, sizes, values, batch, view, options, where)
        return
    from rfcalc.library import analyze

    if table_name == "book":
        from rfcalc.report.network_table.book import CLASSES_PARAMETER, CLASSES_SYMBOL, book_table

        if options := _table_options(view):
            raise UsageError(f"the book's table has fixed rows and columns: leave out {', '.join(options)}")
        if where.format == "json":
            raise UsageError("the book's table has no json form; --format csv has its cells")
        # The book leaves the number of classes open: it prints C.
        if CLASSES_PARAMETER in description.params_names():
            values.setdefault(CLASSES_PARAMETER, CLASSES_SYMBOL)
        analysis = analyze(description, input=sizes, params=values, batch=batch)
        table = book_table(analysis, where.language or book_language(where.file))
        write_tables(table, output=where, droppable=False)
        return
    if where.format == "json":
        from rfcalc.report.network_table.columns import AHEAD, EFFECTIVE, SEEN, find_columns
        from rfcalc.report.network_table.data import report_data

        # The figures of these json has on demand only.
        shown = {column.name for column in find_columns(view.columns)} if view.columns else set()
        effective = view.branch_weights if shown & EFFECTIVE else None
        ahead = bool(shown & AHEAD)
        _note_on_json(view, SEEN in shown or effective is not None or ahead)
        analysis = analyze(description, input=sizes, params=values, batch=batch)
        data = report_data(analysis, dtype=formats, seen=SEEN in shown, effective=effective, lookahead=ahead)
        write_data(data, where.file)
        return
    from rfcalc.report.network_table.columns import find_column, find_columns
    from rfcalc.report.network_table.layers import build_table

    # A wrong name is reported before the network is analysed.
    find_columns(view.columns)
    if view.sort:
        find_column(view.sort)
    analysis = analyze(description, input=sizes, params=values, batch=batch)
    if where.format is None and is_terminal(where.file) and not (every or _choice_of_rows(view)):
        view = view._replace(height=terminal_height())
    write_tables(build_table(analysis, view), output=where, droppable=not view.columns)


def _solve(
    description: Description,
    condition: str,
    sizes: str | dict[str, str] | None,
    values: dict[str, str],
    batch: int,
    view: View,
    options: list[str],
    where: Output,
) -> None:
    """Print for which values of a symbol a condition holds; options: given in vain."""
    if where.format == "json":
        _note_on_json(view, asked=False)
    elif options:
        raise UsageError(f"--solve prints its answer, no table of layers: leave out {', '.join(options)}")
    from rfcalc.library import solve
    from rfcalc.report.solutions import solution_data, solution_table

    solution = solve(description, condition, input=sizes, params=values, batch=batch, dtype=str(view.dtype))
    if where.format == "json":
        from rfcalc.report.network_table.data import report_data

        report = report_data(solution.network, dtype=view.dtype)
        write_data({**report, "solutions": [solution_data(solution)]}, where.file)
    else:
        write_tables(solution_table(solution, view.dtype, view.language), output=where, droppable=False)


def _choice_of_rows(view: View) -> bool:
    """Whether it was said which rows there are to be."""
    return bool(view.depth or view.only or view.hide or view.sort or view.top)


def _table_options(view: View) -> list[str]:
    """The options that were given of those that shape the table of layers."""
    given = {
        "--columns": view.columns,
        "--depth": view.depth,
        "--only": view.only,
        "--hide": view.hide,
        "--sort": view.sort,
        "--top": view.top,
    }
    return [name for name, value in given.items() if value]


def _note_on_json(view: View, asked: bool) -> None:
    """Say what has no effect: json holds all figures but those that columns ask for, in execution order."""
    options = [name for name in _table_options(view) if not (asked and name == "--columns")]
    if options:
        verb = "has" if len(options) == 1 else "have"
        say(f"rfcalc: note: {', '.join(options)} {verb} no effect on json, which holds every layer")
