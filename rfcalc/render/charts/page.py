"""Where the parts of a chart stand on a page, in the pixels of an SVG.

    title
    legend, in as many rows as it takes
    panels, in columns: title, names of guides, rectangle of the marks, names of places, label of the scale;
                        at its left those of y, at its right names of guides and the scale of shades
    notes

A chart of one column is 480 wide and its smallest text 12, which is 5.7 points where it is printed 8 cm wide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.render.charts.legend import guides_of, legend_of, shades_of
from rfcalc.render.charts.names import GuideFlag, Lettering, flags, pushed_apart
from rfcalc.render.charts.scales import Tick, ticks_of
from rfcalc.render.charts.shapes import Plane, dots_of, lines_of, plane_of, proportion, spaced
from rfcalc.render.charts.text_width import cut, lines_within, text_width

if TYPE_CHECKING:
    from rfcalc.render.charts.legend import LegendEntry
    from rfcalc.report.chart import Chart, Curve, Guide, Panel, Point, Scale

TITLE, FONT, SMALL = 15, 13, 12
LINE = 16
PAD = 12
GAP = 18
# The sample of a mark in a legend, and the blank behind it.
SAMPLE = 30
_WIDTH, _MORE_WIDTH = 480, 160
_HIGHEST, _LOWEST = 420, 130
_MOST_GUIDE_WIDTH = 0.3
_MOST_TICK_WIDTH = 140
_SHADES = 58
# A curve has a marker about every so many pixels, and no more dots than these.
_BETWEEN_MARKERS = 90
_MOST_DOTS = 400
_LETTERING = Lettering(
    lambda text: text_width(text, SMALL), lambda text, width: cut(text, SMALL, width), 4, 6
)


class PlacedText(NamedTuple):
    """A line of text with its left end, on its base line."""

    text: str
    left: float
    base: float


class LegendSample(NamedTuple):
    """An entry of the legend, its label cut to what fits: the left end and the middle of its sample."""

    entry: LegendEntry
    label: str
    left: float
    middle: float


class NamedGuide(NamedTuple):
    """A guide, with the place of its name beside the panel: the left end, or the base line's height.

    at: where its line is, across or down.  text, left, base: its name.
    """

    guide: Guide
    at: float
    text: str
    left: float
    base: float


class CentredText(NamedTuple):
    """A line of text with the middle of its base line."""

    text: str
    x: float
    y: float


class _Head(NamedTuple):
    """What stands above a panel: the names of guides, the lines of its title, and how high all is."""

    names: list[GuideFlag]
    lines: list[str]
    height: float


class Spot(NamedTuple):
    """A panel with the rectangle of its marks, and the places along its sides that have room for a name.

    y_label goes upwards.
    """

    panel: Panel
    plane: Plane
    left: float
    top: float
    width: float
    height: float
    title: tuple[PlacedText, ...]
    x_label: CentredText
    y_label: CentredText
    x_ticks: tuple[tuple[float, Tick], ...]
    y_ticks: tuple[tuple[float, Tick], ...]
    guides: tuple[NamedGuide, ...]

    def at(self, place: tuple[float, float]) -> tuple[float, float]:
        """A place of the unit square on the page."""
        return self.left + place[0] * self.width, self.top + place[1] * self.height


class Page(NamedTuple):
    """A chart laid out."""

    width: float
    height: float
    title: tuple[PlacedText, ...]
    legend: tuple[LegendSample, ...]
    spots: tuple[Spot, ...]
    notes: tuple[PlacedText, ...]


class _Margins(NamedTuple):
    left: float
    right: float
    bottom: float


def page_of(chart: Chart) -> Page:
    """The places of all parts of a chart."""
    columns = max(1, min(chart.columns, len(chart.panels)))
    width = _WIDTH + _MORE_WIDTH * (columns - 1)
    inner = width - 2 * PAD
    title, y = _lines(chart.title, TITLE, PAD, PAD, inner, 3, bold=True)
    legend, y = _legend(legend_of(chart), y + (6 if title else 0), inner)
    y += 8
    cell = (inner - GAP * (columns - 1)) / columns
    rows = [chart.panels[start : start + columns] for start in range(0, len(chart.panels), columns)]
    margins = [[_margins(panel, cell) for panel in row] for row in rows]
    lefts = [
        max((row[place].left for row in margins if place < len(row)), default=0) for place in range(columns)
    ]
    rights = [
        max((row[place].right for row in margins if place < len(row)), default=0) for place in range(columns)
    ]
    spots: list[Spot] = []
    for row, around in zip(rows, margins, strict=True):
        bottom = max(margin.bottom for margin in around)
        starts = [PAD + place * (cell + GAP) for place in range(len(row))]
        sizes = [_size(panel, cell - lefts[place] - rights[place]) for place, panel in enumerate(row)]
        heads = [
            _head(panel, starts[place] + lefts[place], sizes[place][0], (starts[place], starts[place] + cell))
            for place, panel in enumerate(row)
        ]
        top = max(head.height for head in heads)
        height = max(size[1] for size in sizes)
        for place, panel in enumerate(row):
            corner = starts[place] + lefts[place], y + top
            # As far as its cell goes, so that what is beside it may stand there.
            ends = starts[place], starts[place] + cell
            spots.append(_spot(panel, corner, sizes[place], ends, heads[place]))
        y += top + height + bottom + GAP
    y -= GAP if rows else 0
    notes: list[PlacedText] = []
    y += 6 if chart.notes else 0
    for note in chart.notes:
        lines, y = _lines(note, SMALL, PAD, y, inner, 6)
        notes += lines
    return Page(width, y + PAD, title, legend, tuple(spots), tuple(notes))


def marked_places(spot: Spot, curve: Curve, *, spread: bool) -> list[Point]:
    """Where a curve has the marker of its series, in the unit square of its panel.

    Its points where they are to be seen, else those that nothing joins; spread: and places on its way.
    """
    if curve.dots or curve.stroke == "none":
        dots = dots_of(spot.plane, curve)
        return dots[:: -(-len(dots) // _MOST_DOTS) or 1]
    runs = lines_of(spot.plane, curve, int(spot.width))
    alone = [run[0] for run in runs if len(run) == 1]
    if not spread:
        return alone
    on_page = spaced([[*map(spot.at, run)] for run in runs], _BETWEEN_MARKERS)
    return [*alone, *(((x - spot.left) / spot.width, (y - spot.top) / spot.height) for x, y in on_page)]


def _lines(
    text: str, size: float, left: float, y: float, width: float, most: int, *, bold: bool = False
) -> tuple[tuple[PlacedText, ...], float]:
    """A text in lines that begin at `y`, and where they end."""
    step = size + 4
    lines = lines_within(text, size, width, most, bold=bold)
    return (
        tuple(PlacedText(line, left, y + number * step + size) for number, line in enumerate(lines)),
        y + len(lines) * step,
    )


def _legend(
    entries: tuple[LegendEntry, ...], y: float, width: float
) -> tuple[tuple[LegendSample, ...], float]:
    placed: list[LegendSample] = []
    x = 0.0
    for entry in entries:
        label = cut(entry.label, FONT, width - SAMPLE)
        needed = SAMPLE + text_width(label, FONT)
        if x and x + needed > width:
            x, y = 0.0, y + LINE + 2
        placed.append(LegendSample(entry, label, PAD + x, y + LINE / 2))
        x += needed + 16
    return tuple(placed), y + (LINE + 2 if entries else 0)


def _size(panel: Panel, width: float) -> tuple[float, float]:
    """Width and height of a panel's rectangle where there is so much width."""
    asked = proportion(panel)
    if asked is None:
        return width, min(max(0.58 * width, _LOWEST), 300)
    height = width * asked
    return (width, max(height, 8.0)) if height <= _HIGHEST else (max(_HIGHEST / asked, 8.0), _HIGHEST)


