"""How the edges of a diagram go: down, across between two ranks, down beside boxes, and into the next box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappush, heapreplace
from typing import Literal

from rfcalc.records import NamedTuple
from rfcalc.render.diagrams.placing import DiagramMeasures, Placed

# Which end of edges shares a way across, and the number of that box.
Bus = tuple[Literal["leaving", "entering"], int]
# The rank above the gap where an edge goes across, and its way there.
Turn = tuple[int, Bus]
# So far apart are ways across in one row.
_BETWEEN = 6.0


class EdgeRoute(NamedTuple):
    """An edge on its way: where it leaves, goes down and ends across, and where it turns.

    turns: the gap below a rank and the bus there, behind the source and before the target; None where it goes
    straight on.  arc: it ends at the side of its target.  has_room: for a text beside where it goes down.
    """

    start: float
    track: float
    end: float
    turns: tuple[Turn | None, Turn | None]
    arc: bool = False
    has_room: bool = False


class Gap(NamedTuple):
    """What is between a rank and the next: the row of each bus, from the top, and how many rows there are."""

    rows: Mapping[Bus, int]
    row_count: int


def routes_of(measures: DiagramMeasures, ranks: Sequence[int], placed: Placed) -> list[EdgeRoute]:
    """The route of each edge."""
    across, tracks, arcs = dict(placed.boxes), dict(placed.tracks), frozenset(placed.arcs)
    leaving: dict[int, int] = {}
    for source, _ in measures.edges:
        leaving[source] = leaving.get(source, 0) + 1
    routes = []
    for number, (source, target) in enumerate(measures.edges):
        start, end = across[source], across[target]
        track = tracks.get(number, start)
        after, before = ranks[source], ranks[target] - 1
        if number in arcs and track > end + measures.ends[target]:
            routes.append(EdgeRoute(start, track, end, ((after, ("leaving", source)), None), True, True))
        elif after == before and start != end:
            bus: Bus = ("leaving", source) if leaving[source] > 1 else ("entering", target)
            routes.append(EdgeRoute(start, start, end, (None, (before, bus))))
        else:
            out: Turn | None = (after, ("leaving", source)) if track != start else None
            into: Turn | None = (before, ("entering", target)) if track != end else None
            routes.append(EdgeRoute(start, track, end, (out, into), has_room=number in arcs))
    return routes


def gaps_of(routes: Sequence[EdgeRoute], count: int) -> list[Gap]:
    """The gaps below so many ranks, in each of which ways across that would lie on each other have rows."""
    spans: list[dict[Bus, tuple[float, float]]] = [{} for _ in range(count)]
    for route in routes:
        ends = ((route.start, route.track), (route.track, route.end))
        for turn, (one, two) in zip(route.turns, ends, strict=True):
            if turn is not None:
                gap, bus = turn
                left, right = spans[gap].get(bus, (one, one))
                spans[gap][bus] = min(left, one, two), max(right, one, two)
    return [_rows(found) for found in spans]


def _rows(spans: Mapping[Bus, tuple[float, float]]) -> Gap:
    """What leaves above what enters, each in a row where it lies on nothing."""
    rows: dict[Bus, int] = {}
    count = 0
    for side in ("leaving", "entering"):
        # By where the last way in each row ends.
        taken: list[tuple[float, int]] = []
        for bus, (left, right) in sorted(spans.items(), key=lambda each: each[1]):
            if bus[0] != side:
                continue
            if taken and taken[0][0] < left - _BETWEEN:
                row = heapreplace(taken, (right, taken[0][1]))[1]
            else:
                row, count = count, count + 1
                heappush(taken, (right, row))
            rows[bus] = row
    return Gap(rows, count)
