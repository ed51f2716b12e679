"""The page of volumes: the longest way through each diagram, its maps as cuboids one behind the other.

Lengths go by the square root of sizes, so that a map of 6 and one of 227 positions are both seen, and a
convolution that halves a map and doubles its channels is still seen to do so.  A window has the part of its
map that it reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import sqrt

from rfcalc.errors import UsageError
from rfcalc.records import NamedTuple
from rfcalc.render.charts.palette import Colour
from rfcalc.render.charts.text_width import cut, lines_within, text_width
from rfcalc.render.diagrams.column import LINE, SMALL, TITLE, WIDEST_NAME, levels_of
from rfcalc.render.diagrams.cuboid import SLANT, Cuboid, PageBeam, PageVolume, hull
from rfcalc.render.diagrams.page import (
    DiagramPage,
    PageEdge,
    PageText,
)
from rfcalc.report.diagram.diagram import Diagram, DiagramBox
from rfcalc.report.diagram.main_way import Bypass, main_way, passes_of
from rfcalc.report.diagram.words import say
from rfcalc.report.words import Language
from rfcalc.shapes import LARGEST_SIZE, Shape, Size, format_length
from rfcalc.symbolic.polynomial import Polynomial

_PAD = 16.0
# The longest side of a map, the widest channels and the longest vector, in pixels; and the least of all.
_MAP, _CHANNELS, _VECTOR, _LEAST = 144.0, 44.0, 144.0, 3.0
# How thick a bar is, and how far a map of one axis goes to the back.
_BAR, _FLAT = 7.0, 8.0
# Between two volumes, between the texts below them, and between two rows.
_GAP, _BETWEEN_TEXTS, _BETWEEN_ROWS = 22.0, 9.0, 26.0
_WIDEST_LINE, _MOST_LINES = 92.0, 3
# Name and figures, a size above a volume, and what passes in one lane above these.
_HEAD, _SIZE, _LANE = 40.0, SMALL + 7, 13.0
# Where the unit is whose window is drawn, by turns: upwards, so that no two windows are in line.
_UNITS, _BACK = (0.66, 0.32), 0.5
# Wider than a pdf and a png can be is no drawing.
_MOST = 400
# The values of symbols that are tried, and how long the longest map is to be with them.
_VALUES, _USUAL_MAP = (*(2**power for power in range(13)), 7, 14, 28, 56), 128


def volumes_page(diagrams: Sequence[Diagram]) -> DiagramPage:
    """The page of diagrams below each other, in one scale; raises UsageError for too many volumes."""
    return _VolumePages(diagrams).page()


class _VolumeScale:
    """How long sizes are drawn."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.values = _values(shapes)
        maps = [shape for shape in shapes if not self.is_vector(shape)]
        self.largest_map = max((self.size(axis) for shape in maps for axis in shape.axes[-2:]), default=1.0)
        self.most_channels = max((self.size(shape.channels) for shape in maps), default=1.0)
        vectors = [self.size(shape.channels) for shape in shapes if self.is_vector(shape)]
        self.longest_vector = max(vectors, default=1.0)

    def size(self, size: Size) -> float:
        """A size as a number, 1 at least."""
        return max(1.0, float(_whole(size.evaluate(self.values) if isinstance(size, Polynomial) else size)))

    def is_vector(self, shape: Shape) -> bool:
        """Whether it has one position."""
        return all(axis == 1 for axis in shape.axes)

    def lengths(self, shape: Shape) -> tuple[float, float, float]:
        """How wide, high and deep a shape is drawn."""
        if self.is_vector(shape):
            return _BAR, _length(self.size(shape.channels), self.longest_vector, _VECTOR), _BAR
        high, *others = [_length(self.size(axis), self.largest_map, _MAP) for axis in shape.axes[-2:]]
        wide = _length(self.size(shape.channels), self.most_channels, _CHANNELS)
        return wide, high, others[0] if others else _FLAT


def _length(size: float, largest: float, longest: float) -> float:
    return max(_LEAST, longest * sqrt(size / largest))


