"""Readings along an axis: lengths are those of the operators."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st
from operator_calls import facts

from rfcalc.ops.axis_maps import AxisMap, Window, in_place
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


def test_one_position_read_where_it_is_stands_in_place_whatever_it_is_multiplied_by() -> None:
    assert in_place(Window(1))
    assert not in_place(Window(1, 2))
    assert not in_place(Window(1, 1, 1))
    assert not in_place(Window(3, 1, 1))
