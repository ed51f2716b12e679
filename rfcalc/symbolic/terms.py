"""The arithmetic behind polynomials, on plain mappings from monomials to exact coefficients.

A monomial is its symbols in alphabetical order, each with its exponent (1 or more); () is 1.
Coefficients are int or Fraction, never zero, and never a Fraction that is whole.  Zero is {}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import comb, lcm, prod
from typing import TYPE_CHECKING

from rfcalc.errors import RfcalcError

if TYPE_CHECKING:
    from fractions import Fraction
    from typing import TypeAlias

    Monomial: TypeAlias = tuple[tuple[str, int], ...]
    Rational: TypeAlias = int | Fraction
    Terms: TypeAlias = dict[Monomial, Rational]

# Limits that no real network comes near; they keep hostile descriptions bounded in time and memory.
MOST_TERMS = 1_000
MOST_TERM_PRODUCTS = 100_000
LARGEST_DEGREE = 1_000
LARGEST_COEFFICIENT_BITS = 4_096


class MultiplesNeeded(str):
    """Advice to declare symbols as multiples; `factors` says of what, by symbol."""

    factors: Mapping[str, int]

    @classmethod
    def of(cls, text: str, factors: Mapping[str, int]) -> MultiplesNeeded:
        """The advice with this text."""
        advice = cls(text)
        advice.factors = factors
        return advice


class SymbolicError(RfcalcError):
    """A result that is not the same polynomial, or the same answer, for every value of the symbols.

    advice: what would make it so; None when nothing is known to.
    """

    def __init__(self, message: str, advice: MultiplesNeeded | None = None) -> None:
        super().__init__(f"{message}; {advice}" if advice else message)
        self.advice = advice


def symbols_of(monomials: Iterable[Monomial]) -> tuple[str, ...]:
    """The symbols that occur, in alphabetical order."""
    return tuple(sorted({symbol for monomial in monomials for symbol, _ in monomial}))


def degree(terms: Terms) -> int:
    """The total degree; 0 for a constant."""
    return max((sum(exponent for _, exponent in monomial) for monomial in terms), default=0)


def bits(value: Rational) -> int:
    """The length of the longer of numerator and denominator."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def normal(value: Rational) -> Rational:
    """The value, as a plain int when it is whole (and a bool as an int)."""
    return value if type(value) is int or value.denominator != 1 else value.numerator


def ratio(numerator: Rational, denominator: Rational) -> Rational:
    """The exact quotient."""
    if isinstance(numerator, int) and isinstance(denominator, int) and numerator % denominator == 0:
        return numerator // denominator
    # Imported late: it costs more than all other imports of a run without fractions.
    from fractions import Fraction

    return normal(Fraction(numerator) / denominator)


def within_limits(terms: Terms) -> Terms:
    """The same terms; `SymbolicError` names the limit they are past."""
    if len(terms) > MOST_TERMS:
        raise SymbolicError(f"a polynomial past the limit of {MOST_TERMS:,} terms")
    if degree(terms) > LARGEST_DEGREE:
        raise SymbolicError(f"a polynomial past the limit of degree {LARGEST_DEGREE:,}")
    for coefficient in terms.values():
        if bits(coefficient) > LARGEST_COEFFICIENT_BITS:
            raise too_large()
    return terms


def too_large() -> SymbolicError:
    """The error for a coefficient past the limit."""
    return SymbolicError(f"a coefficient past the limit of {LARGEST_COEFFICIENT_BITS:,} bits")


def add_term(terms: Terms, monomial: Monomial, coefficient: Rational) -> None:
    """Add one term in place; a coefficient that comes to zero is dropped."""
    total = terms.get(monomial, 0) + coefficient
    if total:
        terms[monomial] = normal(total)
    else:
        terms.pop(monomial, None)


def total_of(first: Terms, *others: Terms) -> Terms:
    """The sum, made in place: of very many long polynomials as fast as of short ones."""
    result = dict(first)
    for other in others:
        for monomial, coefficient in other.items():
            add_term(result, monomial, coefficient)
        if len(result) > MOST_TERMS:
            break
    return within_limits(result)


