"""The trees that expressions are read into; `start` and `end` are places in their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rfcalc.errors import Position
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction


class Numeral(NamedTuple):
    """A number, exact."""

    value: int | Fraction
    start: int
    end: int


class Name(NamedTuple):
    """A name; `parts` is how it reads split at every x, or () where it holds none.

    per_axis: the split reading comes first, as it does where a list per axis is expected.
    """

    text: str
    start: int
    end: int
    parts: tuple[Numeral | Name, ...] = ()
    per_axis: bool = False


class Call(NamedTuple):
    """A function applied to its arguments."""

    function: str
    arguments: tuple[Expression, ...]
    start: int
    end: int


class Prefix(NamedTuple):
    """`-` or `not` before an operand."""

    operator: str
    operand: Expression
    start: int
    end: int


class Operations(NamedTuple):
    """Operands joined left to right by operators of one precedence."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]
    start: int
    end: int


class Conditional(NamedTuple):
    """One of two values, decided by a condition."""

    chosen: Expression
    condition: Expression
    otherwise: Expression
    start: int
    end: int


class ListEntry(NamedTuple):
    """The entry of a list at an index, counted from 0."""

    entries: Expression
    place: Expression
    start: int
    end: int


class AxesExpression(NamedTuple):
    """One entry per axis."""

    entries: tuple[Expression, ...]
    start: int
    end: int


class Ends(NamedTuple):
    """`start:stop:step`; what is left out is None."""

    entries: tuple[Expression | None, ...]
    start: int
    end: int


Expression = Numeral | Name | Call | Prefix | Operations | Conditional | ListEntry | AxesExpression | Ends


def names_in(tree: Expression) -> Iterator[str]:
    """The names an expression uses, a name that reads as a list taken apart."""
    return (name.text for name in within(tree, Name) if not name.parts)


T = TypeVar("T")


def within(record: object, kind: type[T]) -> Iterator[T]:
    """Every part of one kind in a record of the syntax tree or several, however deep, in their order.

    Of a name that may be a list the parts are among them, behind the name.
    """
    pending = [record]
    while pending:
        part = pending.pop()
        if isinstance(part, kind):
            yield part
        if isinstance(part, tuple) and not isinstance(part, Position):
            pending.extend(reversed(part))
