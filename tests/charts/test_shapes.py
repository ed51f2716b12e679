"""What is left of marks within their panel."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.render.charts.shapes import area_of, is_inside, lines_of, plane_of, proportion, spaced
from rfcalc.report.chart import Curve, Panel, Scale, box

if TYPE_CHECKING:
    from rfcalc.report.chart import Point

UNIT = plane_of(Panel("", Scale("x", 0, 1), Scale("y", 0, 1), (), downwards=True))
anywhere = st.floats(-4, 5)
points = st.lists(st.tuples(anywhere, anywhere), min_size=1, max_size=12)


def length(runs: list[list[Point]]) -> float:
    return sum(math.dist(start, end) for run in runs for start, end in pairwise(run))


def inside_length(path: list[Point], steps: int = 4_000) -> float:
    """The length of a path within the unit square, by looking at many small parts of it."""
    total = 0.0
    for start, end in pairwise(path):
        parts = [(number + 0.5) / steps for number in range(steps)]
        middles = [
            (start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])) for part in parts
        ]
        total += math.dist(start, end) * sum(0 <= x <= 1 and 0 <= y <= 1 for x, y in middles) / steps
    return total


@given(points)
def test_all_that_is_left_of_a_curve_is_in_its_panel(path: list[Point]) -> None:
    assert all(is_inside(point) for run in lines_of(UNIT, Curve(tuple(path)), 500) for point in run)


@pytest.mark.parametrize(
    "path",
    [
        [(-1, 0.5), (2, 0.5)],
        [(-1, -1), (2, 2)],
        [(0.2, 0.2), (0.8, 3), (-2, 0.4), (0.5, 0.5)],
        [(-1, 2), (2, 1.4)],
        [(0.1, 0.1), (0.9, 0.9)],
        [(3, 3), (0.5, 0.5), (3, 3)],
    ],
)
def test_nothing_of_a_curve_in_its_panel_is_lost(path: list[Point]) -> None:
    assert length(lines_of(UNIT, Curve(tuple(path)), 500)) == pytest.approx(inside_length(path), abs=0.003)


def test_a_curve_that_leaves_its_panel_and_comes_back_is_in_two_stretches() -> None:
    runs = lines_of(UNIT, Curve(((0.2, 0.5), (0.5, 2.0), (0.8, 0.5))), 500)
    assert len(runs) == 2
    assert runs[0][0] == (0.2, 0.5)
    assert runs[1][-1] == (0.8, 0.5)


def test_what_has_no_place_interrupts_a_curve() -> None:
    nan, inf = math.nan, math.inf
    path = ((0.0, 0.0), (0.1, 0.1), (0.2, nan), (0.5, 0.5), (inf, 0.0), (0.8, 0.8), (1.0, 1.0))
    runs = lines_of(UNIT, Curve(path), 500)
    assert runs == [[(0.0, 0.0), (0.1, 0.1)], [(0.5, 0.5)], [(0.8, 0.8), (1.0, 1.0)]]


def test_steps_hold_a_value_until_the_next_point() -> None:
    runs = lines_of(UNIT, Curve(((0.0, 0.2), (0.5, 0.6), (1.0, 0.4)), steps=True), 500)
    assert runs == [[(0.0, 0.2), (0.5, 0.2), (0.5, 0.6), (1.0, 0.6), (1.0, 0.4)]]


def test_of_many_points_the_extremes_of_each_place_remain() -> None:
    path = tuple((number / 20_000, 0.5 + 0.4 * math.sin(number * 7.3)) for number in range(20_000))
    left = [point for run in lines_of(UNIT, Curve(path), 100) for point in run]
    assert len(left) <= 4 * 101
    for column in range(100):
        here = [y for x, y in path if column <= x * 100 < column + 1]
        kept = [y for x, y in left if column <= x * 100 < column + 1]
        assert (max(kept), min(kept)) == (max(here), min(here))


@given(st.tuples(anywhere, anywhere, anywhere, anywhere))
def test_of_a_box_the_part_in_its_panel_is_filled(ends: tuple[float, float, float, float]) -> None:
    left, right = sorted(ends[:2])
    top, bottom = sorted(ends[2:])
    shape = area_of(UNIT, box(left, top, right, bottom))
    assert all(map(is_inside, shape))
    wide = max(0.0, min(right, 1) - max(left, 0))
    high = max(0.0, min(bottom, 1) - max(top, 0))
    # By the shoelace formula.
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(shape, shape[1:] + shape[:1], strict=True)) / 2
    assert abs(area) == pytest.approx(wide * high, abs=1e-6)


def test_a_polygon_with_a_corner_nowhere_is_not_drawn() -> None:
    assert area_of(UNIT, ((0, 0), (1, math.nan), (1, 1))) == []


def test_markers_stand_at_equal_distances_on_a_line() -> None:
    found = spaced([[(0, 0), (10, 0)], [(50, 0), (60, 0), (60, 20)]], 8)
    assert found == [(4, 0), (52, 0), (60, 0), (60, 8), (60, 16)]


def test_a_square_panel_is_as_high_as_its_units_are_many() -> None:
    panel = Panel("", Scale("x", 0, 200), Scale("y", 0, 50), (), square=True)
    assert proportion(panel) == 0.25
    assert proportion(panel._replace(square=False)) is None
