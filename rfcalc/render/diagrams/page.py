"""The page of diagrams side by side: where everything stands, in pixels, for all who draw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from math import inf

from rfcalc.records import NamedTuple
from rfcalc.render.charts.palette import Colour
from rfcalc.render.charts.text_width import cut, text_width
from rfcalc.render.diagrams.column import (
    AFTER_LINE,
    BELOW,
    LINE,
    LINE_OF_TWO,
    ROW,
    SMALL,
    TITLE,
    WIDEST_BESIDE,
    WIDEST_NAME,
    BandKey,
    DiagramColumn,
    Lettered,
    column_of,
)
from rfcalc.render.diagrams.cuboid import PageBeam, PagePoint, PageVolume
from rfcalc.render.diagrams.routes import Turn
from rfcalc.report.diagram.diagram import Diagram
from rfcalc.report.diagram.words import say
from rfcalc.report.words import Language
from rfcalc.shapes import format_sizes

_PAD = 16.0
_BETWEEN = 34.0
# Above and below the ranks of a band.
_BAND = 8.0
# Of the size below a box, and of the text beside an arc.
_SIZE = 11.0
_ROUND, _ARROW = 5.0, 5.0
# How much of its colour a box has inside.
TINT = 0.15
# How much a beam has of its own, and how large the unit at its end is.
BEAM, UNIT = 0.1, 1.5


class PageText(NamedTuple):
    """A line of text; anchor: what of it is at x.  muted: it stands back.

    owner: the number of the box or the volume on the page that it goes with, -1 of none.
    """

    text: str
    x: float
    y: float
    size: float
    anchor: str = "middle"
    bold: bool = False
    muted: bool = False
    owner: int = -1

    @property
    def colour(self) -> Colour:
        """That of letters, or of what stands back."""
        return "muted" if self.muted else "ink"


class PageBox(NamedTuple):
    """A box on the page; colour: a number, of the size of its map."""

    lettered: Lettered
    left: float
    top: float
    colour: int

    def text_place(self) -> tuple[float, float]:
        """The middle of the base line of its text."""
        lettered = self.lettered
        high = LINE_OF_TWO if lettered.second and lettered.box.kind != "join" else lettered.height
        return self.left + lettered.width / 2, self.top + high / 2 + 4

    def second_place(self) -> tuple[float, float]:
        """Of its second line the middle, of a join the right end."""
        x, y = self.text_place()
        return (self.left - 4, y) if self.lettered.box.kind == "join" else (x, y + LINE)

    def loop(self) -> tuple[tuple[float, float], ...]:
        """The four points of a curve at its left side, which says that there are shortcuts within."""
        x, top = self.left, self.top + 5
        low = top + self.lettered.height - 10
        return (x, top), (x - 9, top + 1), (x - 9, low - 1), (x, low)

    @property
    def bottom(self) -> float:
        """The lower end."""
        return self.top + self.lettered.height


class PageEdge(NamedTuple):
    """An edge through points; the last is the tip of its arrow.

    source, target: the numbers of its boxes or volumes on the page.
    """

    points: tuple[PagePoint, ...]
    dashed: bool
    source: int
    target: int

    def drawn(self) -> Iterator[tuple[str, *tuple[PagePoint, ...]]]:
        """Its line up to the arrow, corners rounded: by the letters that paths of SVG have, and points."""
        points = (*self.points[:-1], _towards(self.points[-1], self.points[-2], _ARROW - 1))
        yield "M", points[0]
        for before, corner, after in zip(points, points[1:], points[2:], strict=False):
            yield "L", _towards(corner, before, _ROUND)
            yield "Q", corner, _towards(corner, after, _ROUND)
        yield "L", points[-1]

    def arrow(self) -> tuple[PagePoint, ...]:
        """The corners of its arrow, which points down, to the left or to the right."""
        (x, y), (from_x, _) = self.points[-1], self.points[-2]
        if from_x != x:
            behind = x + (_ARROW if from_x > x else -_ARROW)
            return (x, y), (behind, y - 3), (behind, y + 3)
        return (x, y), (x - 3, y - _ARROW), (x + 3, y - _ARROW)


def _towards(point: PagePoint, other: PagePoint, by: float) -> PagePoint:
    """From a point so far towards another, at most half of the way."""
    wide, high = other[0] - point[0], other[1] - point[1]
    length = abs(wide) + abs(high)
    part = min(by / length, 0.5) if length else 0.0
    return point[0] + part * wide, point[1] + part * high


class Band(NamedTuple):
    """All that has maps of one size, across the page."""

    top: float
    bottom: float


class DiagramPage(NamedTuple):
    """Everything in its place."""

    width: float
    height: float
    texts: tuple[PageText, ...]
    boxes: tuple[PageBox, ...]
    edges: tuple[PageEdge, ...]
    bands: tuple[Band, ...]
    title: str
    about: str
    language: Language
    # In the order in which they stand, each with the beam that leaves it.
    volumes: tuple[tuple[PageVolume, PageBeam | None], ...] = ()


def page_of(diagrams: Sequence[Diagram]) -> DiagramPage:
    """The page of diagrams side by side; those whose maps have sizes in one order stand in bands of these."""
    return _DiagramPages([column_of(diagram) for diagram in diagrams]).page()


def _merged(orders: Sequence[Sequence[BandKey]]) -> list[BandKey]:
    """All sizes in an order that is that of each column; none where there is no such."""
    behind: dict[BandKey, dict[BandKey, None]] = {}
    for order in orders:
        if not order:
            return []
        for key, before in zip(order, (None, *order), strict=False):
            behind.setdefault(key, {}).update({} if before is None or before == key else {before: None})
    merged: dict[BandKey, None] = {}
    while len(merged) < len(behind):
        ready = [key for key in behind if key not in merged and all(each in merged for each in behind[key])]
        if not ready:
            return []
        # What only one network has stands where its numbers do.
        merged[max(ready, key=_positions)] = None
    return [*merged]


def _positions(key: BandKey) -> float:
    count = 1
    for size in key:
        if not isinstance(size, int):
            return inf
        count *= size
    return count


class _DiagramPages:
    """Columns beside each other."""

    def __init__(self, columns: Sequence[DiagramColumn]) -> None:
        self.columns = columns
        self.bands = _merged([[*dict.fromkeys(column.bands)] for column in columns])
        self.language = columns[0].diagram.language
        self.texts: list[PageText] = []
        self.colours: dict[object, int] = {}

    @cached_property
    def labels(self) -> list[str]:
        """What stands at the left of each band."""
        return [cut(format_sizes(key), SMALL, WIDEST_BESIDE) for key in self.bands]

    def page(self) -> DiagramPage:
        top = self.head()
        tops, bands, bottom = self.tops(top)
        boxes: list[PageBox] = []
        edges: list[PageEdge] = []
        for column, axis, places in zip(self.columns, self.axes, tops, strict=True):
            self.draw(column, axis, places, boxes, edges)
        bottom = self.notes(boxes, edges, bottom)
        names = [column.diagram.name for column in self.columns]
        about = "; ".join(column.diagram.about for column in self.columns)
        title = say("title", self.language, names=", ".join(names))
        return DiagramPage(
            width=self.width,
            height=bottom,
            texts=tuple(self.texts),
            boxes=tuple(boxes),
            edges=tuple(edges),
            bands=tuple(bands),
            title=title,
            about=about,
            language=self.language,
        )

    def head(self) -> float:
        """The names of the columns, and where these are; what is below them is returned."""
        left = _PAD
        if self.bands:
            words = [say("output size", self.language), *self.labels]
            left += max(text_width(text, SMALL) for text in words) + 14
        self.axes: list[float] = []
        for column in self.columns:
            name = cut(column.diagram.name, TITLE, WIDEST_NAME, bold=True)
            figures = [cut(text, SMALL, WIDEST_NAME) for text in column.diagram.figures]
            half = text_width(name, TITLE, bold=True) / 2
            wide = max(half, *(text_width(text, SMALL) / 2 for text in figures))
            axis = left + max(column.left, wide)
            self.axes.append(axis)
            self.texts.append(PageText(name, axis, _PAD + 12, TITLE, bold=True))
            for number, text in enumerate(figures):
                self.texts.append(PageText(text, axis, _PAD + 27 + LINE * number, SMALL, muted=True))
            left = axis + max(column.right, wide) + _BETWEEN
        self.width = left - _BETWEEN + _PAD
        lines = max(len(column.diagram.figures) for column in self.columns)
        return _PAD + 27 + LINE * lines + 2

    def tops(self, top: float) -> tuple[list[list[float]], list[Band], float]:
        """The top of each rank of each column, the bands, and the lower end of all."""
        places: list[list[float]] = [[] for _ in self.columns]
        if not self.bands:
            ends = [
                self._stacked([column], [places[number]], [len(column.gaps)], top)
                for number, column in enumerate(self.columns)
            ]
            return places, [], max(ends)
        bands: list[Band] = []
        for label, key in zip(self.labels, self.bands, strict=True):
            counts = [
                len(found) + column.bands.count(key)
                for found, column in zip(places, self.columns, strict=True)
            ]
            bottom = self._stacked(self.columns, places, counts, top + _BAND) + _BAND
            bands.append(Band(top, bottom))
            self.texts.append(PageText(label, _PAD, top + _BAND + 15, SMALL, "start", muted=True))
            top = bottom
        words = say("output size", self.language)
        self.texts.append(PageText(words, _PAD, bands[0].top - 5, SMALL, "start", muted=True))
        return places, bands, top

    def _stacked(
        self,
        columns: Sequence[DiagramColumn],
        places: Sequence[list[float]],
        counts: Sequence[int],
        top: float,
    ) -> float:
        """Add the tops of the ranks up to these; rows of boxes stand side by side.  Returns the lower end."""
        row = top
        ends = [top] * len(columns)
        while True:
            going = [number for number, found in enumerate(places) if len(found) < counts[number]]
            if not going:
                return max(ends)
            # How far down each column would have its next row, behind the joins before it.
            for number in going:
                column, found = columns[number], places[number]
                at = row if ends[number] == top else ends[number]
                while len(found) < counts[number] and column.is_join(len(found)):
                    found.append(at)
                    at = self._below(column, len(found) - 1, found[-1])
                ends[number] = at
            going = [number for number in going if len(places[number]) < counts[number]]
            row = max((ends[number] for number in going), default=row)
            for number in going:
                places[number].append(row)
                ends[number] = self._below(columns[number], len(places[number]) - 1, row)

    def _below(self, column: DiagramColumn, rank: int, top: float) -> float:
        """Where the next rank begins."""
        boxes = [column.boxes[box] for box in column.on_rank[rank]]
        sized = _SIZE if any(box.size for box in boxes) else 0.0
        after = column.on_rank[rank + 1] if rank + 1 < len(column.on_rank) else ()
        sized += _SIZE if any(column.above[box] for box in after) else 0.0
        return top + max(box.height for box in boxes) + sized + column.needed(rank)

    def draw(
        self,
        column: DiagramColumn,
        axis: float,
        tops: list[float],
        boxes: list[PageBox],
        edges: list[PageEdge],
    ) -> None:
        """The boxes and edges of a column."""
        placed: list[PageBox] = []
        first = len(boxes)
        heights = [max(column.boxes[box].height for box in members) for members in column.on_rank]
        sized = [any(column.boxes[box].size for box in members) for members in column.on_rank]
        for lettered, across, rank, level, above in zip(
            column.boxes, column.across, column.ranks, column.levels, column.above, strict=True
        ):
            colour = self.colours.setdefault(level, len(self.colours))
            left = axis + across - lettered.width / 2
            # Of boxes of several heights the lower ends stand on one line, as edges leave there.
            top = tops[rank] + heights[rank] - lettered.height
            placed.append(PageBox(lettered, left, top, colour))
            right = axis + across + AFTER_LINE
            for said, base in ((lettered.size, top + lettered.height + 10), (above, top - lettered.lift - 3)):
                if said:
                    owner = first + len(placed) - 1
                    self.texts.append(PageText(said, right, base, SMALL, "start", muted=True, owner=owner))
        boxes += placed

        def bus(turn: Turn) -> float:
            rank, way = turn
            row = column.gaps[rank].rows[way]
            low = tops[rank] + heights[rank] + (_SIZE if sized[rank] else 0.0)
            return low + BELOW + ROW * row

        for edge, route, beside in zip(column.diagram.edges, column.routes, column.texts, strict=True):
            source, target = placed[edge.source], placed[edge.target]
            points = [(axis + route.start, source.bottom)]
            for turn, after in ((route.turns[0], route.track), (route.turns[1], route.end)):
                if turn is not None:
                    points += [(points[-1][0], bus(turn)), (axis + after, bus(turn))]
            if route.arc:
                middle = target.top + target.lettered.height / 2
                points += [(points[-1][0], middle), (target.left + target.lettered.width, middle)]
            else:
                points.append((axis + route.end, target.top - target.lettered.lift))
            if beside and route.has_room:
                # Beside the longest way down.
                (x, high), (_, low) = max(pairwise(points), key=lambda ends: ends[1][1] - ends[0][1])
                text = PageText(beside, x + AFTER_LINE, (high + low) / 2 + 3, SMALL, "start", muted=True)
                self.texts.append(text)
            numbers = first + edge.source, first + edge.target
            edges.append(PageEdge(tuple(points), edge.changes, *numbers))

    def notes(self, boxes: Sequence[PageBox], edges: Sequence[PageEdge], bottom: float) -> float:
        """What marks mean, below; the lower end of the page is returned."""
        lines = []
        if any(edge.dashed for edge in edges):
            lines.append(say("dashed", self.language))
        if any(box.lettered.box.shortcut for box in boxes):
            lines.append(say("loop", self.language))
        for line in lines:
            bottom += LINE + 2
            self.texts.append(PageText(line, _PAD, bottom + 4, SMALL, "start", muted=True))
            self.width = max(self.width, 2 * _PAD + text_width(line, SMALL))
        return bottom + _PAD
