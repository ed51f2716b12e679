"""The rules about cost, RF4: what each must leave alone, and the numbers it tells."""

from __future__ import annotations

import pytest
from looked_at import found, found_in


@pytest.mark.parametrize(
    ("size", "line"),
    [
        ("56x56x3", "conv f=7 p=3 d=64"),  # 49·3·64 against 9·64·(3 + 64 + 64)
        ("56x56x64", "conv f=7 s=2 p=3 d=64"),
        ("56x56x64", "conv f=5 p=4 r=2 d=64"),
        ("56x56x64", "conv f=1x7 p=0x3 d=64"),
        ("56x56x64", "conv f=7 p=3 d=64 g=32"),
        ("56x56x64", "dwconv f=7 p=3"),
        ("56x56x64", "conv f=4 d=64"),
        ("56x56x64", "deconv f=5 d=64"),
        ("56x56x64", "deformconv f=5 p=2 d=64"),
        # Along one axis 5 taps are fewer than 3 and 3.
        ("16000x64", "conv f=5 p=2 d=64"),
        # A window over the whole map is a fully connected layer.
        ("7x7x64", "conv f=7 d=64"),
    ],
)
def test_a_kernel_that_a_stack_would_not_replace_is_no_finding(size: str, line: str) -> None:
    assert found_in("RF401", size, line) == ()


def test_a_large_kernel_in_space_and_time_is_counted_in_cubes() -> None:
    (finding,) = found_in("RF401", "16x56x56x8", "conv f=5 p=2 d=8")
    assert "125C² against 54C² for C = 8" in finding.message
    assert finding.figures == {"weights": 125 * 64, "stack": 2 * 27 * 64}


def test_the_large_kernels_of_one_line_are_one_finding_and_shared_ones_count_once() -> None:
    text = "input: 56x56x64\nlayers:\n  - {repeat: 3, do: [conv f=5 p=2 d=64, relu]}\n"
    (finding,) = found(text, "RF401")
    assert "(and 2 more layers made by this line)" in finding.message
    assert len(found_in("RF401", "56x56x64", "conv f=5 p=2 d=64 as a", "conv f=5 p=2 d=64 weights=a")) == 1


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        # A perceptron on pixels has no features to take a mean of.
        ("28x28x1", ["fc d=100", "relu", "fc d=10"]),
        ("784", ["fc d=100", "relu", "fc d=10"]),
        ("28x28x1", ["flatten", "fc d=100"]),
        # The map that is flattened has one position.
        ("28x28x8", ["conv f=3 d=8", "globalavgpool", "flatten", "fc d=1000"]),
        # 784 · 64 + 1 parameters, and 25 · 64 · 64 + 64 in the convolution.
        ("28x28x64", ["conv f=5 p=2 d=64", "relu", "fc d=1"]),
    ],
)
def test_a_fully_connected_layer_that_pooling_would_not_help_is_no_finding(
    size: str, lines: list[str]
) -> None:
    assert found_in("RF402", size, *lines) == ()


def test_a_fully_connected_layer_is_seen_through_flattening_and_dropout() -> None:
    (finding,) = found_in("RF402", "28x28x8", "conv f=3 p=1 d=4", "flatten", "dropout rate=0.5", "fc d=10")
    # 784 · 4 · 10 + 10, of which 4 · 10 + 10 are left.
    assert finding.figures["saved"] == 783 * 4 * 10
    assert "each position of its 28x28x4 input" in finding.message


def test_a_reshaped_map_counts_with_the_positions_it_has_where_it_is_read() -> None:
    (finding,) = found_in("RF402", "14x14x8", "conv f=3 p=1 d=16", "pixelshuffle factor=2", "fc d=10")
    assert "each position of its 28x28x4 input" in finding.message


@pytest.mark.parametrize(
    "lines",
    [
        # The last layer's width is the task's, and so is that of a mask.
        ["conv f=3 p=1 d=64", "relu", "conv f=1 d=21"],
        ["conv f=7 p=3 d=1", "sigmoid", "conv f=1 d=8", "conv f=1 d=10"],
        ["dwconv f=3 p=1 multiplier=3", "relu", "conv f=3 p=1 d=64"],
        # 3 · 60 multiply-adds at each position, of more than 9 · 60 · 64.
        ["conv f=1 d=60", "conv f=3 p=1 d=64", "conv f=3 p=1 d=64", "conv f=1 d=10"],
    ],
)
def test_a_width_that_nobody_chose_or_that_costs_little_is_no_finding(lines: list[str]) -> None:
    assert found_in("RF403", "32x32x3", *lines) == ()


