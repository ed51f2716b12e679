"""`rfcalc convert`: a model as a description to read on with."""

from __future__ import annotations

import click

from rfcalc.cli.options import (
    INPUT,
    LAYERS,
    MAX_LAYERS,
    MODEL,
    PYTHON,
    SETTING,
    by_name,
    described,
    input_sizes,
)
from rfcalc.cli.output import emit, encoding_of, say
from rfcalc.cli.output_options import DESCRIPTION_FILE
from rfcalc.cli.texts import command


@command(
    "convert",
    "Write a model as a description.",
    ("rfcalc convert model.onnx -o net.yaml", "an ONNX file as a description to read and to change"),
    ("rfcalc convert model.onnx --input 3,320,320", "read at another input size"),
    (
        "rfcalc convert exported.pt2 --output layer3",
        "a PyTorch program up to one of its layers",
    ),
    ("rfcalc convert my.nets:build --input 3,224,224 --set width=32", "what a callable makes; runs its code"),
)
@click.argument("networks", metavar="MODEL", nargs=-1, type=MODEL)
@INPUT
@SETTING
@PYTHON
@LAYERS
@MAX_LAYERS
@DESCRIPTION_FILE
def convert(
    networks: tuple[str, ...],
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    max_layers: int,
    output: str | None,
) -> None:
    """Write a model as a description: repeated layers as blocks and repeats, names as the model has them.

    MODEL is the path of a model (ONNX, exported PyTorch, Keras, Ultralytics, darknet, Caffe, plans of
    nnU-Net), or package.module:callable, which RUNS THE CODE of that module. The description is that of the
    model at one input size, and its figures are those of the model to the digit.
    """
    from rfcalc.conversion import converted
    from rfcalc.render.characters import transliterate

    sizes, values = input_sizes(inputs), by_name("--set", settings)
    description = described(
        networks, None, max_layers, input=sizes, params=values, python=python, layers=layers
    )
    text, folded = converted(description)
    if not folded:
        say("rfcalc: note: what repeats is not folded: each layer has a line of its own")
    emit(transliterate(text, encoding_of(output)), output)
