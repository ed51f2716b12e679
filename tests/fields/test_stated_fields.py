"""Fields of networks whose right values are known by hand or from papers, one for each kind of path."""

from __future__ import annotations

import pytest

from rfcalc.analysis.fields.figures import AxisField
from rfcalc.analysis.fields.plane import support
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze, load, read_text, shipped_names
from rfcalc.report.network_table.layers import View, build_table


def network(size: str, *layers: str) -> NetworkAnalysis:
    return analyze(
        read_text("\n".join([f"input: {size}", "layers:", *(f"  - {layer}" for layer in layers), ""]))
    )


def last(analysis: NetworkAnalysis) -> tuple[AxisField, ...]:
    (axes,) = analysis.layers[-1].field.inputs
    assert axes is not None
    return axes


def sizes(analysis: NetworkAnalysis) -> list[tuple[int, int] | None]:
    return [axis.size for axis in last(analysis)]


# No dependence on the size of the input


@pytest.mark.parametrize("size", ["32x32x3", "64x64x3", "224x224x3"])
def test_vgg16_sees_212_at_every_size(size: str) -> None:
    analysis = analyze(load("vgg16"), input=size)
    (axes,) = analysis.fields.nodes[analysis.fields.network].inputs
    assert axes is not None
    assert {axis.size for axis in axes} == {(212, 212)}


@pytest.mark.parametrize("size", ["224x224x3", "256x256x3"])
def test_googlenet_sees_715_at_its_last_concatenation_and_907_behind_its_pooling(size: str) -> None:
    analysis = analyze(load("googlenet"), input=size)
    (concat,) = analysis.layer("inception5b.concat1").field.inputs
    (whole,) = analysis.fields.nodes[analysis.fields.network].inputs
    assert concat is not None
    assert whole is not None
    assert (concat[0].size, whole[0].size) == ((715, 715), (907, 907))


def test_dilated_layers_see_what_the_paper_on_them_says() -> None:
    """Yu and Koltun 2016, Multi-scale context aggregation by dilated convolutions, table 1."""
    context = [f"conv f=3 p={r} r={r} d=4" for r in (1, 1, 2, 4, 8, 16, 1)]
    published = [3, 5, 9, 17, 33, 65, 67]
    for depth, size in enumerate(published, 1):
        axes = last(network("64x64x4", *context[:depth]))
        assert [(axis.size, axis.holes) for axis in axes] == [((size, size), (0, 0))] * 2
    # Without the undilated layers before it every second position is left out.
    assert [axis.holes for axis in last(network("64x64x4", *context[2:4]))] == [(6, 6)] * 2


# Different rates

UNEQUAL = "add: [[conv f=3 d=4], [upsample size=10]]"


def test_a_cut_at_the_end_of_positions_that_are_listed_leaves_those_before() -> None:
    assert sizes(network("12x4", UNEQUAL, "crop p=0:4", "globalavgpool")) == [(8, 8)]


def test_positions_added_at_their_end_see_nothing() -> None:
    assert sizes(network("12x4", UNEQUAL, "pad p=0:2")) == [(0, 3)]


def test_a_further_join_is_followed() -> None:
    join = "add: [[], [conv f=3 p=1 d=4]]"
    assert last(network("12x4", UNEQUAL, "crop p=0:4", join))[0].status == "per-position"


# Axes taken apart, channels told apart


def test_permutations_that_undo_each_other_leave_the_field_as_it_was() -> None:
    analysis = network("14x14x8", "permute order=2x0x1", "permute order=1x2x0", "conv f=3 p=1 d=8")
    assert sizes(analysis) == [(3, 3), (3, 3)]
    assert analysis.fields.network == len(analysis.graph.nodes) - 1


def test_space_to_channels_and_back_sees_one_position() -> None:
    assert sizes(network("8x8x3", "pixelunshuffle factor=2", "pixelshuffle factor=2")) == [(1, 1)] * 2