def _values(shapes: Sequence[Shape]) -> Mapping[str, int]:
    """What symbols are drawn as: one number for all, with which maps have usual sizes."""
    sizes = [size for shape in shapes for size in shape.sizes() if isinstance(size, Polynomial)]
    symbols = sorted({symbol for size in sizes for symbol in size.symbols})
    axes = [axis for shape in shapes for axis in shape.axes if isinstance(axis, Polynomial)] or sizes

    def fit(value: int) -> tuple[bool, float]:
        values = dict.fromkeys(symbols, value)
        least = min(_whole(size.evaluate(values)) for size in sizes)
        most = max(_whole(axis.evaluate(values)) for axis in axes)
        return least < 1, abs(sqrt(max(1, most)) - sqrt(_USUAL_MAP))

    return dict.fromkeys(symbols, min(_VALUES, key=fit)) if symbols else {}


def _whole(size: Size) -> int:
    """A size without symbols, not longer than any tensor is."""
    return min(size, LARGEST_SIZE) if isinstance(size, int) else 0


class _RowItem(NamedTuple):
    """A box of the way with what is said of it: the size of its map, its channels, what it does."""

    box: DiagramBox
    lengths: tuple[float, float, float]
    bar: bool
    size: str
    channels: str
    lines: tuple[str, ...]

    @property
    def half(self) -> float:
        """Half of how wide its cuboid is."""
        return (self.lengths[0] + SLANT[0] * self.lengths[2]) / 2

    def beside(self) -> tuple[float, float]:
        """How far its texts go to the left and to the right of its middle."""
        below = max((text_width(text, SMALL) for text in self.lines), default=0.0) / 2
        # Channels stand below the front.
        channels, front = text_width(self.channels, SMALL) / 2, self.lengths[0] / 2 - self.half
        above = text_width(self.size, SMALL)
        # What is above a map stands over its upper edge; above a bar it begins where the bar does.
        start = -self.half if self.bar else SLANT[0] * self.lengths[2] / 2 - above / 2
        return max(below, -start, channels - front), max(below, start + above, channels + front)