def product_of(one: Terms, two: Terms) -> Terms:
    """The product."""
    if len(one) * len(two) > MOST_TERM_PRODUCTS:
        raise SymbolicError(
            f"a product of {len(one):,} by {len(two):,} terms, past the limit of {MOST_TERM_PRODUCTS:,}"
        )
    result: Terms = {}
    for left, left_coefficient in one.items():
        for right, right_coefficient in two.items():
            powers = dict(left)
            for symbol, exponent in right:
                powers[symbol] = powers.get(symbol, 0) + exponent
            add_term(result, tuple(sorted(powers.items())), left_coefficient * right_coefficient)
    return within_limits(result)


def quotient_of(numerator: Terms, denominator: Terms) -> Terms | None:
    """The exact quotient; None when a remainder is left.  The denominator is not zero.

    The leading term of what is left, in lexicographic order, is divided by that of the denominator.
    """
    if denominator.keys() == {()}:
        divisor = denominator[()]
        return within_limits({monomial: ratio(c, divisor) for monomial, c in numerator.items()})
    symbols = symbols_of([*numerator, *denominator])
    rest, factors = _by_exponents(numerator, symbols), _by_exponents(denominator, symbols)
    leading = max(factors)
    quotient: Terms = {}
    while rest:
        first = max(rest)
        powers = tuple(map(int.__sub__, first, leading))
        if min(powers) < 0:
            return None
        coefficient = ratio(rest[first], factors[leading])
        quotient[tuple((s, e) for s, e in zip(symbols, powers, strict=True) if e)] = coefficient
        for exponents, factor in factors.items():
            target = tuple(map(int.__add__, exponents, powers))
            left = rest.pop(target, 0) - factor * coefficient
            if left:
                rest[target] = left
        if bits(coefficient) > LARGEST_COEFFICIENT_BITS:
            raise too_large()
        if max(len(rest), len(quotient)) > MOST_TERMS or len(quotient) * len(factors) > MOST_TERM_PRODUCTS:
            raise SymbolicError(f"a division past the limit of {MOST_TERMS:,} terms")
    return within_limits(quotient)


def _by_exponents(terms: Terms, symbols: tuple[str, ...]) -> dict[tuple[int, ...], Rational]:
    """The coefficients by the exponents of all the symbols."""
    vectors = {}
    for monomial, coefficient in terms.items():
        powers = dict(monomial)
        vectors[tuple(powers.get(symbol, 0) for symbol in symbols)] = coefficient
    return vectors


def fractional_part(terms: Terms) -> Terms:
    """The terms whose coefficient is not whole."""
    return {monomial: c for monomial, c in terms.items() if not isinstance(c, int)}


def is_whole_valued(terms: Terms) -> bool:
    """Whether the value is whole for all integers, as C²/2 + C/2 is though its coefficients are not.

    By Newton's interpolation a polynomial of degree d in a symbol is whole everywhere if it is so
    where that symbol is 0 … d; the same holds for several symbols at all such points.  Where those
    are too many the answer is False.
    """
    terms = fractional_part(terms)
    denominator = lcm(*(coefficient.denominator for coefficient in terms.values()))
    degrees: dict[str, int] = {}
    for monomial in terms:
        for symbol, exponent in monomial:
            degrees[symbol] = max(degrees.get(symbol, 0), exponent)
    if prod(highest + 1 for highest in degrees.values()) * len(terms) > MOST_TERM_PRODUCTS:
        return False
    points = product(*(range(highest + 1) for highest in degrees.values()))
    return not any(_residue(terms, dict(zip(degrees, point, strict=True)), denominator) for point in points)


def _residue(terms: Terms, point: dict[str, int], denominator: int) -> int:
    """denominator times the value at a point, modulo the denominator."""
    total = 0
    for monomial, coefficient in terms.items():
        term = coefficient.numerator * (denominator // coefficient.denominator)
        for symbol, exponent in monomial:
            term = term * pow(point[symbol], exponent, denominator) % denominator
        total += term
    return total % denominator


def common_sign(terms: Terms) -> int | None:
    """The sign that all coefficients share; None when they do not."""
    signs = {1 if coefficient > 0 else -1 for coefficient in terms.values()}
    return signs.pop() if len(signs) == 1 else None


def sign_work(terms: Terms) -> int:
    """About how many products of two terms it may take to know a sign near this polynomial's value.

    With x + 1 in place of each symbol x there are as many terms as monomials of the same degree or less.
    """
    if common_sign(terms) is not None:
        return len(terms)
    highest, symbols = degree(terms), len(symbols_of(terms))
    shifted = symbols * (highest + 1) * comb(highest + symbols, symbols)
    return min(highest**2 + shifted, 2 * MOST_TERM_PRODUCTS)
