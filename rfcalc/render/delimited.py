"""Comma-separated values, by the standard library's writer."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from rfcalc.render.characters import written

if TYPE_CHECKING:
    from rfcalc.report.cells import Style
    from rfcalc.report.table import Table


def render_csv(table: Table, style: Style, encoding: str = "utf-8") -> str:
    """The rows as csv: a header of column names, plain digits, lines that end in a line feed."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow([heading.name for heading in table.headings])
    for row in table.rows:
        writer.writerow([written(cell.text(style), "csv", encoding) for cell in row])
    return output.getvalue()
