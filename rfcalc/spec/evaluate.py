"""The value of an expression: exact, and of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from math import comb
from operator import add, floordiv, ge, gt, le, lt, mod, mul, sub
from typing import TYPE_CHECKING, Protocol

from rfcalc.errors import option
from rfcalc.ops.attributes import NO, YES, PerAxis, SpanValue, Value, format_value
from rfcalc.spec.tokens import COMPARISONS, ComparisonSign, ExpressionError
from rfcalc.spec.trees import (
    AxesExpression,
    Call,
    Conditional,
    Ends,
    Expression,
    ListEntry,
    Name,
    Numeral,
    Operations,
    Prefix,
)
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, equals, exact_quotient, maximum, minimum
from rfcalc.symbolic.terms import LARGEST_DEGREE, MOST_TERM_PRODUCTS, sign_work

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

LARGEST_BITS = 1024
# Binary digits of a logarithm that is no whole number, and of the numbers it is worked out with.
_LOG_DIGITS, _LOG_PRECISION = 65, 256


class Names(Protocol):
    """What names mean where an expression stands, and how much algebra it may do."""

    def spend(self, products: int) -> None:
        """Count what is about to be done with polynomials, in products of two terms; raises past a limit."""

    def value(self, name: str) -> Value | None:
        """The value of a name; None when it has none."""

    def unknown(self, name: str) -> tuple[str, str]:
        """The message and the hint of an error about a name that has no value."""


def evaluate(tree: Expression, names: Names) -> Value:
    """The value of a tree; raises ExpressionError.

    A list per axis takes part in arithmetic entry by entry.  `yes` and `no` are flags.
    """
    return _EVALUATE[type(tree)](tree, names)


def truth(tree: Expression, names: Names) -> bool:
    """The value of a condition; raises ExpressionError when it is neither true nor false."""
    value = evaluate(tree, names)
    if isinstance(value, bool):
        return value
    raise ExpressionError(
        f"a condition must be true or false, but this is {format_value(value)}", tree.start, tree.end
    )


def _name(tree: Name, names: Names) -> Value:
    if tree.parts and tree.per_axis:
        entries = _entries(tree, names)
        if entries is not None:
            return entries
    if tree.text in YES:
        return True
    if tree.text in NO:
        return False
    value = names.value(tree.text)
    if value is not None:
        return value
    if tree.parts and not tree.per_axis:
        entries = _entries(tree, names)
        if entries is not None:
            return entries
    blamed = tree
    if tree.parts:
        blamed = next(
            part for part in tree.parts if isinstance(part, Name) and names.value(part.text) is None
        )
        if len(blamed.text) == 1 and len(tree.parts) == 2:
            blamed = tree
    message, hint = names.unknown(blamed.text)
    raise ExpressionError(message, blamed.start, blamed.end, hint)


def _entries(tree: Name, names: Names) -> Value | None:
    """A name read as a list per axis; None when a part of it has no value."""
    entries: list[Value] = []
    for part in tree.parts:
        value = part.value if isinstance(part, Numeral) else names.value(part.text)
        if value is None:
            return None
        entries.append(value)
    return PerAxis(entries)


def _call(tree: Call, names: Names) -> Value:
    values = [evaluate(argument, names) for argument in tree.arguments]
    if tree.function == "count":
        return len(values[0]) if isinstance(values[0], PerAxis) else 1
    arguments = [_as_number(value, argument) for value, argument in zip(values, tree.arguments, strict=True)]
    try:
        charge_comparing(arguments, names)
        return _FUNCTIONS[tree.function](*arguments)
    except (SymbolicError, ValueError) as error:
        raise ExpressionError(str(error), tree.start, tree.end) from None


def _choice(tree: Conditional, names: Names) -> Value:
    # Only what is chosen is evaluated: the other may have no value, as a quotient by zero.
    return evaluate(tree.chosen if truth(tree.condition, names) else tree.otherwise, names)


def _entry(tree: ListEntry, names: Names) -> Value:
    entries = evaluate(tree.entries, names)
    if not isinstance(entries, PerAxis):
        message = f"expected a list such as 3x5, got {format_value(entries)}"
        raise ExpressionError(message, tree.entries.start, tree.entries.end)
    index = evaluate(tree.place, names)
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(entries):
        message = f"an entry of {format_value(entries)} has an index from 0 to {len(entries) - 1}"
        raise ExpressionError(f"{message}; got {format_value(index)}", tree.place.start, tree.place.end)
    return entries[index]


def _whole_below(number: Exact) -> Exact:
    return number // 1


def _whole_above(number: Exact) -> Exact:
    return -(-number // 1)


def _nearest_whole(number: Exact) -> Exact:
    """The nearest whole number; a half becomes the even one of both, as in Python.  Raises SymbolicError."""
    below = number // 1
    twice = 2 * (number - below)
    if isinstance(twice, Polynomial):
        raise SymbolicError(f"{format_value(number)} is not rounded the same way for all values")
    return below + int(twice > 1 or (twice == 1 and below % 2 == 1))


def log2(number: Exact) -> Exact:
    """The logarithm to the base 2: exact for a power of two, else a fraction less than 2^-64 away from it.

    Raises ValueError for what is not a positive number.
    """
    from fractions import Fraction

    if isinstance(number, Polynomial) or number <= 0:
        raise ValueError(f"log2 needs a positive number, got {format_value(number)}")
    value = Fraction(number)
    whole = value.numerator.bit_length() - value.denominator.bit_length()
    whole -= value < Fraction(2) ** whole
    # Squaring a number from 1 to 2 shows the next binary digit of its logarithm; more digits of the number
    # are kept than are asked for, as each step doubles the error.
    scaled = int(value / Fraction(2) ** whole * 2**_LOG_PRECISION)
    if value == Fraction(2) ** whole:
        return whole
    digits = 0
    for _ in range(_LOG_DIGITS):
        scaled = scaled * scaled >> _LOG_PRECISION
        digits = 2 * digits + (scaled >= 2 << _LOG_PRECISION)
        scaled >>= digits & 1
    return whole + Fraction(digits, 2**_LOG_DIGITS)


def round_to(number: Exact, divisor: Exact) -> Exact:
    """A number rounded to a multiple of another, never losing more than a tenth.

    max(n, floor(x + n/2) // n · n), and one n more where that is below 0.9 x: the rule by which
    MobileNet keeps channels divisible (Sandler et al. 2018).  Raises ValueError.
    """
    if not isinstance(divisor, int) or divisor < 1:
        raise ValueError("round_to needs a whole divisor of at least 1")
    if isinstance(number, Polynomial):
        raise ValueError("round_to needs a number that depends on no symbol")
    doubled = 2 * number + divisor
    rounded = max(divisor, int(doubled // (2 * divisor)) * divisor)
    return rounded + divisor if 10 * rounded < 9 * number else rounded


def _prefix(tree: Prefix, names: Names) -> Value:
    if tree.operator == "not":
        return not truth(tree.operand, names)
    return _broadcast(_ARITHMETIC["-"], 0, evaluate(tree.operand, names), (tree, tree.operand))


def _chain(tree: Operations, names: Names) -> Value:
    operator = tree.rest[0][0]
    if operator in ("and", "or"):
        # Every operand is evaluated, so that a mistake in one is found whatever the others are.
        values = [truth(tree.first, names)] + [truth(operand, names) for _, operand in tree.rest]
        return all(values) if operator == "and" else any(values)
    left = evaluate(tree.first, names)
    if operator in COMPARISONS:
        result = True
        before = tree.first
        for operator, operand in tree.rest:
            assert operator in COMPARISONS
            right = evaluate(operand, names)
            charge_comparing((left, right), names)
            result = _compare(operator, left, right, (before, operand)) and result
            left, before = right, operand
        return result
    for operator, operand in tree.rest:
        right = evaluate(operand, names)
        if isinstance(left, Polynomial) or isinstance(right, Polynomial):
            names.spend(_products(operator, left, right))
        # Whatever is not the first operand is a result, so that its place is not asked for.
        left = _broadcast(_ARITHMETIC[operator], left, right, (tree.first, operand))
    return left


def _axes(tree: AxesExpression, names: Names) -> Value:
    entries = [evaluate(entry, names) for entry in tree.entries]
    for value, entry in zip(entries, tree.entries, strict=True):
        if not isinstance(value, SpanValue):
            _as_number(value, entry)
    return PerAxis(entries)


def _ends(tree: Ends, names: Names) -> Value:
    ends = [None if entry is None else evaluate(entry, names) for entry in tree.entries]
    for value, entry in zip(ends, tree.entries, strict=True):
        if entry is not None and value is not None:
            _as_number(value, entry)
    return SpanValue(*ends)


_EVALUATE: dict[type, Callable[..., Value]] = {
    Numeral: lambda tree, names: tree.value,
    Name: _name,
    Call: _call,
    Prefix: _prefix,
    Operations: _chain,
    Conditional: _choice,
    ListEntry: _entry,
    AxesExpression: _axes,
    Ends: _ends,
}


# Two operands as written, for the place of an error.
_EvaluatedSides = tuple[Expression, Expression]


def _broadcast(apply: Callable[..., Exact], left: Value, right: Value, pair: _EvaluatedSides) -> Value:
    """An operation on two values, entry by entry where either is a list per axis."""
    if isinstance(left, PerAxis) or isinstance(right, PerAxis):
        lefts, rights = _entries_of(left, right)
        if len(lefts) != len(rights):
            message = f"{format_value(left)} and {format_value(right)} have different numbers of entries"
            raise _at(pair, message)
        return PerAxis(_broadcast(apply, one, two, pair) for one, two in zip(lefts, rights, strict=True))
    one, two = _as_number(left, pair[0]), _as_number(right, pair[1])
    try:
        result = apply(one, two)
    except ZeroDivisionError:
        raise ExpressionError("division by zero", pair[1].start, pair[1].end) from None
    except (SymbolicError, ValueError) as error:
        raise _at(pair, str(error)) from None
    if isinstance(result, Polynomial):
        return result
    size = max(result.numerator.bit_length(), result.denominator.bit_length())
    if size > LARGEST_BITS:
        raise _at(pair, f"the result has more than {LARGEST_BITS} bits")
    return int(result) if result.denominator == 1 else result


def _at(pair: _EvaluatedSides, message: str, hint: str = "") -> ExpressionError:
    return ExpressionError(message, pair[0].start, pair[1].end, hint)


def _as_number(value: Value, tree: Expression) -> Exact:
    """A value that must be a number; raises ExpressionError for a word, a truth value and a list."""
    if isinstance(value, bool | str | tuple):
        raise ExpressionError(f"expected a number, got {format_value(value)}", tree.start, tree.end)
    return value


def _entries_of(*sides: Value) -> Iterator[tuple[Value, ...]]:
    """The entries of each side, at least one of which is a list per axis; a single value stands for each."""
    count = max(len(value) for value in sides if isinstance(value, PerAxis))
    return (value if isinstance(value, PerAxis) else (value,) * count for value in sides)


def _power(base: Exact, exponent: Exact) -> Exact:
    if not isinstance(exponent, int) or exponent < 0:
        raise ValueError("an exponent must be a whole number of at least 0")
    if not isinstance(base, Polynomial):
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if size > 1 and size * exponent > 2 * LARGEST_BITS:
            raise ValueError(f"the result has more than {LARGEST_BITS} bits")
        if size <= 1:
            exponent = min(exponent, 2 + exponent % 2)
    return base**exponent


def _compare(operator: ComparisonSign, left: Value, right: Value, pair: _EvaluatedSides) -> bool:
    if operator not in ("==", "!="):
        _as_number(left, pair[0])
        _as_number(right, pair[1])
    try:
        return COMPARED[operator](left, right)
    except SymbolicError as error:
        hint = "a condition must hold for all values of a symbol or for none; "
        hint += f"{option('set')} gives it a value"
        raise _at(pair, str(error), hint) from None


def _products(operator: str, left: Value, right: Value) -> int:
    """About how many products of two terms an operation takes."""
    one, two = (len(value.terms) if isinstance(value, Polynomial) else 1 for value in (left, right))
    if operator != "**":
        return one * two
    exponent = min(right, LARGEST_DEGREE) if isinstance(right, int) and right > 0 else 0
    # As many terms as there are ways to choose the factors of one.
    return min(comb(one + exponent - 1, exponent) ** 2, MOST_TERM_PRODUCTS)


def charge_comparing(values: Iterable[Value], names: Names) -> None:
    """Count the work of comparing values; raises what `names` raises past its limit."""
    for value in values:
        if isinstance(value, Polynomial):
            names.spend(sign_work(dict(value.terms)))


def _same(left: Value, right: Value) -> bool:
    """Equality; a single value equals a list per axis whose every entry it equals."""
    if isinstance(left, PerAxis) or isinstance(right, PerAxis):
        lefts, rights = _entries_of(left, right)
        return len(lefts) == len(rights) and all(map(_same, lefts, rights))
    if isinstance(left, str | bool | tuple) or isinstance(right, str | bool | tuple):
        return left == right
    return equals(left, right)


# Whether a comparison of two values holds; raises SymbolicError where that depends on a symbol.
COMPARED: dict[ComparisonSign, Callable[..., bool]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "==": _same,
    "!=": lambda one, two: not _same(one, two),
}
_ARITHMETIC: dict[str, Callable[..., Exact]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "//": floordiv,
    "%": mod,
    "/": exact_quotient,
    "**": _power,
}
_FUNCTIONS: dict[str, Callable[..., Exact]] = {
    "min": lambda *numbers: reduce(minimum, numbers),
    "max": lambda *numbers: reduce(maximum, numbers),
    "round_to": round_to,
    "abs": lambda number: maximum(number, -number),
    "ceil": _whole_above,
    "floor": _whole_below,
    "log2": log2,
    "round": _nearest_whole,
}
