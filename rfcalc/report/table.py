"""A table: headings, rows of typed cells, totals and notes, ready to be rendered in any format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.report.cells import Cell, Text
from rfcalc.report.words import Language, say
from rfcalc.units import FP32, NumberFormats

if TYPE_CHECKING:
    from rfcalc.analysis.fields.figures import BranchWeights


class Heading(NamedTuple):
    """The head of a column: its name in machine formats, its title, and how it may be laid out.

    right, drop, brief: those of the Column.  shorten: how it may become narrower (render/fit.py): "wrap", a
    text in several lines; "prose", a text that has them on a pipe too; "parts", sizes joined by +; "units",
    counts; "items", an operation; "name", the name of a layer; "" for never.
    """

    name: str
    title: str
    right: bool = False
    shorten: str = ""
    drop: int = 0
    brief: str = ""


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


def reference_table(kind: str, language: Language, rows: Iterable[Iterable[str]], **columns: str) -> Table:
    """Words alone, one row for each thing of a kind; columns: how each may be shortened, by name."""
    heads = (Heading(name, say(f"{kind} {name}", language), False, how) for name, how in columns.items())
    return Table("", tuple(heads), tuple(tuple(map(Text, row)) for row in rows), language=language)


class View(NamedTuple):
    """What of a network a table shows, and how.

    columns: names; () for the default ones.  depth: levels of names that keep a row of their own;
    None for all.  only: the rows that one of these words fits; () for all rows.  sort: a column's name, ""
    for execution order.  top: how many rows at most.  dtype: the formats of numbers that take bytes.  hide:
    words that fit rows which are left out.  height: so many rows have room; of more, those that carry nothing
    are left out.  None for any number.  branch_weights: those of effective fields.

    A word is a glob over names, an operator, a kind of operator or `weighted` or `neutral` (selection.py).
    """

    columns: tuple[str, ...] = ()
    depth: int | None = None
    only: tuple[str, ...] = ()
    sort: str = ""
    top: int | None = None
    dtype: NumberFormats = FP32
    language: Language = "en"
    hide: tuple[str, ...] = ()
    height: int | None = None
    branch_weights: BranchWeights = "kaiming"
