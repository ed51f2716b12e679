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
    from collections.abc import Mapping, Sequence

    from rfcalc.render.page.anchors import PageAnchors
    from rfcalc.report.page.record import PageOfNetwork, PageTable
    from rfcalc.report.words import Language
    from rfcalc.shapes import Size

    # What a cell says, and the number that it is sorted by.
    _SortedText = tuple[str, str | None]

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
    columns = [_sorted_texts(table, place) for place in range(1, table.shown)]
    rows = []
    for place, row in enumerate(table.rows):
        cells = [column[place] for column in columns]
        worked_out = row.kind is not None and row.kind < len(page.kinds)
        link = f"#{places.own(f'kind{row.kind}')}" if worked_out else None
        kind = f"{'b ' if row.is_block else ''}l{min(row.level, _DEEPEST)}"
        head = element("th", row.name, scope="row")
        rows.append(element("tr", head, _cells(cells, link), id=anchors[row.name], class_=kind))
    total = element("th", table.total[0].text(_STYLE), scope="row")
    sums = _cells([column[-1] for column in columns], None)
    content = element(
        "table",
        element("caption", say("table", language)),
        element("thead", element("tr", heads)),
        element("tbody", rows),
        element("tfoot", element("tr", total, sums)),
        id=places.own("rows"),
        class_=f"layers {places.kind('rows')}",
    )
    label = f"{say('table', language)}: {page.title}"
    return element("div", content, class_="scroll", tabindex="0", role="region", aria_label=label)


def _cells(cells: Sequence[_SortedText], link: str | None) -> list[Markup]:
    """The cells behind the name; link: where the operation, which is the first, leads to."""
    texts = [text for text, _ in cells]
    operation = texts[0] if link is None else element("a", texts[0], href=link)
    return [
        element("td", text, data_v=value)
        for text, (_, value) in zip((operation, *texts[1:]), cells, strict=True)
    ]


def _sorted_texts(table: PageTable, place: int) -> list[_SortedText]:
    """The texts of a column, row by row and that of the totals, each with what the script sorts it by.

    That is nothing where the numbers in the texts of the column say so themselves.
    """
    cells = [cells[place] for cells in (*(row.cells for row in table.rows), table.total)]
    texts = [cell.text(_STYLE) for cell in cells]
    measures = [cell.measure() for cell in cells]
    measured = [isinstance(each, int | float | Polynomial) for each in measures]
    if all(re.fullmatch(_PLAIN, text) for text, known in zip(texts, measured, strict=True) if known):
        return [(text, None) for text in texts]
    return [(text, _sort_value(measure)) for text, measure in zip(texts, measures, strict=True)]


def _sort_value(measure: Size | float | str | None) -> str | None:
    if measure is None or isinstance(measure, str):
        return None
    return number(measure if isinstance(measure, float) else magnitude(measure), 3)


def alignment(table: PageTable, places: PageAnchors) -> str:
    """The rules of style that put the columns of numbers to the right."""
    cells = [
        f".{places.kind('rows')} :is(td,th):nth-child({place})"
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
    distinct: dict[_SortedText, int] = {}
    which = [distinct.setdefault(each, len(distinct)) for each in _sorted_texts(table, place)]
    return {
        "name": heading.name,
        "title": heading.title,
        "right": heading.right,
        "texts": [text if value is None else [text, value] for text, value in distinct],
        "which": which,
    }


def notes_list(page: PageOfNetwork) -> Markup:
    """What is said below the table."""
    return fragment(element("ul", [element("li", note.text) for note in page.table.notes], class_="notes"))
