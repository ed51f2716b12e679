"""One diagram measured and placed across: a column of the page, whose heights are left open."""

from __future__ import annotations

from itertools import groupby

from rfcalc.records import NamedTuple
from rfcalc.render.charts.text_width import cut, text_width
from rfcalc.render.diagrams.placing import Measures, Placing
from rfcalc.render.diagrams.regions import Regions, boxes_of
from rfcalc.render.diagrams.routes import Gap, Route, gaps_of, routes_of
from rfcalc.report.diagram.diagram import Diagram, DiagramBox
from rfcalc.shapes import Size, format_sizes

# Sizes of letters: of the name, of boxes, of what stands beside.
TITLE, FONT, SMALL = 13.5, 11.0, 9.5
BOX, JOIN, LINE = 23.0, 11.0, 12.0
# Left and right of a text in its box, and the narrowest box of a network.
_MARGIN, _NARROWEST = 10.0, 84.0
_WIDEST_TEXT = 260.0
# Below a box, above one, and what each way across takes between.
_BELOW, _ABOVE, _ROW = 6.0, 10.0, 8.0
_BESIDE_JOIN = 10.0

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


class Column(NamedTuple):
    """A diagram placed across, from its axis.

    ranks: of each box.  bands: for each rank the size of maps it belongs to, () where sizes have no order.
    """

    diagram: Diagram
    boxes: tuple[Lettered, ...]
    across: tuple[float, ...]
    ranks: tuple[int, ...]
    bands: tuple[BandKey, ...]
    routes: tuple[Route, ...]
    gaps: tuple[Gap, ...]
    left: float
    right: float

    def needed(self, rank: int) -> float:
        """The least height of the gap below a rank, without the sizes that stand in it."""
        rows = self.gaps[rank].count
        least = _BELOW + _ABOVE if rows else _BESIDE_JOIN
        joined = self.is_join(rank) or (rank + 1 < len(self.gaps) and self.is_join(rank + 1))
        return max(least if joined else _BELOW + _ABOVE, _BELOW + _ABOVE + _ROW * (rows - 1) if rows else 0)

    def is_join(self, rank: int) -> bool:
        """Whether nothing but joins is on a rank."""
        return all(self.boxes[box].box.kind == "join" for box in self.on_rank[rank])

    @property
    def on_rank(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.gaps]
        for box, rank in enumerate(self.ranks):
            found[rank].append(box)
        return tuple(map(tuple, found))


def column_of(diagram: Diagram) -> Column:
    """A diagram, its boxes measured and placed."""
    kinds = [_axes(box) for box in diagram.boxes]
    edges = [(edge.source, edge.target) for edge in diagram.edges]
    widest = max((_text_of(box)[1] for box in diagram.boxes if box.kind in ("layer", "block")), default=0.0)
    width = max(_NARROWEST, widest + 2 * _MARGIN)
    operands: dict[int, int] = {}
    for source, target in edges:
        operands.setdefault(target, source)
    texts = [text_width(edge.text, SMALL) for edge in diagram.edges]
    regions = Regions(len(kinds), edges)
    bands = _bands(regions, kinds)
    boxes = tuple(
        _lettered(
            diagram, box, width, _size_below(diagram, number, operands.get(number), banded=bool(bands))
        )
        for number, box in enumerate(diagram.boxes)
    )
    measures = Measures([_room(each) for each in boxes], edges, texts, kinds)
    placed = Placing(measures, regions).placed
    across = dict(placed.boxes)
    routes = routes_of(measures, regions.ranks, placed)
    gaps = gaps_of(routes, max(regions.ranks, default=-1) + 1)
    return Column(
        diagram,
        boxes,
        tuple(across[number] for number in range(len(boxes))),
        tuple(regions.ranks),
        bands,
        tuple(routes),
        tuple(gaps),
        placed.left,
        placed.right,
    )


def _room(box: Lettered) -> float:
    """How wide a box is with what stands beside it and below."""
    beside = box.width + (2 * _beside(box) if box.box.kind == "join" else 0)
    return max(beside, 2 * (text_width(box.size, SMALL) + _AFTER_LINE) if box.size else 0)


def _axes(box: DiagramBox) -> BandKey:
    return box.output.axes if box.output is not None else ()


def _text_of(box: DiagramBox) -> tuple[str, float]:
    text = f"{box.text} × {box.times}" if box.times > 1 else box.text
    text = cut(text, FONT, _WIDEST_TEXT)
    return text, text_width(text, FONT)


def _lettered(diagram: Diagram, box: DiagramBox, width: float, size: str) -> Lettered:
    text, wide = _text_of(box)
    second = ""
    if diagram.detailed and box.joined:
        second = cut(", ".join(box.joined), SMALL, width - _MARGIN)
    if box.kind == "join":
        wide = JOIN if len(text) == 1 else wide + _MARGIN
        return Lettered(box, text, second, size, wide, JOIN if len(text) == 1 else BOX - 7)
    if box.kind == "input":
        shape = "" if box.output is None else format_sizes(box.output.sizes())
        text = cut(f"{box.text} {shape}", FONT, _WIDEST_TEXT)
        return Lettered(box, text, "", size, text_width(text, FONT) + 2 * _MARGIN, BOX)
    return Lettered(box, text, second, size, width, BOX + (LINE if second else 0))


def _beside(join: Lettered) -> float:
    """What stands beside a join."""
    return text_width(join.second, SMALL) + 4 if join.second else 0.0


def _size_below(diagram: Diagram, number: int, operand: int | None, *, banded: bool) -> str:
    """The size of what leaves a box, where no band tells it and it is not that of what enters."""
    box = diagram.boxes[number]
    if operand is None or box.output is None or box.kind == "input":
        return ""
    entered = diagram.boxes[operand].output
    if box.kind == "block":
        return "" if entered == box.output else format_sizes(box.output.sizes())
    if banded or (entered is not None and entered.axes == box.output.axes):
        return ""
    return format_sizes(box.output.axes)


def _bands(regions: Regions, kinds: list[BandKey]) -> tuple[BandKey, ...]:
    """For each rank the size of its maps, where these follow each other and none comes back."""
    found: list[BandKey] = []
    for item in regions.whole.items:
        boxes = boxes_of(item)
        if len({kinds[box] for box in boxes}) > _MOST_SIZES:
            return ()
        last = boxes[-1] if isinstance(item, int) or item.target < 0 else item.target
        count = max(regions.ranks[box] for box in boxes) + 1
        found += [kinds[last]] * (count - len(found))
    order = [key for key, _ in groupby(found)]
    return tuple(found) if len(order) == len(set(order)) and () not in order else ()
