"""Readings along an axis: lengths are those of the operators, coefficients those of the definitions."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from operator_calls import facts

from rfcalc.ops.axis_maps import (
    AxisMap,
    Bins,
    Resample,
    Tile,
    Transposed,
    Window,
    in_place,
    tap_coefficients,
    taps_of,
)
from rfcalc.ops.facts import OperatorProblem
from rfcalc.ops.reads import Along

small = st.integers(1, 5)


def reading(op: str, sizes: str, written: str) -> tuple[AxisMap, int]:
    """How an operator reads its one axis, and the length of its output."""
    try:
        found = facts(op, sizes, written)
    except OperatorProblem:
        assume(False)
        raise
    assert found.reads is not None
    ((read,),) = found.reads
    assert isinstance(read, Along)
    length = found.output.axes[0]
    assert isinstance(length, int)
    return read.taps, length


@given(st.integers(1, 24), small, small, st.integers(0, 4), st.integers(0, 4), small, st.booleans())
def test_the_number_of_windows_is_that_of_the_operator(
    n: int, f: int, s: int, p0: int, p1: int, r: int, ceil: bool
) -> None:
    written = f"f={f} s={s} p={p0}:{p1} r={r}"
    for op, more in (("conv", " d=1"), ("maxpool", f" ceil={'yes' if ceil else 'no'}")):
        taps, length = reading(op, f"{n}x1", written + more)
        assert isinstance(taps, Window)
        assert taps.length(n) == length


@given(st.integers(4, 20), st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 3), st.integers(1, 3))
def test_and_those_of_padding_and_slices(n: int, before: int, after: int, start: int, step: int) -> None:
    for op, written in (("pad", f"padding={before}:{after}"), ("slice", f"w={start}:{n}:{step}")):
        taps, length = reading(op, f"{n}x1", written)
        assert isinstance(taps, Window)
        assert taps.length(n) == length


@pytest.mark.parametrize("op", ["conv", "maxpool"])
def test_the_taps_of_a_window_lie_as_far_apart_as_its_dilation_says(op: str) -> None:
    taps, length = reading(op, "30x1", "f=3 s=2 p=1 r=4" + (" d=1" if op == "conv" else ""))
    for unit in range(length):
        assert list(taps_of(taps, unit)) == [2 * unit - 1, 2 * unit + 3, 2 * unit + 7]


@pytest.mark.parametrize("taps", [Window(3, 2, 1, 2), Transposed(4, 3), Tile(5)])
def test_what_is_learned_is_said_to_be_and_counted(taps: AxisMap) -> None:
    for phase in range(taps.period):
        assert tap_coefficients(taps, phase) == ("learned",) * len(taps.taps(phase))


def test_a_maximum_is_no_number_and_an_average_the_share_of_a_tap() -> None:
    assert tap_coefficients(reading("maxpool", "9x1", "f=3")[0], 0) == ("maximum",) * 3
    assert tap_coefficients(reading("avgpool", "9x1", "f=3")[0], 0) == (Fraction(1, 3),) * 3
    # Seven positions in two bins: four each, the middle one shared.
    assert tap_coefficients(Bins(7, 2), 0) == (Fraction(1, 4),) * 4


@given(st.integers(2, 9), st.integers(2, 9), st.sampled_from(["nearest", "bilinear", "bicubic"]))
def test_the_weights_of_an_interpolation_are_those_of_its_kernel(size: int, target: int, method: str) -> None:
    start = 0 if method == "nearest" else size - target
    factor = 1 if method == "nearest" else 2
    taps = Resample(factor * size, start, factor * target, method)
    for phase in range(taps.period):
        place = Fraction(phase * factor * size + start, factor * target)
        weights = dict(zip(taps.taps(phase), tap_coefficients(taps, phase), strict=True))
        assert sum(weights.values()) == 1
        for position in range(floor(place) - 4, floor(place) + 5):
            assert weights.get(position, 0) == kernel(method, place, position)


def kernel(method: str, place: Fraction, position: int) -> Fraction:
    """What a position weighs at a place between positions; Keys 1981 with a = -3/4 for four of them."""
    distance = abs(place - position)
    if method == "nearest":
        return Fraction(position == floor(place))
    if method == "bilinear":
        return max(1 - distance, Fraction(0))
    a = Fraction(-3, 4)
    if distance <= 1:
        return (a + 2) * distance**3 - (a + 3) * distance**2 + 1
    return a * (distance**3 - 5 * distance**2 + 8 * distance - 4) if distance < 2 else Fraction(0)


def test_one_position_read_where_it_is_stands_in_place_whatever_it_is_multiplied_by() -> None:
    assert in_place(Window(1))
    assert not in_place(Window(1, 2))
    assert not in_place(Window(1, 1, 1))
    assert not in_place(Window(3, 1, 1))
