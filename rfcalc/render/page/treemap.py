"""A treemap as SVG that is as wide as the page has room for, its texts always of one size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.ops.registry import find_operator
from rfcalc.render.charts.svg_elements import number
from rfcalc.render.charts.text_width import text_width
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
# How wide a map must be, in pixels, for a name to have room in its tile.  The style sheet knows these widths;
# names without a class are seen on every map, those that need more than the last on none.
_LEAST_WIDTH, _WIDTHS = 300, (400, 520, 680)
_FONT, _AROUND, _HEIGHT = 12.0, 12.0, 21.0
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
    colour = _colour(drawn.operators.index(tile.operator)) if tile.operator else "frame"
    needed = max((text_width(tile.name, _FONT) + _AROUND) / area.width, _HEIGHT * drawn.aspect / area.height)
    name = None
    if tile.level == 1 and needed <= _WIDTHS[-1]:
        wide = next(width for width in (_LEAST_WIDTH, *_WIDTHS) if needed <= width)
        kind = None if wide == _LEAST_WIDTH else f"from-{wide}"
        name = element("text", tile.name, x="6", y="16", class_=kind)
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
