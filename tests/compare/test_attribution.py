"""What each edit accounts for, in numbers counted by hand."""

from __future__ import annotations

from networks import compared, deltas, network, shipped

import rfcalc
from rfcalc.analysis.comparison.attribution import Deltas
from rfcalc.analysis.comparison.causes import SharedEdit
from rfcalc.analysis.comparison.comparison import Comparison
from rfcalc.symbolic.polynomial import Polynomial


def causes(comparison: Comparison) -> list[tuple[str, Deltas, object]]:
    return [
        (cause.kind, cause.deltas, None if cause.field is None else cause.field[0])
        for cause in comparison.causes
    ]


def named(comparison: Comparison, name: str) -> SharedEdit:
    """The edit that a layer of this name was part of."""
    return next(
        cause
        for cause in comparison.causes
        for place in cause.edits
        for layer in (comparison.edits[place].left, comparison.edits[place].right)
        if layer is not None and layer.name == name
    )


def test_a_change_that_changes_no_size_accounts_for_its_layer_alone() -> None:
    comparison = compared(
        network("conv f=3 p=1 d=8", "relu", "conv f=3 p=1 d=8", "relu"),
        network("conv f=3 p=1 d=8", "relu", "conv f=5 p=2 d=8", "relu"),
    )
    # 8 · 8 · (25 − 9) weights, each used at 16 · 16 positions; 2 more positions on either side.
    assert causes(comparison) == [("changed", deltas(1024, 1024 * 256, 0, 0), 2)]
    assert [edit.resized for edit in comparison.edits] == [False] * 4


def test_what_an_edit_does_to_the_layers_behind_it_is_charged_to_it() -> None:
    comparison = compared(
        network("conv f=3 p=1 d=8 bias=no", "relu", "conv f=1 d=4 bias=no"),
        network("conv f=3 p=1 d=16 bias=no", "relu", "conv f=1 d=4 bias=no"),
    )
    # The first convolution: 8 · 9 · 4 more weights.  The second reads 8 more channels: 8 · 4.
    params = 8 * 9 * 4 + 8 * 4
    assert causes(comparison) == [
        ("changed", deltas(params, params * 256, 2 * 8 * 256, 8 * 256), 0),
    ]
    assert comparison.edits[2].deltas == deltas(32, 32 * 256, 0, 0)
    assert comparison.edits[2].causes == (0,)


def test_a_stride_that_moves_is_one_edit_in_all_its_places() -> None:
    """ResNet-50 and the paper's: 3.858 against 4.089 GMACs, a field of 483 against 427."""
    comparison = compared(shipped("resnet50"), shipped("resnet50-v1"))
    (cause,) = comparison.causes
    assert cause.kind == "moved"
    places = [comparison.edits[place].left for place in cause.edits]
    assert [layer.name for layer in places if layer] == [
        f"layer{stage}.0.conv{number}" for stage in (2, 3, 4) for number in (2, 1)
    ]
    assert cause.deltas["params"] == 0
    assert cause.deltas["macs"] == -231_211_008
    # In layer s the 3x3 convolution reaches 2 · 2^(s−1) · 4 pixels further: 8 + 16 + 32.
    assert cause.field == (56, 56)
    assert [(field.old, field.new) for field in comparison.fields if field] == [(427, 483)] * 2
    # The first 1x1 convolution of each stage works on a quarter of the map: 3/4 of 102,760,448 less.
    assert comparison.edits[places_of(comparison, "layer2.0.conv1")].deltas["macs"] == -102_760_448 * 3 // 4
    # The 3x3 convolution has the same output as before.
    assert comparison.edits[places_of(comparison, "layer2.0.conv2")].deltas == deltas(0, 0, 0, 0)


def places_of(comparison: Comparison, name: str) -> int:
    return next(place for place, edit in enumerate(comparison.edits) if edit.left and edit.left.name == name)


def test_the_library_compares_too() -> None:
    comparison: rfcalc.Comparison
    (comparison,) = rfcalc.compare(shipped("resnet50"), shipped("resnet50-v1")).comparisons
    assert comparison.differences["macs"] == -231_211_008


def test_one_large_kernel_against_three_small_ones() -> None:
    """Section 3.1.1 of the textbook: 49C² weights against 27C², and the same field."""
    comparison = compared(shipped("conv7x7"), shipped("conv3x3-stack"))
    c, h, w = (Polynomial.symbol(name) for name in "CHW")
    assert causes(comparison) == [
        ("changed", deltas(c * c * -40, c * c * h * w * -40, 0, 0), -4),
        ("inserted", deltas(c * c * 18, c * c * h * w * 18, c * h * w * 2, 0), 4),
        ("inserted", deltas(0, 0, c * h * w * 2, c * h * w * 2), 0),
    ]