class _VolumePages:
    """Rows of volumes."""

    def __init__(self, diagrams: Sequence[Diagram]) -> None:
        self.diagrams = diagrams
        self.ways = [main_way(diagram) for diagram in diagrams]
        self.language: Language = diagrams[0].language
        count = sum(map(len, self.ways))
        if count > _MOST:
            raise UsageError(
                f"{count} volumes are too many for a drawing, which holds {_MOST}; fold blocks with --depth"
            )
        self.shapes = [
            diagram.boxes[box].output for diagram, way in zip(diagrams, self.ways, strict=True) for box in way
        ]
        self.scale = _VolumeScale(self.shapes)
        self.texts: list[PageText] = []
        self.edges: list[PageEdge] = []
        self.volumes: list[tuple[PageVolume, PageBeam | None]] = []
        self.colours: dict[object, int] = {}
        self.width = 0.0

    def page(self) -> DiagramPage:
        bottom = _PAD
        for diagram, way in zip(self.diagrams, self.ways, strict=True):
            bottom = self.row(diagram, way, bottom) + _BETWEEN_ROWS
        notes = [*self.notes()]
        bottom -= _BETWEEN_ROWS - 8
        for note in notes:
            bottom += LINE + 2
            self.say(note, _PAD, bottom, anchor="start", muted=True)
        names = ", ".join(diagram.name for diagram in self.diagrams)
        return DiagramPage(
            width=self.width + _PAD,
            height=bottom + _PAD,
            texts=tuple(self.texts),
            boxes=(),
            edges=tuple(self.edges),
            bands=(),
            title=say("title", self.language, names=names),
            about="; ".join((*map(self.about, self.diagrams, self.ways), *notes)),
            language=self.language,
            volumes=tuple(self.volumes),
        )

    def about(self, diagram: Diagram, way: Sequence[int]) -> str:
        sizes = ", ".join(str(diagram.boxes[box].output) for box in way)
        return say("about volumes", self.language, name=diagram.name, count=len(way), sizes=sizes)

    def say(
        self,
        text: str,
        x: float,
        y: float,
        size: float = SMALL,
        anchor: str = "middle",
        *,
        bold: bool = False,
        muted: bool = False,
        owner: int = -1,
    ) -> None:
        """A line of text, if there is one, for which the page is wide enough."""
        if not text:
            return
        self.texts.append(PageText(text, x, y, size, anchor, bold=bold, muted=muted, owner=owner))
        wide = text_width(text, size, bold=bold) * (1.0 if anchor == "start" else 0.5)
        self.width = max(self.width, x + wide)

    def row(self, diagram: Diagram, way: Sequence[int], top: float) -> float:
        """One diagram below `top`; the lower end is returned."""
        items = [self.item(diagram.boxes[box]) for box in way]
        centres = [*_centres(items)]
        widest = max(WIDEST_NAME, centres[-1])
        self.say(cut(diagram.name, TITLE, widest, bold=True), _PAD, top + 12, TITLE, "start", bold=True)
        figures = cut(", ".join(diagram.figures), SMALL, widest)
        self.say(figures, _PAD, top + 27, anchor="start", muted=True)
        passes = passes_of(diagram, way)
        lanes = _lanes(passes)
        # Where what is the same for all lies: the middle of the maps, and the first line of texts below.
        rises = [(item.lengths[1] + SLANT[1] * item.lengths[2]) / 2 for item in items]
        head = top + _HEAD + (_LANE * (max(lanes.values()) + 1) if lanes else 0)
        middle = head + _SIZE + max(rises)
        below = middle + max(
            rise + (SMALL + 5 if item.channels else 0) for rise, item in zip(rises, items, strict=True)
        )
        levels = levels_of(diagram)
        placed: list[PageVolume] = []
        for item, rise, number, centre in zip(items, rises, way, centres, strict=True):
            wide, high, deep = item.lengths
            cuboid = Cuboid(centre - item.half, middle + rise, wide, high, deep)
            level = levels[number]
            inner = item.box.kind != "input"
            colour: Colour = self.colours.setdefault(level, len(self.colours)) if inner else "muted"
            placed.append(PageVolume(item.box, cuboid, colour, bar=item.bar))
            self.width = max(self.width, cuboid.right)
            owner = len(self.volumes) + len(placed) - 1
            # What leads into a bar ends at its left upper corner.
            over, anchor = (cuboid.left, "start") if item.bar else (cuboid.ridge, "middle")
            self.say(item.size, over, cuboid.top - 5, anchor=anchor, owner=owner)
            self.say(item.channels, cuboid.left + wide / 2, cuboid.bottom + SMALL + 1, owner=owner)
            for line, text in enumerate(item.lines):
                self.say(text, centre, below + 14 + LINE * line, muted=line > 0, owner=owner)
        self.arcs(passes, placed, lanes, head - _LANE)
        self.beams(placed)
        return below + 14 + LINE * max(len(item.lines) for item in items)

    def item(self, box: DiagramBox) -> _RowItem:
        shape = box.output
        bar = self.scale.is_vector(shape)
        channels = format_length(shape.channels, last=True)
        size = channels if bar else " × ".join(format_length(axis) for axis in shape.axes)
        lines = [each for line in box.lines for each in lines_within(line, SMALL, _WIDEST_LINE, 2)]
        return _RowItem(
            box,
            self.scale.lengths(shape),
            bar,
            cut(size, SMALL, _WIDEST_LINE),
            "" if bar else cut(channels, SMALL, _WIDEST_LINE),
            tuple(lines[:_MOST_LINES]),
        )

    def beams(self, placed: list[PageVolume]) -> None:
        """Put the volumes on the page, each with its window and what leads from there into the next."""
        for number, volume in enumerate(placed):
            following = placed[number + 1] if number + 1 < len(placed) else None
            window: Cuboid | None = None
            beam: PageBeam | None = None
            if following is not None and following.box.reads is not None:
                unit = _UNITS[number % len(_UNITS)]
                window = self.window(volume, following.box.reads, unit)
                beam = _beam(window or volume.cuboid, following.cuboid, None if following.bar else unit)
            elif following is not None:
                start = volume.cuboid.at(volume.cuboid.wide, volume.cuboid.high / 2, volume.cuboid.deep / 2)
                end = following.cuboid.left - 2, start[1]
                self.edges.append(PageEdge((start, end), False, len(self.volumes), len(self.volumes) + 1))
            self.volumes.append((volume._replace(window=window), beam))

    def window(self, volume: PageVolume, reads: Sequence[int | None], unit: float) -> Cuboid | None:
        """What a unit reads, `unit` of the way up; None where it is all there is."""
        cuboid, axes, read = volume.cuboid, volume.box.output.axes[-2:], reads[-2:]
        if volume.bar or len(read) != len(axes):
            return None
        parts = [
            1.0 if each is None else min(1.0, each / self.scale.size(axis))
            for each, axis in zip(read, axes, strict=True)
        ]
        if all(part == 1.0 for part in parts):
            return None
        high = max(min(_LEAST, cuboid.high), parts[0] * cuboid.high)
        deep = max(min(_LEAST, cuboid.deep), parts[1] * cuboid.deep) if len(parts) > 1 else cuboid.deep
        up = min(max(0.0, unit * cuboid.high - high / 2), cuboid.high - high)
        left, bottom = cuboid.at(0.0, up, max(0.0, _BACK * cuboid.deep - deep / 2))
        return Cuboid(left, bottom, cuboid.wide, high, deep)

    def arcs(
        self,
        passes: Sequence[Bypass],
        placed: Sequence[PageVolume],
        lanes: Mapping[int, int],
        bottom: float,
    ) -> None:
        """What passes by, above the volumes that come next on the page."""
        first = len(self.volumes)
        reached: dict[int, float] = {}
        for each in passes:
            source, target = placed[each.source].cuboid, placed[each.target].cuboid
            y = bottom - _LANE * lanes[each.source]
            start, end = source.ridge + 3, target.ridge - 3
            points = ((start, source.top - _SIZE), (start, y), (end, y), (end, target.top - _SIZE))
            self.edges.append(PageEdge(points, each.changes, first + each.source, first + each.target))
            text = each.text if each.passed <= 1 else say("several", self.language, count=each.passed)
            # Of what leaves one volume the first part is common to all.
            after = reached.get(each.source, start)
            reached[each.source] = end
            self.say(cut(text, SMALL, end - after - 12), (after + end) / 2, y - 3, muted=True)

    def notes(self) -> Iterator[str]:
        """What is to be known of the drawing, for its lower end."""
        yield say("to scale", self.language)
        if self.scale.values:
            symbols = ", ".join(self.scale.values)
            value = next(iter(self.scale.values.values()))
            yield cut(say("as for", self.language, symbols=symbols, value=value), SMALL, 2 * WIDEST_NAME)
        if any(len(shape.axes) > 2 and not self.scale.is_vector(shape) for shape in self.shapes):
            yield say("last axes", self.language)
        if beside := sum(len(diagram.boxes) for diagram in self.diagrams) - len(self.shapes):
            yield say("beside", self.language, count=beside)
        if any(edge.dashed for edge in self.edges):
            yield say("dashed", self.language)


