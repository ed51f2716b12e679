"""The table of layers as HTML, and what of it is data for the script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfcalc.render.charts.svg_elements import number
from rfcalc.render.page.elements import Markup, element, fragment
from rfcalc.report.cells import Style, magnitude
from rfcalc.report.page.words import say
from rfcalc.symbolic.polynomial import Polynomial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfcalc.render.page.anchors import PageAnchors
    from rfcalc.report.cells import Sortable
    from rfcalc.report.page.record import PageOfNetwork, PageTable
    from rfcalc.report.words import Language

_STYLE = Style(form=1)
# Deeper rows are not moved further to the right.
_DEEPEST = 8
# What the script sorts by without being told its value.
_PLAIN = r"[0-9]+(,[0-9]{3})*(x[0-9]+)*|[0-9]+\.[0-9]+"


def layers_table(
    page: PageOfNetwork, places: PageAnchors, anchors: Mapping[str, str], language: Language
) -> Markup:
    """The table, in a box of its own that moves sideways."""
    table = page.table
    heads = [
        element("th", heading.title, scope="col", data_c=heading.name)
        for heading in table.headings[: table.shown]
    ]
    rows = [
        element(
            "tr",
            _head(row.name, anchors),
            [
                _cell(cell, _kind_link(row.kind, places) if place == 1 else None)
                for place, cell in enumerate(row.cells[1 : table.shown], 1)
            ],
            id=anchors[row.name],
            class_=f"{'b ' if row.is_block else ''}l{min(row.level, _DEEPEST)}",
        )
        for row in table.rows
    ]
    total = [element("th", table.total[0].text(_STYLE), scope="row")]
    total += [_cell(cell, None) for cell in table.total[1 : table.shown]]
    content = element(
        "table",
        element("caption", say("table", language)),
        element("thead", element("tr", heads)),
        element("tbody", rows),
        element("tfoot", element("tr", total)),
        id=places.own("rows"),
        class_=f"layers layers-{places.key}",
    )
    label = f"{say('table', language)}: {page.title}"
    return element("div", content, class_="scroll", tabindex="0", role="region", aria_label=label)


def _head(name: str, anchors: Mapping[str, str]) -> Markup:
    return element("th", name, scope="row")


def _kind_link(kind: int | None, places: PageAnchors) -> str | None:
    return None if kind is None else f"#{places.own(f'kind{kind}')}"


def _cell(cell: Sortable, link: str | None) -> Markup:
    text = cell.text(_STYLE)
    content = text if link is None else element("a", text, href=link)
    return element("td", content, data_v=sort_value(cell, text))


def sort_value(cell: Sortable, text: str) -> str | None:
    """What the script sorts a cell by; None where its text says so itself."""
    if re.fullmatch(_PLAIN, text):
        return None
    measure = cell.measure()
    if measure is None or isinstance(measure, str):
        return None
    return number(magnitude(measure) if isinstance(measure, int | Polynomial) else measure, 3)


def alignment(table: PageTable, places: PageAnchors) -> str:
    """The rules of style that put the columns of numbers to the right."""
    cells = [
        f".layers-{places.key} :is(td,th):nth-child({place})"
        for place, heading in enumerate(table.headings[: table.shown], 1)
        if heading.right
    ]
    return f"{','.join(cells)}{{text-align:right}}" if cells else ""


def table_data(page: PageOfNetwork) -> dict[str, object]:
    """What the script needs beside the table, as plain values: by row, or by column.

    kinds: the number of each row's kind, -1 for a block.  reads: how many rows up each operand stands, or
    the name of an input.  lines: in the description.  steps: of fields, by the row.  columns: those
    that can be shown too, each with its distinct texts, the values to sort by, and which each row has.
    """
    rows = page.table.rows
    further = range(page.table.shown, len(page.table.headings))
    return {
        "kinds": [-1 if row.kind is None else row.kind for row in rows],
        "reads": [
            [place - read if isinstance(read, int) else read for read in row.reads]
            for place, row in enumerate(rows)
        ],
        "lines": [row.line for row in rows],
        "steps": [row.step and [row.step.before, row.step.extent, row.step.stride] for row in rows],
        "columns": [_column(page.table, place) for place in further],
    }


def _column(table: PageTable, place: int) -> dict[str, object]:
    heading = table.headings[place]
    texts: dict[tuple[str, str | None], int] = {}
    which = []
    for cells in (*(row.cells for row in table.rows), table.total):
        text = cells[place].text(_STYLE)
        which.append(texts.setdefault((text, sort_value(cells[place], text)), len(texts)))
    return {
        "name": heading.name,
        "title": heading.title,
        "right": heading.right,
        "texts": [text if value is None else [text, value] for text, value in texts],
        "which": which,
    }


def notes_list(page: PageOfNetwork) -> Markup:
    """What is said below the table."""
    return fragment(element("ul", [element("li", note.text) for note in page.table.notes], class_="notes"))
