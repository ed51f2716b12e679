"""`rfcalc report`: one page that shows networks, in one file."""

from __future__ import annotations

import click

from rfcalc.cli.operands import InOrder, analysed, named_operands, operand_options
from rfcalc.cli.options import DTYPE, chosen_formats
from rfcalc.cli.output import Output, emit, encoding_of, is_terminal
from rfcalc.cli.output_options import output_options
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError

_CONTENTS = {"html": "html"}


@command(
    "report",
    "Write one page that shows networks.",
    ("rfcalc report resnet50 -o resnet50.html", "a page to open, send or attach"),
    ("rfcalc report net.yaml -o net.html --lang zh", "your own description, in Chinese"),
    ("rfcalc report resnet50 resnet50-v1 -o both.html", "two networks, and what differs"),
    ("rfcalc report model.onnx --input 1,3,320,320 > model.html", "a model at another input size"),
    cls=InOrder,
)
@operand_options()
@DTYPE
@output_options(_CONTENTS, "Pages are html.")
def report(
    networks: tuple[str, ...],
    expressions: tuple[str, ...],
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    dtype: str | None,
    where: Output,
) -> None:
    """Write a page with the figures of networks, what a check finds, where the work is, and every layer.

    The page is one file that loads nothing: it opens anywhere, can be sent or attached, and is read without
    scripts too. Of several networks it holds the others against the first, as `rfcalc compare` does.
    """
    if is_terminal(where.file):
        raise UsageError("a page is no text for a terminal: write it to a file, -o page.html")
    operands = named_operands(networks, python, least=1)
    read = analysed(operands, inputs, settings, layers, batch, max_layers)
    formats = chosen_formats(dtype, [description for description, _ in read])
    from rfcalc.render.charts.svg import in_encoding
    from rfcalc.render.page.document import report_html
    from rfcalc.report.comparison.words import LETTERS
    from rfcalc.report.page.making import Reported, network_report

    language = where.language or "en"
    reported = [
        Reported(operand.name, analysis, analysis.check())
        for operand, (_, analysis) in zip(operands, read, strict=True)
    ]
    made = network_report(reported, LETTERS, (), formats, language)
    emit(in_encoding(report_html(made), encoding_of(where.file)), where.file)
