"""The marks of a panel on a canvas of characters."""

from __future__ import annotations

from math import ceil, floor, hypot
from typing import TYPE_CHECKING

from rfcalc.errors import width_of
from rfcalc.records import NamedTuple
from rfcalc.render.characters import holds, legible
from rfcalc.render.charts.cells import levels_of, sampled
from rfcalc.render.charts.legend import entry_of, legend_of
from rfcalc.render.charts.names import Lettering
from rfcalc.render.charts.palette import DARK, LIGHT
from rfcalc.render.charts.photos import can_decode, pixels_of
from rfcalc.render.charts.shapes import area_of, dots_of, is_inside, lines_of, outline_of, spaced
from rfcalc.report.chart import Caption, Cells, Curve, Photo, Polygon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.render.charts.canvas import Canvas
    from rfcalc.render.charts.legend import LegendEntry
    from rfcalc.render.charts.shapes import Plane
    from rfcalc.report.chart import Chart, ChartMark, Panel, Point

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What lines are made of where there is no braille, by series.
_SIGNS = "*+ox#@%&"
# What cells of so many series are made of where there is no colour, the last lying above the others.
_FILLS = ("█", "░█", "░▒█", "░▒▓█")
_ASCII_FILLS = ("#", ".#", ".o#", ".o%#")
_MOST_CELLS = 512
_FAINTEST = 0.25
# In pixels.
_THINNEST = 0.5


class CharacterMeans(NamedTuple):
    """What an output in characters can show.

    letters: those of lines, by their entries in the legend.  fills: what cells of a series are made of where
    there is no colour.
    """

    colour: bool
    unicode: bool
    encoding: str
    letters: dict[LegendEntry, str]
    fills: dict[int, str]

    def legible(self, text: str) -> str:
        """One line of any text in characters of the output."""
        return legible(text, self.encoding)

    def within(self, text: str, width: float) -> str:
        """The text, or as much of its beginning as so many cells hold, with a sign that there is more."""
        if width_of(text) <= width:
            return text
        mark = "…" if holds(self.encoding, "…") else "~"
        while text and width_of(text) + 1 > width:
            text = text[:-1]
        return text.rstrip() + mark if width >= 1 else ""

    def lettering(self) -> Lettering:
        """How names of guides are measured."""
        return Lettering(lambda text: float(width_of(text)), self.within, 1, 1)

    @property
    def halves(self) -> bool:
        """Whether the halves of a cell may have colours of their own."""
        return self.colour and self.unicode

    def sign(self, series: int) -> str:
        """What a line is made of where there is no braille."""
        return _SIGNS[series % len(_SIGNS)] if series >= 0 else "."


def means_of(chart: Chart, *, colour: bool, encoding: str) -> CharacterMeans:
    """What an output in an encoding has for a chart."""
    unicode = holds(encoding, "⣿▀█░│─╌")
    lined = [entry for entry in legend_of(chart) if entry.kind != "cells"]
    letters = dict(zip(lined, _LETTERS, strict=False)) if len(lined) > 1 else {}
    marks = (mark for panel in chart.panels for mark in panel.marks)
    filled = [*dict.fromkeys(mark.series for mark in marks if isinstance(mark, Cells) and not mark.scaled)]
    fills = (_FILLS if unicode else _ASCII_FILLS)[min(max(len(filled), 1), len(_FILLS)) - 1]
    signs = {series: fills[place % len(fills)] for place, series in enumerate(filled)}
    return CharacterMeans(colour, unicode, encoding, letters, signs)


def needs_more(chart: Chart, means: CharacterMeans) -> bool:
    """Whether the chart has a photo that cannot be shown."""
    photos = any(isinstance(mark, Photo) for panel in chart.panels for mark in panel.marks)
    return photos and not (means.halves and can_decode())


