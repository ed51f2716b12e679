"""Receptive fields of layers: published figures, joins, collapsed and global axes, statuses, limits."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from field_graphs import Net
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.analysis.receptive_field import AxisField, FieldAnalysis, Status, receptive_fields, unit_support
from rfcalc.ops.reads import (
    IDENTITY,
    Along,
    Collapsed,
    Everything,
    Repeat,
    Resample,
    Tile,
    Transposed,
    Window,
)
from rfcalc.symbolic import Polynomial


def analysis(net: Net, *outputs: int) -> FieldAnalysis:
    return receptive_fields(net.graph(*outputs))


def fields(net: Net, node: int = -1, source: int = 0) -> tuple[AxisField, ...]:
    axes = analysis(net).nodes[node].inputs[source]
    assert axes is not None
    return axes


def field(net: Net, node: int = -1, axis: int = 0) -> AxisField:
    return fields(net, node)[axis]


def messages(net: Net) -> list[str]:
    return [diagnostic.message for diagnostic in analysis(net).diagnostics]


# Chains


@given(
    st.lists(
        st.tuples(st.integers(1, 7), st.integers(1, 3), st.integers(0, 3), st.integers(1, 3)), max_size=8
    )
)
def test_a_chain_follows_the_textbook_recurrence(chain: list[tuple[int, int, int, int]]) -> None:
    net = Net(100_000)
    size, stride, padding = 1, 1, 0
    for kernel, step, before, dilation in chain:
        # r = 1 + Σ (f - 1) Π s, with dilation r (f - 1); padding adds up in input positions.
        size += dilation * (kernel - 1) * stride
        padding += before * stride
        stride *= step
        net.conv(kernel, step, before, dilation)
    axis = field(net)
    assert (axis.size, axis.stride, axis.padding) == ((size, size), stride, padding)
    assert axis.centre == (size - 1) / 2 - padding
    assert axis.status == Status.EXACT


def alexnet() -> Net:
    net = Net(227, 227)
    net.conv(11, 4)
    net.conv(3, 2)
    net.conv(5, 1, 2)
    net.conv(3, 2)
    for _ in range(3):
        net.conv(3, 1, 1)
    net.conv(3, 2, name="pool5")
    return net


def vgg16() -> Net:
    net = Net(224, 224)
    for convolutions in (2, 2, 3, 3, 3):
        for _ in range(convolutions):
            net.conv(3, 1, 1)
            net.relu()
        net.conv(2, 2)
    return net


def test_alexnet_sees_195_pixels_at_pool5_and_355_at_fc6() -> None:
    net = alexnet()
    assert field(net).size == (195, 195)
    net.collapse()
    assert field(net).size == (355, 355)


def test_vgg16_sees_212_pixels_at_pool5_and_404_at_fc6() -> None:
    net = vgg16()
    pool5 = field(net)
    assert (pool5.size, pool5.stride, pool5.padding) == ((212, 212), 32, 90)
    net.collapse()
    fc6 = field(net)
    # 212 + 6 · 32, padding included.
    assert (fc6.size, fc6.stride, fc6.padding, fc6.collapsed) == ((404, 404), None, 90, True)


def test_the_context_module_sees_67_positions() -> None:
    net = Net(64, 64)
    for dilation in (1, 1, 2, 4, 8, 16, 1):
        net.conv(3, 1, dilation, dilation)
    net.conv(1)
    axis = field(net)
    assert (axis.size, axis.stride, axis.padding, axis.holes) == ((67, 67), 1, 33, (0, 0))


def test_equal_dilations_leave_holes() -> None:
    # Three windows of taps -2, 0, 2 see the even positions from -6 to 6.
    net = Net(40)
    for _ in range(3):
        net.conv(3, 1, 2, 2)
    assert (field(net).size, field(net).holes) == ((13, 13), (6, 6))


def test_a_stride_longer_than_the_kernel_leaves_holes_further_on() -> None:
    # Windows of 2 at stride 3, twice: positions 0, 1, 3, 4.
    net = Net(41)
    net.conv(2, 3)
    net.conv(2, 3)
    seen = unit_support(net.graph(), 2, 0)
    assert seen is not None
    assert list(seen.positions()) == [0, 1, 3, 4]
    assert field(net).holes == (1, 1)


def test_each_axis_has_its_own_field() -> None:
    net = Net(17, 17)
    net.conv((1, 7), padding=(0, 3))
    net.conv((7, 1), padding=(3, 0))
    net.conv((3, 1), stride=(2, 1))
    assert [axis.size for axis in fields(net)] == [(9, 9), (7, 7)]
    assert [axis.stride for axis in fields(net)] == [2, 1]


# Phases


def test_a_unet_of_depth_4_sees_188_to_204_pixels_by_phase() -> None:
    net = Net(572, 572)
    skips = []
    for _ in range(4):
        net.conv(3)
        net.conv(3)
        skips.append(len(net.nodes) - 1)
        net.conv(2, 2)
    net.conv(3)
    net.conv(3)
    for skip in reversed(skips):
        up = net.deconv(2, 2)
        (size, _), (whole, _) = net.axes(up), net.axes(skip)
        assert isinstance(size, int)
        assert isinstance(whole, int)
        crop = net.crop((whole - size) // 2, size, of=skip)
        net.join(crop, up, channels="stack")
        net.conv(3)
        net.conv(3)
    net.conv(1)
    axis = field(net)
    assert (axis.size, axis.stride, axis.phases) == ((188, 204), 1, 16)
    assert messages(net) == []


def test_downsampling_undoes_upsampling() -> None:
    net = Net(12)
    net.along(Repeat(2), axes=(24,))
    net.conv(2, 2)
    axis = field(net)
    assert (axis.size, axis.stride, axis.phases) == ((1, 1), 1, 1)


def test_a_fractional_stride_is_a_pair_in_lowest_terms() -> None:
    net = Net(12)
    net.deconv(4, 2, 1)
    net.deconv(4, 2, 1)
    net.conv(3, 1, 1)
    assert field(net).stride == (1, 4)


def test_a_wider_branch_beside_windows_leaves_one_phase() -> None:
    # Tiles 0-1 lie within what a window of 5 sees of either of their positions.
    net = Net(12)
    net.along(Tile(2), axes=(12,))
    assert field(net).sizes == (2, 2)
    net.conv(5, 1, 2, of=0)
    net.join(1, 2)
    assert (field(net).size, field(net).stride, field(net).phases) == ((5, 5), 1, 1)


def test_axes_that_are_read_differently_are_not_taken_for_each_other() -> None:
    # Two records of one number each: the operand is repeated along the height, and tiled along the width.
    net = Net(4, 4)
    net.along(Repeat(2), Tile(2), axes=(8, 4))
    assert [(axis.sizes, axis.stride) for axis in fields(net)] == [((1, 1), (1, 2)), ((2, 2), 1)]


def test_a_transposed_kernel_shorter_than_its_stride_leaves_positions_that_see_nothing() -> None:
    net = Net(9, 9)
    net.deconv(2, 3)
    axis = field(net)
    assert (axis.size, axis.sizes, axis.offsets) == ((0, 1), (1, 1, 0), (0, 0, None))
    assert messages(net) == ["1 of every 3 positions of layer1 sees nothing of the input"]
    # A layer that reads the gaps is not blamed for them.
    net.conv(1, 1, 1)
    net.conv(3, 1, 0)
    assert len(messages(net)) == 1
    assert field(net).sizes == (1, 1, 2)


def test_a_layer_that_reads_only_the_gaps_sees_nothing() -> None:
    net = Net(9)
    net.deconv(1, 2)
    net.along(Window(1, 2, -1), axes=(8,))
    axis = field(net)
    assert (axis.size, axis.sizes, axis.padding, axis.centre) == ((0, 0), (0,), None, None)


# Joins


def test_aligned_branches_join_without_a_word() -> None:
    net = Net(32, 32)
    net.conv(3, 2, 1)
    net.conv(3, 1, 1)
    shortcut = net.conv(1, 2, 0, of=0)
    net.join(2, shortcut)
    assert messages(net) == []
    assert not analysis(net).nodes[-1].misaligned
    assert field(net).size == (7, 7)


def test_an_upsampled_branch_beside_the_map_it_came_from_is_aligned() -> None:
    net = Net(32, 32)
    net.conv(2, 2)
    up = net.along(Repeat(2), Repeat(2), axes=(32, 32))
    net.join(0, up)
    assert messages(net) == []


def test_off_centre_branches_are_a_warning_that_names_both_centres() -> None:
    net = Net(32, 32)
    net.conv((2, 3), 2, (0, 1), name="even")
    net.conv(3, 2, 1, of=0, name="odd")
    net.join(1, 2, name="sum")
    net.relu()
    result = analysis(net)
    (warning,) = result.diagnostics
    assert warning.severity == "warning"
    assert warning.message == (
        "the branches that meet in sum are off-centre to each other along the height: "
        "centred at input positions 0.5 (even) and 0 (odd)"
    )
    assert warning.position == net.nodes[3].position
    assert [related.position for related in warning.related] == [net.nodes[1].position, net.nodes[2].position]
    assert [node.misaligned for node in result.nodes] == [False, False, False, True, False]
    assert field(net, 3).size == (3, 3)


def test_many_findings_of_a_kind_are_counted() -> None:
    net = Net(10**6)
    for _ in range(30):
        before = len(net.nodes) - 1
        net.along(Window(2), axes=(10**6,))
        net.join(before, len(net.nodes) - 1)
    assert len(messages(net)) == 6
    assert messages(net)[-1] == "25 more off-centre joins"


def different_rates() -> Net:
    net = Net(33)
    net.conv(3, 1, 1, name="stem")
    net.conv(3, 2, 1, name="a1")
    net.conv(3, 2, 1, name="a2")
    net.conv(3, 1, 1, of=1, name="b1")
    net.conv(5, 3, 1, name="b2")
    left, right = net.crop(0, 9, of=3), net.crop(0, 9, of=5)
    net.join(left, right, name="sum")
    return net


def test_branches_of_different_rates_are_listed_position_by_position() -> None:
    net = different_rates()
    axis = field(net)
    assert (axis.status, axis.stride, axis.holes, axis.phases) == ("per-position", None, None, 9)
    # Unit o sees 4o - 4 … 4o + 4 on the left, and 3o - 3 … 3o + 5 on the right.
    starts = [min(4 * o - 4, 3 * o - 3) for o in range(9)]
    ends = [max(4 * o + 4, 3 * o + 5) for o in range(9)]
    assert axis.offsets == tuple(starts)
    assert axis.sizes == tuple(end - start + 1 for start, end in zip(starts, ends, strict=True))
    assert axis.size == (9, 16)
    assert (axis.padding, axis.centre) == (4, 0.5)


def test_a_warning_names_the_paths_and_the_layers_that_made_the_rates_differ() -> None:
    (warning,) = analysis(different_rates()).diagnostics
    assert warning.message == (
        "the branches that meet in sum advance at different rates since stem, in positions of the input "
        "per unit: layer6 by 4 (a1: stride 2, a2: stride 2) and layer7 by 3 (b2: stride 3)"
    )
    assert [related.message for related in warning.related] == ["advances by 4", "advances by 3"]


def test_a_branch_without_a_stride_of_its_own_is_said_to_have_none() -> None:
    net = Net(16)
    net.conv(1, 2, name="down")
    net.join(net.crop(0, 8, of=0), 1, name="sum")
    assert messages(net)[0].endswith("layer2 by 1 (no layer changes the rate) and down by 2 (down: stride 2)")


def test_what_follows_a_join_of_different_rates_stays_per_position_and_is_not_warned_of_again() -> None:
    net = different_rates()
    net.join(net.crop(0, 9, of=1), 8)
    net.conv(3, 2, 1)
    axis = field(net)
    # Units -1, 0, 1: the first lies outside the map.
    assert (axis.status, axis.phases, axis.offsets[0]) == ("per-position", 5, -4)
    net.collapse()
    assert (field(net).status, field(net).collapsed, field(net).stride) == ("per-position", True, None)
    assert len(messages(net)) == 1


def test_the_list_of_positions_has_the_length_of_each_axis() -> None:
    net = Net(16, 24)
    net.conv(1, 2)
    net.layer(((Along(0, IDENTITY), Along(1, IDENTITY)),) * 2, (8, 8), of=(0, 1), channels="each", name="sum")
    net.along(Window(3, 1, 1), Window(3, 1, 0), axes=(8, 6))
    net.along(Window(3, 1, 1), Window(3, 1, 1), axes=(8, 6))
    assert [axis.phases for axis in fields(net)] == [8, 6]


def test_different_rates_on_a_map_of_symbolic_size_have_no_known_field() -> None:
    symbol = Polynomial.symbol("H")
    net = Net(symbol)
    net.along(Window(1, 2), axes=(symbol,))
    net.layer(((Along(0, IDENTITY),), (Along(0, IDENTITY),)), (symbol,), of=(0, 1), channels="each")
    assert (field(net).size, field(net).status) == (None, "unknown")
    assert "symbolic size" in messages(net)[-1]


def test_operands_along_different_axes_have_no_known_field() -> None:
    net = Net(8, 8)
    turned = net.layer(((Along(1, IDENTITY), Along(0, IDENTITY)),), (8, 8))
    net.join(0, turned)
    assert [axis.status for axis in fields(net)] == ["unknown", "unknown"]
    assert messages(net) == [
        "the receptive field is unknown from layer2 on: its operands run along different axes"
    ]


def test_exchanged_axes_carry_their_fields_with_them() -> None:
    net = Net(16, 16)
    net.layer(((Along(1, IDENTITY), Along(0, IDENTITY)),), (16, 16))
    net.conv((3, 1))
    # The kernel is tall, and the height is the width of the input.
    assert [axis.size for axis in fields(net)] == [(1, 1), (3, 3)]


# Collapsed and global axes


def test_layers_behind_a_collapsed_axis_see_what_it_saw() -> None:
    net = vgg16()
    net.collapse()
    net.conv(1)
    net.relu()
    net.conv(3, 1, 1)
    assert (field(net).size, field(net).stride, field(net).collapsed) == ((404, 404), None, True)


def test_collapsed_operands_join_by_union() -> None:
    net = Net(8)
    wide = net.conv(5, 1, 2)
    first = net.collapse(of=0)
    second = net.collapse(of=wide)
    net.join(first, second)
    axis = field(net)
    # 8 positions, and two more on either side.
    assert (axis.size, axis.collapsed, axis.status) == ((12, 12), True, "exact")


def test_a_window_over_a_strided_map_has_holes() -> None:
    net = Net(16)
    net.conv(1, 4)
    net.collapse()
    assert (field(net).size, field(net).holes) == ((13, 13), (9, 9))


def test_a_gate_makes_the_strict_field_everything_and_leaves_the_local_one() -> None:
    net = Net(14, 14)
    main = net.conv(3, 1, 1)
    gate = net.collapse()
    net.conv(1)
    net.join(main, gate + 1)
    net.conv(3, 1, 1)
    for node in (-2, -1):
        assert (field(net, node).everything, field(net, node).status) == (True, "global")
    assert (field(net).size, field(net).stride) == ((5, 5), 1)
    assert not field(net, 1).everything


def test_a_gate_that_is_a_plain_vector_is_global_too() -> None:
    net = Net(14, 14)
    net.layer(((Collapsed(), Collapsed()),), ())
    net.layer(((Along(0, IDENTITY), Along(1, IDENTITY)), ()), (14, 14), of=(0, 1), channels="each")
    assert [(axis.size, axis.everything) for axis in fields(net)] == [((1, 1), True)] * 2


@pytest.mark.parametrize("taps", [Transposed(4, 1), Repeat(4), Resample(1, 0, 4, "nearest")])
def test_a_collapsed_map_spread_over_positions_is_everything_and_nothing_is_local(taps: Repeat) -> None:
    net = Net(8)
    net.collapse()
    net.along(taps, axes=(4,))
    net.conv(3, 1, 1)
    axis = field(net)
    assert (axis.size, axis.stride, axis.everything, axis.status) == (None, None, True, "global")
    assert (axis.phases, axis.offsets, axis.holes) == (0, (), None)
    # Beside a local branch only that one is left.
    net.conv(3, 2, 1, of=0)
    net.join(3, 4)
    assert (field(net).size, field(net).status) == ((3, 3), "global")


def test_a_vector_reshaped_to_a_map_is_everything() -> None:
    net = Net(8, 8)
    net.layer(((Collapsed(), Collapsed()),), ())
    net.layer(((),), (4, 4))
    assert [axis.everything for axis in fields(net)] == [True, True]
    assert [axis.size for axis in fields(net)] == [None, None]


def test_normalisation_over_space_keeps_the_local_field() -> None:
    net = Net(32)
    net.conv(5, 2, 2)
    net.layer(((Everything(0, IDENTITY),),), (16,), channels="group")
    net.conv(3, 1, 1)
    assert (field(net).size, field(net).stride, field(net).status) == ((9, 9), 2, "global")


def test_normalisation_of_one_collapsed_position_changes_nothing() -> None:
    net = Net(32)
    net.collapse()
    before = field(net)
    net.layer(((Everything(0, IDENTITY),),), (1,), channels="group")
    assert field(net) == before


def test_an_axis_can_collapse_alone() -> None:
    net = Net(8, 8)
    net.layer(((Along(0, Window(3, 1, 1)), Collapsed(1)),), (8, 1))
    net.conv((3, 1), padding=(1, 0))
    assert [(axis.size, axis.collapsed) for axis in fields(net)] == [((5, 5), False), ((8, 8), True)]


def test_axes_keep_their_own_remarks() -> None:
    net = Net(8, 8)
    net.layer(((Everything(0, IDENTITY), Along(1, IDENTITY)),), (8, 8), channels="group")
    net.conv(3, 1, 1)
    assert [(axis.size, axis.status) for axis in fields(net)] == [((3, 3), "global"), ((3, 3), "exact")]


def test_a_vanished_axis_beside_a_map_along_it_is_global() -> None:
    # The mean over the width, by row, and the mean over the height, by column, added: unit i sees row i
    # and column i.
    net = Net(8, 8)
    rows = net.layer(((Along(0, IDENTITY), Collapsed()),), (8,))
    columns = net.layer(((Collapsed(), Along(0, IDENTITY)),), (8,), of=(0,))
    net.join(rows, columns)
    assert [(axis.size, axis.stride, axis.everything) for axis in fields(net)] == [((1, 1), 1, True)] * 2


def test_a_vanished_axis_is_not_spread_by_the_other_one() -> None:
    net = Net(8, 8)
    net.layer(((Along(0, IDENTITY), Collapsed()),), (8,))
    net.conv(3, 1, 1)
    assert [(axis.size, axis.everything) for axis in fields(net)] == [((3, 3), False), ((8, 8), False)]


def test_a_collapsed_axis_of_symbolic_size_has_no_known_size() -> None:
    symbol = Polynomial.symbol("H")
    net = Net(symbol)
    net.along(Window(3, 1, 1), axes=(symbol,))
    assert field(net).size == (3, 3)
    net.collapse()
    assert (field(net).size, field(net).collapsed, field(net).status) == (None, True, "unknown")
    # Broadcast over positions its field does not matter any more.
    net.layer(((Along(0, IDENTITY),), (Everything(0),)), (symbol,), of=(1, 2), channels="each")
    assert (field(net).size, field(net).status) == ((3, 3), "global")


# Channels


def forked(channels: str) -> Net:
    net = Net(16)
    net.conv(3, 1, 1, of=0)
    net.conv(5, 1, 2, of=0)
    net.join(1, 2, channels=channels)
    return net


def select(net: Net) -> int:
    return net.layer(((Along(0, IDENTITY),),), (16,), channels="select")


def test_taking_some_channels_of_alike_branches_is_exact() -> None:
    net = Net(16)
    net.conv(3, 1, 1, of=0)
    net.conv(3, 1, 1, of=0)
    net.join(1, 2, channels="stack")
    select(net)
    assert field(net).status == "exact"


def test_taking_some_channels_of_a_concatenation_gives_a_bound() -> None:
    net = forked("stack")
    assert (field(net).size, field(net).status) == ((5, 5), "exact")
    net.relu()
    assert field(net).status == "exact"
    select(net)
    net.conv(3, 1, 1)
    assert (field(net).size, field(net).status) == ((7, 7), "bound")
    assert len(messages(net)) == 1
    assert messages(net)[0].startswith("the receptive field is an upper bound from layer5 on: ")


def test_reading_all_channels_makes_them_alike() -> None:
    net = forked("stack")
    net.conv(1)
    select(net)
    assert field(net).status == "exact"


def test_an_element_wise_join_leaves_the_channels_alike() -> None:
    net = forked("each")
    select(net)
    assert field(net).status == "exact"


def test_an_unknown_reading_of_unlike_channels_gives_a_bound() -> None:
    net = forked("stack")
    net.layer(((Along(0, IDENTITY),),), (16,), channels=None)
    assert field(net).status == "bound"


def test_channels_that_were_positions_do_not_see_the_same() -> None:
    net = Net(16)
    net.along(Window(2, 2), axes=(8,), channels="shuffle")
    assert field(net).status == "exact"
    select(net)
    assert (field(net).size, field(net).status) == ((2, 2), "bound")


def test_a_vector_reshaped_back_to_the_map_it_was_is_a_bound() -> None:
    net = Net(8)
    net.layer(((Collapsed(),),), (), channels="shuffle")
    net.layer(((),), (8,), channels="shuffle")
    axis = field(net)
    assert (axis.size, axis.everything, axis.status) == ((8, 8), False, "bound")


# Unknown, data-dependent, several inputs


@pytest.mark.parametrize("reads", [None, ((None,),), ()])
def test_an_operator_that_does_not_say_what_it_reads_makes_the_field_unknown(reads: tuple[()] | None) -> None:
    net = Net(16)
    net.conv(3)
    net.layer(reads, (14,), name="odd")
    net.conv(3)
    axis = field(net)
    assert (axis.size, axis.stride, axis.padding, axis.centre, axis.holes) == (None,) * 5
    assert (axis.status, axis.everything) == ("unknown", False)
    assert messages(net) == [
        "the receptive field is unknown from odd on: it does not say which positions it reads"
    ]


def test_an_unknown_operand_makes_a_join_unknown_but_not_when_it_is_a_gate() -> None:
    net = Net(16)
    net.layer(None, (16,))
    net.join(0, 1)
    assert field(net).status == "unknown"
    gate = net.collapse(of=1)
    net.join(0, gate)
    assert (field(net).size, field(net).status) == ((1, 1), "global")


def test_only_the_axis_that_is_not_stated_is_unknown() -> None:
    net = Net(16, 16)
    net.layer(((Along(0, Window(3)), None),), (14, 14))
    assert [axis.status for axis in fields(net)] == ["exact", "unknown"]
    assert messages(net)[0].startswith("the receptive field is unknown from layer1 on along the width: ")


def test_data_that_moves_the_taps_is_said_to() -> None:
    net = Net(16)
    net.layer(((Along(0, Window(3, 1, 1)),),), (16,), data_dependent=True)
    net.conv(3, 1, 1)
    assert (field(net).size, field(net).status) == ((5, 5), "data-dependent")


def test_data_that_moves_a_single_tap_is_said_to_as_well() -> None:
    net = Net(16)
    net.layer(((Along(0, IDENTITY),),), (16,), data_dependent=True, channels="each")
    assert field(net).status == "data-dependent"


def test_where_nothing_is_local_data_has_nothing_to_move() -> None:
    net = Net(16)
    net.collapse()
    net.along(Repeat(4), axes=(4,))
    net.layer(((Along(0, Window(3, 1, 1)),),), (4,), data_dependent=True)
    assert (field(net).size, field(net).status) == (None, "global")


def test_fields_are_kept_for_each_input_apart() -> None:
    net = Net(16, inputs=2)
    net.conv(3, 1, 1, of=0)
    net.conv(5, 1, 2, of=1)
    assert [axes and axes[0].size for axes in analysis(net).nodes[2].inputs] == [(3, 3), None]
    net.join(2, 3, channels="stack")
    net.conv(3, 1, 1)
    assert [axes and axes[0].size for axes in analysis(net).nodes[-1].inputs] == [(5, 5), (7, 7)]
    # Half the channels see one input, half the other.
    net = Net(16, inputs=2)
    net.join(0, 1, channels="stack")
    select(net)
    assert [axes and axes[0].status for axes in analysis(net).nodes[-1].inputs] == ["bound", "bound"]


def test_asking_for_a_unit_without_a_known_field_is_an_error() -> None:
    net = Net(16)
    net.layer(None, (16,), name="odd")
    with pytest.raises(ValueError, match="odd"):
        unit_support(net.graph(), 1, 0)


# The field of the network


def test_the_field_of_the_network_is_that_of_the_last_layer_before_an_axis_collapses() -> None:
    net = vgg16()
    last = len(net.nodes) - 1
    net.collapse()
    net.relu()
    net.conv(1)
    assert analysis(net).network == last


def test_without_a_collapsed_axis_it_is_that_of_the_output() -> None:
    net = Net(16)
    net.conv(3)
    net.relu()
    assert analysis(net).network == 2
    assert analysis(net, 1).network == 1


@pytest.mark.parametrize("gate_first", [False, True])
def test_gates_are_not_on_the_way_to_the_output(gate_first: bool) -> None:
    net = Net(16)
    main = net.conv(3, 1, 1)
    gate = net.collapse()
    net.join(*((gate, main) if gate_first else (main, gate)))
    last = net.conv(3, 1, 1)
    net.collapse()
    assert analysis(net).network == last


# Limits


def test_sixty_halvings_are_followed_and_seventy_are_unknown() -> None:
    net = Net(1)
    for _ in range(60):
        net.conv(3, 2, 1)
    # 1 + Σ 2 · 2^i = 2^61 - 1.
    assert field(net).size == (2**61 - 1,) * 2
    assert field(net).stride == 2**60
    for _ in range(10):
        net.conv(3, 2, 1, name=f"late{len(net.nodes)}")
    assert (field(net).size, field(net).stride, field(net).status) == (None, None, "unknown")
    assert messages(net) == [
        "the receptive field is unknown from late63 on: it spans more than 2^63 positions of the input"
    ]


def test_past_the_longest_mask_ends_are_exact_and_holes_unknown() -> None:
    net = Net(10**7)
    net.conv(3, 1, 0, 2**20)
    axis = field(net)
    assert (axis.size, axis.holes, axis.status) == ((2**21 + 1,) * 2, None, "exact")


def test_past_the_most_phases_one_outer_interval_is_a_bound() -> None:
    net = Net(97)
    net.along(Resample(97, 0, 211, "nearest"), axes=(211,))
    net.along(Resample(211, 0, 223, "nearest"), axes=(223,))
    assert field(net).status == "exact"
    net.along(Resample(199, 0, 227, "nearest"), axes=(227,))
    net.conv(3, 1, 1)
    axis = field(net)
    assert (axis.status, axis.stride, axis.holes, axis.phases) == ("bound", (97 * 199, 223 * 227), None, 1)
    assert "period is too long" in messages(net)[0]
    # Three neighbours at 0.38 input positions per unit, rounded thrice.
    assert axis.size is not None
    assert 2 <= axis.size[0] <= 6
    for unit in range(300):
        expected = {(o * 199 // 227) * 211 // 223 * 97 // 211 for o in (unit - 1, unit, unit + 1)}
        seen = unit_support(net.graph(), 4, unit)
        assert seen is not None
        assert seen.low <= min(expected)
        assert max(expected) <= seen.high


def test_a_bound_stays_one_through_joins_and_windows_over_the_map() -> None:
    net = Net(97)
    net.along(Repeat(8209), axes=(97 * 8209,))
    net.conv(3, 1, 1)
    net.join(1, 2)
    net.conv(1, 8209)
    axis = field(net)
    assert (axis.status, axis.stride) == ("bound", 1)
    assert axis.offsets[0] is not None
    assert axis.offsets[0] <= -1 < 0 < axis.offsets[0] + axis.sizes[0]
    net.collapse()
    assert (field(net).status, field(net).collapsed) == ("bound", True)
    assert field(net).sizes[0] >= 98


def test_bounds_join_to_the_interval_that_holds_both() -> None:
    net = Net(97)
    net.along(Repeat(8209), axes=(97 * 8209,))
    # 3 and 5 positions to the left, 1 and 0 to the right, in units of 8209.
    left = net.along(Window(5, 8209, 3 * 8209, 8209), axes=(97,), of=1)
    right = net.along(Window(2, 8209, 8209, 2 * 8209), axes=(97,), of=1)
    net.join(right, left)
    seen = unit_support(net.graph(), 4, 50)
    assert seen is not None
    assert seen.low <= 47
    assert seen.high >= 51
    assert field(net).status == "bound"


def test_an_operator_with_a_million_phases_is_not_followed() -> None:
    net = Net(4)
    net.along(Repeat(10**6), axes=(4 * 10**6,))
    assert field(net).status == "unknown"
    assert messages(net)[0].endswith("it has too many phases to follow")


def test_a_map_too_long_to_list_has_no_known_field_behind_different_rates() -> None:
    net = Net(10**6)
    net.conv(1, 2)
    net.join(net.crop(0, 500_000, of=0), 1)
    assert field(net).status == "unknown"
    assert messages(net)[-1].endswith("meet on a map of 500000 positions")


def hostile_masks() -> Net:
    net = Net(10**9)
    for _ in range(3000):
        net.conv(300, 1, 0, 3)
    return net


def hostile_phases() -> Net:
    net = Net(1000)
    for _ in range(300):
        net.along(Resample(1000, 0, 1009, "bilinear"), axes=(1009,))
        net.conv(1009, 1, 504)
    return net


def hostile_lists() -> Net:
    net = Net(60_000)
    net.conv(1, 2)
    net.join(net.crop(0, 30_000, of=0), 1)
    for _ in range(300):
        net.conv(201, 1, 100)
    return net


def hostile_kernel() -> Net:
    net = Net(10**12)
    net.along(Window(10**11, 3, 5, 7), axes=(10**9,))
    net.along(Window(10**11, 3, 5, 7), axes=(10**9,))
    net.collapse()
    return net


@pytest.mark.parametrize("hostile", [hostile_masks, hostile_phases, hostile_lists, hostile_kernel])
def test_no_description_takes_long(hostile: object) -> None:
    assert callable(hostile)
    graph = hostile().graph()
    started = time.perf_counter()
    receptive_fields(graph)
    assert time.perf_counter() - started < 20


def test_the_fields_of_layers_that_nobody_reads_any_more_are_dropped() -> None:
    # Each of these layers has a mask of its own, of 2^19 positions and more: 64 KiB each, 16 MiB in all.
    net = Net(10**9)
    net.conv(2, 1, 0, 2**19)
    for _ in range(250):
        net.conv(2, 1, 0, 2)
    graph = net.graph()
    tracemalloc.start()
    receptive_fields(graph)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_a_long_chain_takes_linear_time() -> None:
    def seconds(layers: int) -> float:
        net = Net(1000)
        for _ in range(layers):
            before = len(net.nodes) - 1
            net.conv(3, 1, 1)
            net.join(before, before + 1)
        graph = net.graph()
        started = time.perf_counter()
        receptive_fields(graph)
        return time.perf_counter() - started

    seconds(100)
    assert seconds(8000) < 40 * seconds(1000)
