"""Polynomials: arithmetic against sympy, decisions against enumeration, wording against written examples."""

from __future__ import annotations

import copy
import itertools
import operator
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy  # type: ignore[import-untyped]  # sympy ships no types
from effort import lines_run
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rfcalc.symbolic.polynomial import (
    Number,
    Polynomial,
    SymbolicError,
    equals,
    exact_quotient,
    is_integral,
    maximum,
    minimum,
)

C = Polynomial.symbol("C")
H = Polynomial.symbol("H")
K = Polynomial.symbol("K")
W = Polynomial.symbol("W")
CLASSES = Polynomial.symbol("classes")

# A polynomial in C and H as plain data: what the oracles calculate with.
Table = dict[tuple[int, int], Fraction]


def number(table: Table) -> Any:
    return sum((c * C**i * H**j for (i, j), c in table.items()), Fraction(0))


def polynomial(value: Number) -> Polynomial:
    assert isinstance(value, Polynomial)
    return value


def value_at(table: Table, c: int, h: int) -> Fraction:
    return sum((factor * c**i * h**j for (i, j), factor in table.items()), Fraction(0))


def sympy_value(value: Any) -> Any:
    if not isinstance(value, Polynomial):
        return sympy.Rational(value)
    return sympy.Add(
        *(
            sympy.Rational(coefficient) * sympy.Mul(*(sympy.Symbol(s) ** e for s, e in monomial))
            for monomial, coefficient in value.terms.items()
        )
    )


exponents = st.tuples(st.integers(0, 3), st.integers(0, 2))
integer_tables = st.dictionaries(exponents, st.integers(-12, 12).map(Fraction), max_size=5)
fraction_tables = st.dictionaries(exponents, st.fractions(-4, 4, max_denominator=6), max_size=4)
quick = settings(max_examples=60, deadline=None)


def refuses(action: Callable[[], object]) -> str:
    with pytest.raises(SymbolicError) as caught:
        action()
    return str(caught.value)


# What must not happen ------------------------------------------------------------------------------


def test_importing_the_module_loads_neither_fractions_nor_sympy() -> None:
    program = (
        "import sys; before = set(sys.modules); from rfcalc.symbolic.polynomial import *;"
        "import rfcalc.units;"
        "x = Polynomial.symbol('C') * 2 // 2 + 1; assert x > 1 and format_number(x) == 'C + 1';"
        "print(sorted({'fractions', 'decimal', 'sympy', 'numpy'} & set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (C - C, 0),
        (C - (C - 7), 7),
        (C * 0, 0),
        (0 * C, 0),
        (C**0, 1),
        (C // C, 1),
        (C / C, 1),
        (C % 1, 0),
        ((2 * C + 3) % 2, 1),
        (C.evaluate({"C": 5}), 5),
        (Fraction(1, 2) * C - C / 2, 0),
        ((C / 2 + Fraction(3, 2)) - (C / 2 - Fraction(1, 2)), 2),
    ],
)
def test_a_result_that_does_not_depend_on_a_symbol_is_a_plain_int(result: object, expected: int) -> None:
    assert type(result) is int
    assert result == expected


def test_a_constant_that_is_not_whole_stays_a_fraction() -> None:
    result: object = (C / 2 + Fraction(1, 3)) - C / 2
    assert result == Fraction(1, 3)
    assert isinstance(result, Fraction)


def test_a_whole_coefficient_is_an_int_however_it_came_about() -> None:
    assert [type(c) for c in polynomial(Fraction(1, 2) * C * 2).terms.values()] == [int]
    assert Fraction(1, 2) * C * 2 == C
    assert hash(Fraction(1, 2) * C * 2) == hash(C)
    assert [type(c) for c in polynomial(True * C).terms.values()] == [int]


