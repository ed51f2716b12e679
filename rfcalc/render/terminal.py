"""Tables on a terminal, by rich: fitted to its width, in colour where that is wanted."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from rfcalc.render.characters import transliterate
from rfcalc.render.fit import ELLIPSIS, GAP, fit
from rfcalc.report.cells import UNKNOWN, Style
from rfcalc.report.words import say

if TYPE_CHECKING:
    from rfcalc.report.table import Table

# Ruled lines under the heading and above the totals, nothing else; the same lines as piped text has.
_LINES = Box("    \n    \n ── \n    \n ── \n ── \n    \n    \n")
_ASCII_LINES = Box("    \n    \n -- \n    \n -- \n -- \n    \n    \n")


def render_terminal(
    table: Table,
    style: Style,
    width: int,
    *,
    colour: bool = True,
    droppable: bool = True,
    encoding: str = "utf-8",
) -> str:
    """The table as a terminal of `width` cells shows it, with escape sequences only when `colour`.

    Its content is that of the piped text, except for what the width leaves no room for, which a note
    names.  `droppable`: whether columns may be left out.
    """
    rows = [[transliterate(cell.text(style), encoding) for cell in row] for row in table.rows]
    totals = [[transliterate(cell.text(style), encoding) for cell in row] for row in table.totals]
    headings = [heading._replace(title=transliterate(heading.title, encoding)) for heading in table.headings]
    fitted = fit(
        headings,
        rows + totals,
        width,
        cell_len,
        droppable=droppable,
        ellipsis=transliterate(ELLIPSIS, encoding),
    )
    needed = sum(fitted.widths) + GAP * (len(fitted.widths) - 1)
    lines = RichTable(
        box=_ASCII_LINES if style.characters == "ascii" else _LINES,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for index, head, column_width in zip(fitted.kept, fitted.heads, fitted.widths, strict=True):
        lines.add_column(
            Text(head),
            justify="right" if headings[index].right else "left",
            width=column_width,
            no_wrap=True,
        )
    for number, cells in enumerate(fitted.rows, 1):
        total = number > len(rows)
        lines.add_row(
            *(
                _cell(text, headings[index].name, total)
                for index, text in zip(fitted.kept, cells, strict=True)
            ),
            end_section=number == len(rows) and bool(totals),
        )
    buffer = StringIO()
    # A console as wide as the table needs: a terminal may wrap a line, but nothing is cut.
    console = Console(
        file=buffer,
        width=max(width, needed),
        force_terminal=colour,
        color_system="auto" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    dropped = {heading.name for index, heading in enumerate(headings) if index not in fitted.kept}
    notes = [note.text(style.characters) for note in table.notes if note.column not in dropped]
    for key, titles in (("dropped", fitted.dropped), ("shortened", fitted.shortened)):
        if titles:
            notes.append(say(key, table.language, columns=", ".join(titles)))
    if table.title:
        console.print(Text(transliterate(table.title, encoding), style="bold"), width=width)
        console.print()
    console.print(lines)
    if notes:
        console.print()
    for note in notes:
        console.print(Text(transliterate(note, encoding), style="dim"), width=width)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def _cell(text: str, name: str, total: bool) -> Text:
    """The cell in its colour: totals bold, unknowns and lower bounds yellow, layers' names cyan."""
    if text == UNKNOWN or text.startswith("≥"):
        return Text(text, style="yellow")
    return Text(text, style="bold" if total else "cyan" if name in ("name", "network") else "")
