"""The trees that expressions are read into; `start` and `end` are places in their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction


class Number(NamedTuple):
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
    parts: tuple[Number | Name, ...] = ()
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


class Chain(NamedTuple):
    """Operands joined left to right by operators of one precedence."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]
    start: int
    end: int


class Axes(NamedTuple):
    """One entry per axis."""

    entries: tuple[Expression, ...]
    start: int
    end: int


class Ends(NamedTuple):
    """`start:stop:step`; what is left out is None."""

    entries: tuple[Expression | None, ...]
    start: int
    end: int


Expression = Number | Name | Call | Prefix | Chain | Axes | Ends


def names_in(tree: Expression) -> Iterator[Name]:
    """The names of an expression in the order of its text, each as it was written."""
    pending: list[object] = [tree]
    while pending:
        part = pending.pop()
        if isinstance(part, Name):
            yield part
        elif isinstance(part, tuple) and not isinstance(part, Number):
            pending.extend(reversed(part))
