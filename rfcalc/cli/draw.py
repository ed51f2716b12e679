"""`rfcalc draw`: the architecture as a drawing, as figures of papers have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rfcalc.cli.charts import say_missing
from rfcalc.cli.operands import InOrder, analysed, named_operands, operand_options
from rfcalc.cli.options import OneOf, Positive
from rfcalc.cli.output import Output, emit, encoding_of
from rfcalc.cli.output_options import output_options
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError
from rfcalc.render.formats import DRAWING_CONTENTS
from rfcalc.report.diagram.diagram import DRAWING_STYLES

if TYPE_CHECKING:
    from rfcalc.report.diagram.diagram import Diagram, DrawingStyle
    from rfcalc.report.words import Language

_ABOUT = "Without it: what the suffix of -o says."


@command(
    "draw",
    "Draw the architecture: boxes, branches, shortcuts.",
    ("rfcalc draw resnet34 -o resnet34.svg", "every layer, from the input down"),
    ("rfcalc draw vgg19 plain34 resnet34 -o figure.svg", "side by side, rows of one map size"),
    ("rfcalc draw resnet152 -o resnet152.pdf", "of a long network blocks, equal ones once"),
    ("rfcalc draw resnet152 --all -o resnet152.svg", "every layer of it"),
    ("rfcalc draw googlenet --depth 1 -o googlenet.svg", "blocks as one box each"),
    ("rfcalc draw resnet50 --block bottleneck -o block.svg", "the inside of a block"),
    ("rfcalc draw alexnet --style volumes -o alexnet.svg", "maps as volumes, to scale"),
    ("rfcalc draw alexnet --style volumes -o alexnet.tex", "the same as TikZ, to be edited"),
    ("rfcalc draw unet --format mermaid", "text that GitHub draws"),
    ("rfcalc draw unet -o unet.dot", "a graph to be laid out by Graphviz"),
    cls=InOrder,
)
@operand_options()
@click.option(
    "--depth",
    type=Positive(),
    metavar="N",
    help="Blocks and repeats at N levels of names are one box each, equal ones in a chain together.",
)
@click.option("--all", "every", is_flag=True, help="Every layer, however many there are.")
@click.option(
    "--block",
    metavar="NAME",
    help="The inside of a part alone, by the name of its layers (layer3.0), or of the first call of a block.",
)
@click.option(
    "--style",
    type=OneOf(DRAWING_STYLES),
    default="boxes",
    metavar="STYLE",
    help="boxes, or volumes: maps in the scale of their sizes, one behind the other.",
)
@output_options(DRAWING_CONTENTS, _ABOUT)
def draw(
    networks: tuple[str, ...],
    expressions: tuple[str, ...],
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    batch: int,
    max_layers: int,
    depth: int | None,
    every: bool,
    block: str | None,
    style: DrawingStyle,
    where: Output,
) -> None:
    """Draw the architecture of networks, from the input at the top to the output.

    A box is a layer with weights or a window, with what works in place on what it leaves (normalisation,
    activation). Shortcuts pass at the side, dashed where they change the size; a projection alone beside a
    longer branch is a shortcut, too. Colours are those of map sizes. Several networks stand side by side, in
    rows of one map size where the order of their sizes allows it.

    Unless --depth or --all say so, a network of more than 100 boxes is drawn as deep as they allow.

    --style volumes draws the maps on the longest way from the input at the left: height and width as high and
    deep as the map, channels as thick, lengths by the square root of sizes; vectors are bars. In each is the
    window that a unit of the next one reads. What passes by is an arrow above. Blocks with branches are one
    volume, where that leaves a chain. Several networks stand below each other, in one scale.

    NETWORK is as for the table.
    """
    operands = named_operands(networks, python, least=1)
    if where.format is None:
        raise UsageError(
            "a drawing is a file: name it with -o net.svg (.pdf, .png, .tex, .mmd, .dot), or say --format svg"
        )
    if style != "boxes" and where.format in ("mermaid", "dot"):
        raise UsageError(
            f"{where.format} has boxes and edges alone; --style volumes is drawn as svg, png, pdf or tikz"
        )
    read = analysed(operands, inputs, settings, layers, batch, max_layers)
    analyses = [analysis for _, analysis in read]

    from rfcalc.report.diagram.building import chosen_diagram

    def drawn(language: Language) -> list[Diagram]:
        return [chosen_diagram(analysis, depth, every, block, language, style) for analysis in analyses]

    language = where.language or "en"
    diagrams = drawn(language)
    if where.format == "svg":
        from rfcalc.render.charts.svg import in_encoding
        from rfcalc.render.diagrams.svg import diagram_svg

        emit(in_encoding(diagram_svg(diagrams, style=style), encoding_of(where.file)), where.file)
    elif where.format == "mermaid":
        from rfcalc.render.diagrams.mermaid import diagram_mermaid

        emit(diagram_mermaid(diagrams), where.file)
    elif where.format == "dot":
        from rfcalc.render.diagrams.dot import diagram_dot

        emit(diagram_dot(diagrams), where.file)
    elif where.format == "tikz":
        from rfcalc.render.diagrams.tikz import diagram_tikz, tikz_without_glyphs

        if missing := tikz_without_glyphs(diagrams, style):
            say_missing(missing, in_english=False, lacking="LaTeX's fonts do not have")
        emit(diagram_tikz(diagrams, style), where.file)
    else:
        from rfcalc.render.diagrams.matplotlib import diagram_file, diagram_without_glyphs

        if missing := diagram_without_glyphs(diagrams, style):
            diagrams = drawn("en")
            say_missing(missing, in_english=language != "en")
        emit(diagram_file(diagrams, where.format, style), where.file)
