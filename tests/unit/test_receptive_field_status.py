"""Receptive fields that need a remark: collapsed, global, bounds, unknown; and the field of the network."""

from __future__ import annotations

import pytest
from field_graphs import Net, analysis, field, fields, messages, vgg16

from rfcalc import analyze, read_text
from rfcalc.analysis.fields.figures import Status
from rfcalc.ops.axis_maps import IDENTITY, Repeat, Resample, Transposed, Window
from rfcalc.ops.reads import Along, Collapsed, Everything
from rfcalc.symbolic.polynomial import Polynomial

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


def test_what_is_listed_by_position_is_listed_as_far_as_each_axis_of_the_map_goes() -> None:
    # Along both axes the same two fields meet, of rate 2 and 1, on a map of 4x6 positions.
    text = "input: 8x12x4\nlayers: [{add: [[maxpool f=2 s=2], [crop p=0:4x0:6]]}]\n"
    (axes,) = analyze(read_text(text)).layers[-1].field.inputs
    assert axes is not None
    assert [axis.status for axis in axes] == [Status.PER_POSITION] * 2
    # Unit i sees from i to 2i + 1.
    assert [axis.sizes for axis in axes] == [(2, 3, 4, 5), (2, 3, 4, 5, 6, 7)]
