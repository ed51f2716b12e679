"""`rfcalc export`: a network as what other programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rfcalc.cli.options import MAX_LAYERS, OneOf, by_name, described, input_sizes, network_options
from rfcalc.cli.output import emit, encoding_of
from rfcalc.cli.output_options import output_file
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError
from rfcalc.render.formats import WRITTEN_SUFFIXES, format_of_file

if TYPE_CHECKING:
    from rfcalc.exporting.onnx.nodes import WeightChoice

# What is written for each target.
_TARGETS = {"torch": WRITTEN_SUFFIXES[".py"], "onnx": WRITTEN_SUFFIXES[".onnx"]}
_WEIGHTS = ("none", "random")


@command(
    "export",
    "Write a network as a PyTorch module or an ONNX model.",
    ("rfcalc export resnet50 --to torch -o resnet50.py", "ResNet-50 as a module to train"),
    ("rfcalc export resnet50 -o resnet50.onnx", "as an ONNX model without weights, to look at or to run"),
    ("rfcalc export net.yaml -o net.onnx --weights random", "with random weights in the file"),
    ("rfcalc export net.yaml --to torch --input 3,64,64", "your own description at another input size"),
    ("rfcalc export model.onnx --to torch -o model.py", "a model's structure as source to go on with"),
)
@network_options(analysed=False)
@click.option(
    "--to",
    "format_name",
    type=OneOf(tuple(_TARGETS)),
    is_eager=True,
    help="What is written: torch (.py) or onnx (.onnx); the suffix of -o stands for it.",
)
@click.option(
    "--weights",
    type=OneOf(_WEIGHTS),
    help="Of an ONNX model: none, which leaves their sizes and a small file, or random.  [default: none]",
)
@MAX_LAYERS
@output_file(_TARGETS, "--to")
def export(
    networks: tuple[str, ...],
    expression: str | None,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    format_name: str | None,
    weights: WeightChoice | None,
    max_layers: int,
    output: str | None,
) -> None:
    """Write NETWORK as the source of a PyTorch module or as an ONNX model, which need nothing of rfcalc.

    In the source blocks are classes, repeats are Sequential.  Sizes and parameters are those of the table;
    tensors are (N, C, axes).  A layer that cannot be written is refused with its line.
    """
    from rfcalc.export import exported, exported_model
    from rfcalc.render.characters import transliterate

    target = format_name or format_of_file(output, _TARGETS)
    if target is None:
        raise UsageError("say what is written: --to torch or --to onnx, or -o FILE with .py or .onnx")
    if weights is not None and target != "onnx":
        raise UsageError("--weights is for ONNX models: a module of PyTorch draws its own when it is made")
    sizes, values = input_sizes(inputs), by_name("--set", settings)
    description = described(networks, expression, max_layers, input=sizes, params=values, python=python)
    if target == "onnx":
        emit(exported_model(description, weights or "none", input=sizes, params=values), output)
        return
    text = exported(description, input=sizes, params=values)
    emit(transliterate(text, encoding_of(output)), output)