def _margins(panel: Panel, cell: float) -> _Margins:
    """What a panel needs around its rectangle, in a cell of this width."""
    left, right, bottom = 2.0, 2.0, 0.0
    beside = [text_width(guide.label, SMALL) for guide in guides_of(panel, "y")]
    if any(beside):
        right += min(max(beside), _MOST_GUIDE_WIDTH * cell) + 8
    if shades_of(panel):
        right += _SHADES
    if panel.framed:
        left += max((text_width(tick.label, SMALL) for tick in _ticks(panel.y)), default=0) + 8
        left += 20 if panel.y.label else 0
        bottom += (18 if not panel.x.bare else 6) + (18 if panel.x.label else 0)
        # The last name across may go as far.
        right = max(right, *(text_width(tick.label, SMALL) / 2 for tick in _ticks(panel.x)[-1:]), 14)
    return _Margins(left, right, bottom)


def _ticks(scale: Scale) -> tuple[Tick, ...]:
    """The places that are named, no name too long."""
    return tuple(tick._replace(label=cut(tick.label, SMALL, _MOST_TICK_WIDTH)) for tick in ticks_of(scale))


def _head(panel: Panel, left: float, width: float, ends: tuple[float, float]) -> _Head:
    """What stands above a panel whose rectangle is there, in a cell with these ends."""
    across = [guide for guide in _guides_across(panel, left, width) if guide[1].label]
    start = left if panel.framed else ends[0]
    names = flags(across, (start, ends[1]), _LETTERING)
    rows = max((flag.row + 1 for flag in names), default=0)
    lines = lines_within(panel.title, FONT, ends[1] - start, 2, bold=True)
    return _Head(names, lines, rows * LINE + (6 if rows else 4) + len(lines) * (FONT + 4))