def test_tokens_of_a_map_become_the_map_again() -> None:
    analysis = network(
        "64x48x3", "conv f=16 s=16 d=8", "reshape to=12x8", "reshape to=4x3x8", "conv f=3 p=1 d=8"
    )
    assert [(axis.size, axis.stride, axis.status) for axis in last(analysis)] == [((48, 48), 16, "exact")] * 2


def test_attention_over_tokens_in_windows_made_by_hand_sees_the_window() -> None:
    windows = network("8x8", "reshape to=2x4x8", "attention window=1x4", "reshape to=8x8", "conv f=3 p=1 d=8")
    # A unit sees its window of four, its neighbour across a border the next one too.
    assert sizes(windows) == [(4, 8)]


def test_a_slice_of_one_branch_sees_what_that_branch_sees() -> None:
    join = "concat: [[conv f=1 d=4], [conv f=5 p=2 d=4]]"
    narrow = network("16x16x4", join, "channelshuffle g=2", "channelshuffle g=4", "slice channels=0:4")
    assert [(axis.size, axis.status) for axis in last(narrow)] == [((1, 1), "exact")] * 2


@pytest.mark.parametrize(
    "layers",
    [("slice channels=3:7",), ("slice channels=1:9:3",), ("concat: [[], []]", "slice channels=18:19")],
)
def test_what_some_of_the_channels_that_positions_became_see_is_not_told(layers: tuple[str, ...]) -> None:
    all_of_them, some = (
        last(network("6x10x4", "permute order=0x2x1", *each))[1] for each in (layers[:-1], layers)
    )
    assert (all_of_them.size, all_of_them.status) == ((10, 10), "exact")
    assert some.status == "unknown"


def test_channels_of_zeros_that_become_positions_see_less_than_all_of_them() -> None:
    (axis,) = last(network("8x3", "pad p=0 channels=2:0", "permute order=1x0"))
    assert (axis.size, axis.status) == ((8, 8), "bound")


def test_channels_of_unequal_branches_see_together_what_they_saw_before_they_were_flattened() -> None:
    join = "concat: [[conv f=3 p=1 d=4], []]"
    (flat,) = last(network("6x4", join, "flatten"))
    assert (flat.size, flat.status) == ((8, 8), "exact")
    along, across = last(network("6x5x4", join, "reshape to=6x40"))
    assert (along.size, along.status, across.size, across.status) == ((3, 3), "exact", (7, 7), "exact")
    # Which of them a part of the channels has seen is not followed.
    along, _ = last(network("6x5x4", join, "reshape to=6x40", "slice channels=0:3"))
    assert along.status == "bound"


def test_what_all_see_alike_is_not_told_behind_a_kernel_that_skips_positions() -> None:
    """A kernel shorter than its stride leaves positions that see nothing; these may be all that is read."""
    whole, skipping = (
        last(network("6x4", "globalavgpool", "upsample size=4", f"deconv f={f} s=2 d=4")) for f in (2, 1)
    )
    assert [(axis.status, axis.path) for axis in whole] == [("global", "main")]
    assert [axis.status for axis in skipping] == ["unknown"]
    # What sees a part of its own is followed through the same kernel.
    (own,) = last(network("6x4", "attention", "deconv f=1 s=2 d=4"))
    assert (own.status, own.path) == ("global", "main")


def test_softmax_reads_the_channels_of_every_branch() -> None:
    join = "{concat: [[conv f=1 d=4], [conv f=5 p=2 d=4]], as: both}", "slice channels=0:4 from=both"
    assert sizes(network("16x16x4", *join)) == [(1, 1)] * 2
    assert sizes(network("16x16x4", *join, "softmax from=both", "slice channels=0:4")) == [(5, 5)] * 2


def test_a_deformed_grid_of_one_tap_is_moved_by_the_data() -> None:
    assert [axis.status for axis in last(network("8x8x4", "deformconv f=1 d=4"))] == ["data-dependent"] * 2


@pytest.mark.parametrize("name", [name for name in shipped_names() if "shufflenet" in name])
def test_shufflenet_has_no_bound(name: str) -> None:
    layers = analyze(load(name)).layers
    statuses = {axis.status for layer in layers for axes in layer.field.inputs for axis in axes or ()}
    assert "bound" not in statuses