def test_an_odd_width_is_told_with_its_share_of_the_work() -> None:
    # 27 · 64, 9 · 64 · 60 and 60 · 10 multiply-adds at each position.
    (finding,) = found_in("RF403", "32x32x3", "conv f=3 p=1 d=64", "conv f=3 p=1 d=60", "conv f=1 d=10")
    assert finding.figures == {"macs": 1024 * 9 * 64 * 60, "total": 1024 * (27 * 64 + 9 * 64 * 60 + 600)}
    assert finding.hint.endswith("60 → 64")


@pytest.mark.parametrize(
    "line", ["conv f=3 p=1 d=32 g=16", "dwconv f=3 p=1", "conv f=3 p=1 d=32", "deconv f=2 s=2 d=32 g=32"]
)
def test_groups_of_several_channels_and_declared_depthwise_layers_are_no_finding(line: str) -> None:
    assert found_in("RF404", "28x28x32", line) == ()
    assert found_in("RF404", "28x28x1", "conv f=3 p=1 d=8 g=1") == ()


def test_one_channel_a_group_names_the_depthwise_layer_that_is_the_same() -> None:
    (finding,) = found_in("RF404", "28x28x32", "conv f=3 p=1 d=64 g=32")
    assert "`dwconv … multiplier=2`" in finding.hint
    text = "symbols: [C]\ninput: 28x28xC\nlayers:\n  - conv f=3 p=1 d=3*C g=C\n"
    (finding,) = found(text, "RF404")
    assert "with C groups for C channels each of the 3C kernels" in finding.message
    assert "`dwconv … multiplier=3`" in finding.hint


@pytest.mark.parametrize(
    ("size", "line"),
    [
        ("32x32x16", "conv f=1 d=32"),
        ("32x32x16", "conv f=2 s=2 d=32"),
        ("32x32x16", "conv f=1x3 s=2 p=0x1 d=32"),
        # Nothing lies between the positions of an axis of one.
        ("1x1x16", "conv f=1 s=2 d=32"),
        ("32x1x16", "conv f=1 s=1x2 d=32"),
        ("32x32x16", "deformconv f=1 s=2 d=32"),
        ("32x32x16", "maxpool f=1 s=2"),
    ],
)
def test_a_layer_that_reads_every_position_is_no_strided_pointwise_one(size: str, line: str) -> None:
    assert found_in("RF405", size, line) == ()


def test_the_positions_thrown_away_are_counted() -> None:
    # 28 of 55 along each axis.
    (finding,) = found_in("RF405", "55x55x16", "conv f=1 s=2 d=32")
    assert "reads 784 of 3,025 positions of what enters and throws 74.1 % away" in finding.message
    assert finding.message.endswith(", and no other layer reads the rest")
    (finding,) = found("symbols: [h]\ninput: (2*h)x8x3\nlayers:\n  - conv f=1 s=2 d=4\n", "RF405")
    assert "reads 4 of 16 positions" in finding.message


@pytest.mark.parametrize(
    "branch",
    [
        "conv f=3 s=2 p=1 d=8",
        # It begins at another position.
        "conv f=1 s=2 p=1:0 d=8",
    ],
)
def test_what_another_layer_reads_is_not_said_to_be_lost(branch: str) -> None:
    text = f"input: 33x33x16\nlayers:\n  - relu\n  - add: [[conv f=1 s=2 d=8], [{branch}]]\n"
    first, *_ = found(text, "RF405")
    assert "no other layer" not in first.message


def test_what_an_output_holds_is_not_said_to_be_lost() -> None:
    text = "input: 8x8x4\nlayers:\n  - relu as seen\n  - conv f=1 s=2 d=8\noutputs: [seen, conv1]\n"
    (finding,) = found(text, "RF405")
    assert "no other layer" not in finding.message
