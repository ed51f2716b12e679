"""The page as one file of HTML, which needs no other, no network and no script to be read.

What it may load and run is said in the page itself: nothing but its own style and its own script, by their
checksums.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from rfcalc.render.charts.svg import chart_svg
from rfcalc.render.page.colours import colour_rules
from rfcalc.render.page.compared import table_part
from rfcalc.render.page.elements import Markup, element, fragment, script_element, style_element
from rfcalc.render.page.field import FIELD_WORDS, field_data, field_part
from rfcalc.render.page.first_sight import figures_list, findings_part
from rfcalc.render.page.layer_kinds import kinds_list
from rfcalc.render.page.places import Places
from rfcalc.render.page.table import alignment, layers_table, notes_list, table_data
from rfcalc.render.page.treemap import treemap_figure
from rfcalc.report.page.words import say
from rfcalc.report.words import LANGUAGES

if TYPE_CHECKING:
    from rfcalc.report.chart import Chart
    from rfcalc.report.page.record import NetworkReport, PageOfNetwork
    from rfcalc.report.words import Language

# The script: classes first, then what brings the page to life with them.
_PROGRAMS = ("field.js", "page.js")
# Words that the script writes itself.
_SPOKEN = (
    "filter", "any operator", "operator filter", "fold", "unfold", "columns", "copy", "copied", "not copied",
    "rows shown", "close", "reads", "read by", "described", "field step", "previous", "next", "keys",
    "whole network", *FIELD_WORDS,
)  # fmt: skip


def report_html(report: NetworkReport) -> str:
    """The page; it ends in a line break."""
    language = report.language
    sheet = _minified(_part("page.css")) + colour_rules()
    sheet += "".join(alignment(page.table, Places(page.key)) for page in report.networks)
    program = _shortened("".join(map(_part, _PROGRAMS)))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(sheet, program)),
        element("meta", name="viewport", content="width=device-width,initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content=f"rfcalc {report.version}"),
        element("title", report.title),
        style_element(sheet),
    )
    networks = [_network(page, language) for page in report.networks]
    body = element(
        "body",
        element("main", _comparison(report) if report.comparison else None, networks),
        element("footer", say("made by", language, version=report.version)),
        script_element(_data(report), "application/json", "~data"),
        script_element(program),
    )
    page = element("html", head, body, lang="zh-Hans" if language == "zh" else language)
    return f"<!doctype html>\n{page}\n"


def _part(name: str) -> str:
    return files("rfcalc.render.page").joinpath(name).read_text("utf-8")


def _minified(sheet: str) -> str:
    """A style sheet without comments and line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)).strip()


def _shortened(program: str) -> str:
    """A script without indentation and lines of comment; it has no text of several lines."""
    lines = (line.strip() for line in program.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _policy(sheet: str, program: str) -> str:
    style, script = (b64encode(sha256(text.encode()).digest()).decode() for text in (sheet, program))
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _data(report: NetworkReport) -> str:
    """What the script reads, in which nothing ends the element that it stands in."""
    import json

    words = {key: say(key, report.language) for key in _SPOKEN}
    data = {
        "words": words,
        "networks": [
            {"key": page.key, **table_data(page), "field": field_data(page)} for page in report.networks
        ],
    }
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _comparison(report: NetworkReport) -> Markup:
    """What stands above several networks."""
    language, places = report.language, Places()
    links = [
        element("li", element("a", f"{page.key} {page.name}", href=f"#{Places(page.key).own('network')}"))
        for page in report.networks
    ]
    header = element(
        "header",
        element("h1", report.title),
        element("nav", element("ul", links), aria_label=say("sections", language)),
    )
    parts = {
        "comparison": fragment(map(table_part, report.comparison)),
        "growth": element("figure", _curves(report.growth, language), class_="growth"),
    }
    return fragment(header, [_section(places, key, part, language) for key, part in parts.items()])


def _network(page: PageOfNetwork, language: Language) -> Markup:
    """All of one network."""
    places = Places(page.key)
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
        "field": field_part(page, language),
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


def _section(places: Places, key: str, content: Markup, language: Language) -> Markup:
    heading = element("h2", say(key, language), id=places.own(f"{key}-title"))
    return element(
        "section",
        heading,
        content,
        id=places.own(key),
        class_=f"part part-{key}",
        aria_labelledby=places.own(f"{key}-title"),
    )


def _pictures(page: PageOfNetwork, places: Places, anchors: dict[str, str], language: Language) -> Markup:
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
    growth = _curves(page.growth, language)
    return element(
        "div",
        element("div", switches, maps, class_="maps"),
        element("figure", element("h3", say("growth", language)), growth, class_="growth"),
        class_="pictures",
    )


def _curves(growth: Chart | str, language: Language) -> Markup:
    """The curves of growing fields, or why there are none."""
    if isinstance(growth, str):
        return element("p", say("no growth", language, reason=growth))
    return Markup(chart_svg(growth, alone=False).strip())


def _table(page: PageOfNetwork, places: Places, anchors: dict[str, str], language: Language) -> Markup:
    return fragment(layers_table(page, places, anchors, language), notes_list(page))