# Global paths

GATE = "[globalavgpool, conv f=1 d=2, relu, conv f=1 d=8, sigmoid]"


def paths(analysis: NetworkAnalysis) -> list[str]:
    return [axis.path for axis in last(analysis)]


def test_a_gate_is_a_side_path_and_the_local_field_stays() -> None:
    analysis = network("32x32x8", "conv f=3 p=1 d=8", f"mul: [[], {GATE}]")
    assert (sizes(analysis), paths(analysis)) == ([(3, 3)] * 2, ["side"] * 2)
    assert [axis.strict for axis in last(analysis)] == [32, 32]


@pytest.mark.parametrize("join", ["mul: [[], {}]", "mul: [{}, []]"])
def test_so_is_a_gate_that_is_brought_to_the_size_of_the_map_first(join: str) -> None:
    gate = "[globalavgpool, conv f=1 d=8, upsample size=32, sigmoid]"
    assert paths(network("32x32x8", "conv f=3 p=1 d=8", join.format(gate))) == ["side"] * 2


def test_image_pooling_beside_a_map_is_a_main_path() -> None:
    pooled = "[globalavgpool, conv f=1 d=8, upsample size=32]"
    for join in (f"concat: [[conv f=3 p=1 d=8], {pooled}]", f"add: [[], {pooled}]"):
        assert paths(network("32x32x8", "conv f=3 p=1 d=8", join)) == ["main"] * 2


def test_behind_attention_a_gate_leaves_the_main_path_main() -> None:
    assert paths(network("32x32x8", "attention", f"mul: [[], {GATE}]")) == ["main"] * 2


def test_a_global_path_beside_what_is_unknown_is_not_called_main() -> None:
    unknown = "reshape to=9x4x4 from=input", "reshape to=6x6x4 as unknown"
    analysis = network("6x6x4", "attention as seen", *unknown, "{mul: [], from: unknown+seen}")
    assert [(axis.path, axis.status) for axis in last(analysis)] == [("side", "unknown")] * 2


def test_what_is_pooled_and_multiplied_by_itself_is_main_where_it_is_spread() -> None:
    pooled = "globalavgpool as one", "{mul: [], from: one+one}", "upsample size=6"
    assert paths(network("6x6x4", *pooled)) == ["main"] * 2


def test_a_map_of_one_position_beside_its_mean_keeps_its_field() -> None:
    analysis = network("7x7x4", "conv f=7 d=4 as map", "globalavgpool as mean", "{add: [], from: map+mean}")
    assert [(axis.size, axis.stride, axis.path) for axis in last(analysis)] == [((7, 7), 1, "main")] * 2


def test_a_normalisation_over_space_is_a_side_path() -> None:
    assert paths(network("32x32x8", "gn g=2", "conv f=3 p=1 d=8")) == ["side"] * 2


def test_a_gate_averaged_over_one_axis_is_global_along_that_axis_alone() -> None:
    analysis = network("32x24x8", "mul: [[], [adaptiveavgpool size=32x1, sigmoid]]")
    assert paths(analysis) == ["", "side"]


def test_a_gate_from_a_7x7_window_is_no_global_path() -> None:
    gate = "[{concat: [[conv f=1 d=1], [conv f=1 d=1]]}, conv f=7 p=3 d=1, sigmoid]"
    analysis = network("32x32x64", f"mul: [[], {gate}]")
    assert (sizes(analysis), paths(analysis)) == ([(7, 7)] * 2, ["", ""])


@pytest.mark.parametrize(
    "gate",
    [
        ("globalavgpool", "reshape to=16x1", "conv f=3 p=1 d=1", "reshape to=1x1x16"),
        ("globalavgpool", "permute order=0x2x1", "conv f=1x3 p=0x1 d=1", "permute order=0x2x1"),
        ("globalavgpool", "flatten", "reshape to=16x1", "conv f=3 p=1 d=1", "flatten"),
    ],
)
def test_a_gate_whose_channels_are_convolved_is_a_side_path(gate: tuple[str, ...]) -> None:
    # Efficient channel attention: a window along the channels of what has seen the whole map.
    analysis = network("8x8x16", "conv f=3 p=1 d=16 as x", *gate, "{mul: [[]], from: x}")
    assert [(axis.path, axis.size, axis.strict) for axis in last(analysis)] == [("side", (3, 3), 8)] * 2


