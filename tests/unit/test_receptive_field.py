"""Receptive fields of chains, phases and joins: published figures and hand-counted cases."""

from __future__ import annotations

from field_graphs import Net, analysis, field, fields, messages, seen_positions, vgg16
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.analysis.fields.alignment import off_centre_warnings
from rfcalc.analysis.fields.receptive_field import Status
from rfcalc.ops.axis_maps import IDENTITY, Repeat, Tile, Transposed, Window
from rfcalc.ops.reads import Along
from rfcalc.symbolic.polynomial import Polynomial

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
    assert seen_positions(net.graph(), 2, 0) == {0, 1, 3, 4}
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
    # Two records of one number each: the height is repeated (and cut to 4), the width is tiled.
    net = Net(4, 4)
    net.along(Repeat(2), Tile(2), axes=(4, 4))
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


def test_causal_branches_are_no_warning() -> None:
    net = Net(64)
    net.conv(3, 1, 1)
    for dilation in (1, 2, 4):
        before = len(net.nodes) - 1
        net.along(Window(2, 1, dilation, dilation), axes=(64,))
        net.join(before, before + 1)
    assert messages(net) == []
    assert len(analysis(net).off_centre) == 3


def test_even_and_odd_windows_of_one_stride_are_a_fact_and_no_warning() -> None:
    # Half a position apart, a quarter of the unit in which both advance.
    net = Net(64)
    net.conv(3, 2, 1)
    net.conv(2, 2, 0, of=0)
    net.join(1, 2)
    assert messages(net) == []
    assert analysis(net).nodes[-1].misaligned


def test_branches_that_end_alike_because_both_look_ahead_are_a_warning() -> None:
    net = Net(64)
    net.conv(5, 2, 1)
    net.along(Window(3, 2, -1), axes=(31,), of=0)
    net.join(1, 2)
    (message,) = messages(net)
    assert "off-centre" in message
    assert analysis(net).off_centre[0].ends_agree


def test_an_upsampled_branch_beside_the_map_it_came_from_is_aligned() -> None:
    net = Net(32, 32)
    net.conv(2, 2)
    up = net.along(Repeat(2), Repeat(2), axes=(32, 32))
    net.join(0, up)
    assert messages(net) == []


def test_windows_at_fixed_places_that_are_moved_are_not_off_centre() -> None:
    net = Net(28)
    net.along(Tile(7), axes=(28,))
    moved = net.along(Tile(7, 3), axes=(28,))
    net.join(moved - 1, moved)
    # The mean centre is half a position off: the middle of positions 3 … 9 sees 0 … 13.
    assert field(net, moved).mean_centre != field(net, moved - 1).mean_centre
    assert messages(net) == []


def test_what_shifts_all_units_alike_behind_windows_at_fixed_places_is_off_centre() -> None:
    net = Net(28)
    placed = net.along(Tile(7), axes=(28,))
    net.along(Window(3), axes=(28,))
    net.join(placed, placed + 1)
    assert len(messages(net)) == 1


def test_off_centre_branches_are_a_warning_that_names_both_centres() -> None:
    net = Net(32, 32)
    net.along(Window(4, 2), Window(3, 2, 1), axes=(16, 16), name="even")
    net.conv(3, 2, 1, of=0, name="odd")
    net.join(1, 2, name="sum")
    net.relu()
    result = analysis(net)
    (warning,) = off_centre_warnings(result)
    assert warning.severity == "warning"
    assert warning.message == (
        "the branches that meet in sum are off-centre to each other along the height: "
        "centred at input positions 1.5 (even) and 0 (odd)"
    )
    assert warning.position == net.nodes[3].position
    assert [related.position for related in warning.related] == [net.nodes[1].position, net.nodes[2].position]
    assert [node.misaligned for node in result.nodes] == [False, False, False, True, False]
    assert field(net, 3).size == (5, 5)


def test_many_findings_of_a_kind_are_counted() -> None:
    net = Net(10**6)
    for _ in range(30):
        net.along(Transposed(1, 2), axes=(10**6,), of=0)
    assert len(messages(net)) == 6
    assert messages(net)[-1] == "25 more layers with gaps"


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
    net = Net(16, 16)
    net.conv(1, 2)
    net.layer(((Along(0, IDENTITY), Along(1, IDENTITY)),) * 2, (8, 8), of=(0, 1), channels="each", name="sum")
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
