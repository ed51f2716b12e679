"""Two amounts compared with each other: their exact ratio, and where the one is smaller than the other."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from rfcalc.analysis.existence import ValueRange, stretches
from rfcalc.records import NamedTuple
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, exact_quotient

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact
    from rfcalc.symbolic.terms import Terms


class Multiple(NamedTuple):
    """An exact ratio: whole numbers in lowest terms, or polynomials without a common number or power."""

    numerator: Exact
    denominator: Exact

    @property
    def constant(self) -> Fraction | None:
        """The ratio where it is the same for all values of the symbols."""
        if isinstance(self.numerator, Polynomial) or isinstance(self.denominator, Polynomial):
            return None
        return Fraction(self.numerator) / self.denominator

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols it depends on."""
        return _symbols(self.numerator, self.denominator)


class Relation(NamedTuple):
    """How an amount stands to another one.

    sign: of the difference for all values of the symbols; None when that depends on them.
    symbols: those of both amounts, where the sign holds for all values; the only one on which it
    depends, where that is known; else ().  stretches: of that one, the values from 1 up, in ranges over
    which the difference keeps its sign, and that sign.
    """

    sign: int | None
    symbols: tuple[str, ...] = ()
    stretches: tuple[tuple[ValueRange, int], ...] = ()


def ratio(amount: Exact, base: Exact) -> Multiple | None:
    """amount / base; None where the base is 0, or where symbols leave that open."""
    if not isinstance(base, Polynomial):
        if base == 0:
            return None
        if not isinstance(amount, Polynomial):
            quotient = Fraction(amount) / base
            return Multiple(quotient.numerator, quotient.denominator)
    elif _sign(base) in (0, None):
        return None
    elif not isinstance(amount, Polynomial) and amount == 0:
        return Multiple(0, 1)
    return _reduced(amount, base)


def relation(amount: Exact, base: Exact) -> Relation:
    """How amount stands to base."""
    difference = amount - base
    sign = _sign(difference)
    if sign is not None:
        return Relation(sign, _symbols(amount, base))
    # Symbols are at least 1, so what all terms have in common has no say.
    rest = exact_quotient(difference, _common(difference))
    symbols = _symbols(rest)
    if isinstance(rest, Polynomial) and len(symbols) == 1:
        with suppress(SymbolicError):
            return Relation(None, symbols, tuple(stretches(rest)))
    return Relation(None)


def _symbols(*amounts: Exact) -> tuple[str, ...]:
    names = {name for amount in amounts if isinstance(amount, Polynomial) for name in amount.symbols}
    return tuple(sorted(names))


def _sign(value: Exact) -> int | None:
    if isinstance(value, Polynomial):
        return value.sign()
    return (value > 0) - (value < 0)


def _reduced(amount: Exact, base: Exact) -> Multiple:
    """The ratio of two amounts of which one at least is a polynomial, as far as it can be reduced."""
    for numerator, denominator, inverse in ((amount, base, False), (base, amount, True)):
        try:
            quotient = exact_quotient(numerator, denominator)
        except (SymbolicError, ZeroDivisionError):
            continue
        # With whole coefficients, and what that is to be divided by.
        part = lcm(*(coefficient.denominator for coefficient in _terms(quotient).values()))
        return Multiple(part, quotient * part) if inverse else Multiple(quotient * part, part)
    common = _common(amount, base)
    return Multiple(exact_quotient(amount, common), exact_quotient(base, common))


def _terms(value: Exact) -> Terms:
    return dict(value.terms) if isinstance(value, Polynomial) else {(): value}


def _common(*amounts: Exact) -> Exact:
    """What all terms of some amounts have in common: a number times powers of symbols."""
    terms = [term for amount in amounts for term in _terms(amount).items()]
    common: Exact = gcd(*(coefficient.numerator for _, coefficient in terms))
    powers = [dict(monomial) for monomial, _ in terms]
    for symbol in powers[0]:
        least = min(each.get(symbol, 0) for each in powers)
        common = common * Polynomial.symbol(symbol) ** least
    return common