def test_one_position_without_an_axis_is_known_until_it_is_shown_at_several() -> None:
    one = ("adaptivemaxpool size=1", "reshape to=1x4")
    assert [(axis.size, axis.status) for axis in last(network("6x6x4", *one))] == [((6, 6), "exact")] * 2
    for shown in ("pixelshuffle factor=2", "upsample size=3"):
        assert [axis.status for axis in last(network("6x6x4", *one, shown))][1] == "unknown"


def test_a_global_path_times_channels_that_positions_became_is_unknown() -> None:
    mixed = ("permute order=2x1x0 as a", "conv f=1 d=4", "permute order=2x1x0", "adaptiveavgpool size=1x6")
    known = last(network("4x6x5", *mixed, "conv f=1 d=4 as b"))
    assert (known[0].path, known[0].status) == ("main", "global")
    assert last(network("4x6x5", *mixed, "conv f=1 d=4 as b", "{mul: [], from: b+a}"))[0].status == "unknown"


def test_strip_pooling_sees_a_cross_which_its_box_stands_for() -> None:
    analysis = network(
        "20x20x8",
        "conv f=3 p=1 d=8",
        "add: [[avgpool f=20x1 s=1, conv f=3x1 p=1x0 d=8], [avgpool f=1x20 s=1, conv f=1x3 p=0x1 d=8]]",
    )
    assert [(axis.path, axis.strict, axis.status) for axis in last(analysis)] == [("main", 20, "extent")] * 2
    assert analysis.fields.network == len(analysis.graph.nodes) - 1
    for unit, seen in (((0, 10), 94), ((0, 0), 76)):
        found = support(analysis.fields, analysis.fields.network, [unit], clipped=True, everything=True)
        assert found.size == seen


def test_the_table_speaks_of_every_output() -> None:
    text = (
        "input: 32x32x4\nlayers:\n  - conv f=3 p=1 d=4 from=input as near\n"
        "  - conv f=5 p=2 d=4 from=input as far\noutputs: [near, far]\n"
    )
    notes = [note.text for note in build_table(analyze(read_text(text)), View()).notes]
    assert [note.partition(" (")[0] for note in notes[:2]] == [
        "receptive field of the network, at near: 3",
        "receptive field of the network, at far: 5",
    ]


def test_a_slice_in_steps_takes_of_each_branch_the_channels_that_the_steps_meet() -> None:
    """Channels 0, 2, 4, 6 and 8 are two of the first branch, one of the second and two of the third."""
    branches = ", ".join(f"[conv f={kernel} p={kernel // 2} d=3]" for kernel in (1, 3, 5))
    text = f"input: 32x32x3\nlayers:\n  - concat: [{branches}]\n  - slice channels=0:9:2\n"
    for channel, size in enumerate((1, 1, 3, 5, 5)):
        taken = analyze(read_text(f"{text}  - slice channels={channel}:{channel + 1}\n"))
        axis, _ = taken.fields.nodes[-1].inputs[0] or ()
        assert (axis.size, axis.status) == ((size, size), "exact")


def test_a_product_of_channels_that_see_all_with_channels_that_see_a_part_has_side_paths_alone() -> None:
    layers = (
        "globalavgpool as mean",
        "{add: [], from: mean+input, as: all}",
        "{concat: [], from: input+all, as: near_all}",
        "{concat: [], from: all+input, as: all_near}",
    )
    both = last(network("9x9x6", *layers, "{mul: [], from: near_all+near_all}"))
    assert [axis.path for axis in both] == ["main", "main"]
    either = last(network("9x9x6", *layers, "{mul: [], from: near_all+all_near}"))
    assert [axis.path for axis in either] == ["side", "side"]