@pytest.mark.parametrize("other", [0.5, "C", None, 1j])
def test_other_types_are_not_calculated_with(other: Any) -> None:
    actions: list[Callable[[], object]] = [
        lambda: C + other,
        lambda: other - C,
        lambda: C * other,
        lambda: C // other,
        lambda: C % other,
        lambda: other / C,
        lambda: C**other,
        lambda: operator.lt(C, other),
        lambda: polynomial(C).evaluate({"C": other}),
    ]
    for action in actions:
        with pytest.raises(TypeError):
            action()
    assert operator.ne(C, other)
    assert operator.ne(other, C)


def test_a_polynomial_cannot_be_changed() -> None:
    value: Any = C
    with pytest.raises(AttributeError):
        value._terms = {}
    with pytest.raises(AttributeError):
        value.name = "D"
    with pytest.raises(TypeError):
        value.terms[()] = 1


def test_a_polynomial_is_no_index_and_no_float() -> None:
    value: Any = C
    with pytest.raises(TypeError):
        range(value)
    with pytest.raises(TypeError):
        float(value)


# Published and hand-counted formulas ---------------------------------------------------------------


def test_a_7x7_convolution_on_c_channels_has_49_c_squared_weights_and_three_3x3_have_27() -> None:
    assert str(7 * 7 * C * C) == "49C²"
    assert str(sum(3 * 3 * C * C for _ in range(3))) == "27C²"
    assert str(49 * C * C * H * W) == "49C²HW"


def test_the_parameters_of_vgg16_with_k_classes() -> None:
    # 138,357,544 for 1000 classes; the last layer has 4096 weights and a bias for each class.
    parameters = (138_357_544 - 4097 * 1000) + 4097 * K
    assert str(parameters) == "4097K + 134260544"
    assert polynomial(parameters).evaluate({"K": 1000}) == 138_357_544


def test_a_stride_2_convolution_halves_an_even_size() -> None:
    h = Polynomial.symbol("h")
    size: Number = 2 * h
    assert (size + 2 * 1 - (3 - 1) - 1) // 2 + 1 == h


# Identity ------------------------------------------------------------------------------------------


def test_equality_is_of_polynomials_and_the_hash_agrees() -> None:
    assert (C + 1) * (C - 1) == C * C - 1
    assert hash((C + 1) * (C - 1)) == hash(C * C - 1)
    assert C != H
    assert C != 1
    assert not C == 64  # noqa: SIM201  # both operators are under test
    assert len({C, C + 0, C * 1, H}) == 2


def test_copying_and_pickling_keep_the_value() -> None:
    value = 49 * C**2 * H + Fraction(1, 3)
    assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value


def test_terms_and_symbols_are_in_alphabetical_order() -> None:
    value = polynomial(W * C * H)
    assert value.symbols == ("C", "H", "W")
    assert dict(value.terms) == {(("C", 1), ("H", 1), ("W", 1)): 1}


@pytest.mark.parametrize("name", ["", "2C", "C D", "C-1", "C²"])
def test_a_symbol_must_be_a_name(name: str) -> None:
    assert refuses(lambda: Polynomial.symbol(name)) == f"a symbol must be a name, not {name!r}"


# Arithmetic ----------------------------------------------------------------------------------------


@quick
@given(fraction_tables, fraction_tables, st.fractions(-3, 3, max_denominator=4), st.integers(0, 3))
def test_arithmetic_agrees_with_sympy(left: Table, right: Table, scalar: Fraction, exponent: int) -> None:
    a, b = number(left), number(right)
    x, y, s = sympy_value(a), sympy_value(b), sympy.Rational(scalar)
    for ours, theirs in (
        (a + b, x + y),
        (a - b, x - y),
        (a * b, x * y),
        (-a, -x),
        (a**exponent, x**exponent),
        (a + scalar, x + s),
        (scalar + a, s + x),
        (a - scalar, x - s),
        (scalar - a, s - x),
        (scalar * a, s * x),
        (a * scalar, x * s),
    ):
        assert sympy.expand(sympy_value(ours) - theirs) == 0
        assert not isinstance(ours, Polynomial) or ours.symbols
        if isinstance(ours, Polynomial):
            assert all(type(c) is int or c.denominator > 1 for c in ours.terms.values())
            assert 0 not in ours.terms.values()


