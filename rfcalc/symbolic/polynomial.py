"""Exact multivariate polynomials in named symbols: the type of every size and count.

A symbol stands for any integer from 1 up.  A polynomial is never constant: arithmetic whose result
does not depend on a symbol gives that integer (or Fraction), so numbers without symbols never meet
this class.  Division is exact or refused; a comparison holds for every value of the symbols or is
refused.  Coefficients may be fractions on the way (`0.75*C`); `is_integral` tells whether a value
is whole for every value of its symbols.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from rfcalc.errors import cut, listed
from rfcalc.symbolic.notation import Notation, format_rational, format_terms
from rfcalc.symbolic.terms import (
    LARGEST_COEFFICIENT_BITS,
    LARGEST_DEGREE,
    SymbolicError,
    bits,
    degree,
    fractional_part,
    is_whole_valued,
    normal,
    product_of,
    quotient_of,
    symbols_of,
    too_large,
    total_of,
)

if TYPE_CHECKING:
    from fractions import Fraction
    from typing import TypeAlias

    from rfcalc.symbolic.terms import Monomial, Rational, Terms

    # What an expression evaluates to before it is asked to be whole.
    Exact: TypeAlias = "int | Fraction | Polynomial"
__all__ = [
    "Number",
    "Polynomial",
    "SymbolicError",
    "equals",
    "exact_quotient",
    "format_number",
    "is_integral",
    "maximum",
    "minimum",
    "sum_of",
]


class Polynomial:
    """A polynomial that depends on at least one symbol; immutable and hashable.

    Made by `Polynomial.symbol` and arithmetic with int, Fraction and Polynomial on either side.
    Results are typed `Number`; a Fraction comes out only where fractions went in, so whoever admits
    fractions asks `is_integral` before taking a result for a size.

    `==` compares polynomials and is False against any number; `equals` answers for all values.
    Whatever is not one polynomial, or not one answer, for all values raises `SymbolicError`.
    """

    __slots__ = ("_terms",)
    _terms: Terms

    def __init__(self, terms: Terms) -> None:
        # Called by this module alone: the terms are normal (rfcalc.symbolic.terms) and hold some symbol.
        object.__setattr__(self, "_terms", terms)

    @classmethod
    def symbol(cls, name: str) -> Polynomial:
        """The polynomial that is one symbol."""
        if not name.isidentifier():
            raise SymbolicError(f"a symbol must be a name, not {name!r}")
        return cls({((name, 1),): 1})

    @property
    def terms(self) -> Mapping[Monomial, Rational]:
        """The coefficient, never zero, of each monomial: ((symbol, exponent), …), symbols in order."""
        return MappingProxyType(self._terms)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the symbols it depends on, in alphabetical order."""
        return symbols_of(self._terms)

    def sign(self) -> int | None:
        """1 or -1 when that is its sign for all values of its symbols; None when not decided."""
        lowest, highest = _signs(self)
        return lowest if lowest == highest else None

    def evaluate(self, values: Mapping[str, Exact]) -> Number:
        """The value with some or all symbols replaced; symbols without a value stay."""
        total: Terms = {}
        for monomial, coefficient in self._terms.items():
            kept = tuple((symbol, exponent) for symbol, exponent in monomial if symbol not in values)
            term: Terms = {kept: coefficient}
            for symbol, exponent in monomial:
                if symbol in values:
                    term = product_of(term, _power(values[symbol], exponent))
            total = total_of(total, term)
        return _number(total)

    def __add__(self, other: Exact) -> Number:
        terms = _terms_of(other)
        return NotImplemented if terms is None else _number(total_of(self._terms, terms))

    __radd__ = __add__

    def __neg__(self) -> Polynomial:
        return Polynomial({monomial: -coefficient for monomial, coefficient in self._terms.items()})

    def __sub__(self, other: Exact) -> Number:
        return NotImplemented if _terms_of(other) is None else self + -other

    def __rsub__(self, other: Exact) -> Number:
        return -self + other

    def __mul__(self, other: Exact) -> Number:
        terms = _terms_of(other)
        return NotImplemented if terms is None else _number(product_of(self._terms, terms))

    __rmul__ = __mul__

    def __pow__(self, exponent: Exact) -> Number:
        if _terms_of(exponent) is None:
            return NotImplemented
        if not isinstance(exponent, int) or exponent < 0:
            raise _not_an_exponent(self, exponent)
        if exponent * degree(self._terms) > LARGEST_DEGREE:
            raise SymbolicError(
                f"{_operand(self)} ** {exponent} is past the limit of degree {LARGEST_DEGREE:,}"
            )
        result: Number = 1
        for digit in bin(exponent)[2:]:
            result = result * result
            if digit == "1":
                result = result * self
        return result

    def __rpow__(self, base: Exact) -> Number:
        if _terms_of(base) is None:
            return NotImplemented
        raise _not_an_exponent(base, self)

    def __truediv__(self, divisor: Exact) -> Number:
        return NotImplemented if _terms_of(divisor) is None else _number(_quotient(self, "/", divisor))

    def __rtruediv__(self, dividend: Exact) -> Number:
        return NotImplemented if _terms_of(dividend) is None else _number(_quotient(dividend, "/", self))

    def __floordiv__(self, divisor: Exact) -> Number:
        return NotImplemented if _terms_of(divisor) is None else _floor_quotient(self, "//", divisor)

    def __rfloordiv__(self, dividend: Exact) -> Number:
        return NotImplemented if _terms_of(dividend) is None else _floor_quotient(dividend, "//", self)

    def __mod__(self, divisor: Exact) -> Number:
        return NotImplemented if _terms_of(divisor) is None else _remainder(self, divisor)

    def __rmod__(self, dividend: Exact) -> Number:
        return NotImplemented if _terms_of(dividend) is None else _remainder(dividend, self)

    def __lt__(self, other: Exact) -> bool:
        return NotImplemented if _terms_of(other) is None else _holds(self, "<", other)

    def __le__(self, other: Exact) -> bool:
        return NotImplemented if _terms_of(other) is None else _holds(self, "<=", other)

    def __gt__(self, other: Exact) -> bool:
        return NotImplemented if _terms_of(other) is None else _holds(self, ">", other)

    def __ge__(self, other: Exact) -> bool:
        return NotImplemented if _terms_of(other) is None else _holds(self, ">=", other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self._terms == other._terms

    def __hash__(self) -> int:
        return hash(frozenset(self._terms.items()))

    def __bool__(self) -> bool:
        return not _holds(self, "==", 0)

    def __str__(self) -> str:
        return format_terms(self._terms, "unicode")

    def __repr__(self) -> str:
        return f"<Polynomial {format_terms(self._terms, 'language')}>"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a polynomial is immutable")

    def __reduce__(self) -> tuple[object, ...]:
        return (Polynomial, (self._terms,))


# A runtime object, since operators state their types with it.
Number = int | Polynomial


def is_integral(value: Exact) -> bool:
    """Whether the value is a whole number for every value of its symbols."""
    if isinstance(value, Polynomial):
        return is_whole_valued(dict(value.terms))
    return value.denominator == 1


def not_whole(value: Polynomial) -> SymbolicError:
    """The error for a polynomial that is not whole for all values, and what would make it so."""
    terms = dict(value.terms)
    from rfcalc.symbolic.advice import advice_for

    # No multiple of a symbol makes up for a constant that is not whole.
    advice = None if () in fractional_part(terms) else advice_for(terms)
    return SymbolicError(f"{_shown(value)} is not whole for every {_listed(value.symbols)}", advice)


def exact_quotient(dividend: Exact, divisor: Exact) -> Exact:
    """dividend / divisor; `SymbolicError` unless that is a polynomial, defined for all values.

    Unlike `/` it is exact for two integers as well.  Raises ZeroDivisionError for the divisor 0.
    """
    return _number(_quotient(dividend, "/", divisor))


def equals(one: Exact, two: Exact) -> bool:
    """Whether both are equal for all values of the symbols; `SymbolicError` when that depends."""
    return _holds(one, "==", two)


# The types whose sums need no care.
_WHOLE = frozenset([int, bool])


def sum_of(values: Iterable[Number]) -> Number:
    """The sum; `SymbolicError` where it is past the limits of a polynomial."""
    numbers = list(values)
    if {*map(type, numbers)} <= _WHOLE:
        return sum(numbers)
    polynomials = [number._terms for number in numbers if isinstance(number, Polynomial)]
    whole = sum(number for number in numbers if isinstance(number, int))
    return _number(total_of({(): whole} if whole else {}, *polynomials)) if polynomials else whole


def minimum(one: Number, two: Number) -> Number:
    """The smaller of both for all values of the symbols; `SymbolicError` when that depends."""
    lowest, highest = _signs(one - two)
    if lowest < 0 < highest:
        raise _undecided(one, "<", two)
    return two if highest > 0 else one


def maximum(one: Number, two: Number) -> Number:
    """The larger of both for all values of the symbols; `SymbolicError` when that depends."""
    lowest, highest = _signs(one - two)
    if lowest < 0 < highest:
        raise _undecided(one, ">", two)
    return two if lowest < 0 else one


def format_number(number: Exact, style: Notation = "unicode") -> str:
    """The number as text.

    style: "unicode" (49C²HW), "latex" (49 C^{2} H W) or "language" (49*C**2*H*W).
    Terms of high degree come first.  A fraction is a decimal where that is exact and short, else a ratio.
    """
    if isinstance(number, Polynomial):
        return format_terms(dict(number.terms), style)
    return format_rational(number, style)


def _terms_of(value: object) -> Terms | None:
    """The terms of a number; None for a value that is none of int, Fraction and Polynomial."""
    if isinstance(value, Polynomial):
        return value._terms
    # A Fraction exists only once its module is loaded, and loading it is slow.
    fractions = sys.modules.get("fractions")
    if isinstance(value, int) or (fractions and isinstance(value, fractions.Fraction)):
        rational = normal(cast("Rational", value))
        return {(): rational} if rational else {}
    return None


def _demand(value: object) -> Terms:
    """The terms of a number; `TypeError` for any other value."""
    terms = _terms_of(value)
    if terms is None:
        raise TypeError(f"not an exact number: {value!r}")
    return terms


def _number(terms: Terms) -> Number:
    """The number with these terms."""
    if any(terms):
        return Polynomial(terms)
    # The one place where a value, possibly a Fraction, is wider than its declared type.
    return cast("int", terms.get((), 0))


def _power(value: Exact, exponent: int) -> Terms:
    """The terms of value ** exponent, refused before a number of unreasonable length is computed."""
    terms = _demand(value)
    if not isinstance(value, Polynomial) and (bits(value) - 1) * exponent > LARGEST_COEFFICIENT_BITS:
        raise too_large()
    return terms if exponent == 1 else _demand(value**exponent)


def _signs(value: Exact) -> tuple[int, int]:
    """The least and greatest sign for all values of the symbols; (-1, 1) when not decided."""
    if not isinstance(value, Polynomial):
        sign = (value > 0) - (value < 0)
        return sign, sign
    # Imported late: only comparisons of symbols need it.
    from rfcalc.symbolic.signs import signs_of

    return signs_of(value._terms)


def _holds(one: Exact, operator: str, two: Exact) -> bool:
    """Whether `one operator two` is true for all values of the symbols, or false for all."""
    lowest, highest = _signs(one - two)
    always, never = {
        "<": (highest < 0, lowest >= 0),
        "<=": (highest <= 0, lowest > 0),
        ">": (lowest > 0, highest <= 0),
        ">=": (lowest >= 0, highest < 0),
        "==": (lowest == highest == 0, lowest > 0 or highest < 0),
    }[operator]
    if always == never:
        raise _undecided(one, operator, two)
    return always


def _quotient(dividend: Exact, operator: str, divisor: Exact) -> Terms:
    """dividend / divisor, where that is a polynomial and the divisor is never zero."""
    if isinstance(divisor, Polynomial):
        lowest, highest = _signs(divisor)
        if lowest <= 0 <= highest:
            raise SymbolicError(
                f"{_operand(dividend)} {operator} {_operand(divisor)} is not defined for every "
                f"{_listed(divisor.symbols)}: {_shown(divisor)} may be 0"
            )
    elif not divisor:
        raise ZeroDivisionError("division by zero")
    quotient = quotient_of(_demand(dividend), _demand(divisor))
    if quotient is None:
        raise SymbolicError(
            f"{_operand(dividend)} {operator} {_operand(divisor)}: "
            f"{_shown(divisor)} does not divide {_shown(dividend)} exactly"
        )
    return quotient


def _floor_quotient(dividend: Exact, operator: str, divisor: Exact) -> Number:
    """floor(dividend / divisor), where one polynomial is that for all values of the symbols.

    If the polynomial r is the floor of the polynomial q everywhere, q - r is bounded and so constant.
    Hence there is a floor exactly when q without its constant term is whole for all values.
    """
    terms = dict(_quotient(dividend, operator, divisor))
    constant = terms.pop((), 0)
    if not is_whole_valued(terms):
        raise _inexact(dividend, operator, divisor, terms)
    floor = constant.numerator // constant.denominator
    return _number({**terms, (): floor} if floor else terms)


def _remainder(dividend: Exact, divisor: Exact) -> Number:
    """What floor division leaves."""
    taken = product_of(_demand(_floor_quotient(dividend, "%", divisor)), _demand(divisor))
    return _number(total_of(_demand(dividend), {monomial: -c for monomial, c in taken.items()}))


def _undecided(one: Exact, operator: str, two: Exact) -> SymbolicError:
    names = _listed(symbols_of([*_demand(one), *_demand(two)]))
    return SymbolicError(f"whether {_shown(one)} {operator} {_shown(two)} depends on {names}")


def _not_an_exponent(base: Exact, exponent: Exact) -> SymbolicError:
    return SymbolicError(
        f"{_operand(base)} ** {_operand(exponent)}: with symbols the exponent must be a number, 0 or more"
    )


def _inexact(dividend: Exact, operator: str, divisor: Exact, terms: Terms) -> SymbolicError:
    """The error for a quotient whose non-constant `terms` are not whole, and what would make them so."""
    from rfcalc.symbolic.advice import advice_for

    verdict = "is not exact" if operator == "//" else "is not the same"
    return SymbolicError(
        f"{_operand(dividend)} {operator} {_operand(divisor)} {verdict} for every "
        f"{_listed(symbols_of(fractional_part(terms)))}",
        advice_for(terms),
    )


def _listed(names: tuple[str, ...]) -> str:
    """Names as a sentence lists them; only the first three of many."""
    return listed(names if len(names) <= 4 else (*names[:3], "others"))


def _shown(value: Exact) -> str:
    """A number as an error shows it: cut when very long."""
    return cut(format_number(value), 60)


def _operand(value: Exact) -> str:
    """A number as an operand: in parentheses unless it is a single factor."""
    text = _shown(value)
    return f"({text})" if " " in text or "/" in text or text[0] == "-" else text