def test_statistics_of_a_map_of_which_nothing_is_seen_are_no_global_path() -> None:
    """A transposed convolution of stride 3 and kernel 1, of which the positions between the taps are left."""
    seeing = last(network("6x6x4", "adaptiveavgpool size=2x2", "deconv f=2x1 s=3 d=2", "gn g=2"))
    assert [axis.path for axis in seeing] == ["side", "side"]
    blind = last(network("6x6x4", "adaptiveavgpool size=2x2", "deconv f=2x1 s=3 p=1 d=2", "gn g=2"))
    assert [axis.path for axis in blind] == ["", ""]


# Tensors that one tensor reads beside its own, and channels that are read in parts


TWO_WIDTHS = "{concat: [[conv f=1 d=1 from=input], [conv f=3 p=1 d=3 from=input]], as: e}"


def test_several_queries_see_a_map_from_everywhere_and_one_collapses_it() -> None:
    several = network("9x4", "learned size=3x4 as q", "attention from=q+input")
    assert [(axis.size, axis.path, axis.collapsed) for axis in last(several)] == [(None, "main", False)]
    for query in ("learned size=1x4 as q", "learned size=4 as q"):
        one = network("9x4", query, "attention from=q+input")
        assert [(axis.size, axis.path, axis.collapsed) for axis in last(one)] == [((9, 9), "", True)]
    # Shown at several positions again it is what they all see.
    shown = network("9x4", "learned size=1x4 as q", "attention from=q+input", "deconv f=3 d=4")
    assert paths(shown) == ["main"]


def test_what_a_unit_sees_of_its_own_leaves_out_the_map_that_it_asks() -> None:
    analysis = network("7x9x2", "conv f=7 d=2 p=0:0 s=7 as q", "attention from=q+input")
    node = len(analysis.graph.nodes) - 1
    assert (sizes(analysis), paths(analysis)) == ([(7, 7)] * 2, ["main"] * 2)
    for everything, seen in ((False, 49), (True, 63)):
        found = support(analysis.fields, node, [(0, 0)], clipped=True, everything=everything)
        assert found.size == seen


def test_heads_written_out_as_batches_see_what_attention_sees() -> None:
    steps = (
        "permute split=10x4x8 order=1x0x2 to=4x10x8 as t",
        "matmul transposed=yes batch=1 from=t+t",
        "softmax",
        "matmul batch=1 from=softmax1+t",
        "permute order=1x0x2 to=10x32",
        "slice channels=3:12",
    )
    written = network("10x3", "conv f=3 p=1 d=32", *steps)
    stated = network("10x3", "conv f=3 p=1 d=32", "attention heads=4 projections=no")
    assert [axis[:6] for axis in last(written)] == [axis[:6] for axis in last(stated)]
    assert [(axis.size, axis.status) for axis in last(written)] == [((3, 3), "global")]
    # 4 heads of 10 queries on 10 keys, 8 channels of each, and as many of the values.
    assert sum(layer.macs or 0 for layer in written.layers[1:]) == stated.layers[-1].macs == 4 * 100 * 16


def test_batches_that_are_windows_of_an_axis_are_not_followed_and_say_so() -> None:
    apart = "permute split=3x4x6 order=0x1x2 to=3x4x6 as t"
    analysis = network("12x6", "conv f=3 p=1 d=6", apart, "matmul transposed=yes batch=1 from=t+t")
    assert [axis.status for axis in last(analysis)] == ["unknown"]
    assert "its operands run along different axes" in analysis.warnings[0].message


def test_heads_over_two_tensors_keep_to_their_channels() -> None:
    attention = "attention projections=no from=e+e heads="
    for heads, channels, size in (
        (4, "0:1", (1, 1)),
        (2, "2:3", (3, 3)),
        (2, "0:1", (3, 3)),
        (1, "0:1", (3, 3)),
    ):
        analysis = network("8x4", TWO_WIDTHS, f"{attention}{heads}", f"slice channels={channels}")
        assert [(axis.size, axis.status) for axis in last(analysis)] == [(size, "global")], (heads, channels)


