"""`rfcalc export`: a network as the source of a program of another library."""

from __future__ import annotations

import click

from rfcalc.cli.options import MAX_LAYERS, OneOf, by_name, described, input_sizes, network_options
from rfcalc.cli.output import emit, encoding_of
from rfcalc.cli.output_options import output_file
from rfcalc.cli.texts import command


@command(
    "export",
    "Write a network as a PyTorch module.",
    ("rfcalc export resnet50 --to torch -o resnet50.py", "ResNet-50 as a module to train"),
    ("rfcalc export net.yaml --to torch --input 3,64,64", "your own description at another input size"),
    ("rfcalc export model.onnx --to torch -o model.py", "a model's structure as source to go on with"),
)
@network_options(analysed=False)
@click.option("--to", "target", type=OneOf(("torch",)), required=True, help="What is written: torch.")
@MAX_LAYERS
@output_file({"python": "python"})
def export(
    networks: tuple[str, ...],
    expression: str | None,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    target: str,
    max_layers: int,
    output: str | None,
) -> None:
    """Write NETWORK as the source of a PyTorch module, which needs nothing of rfcalc.

    Blocks are classes, repeats are Sequential; sizes and parameters are those of the table.  Tensors are
    (N, C, axes).  A layer that cannot be written is refused with its line, and nothing is written.
    """
    from rfcalc.export import exported
    from rfcalc.render.characters import transliterate

    sizes, values = input_sizes(inputs), by_name("--set", settings)
    description = described(networks, expression, max_layers, input=sizes, params=values, python=python)
    text = exported(description, input=sizes, params=values)
    emit(transliterate(text, encoding_of(output)), output)
