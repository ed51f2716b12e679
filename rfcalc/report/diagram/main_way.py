"""The longest way through a diagram, and what passes it by: what is drawn one behind the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.report.diagram.diagram import Diagram


class Bypass(NamedTuple):
    """What leads past the way, from one of its boxes to a later one, both by their places on it.

    text: what is done there, where that is one box or none.  changes: the size changes.  passed: how many
    boxes are there.
    """

    source: int
    target: int
    text: str
    changes: bool
    passed: int


class MainWay(NamedTuple):
    """The numbers of the boxes on the longest way, in order; beside: how many boxes are not on it."""

    boxes: tuple[int, ...]
    passes: tuple[Bypass, ...]
    beside: int

    @property
    def is_all(self) -> bool:
        """Whether the diagram is a chain."""
        return not self.passes and not self.beside


def main_way(diagram: Diagram) -> MainWay:
    """The way with the most boxes; of two as long that which comes first."""
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
    place = {box: number for number, box in enumerate(reversed(way))}
    beside = len(diagram.boxes) - len(way)
    return MainWay(tuple(place), tuple(_passes(diagram, place, before)), beside)


def _passes(diagram: Diagram, place: dict[int, int], before: list[int]) -> list[Bypass]:
    """What leads past the way, boxes beside it taken together; place: that of boxes on the way."""
    # Of each box beside the way, from where it is reached by boxes beside it, and how.
    reached: dict[int, dict[int, Bypass]] = {}
    found: dict[tuple[int, int], Bypass] = {}
    on_way: set[tuple[int, int]] = set()
    for edge in diagram.edges:
        step = (edge.source, edge.target)
        target = place.get(edge.target, -1)
        if target >= 0 and before[edge.target] == edge.source and edge.source in place and step not in on_way:
            on_way.add(step)
            continue
        if edge.source in place:
            arriving = [Bypass(place[edge.source], target, edge.text, edge.changes, 0)]
        else:
            text = diagram.boxes[edge.source].text
            arriving = [
                each._replace(target=target, text="" if each.passed else text, passed=each.passed + 1)
                for each in reached.get(edge.source, {}).values()
            ]
        for each in arriving:
            if target >= 0:
                found.setdefault((each.source, target), each)
            else:
                reached.setdefault(edge.target, {}).setdefault(each.source, each)
    return sorted(found.values(), key=lambda each: (each.source, each.target))
