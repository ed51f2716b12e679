"""What a program of PyTorch is made of: modules that are constructed, classes, statements.

A name of a description stands in these only as an identifier (`identifiers.py`) or in a comment; every value
is a number, a truth value or a tuple of these, and is written as Python's own `repr` has it.
"""

from __future__ import annotations

from typing import TypeAlias

from rfcalc.records import NamedTuple

Literal: TypeAlias = int | float | bool | str | tuple[object, ...] | None


def value_text(value: Literal) -> str:
    """A value as Python writes it."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    return repr(value)


class NamedValue(NamedTuple):
    """An argument of a constructor; text: "" where it stands by its place."""

    name: str
    value: Literal | Construction


class Construction(NamedTuple):
    """The call that makes a module: a class of PyTorch, or one of `own_modules.py`, and its arguments."""

    callee: str
    arguments: tuple[NamedValue, ...] = ()


class Export(NamedTuple):
    """How one layer is written.

    module: what it is made of; None for an expression of its operands alone.
    call: its expression, with {module} for the module, {0}, {1} … for operands.
    flat: whether the result has no axes: (N, C) instead of (N, C, 1, 1).
    """

    module: Construction | None
    call: str = "{module}({0})"
    flat: bool = False


class HeldField(NamedTuple):
    """A module that a class holds: its attribute, and the text that makes it, in lines."""

    attribute: str
    lines: tuple[str, ...]


class Statement(NamedTuple):
    """An assignment in `forward`."""

    targets: tuple[str, ...]
    expression: str
    comment: str


class Class(NamedTuple):
    """A module: what it is constructed with, what it holds, what it does.

    parameters: names, each with its annotation.  returns: the variables that it returns.
    """

    name: str
    comment: str
    parameters: tuple[tuple[str, str], ...]
    fields: tuple[HeldField, ...]
    operands: tuple[str, ...]
    statements: tuple[Statement, ...]
    returns: tuple[str, ...]
