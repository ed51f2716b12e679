"""Receptive fields of hostile networks: what is given up past each limit, in bounded time and memory."""

from __future__ import annotations

import tracemalloc

import pytest
from effort import lines_run
from field_graphs import Net, field, messages, seen_ends

from rfcalc.analysis.fields.receptive_field import receptive_fields
from rfcalc.ops.axis_maps import Repeat, Resample, Window


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
        low, high = seen_ends(net.graph(), 4, unit)
        assert low <= min(expected)
        assert max(expected) <= high


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
    low, high = seen_ends(net.graph(), 4, 50)
    assert low <= 47
    assert high >= 51
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
@pytest.mark.slow
def test_no_description_takes_long(hostile: object) -> None:
    assert callable(hostile)
    graph = hostile().graph()
    lines_run(lambda: receptive_fields(graph), limit=5 * 10**7)


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


def test_the_cost_of_a_chain_is_linear_in_its_length() -> None:
    def cost(layers: int) -> int:
        net = Net(1000)
        for _ in range(layers):
            before = len(net.nodes) - 1
            net.conv(3, 1, 1)
            net.join(before, before + 1)
        graph = net.graph()
        return lines_run(lambda: receptive_fields(graph))[1]

    assert cost(4000) < 4.5 * cost(1000)
