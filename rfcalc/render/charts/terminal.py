"""A chart in characters: curves of braille dots, maps of half blocks; plain characters where these lack.

What is drawn as a line has a letter beside its name in the legend and on itself, so that no name depends on
colour.  The colours of lines are legible on light and dark terminals; below maps lies a dark ground.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rfcalc.errors import width_of
from rfcalc.records import NamedTuple
from rfcalc.render.characters import holds, legible, wrapped
from rfcalc.render.charts.canvas import Canvas, Glyph
from rfcalc.render.charts.cells import levels_of, sampled
from rfcalc.render.charts.legend import Entry, entry_of, guides_of, legend_of, shades_of
from rfcalc.render.charts.names import Lettering, flags, pushed_apart
from rfcalc.render.charts.palette import DARK, LIGHT
from rfcalc.render.charts.photos import can_decode, pixels_of
from rfcalc.render.charts.scales import ticks_of
from rfcalc.render.charts.shapes import (
    area_of,
    dots_of,
    is_inside,
    lines_of,
    outline_of,
    plane_of,
    proportion,
)
from rfcalc.report.chart import Cells, Curve, Photo, Polygon, Word

if TYPE_CHECKING:
    from rfcalc.render.charts.shapes import Plane
    from rfcalc.report.chart import Chart, Panel, Point

# A panel is no narrower, where there are several side by side, and no lower.
_NARROWEST, _LOWEST, _USUAL, _HIGHEST = 30, 6, 15, 26
_GAP = 3
_MOST_CELLS = 512
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What lines are made of where there is no braille, by series; and what cells are.
_SIGNS = "*+ox#@%&"
_FILLS = ("█▓▒░", "#%o:")


class _Means(NamedTuple):
    """What the output can show, and the letters of entries."""

    colour: bool
    unicode: bool
    encoding: str
    letters: dict[Entry, str]

    def legible(self, text: str) -> str:
        return legible(text, self.encoding)

    def ellipsis(self, text: str, width: float) -> str:
        """The text, or as much of it as so many cells hold."""
        if width_of(text) <= width:
            return text
        mark = "…" if holds(self.encoding, "…") else "."
        while text and width_of(text) + 1 > width:
            text = text[:-1]
        return text.rstrip() + mark if width >= 1 else ""

    def lettering(self) -> Lettering:
        """How names of guides are measured."""
        return Lettering(lambda text: float(width_of(text)), self.ellipsis, 1, 1)


Line = list[Glyph]


def chart_text(chart: Chart, width: int, height: int | None, *, colour: bool, encoding: str = "utf-8") -> str:
    """The chart in lines of at most `width` cells, with escape sequences only when `colour`.

    height: the lines of the terminal, which are not exceeded where panels can be that low; None for any.
    """
    unicode = holds(encoding, "⣿▀█░│─")
    lined = [entry for entry in legend_of(chart) if entry.kind != "cells"]
    letters = dict(zip(lined, _LETTERS, strict=False)) if len(lined) > 1 else {}
    means = _Means(colour, unicode, encoding, letters)
    width = max(width, 20)
    head = [_line(means.legible(text), "bold") for text in wrapped(chart.title, width) if text]
    legend = _legend(chart, means, width)
    notes = [*chart.notes, *_missing(chart)]
    foot = [_line(text, "dim") for note in notes for text in wrapped(means.legible(note), width)]
    columns = max(1, min(chart.columns, len(chart.panels), (width + _GAP) // (_NARROWEST + _GAP)))
    rows = [chart.panels[start : start + columns] for start in range(0, len(chart.panels), columns)]
    cell = min((width - _GAP * (columns - 1)) // columns, 100)
    fixed = len(head) + len(legend) + len(foot) + 3 + len(rows) - 1
    room = None if height is None or not rows else (height - 1 - fixed) // len(rows)
    blocks = [_beside([_panel(panel, means, cell, room) for panel in row], cell) for row in rows]
    parts = [head, legend, *blocks, foot]
    lines: list[Line] = []
    for part in parts:
        if part:
            lines += [[], *part] if lines else part
    return _printed(lines, colour)


def _line(text: str, style: str = "") -> Line:
    return [Glyph(text, style)] if text else []


def _missing(chart: Chart) -> list[str]:
    photos = any(isinstance(mark, Photo) for panel in chart.panels for mark in panel.marks)
    if not photos or can_decode():
        return []
    if chart.language == "zh":
        return ["未显示照片：需要 pip install 'rfcalc[plot]'"]
    return ["the photo is not shown, for which a terminal needs: pip install 'rfcalc[plot]'"]


def _series_colour(series: int) -> str:
    return "" if series < 0 else LIGHT.colour(series)


def _sign(series: int) -> str:
    return _SIGNS[series % len(_SIGNS)] if series >= 0 else "."


def _fill(series: int, unicode: bool) -> str:
    fills = _FILLS[0 if unicode else 1]
    return fills[max(series, 0) % len(fills)]


def _legend(chart: Chart, means: _Means, width: int) -> list[Line]:
    lines: list[Line] = []
    used = 0
    for entry in legend_of(chart):
        sample = _sample(entry, means)
        label = means.ellipsis(means.legible(entry.label), width - 6)
        needed = sum(width_of(glyph.text) for glyph in sample) + 1 + width_of(label)
        if not lines or used + 3 + needed > width:
            lines.append([])
            used = 0
        else:
            lines[-1].append(Glyph("   "))
            used += 3
        lines[-1] += [*sample, Glyph(f" {label}")]
        used += needed
    return lines


def _sample(entry: Entry, means: _Means) -> Line:
    """What an entry looks like: its letter, and some of its line or its cells."""
    colour = _series_colour(entry.series)
    if entry.kind == "cells":
        if means.colour:
            return [Glyph("██" if means.unicode else "##", DARK.colour(entry.series), DARK.ground)]
        return [Glyph(_fill(entry.series, means.unicode) * 2)]
    letter = means.letters.get(entry, "")
    canvas = Canvas(4, 1, colour=means.colour, unicode=means.unicode)
    if entry.stroke != "none":
        canvas.line([(0.0, 0.4), (1.0, 0.4)], colour, entry.stroke, _sign(entry.series))
    else:
        canvas.dot(1, 1, colour, _sign(entry.series))
        canvas.dot(5, 1, colour, _sign(entry.series))
    return [*([Glyph(letter, colour), Glyph(" ")] if letter else []), *canvas.rows()[0]]


def _beside(blocks: list[list[Line]], cell: int) -> list[Line]:
    """Panels side by side, each in `cell` columns."""
    lines: list[Line] = []
    for number in range(max(map(len, blocks), default=0)):
        line: Line = []
        for place, block in enumerate(blocks):
            part = block[number] if number < len(block) else []
            used = sum(width_of(glyph.text) for glyph in part)
            last = place + 1 == len(blocks)
            line += part if last else [*part, Glyph(" " * (cell - used + _GAP))]
        lines.append(line)
    return lines


def _panel(panel: Panel, means: _Means, cell: int, room: int | None) -> list[Line]:
    """A panel with its scales, in `cell` columns and, where it can be, `room` lines."""
    plane = plane_of(panel)
    title = [_line(text, "bold") for text in wrapped(means.legible(panel.title), cell) if text]
    framed = panel.framed
    below = (1 + (not panel.x.bare) + bool(panel.x.label)) if framed else 0
    y_label = means.ellipsis(means.legible(panel.y.label), cell) if framed and panel.y.label else ""
    limit = max(_LOWEST, min(_HIGHEST, (room or _HIGHEST) - len(title) - below - bool(y_label) - 1))
    labels = [means.legible(tick.label) for tick in ticks_of(panel.y)] if framed else []
    left = min(max(map(width_of, labels), default=0), cell // 3) + 2 if framed else 0
    guides = [(plane.place((0.0, guide.value))[1], guide) for guide in guides_of(panel, "y")]
    guides = sorted((at, guide) for at, guide in guides if 0 <= at <= 1)
    right = min(max((width_of(means.legible(guide.label)) + 1 for _, guide in guides), default=0), cell // 3)
    width = max(cell - left - right, 4)
    asked = proportion(panel)
    if asked is None:
        height = min(limit, max(_LOWEST, round(width * 0.3)) if room is None else limit)
        height = min(height, max(_USUAL, round(width * 0.3)))
    else:
        height = max(1, round(width * asked / 2))
        if height > limit:
            height, width = limit, max(2, round(limit * 2 / asked))
    canvas = Canvas(width, height, colour=means.colour, unicode=means.unicode)
    for mark in panel.marks:
        _mark(canvas, plane, panel, mark, means)
    across = [(plane.x.place(guide.value) * (width - 1), guide) for guide in guides_of(panel, "x")]
    across = [(at, guide) for at, guide in across if 0 <= at <= width - 1]
    for at, _ in across:
        _upright(canvas, round(at))
    for at, _ in guides:
        _level_line(canvas, round(at * (height - 1)))
    lines = [*title]
    if y_label:
        lines.append(_line(y_label, "dim"))
    flying = flags(
        [(left + at, guide) for at, guide in across if guide.label], (0.0, float(cell - 1)), means.lettering()
    )
    for row in range(max((flag.row for flag in flying), default=-1), -1, -1):
        above = Canvas(cell, 1, colour=False, unicode=means.unicode)
        for flag in flying:
            if flag.row >= row:
                above.write(round(flag.at), 0, "╎" if means.unicode else "|")
            if flag.row == row:
                above.write(round(flag.left), 0, means.legible(flag.text))
        lines.append([glyph._replace(colour="dim") for glyph in above.rows()[0]])
    names = _names_beside(
        [(at * (height - 1), means.legible(guide.label)) for at, guide in guides], height, means, right
    )
    lines += (
        _framed(canvas, plane, panel, left, names, means)
        if framed
        else [[*row, *_line(name, "dim")] for row, name in zip(canvas.rows(), names, strict=True)]
    )
    shades = shades_of(panel)
    if shades:
        lines.append(_scale_of_shades(shades, means, cell))
    return lines


def _names_beside(guides: list[tuple[float, str]], height: int, means: _Means, room: int) -> list[str]:
    names = [""] * height
    rows = pushed_apart([float(round(at)) for at, _ in guides], 1.0, height - 1.0)
    for row, (_, label) in zip(rows, guides, strict=True):
        if 0 <= row < height and label:
            names[int(row)] = " " + means.ellipsis(label, room - 1)
    return names


def _framed(
    canvas: Canvas, plane: Plane, panel: Panel, left: int, names: list[str], means: _Means
) -> list[Line]:
    """The rows of a canvas with both scales."""
    bar, rule, corner, tick_mark = ("│", "─", "└", "┤") if means.unicode else ("|", "-", "+", "+")
    at_row: dict[int, str] = {}
    for tick in ticks_of(panel.y):
        row = round(plane.place((0.0, tick.value))[1] * (canvas.height - 1))
        at_row.setdefault(row, means.ellipsis(means.legible(tick.label), left - 2))
    lines: list[Line] = []
    for number, cells in enumerate(canvas.rows()):
        label = at_row.get(number)
        blank = " " * (left - 1 - width_of(label or ""))
        start = [Glyph(blank + (label or ""), "dim"), Glyph(tick_mark if label is not None else bar, "dim")]
        lines.append([*start, *cells, *_line(names[number], "dim")])
    marks = Canvas(left + canvas.width, 1, colour=False, unicode=means.unicode)
    marks.write(left - 1, 0, corner + rule * canvas.width)
    texts = Canvas(left + canvas.width + 4, 1, colour=False, unicode=means.unicode)
    end = -1
    for tick in ticks_of(panel.x):
        column = left + round(plane.x.place(tick.value) * (canvas.width - 1))
        label = means.ellipsis(means.legible(tick.label), canvas.width)
        start_at = max(0, min(column - width_of(label) // 2, texts.width - width_of(label)))
        if start_at > end:
            marks.write(column, 0, "┬" if means.unicode else "+")
            texts.write(start_at, 0, label)
            end = start_at + width_of(label)
    lines.append([glyph._replace(colour="dim") for glyph in marks.rows()[0]])
    if not panel.x.bare:
        lines.append([glyph._replace(colour="dim") for glyph in texts.rows()[0]])
    if panel.x.label:
        label = means.ellipsis(means.legible(panel.x.label), left + canvas.width)
        lines.append(_line(" " * max(0, left + (canvas.width - width_of(label)) // 2) + label, "dim"))
    return lines


def _scale_of_shades(cells: Cells, means: _Means, width: int) -> Line:
    """Shades from nothing to all, with the name of what they measure."""
    canvas = Canvas(16, 1, colour=means.colour, unicode=means.unicode)
    for column in range(16):
        if means.colour and means.unicode:
            for half in (0, 1):
                canvas.pixel(column, half, DARK.colour(cells.series), (column + 1) / 16)
        else:
            canvas.shade(column, 0, (column + 1) / 16)
    label = means.ellipsis(means.legible(cells.label), width - 22)
    return [Glyph("0 ", "dim"), *canvas.rows()[0], Glyph(f" 1  {label}", "dim")]


def _upright(canvas: Canvas, column: int) -> None:
    for row in range(canvas.height):
        if (column, row) not in canvas.lines and (column, row) not in canvas.written:
            canvas.write(column, row, "╎" if canvas.unicode else "|")


def _level_line(canvas: Canvas, row: int) -> None:
    for column in range(canvas.width):
        if (column, row) not in canvas.lines and (column, row) not in canvas.written:
            canvas.write(column, row, "╌" if canvas.unicode else "-")


def _mark(canvas: Canvas, plane: Plane, panel: Panel, mark: object, means: _Means) -> None:
    if isinstance(mark, Curve | Polygon):
        colour = _series_colour(mark.series) if not canvas.painted else DARK.colour(mark.series)
        sign = _sign(mark.series)
        if isinstance(mark, Polygon):
            _filled(
                canvas, area_of(plane, mark.corners), mark
            ) if mark.fill and means.colour and means.unicode else None
            runs = outline_of(plane, mark.corners, 2 * canvas.width)
        else:
            runs = lines_of(plane, mark, 2 * canvas.width)
        for run in runs if mark.stroke != "none" else ():
            canvas.line(run, colour, mark.stroke, sign)
        if isinstance(mark, Curve) and (mark.dots or mark.stroke == "none"):
            for x, y in dots_of(plane, mark):
                canvas.write(
                    round(x * (canvas.width - 1)),
                    round(y * (canvas.height - 1)),
                    "•" if means.unicode else sign,
                    colour,
                )
        entry = entry_of(mark)
        letter = means.letters.get(entry) if entry else None
        if letter:
            _lettered(canvas, runs, letter, colour, closed=isinstance(mark, Polygon))
    elif isinstance(mark, Cells):
        _cells(canvas, plane, panel, mark, means)
    elif isinstance(mark, Photo):
        _photo(canvas, plane, mark, means)
    elif isinstance(mark, Word):
        place = plane.place(mark.at)
        if is_inside(place):
            text = means.ellipsis(means.legible(mark.text), canvas.width)
            wide = width_of(text)
            start = (
                round(place[0] * (canvas.width - 1))
                - {"start": 0, "middle": wide // 2, "end": wide - 1}[mark.anchor]
            )
            column = min(max(start, 0), canvas.width - wide)
            canvas.write(column, round(place[1] * (canvas.height - 1)), text, _series_colour(mark.series))


def _lettered(canvas: Canvas, runs: list[list[Point]], letter: str, colour: str, *, closed: bool) -> None:
    """Write the letter of a line on it, at its end and some places before; on an outline at one corner."""
    points = [point for run in runs for point in run]
    cells = [(round(x * (canvas.width - 1)), round(y * (canvas.height - 1))) for x, y in points]
    if not cells:
        return
    wanted = cells if closed else [cells[-1], *(cells[len(cells) * part // 4] for part in (1, 2, 3))]
    for column, row in wanted:
        if (column, row) not in canvas.written:
            canvas.write(column, row, letter, colour)
            if closed:
                return


def _filled(canvas: Canvas, corners: list[Point], mark: Polygon) -> None:
    """Paint the inside of a polygon: the pixels whose middle lies in it, by the even-odd rule."""
    rows = 2 * canvas.height
    for y in range(rows):
        level = (y + 0.5) / rows
        crossings = sorted(
            start[0] + (level - start[1]) / (end[1] - start[1]) * (end[0] - start[0])
            for start, end in zip(corners, corners[1:] + corners[:1], strict=True)
            if (start[1] <= level) != (end[1] <= level)
        )
        for first, last in zip(crossings[::2], crossings[1::2], strict=False):
            for x in range(round(first * canvas.width), round(last * canvas.width)):
                canvas.pixel(x, y, DARK.colour(mark.series), mark.fill)


def _cells(canvas: Canvas, plane: Plane, panel: Panel, cells: Cells, means: _Means) -> None:
    levels = levels_of(cells, _MOST_CELLS)
    if not levels.rows or not levels.rows[0]:
        return
    sign = 1 if panel.downwards else -1
    across = [(plane.x.value(end) - cells.left) / levels.size for end in (0.0, 1.0)]
    ends = (0.0, 1.0) if panel.downwards else (1.0, 0.0)
    down = [sign * (plane.y.value(end) - cells.top) / levels.size for end in ends]
    halves = 2 if means.colour and means.unicode else 1
    size = canvas.width, canvas.height * halves
    rows = sampled(levels, (across[0], across[1]), (down[0], down[1]), size)
    for y, row in enumerate(rows):
        for x, amount in enumerate(row):
            if not amount > 0.004:
                continue
            if halves == 2:
                canvas.pixel(x, y, DARK.colour(cells.series), amount if cells.scaled else max(amount, 0.25))
            elif cells.scaled or amount < 0.5:
                canvas.shade(x, y, amount)
            else:
                canvas.shade(x, y, 1.0, _fill(cells.series, means.unicode))


def _photo(canvas: Canvas, plane: Plane, photo: Photo, means: _Means) -> None:
    if not (means.colour and means.unicode and can_decode()):
        return
    start, end = plane.place((photo.left, photo.top)), plane.place((photo.right, photo.bottom))
    left, top = round(start[0] * canvas.width), round(start[1] * 2 * canvas.height)
    columns, rows = round(end[0] * canvas.width) - left, round(end[1] * 2 * canvas.height) - top
    if columns < 1 or rows < 1:
        return
    for y, row in enumerate(pixels_of(photo, columns, rows)):
        for x, colour in enumerate(row):
            if 0 <= left + x < canvas.width and 0 <= top + y < 2 * canvas.height:
                canvas.pixel(left + x, top + y, colour, 1.0)


def _printed(lines: list[Line], colour: bool) -> str:
    """Lines as text, by rich where there are colours."""
    if not colour:
        return "".join("".join(glyph.text for glyph in line).rstrip() + "\n" for line in lines)
    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    buffer = StringIO()
    console = Console(
        file=buffer, width=2**15, height=1, force_terminal=True, highlight=False, markup=False, emoji=False
    )
    styles: dict[tuple[str, str], Style] = {}
    for line in lines:
        text = Text(no_wrap=True)
        for glyph in line:
            key = glyph.colour, glyph.ground
            if key not in styles:
                named = glyph.colour in ("bold", "dim")
                front = glyph.colour if named or not glyph.colour else f"#{glyph.colour}"
                styles[key] = Style.parse(f"{front} on #{glyph.ground}" if glyph.ground else front)
            text.append(glyph.text, styles[key])
        if not (line and line[-1].ground):
            text.rstrip()
        console.print(text)
    return buffer.getvalue()
