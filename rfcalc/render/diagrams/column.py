"""One diagram measured and placed across: a column of the page, whose heights are left open."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import log2

from rfcalc.records import NamedTuple
from rfcalc.render.charts.text_width import cut, text_width
from rfcalc.render.diagrams.placing import Measures, Placing
from rfcalc.render.diagrams.regions import Regions, boxes_of
from rfcalc.render.diagrams.routes import Gap, Route, gaps_of, routes_of
from rfcalc.report.diagram.diagram import Diagram, DiagramBox
from rfcalc.shapes import Size, format_sizes

# Sizes of letters: of the name, of boxes, of what stands beside.
TITLE, FONT, SMALL = 13.5, 11.0, 9.5
BOX, JOIN, LINE = 21.0, 11.0, 12.0
# How high the first of two lines stands.
LINE_OF_TWO = 22.0
# Left and right of a text in its box, and the narrowest box of a network.
_MARGIN, _NARROWEST = 10.0, 84.0
_WIDEST_TEXT = 260.0
# Below a box, above one, and what each way across takes between.
BELOW, _ABOVE, ROW = 5.0, 9.0, 7.0
_BESIDE_JOIN = 9.0

# Between an edge and the size beside it.
_AFTER_LINE = 5.0
# What lies between two boxes that all ways pass has at most so many sizes, to be in a band.
_MOST_SIZES = 2

# The size of the maps of a band.
BandKey = tuple[Size, ...]


class Lettered(NamedTuple):
    """A box with its texts: that in it, what it does in place, its size below; and how large it is drawn."""

    box: DiagramBox
    text: str
    second: str
    size: str
    width: float
    height: float

    @property
    def lift(self) -> float:
        """How far what is repeated is seen above and beside, as more of its kind behind it."""
        return 3.0 if self.box.times > 1 else 0.0

    @property
    def radius(self) -> float:
        """Of its corners."""
        return self.height / 2 if self.box.kind in ("join", "input") else 3.0


class Column(NamedTuple):
    """A diagram placed across, from its axis; on_rank: the boxes of each rank.

    ranks: of each box.  levels: of each box what it has in common with others of about its size.
    bands: for each rank the size of maps it belongs to, () where sizes have no order.
    """

    diagram: Diagram
    boxes: tuple[Lettered, ...]
    across: tuple[float, ...]
    ranks: tuple[int, ...]
    levels: tuple[object, ...]
    bands: tuple[BandKey, ...]
    routes: tuple[Route, ...]
    gaps: tuple[Gap, ...]
    on_rank: tuple[tuple[int, ...], ...]
    left: float
    right: float

    def needed(self, rank: int) -> float:
        """The least height of the gap below a rank, without the sizes that stand in it."""
        rows = self.gaps[rank].row_count
        least = BELOW + _ABOVE if rows else _BESIDE_JOIN
        joined = self.is_join(rank) or (rank + 1 < len(self.gaps) and self.is_join(rank + 1))
        return max(least if joined else BELOW + _ABOVE, BELOW + _ABOVE + ROW * (rows - 1) if rows else 0)

    def is_join(self, rank: int) -> bool:
        """Whether nothing but joins is on a rank."""
        return all(self.boxes[box].box.kind == "join" for box in self.on_rank[rank])


def column_of(diagram: Diagram) -> Column:
    """A diagram, its boxes measured and placed."""
    kinds = [box.output.axes for box in diagram.boxes]
    edges = [(edge.source, edge.target) for edge in diagram.edges]
    widest = max(
        (lettered_text(box)[1] for box in diagram.boxes if box.kind in ("layer", "block")), default=0.0
    )
    width = max(_NARROWEST, widest + 2 * _MARGIN)
    texts = [text_width(edge.text, SMALL) for edge in diagram.edges]
    regions = Regions(len(kinds), edges)
    bands = _bands(regions, kinds)
    boxes = tuple(
        _lettered(diagram, box, width, _size_below(box, [diagram.boxes[each] for each in read], bands))
        for box, read in zip(diagram.boxes, regions.operands, strict=True)
    )
    measures = Measures([_room(each) for each in boxes], edges, texts, kinds)
    placed = Placing(measures, regions).placed
    across = dict(placed.boxes)
    on_rank: list[list[int]] = [[] for _ in range(max(regions.ranks, default=-1) + 1)]
    for number, rank in enumerate(regions.ranks):
        on_rank[rank].append(number)
    routes = routes_of(measures, regions.ranks, placed)
    gaps = gaps_of(routes, len(on_rank))
    return Column(
        diagram,
        boxes,
        tuple(across[number] for number in range(len(boxes))),
        tuple(regions.ranks),
        levels_of(diagram),
        bands,
        tuple(routes),
        tuple(gaps),
        tuple(map(tuple, on_rank)),
        placed.left,
        placed.right,
    )


def _room(box: Lettered) -> float:
    """How wide a box is with what stands beside it and below."""
    beside = box.width + (2 * _beside(box) if box.box.kind == "join" else 0)
    return max(beside, 2 * (text_width(box.size, SMALL) + _AFTER_LINE) if box.size else 0)


def lettered_text(box: DiagramBox) -> tuple[str, float]:
    """What stands in a box, cut where it is too long for any, and how wide it is."""
    text = f"{box.text} {box.output}" if box.kind == "input" else box.text
    text = cut(f"{text} × {box.times}" if box.times > 1 else text, FONT, _WIDEST_TEXT)
    return text, text_width(text, FONT)


def _lettered(diagram: Diagram, box: DiagramBox, width: float, size: str) -> Lettered:
    text, wide = lettered_text(box)
    second = ""
    if diagram.detailed and box.joined:
        second = cut(", ".join(box.joined), SMALL, width - _MARGIN)
    if box.kind == "join":
        wide = JOIN if len(text) == 1 else wide + _MARGIN
        return Lettered(box, text, second, size, wide, JOIN if len(text) == 1 else BOX - 5)
    if box.kind == "input":
        return Lettered(box, text, "", size, wide + 2 * _MARGIN, BOX)
    return Lettered(box, text, second, size, width, BOX + (LINE if second else 0))


def _beside(join: Lettered) -> float:
    """What stands beside a join."""
    return text_width(join.second, SMALL) + 4 if join.second else 0.0


def _size_below(box: DiagramBox, read: Sequence[DiagramBox], bands: Sequence[BandKey]) -> str:
    """The size of what leaves a box, where no band tells it and it is not that of what enters."""
    if box.kind == "block":
        return "" if any(each.output == box.output for each in read) else str(box.output)
    if bands or not read or any(each.output.axes == box.output.axes for each in read):
        return ""
    return format_sizes(box.output.axes)


def levels_of(diagram: Diagram) -> tuple[object, ...]:
    """For each box how often the number of positions of its map has been divided by two, about.

    What a convolution without padding trims is on the level that it was on.  With symbols each size is one.
    """
    boxes = diagram.boxes
    operands_of: list[list[int]] = [[] for _ in boxes]
    for edge in diagram.edges:
        operands_of[edge.target].append(edge.source)
    counts = [box.output.positions for box in boxes]
    most = max((count for count in counts if isinstance(count, int)), default=1)
    levels: list[object] = []
    for box, count, operands in zip(boxes, counts, operands_of, strict=True):
        # Of several the one with maps of the same size.
        nearest = sorted(operands, key=lambda each: counts[each] != count)[:1]
        before, level = (counts[nearest[0]], levels[nearest[0]]) if nearest else (most, 0)
        if isinstance(count, int) and isinstance(before, int) and isinstance(level, int):
            levels.append(level + round(log2(before) - log2(count)))
        else:
            levels.append(level if operands and count == before else box.output.axes)
    return tuple(levels)


def _bands(regions: Regions, kinds: list[BandKey]) -> tuple[BandKey, ...]:
    """For each rank the size of its maps, where these follow each other and none comes back."""
    found: list[BandKey] = []
    for item in regions.whole.items:
        boxes = boxes_of(item)
        if not boxes:
            continue
        if len({kinds[box] for box in boxes}) > _MOST_SIZES:
            return ()
        last = boxes[-1] if isinstance(item, int) or item.target < 0 else item.target
        count = max(regions.ranks[box] for box in boxes) + 1
        found += [kinds[last]] * (count - len(found))
    order = [key for key, _ in groupby(found)]
    return tuple(found) if len(order) == len(set(order)) and () not in order else ()