@quick
@given(fraction_tables, fraction_tables)
def test_dividing_a_product_by_a_factor_that_is_never_zero_gives_the_other(left: Table, right: Table) -> None:
    a, b = number(left), number(right)
    assume(isinstance(b, Polynomial) and b.sign() is not None)
    assert a * b / b == a
    if isinstance(a, Polynomial):
        assert sympy.expand(sympy_value(a * b / b) - sympy_value(a)) == 0


@quick
@given(integer_tables, integer_tables)
def test_a_quotient_of_polynomials_is_given_exactly_when_sympy_finds_no_remainder(
    left: Table, right: Table
) -> None:
    a, b = number(left), number(right)
    assume(isinstance(b, Polynomial) and b.sign() is not None)
    assume(isinstance(a, Polynomial))
    quotients, remainder = sympy.reduced(sympy_value(a), [sympy_value(b)], *sympy.symbols("C H"))
    if remainder == 0:
        assert sympy.expand(sympy_value(a / b) - quotients[0]) == 0
    else:
        assert "does not divide" in refuses(lambda: a / b)


def test_division_by_zero_is_the_usual_error() -> None:
    actions: list[Callable[[], object]] = [
        lambda: C // 0,
        lambda: C % 0,
        lambda: C / 0,
        lambda: exact_quotient(1, 0),
    ]
    for action in actions:
        with pytest.raises(ZeroDivisionError):
            action()


def test_an_exact_quotient_of_integers_is_a_fraction_or_an_int() -> None:
    assert exact_quotient(6, 4) == Fraction(3, 2)
    assert type(exact_quotient(6, 3)) is int
    assert exact_quotient(6 * C, 3 * C) == 2
    assert exact_quotient(0, C) == 0


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: 64 // C, "64 // C: C does not divide 64 exactly"),
        (lambda: (C + 1) / H, "(C + 1) / H: H does not divide C + 1 exactly"),
        (lambda: (C + H) // (C - 1), "(C + H) // (C - 1) is not defined for every C: C - 1 may be 0"),
        (lambda: 2**C, "2 ** C: with symbols the exponent must be a number, 0 or more"),
        (lambda: C**H, "C ** H: with symbols the exponent must be a number, 0 or more"),
        (lambda: C**-1, "C ** (-1): with symbols the exponent must be a number, 0 or more"),
        (
            lambda: C ** Fraction(1, 2),
            "C ** 0.5: with symbols the exponent must be a number, 0 or more",
        ),
    ],
)
def test_what_is_no_polynomial_is_refused_with_both_operands(
    action: Callable[[], object], message: str
) -> None:
    assert refuses(action) == message


