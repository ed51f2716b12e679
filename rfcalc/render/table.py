"""A table as text: csv by the standard library's writer, other formats by tabulate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.formats import MACHINE_FORMATS, SYNONYMS

if TYPE_CHECKING:
    from rfcalc.report.cells import Style
    from rfcalc.report.table import Table


def render_table(
    table: Table, format_name: str, style: Style, encoding: str = "utf-8", width: int | None = None
) -> str:
    """The table as text that ends in a line break, in any format but json.

    Machine formats hold the rows alone; they ignore grouping.  `encoding` is that of the output:
    what it cannot hold is transliterated.  `width` is that of lines, to which prose is wrapped.
    """
    if format_name in MACHINE_FORMATS:
        style = style._replace(grouped=False)
    if format_name != "csv":
        from rfcalc.render.text import render_text

        return render_text(table, SYNONYMS.get(format_name, format_name), style, encoding, width)
    import csv
    from io import StringIO

    from rfcalc.render.characters import written

    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow([heading.name for heading in table.headings])
    for row in table.rows:
        writer.writerow([written(cell.text(style), "csv", encoding) for cell in row])
    return output.getvalue()
