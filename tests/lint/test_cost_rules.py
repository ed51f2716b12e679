"""The rules about cost, RF4: what each must leave alone, and the numbers it tells."""

from __future__ import annotations

import pytest
from effort import lines_run
from looked_at import found, found_in, subject_of

from rfcalc.lint.checking import run_rules
from rfcalc.lint.finding import Finding


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
        # 3 channels hold less than 64: a stack is as wide as its wider end, 9·(64·64 + 64·64 + 64·3).
        ("256x256x64", "conv f=7 p=3 d=3"),
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


def test_a_stack_is_counted_as_wide_between_its_layers_as_the_wider_end() -> None:
    # 49·64·32 against 9·(64·64 + 64·64 + 64·32), and of two layers 25·64·32 against 9·(64·64 + 64·32).
    (finding,) = found_in("RF401", "56x56x64", "conv f=7 p=3 d=32")
    assert finding.figures == {"weights": 100352, "stack": 92160}
    assert found_in("RF401", "56x56x64", "conv f=5 p=2 d=32") == ()


def test_a_width_that_a_symbol_leaves_open_is_no_finding() -> None:
    text = "symbols: [C]\ninput: 56x56xC\nlayers:\n  - conv f=7 p=3 d=64\n"
    assert found(text, "RF401") == ()
    (finding,) = found(text.replace("d=64", "d=C"), "RF401")
    assert "49C² weights; 3 convolutions" in finding.message


def test_odd_widths_that_do_exactly_a_tenth_of_the_work_are_told() -> None:
    # 8 · 9 = 72 of 72 + 9 · 8 + 8 · 72 = 720 multiply-adds; with one output more 72 of 728.
    (finding,) = found_in("RF403", "8", "fc d=9", "relu", "fc d=8", "relu", "fc d=72")
    assert finding.figures == {"macs": 72, "total": 720, "next": {9: 16}}
    assert found_in("RF403", "8", "fc d=9", "relu", "fc d=8", "relu", "fc d=73") == ()


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
        # The same 50,177, and twice 9 · 64 · 64 + 64: two fifths.
        ("28x28x64", ["conv f=3 p=1 d=64", "relu", "conv f=3 p=1 d=64", "relu", "fc d=1"]),
        # What becomes a map again must know of positions.
        ("28x28x8", ["conv f=3 p=1 d=8", "fc d=1568", "relu", "reshape to=14x14x8", "deconv f=2 s=2 d=1"]),
        ("28x28x8", ["conv f=3 p=1 d=8", "fc d=64", "reshape to=1x1x64", "deconv f=7 d=1"]),
        # A window over the whole map of few positions, and one that moves over it.
        ("3x3x8", ["conv f=3 p=1 d=64", "conv f=3 p=1 d=64"]),
        # Nothing before the softmax says which number was which.
        ("28x28x8", ["conv f=3 p=1 d=8", "flatten", "softmax", "fc d=10"]),
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


@pytest.mark.parametrize("between", [["flatten", "bn"], ["flatten", "relu"], ["flatten", "ln", "relu"]])
def test_a_vector_is_followed_back_through_layers_that_change_each_number(between: list[str]) -> None:
    (finding,) = found_in("RF402", "28x28x8", "conv f=3 p=1 d=4", *between, "fc d=10")
    assert finding.figures["saved"] == 783 * 4 * 10


def test_flattened_maps_side_by_side_are_counted_together() -> None:
    branches = "concat: [[conv f=3 p=1 d=4, flatten], [conv f=4 s=4 d=2, flatten], [globalavgpool, flatten]]"
    (finding,) = found_in("RF402", "28x28x8", branches, "fc d=10")
    # 784 positions of 4 channels, and 49 of 2.
    assert finding.figures["saved"] == (783 * 4 + 48 * 2) * 10


def test_flattened_maps_that_are_added_are_counted_once() -> None:
    branches = "add: [[conv f=3 p=1 d=4, flatten], [conv f=1 d=4, flatten]]"
    (finding,) = found_in("RF402", "28x28x8", branches, "fc d=10")
    assert finding.figures["saved"] == 783 * 4 * 10


def test_a_convolution_to_one_position_is_a_fully_connected_layer() -> None:
    (finding,) = found_in("RF402", "7x7x16", "conv f=3 p=1 d=16", "relu", "conv f=7 d=64", "conv f=1 d=10")
    assert finding.layer == "conv2"
    assert finding.figures["saved"] == 48 * 16 * 64


def test_a_vector_that_only_weighs_a_map_could_be_pooled() -> None:
    lines = ["conv f=3 p=1 d=8", "mul: [[], [fc d=8, sigmoid, reshape to=1x1x8]]"]
    (finding,) = found_in("RF402", "28x28x4", *lines)
    assert finding.layer == "fc1"


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
        # 27 · 28 of 27 · 28 + 9 · 28 · 32 + 32: 8.5 %.
        ["conv f=3 p=1 d=28", "conv f=3 p=1 d=32", "conv f=1 d=1"],
    ],
)
def test_a_width_that_nobody_chose_or_that_costs_little_is_no_finding(lines: list[str]) -> None:
    assert found_in("RF403", "32x32x3", *lines) == ()