# Floor division ------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        integer_tables, st.dictionaries(st.sampled_from([(0, 0), (1, 0), (2, 0)]), st.just(Fraction(3)))
    ),
    st.integers(1, 6),
    st.sampled_from([1, -1]),
)
def test_floor_division_is_right_everywhere_and_refused_only_where_no_polynomial_is(
    table: Table, size: int, direction: int
) -> None:
    dividend, divisor = number(table), size * direction
    assume(isinstance(dividend, Polynomial))
    # What an integer polynomial leaves modulo n repeats with period n along every symbol.
    remainders = {value_at(table, c, h) % divisor for c in range(size) for h in range(size)}
    if len(remainders) > 1:
        refuses(lambda: dividend // divisor)
        refuses(lambda: dividend % divisor)
        return
    quotient, remainder = dividend // divisor, dividend % divisor
    assert remainder == next(iter(remainders))
    assert dividend // divisor == quotient
    assert is_integral(quotient)
    for c, h in itertools.product(range(-3, 9), range(-2, 7)):
        found = quotient.evaluate({"C": c, "H": h}) if isinstance(quotient, Polynomial) else quotient
        assert found == value_at(table, c, h) // divisor


@quick
@given(fraction_tables, st.fractions(Fraction(1, 3), 3, max_denominator=4))
def test_floor_division_with_fractions_is_right_where_it_is_given(table: Table, divisor: Fraction) -> None:
    dividend = number(table)
    assume(isinstance(dividend, Polynomial))
    try:
        quotient, remainder = dividend // divisor, dividend % divisor
    except SymbolicError:
        values = {value_at(table, c, h) / divisor % 1 for c in range(25) for h in range(25)}
        assert len(values) > 1
        return
    for c, h in itertools.product(range(1, 9), range(1, 7)):
        at = {"C": c, "H": h}
        value = value_at(table, c, h)
        assert (quotient.evaluate(at) if isinstance(quotient, Polynomial) else quotient) == value // divisor
        assert (remainder.evaluate(at) if isinstance(remainder, Polynomial) else remainder) == value % divisor


def test_a_triangular_number_is_whole_though_its_coefficients_are_not() -> None:
    pairs = C * (C + 1) // 2
    assert str(pairs) == "0.5C² + 0.5C"
    assert is_integral(pairs)
    assert polynomial(pairs).evaluate({"C": 7}) == 28


@pytest.mark.parametrize(
    ("value", "integral"),
    [
        (3, True),
        (Fraction(4, 2), True),
        (Fraction(1, 2), False),
        (C, True),
        (Fraction(3, 4) * C, False),
        (C / 2 + H / 2, False),
        (C * (C - 1) * (C - 2) / 6, True),
        (C + Fraction(1, 2), False),
        (C**900 * H**100 / 2, False),
    ],
)
def test_integral_means_whole_for_every_value(value: Number, integral: bool) -> None:
    assert is_integral(value) is integral


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            lambda: C // 2,
            "C // 2 is not exact for every C; declare the symbol as a multiple, e.g. symbols: {C: 2*c}",
        ),
        (
            lambda: (3 * C + 1) // 4,
            "(3C + 1) // 4 is not exact for every C; "
            "declare the symbol as a multiple, e.g. symbols: {C: 4*c}",
        ),
        (
            lambda: (6 * C) // 8,
            "6C // 8 is not exact for every C; declare the symbol as a multiple, e.g. symbols: {C: 4*c}",
        ),
        (
            lambda: (C * C) // 4,
            "C² // 4 is not exact for every C; declare the symbol as a multiple, e.g. symbols: {C: 2*c}",
        ),
        (
            lambda: (C + C * H) // 4,
            "(CH + C) // 4 is not exact for every C and H; "
            "declare the symbol as a multiple, e.g. symbols: {C: 4*c}",
        ),
        (
            lambda: (C + H + 8 * W) // 8,
            "(C + H + 8W) // 8 is not exact for every C and H; "
            "declare the symbols as multiples, e.g. symbols: {C: 8*c, H: 8*h}",
        ),
        (
            lambda: H % 32,
            "H % 32 is not the same for every H; declare the symbol as a multiple, e.g. symbols: {H: 32*h}",
        ),
        (
            lambda: CLASSES // 3,
            "classes // 3 is not exact for every classes; "
            "declare the symbol as a multiple, e.g. symbols: {classes: 3*c}",
        ),
        (
            lambda: Polynomial.symbol("c") // 3,
            "c // 3 is not exact for every c; declare the symbol as a multiple, e.g. symbols: {c: 3*k}",
        ),
    ],
)
def test_an_inexact_floor_names_the_symbols_and_the_factor_they_need(
    action: Callable[[], object], message: str
) -> None:
    assert refuses(action) == message


@quick
@given(integer_tables, st.integers(2, 60))
def test_declaring_symbols_as_the_message_says_makes_the_floor_exact(table: Table, divisor: int) -> None:
    dividend = number(table)
    assume(isinstance(dividend, Polynomial))
    try:
        dividend // divisor
    except SymbolicError as error:
        declared = re.findall(r"(\w+): (\d+)\*(\w+)", str(error).partition("symbols:")[2])
        assert declared
        substituted = dividend.evaluate({s: int(f) * Polynomial.symbol(n) for s, f, n in declared})
        substituted // divisor


