"""What is wrong with where things stand on the page of a drawing, found by comparing all of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import NamedTuple, TypeVar

from rfcalc.render.charts.text_width import text_width
from rfcalc.render.diagrams.column import FONT, SMALL
from rfcalc.render.diagrams.page import DiagramPage, PageBox, PageText

Thing = TypeVar("Thing")


class Extent(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Extent, by: float = 0.0) -> bool:
        return (
            self.left < other.right - by
            and other.left < self.right - by
            and self.top < other.bottom - by
            and other.top < self.bottom - by
        )


def of_box(box: PageBox) -> Extent:
    return Extent(box.left, box.top, box.left + box.lettered.width, box.bottom)


def of_text(text: PageText) -> Extent:
    wide = text_width(text.text, text.size, bold=text.bold)
    left = text.x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
    return Extent(left, text.y - 0.75 * text.size, left + wide, text.y + 0.2 * text.size)


def faults(page: DiagramPage) -> Iterator[str]:
    """Everything that lies on something else, is too wide, or leaves the page."""
    boxes = [(of_box(box), box) for box in page.boxes]
    texts = [(of_text(text), text) for text in page.texts]
    whole = Extent(0, 0, page.width, page.height)
    for extent, what in (*boxes, *texts):
        if extent.left < 0 or extent.top < 0 or extent.right > whole.right or extent.bottom > whole.bottom:
            yield f"leaves the page: {what}"
    for (one, box), (two, other) in near(boxes):
        if one.overlaps(two, 0.01):
            yield f"boxes lie on each other: {box.lettered.box.name} and {other.lettered.box.name}"
    for (one, text), (two, other_text) in near(texts):
        if one.overlaps(two, 0.5):
            yield f"texts lie on each other: {text.text} and {other_text.text}"
    for one, text in texts:
        for two, box in boxes:
            if one.overlaps(two, 0.5):
                yield f"{text.text} lies on the box {box.lettered.box.name}"
    yield from too_wide(page)
    yield from crossed(page)


def too_wide(page: DiagramPage) -> Iterator[str]:
    """Texts that are wider than their boxes."""
    for box in page.boxes:
        lettered = box.lettered
        if text_width(lettered.text, FONT) > lettered.width + 0.01:
            yield f"wider than its box: {lettered.text}"
        if lettered.box.kind != "join" and text_width(lettered.second, SMALL) > lettered.width:
            yield f"wider than its box: {lettered.second}"


def crossed(page: DiagramPage) -> Iterator[str]:
    """Edges that go through boxes, or not along the sides of the page."""
    boxes = [(of_box(box), box) for box in page.boxes]
    for edge in page.edges:
        for (one_x, one_y), (two_x, two_y) in pairwise(edge.points):
            if one_x != two_x and one_y != two_y:
                yield f"neither down nor across: {edge}"
            run = Extent(min(one_x, two_x), min(one_y, two_y), max(one_x, two_x), max(one_y, two_y))
            for extent, box in boxes:
                if run.overlaps(extent, 0.01) or on_the_middle(run, extent):
                    yield f"an edge goes through the box {box.lettered.box.name}"


def on_the_middle(run: Extent, box: Extent) -> bool:
    """Whether a line, which has no width, goes through the inside of a box."""
    across = run.left < box.right - 0.01 and run.right > box.left + 0.01
    down = run.top < box.bottom - 0.01 and run.bottom > box.top + 0.01
    return across and down


def near(found: list[tuple[Extent, Thing]]) -> Iterator[tuple[tuple[Extent, Thing], ...]]:
    """Pairs that may lie on each other: by the rows of the page in which they are."""
    rows: dict[int, list[tuple[Extent, Thing]]] = {}
    for each in found:
        for row in range(int(each[0].top // 64), int(each[0].bottom // 64) + 1):
            rows.setdefault(row, []).append(each)
    for members in rows.values():
        yield from combinations(members, 2)
