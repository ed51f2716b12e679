"""The smallest field over all paths, against hand counts and an oracle that walks every path."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import ceil

import pytest
from field_graphs import Net, vgg16
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle import Oracle, Step
from test_receptive_field_oracle import graphs, net_of, rate_of, taps_of

from rfcalc.analysis.fields.smallest import smallest_fields
from rfcalc.library import analyze, load
from rfcalc.ops.axis_maps import Transposed, Window
from rfcalc.ops.reads import Everything


def sizes(net: Net, slot: int = 0) -> list[int | None]:
    return [fields[slot].size if fields[slot] else None for fields in smallest_fields(net.graph())]  # type: ignore[union-attr]  # asked before


def test_on_a_single_path_it_is_the_published_field() -> None:
    assert sizes(vgg16())[-1] == 212


def test_a_shortcut_hands_the_small_field_on() -> None:
    net = Net(32)
    stem = net.conv(3, 1, 1)
    net.conv(3, 1, 1)
    net.conv(3, 1, 1)
    net.join(stem, net.conv(3, 1, 1))
    net.conv(5, 1, 2)
    assert sizes(net)[-2:] == [3, 7]


def test_the_stem_is_all_that_every_path_of_a_residual_network_has_seen() -> None:
    # 7, then 7 + 2 · 2 behind the pooling; identities and 1x1 projections add nothing.
    analysis = analyze(load("resnet18"))
    fields = smallest_fields(analysis.graph)
    assert [field.size for field in fields[analysis.fields.network] if field] == [11, 11]


def test_the_larger_of_two_branches_does_not_count_wherever_it_stands() -> None:
    for order in ((0, 1), (1, 0)):
        net = Net(32)
        branches = net.conv(3, 1, 1, of=0), net.conv(7, 1, 3, of=0)
        net.join(branches[order[0]], branches[order[1]])
        assert sizes(net)[-1] == 3


def test_axes_and_inputs_are_kept_apart() -> None:
    net = Net(32, 32, inputs=2)
    left = net.conv((3, 5), 1, (1, 2), of=0)
    right = net.conv((7, 1), 1, (3, 0), of=1)
    net.join(left, right)
    (fields,) = smallest_fields(net.graph())[-1:]
    assert [field and field.size for field in fields] == [3, 5, 7, 1]
    assert smallest_fields(net.graph())[left][2:] == (None, None)


def test_a_window_over_the_whole_map_sees_what_its_positions_see() -> None:
    net = Net(32)
    net.conv(3, 2, 1)
    net.collapse()
    (field,) = smallest_fields(net.graph())[-1]
    assert field is not None
    assert (field.size, field.stride) == (3 + 15 * 2, 0)


def test_a_gate_that_sees_everything_is_never_the_smallest_path() -> None:
    net = Net(32)
    map_ = net.conv(5, 1, 2)
    gate = net.collapse()
    net.join(map_, gate)
    net.conv(3, 1, 1)
    assert sizes(net)[-2:] == [5, 7]


def test_attention_keeps_the_way_past_it() -> None:
    net = Net(32)
    net.conv(5, 1, 2)
    net.layer(((Everything(0, Window(1)),),), (32,))
    assert sizes(net)[-1] == 5


def test_what_is_not_known_stays_unknown() -> None:
    net = Net(32)
    net.layer(None, (32,))
    net.conv(3, 1, 1)
    assert sizes(net)[1:] == [None, None]


def test_branches_that_advance_at_different_rates_leave_it_unknown() -> None:
    net = Net(32)
    net.join(net.conv(3, 2, 1, of=0), net.crop(0, 16, of=0))
    assert sizes(net)[-1] is None


def test_a_unit_that_sees_nothing_leaves_it_unknown() -> None:
    net = Net(8)
    net.along(Transposed(2, 3), axes=(23,))
    assert sizes(net)[-1] is None


def test_numbers_that_no_tensor_has_are_unknown_and_do_not_grow() -> None:
    net = Net(1)
    for _ in range(3000):
        net.along(Window(3, 2, 1), axes=(1,))
    assert sizes(net)[-1] is None


def paths(steps: list[Step]) -> Iterator[list[Step]]:
    """The same steps with one operand for each join, every choice in turn."""
    for chosen in product(*(step.operands for step in steps)):
        yield [step._replace(operands=(one,)) for step, one in zip(steps, chosen, strict=True)]


def phases(path: list[Step]) -> int:
    """After how many units of the last step all phases of a path have come round, or more."""
    count, index = 1, len(path) - 1
    while index >= 0:
        count *= taps_of(path[index]).period
        index = path[index].operands[0]
    return count


def smallest_span(steps: list[Step]) -> int | None:
    """The smallest span of the last step over all paths and units; None where a unit sees nothing."""
    found = []
    for path in paths(steps):
        oracle = Oracle(path)
        for unit in range(phases(path)):
            seen = oracle.support(len(path) - 1, unit)
            if not seen:
                return None
            found.append(max(seen) - min(seen))
    return min(found)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs())
def test_no_path_and_no_unit_sees_less_than_is_said(steps: list[Step]) -> None:
    assume(all(phases(path) <= 80 for path in paths(steps)))
    (field,) = smallest_fields(net_of(steps).graph())[-1]
    assert field is not None
    if field.span is not None:
        span = smallest_span(steps)
        # Units that see nothing make it unknown.
        assert span is not None
        assert ceil(field.span) <= span


windows = st.tuples(
    st.just("conv"), st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(-2, 3), st.integers(1, 4))
)


@st.composite
def graphs_of_windows(draw: st.DrawFn) -> list[Step]:
    """Windows, and joins of branches that advance at the same rate."""
    steps: list[Step] = []
    rates = {-1: 1}
    length: int = draw(st.integers(1, 7))
    for index in range(length):
        last = index - 1
        peers = [other for other in rates if other != last and rates[other] == rates[last]]
        joins: bool = draw(st.booleans())
        if peers and joins:
            steps.append(Step("join", (last, draw(st.sampled_from(peers)))))
            rates[index] = rates[last]
        else:
            operand = draw(st.sampled_from([last, last, *rates]))
            kind, numbers = draw(windows)
            steps.append(Step(kind, (operand,), numbers))
            rates[index] = rates[operand] * rate_of(steps[-1]).numerator
    return steps


@settings(max_examples=300, deadline=None)
@given(graphs_of_windows())
def test_on_windows_it_is_exactly_the_smallest(steps: list[Step]) -> None:
    (field,) = smallest_fields(net_of(steps).graph())[-1]
    assert field is not None
    assert field.span == smallest_span(steps)


@pytest.mark.parametrize(("scale", "kernel", "size"), [(2, 3, 2), (2, 4, 2), (2, 5, 3), (4, 9, 3)])
def test_behind_repetition_a_window_sees_a_part_of_its_length(scale: int, kernel: int, size: int) -> None:
    # Three positions of a map of twofold copies hold at least two originals, five at least three.
    steps = [Step("shuffle", (-1,), (scale,)), Step("conv", (0,), (kernel, 1, 0, 1))]
    span = smallest_span(steps)
    assert span == size - 1
    (field,) = smallest_fields(net_of(steps).graph())[-1]
    assert field is not None
    assert field.size == size