def paints(panel: Panel, means: CharacterMeans) -> bool:
    """Whether some mark of a panel has pixels, below which there is a ground."""
    return means.halves and any(
        isinstance(mark, Cells | Photo) or (isinstance(mark, Polygon) and mark.fill > 0)
        for mark in panel.marks
    )


def line_colour(series: int, *, painted: bool = False) -> str:
    """The colour of a line: legible on any terminal, or on the ground that a canvas has painted."""
    if series < 0:
        return DARK.ink if painted else ""
    return DARK.colour(series) if painted else LIGHT.colour(series)


def draw_mark(canvas: Canvas, plane: Plane, panel: Panel, mark: ChartMark, means: CharacterMeans) -> None:
    """A mark on the canvas of its panel, above those before; guides are no such mark."""
    if isinstance(mark, Curve | Polygon):
        _line(canvas, plane, mark, means)
    elif isinstance(mark, Cells):
        _cells(canvas, plane, panel, mark, means)
    elif isinstance(mark, Photo):
        if means.halves and can_decode():
            _photo(canvas, plane, mark)
    elif isinstance(mark, Caption):
        _caption(canvas, plane, mark, means)


def _cell_at(canvas: Canvas, place: Point) -> tuple[int, int]:
    return round(place[0] * (canvas.width - 1)), round(place[1] * (canvas.height - 1))


def _line(canvas: Canvas, plane: Plane, mark: Curve | Polygon, means: CharacterMeans) -> None:
    if isinstance(mark, Polygon):
        if mark.fill and means.halves:
            _inside(canvas, area_of(plane, mark.corners), mark)
        runs, dots = outline_of(plane, mark.corners, 2 * canvas.width), False
    else:
        runs, dots = lines_of(plane, mark, 2 * canvas.width), mark.dots or mark.stroke == "none"
    colour, sign = line_colour(mark.series, painted=canvas.painted), means.sign(mark.series)
    for run in runs if mark.stroke != "none" else ():
        canvas.line(run, colour, mark.stroke, sign)
    alone = [run[0] for run in runs if len(run) == 1]
    for place in dots_of(plane, mark) if dots and isinstance(mark, Curve) else alone:
        canvas.write(*_cell_at(canvas, place), "•" if means.unicode else sign, colour)
    letter = means.letters.get(entry_of(mark)) if mark.label else None
    if letter and runs:
        placed = [[_cell_at(canvas, place) for place in run] for run in runs]
        if isinstance(mark, Polygon):
            corners = [cell for run in placed for cell in run]
            found: list[Point] = [next((cell for cell in corners if canvas.is_free(*cell)), corners[0])]
        else:
            # At its end, where curves are apart the most, and at some places before.
            found = [placed[-1][-1], *spaced(placed, canvas.width / 3)]
        for x, y in found:
            canvas.write(round(x), round(y), letter, colour)


def _inside(canvas: Canvas, corners: Sequence[Point], mark: Polygon) -> None:
    """Paint a polygon: the pixels whose middle lies in it, by the even-odd rule.

    Of what is thinner than pixels, such as the lines of a grid, it would be some here and there.
    """
    rows = 2 * canvas.height
    if _thickness([(x * canvas.width, y * rows) for x, y in corners]) < _THINNEST:
        return
    for y in range(rows):
        level = (y + 0.5) / rows
        crossings = sorted(
            start[0] + (level - start[1]) / (end[1] - start[1]) * (end[0] - start[0])
            for start, end in zip(corners, (*corners[1:], *corners[:1]), strict=True)
            if (start[1] <= level) != (end[1] <= level)
        )
        for first, last in zip(crossings[::2], crossings[1::2], strict=False):
            for x in range(round(first * canvas.width), round(last * canvas.width)):
                canvas.pixel(x, y, DARK.colour(mark.series), mark.fill)


