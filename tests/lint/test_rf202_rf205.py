"""The rules about uneven transposed convolutions and windows larger than their map."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from looked_at import found, found_in


@pytest.mark.parametrize(
    "layer",
    [
        "deconv f=2 s=2 d=4",
        "deconv f=4 s=2 p=1 d=4",
        "deconv f=3 s=1 d=4",
        "deconv f=3 s=1 r=2 d=4",
        # A dilation of 3 spreads the two taps over both phases of the stride.
        "deconv f=2 s=2 r=3 d=4",
        "deconv f=4x2 s=2x1 d=4",
        "conv f=3 s=2 p=1 d=4",
    ],
)
def test_a_kernel_that_divides_by_the_stride_makes_no_checkerboard(layer: str) -> None:
    assert not found_in("RF202", "8x8x4", layer)


def test_an_input_of_one_position_is_spread_evenly_by_any_kernel() -> None:
    # Each of the 3 outputs has the one input there is.
    assert not found_in("RF202", "1x1x4", "deconv f=3 s=2 d=4")


def test_an_uneven_kernel_is_reported_with_the_exact_numbers_of_inputs() -> None:
    # Along an axis even outputs meet one tap of three and odd ones two: 1 to 4 in the plane.
    (finding,) = found_in("RF202", "8x8x4", "deconv f=3 s=2 p=1 d=4")
    assert finding.figures == {"fewest": 1, "most": 4}
    assert finding.position is not None
    assert finding.position.line == 3
    assert finding.message.endswith("in turn: its kernel 3 does not divide by its stride 2")
    assert finding.hint.startswith("a kernel of 4 gives every output the same number")


def test_a_kernel_that_divides_is_not_blamed_where_the_dilation_is() -> None:
    # Taps 2 apart at stride 2 all fall on the same phase: 4 inputs to one output, none to the next.
    (finding,) = found_in("RF202", "8x8x4", "deconv f=4 s=2 r=2 d=4")
    assert finding.figures == {"fewest": 0, "most": 16}
    assert finding.message.endswith("its dilation 2 and its stride 2 have a common divisor")
    assert finding.hint.startswith("a kernel of 4 without dilation gives")


def test_the_axis_that_is_uneven_is_named() -> None:
    (finding,) = found_in("RF202", "8x8x4", "deconv f=4x3 s=2 d=4")
    assert finding.figures == {"fewest": 2, "most": 4}
    assert finding.message.endswith("its kernel 3 does not divide by its stride 2 along the width")
    assert finding.hint.startswith("a kernel of 4 gives")
    (finding,) = found_in("RF202", "8x8x4", "deconv f=5x3 s=3x2 d=4")
    assert "its kernel 5 does not divide by its stride 3 and its kernel 3 does not" in finding.message
    assert finding.hint.startswith("a kernel of 6x4 gives")


def test_the_transposed_convolutions_of_one_line_are_one_finding() -> None:
    text = "input: 8x8x4\nlayers:\n  - {repeat: 3, do: [deconv f=3 s=2 p=1 d=4]}\n"
    (finding,) = found(text, "RF202")
    assert finding.message.endswith("(and 2 more layers made by this line)")


def test_outputs_that_read_nothing_are_told_on_a_map_smaller_than_the_window() -> None:
    # Outputs 0 to 6 along an axis; the taps of both inputs stand at 0, 2, 4 and 2, 4, 6: none at 1, 3 and 5.
    (finding,) = found_in("RF202", "2x2x4", "deconv f=3 s=2 r=2 d=4")
    assert finding.figures == {"fewest": 0, "most": 4}


def test_the_calls_of_one_line_that_need_other_kernels_are_told_apart() -> None:
    text = "input: 8x8x4\nblocks:\n  up(f): [deconv f=f s=2 d=4]\nlayers:\n"
    text += "  - up f=3\n  - up f=7\n  - up f=3\n"
    one, two = found(text, "RF202")
    assert one.message.endswith(
        "its kernel 3 does not divide by its stride 2 "
        "(and 1 more of the 3 layers made by this line: up3.deconv1)"
    )
    assert one.hint.startswith("a kernel of 4 ")
    assert two.message.endswith("its kernel 7 does not divide by its stride 2")
    assert two.hint.startswith("a kernel of 8 ")


def test_every_phase_of_a_stride_is_looked_at() -> None:
    # One input is spread over 9 outputs that are 3 apart; between them are outputs without any.
    (finding,) = found_in("RF202", "1x4", "deconv f=9 s=88 r=3 d=4")
    assert finding.figures == {"fewest": 0, "most": 1}
    # The same where the stride is long and the padding takes the first 30 outputs away.
    (finding,) = found_in("RF202", "1x4", "deconv f=173 s=347 r=5 p=147 d=4")
    assert finding.figures == {"fewest": 0, "most": 1}


@pytest.mark.parametrize(
    ("line", "fewest", "most"),
    [
        ("deconv f=2 s=6000 d=4", 0, 1),
        ("deconv f=6001 s=6000 d=4", 1, 2),
        ("deconv f=6000 s=6000 r=2 d=4", 0, 2),
        ("deconv f=17999 s=6000 r=7 p=5 d=4", 2, 3),
    ],
)
def test_a_long_stride_is_judged_by_the_kinds_of_its_phases(line: str, fewest: int, most: int) -> None:
    (finding,) = found_in("RF202", "32x4", line)
    assert finding.figures == {"fewest": fewest, "most": most}
    assert not found_in("RF202", "32x4", "deconv f=12000 s=6000 d=4")
    assert not found_in("RF202", "1x4", "deconv f=6001 s=6000 d=4")


def test_a_symbolic_size_has_the_same_phases() -> None:
    text = "symbols: [H]\ninput: HxHx4\nlayers:\n  - deconv f=3 s=2 p=1 d=4\n"
    (finding,) = found(text, "RF202")
    assert finding.figures == {"fewest": 1, "most": 4}


@given(
    st.integers(1, 6),
    st.integers(1, 5),
    st.integers(0, 3),
    st.integers(1, 4),
    st.integers(1, 9),
    st.booleans(),
)
def test_the_numbers_of_inputs_are_those_of_scattering_every_input(
    kernel: int, stride: int, padding: int, dilation: int, size: int, plane: bool
) -> None:
    length = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1
    if length < 1:
        return
    reads: list[list[int]] = [[] for _ in range(length)]
    for position in range(-20, size + 20):
        for tap in range(kernel):
            output = position * stride - padding + tap * dilation
            if 0 <= output < length:
                reads[output].append(position)
    whole = [len(taps) for taps in reads if all(0 <= position < size for position in taps)]
    if 0 in whole:
        # Beside outputs without any input, those that are always short of some count, too.
        for phase in range(min(stride, length)):
            outputs = reads[phase::stride]
            if not any(all(0 <= position < size for position in taps) for taps in outputs):
                whole.append(max(sum(0 <= position < size for position in taps) for taps in outputs))
    line = f"deconv f={kernel} s={stride} p={padding} r={dilation} d=1"
    rank = 2 if plane else 1
    findings = found_in("RF202", "x".join([str(size)] * rank) + "x1", line)
    assert bool(findings) == (len(set(whole)) > 1)
    for finding in findings:
        fewest, most = prod([min(whole)] * rank), prod([max(whole)] * rank)
        assert finding.figures == {"fewest": fewest, "most": most}


@pytest.mark.parametrize("layer", ["maxpool f=3 s=2 p=1", "avgpool f=3", "globalavgpool", "conv f=3 p=1 d=4"])
def test_a_window_as_large_as_its_map_is_no_finding(layer: str) -> None:
    assert not found_in("RF205", "3x3x4", layer)


def test_a_convolution_may_be_larger_than_its_map() -> None:
    assert not found_in("RF205", "1x1x4", "conv f=3 p=1 d=4")


def test_a_pooling_window_larger_than_its_map_is_reported_with_both_sizes() -> None:
    (finding,) = found_in("RF205", "2x2x4", "maxpool f=3 s=2 p=1")
    assert finding.figures == {"span": 3, "size": 2}
    # Two taps 3 apart span 4.
    (finding,) = found_in("RF205", "8x3x4", "maxpool f=1x2 s=1 r=3 p=0x1")
    assert finding.figures == {"span": 4, "size": 3}
    assert "along the width" in finding.message


def test_the_pooling_layers_of_one_line_are_one_finding() -> None:
    text = "input: 2x2x4\nlayers:\n  - {repeat: 3, do: [maxpool f=3 s=1 p=1]}\n"
    (finding,) = found(text, "RF205")
    assert finding.message.endswith("(and 2 more layers made by this line)")
