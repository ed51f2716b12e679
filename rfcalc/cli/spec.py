"""`rfcalc spec`: a shipped description, as it is read."""

from __future__ import annotations

import click

from rfcalc.cli.options import NETWORK, OUTPUT
from rfcalc.cli.output import emit, encoding_of
from rfcalc.cli.texts import command


@command(
    "spec",
    "Print a shipped description.",
    ("rfcalc spec resnet50", "how ResNet-50 is described"),
    ("rfcalc spec vgg16 -o my-vgg.yaml", "a copy to change"),
)
@click.argument("network", type=NETWORK)
@OUTPUT
def spec(network: str, output: str | None) -> None:
    """Print the description of the shipped NETWORK, comments included."""
    from rfcalc.library import shipped_text
    from rfcalc.render.characters import transliterate

    emit(transliterate(shipped_text(network), encoding_of(output)), output)
