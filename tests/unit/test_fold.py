"""`fold` puts windows back where `unfold` has taken them out: held to PyTorch's definition by enumeration."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from operator_calls import facts, positions_read

from rfcalc.errors import DescriptionError
from rfcalc.library import analyze, read_expression
from rfcalc.ops.facts import OperatorProblem, Work

lengths = st.integers(1, 4)


@given(st.integers(1, 9), lengths, lengths, st.integers(0, 3), lengths, st.integers(1, 3))
def test_fold_has_the_size_the_sums_and_the_windows_of_the_definition(
    size: int, kernel: int, stride: int, padding: int, dilation: int, channels: int
) -> None:
    geometry = f"f={kernel} s={stride} p={padding} r={dilation}"
    assume(size + 2 * padding >= dilation * (kernel - 1) + 1)
    windows = facts("unfold", f"{size}x{channels}", geometry).output
    found = facts("fold", str(windows), f"size={size} {geometry}")
    # Element t of window i is added to position i·s − p + t·r (torch.nn.Fold).
    count = windows.axes[0]
    assert isinstance(count, int)
    falls = {(i, t): i * stride - padding + t * dilation for i in range(count) for t in range(kernel)}
    sums = sum(times - 1 for times in Counter(falls.values()).values())
    assert str(found.output) == f"{size}x{channels}"
    assert (found.weights, found.macs, found.work) == ({}, 0, Work(add=channels * sums))
    assert found.reads is not None
    for unit in range(size):
        read = {i for (i, _), place in falls.items() if place == unit}
        assert positions_read(found.reads[0][0], unit, count) == read


def test_the_sums_of_a_symbolic_number_of_windows_are_a_polynomial() -> None:
    found = facts("fold", "Hx6x12", "size=Hx6 f=1x3 p=0x1")
    # 18 elements along the second axis reach 8 positions.
    assert str(found.work and found.work.add) == "40H"
    assert facts("fold", "Hx12", "size=H f=3 r=2 p=2").work is None


@pytest.mark.parametrize(
    ("sizes", "written", "message", "blamed"),
    [
        ("6x6x10", "size=8 f=3", "10 channels do not divide into 9 elements of a window", "kernel"),
        ("6x6x9", "size=9 f=3", "a map of 9x9 has 7x7 windows, but 6x6x9 has 6x6 positions", "size"),
        ("9", "size=3 f=3", "fold needs an input of one to three spatial axes, but it is 9", ""),
    ],
)
def test_what_cannot_be_folded_says_why(sizes: str, written: str, message: str, blamed: str) -> None:
    with pytest.raises(OperatorProblem) as caught:
        facts("fold", sizes, written)
    assert (caught.value.message, caught.value.attribute) == (message, blamed)


def field(layers: str) -> tuple[object, ...]:
    """Size and status of the field along the first axis of the last layer."""
    axes = analyze(read_expression(layers), input="16x16x4").layers[-1].field.inputs[0]
    assert axes
    return axes[0].size, axes[0].status


def test_behind_what_mixes_all_channels_the_field_of_a_fold_is_exact() -> None:
    assert field("unfold f=3; conv f=1 d=36; fold size=16 f=3") == ((5, 5), "exact")


def test_behind_channels_that_see_different_positions_the_field_of_a_fold_is_a_bound() -> None:
    # Each element goes back to where it came from, so that a unit sees itself alone.
    assert field("unfold f=3; fold size=16 f=3") == ((5, 5), "bound")
    assert field("[{concat: [[conv f=3 p=1 d=4], []]}, fold size=17 f=2]") == ((4, 4), "bound")
    assert field("[{concat: [[conv f=3 p=1 d=4], [conv f=3 p=1 d=4]]}, fold size=17 f=2]") == (
        (4, 4),
        "exact",
    )


def test_a_fold_without_its_size_is_a_mistake() -> None:
    with pytest.raises(DescriptionError, match="fold needs size="):
        analyze(read_expression("fold f=3"), input="6x6x9")
