"""Tables as plain text and markup, by tabulate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tabulate

from rfcalc.render.characters import heading, refuse_blanks, widened, written
from rfcalc.report.cells import FORMULA_END, FORMULA_START

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfcalc.report.cells import Style
    from rfcalc.report.table import Table

# Formats in which a ruled line can stand between the rows and the totals.
_RULED = frozenset({"simple", "orgtbl", "psql", "presto", "pretty"})

# tabulate pads to the number of characters unless the optional wcwidth is installed; a private
# character after each wide one makes that number the number of cells, and is taken out again.
_FILLER = "\ue000"

# Text is escaped already: private characters stand for those that tabulate would escape once more.
_ESCAPED_BY_TABULATE = "\\&%$#_^{}~<>"
_HIDDEN = str.maketrans({sign: chr(0xE010 + place) for place, sign in enumerate(_ESCAPED_BY_TABULATE)})
_REVEALED = {ord(replacement): chr(sign) for sign, replacement in _HIDDEN.items()}


def render_text(
    table: Table, format_name: str, style: Style, encoding: str = "utf-8", width: int | None = None
) -> str:
    """The table in one of tabulate's formats, numbers never cut, lines as long as they need to be.

    The title stands above and the notes below, as paragraphs, list items or comments according to the
    format; `tsv` has the rows alone.  width: that of lines, to which tables of prose are wrapped.
    """
    tsv = format_name == "tsv"
    latex = format_name.startswith("latex")
    if latex:
        style = style._replace(notation="latex")

    def cell_text(text: str) -> str:
        return _with_formulas(text, encoding) if latex else written(text, format_name, encoding)

    def measured(text: str) -> str:
        text = text.translate(_HIDDEN) if latex else text
        return text if tabulate.WIDE_CHARS_MODE else widened(text, _FILLER)

    texts = [[cell_text(cell.text(style)) for cell in row] for row in table.rows]
    if width is not None and any(column.shorten == "prose" for column in table.headings):
        from rfcalc.render.fit import fit

        texts = [list(row) for row in fit(table.headings, lambda form: texts, width, droppable=False).rows]
    rows: list[list[str] | str] = [list(map(measured, row)) for row in texts]
    if not tsv:
        refuse_blanks(zip(*rows, strict=True))
    if table.totals and not tsv:
        if rows and (format_name in _RULED or latex):
            rows.append(tabulate.SEPARATING_LINE)
        rows += [[measured(cell_text(cell.text(style))) for cell in row] for row in table.totals]
    headers = [
        measured(heading(column.name if tsv else column.title, format_name, encoding))
        for column in table.headings
    ]
    if format_name == "simple":
        # Headings of two words take two lines, so that numbers set the width of their columns.
        headers = [header.replace(" ", "\n", 1) for header in headers]
    body = _tabulated(rows, headers, format_name, [column.right for column in table.headings])
    if tsv:
        return body + "\n"
    # What is a comment in LaTeX needs no escape.
    around = "plain" if latex else format_name
    parts = _surrounded(
        format_name,
        written(table.title, around, encoding),
        body.translate(_REVEALED) if latex else body,
        [written(note.text, around, encoding) for note in table.notes],
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _with_formulas(text: str, encoding: str) -> str:
    """The text of a cell in LaTeX, its formulas as they are."""
    before, *parts = text.split(FORMULA_START)
    before = written(before, "latex", encoding)
    for part in parts:
        inside, _, after = part.partition(FORMULA_END)
        before += f"${inside}${written(after, 'latex', encoding)}"
    return before


def _tabulated(rows: list[list[str] | str], headers: list[str], format_name: str, right: list[bool]) -> str:
    # tabulate widens a column by this much where its heading is the widest cell; it has no argument for it.
    tabulate.MIN_PADDING = 0
    # What tabulate calls so leaves text alone.
    table_format = "unsafehtml" if format_name == "html" else format_name
    if not rows:
        # Without rows tabulate does not know the columns' alignments.
        return tabulate.tabulate([], headers, tablefmt=table_format)
    columns = None if format_name == "tsv" else ["right" if each else "left" for each in right]
    text = tabulate.tabulate(
        rows, headers, table_format, disable_numparse=True, colalign=columns, stralign=None, numalign=None
    )
    return text.replace(_FILLER, "")


def _surrounded(format_name: str, title: str, body: str, notes: list[str]) -> Iterable[str]:
    """The title, the table and the notes, as the format writes running text."""
    if format_name in ("html", "unsafehtml"):
        return (f"<p>{title}</p>", body, "\n".join(f"<p>{note}</p>" for note in notes))
    if format_name.startswith("latex"):
        return (title and f"% {title}", body, "\n".join(f"% {note}" for note in notes))
    if format_name in ("github", "pipe", "asciidoc", "rst", "orgtbl"):
        return (title, body, "\n".join(f"- {note}" for note in notes))
    return (title, body, "\n".join(notes))
