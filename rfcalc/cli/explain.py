"""`rfcalc explain`: where a layer's figures come from."""

from __future__ import annotations

from typing import Any

import click

from rfcalc.cli.known_words import shipped_words
from rfcalc.cli.layer_words import NetworkAndLayer
from rfcalc.cli.options import (
    DTYPE,
    RATE,
    OneOf,
    by_name,
    chosen_formats,
    described,
    input_rates,
    input_sizes,
    network_options,
)
from rfcalc.cli.output import Output, emit, encoding_of, is_terminal, terminal_width, wants_colour
from rfcalc.cli.output_options import output_options
from rfcalc.cli.tables import write_data
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError, quoted
from rfcalc.report.explanation.words import SUBJECTS

_CONTENTS = {name: name for name in ("text", "markdown", "latex", "json")}


@command(
    "explain",
    "Explain where a layer's figures come from.",
    ("rfcalc explain vgg16", "where the network's receptive field comes from"),
    ("rfcalc explain vgg16 conv5_3", "every figure of one layer"),
    ("rfcalc explain resnet50 layer3 --what field", "the field at the end of a block"),
    ("rfcalc explain alexnet fc6 --what params --what memory", "parameters, and the bytes they take"),
    ("rfcalc explain -e 'conv f=7 p=3 d=C' --input HxWxC conv1", "with symbols"),
    ("rfcalc explain unet segmentation --format latex", "formulas to paste into a document"),
)
@network_options(
    click.argument(
        "words", metavar="[NETWORK] [LAYER]", nargs=-1, type=NetworkAndLayer("layer", shipped_words)
    )
)
@click.option(
    "--what",
    "subjects",
    type=OneOf(SUBJECTS),
    metavar="FIGURE",
    multiple=True,
    help="One of " + ", ".join(SUBJECTS) + "; all of them without it. Repeatable.",
)
@RATE
@DTYPE
@output_options(
    _CONTENTS,
    "Without it: what the suffix of -o says, else text. latex has an align* for each figure.",
)
def explain(
    words: tuple[str, ...],
    expression: str | None,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    subjects: tuple[str, ...],
    rates: tuple[str, ...],
    dtype: str | None,
    where: Output,
) -> None:
    """Explain a layer's output size, receptive field, parameters, multiply-adds and memory.

    Each figure line by line: its formula, what the names in it stand for and where their numbers come
    from, the numbers put in, the result; for the receptive field the chain of layers that sets it.

    NETWORK is as for the table. LAYER is the name of a layer, a glob that matches one, or the name of a
    block, whose last layer is meant; without it the receptive field of the network is explained.
    """
    most = 2 if expression is None else 1
    if len(words) > most:
        raise UsageError(f"one layer at a time, got {', '.join(map(quoted, words[most - 1 :]))}")
    layer = words[most - 1] if len(words) == most else None
    from rfcalc.library import analyze

    given: dict[str, Any] = {"input": input_sizes(inputs), "params": by_name("--set", settings)}
    description = described(words[: most - 1], expression, max_layers, **given, python=python, layers=layers)
    analysis = analyze(description, **given, batch=batch, rate=input_rates(rates))
    dtype = str(chosen_formats(dtype, [description]))
    explanation = analysis.explain(layer, subjects, dtype=dtype, language=where.language or "en")
    if where.format == "json":
        write_data(explanation.to_dict(), where.file)
        return
    encoding = encoding_of(where.file)
    if where.format is None and is_terminal(where.file):
        from rfcalc.render.explanation import render_explanation

        colour = wants_colour(where.no_color)
        text = render_explanation(explanation.document, encoding, terminal_width(), colour=colour)
    else:
        text = explanation.text(where.format or "text", encoding)
    emit(text, where.file)
