"""A table: headings, rows of typed cells, totals and notes, ready to be rendered in any format."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rfcalc.records import NamedTuple
from rfcalc.report.cells import Cell
from rfcalc.report.words import Language
from rfcalc.units import NumberFormat


class Heading(NamedTuple):
    """The head of a column: its name in machine formats, its title, and how it may be laid out.

    right, shorten and drop are those of the Column.
    """

    name: str
    title: str
    right: bool = False
    shorten: str = ""
    drop: int = 0


def headings(names: Iterable[str], title: Callable[[str], str], **shortened: str) -> tuple[Heading, ...]:
    """The heads of columns of text; title: makes one of a name; shortened: how some may be, by name."""
    return tuple(Heading(name, title(name), shorten=shortened.get(name, "")) for name in names)


class TableNote(NamedTuple):
    """A remark under a table, or a sentence of an explanation.

    column: the name of the column without which it means nothing, or "".
    """

    text: str
    column: str = ""


class Table(NamedTuple):
    """A table: each row and each total has one cell per heading; the notes stand below."""

    title: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[TableNote, ...] = ()
    language: Language = "en"


class View(NamedTuple):
    """What of a network a table shows, and how.

    columns: names; () for the default ones.  depth: levels of names that keep a row of their own;
    None for all.  only: globs over the rows' names; () for all rows.  sort: a column's name, "" for
    execution order.  top: how many rows at most.  dtype: the number format of bytes.
    """

    columns: tuple[str, ...] = ()
    depth: int | None = None
    only: tuple[str, ...] = ()
    sort: str = ""
    top: int | None = None
    dtype: NumberFormat = "fp32"
    language: Language = "en"
