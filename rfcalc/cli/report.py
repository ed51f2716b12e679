"""`rfcalc report`: one page that shows networks, in one file."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from rfcalc.cli.branch_weights import BRANCH_WEIGHTS_OPTION
from rfcalc.cli.operands import EXPRESSION, InOrder, analysed, named_operands, operand_options
from rfcalc.cli.options import DTYPE, chosen_formats
from rfcalc.cli.output import Output, emit, encoding_of, is_terminal
from rfcalc.cli.output_options import output_options
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError
from rfcalc.files import STANDARD_INPUT
from rfcalc.render.formats import REPORT_CONTENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.analysis.fields.figures import BranchWeights


@command(
    "report",
    "Write one page that shows networks.",
    ("rfcalc report resnet50 -o resnet50.html", "a page to open, send or attach"),
    ("rfcalc report net.yaml -o net.html --lang zh", "your own description, in Chinese"),
    ("rfcalc report resnet50 resnet50-v1 -o both.html", "two networks, and what differs"),
    ("rfcalc report net.yaml -o net.md", "figures, diagram and table as Markdown, for a README"),
    ("rfcalc report model.onnx --input 1,3,320,320 > model.html", "a model at another input size"),
    cls=InOrder,
)
@operand_options()
@BRANCH_WEIGHTS_OPTION
@DTYPE
@click.option(
    "--image",
    metavar="FILE",
    help="A PNG, JPEG or WebP that lies behind the fields, scaled to the input.",
)
@output_options(REPORT_CONTENTS, "Without it: what the suffix of -o says, else html.")
def report(
    networks: tuple[str, ...],
    expressions: tuple[str, ...],
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    branch_weights: BranchWeights,
    dtype: str | None,
    image: str | None,
    where: Output,
) -> None:
    """Write a page with the figures of networks, what a check finds, where the work is, and every layer.

    The page is one file that loads nothing: it opens anywhere, can be sent or attached, and is read without
    scripts too; as Markdown it has figures, findings, a diagram and the table. Of several networks it holds
    the others against the first, as `rfcalc compare` does.
    """
    if where.format is None and is_terminal(where.file):
        raise UsageError("a page is a file: name it with -o net.html (.md), or say --format html")
    if where.format == "markdown" and image is not None:
        raise UsageError("--image lies behind the fields of a page; as Markdown there are none")
    operands = named_operands(networks, python, least=1)
    read = analysed(operands, inputs, settings, layers, batch, max_layers)
    formats = chosen_formats(dtype, [description for description, _ in read])
    from rfcalc.cli.found import ConfiguredCheck
    from rfcalc.render.charts.svg import in_encoding
    from rfcalc.render.page.document import report_html
    from rfcalc.report.page.making import ReportedNetwork, network_report, page_settings

    shown = page_settings(formats, where.language or "en", branch_weights, image)
    check = ConfiguredCheck(networks)
    reported = [
        ReportedNetwork(
            operand.name,
            analysis,
            check.findings("" if word.startswith(EXPRESSION) else word, analysis),
            _meant(word, len(networks), inputs, settings, layers, python),
        )
        for word, operand, (_, analysis) in zip(networks, operands, read, strict=True)
    ]
    if len(read) == 1:
        made = network_report(reported, shown)
    else:
        from rfcalc.compared import compared

        found = compared([each.analysis for each in reported], [each.name for each in reported])
        made = found._replace(dtype=formats).page_of(reported, shown)
    if where.format == "markdown":
        from rfcalc.render.page.markdown import report_markdown

        emit(report_markdown(made, encoding_of(where.file)), where.file)
        return
    emit(in_encoding(report_html(made), encoding_of(where.file)), where.file)


def _meant(
    word: str,
    several: int,
    inputs: Sequence[str],
    settings: Sequence[str],
    layers: Sequence[str],
    python: str | None,
) -> str:
    """The words of a command for one network that mean an operand; "" where none do."""
    options = [
        *[("--input", size) for size in inputs],
        *[("--set", setting) for setting in settings],
        *[("--output", layer) for layer in layers],
    ]
    # Options with letters, and those that mean nothing to one of several, are for commands of several.
    if word == STANDARD_INPUT or (several > 1 and options):
        return ""
    expression = word.removeprefix(EXPRESSION)
    named = [word] if word == expression else ["-e", expression]
    options += [("--python", python)] if python else []
    return shlex.join([*[each for option in options for each in option], *named])
