"""Diagrams as Mermaid, which GitHub, GitLab and many editors draw: text that lives in a document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfcalc.errors import printable
from rfcalc.render.charts.palette import LIGHT, mixed
from rfcalc.render.diagrams.column import lettered_text, levels_of
from rfcalc.render.diagrams.page import TINT
from rfcalc.report.diagram.box_texts import edge_text, sizes_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfcalc.report.diagram.diagram import Diagram, DiagramBox
    from rfcalc.report.words import Language

# What is no markup in a quoted text of Mermaid, nor of the Markdown and HTML that it may be read as.
_LIVE = re.compile(r"[!-+\-.:-@\[-`{-~]")
_SHAPES = {"input": ('(["', '"])'), "join": ('(("', '"))'), "layer": ('["', '"]'), "block": ('[["', '"]]')}


def mermaid(text: str) -> str:
    """A text between quotation marks, all signs but the plainest as references."""
    return _LIVE.sub(lambda found: f"#{ord(found[0])};", printable(text).replace("\n", " "))


def diagram_mermaid(diagrams: Sequence[Diagram]) -> str:
    """A flowchart of diagrams side by side."""
    lines = ["flowchart TD"]
    painted: dict[object, list[str]] = {}
    for number, diagram in enumerate(diagrams):
        prefix = _prefix(number)
        if len(diagrams) > 1:
            lines.append(f'  subgraph {prefix}["{mermaid(diagram.name)}"]')
        lines += _lines(diagram, prefix)
        for box, (each, level) in enumerate(zip(diagram.boxes, levels_of(diagram), strict=True)):
            if each.kind in ("layer", "block"):
                painted.setdefault(level, []).append(f"{prefix}{box}")
        if len(diagrams) > 1:
            lines.append("  end")
    for number, names in enumerate(painted.values()):
        colour = LIGHT.colour(number)
        tint = mixed(colour, LIGHT.ground, TINT)
        lines.append(f"  classDef s{number} fill:#{tint},stroke:#{colour},color:#{LIGHT.ink}")
        lines.append(f"  class {','.join(names)} s{number}")
    return "\n".join(lines) + "\n"


def _lines(diagram: Diagram, prefix: str) -> Iterator[str]:
    for number, box in enumerate(diagram.boxes):
        opening, closing = _SHAPES["input" if is_named_join(box) else box.kind]
        yield f"  {prefix}{number}{opening}{mermaid(box_text(box, diagram.language))}{closing}"
    for edge in diagram.edges:
        arrow = "-.->" if edge.changes else "-->"
        text = edge_text(edge, diagram.language)
        said = f'|"{mermaid(text)}"|' if text else ""
        yield f"  {prefix}{edge.source} {arrow}{said} {prefix}{edge.target}"


def box_text(box: DiagramBox, language: Language) -> str:
    """What stands in a box of one line."""
    text, _ = lettered_text(box)
    if box.kind == "input" or (box.kind == "join" and not is_named_join(box)):
        return text
    return f"{text}, {sizes_text(box.outputs, language)}"


def is_named_join(box: DiagramBox) -> bool:
    """Whether a join says a word, not a sign: it is no circle then, and says the size of what it leaves."""
    return box.kind == "join" and len(box.text) > 1


def _prefix(number: int) -> str:
    """What the names of one diagram's boxes begin with: a letter, behind the last of them with a number."""
    letter, turn = chr(ord("a") + number % 26), number // 26
    return f"{letter}{turn}_" if turn else letter
