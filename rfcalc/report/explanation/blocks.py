"""What an explanation is written with: titles, sentences, equations and tables, for any format."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rfcalc.ops.formula_parser import Tree
from rfcalc.ops.formula_text import format_formula
from rfcalc.records import NamedTuple
from rfcalc.report.cells import Style, marked
from rfcalc.report.table import Table
from rfcalc.symbolic.polynomial import format_number

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

# Of the operands of a join the values of this many are shown.
_MOST_VALUES = 4


class Numbers(NamedTuple):
    """A cell of exact numbers: for each operand one per axis, written once where all axes agree."""

    values: tuple[tuple[Exact, ...], ...]

    def text(self, style: Style) -> str:
        each = []
        for numbers in self.values:
            texts = [marked(format_number(number, style.notation), style) for number in numbers]
            # A plain vector stands for size 1 along every axis.
            each.append(texts[0] if texts and len(set(texts)) == 1 else "x".join(texts) or "1")
        shown = each if len(each) <= _MOST_VALUES else [*each[: _MOST_VALUES - 1], "…", each[-1]]
        return ", ".join(shown)

    @property
    def data(self) -> tuple[tuple[Exact, ...], ...]:
        return self.values


class Formulated(NamedTuple):
    """A cell that is a formula."""

    tree: Tree

    def text(self, style: Style) -> str:
        return f"= {marked(format_formula(self.tree, style.notation), style)}"

    @property
    def data(self) -> str:
        return format_formula(self.tree)


class Spelled(NamedTuple):
    """A right side that no formula's tree can hold: as text, and as LaTeX."""

    text: str
    latex: str


class Equation(NamedTuple):
    """A figure's name, what it equals in one or more ways, its value, and a remark behind that."""

    left: str
    right: tuple[Tree | Spelled, ...]
    value: Exact
    aside: str = ""


Passage: TypeAlias = Equation | str | Table


class Section(NamedTuple):
    """The explanation of one subject; subject: its name among SUBJECTS."""

    subject: str
    title: str
    blocks: tuple[Passage, ...]


class Document(NamedTuple):
    """An explanation, ready to be rendered: its title, what is said first, and its sections."""

    title: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
