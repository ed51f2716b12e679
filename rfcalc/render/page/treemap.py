"""A treemap as SVG that is as wide as the page has room for, its texts always of one size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.ops.registry import find_operator
from rfcalc.render.charts.svg_elements import number
from rfcalc.render.page.elements import Markup, element
from rfcalc.report.page.words import listed_in, say
from rfcalc.report.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfcalc.report.page.record import PageOfNetwork
    from rfcalc.report.page.treemap import Treemap, TreemapTile
    from rfcalc.report.words import Language

# So many operators have a colour of their own.
_COLOURS = 4
# Smaller tiles, as parts of the sides, have no room for a name.
_NAMED_WIDTH, _NAMED_HEIGHT = 0.07, 0.06
_MOST_NAMED = 3


def treemap_figure(
    page: PageOfNetwork, drawn: Treemap, anchors: Mapping[str, str], language: Language
) -> Markup:
    """The picture of a count with its legend; anchors: what the rows of layers and blocks are called."""
    title = drawn.counted.title[LANGUAGES.index(language)]
    if not drawn.tiles:
        return element("figure", element("p", say("no treemap", language, count=title)), class_="map")
    outer = sorted((tile for tile in drawn.tiles if tile.level == 1), key=lambda tile: -tile.share)
    largest = [f"{tile.name} {_percent(tile.share)} %" for tile in outer[:_MOST_NAMED]]
    named = {"count": title, "network": page.title, "largest": listed_in(largest, language)}
    # What is drawn later lies above: the frames and names of blocks above those of what is in them.
    tiles = sorted(drawn.tiles, key=lambda tile: (not tile.operator, -tile.level))
    picture = element(
        "svg",
        [_tile(tile, drawn, anchors) for tile in tiles],
        class_="rfcalc-chart treemap",
        role="group",
        aria_label=say("treemap about", language, **named),
    )
    shown = drawn.operators[:_COLOURS]
    legend = [
        element("li", _swatch(place), _operator_name(name, language)) for place, name in enumerate(shown)
    ]
    if len(drawn.operators) > _COLOURS:
        legend.append(element("li", _swatch(_COLOURS), say("other operators", language)))
    return element("figure", picture, element("ul", legend, class_="legend"), class_="map")


def _swatch(place: int) -> Markup:
    rect = element("rect", class_=_colour(place))
    return element("svg", rect, class_="rfcalc-chart swatch", aria_hidden="true")


def _colour(place: int) -> str:
    return "fil-muted" if place >= _COLOURS else f"fil-{place}"


def _operator_name(name: str, language: Language) -> str:
    operator = find_operator(name)
    return operator.chinese if language == "zh" else operator.label


def _tile(tile: TreemapTile, drawn: Treemap, anchors: Mapping[str, str]) -> Markup:
    area = tile.area
    named = tile.level == 1 and area.width >= _NAMED_WIDTH and area.height >= _NAMED_HEIGHT
    colour = _colour(drawn.operators.index(tile.operator)) if tile.operator else "frame"
    name = element("text", tile.name, x="6", y="16") if named else None
    return element(
        "svg",
        # The script takes the name from here: no name has a blank in it.
        element("title", f"{tile.name} {_percent(tile.share)} %"),
        element("rect", class_=colour),
        element("a", name, href=f"#{anchors[tile.name]}") if name else None,
        x=f"{number(area.left * 100, 2)}%",
        y=f"{number(area.top * 100, 2)}%",
        width=f"{number(area.width * 100, 2)}%",
        height=f"{number(area.height * 100, 2)}%",
        data_l=tile.level,
    )


def _percent(share: float) -> str:
    return number(100 * share)
