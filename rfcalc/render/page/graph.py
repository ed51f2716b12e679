"""The architecture as pictures that lead on: to a block, which opens below, or to a layer's row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.charts.svg import in_page
from rfcalc.render.diagrams.svg import diagram_svg
from rfcalc.render.page.elements import Markup, element, fragment
from rfcalc.report.page.words import listed_in, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfcalc.render.page.anchors import PageAnchors
    from rfcalc.report.diagram.diagram import Diagram, DiagramBox
    from rfcalc.report.page.graphs import BlockDiagram
    from rfcalc.report.page.record import PageOfNetwork
    from rfcalc.report.words import Language

# Of the blocks that one picture stands for so many are named.
_MOST_NAMES = 4


def graph_part(
    page: PageOfNetwork, places: PageAnchors, anchors: Mapping[str, str], language: Language
) -> Markup:
    """The whole with its blocks folded, and below it each form of block."""
    graph = page.graph
    opened = {
        name: places.own(f"block{number}")
        for number, block in enumerate(graph.blocks)
        for name in block.blocks
    }

    def link(box: DiagramBox) -> str | None:
        anchor = (opened.get(box.name) if box.kind == "block" else None) or anchors.get(box.name)
        return anchor and f"#{anchor}"

    def picture(diagram: Diagram, name: str) -> Markup:
        svg = in_page(diagram_svg(diagram, links=link), places.own(name))
        # What leads on is no picture alone.
        svg = svg.replace('role="img"', 'role="group"', 1)
        return element("div", Markup(svg), class_="scroll diagram", tabindex="0", role="region",
                       aria_label=diagram.about)  # fmt: skip

    boxes = f"{graph.boxes:,}"
    whole = (
        element("p", say("graph too large", language, boxes=boxes))
        if graph.overview is None
        else picture(graph.overview, "whole")
    )
    blocks = [
        element(
            "details",
            element("summary", _summary(block, language)),
            element("div", picture(block.diagram, f"within{number}"), id=places.own(f"block{number}")),
        )
        for number, block in enumerate(graph.blocks)
    ]
    rest = f"{graph.left_out:,}"
    left_out = element("p", say("blocks left out", language, count=rest)) if graph.left_out else None
    return fragment(whole, element("div", blocks, class_="blocks") if blocks else None, left_out)


def _summary(block: BlockDiagram, language: Language) -> Markup:
    names = list(block.blocks[:_MOST_NAMES])
    if len(block.blocks) > _MOST_NAMES:
        names[-1] = say("more blocks", language, count=f"{len(block.blocks) - _MOST_NAMES + 1:,}")
    told = listed_in(names, language)
    if not block.alike and len(block.blocks) > 1:
        told = say("sizes of", language, names=told, name=block.name)
    return fragment(element("code", block.label), " ", element("small", told))
