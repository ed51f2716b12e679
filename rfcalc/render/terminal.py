"""Tables on a terminal, by rich: fitted to its width, in colour where that is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment, Segments
from rich.text import Text

from rfcalc.errors import width_of
from rfcalc.render.characters import heading, legible, transliterate
from rfcalc.render.fit import ELLIPSIS, GAP, fit
from rfcalc.report.cells import UNKNOWN, Style
from rfcalc.report.words import say

if TYPE_CHECKING:
    from rich.style import Style as RichStyle

    from rfcalc.report.table import Heading, Table

# The columns that hold names of layers and networks.
_NAMES = frozenset({"name", "name_a", "name_b", "network"})


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

    @cache
    def form(number: int) -> list[list[str]]:
        """All rows in one of the forms that `fit` asks for."""
        written = style._replace(units="si", form=number) if number else style
        cells = (*table.rows, *table.totals)
        return [[legible(cell.text(written), encoding) for cell in row] for row in cells]

    headings = [column._replace(title=heading(column.title, "plain", encoding)) for column in table.headings]
    ellipsis = transliterate(ELLIPSIS, encoding)
    fitted = fit(headings, form, width, droppable=droppable, ellipsis=ellipsis)
    needed = sum(fitted.widths) + GAP * (len(fitted.widths) - 1)
    buffer = StringIO()
    # A console as wide as the table needs: a terminal may wrap a line, but nothing is cut.  The height, of no
    # effect, is stated since rich would read it from LINES, and fail for ².
    console = Console(
        file=buffer,
        width=max(width, needed),
        height=1,
        force_terminal=colour,
        color_system="auto" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    dropped = {column.name for index, column in enumerate(headings) if index not in fitted.kept}
    notes = [note.text for note in table.notes if note.column not in dropped]
    gave_way = {"dropped": fitted.dropped, "rounded": fitted.rounded, "shortened": fitted.shortened}
    told = [
        say(key, table.language, columns=say("comma", table.language).join(titles))
        for key, titles in gave_way.items()
        if titles
    ]
    if told:
        what = say("narrowings", table.language).join(told)
        notes.append(say("narrow", table.language, what=what))
    if table.title:
        console.print(Text(legible(table.title, encoding), style="bold"), width=width)
        console.print()
    shown = [headings[index] for index in fitted.kept]
    line = _RowLayout(shown, fitted.widths, console)
    rule = [Segment(transliterate("─", encoding) * needed), Segment.line()]
    body = fitted.rows[: len(table.rows)]
    segments = [*line.segments(fitted.heads, heading=True), *rule]
    for cells in body:
        segments += line.segments(cells)
    segments += rule if table.totals and body else []
    for cells in fitted.rows[len(table.rows) :]:
        segments += line.segments(cells, total=True)
    console.print(Segments(segments), end="")
    if notes:
        console.print()
    for note in notes:
        console.print(Text(legible(note, encoding), style="dim"), width=width)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


class _RowLayout:
    """Lays out one row after another as segments: aligned texts, each in its colour.

    rich's own Table measures and wraps every cell; here widths are settled, and a thousand rows should
    not take a second.
    """

    def __init__(self, headings: Sequence[Heading], widths: Sequence[int], console: Console) -> None:
        self.columns = tuple(zip(headings, widths, strict=True))
        self.bold, self.yellow, self.cyan = map(console.get_style, ("bold", "yellow", "cyan"))
        self.green, self.red = map(console.get_style, ("green", "red"))

    def segments(
        self, cells: Iterable[str], *, heading: bool = False, total: bool = False
    ) -> Iterator[Segment]:
        """The lines of one row; a heading stands at the foot of its lines, a cell at the head."""
        blocks = [cell.split("\n") for cell in cells]
        height = max(map(len, blocks))
        for number in range(height):
            for place, (block, (column, width)) in enumerate(zip(blocks, self.columns, strict=True)):
                index = number - (height - len(block)) if heading else number
                text = block[index] if 0 <= index < len(block) else ""
                blank = " " * (width - width_of(text))
                gap = " " * GAP if place + 1 < len(blocks) else ""
                colour = self.bold if heading else self.colour(text, column.name, total)
                yield Segment((blank + text if column.right else text + blank) + gap, colour)
            yield Segment.line()

    def colour(self, text: str, name: str, total: bool) -> RichStyle | None:
        """Totals bold, unknowns and lower bounds yellow, layers' names cyan, changes as in a diff."""
        if text == UNKNOWN or text.startswith("≥"):
            return self.yellow
        if total:
            return self.bold
        if name == "change" and text:
            from rfcalc.report.comparison.words import CHANGES

            colours = {"inserted": self.green, "removed": self.red, "changed": self.yellow}
            return colours.get(CHANGES.get(text, ""))
        return self.cyan if name in _NAMES else None