def test_an_input_of_another_size_accounts_for_what_it_changes_everywhere() -> None:
    lines = ["conv f=3 p=1 d=8 bias=no", "relu", "globalavgpool", "fc d=5"]
    comparison = compared(network(*lines, input="16x16x4"), network(*lines, input="32x16x4"))
    macs = 9 * 4 * 8 * 16 * 16
    activations = 2 * 8 * 16 * 16
    # Comparisons of the ReLU, additions of the pooling.
    work = 8 * 256 + 8 * 256
    assert causes(comparison) == [("input", deltas(0, macs, activations, work), 0)]
    assert [edit.resized for edit in comparison.edits] == [True, True, True, False]


def test_two_edits_that_meet_in_one_layer_share_its_difference_in_their_order() -> None:
    """The bottleneck block: four times the channels, and a 1x1 instead of the first 3x3 convolution."""
    comparison = compared(shipped("basic-block"), shipped("bottleneck-block"))
    # At 64 channels: 9 · 64 · (256 − 64) weights for the wider input, then 8 · 256 · 64 less.
    first, second, *_ = causes(comparison)
    assert (first[0], first[1]["params"]) == ("input", 9 * 64 * 192)
    assert (second[0], second[1]["params"]) == ("changed", -8 * 256 * 64)


def test_edits_whose_effects_on_sizes_cancel_are_not_charged_with_them() -> None:
    """A stride here for a pooling layer there: what stands behind both keeps its size."""
    comparison = compared(
        network("conv f=3 p=1 d=8 as a", "maxpool f=2 s=2", "conv f=3 p=1 d=8 as b", "relu"),
        network("conv f=3 p=1 s=2 d=8 as a", "conv f=3 p=1 d=8 as b", "relu"),
    )
    assert [edit.causes for edit in comparison.edits[2:]] == [(), ()]
    assert named(comparison, "a").deltas["macs"] == -9 * 4 * 8 * (256 - 64)
    assert named(comparison, "maxpool1").deltas["macs"] == 0


def test_what_cancels_in_a_size_is_not_charged_to_layers_that_differ_otherwise() -> None:
    comparison = compared(
        network("conv f=3 p=1 d=8 as a", "maxpool f=2 s=2", "conv f=3 p=1 d=4 as b", "relu as r"),
        network("conv f=3 p=1 s=2 d=8 as a", "conv f=3 p=1 d=6 as b", "relu as r"),
    )
    # b and r have two channels more; the size of the map is the same.
    assert named(comparison, "b").deltas == deltas(2 * 73, 2 * 72 * 64, 2 * 2 * 64, 2 * 2 * 64)
    assert [len(edit.causes) for edit in comparison.edits[2:]] == [1, 1]


def test_edits_of_one_size_are_charged_step_by_step() -> None:
    """A pooling layer less and a larger stride: half the size in the end, by way of a quarter."""
    comparison = compared(
        network("conv f=3 p=1 d=8 bias=no as a", "maxpool f=2 s=2", "conv f=3 p=1 d=8 bias=no as b"),
        network("conv f=3 p=1 s=4 d=8 bias=no as a", "conv f=3 p=1 d=8 bias=no as b"),
    )
    # b works on 8x8 positions, on 2x2 with the stride, and on 4x4 without the pooling.
    assert named(comparison, "a").deltas["macs"] == 9 * 4 * 8 * (16 - 256) + 9 * 8 * 8 * (4 - 64)
    assert named(comparison, "maxpool1").deltas["macs"] == 9 * 8 * 8 * (16 - 4)


def test_a_layer_that_comes_or_goes_does_so_with_all_it_adds_to_the_field() -> None:
    comparison = compared(shipped("vgg19"), shipped("plain34"))
    fields = {
        name: named(comparison, name).field for name in ("conv1_1", "conv2_1", "pool1", "conv1", "maxpool1")
    }
    # Two convolutions each at strides 1 and 2; poolings of two positions at strides 1 … 16; the wide
    # convolution at stride 1, the pooling of three positions at stride 2.
    assert fields == {
        "conv1_1": (-4, -4),
        "conv2_1": (-8, -8),
        "pool1": (-31, -31),
        "conv1": (6, 6),
        "maxpool1": (4, 4),
    }
    # Blocks of two convolutions: the first of the last stage at strides 16 and 32.
    assert named(comparison, "layer4.0.conv1").field == (2 * 16 + 2 * 32,) * 2


