"""Exact ratios, and for which values of a symbol one amount is smaller than another."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from rfcalc.analysis.comparison.relations import Relation, ratio, relation
from rfcalc.analysis.existence import ValueRange
from rfcalc.symbolic.polynomial import Polynomial, format_number

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

C, H, K = (Polynomial.symbol(name) for name in "CHK")


def parts(amount: Exact, base: Exact) -> tuple[str, str]:
    found = ratio(amount, base)
    assert found is not None
    return format_number(found.numerator), format_number(found.denominator)


def test_there_is_no_ratio_to_nothing() -> None:
    assert ratio(5, 0) is None
    assert ratio(C, 0) is None


def test_there_is_no_ratio_to_what_may_be_nothing() -> None:
    assert ratio(5, C - 1) is None


@pytest.mark.parametrize(
    ("amount", "base", "expected"),
    [
        (27 * C * C, 49 * C * C, ("27", "49")),
        (6, 4, ("3", "2")),
        (0, C, ("0", "1")),
        (3 * C + 6, 2 * C + 4, ("3", "2")),
        (17 * C * C, 36 * C, ("17C", "36")),
        (100, C, ("100", "C")),
        (C * C - 1, C + 1, ("C - 1", "1")),
        (6 * C + 6, 4 * H + 4, ("3C + 3", "2H + 2")),
        (C * H * 4, C * C * 6 + C * H * 2, ("2H", "3C + H")),
    ],
)
def test_a_ratio_is_in_lowest_terms(amount: Exact, base: Exact, expected: tuple[str, str]) -> None:
    assert parts(amount, base) == expected


def test_only_a_ratio_that_is_the_same_for_all_values_is_a_number() -> None:
    same, other = ratio(27 * C * C, 49 * C * C), ratio(C, 49 * C * C)
    assert same is not None
    assert same.constant == Fraction(27, 49)
    assert other is not None
    assert other.constant is None
    assert other.symbols == ("C",)


def test_a_sign_that_holds_for_all_values_needs_no_range() -> None:
    assert relation(27 * C * C, 49 * C * C) == Relation(-1, ("C",))
    assert relation(27 * C * C * H, 49 * C * C * H) == Relation(-1, ("C", "H"))
    assert relation(5, 7) == Relation(-1)
    assert relation(C + 3, C + 1) == Relation(1, ("C",))
    assert relation(C, C) == Relation(0, ("C",))


def test_a_sign_that_changes_is_told_stretch_by_stretch() -> None:
    assert relation(C * C, 10 * C) == Relation(
        None, ("C",), ((ValueRange(1, 9), -1), (ValueRange(10, 10), 0), (ValueRange(11, None), 1))
    )


def test_a_common_factor_has_no_say_in_the_sign() -> None:
    assert relation(C * C * H, 3 * C * H).stretches == (
        (ValueRange(1, 2), -1),
        (ValueRange(3, 3), 0),
        (ValueRange(4, None), 1),
    )


def test_what_depends_on_several_symbols_is_left_open() -> None:
    assert relation(C * H, C + H) == Relation(None)


_COEFFICIENTS = st.lists(st.integers(-60, 60), min_size=1, max_size=4)


def polynomial(coefficients: list[int]) -> Exact:
    total: Exact = 0
    for power, coefficient in enumerate(coefficients):
        total = total + coefficient * C**power
    return total


def value(amount: Exact, at: int) -> int:
    result = amount.evaluate({"C": at}) if isinstance(amount, Polynomial) else amount
    assert isinstance(result, int)
    return result


@pytest.mark.slow
@settings(max_examples=200)
@given(_COEFFICIENTS, _COEFFICIENTS)
def test_the_stretches_are_those_of_the_values(one: list[int], two: list[int]) -> None:
    found = relation(polynomial(one), polynomial(two))
    for at in range(1, 200):
        difference = value(polynomial(one), at) - value(polynomial(two), at)
        sign = (difference > 0) - (difference < 0)
        stretches = [sign for values, sign in found.stretches if values.first <= at <= (values.last or at)]
        assert stretches in ([], [sign])
        assert found.sign == sign if found.sign is not None else stretches == [sign]


@settings(max_examples=100, deadline=None)
@given(_COEFFICIENTS, _COEFFICIENTS)
def test_a_ratio_is_the_quotient_that_sympy_gives(one: list[int], two: list[int]) -> None:
    amount, base = polynomial(one), polynomial(two)
    found = ratio(amount, base)
    if found is None:
        return
    symbol = sympy.Symbol("C")
    wanted = sympy.Poly(two[::-1], symbol).as_expr() * sympy.sympify(
        format_number(found.numerator, "language")
    )
    given_ = sympy.Poly(one[::-1], symbol).as_expr() * sympy.sympify(
        format_number(found.denominator, "language")
    )
    assert sympy.expand(wanted - given_) == 0
