"""Where a polynomial is positive, zero and negative, over the whole numbers from 1 up.

In several symbols its coefficients decide, or nothing does.  In one symbol it is always decided: past some
number the sign is that of the leading coefficient, and before it intervals are halved until Descartes' rule
of signs finds no root inside, or no whole number is left inside.  All is exact, and roots however close are
told apart as far as whole numbers can tell.
"""

from __future__ import annotations

from itertools import pairwise
from math import comb, lcm
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.symbolic.terms import MOST_TERM_PRODUCTS, SymbolicError, add_term, common_sign, symbols_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfcalc.symbolic.terms import Terms

# Steps of about a tenth of a microsecond; no polynomial of a real network needs a thousandth of them.
MOST_WORK = 10_000_000


class SignRun(NamedTuple):
    """A stretch of whole numbers over which the sign stays the same; it ends where the next run starts."""

    start: int
    sign: int


def signs_of(terms: Terms) -> tuple[int, int]:
    """The least and greatest sign the value takes for symbols from 1 up; (-1, 1) when not decided.

    With x + 1 in place of every symbol x, symbols run from 0 up: where no coefficient is then
    negative, the minimum is the constant, the value with all symbols 1.  That is sound, not complete;
    with one symbol the rest is decided by looking at where the sign changes.
    """
    if not terms:
        return 0, 0
    constant = () in terms
    sign = common_sign(terms)
    if sign is None:
        shifted = _shifted(terms)
        sign = common_sign(shifted)
        constant = () in shifted
    else:
        # All symbols are at least 1, so the least term is already away from zero.
        constant = True
    if sign is None:
        try:
            signs = [run.sign for run in sign_runs(terms)]
        except SymbolicError:
            return -1, 1
        return min(signs), max(signs)
    nearest_zero = sign if constant else 0
    return min(sign, nearest_zero), max(sign, nearest_zero)


def _shifted(terms: Terms) -> Terms:
    """The terms with x + 1 in place of every symbol x; {} when that is too much work."""
    work = 0
    for name in symbols_of(terms):
        shifted: Terms = {}
        for monomial, coefficient in terms.items():
            powers = dict(monomial)
            exponent = powers.pop(name, 0)
            work += exponent + 1
            if work > MOST_TERM_PRODUCTS:
                return {}
            for power in range(exponent + 1):
                chosen = {**powers, name: power} if power else powers
                add_term(shifted, tuple(sorted(chosen.items())), comb(exponent, power) * coefficient)
        terms = shifted
    return terms


def sign_runs(terms: Terms) -> tuple[SignRun, ...]:
    """The sign over the whole numbers from 1 up: the first run starts at 1, the last one never ends.

    Source: Descartes' rule of signs on halved intervals (Vincent, Collins and Akritas 1976).
    Raises SymbolicError for terms in several symbols, and past the limit of effort.
    """
    coefficients = _coefficients(terms)
    if len(coefficients) < 2:
        return (SignRun(1, _sign(sum(coefficients))),)
    runs: list[SignRun] = []
    for start, sign in _stretches(coefficients):
        if not runs or runs[-1].sign != sign:
            runs.append(SignRun(start, sign))
    return tuple(runs)


def _coefficients(terms: Terms) -> list[int]:
    """The coefficients by ascending exponent, made whole by a positive factor; [] for zero."""
    if len(symbols_of(terms)) > 1:
        raise SymbolicError("the sign depends on several symbols")
    factor = lcm(*(coefficient.denominator for coefficient in terms.values()))
    exponents = {monomial[0][1] if monomial else 0: c for monomial, c in terms.items()}
    return [int(exponents.get(power, 0) * factor) for power in range(max(exponents, default=-1) + 1)]


def _stretches(coefficients: list[int]) -> Iterator[tuple[int, int]]:
    """Where stretches of one sign start, in ascending order, and their signs."""
    budget = _SignEffort(len(coefficients))
    end = _last_change(coefficients, budget)
    pending = [(1, end)]
    while pending:
        first, last = pending.pop()
        # The inside of an interval comes after its first number and before the next interval.
        if last - first > 1 and _may_vanish(coefficients, first, last, budget):
            middle = (first + last) // 2
            pending += [(middle, last), (first, middle)]
            continue
        yield first, _sign(_value(coefficients, first))
        if last - first > 1:
            yield first + 1, _sign(_value(coefficients, first + 1))
    yield end, _sign(_value(coefficients, end))
    yield end + 1, _sign(coefficients[-1])


class _SignEffort:
    """The effort that is left; one step is a coefficient times a coefficient."""

    def __init__(self, length: int) -> None:
        self.cost = length * length
        self.left = MOST_WORK

    def take(self) -> None:
        self.left -= self.cost
        if self.left < 0:
            raise SymbolicError("whether a polynomial of so many roots is positive takes too long to tell")


def _last_change(coefficients: list[int], budget: _SignEffort) -> int:
    """A whole number past which the sign no longer changes.

    With x + n in place of x no two coefficients differ in sign.
    """
    end = 1
    while True:
        budget.take()
        moved = _moved(coefficients, end)
        if all(coefficient * coefficients[-1] >= 0 for coefficient in moved):
            return end
        end *= 2


def _may_vanish(coefficients: list[int], first: int, last: int, budget: _SignEffort) -> bool:
    """Whether there may be a root strictly between two numbers; False is certain.

    With (first + last·x) / (1 + x) for the symbol the interval is all positive x, where a polynomial
    whose coefficients never change sign has no root.
    """
    budget.take()
    scaled = [c * (last - first) ** power for power, c in enumerate(_moved(coefficients, first))]
    signs = [_sign(c) for c in _moved(scaled[::-1], 1) if c]
    return any(one != two for one, two in pairwise(signs))


def _moved(coefficients: list[int], by: int) -> list[int]:
    """The coefficients with x + by in place of x."""
    result = list(coefficients)
    for start in range(len(result) - 1):
        for power in range(len(result) - 2, start - 1, -1):
            result[power] += by * result[power + 1]
    return result


def _value(coefficients: list[int], at: int) -> int:
    total = 0
    for coefficient in reversed(coefficients):
        total = total * at + coefficient
    return total


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
