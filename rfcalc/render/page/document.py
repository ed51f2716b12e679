"""The page of a report: its sections, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.charts.svg import chart_svg, in_page
from rfcalc.render.charts.svg_elements import photo_symbol
from rfcalc.render.page.anchors import PageAnchors
from rfcalc.render.page.any_table import table_part
from rfcalc.render.page.elements import Markup, element, fragment
from rfcalc.render.page.field import FIELD_WORDS, field_data, field_part
from rfcalc.render.page.first_sight import figures_list, findings_part
from rfcalc.render.page.graph import graph_part
from rfcalc.render.page.layer_kinds import kinds_list
from rfcalc.render.page.notebook import in_notebook, own_names
from rfcalc.render.page.single_file import single_file
from rfcalc.render.page.table import alignment, layers_table, notes_list, table_data
from rfcalc.render.page.treemap import treemap_figure
from rfcalc.report.page.words import say
from rfcalc.report.words import LANGUAGES

if TYPE_CHECKING:
    from rfcalc.report.chart import Chart
    from rfcalc.report.location.photo import Image
    from rfcalc.report.page.record import NetworkReport, PageOfNetwork
    from rfcalc.report.words import Language

# The script: classes first, then what brings the page to life with them.
_PROGRAMS = ("field.js", "page.js")
# Words that the script writes itself.
_SPOKEN = (
    "filter", "any operator", "operator filter", "close blocks", "open blocks", "columns", "copy", "copied",
    "not copied", "rows shown", "reads", "read by", "described", "field step", "previous", "next", "keys",
    "close", "whole network", *FIELD_WORDS,
)  # fmt: skip


def report_html(report: NetworkReport) -> str:
    """The page; it ends in a line break."""
    return single_file(
        report.title,
        _parts(report),
        report.language,
        sheet=_alignments(report),
        programs=_PROGRAMS,
        data=_data(report),
    )


def report_in_notebook(report: NetworkReport) -> str:
    """The same, but for the script, as the output of a cell."""
    names = own_names()
    return in_notebook(_parts(report, names), report.language, whole=True, sheet=_alignments(report, names))


def _parts(report: NetworkReport, within: str = "") -> list[Markup | None]:
    """All that there is to see; within: what names begin with."""
    return [
        _photo(report.image, PageAnchors(within=within)) if report.image else None,
        _comparison(report, within) if report.comparison else None,
        *[_network(page, PageAnchors(page.key, within), report.language) for page in report.networks],
    ]


def _alignments(report: NetworkReport, within: str = "") -> str:
    return "".join(alignment(page.table, PageAnchors(page.key, within)) for page in report.networks)


def _data(report: NetworkReport) -> str:
    """What the script reads, in which nothing ends the element that it stands in."""
    import json

    words = {key: say(key, report.language) for key in _SPOKEN}
    data = {
        "words": words,
        "networks": [
            {"key": page.key, **table_data(page), "field": field_data(page, report.language)}
            for page in report.networks
        ],
    }
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _photo(image: Image, places: PageAnchors) -> Markup:
    """The image that lies behind the fields of all networks, which is in the page once."""
    symbol = photo_symbol(places.photo(), image.content, image.media)
    return element("svg", Markup(symbol), class_="photo", aria_hidden="true")


def _comparison(report: NetworkReport, within: str) -> Markup:
    """What stands above several networks."""
    language, places = report.language, PageAnchors(within=within)
    links = [
        element(
            "li",
            element("a", f"{page.key} {page.name}", href=f"#{PageAnchors(page.key, within).own('network')}"),
        )
        for page in report.networks
    ]
    header = element(
        "header",
        element("h1", report.title),
        element("nav", element("ul", links), aria_label=say("sections", language)),
    )
    parts = {
        "comparison": fragment(map(table_part, report.comparison)),
        "growth": element("figure", _curves(report.growth, places, language), class_="growth"),
    }
    return fragment(header, [_section(places, key, part, language) for key, part in parts.items()])


def _network(page: PageOfNetwork, places: PageAnchors, language: Language) -> Markup:
    """All of one network."""
    anchors = {row.name: places.layer(row.name, number) for number, row in enumerate(page.table.rows)}
    title = f"{page.key} {page.title}" if page.key else page.title
    header = element(
        "header",
        element("h1", title, id=places.own("network")),
        element("p", page.source, class_="source") if page.source else None,
        element("p", page.tensors, class_="tensors"),
    )
    sections = {
        "overview": figures_list(page),
        "findings": findings_part(page, anchors, language),
        "where": _pictures(page, places, anchors, language),
        "graph": graph_part(page, places, anchors, language),
        "field": field_part(page, places, language),
        "table": _table(page, places, anchors, language),
        "arithmetic": kinds_list(page, places, language),
    }
    parts = [_section(places, key, content, language) for key, content in sections.items()]
    links = [
        element("li", element("a", say(key, language), href=f"#{places.own(key)}"))
        for key in sections
        if key != "overview"
    ]
    contents = element("nav", element("ul", links), aria_label=say("sections", language))
    return element("article", header, contents, parts, class_="network")


def _section(places: PageAnchors, key: str, content: Markup, language: Language) -> Markup:
    heading = element("h2", say(key, language), id=places.own(f"{key}-title"))
    return element(
        "section",
        heading,
        content,
        id=places.own(key),
        class_=f"part part-{key}",
        aria_labelledby=places.own(f"{key}-title"),
    )


def _pictures(
    page: PageOfNetwork, places: PageAnchors, anchors: dict[str, str], language: Language
) -> Markup:
    """The treemaps, of which one at a time is seen, beside the growth of the field."""
    name = places.own("map")
    switches = [
        fragment(
            element(
                "input", type="radio", name=name, id=f"{name}{place}", checked=not place, class_="switch"
            ),
            element("label", each.counted.title[LANGUAGES.index(language)], for_=f"{name}{place}"),
        )
        for place, each in enumerate(page.treemaps)
    ]
    maps = [treemap_figure(page, each, anchors, language) for each in page.treemaps]
    growth = _curves(page.growth, places, language)
    return element(
        "div",
        element("div", switches, maps, class_="maps"),
        element("figure", element("h3", say("growth", language)), growth, class_="growth"),
        class_="pictures",
    )


def _curves(growth: Chart | str, places: PageAnchors, language: Language) -> Markup:
    """The curves of growing fields, or why there are none."""
    if isinstance(growth, str):
        return element("p", say("no growth", language, reason=growth))
    return Markup(in_page(chart_svg(growth), places.own("curves")))


def _table(page: PageOfNetwork, places: PageAnchors, anchors: dict[str, str], language: Language) -> Markup:
    return fragment(layers_table(page, places, anchors, language), notes_list(page))
