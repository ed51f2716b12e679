"""Amounts with units: what a text means exactly, and how figures are rounded for display."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from effort import lines_run
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.errors import UsageError
from rfcalc.symbolic.polynomial import Number, Polynomial
from rfcalc.units import (
    BYTES,
    UNITS,
    NumberFormats,
    format_bytes,
    format_share,
    format_si,
    number_formats,
    parse_amount,
)

C = Polynomial.symbol("C")
H = Polynomial.symbol("H")


# Reading -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", " ", "K", "k", "M5", "-3", "+3", ".5", "5.", "1.k", "1_000", "1,000", "1..2", "1.2.3", "e5", "1e"]
    + ["1e+", "1e2.5", "1e--2", "0x10", "٣", "½", "²", "1 2", "inf", "nan", "5 %", "50%", "4097*K"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number|is negative|unknown unit"):
        parse_amount(text)


@pytest.mark.parametrize("text", ["5m", "5g", "5kib", "5kiB", "5mb", "5Ki", "5b", "5E", "5x", "1.5classes"])
def test_an_unknown_unit_is_quoted_and_the_known_ones_are_listed(text: str) -> None:
    with pytest.raises(ValueError, match="KiB") as caught:
        parse_amount(text)
    unit = text.lstrip("0123456789.")
    assert f"the unknown unit '{unit}'" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("007", 7),
        ("12", 12),
        ("5M", 5_000_000),
        ("1.5G", 1_500_000_000),
        ("600k", 600_000),
        ("600K", 600_000),
        ("2T", 2 * 10**12),
        ("3P", 3 * 10**15),
        ("8KiB", 8 * 1024),
        ("8MiB", 8 * 1024**2),
        ("1GiB", 1024**3),
        ("0.5TiB", 1024**4 // 2),
        ("3MB", 3_000_000),
        ("3kB", 3000),
        ("3KB", 3000),
        ("100B", 100),
        ("15.5 G", 15_500_000_000),
        (" 7 ", 7),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1e+3k", 1_000_000),
        ("0.75", Fraction(3, 4)),
        ("1e-4", Fraction(1, 10_000)),
        ("0.1", Fraction(1, 10)),
        ("2.50", Fraction(5, 2)),
        ("0.0005k", Fraction(1, 2)),
        ("100e-2", 1),
        ("0e-100", 0),
    ],
)
def test_an_amount_is_read_exactly_and_is_an_int_where_it_is_whole(text: str, amount: Number) -> None:
    assert parse_amount(text) == amount
    assert type(parse_amount(text)) is type(amount)


@given(st.integers(0, 10**9), st.integers(0, 8), st.integers(-12, 12), st.sampled_from(["", *UNITS]))
def test_reading_agrees_with_exact_fractions(digits: int, places: int, power: int, unit: str) -> None:
    written = str(digits).zfill(places + 1)
    mantissa = f"{written[:-places]}.{written[-places:]}" if places else written
    expected = Fraction(f"{mantissa}e{power}") * UNITS.get(unit, 1)
    assert parse_amount(f"{mantissa}e{power}{unit}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "1e101",
        "1e-101",
        "1e999999999",
        "1e" + "9" * 100_000,
        "9" * 101,
        "9" * 1_000_000,
        "0." + "1" * 100_000,
    ],
)
def test_a_number_past_the_limits_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match="past the limit of 10\\^100|more than 100 digits") as caught:
        lines_run(lambda: parse_amount(text), limit=100)
    assert len(str(caught.value)) < 150


def test_a_power_of_many_zeros_is_the_power_it_says() -> None:
    assert parse_amount("1e" + "0" * 10_000 + "3") == 1000


# Showing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (1, "1"),
        (64, "64"),
        (999, "999"),
        (1000, "1 k"),
        (1792, "1.792 k"),
        (23_296, "23.3 k"),
        (999_949, "999.9 k"),
        (999_950, "1 M"),
        (999_960, "1 M"),
        (999_999_999, "1 G"),
        (138_357_544, "138.4 M"),
        (15_470_264_320, "15.47 G"),
        (15_500_000_000, "15.5 G"),
        (3 * 10**12, "3 T"),
        (10**18, "1 E"),
        (10**22, "10000 E"),
        (-1500, "-1.5 k"),
        (Fraction(3, 4), "0.75"),
        (Fraction(1, 3), "0.3333"),
        (Fraction(4001, 2), "2.001 k"),
        (Fraction(1, 10**20), "0"),
    ],
)
def test_a_count_is_shown_to_four_significant_digits(number: Number, text: str) -> None:
    assert format_si(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (1024**2 - 1, "1 MiB"),
        (1023 * 1024, "1023 KiB"),
        # VGG-16 in fp32: 138,357,544 · 4 / 1,048,576 = 527.79….
        (138_357_544 * 4, "527.8 MiB"),
        (1024**3, "1 GiB"),
        (-2048, "-2 KiB"),
        (5 * 1024**6, "5 EiB"),
    ],
)
def test_bytes_are_shown_in_iec_units(number: int, text: str) -> None:
    assert format_bytes(number) == text


@given(st.integers(1, 10**20))
def test_what_is_shown_is_within_half_a_digit_and_never_a_thousand_of_a_unit(number: int) -> None:
    for text, limit in ((format_si(number), 1000), (format_bytes(number), 1024)):
        figure, _, unit = text.partition(" ")
        assert Fraction(figure) < limit
        shown = Fraction(figure) * {**UNITS, "": 1, "E": 10**18, "EiB": 1024**6}[unit]
        assert abs(shown - number) <= Fraction(number, 2000)


def test_a_polynomial_is_shown_exactly() -> None:
    assert format_si(49_000 * C * C) == "49000C²"
    assert format_si(3 + 2 * C) == "2C + 3"
    assert format_bytes(4 * C) == "4C B"
    assert format_bytes(3 + 2 * C) == "(2C + 3) B"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (743, 1000, "74.3 %"),
        (1, 1, "100.0 %"),
        (0, 7, "0.0 %"),
        # fc6 of VGG-16: 102,764,544 of 138,357,544 parameters, 74.275 %.
        (102_764_544, 138_357_544, "74.3 %"),
        (1, 3, "33.3 %"),
        (1, 10**6, "<0.1 %"),
        (1, 2000, "0.1 %"),
        (10**6 - 1, 10**6, ">99.9 %"),
        (-1, 3, "-33.3 %"),
        (3, 2, "150.0 %"),
        (Fraction(1, 2), 4, "12.5 %"),
        (C, 2 * C, "50.0 %"),
        (49 * C * H, 98 * C * H, "50.0 %"),
        (0, C, "0.0 %"),
    ],
)
def test_a_share_is_shown_to_a_tenth_of_a_percent(part: Number, whole: Number, text: str) -> None:
    assert format_share(part, whole) == text


def test_there_is_no_share_of_nothing() -> None:
    assert format_share(0, 0) == "-"
    assert format_share(C, 0) == "-"


def test_a_share_that_depends_on_a_symbol_is_not_shown() -> None:
    assert format_share(C, 64) == "?"
    assert format_share(64, C) == "?"
    assert format_share(C, C + 1) == "?"


def test_the_bytes_of_number_formats() -> None:
    assert BYTES == {"fp32": 4, "fp16": 2, "bf16": 2, "int8": 1, "fp8": 1, "fp64": 8}


def test_one_format_is_that_of_parameters_and_of_outputs() -> None:
    assert number_formats("fp16") == NumberFormats("fp16", "fp16")
    assert str(number_formats("fp16")) == "fp16"


def test_parameters_and_outputs_may_have_formats_of_their_own() -> None:
    formats = number_formats("int8/fp16")
    assert formats == NumberFormats(params="int8", activations="fp16")
    assert str(formats) == "int8/fp16"
    assert (formats.length("params"), formats.length("activations")) == (1, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fp23", "'fp23' is no number format; did you mean 'fp32'"),
        ("int8/fp17", "'fp17' is no number format"),
        ("int8/", "'' is no number format; they are fp32, fp16"),
        ("/fp16", "'' is no number format"),
        ("int8/fp16/fp32", "'fp16/fp32' is no number format"),
    ],
)
def test_other_formats_are_answered_with_the_nearest(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        number_formats(text)