def _guides_across(panel: Panel, left: float, width: float) -> list[tuple[float, Guide]]:
    """The guides across x that are in a panel, each with its place on the page."""
    plane = plane_of(panel)
    placed = [(left + plane.x.place(guide.value) * width, guide) for guide in guides_of(panel, "x")]
    return [(at, guide) for at, guide in placed if left - 0.5 <= at <= left + width + 0.5]


def _spot(
    panel: Panel,
    corner: tuple[float, float],
    size: tuple[float, float],
    ends: tuple[float, float],
    head: _Head,
) -> Spot:
    """A panel whose rectangle has a corner and a size, in a cell with these ends."""
    plane, (left, top), (width, height) = plane_of(panel), corner, size
    guides = [
        NamedGuide(flag.guide, flag.at, flag.text, flag.left, top - 4 - flag.row * LINE)
        for flag in head.names
    ]
    named = [flag.guide for flag in head.names]
    across = _guides_across(panel, left, width)
    guides += [NamedGuide(guide, at, "", 0.0, 0.0) for at, guide in across if guide not in named]
    guides += _beside(panel, plane, left + width, top, height, ends[1])
    first = top - head.height + FONT
    start = left if panel.framed else ends[0]
    y_ticks: list[tuple[float, Tick]] = []
    for tick in _ticks(panel.y):
        at = top + plane.place((0.0, tick.value))[1] * height
        if all(abs(at - other) >= SMALL for other, _ in y_ticks):
            y_ticks.append((at, tick))
    places = [left + plane.x.place(tick.value) * width for tick in _ticks(panel.x)]
    x_ticks = _with_room(_ticks(panel.x), places, ends)
    below = cut(panel.x.label, FONT, ends[1] - ends[0])
    half = text_width(below, FONT) / 2
    middle = min(max(left + width / 2, ends[0] + half), ends[1] - half)
    beside = cut(panel.y.label, FONT, height + head.height - 4)
    widest = max((text_width(tick.label, SMALL) for _, tick in y_ticks), default=0)
    return Spot(
        panel=panel,
        plane=plane,
        left=left,
        top=top,
        width=width,
        height=height,
        title=tuple(
            PlacedText(line, start, first + number * (FONT + 4)) for number, line in enumerate(head.lines)
        ),
        x_label=CentredText(below, middle, top + height + (33 if x_ticks else 20)),
        # One that is longer than the panel is high goes on above it, beside the title.
        y_label=CentredText(
            beside, left - 15 - widest, top + height - max(height, text_width(beside, FONT)) / 2
        ),
        x_ticks=x_ticks,
        y_ticks=tuple(y_ticks),
        guides=tuple(guides),
    )


def _with_room(
    ticks: tuple[Tick, ...], places: list[float], ends: tuple[float, float]
) -> tuple[tuple[float, Tick], ...]:
    """Places of names across, without those that would stand over the one before; none leaves its cell."""
    found: list[tuple[float, Tick]] = []
    end = float("-inf")
    for tick, at in zip(ticks, places, strict=True):
        room = 2 * (min(at - ends[0], ends[1] - at) + PAD / 2)
        label = cut(tick.label, SMALL, room)
        half = text_width(label, SMALL) / 2
        if 2 * half <= room and at - half >= end + 6:
            found.append((at, tick._replace(label=label)))
            end = at + half
    return tuple(found)


def _beside(
    panel: Panel, plane: Plane, right: float, top: float, height: float, end: float
) -> list[NamedGuide]:
    """Guides across y, their names at the right, pushed apart."""
    found = []
    for guide in guides_of(panel, "y"):
        at = top + plane.place((0.0, guide.value))[1] * height
        if top - 0.5 <= at <= top + height + 0.5:
            found.append((at, guide))
    found.sort(key=lambda each: each[0])
    bases = pushed_apart([at + 4 for at, _ in found], LINE - 2, top + height + 4)
    room = end - right - 6 - (_SHADES if shades_of(panel) else 0)
    return [
        NamedGuide(guide, at, cut(guide.label, SMALL, max(room, 20)) if guide.label else "", right + 6, base)
        for (at, guide), base in zip(found, bases, strict=True)
    ]