def _centres(items: Sequence[_RowItem]) -> Iterator[float]:
    """Where the middles of volumes are, so that neither they nor their texts lie on each other."""
    centre = _PAD + max(items[0].half, items[0].beside()[0])
    yield centre
    for before, item in pairwise(items):
        texts = before.beside()[1] + item.beside()[0] + _BETWEEN_TEXTS
        centre += max(before.half + item.half + _GAP, texts)
        yield centre


def _beam(read: Cuboid, target: Cuboid, unit: float | None) -> PageBeam:
    """What a unit so far up in the next volume reads; None: what all of a vector read."""
    if unit is None:
        starts = (read.at(read.wide, read.high, read.deep), read.at(read.wide, 0, 0))
        ends = (target.at(0, target.high, 0), target.at(0, 0, 0))
        return PageBeam(tuple(zip(starts, ends, strict=True)), (*starts, *ends[::-1]), None)
    tip = target.at(0, unit * target.high, _BACK * target.deep)
    corners = read.map_corners(read.wide)
    return PageBeam(tuple((corner, tip) for corner in corners), hull((*corners, tip)), tip)


def _lanes(passes: Sequence[Bypass]) -> dict[int, int]:
    """How high what leaves a volume passes: higher than all that it passes over."""
    ends: dict[int, int] = {}
    for each in passes:
        ends[each.source] = max(ends.get(each.source, 0), each.target)
    lanes: dict[int, int] = {}
    for source, end in sorted(ends.items(), key=lambda span: (span[1] - span[0], span[0])):
        crossed = [lanes[other] for other in lanes if other < end and source < ends[other]]
        lanes[source] = max(crossed, default=-1) + 1
    return lanes