def test_a_stride_that_is_inserted_is_charged_with_what_it_does_to_the_field_behind_it() -> None:
    lines = ["conv f=3 p=1 d=4", "relu", "conv f=5 p=2 d=4"]
    comparison = compared(network(*lines), network("maxpool f=2 s=2", *lines))
    # One position more itself, and the others reach twice as far: 2 + 4.
    assert [cause.field for cause in comparison.causes] == [(7, 7)]


def test_a_join_that_does_not_fit_yet_waits_until_it_does() -> None:
    """The additions of a residual network, inserted before all widths are what they will be."""
    comparison = compared(shipped("vgg19"), shipped("resnet34"))
    assert named(comparison, "layer1.1.add1").deltas["params"] == 0
    assert named(comparison, "layer1.1.add1").deltas["macs"] == 0


def test_a_layer_whose_operands_were_replaced_is_charged_to_what_came() -> None:
    comparison = compared(
        network("conv f=3 p=1 d=8 as a", "fc d=5", "relu", "fc d=3 as last"),
        network("conv f=3 p=1 d=8 as a", "globalavgpool", "fc d=3 as last"),
    )
    # The last layer reads 8 numbers instead of 5.
    assert comparison.edits[-1].deltas["params"] == 3 * 3
    assert [comparison.causes[number].kind for number in comparison.edits[-1].causes] == ["inserted"]


def test_equal_edits_are_one_line() -> None:
    comparison = compared(shipped("vgg16"), shipped("vgg16-bn"))
    (cause,) = comparison.causes
    assert (cause.kind, len(cause.edits)) == ("inserted", 13)
    # Two learned numbers for each channel: 2 · (2·64 + 2·128 + 3·256 + 6·512).
    assert cause.deltas["params"] == 8448


def test_widths_that_change_by_one_factor_are_one_edit() -> None:
    comparison = compared(
        network("conv f=3 p=1 d=8", "relu", "conv f=3 p=1 d=16", "relu", "conv f=3 p=1 d=32"),
        network("conv f=3 p=1 d=4", "relu", "conv f=3 p=1 d=8", "relu", "conv f=3 p=1 d=16"),
    )
    assert [len(cause.edits) for cause in comparison.causes] == [3]


def test_widths_that_change_by_different_factors_are_different_edits() -> None:
    comparison = compared(
        network("conv f=3 p=1 d=8", "relu", "conv f=3 p=1 d=16"),
        network("conv f=3 p=1 d=4", "relu", "conv f=3 p=1 d=4"),
    )
    assert [len(cause.edits) for cause in comparison.causes] == [1, 1]


def test_a_kernel_that_the_map_decides_is_no_change_of_its_own() -> None:
    comparison = compared(network("conv f=3 p=1 d=8", "fc d=5"), network("conv f=3 p=1 s=2 d=8", "fc d=5"))
    fc = comparison.edits[-1]
    assert fc.kind == "kept"
    assert fc.resized
    assert fc.deltas["params"] == 5 * 8 * (64 - 256)
    assert [cause.kind for cause in comparison.causes] == ["changed"]


def test_padding_that_keeps_its_rule_is_no_change_of_its_own() -> None:
    lines = ["conv f=3 p=same s=2 d=8", "relu"]
    comparison = compared(network(*lines, input="16x16x4"), network(*lines, input="17x17x4"))
    assert [edit.kind for edit in comparison.edits] == ["kept", "kept"]


def test_a_written_padding_that_happens_to_be_what_a_word_comes_to_is_a_change() -> None:
    # TensorFlow's same at stride 2 is 0:1 on 16 positions and 1 on 17; here somebody wrote numbers.
    left = network("conv f=3 p=0:1 s=2 d=8", input="16x16x4")
    right = network("conv f=3 p=1 s=2 d=8", input="17x17x4")
    assert [change.attribute for change in compared(left, right).edits[0].changes] == ["padding"]
    word = network("conv f=3 p=same s=2 d=8", input="17x17x4")
    assert [change.attribute for change in compared(left, word).edits[0].changes] == ["padding"]


