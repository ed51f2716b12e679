"""Marks as lines and areas within the unit square of their panel, (0, 0) being its upper left corner.

What lies outside of the scales is cut off here, so that no renderer needs to; what has no place (an infinite
value, 0 on a logarithmic scale) interrupts a line.
"""

from __future__ import annotations

import itertools
from itertools import pairwise
from math import hypot, isfinite
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.render.charts.scales import ScaleSide, side_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rfcalc.report.chart import Curve, Panel, Point

# How little may stand beyond an end and be inside, for what was rounded.
_CLOSE = 1e-9


class Plane(NamedTuple):
    """Both sides of a panel; downwards: the values of y grow from the top."""

    x: ScaleSide
    y: ScaleSide
    downwards: bool

    def place(self, point: Point) -> Point:
        """The place of a point in the unit square; nan where a value has none."""
        return self.x.place(point[0]), self.upright(self.y.place(point[1]))

    def upright(self, place: float) -> float:
        """A place along y from the lowest value as one from the top, and back."""
        return place if self.downwards else 1 - place


def plane_of(panel: Panel) -> Plane:
    """The plane of a panel."""
    return Plane(side_of(panel.x), side_of(panel.y), panel.downwards)


def proportion(panel: Panel) -> float | None:
    """The height of a `square` panel for each unit of its width; None where it may have any."""
    if not panel.square:
        return None
    plane = plane_of(panel)
    return min(max((plane.y.high - plane.y.low) / (plane.x.high - plane.x.low), 0.02), 50.0)


def is_inside(point: Point) -> bool:
    """Whether a point stands in the unit square."""
    return all(-_CLOSE <= place <= 1 + _CLOSE for place in point)


def lines_of(plane: Plane, curve: Curve, columns: int) -> list[list[Point]]:
    """The stretches of a curve that are in its panel.

    columns: how many places there are to be told apart across the panel: of more points in one of these only
    the first, the last, the highest and the lowest remain.
    """
    stretches: list[list[Point]] = []
    for run in _placed(plane, curve):
        thinned = _thinned(run, columns)
        if len(thinned) == 1 and is_inside(thinned[0]):
            stretches.append(thinned)
        for start, end in itertools.pairwise(thinned):
            cut = _cut(start, end)
            if cut is None:
                continue
            if stretches and len(stretches[-1]) > 1 and stretches[-1][-1] == cut[0] == start:
                stretches[-1].append(cut[1])
            else:
                stretches.append(list(cut))
    return stretches


def dots_of(plane: Plane, curve: Curve) -> list[Point]:
    """The points of a curve that stand in its panel."""
    return [point for point in map(plane.place, curve.points) if is_inside(point)]


def area_of(plane: Plane, corners: Iterable[Point]) -> list[Point]:
    """The part of a polygon that is in its panel; none where a corner has no place, or nothing is left."""
    shape = [plane.place(corner) for corner in corners]
    if not all(isfinite(place) for corner in shape for place in corner):
        return []
    # One border after the other cuts off what is beyond it (Sutherland, Hodgman 1974).
    for side in (0, 1):
        for border, sign in ((0.0, 1), (1.0, -1)):
            kept: list[Point] = []
            for before, corner in zip(shape[-1:] + shape, shape, strict=False):
                was, inside = ((end[side] - border) * sign >= -_CLOSE for end in (before, corner))
                if was != inside:
                    kept.append(_crossing(before, corner, side, border))
                if inside:
                    kept.append(corner)
            shape = kept
    return shape


def outline_of(plane: Plane, corners: Sequence[Point], columns: int) -> list[list[Point]]:
    """The stretches of the border of a polygon that are in its panel."""
    from rfcalc.report.chart import Curve

    return lines_of(plane, Curve((*corners, *corners[:1])), columns)


def spaced(runs: Iterable[Sequence[Point]], between: float) -> list[Point]:
    """Points of lines at such distances from each other, the first after half of one.

    At their start, the lines of several networks often meet.
    """
    found: list[Point] = []
    left = between / 2
    for run in runs:
        for start, end in pairwise(run):
            length = hypot(end[0] - start[0], end[1] - start[1])
            while left <= length:
                part = left / length
                found.append((start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])))
                left += between
            left -= length
    return found


def _placed(plane: Plane, curve: Curve) -> Iterator[list[Point]]:
    """The places of the points, as far as they are joined."""
    run: list[Point] = []
    for place in map(plane.place, curve.points):
        if not all(map(isfinite, place)):
            if run:
                yield run
            run = []
            continue
        if run and curve.steps:
            run.append((place[0], run[-1][1]))
        run.append(place)
    if run:
        yield run


def _thinned(run: list[Point], columns: int) -> list[Point]:
    if len(run) <= 4 * columns:
        return run
    kept: list[Point] = []
    group: list[Point] = []
    for point in (*run, (float("inf"), 0.0)):
        if group and (point[0] == float("inf") or int(point[0] * columns) != int(group[0][0] * columns)):
            lowest, highest = min(group, key=_height), max(group, key=_height)
            ends = {0, group.index(lowest), group.index(highest), len(group) - 1}
            kept += [group[number] for number in sorted(ends)]
            group = []
        group.append(point)
    return kept


def _height(point: Point) -> float:
    return point[1]


def _crossing(start: Point, end: Point, side: int, border: float) -> Point:
    part = (border - start[side]) / (end[side] - start[side])
    other = start[1 - side] + part * (end[1 - side] - start[1 - side])
    return (other, border) if side else (border, other)


def _cut(start: Point, end: Point) -> tuple[Point, Point] | None:
    """The part of a segment in the unit square (Liang, Barsky 1984)."""
    first, last = 0.0, 1.0
    for side in (0, 1):
        step = end[side] - start[side]
        for room, towards in ((start[side] + _CLOSE, -step), (1 + _CLOSE - start[side], step)):
            if towards == 0:
                if room < 0:
                    return None
            elif towards < 0:
                first = max(first, room / towards)
            else:
                last = min(last, room / towards)
    if first > last:
        return None
    return _on_the_way(start, end, first), _on_the_way(start, end, last)


def _on_the_way(start: Point, end: Point, part: float) -> Point:
    """A point of a segment, which is in the unit square but for what was rounded."""
    if part in (0, 1):
        x, y = end if part else start
    else:
        x, y = (before + part * (after - before) for before, after in zip(start, end, strict=True))
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
