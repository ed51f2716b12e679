"""A table of any kind as HTML: those of a comparison on the page, and all that a notebook shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.page.elements import Markup, element
from rfcalc.report.cells import Style

if TYPE_CHECKING:
    from rfcalc.report.cells import Cell
    from rfcalc.report.table import Table

_STYLE = Style(form=1)


def table_part(table: Table, style: Style = _STYLE) -> Markup:
    """A table with its title and its notes, in a box of its own that moves sideways."""
    right = ["n" if heading.right else None for heading in table.headings]
    heads = [
        element("th", heading.title, scope="col", class_=side)
        for heading, side in zip(table.headings, right, strict=True)
    ]

    def row(cells: tuple[Cell, ...]) -> Markup:
        pairs = zip(cells, right, strict=True)
        return element("tr", [element("td", cell.text(style), class_=side) for cell, side in pairs])

    content = element(
        "table",
        element("caption", table.title) if table.title else None,
        element("thead", element("tr", heads)),
        element("tbody", map(row, table.rows)),
        element("tfoot", map(row, table.totals)) if table.totals else None,
    )
    notes = [element("li", note.text) for note in table.notes]
    return element(
        "div",
        element("div", content, class_="scroll", tabindex="0", role="region", aria_label=table.title),
        element("ul", notes, class_="notes") if notes else None,
        class_="compared",
    )