def test_what_the_sizes_decide_they_decide_anew_between_two_edits() -> None:
    comparison = compared(
        network("conv f=3 s=2 p=same d=8 bias=no", input="16x16x4"),
        network("conv f=3 s=2 p=same d=16 bias=no", input="17x17x4"),
    )
    # 8 windows on 16 positions, 9 on 17; with the padding of 16, 0:1, there would be 8 on 17 too.
    weights = 9 * 4 * 8
    macs = [(cause.kind, cause.deltas["macs"]) for cause in comparison.causes]
    assert macs == [("input", weights * (81 - 64)), ("changed", weights * 81)]


def test_padding_that_is_written_otherwise_is_a_change() -> None:
    comparison = compared(network("conv f=3 p=1 d=8"), network("conv f=3 p=0 d=8"))
    assert [change.attribute for change in comparison.edits[0].changes] == ["padding"]


def test_a_pooling_stride_that_follows_the_kernel_is_told_beside_it() -> None:
    comparison = compared(network("maxpool f=2 s=2"), network("maxpool f=4 s=4"))
    assert [change.attribute for change in comparison.edits[0].changes] == ["kernel", "stride"]


def test_layers_that_read_others_than_before_are_changed() -> None:
    lines = ["conv f=3 p=1 d=4 as a", "conv f=3 p=1 d=4 as b", "conv f=3 p=1 d=4 as c"]
    comparison = compared(network(*lines, "add from=a"), network(*lines, "add from=b"))
    (change,) = comparison.edits[-1].changes
    assert change == ("reads", ("c", "a"), ("c", "b"))


def test_a_layer_inserted_before_another_is_no_change_of_what_that_reads() -> None:
    comparison = compared(network("conv f=3 p=1 d=4", "relu"), network("conv f=3 p=1 d=4", "bn", "relu"))
    assert comparison.edits[-1].kind == "kept"


def test_weights_that_are_shared_are_an_edit() -> None:
    lines = ["conv f=3 p=1 d=4 as a", "relu"]
    comparison = compared(
        network(*lines, "conv f=3 p=1 d=4 as b"), network(*lines, "conv f=3 p=1 d=4 weights=a as b")
    )
    assert causes(comparison) == [("changed", deltas(-(9 * 4 * 4 + 4), 0, 0, 0), 0)]
    assert comparison.edits[-1].changes[0] == ("weights", None, "a")


def test_a_followed_size_is_no_change_where_the_layer_followed_is_the_same() -> None:
    lines = ["conv f=3 p=1 d=4 as a", "maxpool f=2 s=2", "upsample like=a"]
    comparison = compared(network(*lines, input="16x16x4"), network(*lines, input="24x24x4"))
    assert [edit.kind for edit in comparison.edits] == ["kept"] * 3
    comparison = compared(
        network("relu as early", *lines), network("relu as early", *lines[:-1], "upsample like=early")
    )
    assert [change.attribute for change in comparison.edits[-1].changes] == ["like"]


def test_a_branch_that_sets_the_field_is_followed_in_both_networks() -> None:
    """GoogLeNet's field comes by the 5x5 branches, which are 3x3 ones in its successor."""
    comparison = compared(shipped("googlenet"), shipped("googlenet-bn"))
    fields = {
        change.attribute: cause.field
        for cause in comparison.causes
        for change in cause.changes
        if cause.field and cause.field[0]
    }
    # Nine modules at strides 8 (2), 16 (5) and 32 (2): 2 pixels each less, times the stride.
    assert named(comparison, "inception3a.conv5").field == (-2 * (2 * 8 + 5 * 16 + 2 * 32),) * 2
    assert all(cause.kind != "path" for cause in comparison.causes), fields


def test_a_field_that_other_layers_set_says_so() -> None:
    one = network("{concat: [[conv f=5 p=2 d=4 as wide], [conv f=3 p=1 d=4 as narrow]]}")
    two = network("{concat: [[conv f=1 d=4 as wide], [conv f=3 p=1 d=4 as narrow]]}")
    comparison = compared(one, two)
    assert [(field.old, field.new) for field in comparison.fields if field] == [(5, 3)] * 2
    assert [cause.kind for cause in comparison.causes] == ["changed", "path"]


def test_a_field_without_a_size_is_attributed_to_nothing() -> None:
    comparison = compared(network("conv f=3 p=1 d=4", "fc d=3", input="8x8x4"), network("fc d=3", input="16"))
    assert comparison.fields == ()
    assert all(cause.field is None for cause in comparison.causes)
