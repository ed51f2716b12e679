"""Which values are named beside a panel, and where they stand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.render.charts.scales import side_of, ticks_of
from rfcalc.report.chart import Scale

PREFIXES = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
numbers = st.floats(-1e12, 1e12, allow_subnormal=False)
amounts = st.floats(1e-9, 1e15, allow_subnormal=False)


def read(label: str) -> float:
    """The number that a label stands for."""
    plain = label.replace(",", "")
    return float(plain[:-1]) * PREFIXES[plain[-1]] if plain[-1] in PREFIXES else float(plain)


def labels(scale: Scale) -> list[str]:
    return [tick.label for tick in ticks_of(scale)]


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (Scale("x", 0, 50), ["0", "10", "20", "30", "40", "50"]),
        (Scale("x", 0, 1), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (Scale("x", -50, 274), ["0", "100", "200"]),
        (Scale("x", 0, 400), ["0", "100", "200", "300", "400"]),
        (Scale("x", 0, 25_000), ["0", "5k", "10k", "15k", "20k", "25k"]),
        (Scale("x", 0, 1_000), ["0", "200", "400", "600", "800", "1,000"]),
        (Scale("x", 9_990, 10_010), ["9,990", "9,995", "10,000", "10,005", "10,010"]),
        # Between two whole numbers there is nothing to name.
        (Scale("x", 0, 2, whole=True), ["0", "1", "2"]),
        (Scale("x", 0, 2), ["0", "0.5", "1", "1.5", "2"]),
        (Scale("x", 1e6, 1e11, logarithmic=True), ["1M", "10M", "100M", "1G", "10G", "100G"]),
        (Scale("x", 10, 500, logarithmic=True), ["10", "20", "50", "100", "200", "500"]),
        # Within one decade there are no powers of ten to speak of.
        (Scale("x", 60, 90, logarithmic=True), ["60", "65", "70", "75", "80", "85", "90"]),
        (Scale("x", 0, 0), ["-0.4", "-0.2", "0", "0.2", "0.4"]),
    ],
)
def test_names_are_round_numbers_as_a_person_would_choose_them(scale: Scale, expected: list[str]) -> None:
    found = labels(scale)
    if len(expected) > 6:
        assert set(found) <= set(expected)
        assert len(found) >= 3
    else:
        assert found == expected


def test_the_names_of_a_scale_are_those_it_brings_as_far_as_they_are_on_it() -> None:
    scale = Scale("size", 32, 256, ticks=((512, "512"), (32, "32"), (224, "VGG")))
    assert [(tick.value, tick.label) for tick in ticks_of(scale)] == [(32.0, "32"), (224.0, "VGG")]
    assert labels(scale._replace(bare=True)) == []


@given(numbers, numbers, st.booleans())
def test_names_of_a_scale_stand_on_it_and_say_what_is_there(low: float, high: float, whole: bool) -> None:
    scale = Scale("x", min(low, high), max(low, high), whole=whole)
    found, side = ticks_of(scale), side_of(scale)
    assert len(found) <= 6
    values = [tick.value for tick in found]
    assert values == sorted(set(values))
    assert len({tick.label for tick in found}) == len(found)
    for tick in found:
        assert -1e-6 <= side.place(tick.value) <= 1 + 1e-6
        # A label has six digits.
        assert read(tick.label) == pytest.approx(tick.value, rel=1e-5, abs=1e-5 * max(map(abs, values)))
        assert not whole or tick.value == int(tick.value)


@given(amounts, amounts)
def test_names_of_a_logarithmic_scale_stand_on_it(low: float, high: float) -> None:
    scale = Scale("x", min(low, high), max(low, high), logarithmic=True)
    found, side = ticks_of(scale), side_of(scale)
    assert len(found) <= 6
    assert all(-1e-6 <= side.place(tick.value) <= 1 + 1e-6 for tick in found)
    assert all(read(tick.label) == pytest.approx(tick.value, rel=1e-3) for tick in found)
    if side.high / side.low > 12:
        assert found


@given(numbers, numbers, numbers, numbers)
def test_places_rise_with_values_from_end_to_end(low: float, high: float, one: float, two: float) -> None:
    side = side_of(Scale("x", low, high))
    assert side.place(side.low) == 0
    assert side.place(side.high) == 1
    if one < two:
        assert side.place(one) <= side.place(two)


@pytest.mark.parametrize(
    ("low", "high"), [(math.nan, 1), (0, math.inf), (-math.inf, math.inf), (7, 7), (5, 1), (-3, 4), (0, 0)]
)
@pytest.mark.parametrize("logarithmic", [False, True])
def test_every_scale_has_two_ends(low: float, high: float, logarithmic: bool) -> None:
    side = side_of(Scale("x", low, high, logarithmic=logarithmic))
    assert side.low < side.high
    assert math.isfinite(side.low) and math.isfinite(side.high)
    assert not side.logarithmic or side.low > 0
    assert math.isnan(side.place(math.nan))
