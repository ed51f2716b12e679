"""Where a count is: the blocks of a network as rectangles within each other, their areas in proportion.

Rectangles are made as square as can be, row by row: Bruls, Huizing and van Wijk, Squarified Treemaps, 2000.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.report.cells import magnitude
from rfcalc.symbolic.polynomial import sum_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfcalc.analysis.figures import Count
    from rfcalc.report.page.blocks import BlockTree

# What has a smaller part of the whole than this is not drawn: it would be no larger than a dot.
SMALLEST = 1 / 2500


class Area(NamedTuple):
    """A rectangle, its sides as parts of those of the picture."""

    left: float
    top: float
    width: float
    height: float


class TreemapTile(NamedTuple):
    """A block or a layer in a treemap.

    level: 1 for what stands in no other block.  share: its part of the whole, 0 to 1.  operator: that of a
    layer, "" for a block of which parts are drawn; where these are too small to be drawn, that of the layer
    in it that has most.
    """

    name: str
    level: int
    area: Area
    share: float
    operator: str


class Treemap(NamedTuple):
    """The tiles of a count, each block before its parts.

    operators: those of tiles, that with most of the whole first.  complete: whether nothing is missing that
    is not known.  aspect: the picture is so many times as wide as it is high.
    """

    counted: Count
    tiles: tuple[TreemapTile, ...]
    operators: tuple[str, ...]
    complete: bool
    aspect: float


def treemap(tree: BlockTree, count: Count, aspect: float) -> Treemap:
    """The treemap of a count that adds up, on a picture so many times as wide as it is high.

    Counts of symbols have the areas that they have for one value of all (`magnitude`).
    """
    sizes = {part.entry.name: _size(part, count) for _, part in tree.walk()}
    whole = sizes[""]
    tiles = list(_tiles(tree, sizes, aspect)) if whole > 0 else []
    shares: dict[str, float] = {}
    for tile in tiles:
        if tile.operator:
            shares[tile.operator] = shares.get(tile.operator, 0) + tile.share
    complete = all(count.value(layer) is not None for layer in tree.entry.layers)
    operators = tuple(sorted(shares, key=lambda name: -shares[name]))
    return Treemap(count, tuple(tiles), operators, complete, aspect)


def _size(tree: BlockTree, count: Count) -> float:
    known = [value for layer in tree.entry.layers if (value := count.value(layer)) is not None]
    return magnitude(sum_of(known))


def _tiles(tree: BlockTree, sizes: dict[str, float], aspect: float) -> Iterator[TreemapTile]:
    """The tiles of what is in a tree, from the outside in."""
    whole = sizes[""]
    # A block that holds all would be one tile in which nothing is told apart.
    while len(tree.parts) == 1 and tree.parts[0].parts:
        (tree,) = tree.parts
    waiting = [(0, tree, Area(0, 0, 1, 1))]
    while waiting:
        level, block, area = waiting.pop()
        parts = [part for part in block.parts if sizes[part.entry.name] >= whole * SMALLEST]
        if level:
            largest = max(block.entry.layers, key=lambda layer: sizes[layer.name])
            operator = "" if parts else largest.op
            share = sizes[block.entry.name] / whole
            yield TreemapTile(block.entry.name, level, area, share, operator)
        parts.sort(key=lambda part: -sizes[part.entry.name])
        drawn = sum(sizes[part.entry.name] for part in parts)
        shares = [sizes[part.entry.name] / drawn for part in parts]
        places = squarified(shares, Area(area.left * aspect, area.top, area.width * aspect, area.height))
        inside = [
            (level + 1, part, Area(place.left / aspect, place.top, place.width / aspect, place.height))
            for part, place in zip(parts, places, strict=True)
        ]
        waiting += reversed(inside)


def squarified(shares: Sequence[float], area: Area) -> list[Area]:
    """Rectangles that fill an area, with these parts of it, which fall and sum up to 1."""
    found: list[Area] = []
    whole = area.width * area.height
    rest = area
    while len(found) < len(shares):
        side = min(rest.width, rest.height)
        row = [shares[len(found)] * whole]
        for share in shares[len(found) + 1 :]:
            longer = [*row, share * whole]
            if _worst(longer, side) > _worst(row, side):
                break
            row = longer
        thick = sum(row) / side if side else 0.0
        along = 0.0
        for part in row:
            length = part / thick if thick else 0.0
            found.append(
                Area(rest.left, rest.top + along, thick, length)
                if rest.width >= rest.height
                else Area(rest.left + along, rest.top, length, thick)
            )
            along += length
        if rest.width >= rest.height:
            rest = Area(rest.left + thick, rest.top, max(rest.width - thick, 0.0), rest.height)
        else:
            rest = Area(rest.left, rest.top + thick, rest.width, max(rest.height - thick, 0.0))
    return found


def _worst(row: Sequence[float], side: float) -> float:
    """The proportion of the longest rectangle of a row along a side."""
    total = sum(row)
    if not total or not side:
        return float("inf")
    thick = total / side
    return max(max(thick * thick / part, part / (thick * thick)) for part in (row[0], row[-1]))
