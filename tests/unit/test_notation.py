"""Exact numbers and polynomials as text, against written examples and read back through sympy."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
import sympy  # type: ignore[import-untyped]  # sympy ships no types
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rfcalc.symbolic.polynomial import Number, Polynomial, exact_quotient, format_number

C = Polynomial.symbol("C")
H = Polynomial.symbol("H")
K = Polynomial.symbol("K")
W = Polynomial.symbol("W")
CLASSES = Polynomial.symbol("classes")

Table = dict[tuple[int, int], Fraction]
exponents = st.tuples(st.integers(0, 3), st.integers(0, 2))
integer_tables = st.dictionaries(exponents, st.integers(-12, 12).map(Fraction), max_size=5)
fraction_tables = st.dictionaries(exponents, st.fractions(-4, 4, max_denominator=6), max_size=4)
quick = settings(max_examples=60, deadline=None)


def number(table: Table, second: Polynomial = H) -> Any:
    return sum((c * C**i * second**j for (i, j), c in table.items()), Fraction(0))


@pytest.mark.parametrize(
    ("value", "unicode", "latex", "language"),
    [
        (0, "0", "0", "0"),
        (138357544, "138357544", "138357544", "138357544"),
        (Fraction(3, 4), "0.75", "0.75", "0.75"),
        (Fraction(-1, 8), "-0.125", "-0.125", "-0.125"),
        (Fraction(100, 1), "100", "100", "100"),
        (Fraction(-5, 3), "-5/3", r"-\frac{5}{3}", "-5/3"),
        (C, "C", "C", "C"),
        (-C, "-C", "-C", "-C"),
        (49 * C * C * H * W, "49C²HW", "49 C^{2} H W", "49*C**2*H*W"),
        (C**12, "C¹²", "C^{12}", "C**12"),
        (3 - 2 * C, "-2C + 3", "-2 C + 3", "-2*C + 3"),
        (2 * C - 3, "2C - 3", "2 C - 3", "2*C - 3"),
        (C * C - C, "C² - C", "C^{2} - C", "C**2 - C"),
        (-C - 1, "-C - 1", "-C - 1", "-C - 1"),
        (C * C + C * H + H * H, "C² + CH + H²", "C^{2} + C H + H^{2}", "C**2 + C*H + H**2"),
        (134260544 + 4097 * K, "4097K + 134260544", "4097 K + 134260544", "4097*K + 134260544"),
        (4097 * CLASSES, "4097classes", r"4097 \mathrm{classes}", "4097*classes"),
        (C * CLASSES, "C·classes", r"C \mathrm{classes}", "C*classes"),
        (2 * C**2 * CLASSES, "2C²·classes", r"2 C^{2} \mathrm{classes}", "2*C**2*classes"),
        (C * H + CLASSES, "C·H + classes", r"C H + \mathrm{classes}", "C*H + classes"),
        (Polynomial.symbol("growth_rate") * 2, "2growth_rate", r"2 \mathrm{growth\_rate}", "2*growth_rate"),
        (4 * Polynomial.symbol("e5"), "4·e5", r"4 \mathrm{e5}", "4*e5"),
        (4 * Polynomial.symbol("E"), "4E", "4 E", "4*E"),
        (Fraction(3, 4) * C, "0.75C", "0.75 C", "0.75*C"),
        (exact_quotient(C, 3), "C/3", r"\frac{1}{3} C", "C/3"),
        (H - exact_quotient(2 * C * W, 3), "-2CW/3 + H", r"-\frac{2}{3} C W + H", "-2*C*W/3 + H"),
    ],
)
def test_every_style_writes_it_as_a_reader_would(
    value: Number, unicode: str, latex: str, language: str
) -> None:
    assert format_number(value) == unicode
    assert format_number(value, "latex") == latex
    assert format_number(value, "language") == language


def test_str_is_the_unicode_style_and_repr_that_of_the_language() -> None:
    assert str(49 * C * C) == "49C²"
    assert repr(49 * C * C) == "<Polynomial 49*C**2>"


@quick
@given(fraction_tables, st.sampled_from(["E", "classes", "N_1"]))
def test_the_style_of_the_language_reads_back_as_the_same_polynomial(table: Table, name: str) -> None:
    text = format_number(number(table, Polynomial.symbol(name)), "language")
    c, n = sympy.Symbol("C"), sympy.Symbol(name)
    read = sympy.sympify(text, locals={"C": c, name: n}, rational=True)
    expected = sum((sympy.Rational(factor) * c**i * n**j for (i, j), factor in table.items()), sympy.S.Zero)
    assert sympy.expand(read - expected) == 0


@quick
@given(integer_tables)
def test_degrees_descend_and_the_constant_is_last(table: Table) -> None:
    value = number(table)
    assume(isinstance(value, Polynomial))
    text = format_number(value, "language")
    terms = re.split(r" [+-] ", text)
    degrees = [
        sum(int(exponent or "1") for exponent in re.findall(r"[CH](?:\*\*(\d+))?", term)) for term in terms
    ]
    assert degrees == sorted(degrees, reverse=True)
    # Of one degree, those with more of the first symbol come first.
    powers = [
        sum(int(exponent or "1") for exponent in re.findall(r"C(?:\*\*(\d+))?", term)) for term in terms
    ]
    for degree in set(degrees):
        same = [power for power, other in zip(powers, degrees, strict=True) if other == degree]
        assert same == sorted(same, reverse=True)
