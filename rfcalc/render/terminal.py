"""Tables on a terminal: fitted to its width, in colour where that is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.errors import width_of
from rfcalc.render.characters import heading, legible, transliterate, wrapped
from rfcalc.render.colours import BOLD, CYAN, DIM, GREEN, RED, YELLOW, painted
from rfcalc.render.fit import ELLIPSIS, GAP, fit
from rfcalc.report.cells import UNKNOWN, Style
from rfcalc.report.words import say

if TYPE_CHECKING:
    from rfcalc.report.table import Table

# The columns that hold names of layers and networks.
_NAMES = frozenset({"name", "name_a", "name_b", "network"})
_CHANGES = {"inserted": GREEN, "removed": RED, "changed": YELLOW}


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
    rows = [[legible(cell.text(style), encoding) for cell in row] for row in table.rows]
    totals = [[legible(cell.text(style), encoding) for cell in row] for row in table.totals]
    headings = [column._replace(title=heading(column.title, "plain", encoding)) for column in table.headings]
    ellipsis = transliterate(ELLIPSIS, encoding)
    fitted = fit(headings, rows + totals, width, droppable=droppable, ellipsis=ellipsis)
    dropped = {column.name for index, column in enumerate(headings) if index not in fitted.kept}
    notes = [note.text for note in table.notes if note.column not in dropped]
    for key, titles in (("dropped", fitted.dropped), ("shortened", fitted.shortened)):
        if titles:
            notes.append(say(key, table.language, columns=", ".join(titles)))
    columns = [headings[index] for index in fitted.kept]

    def prose(text: str, code: str) -> Iterator[str]:
        """A text in lines, each in its colour."""
        return (painted(line, code, colour) for line in wrapped(legible(text, encoding), width))

    def laid_out(cells: Sequence[str], *, head: bool = False, total: bool = False) -> Iterator[str]:
        """The lines of a row; a heading stands at the foot of its lines, a cell at the head."""
        blocks = [cell.split("\n") for cell in cells]
        height = max(map(len, blocks))
        for number in range(height):
            line = []
            for block, column, room in zip(blocks, columns, fitted.widths, strict=True):
                index = number - (height - len(block)) if head else number
                text = block[index] if 0 <= index < len(block) else ""
                blank = " " * (room - width_of(text))
                shown = painted(text, BOLD if head else _colour(text, column.name, total), colour)
                line.append(blank + shown if column.right else shown + blank)
            yield (" " * GAP).join(line)

    rule = transliterate("─", encoding) * (sum(fitted.widths) + GAP * (len(fitted.widths) - 1))
    lines = [*prose(table.title, BOLD), ""] if table.title else []
    lines += [*laid_out(fitted.heads, head=True), rule]
    for number, cells in enumerate(fitted.rows):
        if number == len(rows) and number:
            lines.append(rule)
        lines += laid_out(cells, total=number >= len(rows))
    lines += [""] if notes else []
    for note in notes:
        lines += prose(note, DIM)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _colour(text: str, name: str, total: bool) -> str:
    """Totals bold, unknowns and lower bounds yellow, layers' names cyan, changes as in a diff."""
    if text == UNKNOWN or text.startswith("≥"):
        return YELLOW
    if total:
        return BOLD
    if name == "change" and text:
        from rfcalc.report.comparison.words import CHANGES

        return _CHANGES.get(CHANGES.get(text, ""), "")
    return CYAN if name in _NAMES else ""
