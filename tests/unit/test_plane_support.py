"""The exact set of positions that units see, in the plane, against hand counts and enumeration."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from field_graphs import Net
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Step, reads
from test_receptive_field_oracle import step_kinds, taps_of

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.plane import PositionSet, support
from rfcalc.analysis.fields.receptive_field import receptive_fields
from rfcalc.ops.axis_maps import Window
from rfcalc.ops.reads import Along, Collapsed, Everything

Place = tuple[int, ...]


def members(found: PositionSet) -> set[Place]:
    offsets: list[list[int]] = np.argwhere(found.seen).tolist()
    return {tuple(low + step for low, step in zip(found.origin, offset, strict=True)) for offset in offsets}


def cross() -> Net:
    net = Net(32, 32)
    net.join(net.conv((1, 7), 1, (0, 3), of=0), net.conv((7, 1), 1, (3, 0), of=0))
    return net


def test_a_single_path_sees_the_whole_box() -> None:
    net = Net(32, 32)
    net.conv((1, 7), 1, (0, 3))
    net.conv((7, 1), 1, (3, 0))
    found = support(receptive_fields(net.graph()), 2, [(9, 9)])
    assert found.box == ((6, 12), (6, 12))
    assert (found.size, found.hull) == (49, 49)


def test_branches_side_by_side_see_a_cross() -> None:
    # 7 + 7 - 1 positions; the hull of a cross of arms 3 is the diamond |y| + |x| <= 3.
    found = support(receptive_fields(cross().graph()), 3, [(9, 9)])
    assert members(found) == {(9, x) for x in range(6, 13)} | {(y, 9) for y in range(6, 13)}
    assert (found.size, found.hull) == (13, 25)


def test_nothing_is_clipped_unless_it_is_asked_for() -> None:
    graph = cross().graph()
    assert support(receptive_fields(graph), 3, [(0, 0)]).box == ((-3, 3), (-3, 3))
    assert members(support(receptive_fields(graph), 3, [(0, 0)], clipped=True)) == {
        (0, x) for x in range(4)
    } | {(y, 0) for y in range(4)}


def test_several_units_see_together_what_each_sees() -> None:
    graph = cross().graph()
    one, two = (members(support(receptive_fields(graph), 3, [unit])) for unit in ((2, 3), (4, 9)))
    assert members(support(receptive_fields(graph), 3, [(2, 3), (4, 9)])) == one | two


def test_an_input_sees_itself_and_a_layer_sees_nothing_of_an_input_it_does_not_read() -> None:
    net = Net(8, 8, inputs=2)
    net.conv(3, 1, 1, of=0)
    assert members(support(receptive_fields(net.graph()), 0, [(2, 5)])) == {(2, 5)}
    nothing = support(receptive_fields(net.graph()), 2, [(2, 5)], source=1)
    assert (nothing.box, nothing.size, nothing.hull) == (None, 0, 0)


def test_a_collapsed_axis_sees_all_positions_of_its_map() -> None:
    net = Net(5, 7)
    net.layer(((Collapsed(0), Along(1, Window(3, 1, 1))),), (1, 7))
    assert support(receptive_fields(net.graph()), 1, [(0, 3)]).box == ((0, 4), (2, 4))


def test_a_global_path_counts_where_it_is_asked_for() -> None:
    net = Net(5, 7)
    net.layer(((Everything(0, Window(1)), Everything(1, Window(1))),), (5, 7))
    assert members(support(receptive_fields(net.graph()), 1, [(2, 3)])) == {(2, 3)}
    assert support(receptive_fields(net.graph()), 1, [(2, 3)], everything=True).size == 35
    gated = Net(5, 7)
    gated.join(0, gated.collapse(of=0))
    assert members(support(receptive_fields(gated.graph()), 2, [(2, 3)])) == {(2, 3)}
    assert support(receptive_fields(gated.graph()), 2, [(2, 3)], everything=True).size == 35


def test_axes_that_change_places_are_followed() -> None:
    net = Net(5, 7)
    net.layer(((Along(1, Window(3, 1, 1)), Along(0, Window(1))),), (7, 5))
    assert members(support(receptive_fields(net.graph()), 1, [(6, 2)])) == {(1, 6), (2, 6), (3, 6)}
    assert members(support(receptive_fields(net.graph()), 1, [(5, 2), (6, 2)])) == set(
        product((1, 2, 3), (5, 6))
    )


def test_what_is_not_known_is_said() -> None:
    net = Net(8)
    net.layer(None, (8,))
    with pytest.raises(OutOfReachError, match="does not say"):
        support(receptive_fields(net.graph()), 1, [(0,)])


def test_sets_past_the_limits_are_refused_in_time() -> None:
    wide = Net(2**40)
    wide.along(Window(2**39), axes=(2**39,))
    with pytest.raises(OutOfReachError, match="more than"):
        support(receptive_fields(wide.graph()), 1, [(0,)])
    deep = Net(4, 4)
    for _ in range(300):
        deep.conv(3, 1, 1)
    deep.conv(1999, 1, 999)
    for _ in range(300):
        deep.conv(3, 1, 1)
    with pytest.raises(OutOfReachError, match="too long|more than"):
        support(receptive_fields(deep.graph()), 601, [(0, 0)])
    with pytest.raises(OutOfReachError, match="units span"):
        support(receptive_fields(Net(8).graph()), 0, [(0,), (2**40,)])


class PlaneStep(NamedTuple):
    """One operator in the plane: one step per axis, of the same operands."""

    axes: tuple[Step, Step]

    @property
    def operands(self) -> tuple[int, ...]:
        return self.axes[0].operands


def enumerated(steps: list[PlaneStep], step: int, unit: Place) -> frozenset[Place]:
    """What a unit sees, position by position."""

    @cache
    def seen(index: int, place: Place) -> frozenset[Place]:
        if index < 0:
            return frozenset({place})
        found: set[Place] = set()
        for where in product(*(reads(s, p) for s, p in zip(steps[index].axes, place, strict=True))):
            for operand in steps[index].operands:
                found |= seen(operand, where)
        return frozenset(found)

    return seen(step, unit)


@st.composite
def planes(draw: st.DrawFn) -> list[PlaneStep]:
    steps: list[PlaneStep] = []
    length: int = draw(st.integers(1, 5))
    for index in range(length):
        operand: int = draw(st.integers(max(-1, index - 3), index - 1))
        if index > 1 and draw(st.sampled_from([True, False, False])):
            both = tuple(draw(st.sets(st.integers(-1, index - 1), min_size=2, max_size=3)))
            steps.append(PlaneStep((Step("join", both), Step("join", both))))
        else:
            (one, numbers), (two, others) = draw(step_kinds), draw(step_kinds)
            steps.append(PlaneStep((Step(one, (operand,), numbers), Step(two, (operand,), others))))
    return steps


@settings(max_examples=150, deadline=None)
@given(planes(), st.tuples(st.integers(-9, 20), st.integers(-9, 20)))
def test_the_set_is_that_of_the_enumerated_positions(steps: list[PlaneStep], unit: Place) -> None:
    net = Net(1000, 1000)
    for step in steps:
        each = tuple(Along(axis, taps_of(one)) for axis, one in enumerate(step.axes))
        net.layer((each,) * len(step.operands), (1000, 1000), of=tuple(o + 1 for o in step.operands))
    found = support(receptive_fields(net.graph()), len(steps), [unit])
    expected = enumerated(steps, len(steps) - 1, unit)
    assert members(found) == expected
    assert found.size == len(expected)


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=12))
def test_the_hull_holds_the_positions_that_no_line_parts_from_the_set(places: set[Place]) -> None:
    found = support(receptive_fields(Net(8, 8).graph()), 0, list(places))
    inside = [place for place in product(range(8), range(8)) if in_hull(place, places)]
    assert found.hull == len(inside)


def in_hull(place: Place, places: set[Place]) -> bool:
    """Carathéodory: a point of the hull lies in a triangle of the set, perhaps a flat one."""
    return any(in_triangle(place, corners) for corners in product(sorted(places), repeat=3))


def in_triangle(place: Place, corners: tuple[Place, ...]) -> bool:
    a, b, c = corners
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    if area == 0:
        return any(on_segment(place, one, two) for one, two in ((a, b), (b, c), (a, c)))
    u = Fraction((place[0] - a[0]) * (c[1] - a[1]) - (place[1] - a[1]) * (c[0] - a[0]), area)
    v = Fraction((b[0] - a[0]) * (place[1] - a[1]) - (b[1] - a[1]) * (place[0] - a[0]), area)
    return u >= 0 and v >= 0 and u + v <= 1


def on_segment(place: Place, one: Place, two: Place) -> bool:
    straight = (two[0] - one[0]) * (place[1] - one[1]) == (two[1] - one[1]) * (place[0] - one[0])
    return straight and all(min(a, b) <= p <= max(a, b) for p, a, b in zip(place, one, two, strict=True))
