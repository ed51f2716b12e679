"""`rfcalc spec`: the description of a network, as it is read."""

from __future__ import annotations

from rfcalc.cli.options import (
    by_name,
    described,
    input_sizes,
    network_options,
)
from rfcalc.cli.output import emit, encoding_of
from rfcalc.cli.output_options import DESCRIPTION_FILE
from rfcalc.cli.texts import command


@command(
    "spec",
    "Print the description of a network.",
    ("rfcalc spec resnet50", "how ResNet-50 is described"),
    ("rfcalc spec vgg16 -o my-vgg.yaml", "a copy to change"),
    ("rfcalc spec vgg16 --input 64x64x3 --set classes=10", "one that says so itself"),
    ("rfcalc spec -e 'conv f=3 d=64; relu' --input 32x32x3", "what was tried, to go on with"),
    ("rfcalc spec net.json -o net.yaml", "JSON as YAML"),
)
@network_options(analysed=False)
@DESCRIPTION_FILE
def spec(
    networks: tuple[str, ...],
    expression: str | None,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    output: str | None,
) -> None:
    """Print the description of NETWORK as it is written, comments included.

    With --input or --set it is printed with these in it, without the promises of `check:`; layers of -e and
    files of JSON are printed as YAML.  Comments are left out then.  Of a model it is a layer on a line, as
    messages show them; `rfcalc convert` folds what repeats.
    """
    from rfcalc.description_text import description_text
    from rfcalc.render.characters import transliterate

    sizes, values = input_sizes(inputs), by_name("--set", settings)
    description = described(networks, expression, input=sizes, params=values, python=python)
    if sizes or values or expression is not None or description.source.name.endswith(".json"):
        text = description_text(description, input=sizes, params=values)
    else:
        text = description.source.text
    emit(transliterate(text, encoding_of(output)), output)
