"""The longest way through a diagram, and what passes it by: what is drawn one behind the other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.report.diagram.diagram import Diagram


class Bypass(NamedTuple):
    """What leads past a way, from one of its boxes to a later one, both by their places on it.

    text: what is done there, where that is one box or none.  changes: the size changes on an edge without a
    box.  passed: how many boxes are there, on the first way past that was found.
    """

    source: int
    target: int
    text: str
    changes: bool
    passed: int


def main_way(diagram: Diagram) -> tuple[int, ...]:
    """The numbers of the boxes on the longest way, in order; of two as long that which comes first."""
    operands: list[list[int]] = [[] for _ in diagram.boxes]
    for edge in diagram.edges:
        operands[edge.target].append(edge.source)
    lengths: list[int] = []
    before: list[int] = []
    for read in operands:
        nearest = max(read, key=lengths.__getitem__, default=-1)
        before.append(nearest)
        lengths.append(lengths[nearest] + 1 if nearest >= 0 else 1)
    at = max(range(len(lengths)), key=lengths.__getitem__)
    way = []
    while at >= 0:
        way.append(at)
        at = before[at]
    return tuple(reversed(way))


def is_chain(diagram: Diagram, way: Sequence[int]) -> bool:
    """Whether there is nothing but the way."""
    return len(way) == len(diagram.boxes) and len(diagram.edges) == len(way) - 1


def passes_of(diagram: Diagram, way: Sequence[int]) -> list[Bypass]:
    """What leads past the way, boxes beside it taken together; one of each pair of ends."""
    place = {box: number for number, box in enumerate(way)}
    steps = set(pairwise(way))
    # Of each box beside the way from where on the way it is reached, and how.
    reached: dict[int, dict[int, Bypass]] = {}
    found: dict[tuple[int, int], Bypass] = {}
    for edge in sorted(diagram.edges, key=lambda edge: edge.target):
        if (edge.source, edge.target) in steps:
            # Of several edges between two boxes of the way the others pass by.
            steps.discard((edge.source, edge.target))
            continue
        target = place.get(edge.target, -1)
        if edge.source in place:
            arriving = [Bypass(place[edge.source], target, edge.text, edge.changes, 0)]
        else:
            text = diagram.boxes[edge.source].text
            arriving = [
                Bypass(each.source, target, "" if each.passed else text, False, each.passed + 1)
                for each in reached.get(edge.source, {}).values()
            ]
        for each in arriving:
            if target >= 0:
                found.setdefault((each.source, target), each)
            else:
                reached.setdefault(edge.target, {}).setdefault(each.source, each)
    return [found[ends] for ends in sorted(found)]
