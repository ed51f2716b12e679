"""Where a polynomial in one symbol is positive: against counting, and against sympy's real roots."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest
import sympy  # type: ignore[import-untyped]  # sympy ships no types
from effort import lines_run
from hypothesis import given, settings
from hypothesis import strategies as st

from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, equals, exact_quotient, maximum, minimum
from rfcalc.symbolic.signs import SignRun, sign_runs

C = Polynomial.symbol("C")
H = Polynomial.symbol("H")
SYMBOL = sympy.Symbol("C")

quick = settings(max_examples=150, deadline=None)
coefficients = st.lists(st.integers(-40, 40), min_size=1, max_size=6)
# Factors whose roots lie at, between and off the whole numbers: C - a, 2C - a, (C - a)² + b.
roots = st.tuples(st.integers(-3, 30), st.sampled_from(["whole", "half", "none"]), st.integers(0, 1))


def polynomial(values: list[int]) -> Any:
    return sum((value * C**power for power, value in enumerate(values)), 0)


def from_roots(factors: list[tuple[int, str, int]], sign: int) -> Any:
    result: Any = sign
    for place, kind, lift in factors:
        factor = {"whole": C - place, "half": 2 * C - place, "none": (C - place) ** 2 + lift}[kind]
        result = result * factor
    return result


def sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)


def runs_of(number: Any) -> tuple[SignRun, ...]:
    return sign_runs(dict(number.terms) if isinstance(number, Polynomial) else {(): number} if number else {})


def counted(number: Any, last: int) -> list[tuple[int, int]]:
    """The runs among 1 … last, by looking at every number."""
    values = [
        (n, sign(number.evaluate({"C": n}) if isinstance(number, Polynomial) else number))
        for n in range(1, last + 1)
    ]
    return [(next(group)[0], key) for key, group in groupby(values, key=lambda pair: pair[1])]


def sympy_root_bound(number: Polynomial) -> int:
    """A number past the last real root."""
    expression = sympy.Poly(
        sum(c * SYMBOL ** (monomial[0][1] if monomial else 0) for monomial, c in number.terms.items()), SYMBOL
    )
    found = [int(sympy.ceiling(root.evalf(30))) for root in sympy.real_roots(expression)]
    return max([1, *found]) + 2


@quick
@given(coefficients)
def test_no_number_up_to_the_last_root_has_another_sign_than_its_run_says(values: list[int]) -> None:
    number = polynomial(values)
    last = sympy_root_bound(number) if isinstance(number, Polynomial) else 3
    assert list(map(tuple, runs_of(number))) == counted(number, last)


@quick
@given(st.lists(roots, max_size=4), st.sampled_from([1, -1, 3]))
def test_roots_that_touch_zero_or_lie_close_together_are_told_apart(
    factors: list[tuple[int, str, int]], sign: int
) -> None:
    number = from_roots(factors, sign)
    assert list(map(tuple, runs_of(number))) == counted(number, 70)


def positive_from(number: Any) -> int | None:
    """From where on the last run says the number is positive."""
    start, last = tuple(runs_of(number))[-1]
    return start if last > 0 else None


@quick
@given(coefficients)
def test_a_polynomial_is_positive_from_the_least_such_number_on_and_not_from_the_one_before(
    values: list[int],
) -> None:
    number = polynomial(values)
    found = positive_from(number)
    last = sympy_root_bound(number) if isinstance(number, Polynomial) else 3
    signs = [
        sign(number.evaluate({"C": n}) if isinstance(number, Polynomial) else number)
        for n in range(1, last + 1)
    ]
    if found is None:
        assert signs[-1] <= 0
    else:
        assert all(one > 0 for one in signs[found - 1 :])
        assert found == 1 or signs[found - 2] <= 0


@pytest.mark.parametrize(
    ("number", "runs"),
    [
        (0, ((1, 0),)),
        (7, ((1, 1),)),
        (-7, ((1, -1),)),
        (C, ((1, 1),)),
        (C - 1, ((1, 0), (2, 1))),
        (49 * C * C - 27 * C * C, ((1, 1),)),
        # 27C² - 4096C changes its sign at 4096 / 27 = 151.7.
        (27 * C * C - 4096 * C, ((1, -1), (152, 1))),
        ((C - 3) * (C - 3), ((1, 1), (3, 0), (4, 1))),
        # Positive at every whole number although it is negative between 2 and 3.
        ((2 * C - 5) ** 2 - exact_quotient(1, 2), ((1, 1),)),
        (-((C - 5) * (C - 10)), ((1, -1), (5, 0), (6, 1), (10, 0), (11, -1))),
        (exact_quotient(C, 3) - 2, ((1, -1), (6, 0), (7, 1))),
        (C - 10**30, ((1, -1), (10**30, 0), (10**30 + 1, 1))),
    ],
)
def test_examples_by_hand(number: Any, runs: tuple[tuple[int, int], ...]) -> None:
    assert tuple(map(tuple, runs_of(number))) == runs


def test_positive_from_examples() -> None:
    assert positive_from(3) == 1
    assert positive_from(0) is None
    assert positive_from(C - 3) == 4
    assert positive_from(3 - C) is None
    # 49C² against 27C² + 1000: from C = 7 on, since 22 · 36 = 792 and 22 · 49 = 1078.
    assert positive_from(49 * C * C - 27 * C * C - 1000) == 7


def test_several_symbols_are_refused() -> None:
    with pytest.raises(SymbolicError, match="several symbols"):
        positive_from(C - H)


def test_a_comparison_in_one_symbol_is_decided_whenever_all_values_agree() -> None:
    # With C + 1 for C this has a negative coefficient, so looking at coefficients does not decide it.
    never_zero = (C - 3) ** 2 + 1
    assert never_zero > 0
    assert not equals(never_zero, 0)
    assert (C - 3) ** 2 >= 0
    assert maximum(C * C + 10, 6 * C) == C * C + 10
    assert minimum(C * C + 10, 6 * C) == 6 * C
    with pytest.raises(SymbolicError, match=r"C² \+ 8 < 6C depends on C"):
        bool(C * C + 8 < 6 * C)


def test_hostile_polynomials_are_told_or_refused_after_a_bounded_number_of_steps() -> None:
    # Complex roots next to a far away whole number, many times over.
    far = ((C - 10**30) ** 2 + 1) ** 4
    told, _ = lines_run(lambda: runs_of(far), limit=10**6)
    assert told == (SignRun(1, 1),)
    dense: Any = {((("C", power),) if power else ()): (-1) ** power * (3**power + 1) for power in range(400)}
    try:
        lines_run(lambda: sign_runs(dense), limit=10**6)
    except SymbolicError as error:
        assert "takes too long" in str(error)
