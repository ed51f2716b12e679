"""Where a polynomial in one symbol is positive, zero and negative, over the whole numbers from 1 up.

Past some number the sign is that of the leading coefficient.  Before it, intervals are halved until
Descartes' rule of signs finds no root inside, or no whole number is left inside: all is exact, and
roots however close are told apart as far as whole numbers can tell.
"""

from __future__ import annotations

from itertools import pairwise
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.symbolic.terms import SymbolicError, symbols_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfcalc.symbolic.terms import Terms

# Steps of about a tenth of a microsecond; no polynomial of a real network needs a thousandth of them.
MOST_WORK = 10_000_000


class Run(NamedTuple):
    """A stretch of whole numbers over which the sign stays the same; it ends where the next run starts."""

    start: int
    sign: int


def sign_runs(terms: Terms) -> tuple[Run, ...]:
    """The sign over the whole numbers from 1 up: the first run starts at 1, the last one never ends.

    Source: Descartes' rule of signs on halved intervals (Vincent, Collins and Akritas 1976).
    Raises SymbolicError for terms in several symbols, and past the limit of effort.
    """
    coefficients = _coefficients(terms)
    if len(coefficients) < 2:
        return (Run(1, _sign(sum(coefficients))),)
    runs: list[Run] = []
    for start, sign in _stretches(coefficients):
        if not runs or runs[-1].sign != sign:
            runs.append(Run(start, sign))
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
    budget = _Budget(len(coefficients))
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


class _Budget:
    """The effort that is left; one step is a coefficient times a coefficient."""

    def __init__(self, length: int) -> None:
        self.cost = length * length
        self.left = MOST_WORK

    def take(self) -> None:
        self.left -= self.cost
        if self.left < 0:
            raise SymbolicError("whether a polynomial of so many roots is positive takes too long to tell")


def _last_change(coefficients: list[int], budget: _Budget) -> int:
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


def _may_vanish(coefficients: list[int], first: int, last: int, budget: _Budget) -> bool:
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
