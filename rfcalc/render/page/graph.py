"""The architecture as pictures that lead on: to a block, which opens below, or to a layer's row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.charts.svg import in_page
from rfcalc.render.diagrams.svg import diagram_svg
from rfcalc.render.page.elements import Markup, element, fragment
from rfcalc.report.page.words import listed_in, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

    blocks = [
        element(
            "details",
            element("summary", _summary(block, language)),
            element(
                "div",
                _sizes(block, anchors, language),
                picture(block.diagram, f"within{number}"),
                id=places.own(f"block{number}"),
            ),
        )
        for number, block in enumerate(graph.blocks)
    ]
    rest = f"{graph.left_out:,}"
    left_out = element("p", say("blocks left out", language, count=rest)) if graph.left_out else None
    about = element("p", say("graph about", language), class_="aside")
    return fragment(
        about,
        picture(graph.overview, "whole"),
        element("div", blocks, class_="blocks") if blocks else None,
        left_out,
    )


def _summary(block: BlockDiagram, language: Language) -> Markup:
    told = listed_in(_few(block.blocks, language), language) if block.sizes else ""
    sizes = len(block.sizes) + block.left_out
    if sizes > 1:
        told = say("forms", language, names=told, count=f"{sizes:,}")
    return fragment(element("code", block.label), " ", element("small", told) if told else None)


def _few(names: Sequence[str], language: Language) -> list[str]:
    """The first of some names, and how many more there are."""
    few = list(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        few[-1] = say("more blocks", language, count=f"{len(names) - _MOST_NAMES + 1:,}")
    return few


def _sizes(block: BlockDiagram, anchors: Mapping[str, str], language: Language) -> Markup | None:
    """The sizes that the blocks of a form have, where there are several."""
    if len(block.sizes) < 2:
        return None
    heads = [say(key, language) for key in ("block", "entering", "leaving", "params", "macs")]
    rows = []
    for sizes in block.sizes:
        few = _few(sizes.blocks, language)
        links = [
            element("a", name, href=f"#{anchors[name]}") if name in anchors else fragment(name)
            for name in few
        ]
        named = [part for link in links for part in (Markup(", "), link)][1:]
        texts = (sizes.entering, sizes.leaving, sizes.params, sizes.macs)
        rows.append(element("tr", element("th", named, scope="row"), [element("td", each) for each in texts]))
    more = f"{block.left_out:,}"
    return fragment(
        element(
            "div",
            element(
                "table",
                element("thead", element("tr", [element("th", head, scope="col") for head in heads])),
                element("tbody", rows),
            ),
            class_="sizes",
        ),
        element("p", say("more sizes", language, count=more), class_="aside") if block.left_out else None,
        element("p", say("sizes of", language, name=block.name), class_="aside"),
    )