# Signs and comparisons -----------------------------------------------------------------------------

POINTS = [*itertools.product(range(1, 6), repeat=2), (1, 100), (100, 1), (1000, 1000), (7, 50)]


@settings(max_examples=300, deadline=None)
@given(integer_tables)
def test_a_decided_sign_or_comparison_holds_at_every_sampled_point(table: Table) -> None:
    value = number(table)
    assume(isinstance(value, Polynomial))
    samples = [value_at(table, c, h) for c, h in POINTS]
    sign = value.sign()
    if sign is not None:
        assert all((sample > 0) - (sample < 0) == sign for sample in samples)
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        try:
            answer = compare(value, 0)
        except SymbolicError:
            continue
        assert all(compare(sample, 0) is answer for sample in samples)
    for choose, plain in ((minimum, min), (maximum, max)):
        try:
            chosen = choose(value, 3)
        except SymbolicError:
            continue
        for (c, h), sample in zip(POINTS, samples, strict=True):
            at = chosen.evaluate({"C": c, "H": h}) if isinstance(chosen, Polynomial) else chosen
            assert at == plain(sample, 3)


@pytest.mark.parametrize("bound", range(-3, 5))
def test_a_symbol_against_a_number_is_decided_exactly_when_it_can_be(bound: int) -> None:
    for question in (operator.lt, operator.le, operator.gt, operator.ge, equals):
        plain = operator.eq if question is equals else question
        for swapped in (False, True):
            answers = {plain(bound, c) if swapped else plain(c, bound) for c in range(1, 50)}
            operands: tuple[Any, Any] = (bound, C) if swapped else (C, bound)
            if len(answers) == 1:
                assert question(*operands) in answers
            else:
                assert "depends on C" in refuses(lambda: question(*operands))  # noqa: B023  # called at once


def test_signs_of_written_examples() -> None:
    assert C.sign() == 1
    assert (-C).sign() == -1
    assert polynomial(C - 1).sign() is None  # 0 where C is 1
    assert polynomial(C * H - C + 1).sign() == 1  # C(H - 1) + 1
    assert polynomial(C - H).sign() is None
    assert polynomial(C**3 - 3 * C + 3).sign() == 1  # x³ + 3x² + 1 where C is x + 1
    assert polynomial(C - Fraction(1, 2)).sign() == 1
    assert polynomial(-3 - C * H).sign() == -1


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: C > 64, "whether C > 64 depends on C"),
        (lambda: operator.lt(64, C), "whether C > 64 depends on C"),
        (lambda: H * 2 <= W + 1, "whether 2H <= W + 1 depends on H and W"),
        (lambda: equals(C, 64), "whether C == 64 depends on C"),
        (lambda: equals(64, C), "whether 64 == C depends on C"),
        (lambda: minimum(C, 64), "whether C < 64 depends on C"),
        (lambda: maximum(C, H), "whether C > H depends on C and H"),
        (lambda: bool(C - 1), "whether C - 1 == 0 depends on C"),
        (lambda: C * H > K + W + CLASSES, "whether CH > K + W + classes depends on C, H, K and others"),
    ],
)
def test_an_undecided_question_is_refused_as_it_was_asked(action: Callable[[], object], message: str) -> None:
    assert refuses(action) == message


def test_the_smaller_and_larger_are_chosen_where_one_is_so_for_all_values() -> None:
    assert minimum(2, 3) == 2
    assert maximum(2, 3) == 3
    assert minimum(C, 1) == 1
    assert minimum(1, C) == 1
    assert maximum(C, 1) == C
    assert maximum(C, C + H) == C + H
    assert minimum(C, C) == C
    assert maximum(8, C + 7) == C + 7


