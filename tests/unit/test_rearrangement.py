"""Elements taken apart, put in order and put together again: which come from where, against NumPy."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from operator_calls import facts

from rfcalc import analyze, read_text
from rfcalc.ops.axis_maps import IDENTITY
from rfcalc.ops.facts import Facts
from rfcalc.ops.reads import Along, Collapsed
from rfcalc.ops.rearrangement import Rearrangement, composed, permuted, reshaped


def carried_out(order: Rearrangement, source: tuple[int, ...]) -> list[int]:
    """For each element of the result, in row order, the number of the element that it is."""
    sizes = {(place, digit): size for place, cut in enumerate(order.source) for digit, size in enumerate(cut)}
    assert [prod(map(int, map(str, cut))) for cut in order.source] == [
        size if cut else 1 for size, cut in zip(source, order.source, strict=True)
    ]
    target = [digit for made in order.target for digit in made]
    assert sorted(target) == sorted(sizes)
    found = []
    for numbers in np.ndindex(*(int(str(sizes[digit])) for digit in target)):
        values = dict(zip(target, numbers, strict=True))
        element = 0
        for place, length in enumerate(source):
            index = 0
            for digit in range(len(order.source[place])):
                index = index * int(str(sizes[place, digit])) + values[place, digit]
            element = element * length + index
        found.append(element)
    return found


def by_numpy(
    source: tuple[int, ...], split: tuple[int, ...], order: tuple[int, ...], to: tuple[int, ...]
) -> list[int]:
    elements = np.arange(prod(source)).reshape(split)
    return [int(each) for each in elements.transpose(order).reshape(to).ravel()]


def text(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes))


def permute(source: str, written: str) -> Facts:
    return facts("permute", source, written)


@st.composite
def cut(draw: st.DrawFn, elements: int, most: int) -> tuple[int, ...]:
    """Lengths that together hold so many elements."""
    sizes: list[int] = []
    while elements > 1 and len(sizes) < most - 1 and draw(st.integers(0, 4)):
        sizes.append(draw(st.sampled_from([n for n in range(1, elements + 1) if elements % n == 0])))
        elements //= sizes[-1]
    return (*sizes, elements)


@given(st.data())
def test_a_rearrangement_is_what_numpy_makes_of_it(data: st.DataObject) -> None:
    elements = data.draw(st.sampled_from([24, 36, 48, 64]))
    source, to = data.draw(cut(elements, 4)), data.draw(cut(elements, 4))
    split = data.draw(cut(elements, 6))
    order = tuple(data.draw(st.permutations(range(len(split)))))
    found = permute(text(source), f"split={text(split)} order={text(order)} to={text(to)}")
    assert found.output.sizes() == to
    assume(found.rearranged is not None)
    assert found.rearranged is not None
    assert carried_out(found.rearranged, source) == by_numpy(source, split, order, to)


@pytest.mark.parametrize(
    ("source", "written"),
    [
        # Windows of 4x4 positions side by side; heads; a pixel shuffle, there and back; a reshape alone.
        ("16x16x32", "split=4x4x4x4x32 order=0x2x1x3x4 to=16x16x32"),
        ("10x32", "split=10x4x8 order=1x0x2 to=4x10x8"),
        ("8x8x12", "split=8x8x3x2x2 order=0x3x1x4x2 to=16x16x3"),
        ("8x8x12", "split=8x8x2x2x3 order=0x2x1x3x4 to=16x16x3"),
        ("16x16x3", "split=8x2x8x2x3 order=0x2x1x3x4 to=8x8x12"),
        ("4x6", "split=2x12 order=0x1 to=24"),
        ("1x6x4", "split=1x2x3x4 order=0x2x1x3 to=1x6x4"),
        ("6x4", "split=1x1x1x1x1x1x1x1x1x6x2x2 order=11x10x9x8x7x6x5x4x3x2x1x0 to=24"),
    ],
)
def test_forms_in_use_are_known_exactly(source: str, written: str) -> None:
    found = permute(source, written)
    assert found.rearranged is not None
    sizes = [tuple(map(int, value.split("=")[-1].split("x"))) for value in (source, *written.split())]
    assert carried_out(found.rearranged, sizes[0]) == by_numpy(*sizes)  # type: ignore[arg-type]  # as many as it takes
    # Channels that stay the channels are each its own.
    *_, width = sizes[0]
    kept = sizes[1][sizes[2][-1]] == sizes[3][-1] == width and sizes[2][-1] == len(sizes[1]) - 1
    assert (found.params, found.macs) == (0, 0)
    assert found.channels == ("each" if kept else "shuffle")


def test_an_axis_that_stays_whole_is_read_as_it_is() -> None:
    assert permute("10x32", "split=10x4x8 order=1x0x2 to=4x10x8").reads == ((Along(1, IDENTITY),),)
    assert permute("10x6x4", "split=10x6x4 order=1x0x2 to=6x40").reads == ((Collapsed(), Along(0, IDENTITY)),)
    assert permute("10x6x4", "split=5x2x6x4 order=1x2x0x3 to=12x5x4").reads == ((None, None),)


def test_to_alone_puts_together_and_split_alone_takes_apart() -> None:
    assert permute("5x6x4", "order=1x0x2 to=30x4") == permute("5x6x4", "split=5x6x4 order=1x0x2 to=30x4")
    assert str(permute("30x4", "split=5x6x4 order=1x0x2").output) == "6x5x4"


def test_what_falls_on_no_digits_is_unknown_and_says_why() -> None:
    assert permute("4x6", "split=3x8 order=1x0").rearranged is None
    layers = "[conv f=3 p=1 d=6, permute split=3x8 order=1x0 to=12x2]"
    network = analyze(read_text(f"input: 4x6\nlayers: {layers}\n"))
    ((axis,),) = network.layers[-1].field.inputs
    assert axis.status == "unknown"
    (warning,) = network.warnings
    assert "it does not say which positions it reads" in warning.message


def test_one_rearrangement_behind_another_is_one() -> None:
    there = permuted((4, 6, 2), (1, 0, 2))
    assert composed(there, permuted((6, 4, 2), (1, 0, 2))) == permuted((4, 6, 2), (0, 1, 2))
    apart = composed(reshaped((8, 6), (2, 4, 6)), permuted((2, 4, 6), (1, 0, 2)))
    assert apart == Rearrangement(((2, 4), (6,)), (((0, 1),), ((0, 0),), ((1, 0),)))
    assert composed(reshaped((4, 6), (3, 8)), there) is None
    assert composed(None, there) is None


def test_what_is_cut_and_put_together_again_is_whole() -> None:
    found = permute("4x6", "split=2x2x2x3 order=0x1x2x3 to=4x6")
    assert found.rearranged == Rearrangement(((4,), (6,)), (((0, 0),), ((1, 0),)))
    assert (found.reads, found.channels) == (((Along(0, IDENTITY),),), "each")


@pytest.mark.parametrize(
    ("order", "size"),
    [
        # Channels 0 to 2 are those of the 3-tap branch, and stay it; or the two branches alternate.
        ("split=8x2x3 order=0x1x2 to=8x6", 3),
        ("split=8x2x3 order=0x2x1 to=8x6", 7),
    ],
)
def test_channels_that_do_not_see_the_same_are_followed(order: str, size: int) -> None:
    branches = "concat: [[conv f=3 p=1 d=3], [conv f=7 p=3 d=3]]"
    text_ = f"input: 8x4\nlayers:\n- {branches}\n- permute {order}\n- slice channels=0:3\n"
    ((axis,),) = analyze(read_text(text_)).layers[-1].field.inputs
    assert (axis.size, axis.status) == ((size, size), "exact")
