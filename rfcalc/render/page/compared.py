"""Networks held against the first one: the tables of the comparison, and the growth of their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.page.elements import Markup, element
from rfcalc.report.cells import Style

if TYPE_CHECKING:
    from rfcalc.report.cells import Cell
    from rfcalc.report.table import Table

_STYLE = Style(form=1)


def table_part(table: Table) -> Markup:
    """A table with its title above and its notes below."""
    right = ["n" if heading.right else None for heading in table.headings]
    heads = [
        element("th", heading.title, scope="col", class_=side)
        for heading, side in zip(table.headings, right, strict=True)
    ]

    def row(cells: tuple[Cell, ...]) -> Markup:
        pairs = zip(cells, right, strict=True)
        return element("tr", [element("td", cell.text(_STYLE), class_=side) for cell, side in pairs])

    content = element(
        "table",
        element("caption", table.title),
        element("thead", element("tr", heads)),
        element("tbody", map(row, table.rows)),
        element("tfoot", map(row, table.totals)) if table.totals else None,
    )
    notes = [element("li", note.text) for note in table.notes]
    return element(
        "div",
        element("h3", table.title),
        element("div", content, class_="scroll", tabindex="0", role="region", aria_label=table.title),
        element("ul", notes, class_="notes") if notes else None,
        class_="compared",
    )