@pytest.mark.parametrize(
    "product", ["matmul transposed=yes from=a+e", "matmul from=a+e", "lstm d=3 bidirectional=yes from=e"]
)
def test_some_of_the_columns_of_a_product_or_of_two_directions_are_not_told(product: str) -> None:
    layers = ("conv f=1 d=4 as a", TWO_WIDTHS, product)
    assert paths(network("4x4", *layers)) == ["main"]
    assert last(network("4x4", *layers, "conv f=1 d=2"))[0].status == "global"
    assert last(network("4x4", *layers, "slice channels=0:1"))[0].status == "unknown"


def test_of_two_layers_in_two_directions_each_channel_sees_everything() -> None:
    layers = ("gru d=3 bidirectional=yes layers=2", "slice channels=0:1")
    assert [(axis.path, axis.size) for axis in last(network("6x4", *layers))] == [("main", (1, 1))]


def test_some_of_the_channels_that_the_data_moves_are_moved_too() -> None:
    deformed = (
        "conv f=3 p=1 d=18 as o",
        "conv f=1 d=4 from=input as a",
        "deformconv f=3 p=1 d=4 g=2 from=a+o",
    )
    for layers in (deformed, (*deformed, "slice channels=0:1"), (*deformed, "conv f=1 d=2")):
        assert {axis.status for axis in last(network("8x8x4", *layers))} == {"data-dependent"}
    beside = network("8x8x4", *deformed, "{concat: [], from: input+deformconv1}", "slice channels=0:4")
    assert {axis.status for axis in last(beside)} == {"exact"}


def test_where_a_region_lies_is_unknown_whatever_became_of_the_axes() -> None:
    for layers in ((), ("permute order=1x0",), ("globalavgpool",)):
        assert last(network("12x3", *layers, "roipool count=3 size=2"))[0].status == "unknown"


def test_what_is_not_known_of_one_position_is_not_known_of_several_either() -> None:
    for pooled in ("fc d=3", "globalavgpool"):
        spread = last(network("12x3", "roipool count=3 size=2 as regions", pooled, "upsample like=regions"))
        assert [(axis.path, axis.status) for axis in spread] == [("main", "global")]
    (along,) = last(network("12x3", "globalavgpool", "roipool count=3 size=2", "in"))
    assert along.status == "unknown"
    # Of two directions the channels lie side by side in the vector, which another size takes apart.
    both = ("gru d=2 bidirectional=yes as a", "{concat: [], from: a+input}", "flatten", "reshape to=5x8")
    assert last(network("5x4", *both))[0].status == "unknown"


def test_learned_positions_before_a_map_move_it_and_a_map_before_a_map_is_not_told() -> None:
    registers = network("8x4", "learned size=3x4 as r", "{tensors: [], from: r+input}", "concat axis=0")
    assert [(axis.size, axis.padding, axis.status) for axis in last(registers)] == [((1, 1), 3, "exact")]
    maps = "{tensors: [[conv f=3x1 p=1x0 d=4], []]}"
    along, across = last(network("8x6x4", maps, "concat axis=0"))
    # Along the other axis both see the same.
    assert (along.status, across.status, across.size) == ("unknown", "exact", (1, 1))
    across, along = last(network("8x6x4", maps, "concat axis=1"))
    assert (along.status, across.status) == ("unknown", "unknown")


def test_positions_that_are_listed_are_not_followed_through_a_part_of_their_axis() -> None:
    parts = ("reshape to=5x2x4", "reshape to=10x4")
    assert last(network("12x4", UNEQUAL, *parts))[0].status == "per-position"
    assert last(network("12x4", UNEQUAL, parts[0], "conv f=1x3 p=0x1 d=4"))[0].status == "unknown"


def test_a_global_path_times_what_channels_hold_apart_is_not_called_main() -> None:
    moved = ("permute order=1x0 as p", "attention from=input", "upsample like=p", "conv f=3 p=1 d=12 as a")
    assert last(network("12x2", *moved))[0].path == "main"
    assert last(network("12x2", *moved, "{mul: [], from: a+p}"))[0].status == "unknown"