def test_an_odd_width_is_told_with_its_share_of_the_work() -> None:
    # 27 · 64, 9 · 64 · 60 and 60 · 10 multiply-adds at each position.
    (finding,) = found_in("RF403", "32x32x3", "conv f=3 p=1 d=64", "conv f=3 p=1 d=60", "conv f=1 d=10")
    total = 1024 * (27 * 64 + 9 * 64 * 60 + 600)
    assert finding.figures == {"macs": 1024 * 9 * 64 * 60, "total": total, "next": {60: 64}}
    assert finding.hint.endswith("60 → 64")


def test_odd_widths_are_judged_together_however_they_are_written() -> None:
    # Twelve times 9 · 60 · 60 multiply-adds at each position, and 60 · 10.
    figures = {"macs": 64 * 12 * 9 * 3600, "total": 64 * (12 * 9 * 3600 + 600), "next": {60: 64}}
    (one,) = found_in("RF403", "8x8x60", "{repeat: 12, do: [conv f=3 p=1 d=60, relu]}", "conv f=1 d=10")
    (other,) = found_in("RF403", "8x8x60", *["conv f=3 p=1 d=60", "relu"] * 12, "conv f=1 d=10")
    assert one.figures == other.figures == figures
    assert "in 99.8 % of the MACs" in one.message
    # A twelfth of what they do together.
    assert "in 8.3 % of the MACs; with those of 11 more lines, in 99.8 % of them" in other.message


def test_odd_widths_are_told_where_they_cost_most_and_all_are_to_be_changed() -> None:
    lines = ["conv f=1 d=20", "conv f=3 p=1 d=60", "conv f=1 d=36", "conv f=1 d=10"]
    (finding,) = found_in("RF403", "32x32x3", *lines)
    assert finding.layer == "conv2"
    assert finding.message.startswith("60 output channels")
    assert finding.hint == "the next that do: 20 → 24, 36 → 40, 60 → 64"
    mended = ["conv f=1 d=24", "conv f=3 p=1 d=64", "conv f=1 d=40", "conv f=1 d=10"]
    assert found_in("RF403", "32x32x3", *mended) == ()


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
        # The shortcut of a residual block, and a branch of RepVGG.
        "conv f=3 s=2 p=1 d=8",
        # It begins at another position.
        "conv f=1 s=2 p=1:0 d=8",
    ],
)
def test_what_another_layer_reads_is_not_lost(branch: str) -> None:
    text = f"input: 33x33x16\nlayers:\n  - relu\n  - add: [[conv f=1 s=2 d=8], [{branch}]]\n"
    assert found(text, "RF405") == ()


@pytest.mark.parametrize(("one", "other"), [("bn, relu", "bn, relu"), ("", "bn"), ("relu", "")])
def test_a_normalisation_of_its_own_makes_no_map_that_nobody_else_reads(one: str, other: str) -> None:
    branches = "{{add: [[{}, conv f=1 s=2 d=8], [{}, conv f={} s=2 p={} d=8]]}}"

    def told(kernel: int) -> tuple[Finding, ...]:
        layers = branches.format(one, other, kernel, kernel // 2).replace("[, ", "[")
        return found(f"input: 33x33x16\nlayers:\n  - {layers}\n", "RF405")

    assert told(3) == ()
    # Both read the same positions.
    assert "no other layer reads the rest" in told(1)[0].message


def test_what_an_output_holds_is_not_lost() -> None:
    text = "input: 8x8x4\nlayers:\n  - relu as seen\n  - conv f=1 s=2 d=8\noutputs: [seen, conv1]\n"
    assert found(text, "RF405") == ()


def test_the_widths_proposed_divide_by_the_groups_of_those_that_read_them() -> None:
    # ShuffleNet with three groups: 60 channels become 72, since 64 do not divide by 3.
    lines = ["conv f=1 d=60", "relu", "conv f=1 d=240 g=3", "relu", "conv f=1 d=10"]
    (finding,) = found_in("RF403", "8x8x24", *lines)
    assert finding.hint == "the next that do: 60 → 72"


@pytest.mark.parametrize("code", ["RF401", "RF402", "RF403", "RF404", "RF405"])
@pytest.mark.parametrize(
    "layer",
    [
        "conv f=1 s=2 d=12 from=start",
        "conv f=5 p=2 d=12",
        "conv f=3 p=1 d=24 g=12 from=start",
        "concat: [[fc d=4 from=start], []]",
    ],
)
def test_the_cost_is_linear_in_the_lines(code: str, layer: str) -> None:
    def cost(count: int) -> int:
        first = "fc d=4" if layer.startswith("concat") else "relu"
        lines = "".join(f"  - {line}\n" for line in ["conv f=1 d=12 as start", first, *[layer] * count])
        subject = subject_of(f"input: 16x16x12\nlayers:\n{lines}")
        return lines_run(lambda: run_rules(subject, [code]))[1]

    assert cost(400) < 5.5 * cost(100)