def _thickness(corners: Sequence[Point]) -> float:
    """The area of a polygon by half of its circumference: of a strip, about how wide it is."""
    sides = [*zip(corners, (*corners[1:], *corners[:1]), strict=True)]
    area = abs(sum(start[0] * end[1] - end[0] * start[1] for start, end in sides)) / 2
    around = sum(hypot(end[0] - start[0], end[1] - start[1]) for start, end in sides)
    return 2 * area / around if around else 0.0


def _cells(canvas: Canvas, plane: Plane, panel: Panel, cells: Cells, means: CharacterMeans) -> None:
    levels = levels_of(cells, _MOST_CELLS)
    if not levels.rows or not levels.rows[0]:
        return
    first, last = (plane.x.value(end) for end in (0.0, 1.0))
    upper, lower = (plane.y.value(end if panel.downwards else 1 - end) for end in (0.0, 1.0))
    down = 1 if panel.downwards else -1
    across = (first - cells.left) / levels.size, (last - cells.left) / levels.size
    along = down * (upper - cells.top) / levels.size, down * (lower - cells.top) / levels.size
    rows = sampled(levels, across, along, (canvas.width, 2 * canvas.height))
    if means.halves:
        colour = DARK.colour(cells.series)
        # Pixels that lie mostly beyond the map would stand outside of the line around it.
        wide, high = (
            _middles(across, canvas.width, len(levels.rows[0])),
            _middles(along, len(rows), len(levels.rows)),
        )
        for y, row in zip(high, rows[high.start : high.stop], strict=True):
            for x, amount in zip(wide, row[wide.start : wide.stop], strict=True):
                if amount > 0.004:
                    canvas.pixel(x, y, colour, amount if cells.scaled else max(amount, _FAINTEST))
        return
    for number, halves in enumerate(zip(rows[::2], rows[1::2], strict=True)):
        for x, (above, below) in enumerate(zip(*halves, strict=True)):
            if cells.scaled:
                canvas.shade(x, number, (above + below) / 2)
            else:
                canvas.fill(x, number, above, below, means.fills[cells.series])


def _middles(ends: tuple[float, float], count: int, length: int) -> range:
    """Which of `count` equal stretches between the ends have their middle from 0 to `length`.

    Those that touch it where none has, as a map smaller than a pixel is still to be seen.
    """
    step = (ends[1] - ends[0]) / count
    first, last = -ends[0] / step, (length - ends[0]) / step
    start, stop = ceil(first - 0.5), ceil(last - 0.5)
    if start >= stop:
        start, stop = floor(first), ceil(last)
    return range(min(max(start, 0), count), min(max(stop, 0), count))


def _photo(canvas: Canvas, plane: Plane, photo: Photo) -> None:
    start, end = plane.place((photo.left, photo.top)), plane.place((photo.right, photo.bottom))
    rows = 2 * canvas.height
    # Neither nan nor an end far away is a number of pixels.
    if not all(-8 <= place <= 8 for place in (*start, *end)):
        return
    left, top = round(start[0] * canvas.width), round(start[1] * rows)
    size = round(end[0] * canvas.width) - left, round(end[1] * rows) - top
    if min(size) < 1:
        return
    for y, row in enumerate(pixels_of(photo, *size)):
        for x, colour in enumerate(row):
            if 0 <= left + x < canvas.width and 0 <= top + y < rows:
                canvas.pixel(left + x, top + y, colour, 1.0)


def _caption(canvas: Canvas, plane: Plane, caption: Caption, means: CharacterMeans) -> None:
    """A text, moved to where all of it is on the canvas."""
    place = plane.place(caption.at)
    if not is_inside(place):
        return
    text = means.within(means.legible(caption.text), canvas.width)
    wide = width_of(text)
    column, row = _cell_at(canvas, place)
    column -= {"start": 0, "middle": wide // 2, "end": wide - 1}[caption.anchor]
    column = min(max(column, 0), canvas.width - wide)
    canvas.write(column, row, text, line_colour(caption.series, painted=canvas.painted))