def test_truth_is_being_other_than_zero() -> None:
    assert C
    assert C + H
    assert equals(C, C)
    assert not equals(C, C + 1)
    assert not equals(C, 0)
    assert equals(2, Fraction(2))


# Substitution --------------------------------------------------------------------------------------


@quick
@given(fraction_tables, st.integers(-5, 9), st.integers(-5, 9))
def test_evaluation_at_a_point_agrees_with_plain_arithmetic(table: Table, c: int, h: int) -> None:
    value = number(table)
    assume(isinstance(value, Polynomial))
    assert value.evaluate({"C": c, "H": h}) == value_at(table, c, h)
    step = value.evaluate({"C": c})
    assert (step.evaluate({"H": h}) if isinstance(step, Polynomial) else step) == value_at(table, c, h)


@quick
@given(integer_tables, integer_tables)
def test_substituting_polynomials_agrees_with_sympy(outer: Table, inner: Table) -> None:
    value, replacement = number(outer), number(inner)
    assume(isinstance(value, Polynomial))
    expected = sympy_value(value).subs(sympy.Symbol("C"), sympy_value(replacement))
    assert sympy.expand(sympy_value(value.evaluate({"C": replacement})) - expected) == 0


def test_symbols_without_a_value_stay_and_values_without_a_symbol_do_not_matter() -> None:
    value = polynomial(49 * C * C * H)
    assert value.evaluate({"C": 2}) == 196 * H
    assert value.evaluate({"Z": 3}) == value
    assert value.evaluate({"C": H, "H": C}) == 49 * H * H * C


# Limits --------------------------------------------------------------------------------------------


def many(count: int) -> Number:
    return sum((Polynomial.symbol(f"x{i}") for i in range(count)), start=C)


@pytest.mark.parametrize(
    ("action", "limit"),
    [
        (lambda: C**1001, "C ** 1001 is past the limit of degree 1,000"),
        (lambda: C ** (10**30), "past the limit of degree 1,000"),
        (lambda: C**600 * C**600, "a polynomial past the limit of degree 1,000"),
        (lambda: C * 2**4096, "a coefficient past the limit of 4,096 bits"),
        (lambda: C + 10**5000, "a coefficient past the limit of 4,096 bits"),
        (lambda: C / 10**5000, "a coefficient past the limit of 4,096 bits"),
        (
            lambda: polynomial(C**500).evaluate({"C": 10**100_000}),
            "a coefficient past the limit of 4,096 bits",
        ),
        (lambda: many(1000), "a polynomial past the limit of 1,000 terms"),
        (lambda: many(400) * many(400), "a product of 401 by 401 terms, past the limit of 100,000"),
        (lambda: (C + 1) ** 900, "past the limit of"),
        (lambda: many(40) ** 20, "past the limit of"),
        (lambda: (C**900 - 1) / (C + 2**100 * H), "a coefficient past the limit of 4,096 bits"),
    ],
)
def test_a_result_past_a_limit_is_refused_soon_and_names_it(action: Callable[[], object], limit: str) -> None:
    message, _ = lines_run(lambda: refuses(action), limit=10**7)
    assert limit in message


def test_up_to_the_limits_results_are_given() -> None:
    assert str(C**1000) == "C¹⁰⁰⁰"
    assert isinstance(many(999), Polynomial)
    assert polynomial(C * (2**4096 - 1)).terms == {(("C", 1),): 2**4096 - 1}


def test_a_sign_that_takes_too_much_work_is_not_decided() -> None:
    # With x + 1 for x the product of ten 90th powers has 91^10 terms.
    value: Number = 1
    for i in range(10):
        value = value * Polynomial.symbol(f"x{i}") ** 90
    sign, _ = lines_run(polynomial(value - C).sign, limit=10**7)
    assert sign is None


def test_a_long_polynomial_is_cut_in_a_message() -> None:
    message = refuses(lambda: many(500) > 600)
    assert len(message) < 200
    assert "…" in message
