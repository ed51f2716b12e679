"""Diagrams as DOT, the language of Graphviz: to be laid out and edited by other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import printable
from rfcalc.render.charts.palette import LIGHT, mixed
from rfcalc.render.diagrams.column import levels_of
from rfcalc.render.diagrams.mermaid import box_text, is_named_join
from rfcalc.render.diagrams.page import TINT
from rfcalc.report.diagram.box_texts import edge_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfcalc.report.diagram.diagram import Diagram

_SHAPES = {
    "input": "shape=box,style=rounded",
    "join": "shape=circle,margin=0.02",
    "layer": "shape=box",
    "block": "shape=box,peripheries=2",
}
_HEAD = (
    '  graph [rankdir=TB,fontname="Helvetica"]',
    '  node [fontname="Helvetica",fontsize=11,height=0.3]',
    '  edge [fontname="Helvetica",fontsize=9,arrowsize=0.6]',
)


def dot(text: str) -> str:
    """A text between quotation marks, in which Graphviz finds no escape and no reference."""
    for sign, written in (("&", "&amp;"), ("\\", "\\\\"), ('"', '\\"')):
        text = text.replace(sign, written)
    return f'"{printable(text).replace(chr(10), " ")}"'


def diagram_dot(diagrams: Sequence[Diagram]) -> str:
    """A graph of diagrams side by side, each a cluster where there are several."""
    lines = ["digraph {", *_HEAD]
    series: dict[object, int] = {}
    for number, diagram in enumerate(diagrams):
        if len(diagrams) > 1:
            lines += [f"  subgraph cluster_{number} {{", f"  label={dot(diagram.name)}"]
        lines += _lines(diagram, f"n{number}_", series)
        if len(diagrams) > 1:
            lines.append("  }")
    return "\n".join([*lines, "}"]) + "\n"


def _lines(diagram: Diagram, prefix: str, series: dict[object, int]) -> Iterator[str]:
    """The statements of a diagram; series: the colour of each level of sizes, in the order of their first."""
    for number, (box, level) in enumerate(zip(diagram.boxes, levels_of(diagram), strict=True)):
        look = _SHAPES["input" if is_named_join(box) else box.kind]
        if box.kind in ("layer", "block"):
            colour = LIGHT.colour(series.setdefault(level, len(series)))
            look += f',style=filled,color="#{colour}",fillcolor="#{mixed(colour, LIGHT.ground, TINT)}"'
        yield f"  {prefix}{number} [label={dot(box_text(box, diagram.language))},{look}]"
    for edge in diagram.edges:
        text = edge_text(edge, diagram.language)
        said = [f"label={dot(text)}"] if text else []
        looks = ",".join([*said, *(["style=dashed"] if edge.changes else [])])
        yield f"  {prefix}{edge.source} -> {prefix}{edge.target}" + (f" [{looks}]" if looks else "")
