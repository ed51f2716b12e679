"""One diagram measured and placed across: a column of the page, whose heights are left open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from math import log2

from rfcalc.records import NamedTuple
from rfcalc.render.charts.text_width import cut, text_width
from rfcalc.render.diagrams.placing import DiagramMeasures, Placing
from rfcalc.render.diagrams.regions import DiagramRegions, boxes_of
from rfcalc.render.diagrams.routes import EdgeRoute, Gap, gaps_of, routes_of
from rfcalc.report.diagram.box_texts import edge_text, sizes_text
from rfcalc.report.diagram.diagram import Diagram, DiagramBox
from rfcalc.shapes import Shape, Size, format_sizes

# Sizes of letters: of the name, of boxes, of what stands beside.
TITLE, FONT, SMALL = 13.5, 11.0, 9.5
BOX, JOIN, LINE = 21.0, 11.0, 12.0
# How high the first of two lines stands.
LINE_OF_TWO = 22.0
# Left and right of a text in its box, and the narrowest box of a network.
_MARGIN, _NARROWEST = 10.0, 84.0
_WIDEST_TEXT = 260.0
# Of what stands beside, and of names above.
WIDEST_BESIDE, WIDEST_NAME = 180.0, 420.0
# Below a box, above one, and what each way across takes between.
BELOW, _ABOVE, ROW = 5.0, 9.0, 7.0
_BESIDE_JOIN = 9.0

# Between an edge and the size beside it.
AFTER_LINE = 5.0
# What lies between two boxes that all ways pass has at most so many sizes, to be in a band.
_MOST_SIZES = 2
_MOST_BANDS = 40

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


class DiagramColumn(NamedTuple):
    """A diagram placed across, from its axis; on_rank: the boxes of each rank.

    ranks: of each box.  texts: beside each edge.  above: what stands above each box.
    levels: of each box what it has in common with others of about its size.
    bands: for each rank the size of maps it belongs to, () where sizes have no order.
    """

    diagram: Diagram
    boxes: tuple[Lettered, ...]
    across: tuple[float, ...]
    ranks: tuple[int, ...]
    levels: tuple[object, ...]
    bands: tuple[BandKey, ...]
    routes: tuple[EdgeRoute, ...]
    texts: tuple[str, ...]
    above: tuple[str, ...]
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


def column_of(diagram: Diagram) -> DiagramColumn:
    """A diagram, its boxes measured and placed."""
    kinds = [box.output.axes for box in diagram.boxes]
    edges = [(edge.source, edge.target) for edge in diagram.edges]
    widest = max(
        (lettered_text(box)[1] for box in diagram.boxes if box.kind in ("layer", "block")), default=0.0
    )
    width = max(_NARROWEST, widest + 2 * _MARGIN)
    texts = [cut(edge_text(edge, diagram.language), SMALL, WIDEST_BESIDE) for edge in diagram.edges]
    regions = DiagramRegions(len(kinds), edges)
    bands = _bands(diagram, regions, kinds)
    entering: list[list[tuple[Shape, ...]]] = [[] for _ in kinds]
    for edge in diagram.edges:
        entering[edge.target].append(edge.carried or diagram.boxes[edge.source].outputs)
    boxes = tuple(
        _lettered(diagram, box, width, _size_below(diagram, box, read, bool(bands)))
        for box, read in zip(diagram.boxes, entering, strict=True)
    )
    widths = [text_width(text, SMALL) for text in texts]
    sizes = [box.output for box in diagram.boxes]
    lefts, rights = [_left(each) for each in boxes], [_right(each, each.size) for each in boxes]
    ends = [_right(each, "") for each in boxes]
    measures = DiagramMeasures(lefts, rights, ends, edges, widths, sizes)
    placed = Placing(measures, regions).placed
    # Which edges have room for a text beside them is known now, and does not depend on widths.
    above = _above(diagram, texts, {*placed.arcs})
    if any(above):
        ends = [_right(box, text) for box, text in zip(boxes, above, strict=True)]
        measures = measures._replace(rights=[*map(max, rights, ends)], ends=ends)
        placed = Placing(measures, regions).placed
    across = dict(placed.boxes)
    on_rank: list[list[int]] = [[] for _ in range(max(regions.ranks, default=-1) + 1)]
    for number, rank in enumerate(regions.ranks):
        on_rank[rank].append(number)
    routes = routes_of(measures, regions.ranks, placed)
    gaps = gaps_of(routes, len(on_rank))
    return DiagramColumn(
        diagram=diagram,
        boxes=boxes,
        across=tuple(across[number] for number in range(len(boxes))),
        ranks=tuple(regions.ranks),
        levels=levels_of(diagram),
        bands=bands,
        routes=tuple(routes),
        texts=tuple(texts),
        above=above,
        gaps=tuple(gaps),
        on_rank=tuple(map(tuple, on_rank)),
        left=placed.left,
        right=placed.right,
    )


def _left(box: Lettered) -> float:
    """How far a box reaches to the left of its middle, with what stands there."""
    return box.width / 2 + (_beside(box) if box.box.kind == "join" else 0.0)


def _right(box: Lettered, text: str) -> float:
    """How far a box reaches to the right, with a text beside the line above or below it."""
    return max(box.width / 2, text_width(text, SMALL) + AFTER_LINE if text else 0.0)


def _above(diagram: Diagram, texts: Sequence[str], roomy: Collection[int]) -> tuple[str, ...]:
    """For each box what is said of edges to it that have no place for a text of their own."""
    found: list[dict[str, None]] = [{} for _ in diagram.boxes]
    for number, (edge, text) in enumerate(zip(diagram.edges, texts, strict=True)):
        if text and number not in roomy:
            found[edge.target][text] = None
    return tuple(cut(", ".join(each), SMALL, WIDEST_BESIDE) for each in found)


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


def _size_below(
    diagram: Diagram, box: DiagramBox, entering: Sequence[tuple[Shape, ...]], banded: bool
) -> str:
    """The size of what leaves a box, where it is not that of what enters and neither band nor box tell it."""
    if box.kind == "input" or box.outputs in entering:
        return ""
    if len(box.outputs) > 1:
        return cut(sizes_text(box.outputs, diagram.language), SMALL, WIDEST_BESIDE)
    size, read = box.output, [each for carried in entering for each in carried]
    channels_told = box.states_channels or any(each.channels == size.channels for each in read)
    axes_told = (banded and box.kind != "block") or any(each.axes == size.axes for each in read)
    told = axes_told and channels_told
    sizes = () if told else size.axes if channels_told and box.kind != "block" else size.sizes()
    return cut(format_sizes(sizes), SMALL, WIDEST_BESIDE)


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


def _bands(diagram: Diagram, regions: DiagramRegions, kinds: list[BandKey]) -> tuple[BandKey, ...]:
    """For each rank the size of its maps, where these follow each other and none comes back."""
    found: list[BandKey] = []
    if any(len({output.axes for output in box.outputs}) > 1 for box in diagram.boxes):
        return ()
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
    in_order = len(order) == len(set(order)) <= _MOST_BANDS
    return tuple(found) if in_order and () not in order else ()