def test_a_token_that_sees_the_input_stands_beside_a_map_as_another_map_does() -> None:
    for token, status in (("learned size=1x4", "exact"), ("adaptiveavgpool size=1", "unknown")):
        layers = (f"{token} as token", "{tensors: [], from: token+input}", "concat axis=0")
        assert last(network("9x4", *layers))[0].status == status


def test_every_group_of_a_deformable_convolution_reads_all_offsets() -> None:
    layers = ("concat: [[], [], []]", "conv f=3 p=1 d=2 from=input as offsets")
    analysis = network(
        "12x9x4", *layers, "deformconv f=1 d=6 g=3 from=concat1+offsets", "permute order=2x1x0"
    )
    seen = support(analysis.fields, len(analysis.graph.nodes) - 1, [(0, 0)], clipped=True, everything=True)
    assert seen.size == 12 * 2


def test_a_product_of_what_is_collapsed_and_what_is_spread_of_it_is_a_main_path() -> None:
    """Nobody sees a part alone.  An axis of one position has no path of its own."""
    layers = ("globalavgpool as mean", "permute order=2x1x3x0 from=mean as turned")
    spread = last(network("5x1x5x2", *layers, "{mul: [], from: mean+turned}"))
    assert [axis.path for axis in spread] == ["main", "", "main"]


def test_an_axis_of_two_put_together_has_a_stride_only_along_whole_rows() -> None:
    """Units 0, 1, 2 of 4x3 positions in a row stand at 0x0, 0x1, 0x2, and unit 3 at 1x0."""
    apart = last(network("4x3x2", "conv f=1 d=2"))
    assert [axis.stride for axis in apart] == [1, 1]
    together = last(network("4x3x2", "reshape to=12x2"))
    assert [axis.stride for axis in together] == [None, None]


def test_what_is_collapsed_and_flattened_has_no_axis_to_run_along() -> None:
    layers = ("pixelunshuffle factor=2", "reducesum over=0 as sum", "flatten as flat")
    (axis,) = last(network("10x2", *layers))
    assert (axis.size, axis.collapsed) == ((10, 10), True)
    (beside,) = last(network("10x2", *layers, "{mul: [], from: sum+flat}"))
    assert beside.status == "unknown"


def test_positions_that_channels_lead_are_not_told_behind_what_sees_them_whole() -> None:
    """Row 2·i + c is channel i at c: both are seen of each channel, all rows where channels are mixed."""
    moved = ("pixelunshuffle factor=2", "permute order=1x0")
    assert last(network("8x1", *moved, "conv f=1 d=4"))[0].status == "exact"
    assert last(network("8x1", "pixelunshuffle factor=2", "in"))[0].path == "side"
    assert last(network("8x1", *moved, "in"))[0].status == "unknown"


def test_past_the_end_of_a_map_it_is_not_told_what_sees_a_part_of_an_axis_whole() -> None:
    """Row 4·i + k is unit i, half k; inside the map a unit sees the other half as well, outside itself."""
    tokens = ("reshape to=2x8x4", "attention", "reshape to=64x1")
    for inside in ((), ("relu",), ("globalavgpool",)):
        assert last(network("8x8x1", *tokens, *inside))[0].status == "global"
    assert last(network("8x8x1", *tokens, "conv f=3 p=1 d=1"))[0].status == "unknown"


def test_channels_that_positions_became_pass_a_padding_with_their_axis_of_another_length() -> None:
    layers = ("adaptiveavgpool size=8x4", "pixelunshuffle factor=2", "dwconv f=1 p=0:1 as padded")
    plain = last(network("9x5x1", *layers))
    scaled = last(network("9x5x1", *layers, "learned size=1x1x4 as gain", "{mul: [], from: padded+gain}"))
    assert [axis.stride for axis in scaled] == [axis.stride for axis in plain] == [(9, 4), (5, 2)]
