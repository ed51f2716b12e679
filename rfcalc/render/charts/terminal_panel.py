"""A panel in characters: its marks, its scales, and the names beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import width_of
from rfcalc.render.characters import wrapped
from rfcalc.render.charts.canvas import Canvas, Glyph
from rfcalc.render.charts.legend import guides_of, shades_of
from rfcalc.render.charts.names import flags, pushed_apart
from rfcalc.render.charts.palette import DARK
from rfcalc.render.charts.scales import ticks_of
from rfcalc.render.charts.shapes import plane_of, proportion
from rfcalc.render.charts.terminal_marks import draw_mark, paints

if TYPE_CHECKING:
    from rfcalc.render.charts.names import GuideFlag
    from rfcalc.render.charts.shapes import Plane
    from rfcalc.render.charts.terminal_marks import CharacterMeans
    from rfcalc.report.chart import Cells, Guide, Panel

    # Texts of a line, side by side.
    GlyphLine = list[Glyph]

_LOWEST, _USUAL, _HIGHEST = 5, 15, 32
# What is written in the colour of a terminal's text, but weaker.
_WEAK = "dim"


def text_line(text: str, style: str = "") -> GlyphLine:
    """A text as a line."""
    return [Glyph(text, style)] if text else []


def width_of_line(line: GlyphLine) -> int:
    """The cells of a line."""
    return sum(width_of(glyph.text) for glyph in line)


def panel_lines(panel: Panel, means: CharacterMeans, cell: int, room: int | None) -> list[GlyphLine]:
    """A panel in `cell` columns and, where it can be so low, `room` lines."""
    plane = plane_of(panel)
    head = [text_line(text, "bold") for text in wrapped(means.legible(panel.title), cell) if text]
    if panel.framed and panel.y.label:
        head.append(text_line(means.within(means.legible(panel.y.label), cell), _WEAK))
    left, right = _beside(panel, means, cell)
    flying = [(plane.x.place(guide.value), guide) for guide in guides_of(panel, "x")]
    flying = [(at, guide) for at, guide in flying if 0 <= at <= 1]
    foot = (1 + (not panel.x.bare) + bool(panel.x.label)) if panel.framed else 0
    foot += shades_of(panel) is not None
    width = max(cell - left - right, 4)
    raised = [(left + at * (width - 1), guide) for at, guide in flying if guide.label]
    rows = max((flag.row + 1 for flag in _raised(raised, means, cell)), default=0)
    most = _HIGHEST if room is None else min(max(room - len(head) - rows - foot, _LOWEST), _HIGHEST)
    width, height = _size(panel, width, most)
    canvas = Canvas(width, height, unicode=means.unicode, painted=paints(panel, means))
    for mark in panel.marks:
        draw_mark(canvas, plane, panel, mark, means)
    level = [(plane.place((0.0, guide.value))[1], guide) for guide in guides_of(panel, "y")]
    level = sorted([(at, guide) for at, guide in level if 0 <= at <= 1], key=lambda each: each[0])
    _guide_lines(canvas, [at for at, _ in flying], [at for at, _ in level], means)
    names = _names_beside(level, height, means, right)
    raised = [(left + at * (width - 1), guide) for at, guide in flying if guide.label]
    above = _flag_lines(_raised(raised, means, cell), means, cell)
    body = [[*line, *text_line(name, _WEAK)] for line, name in zip(canvas.rows(), names, strict=True)]
    if panel.framed:
        body = [
            [*start, *line]
            for start, line in zip(_scale_down(panel, plane, height, left, means), body, strict=True)
        ]
        body += _scale_across(panel, plane, (left, width, cell), means)
    lines = [*head, *above, *body]
    if shades := shades_of(panel):
        lines.append(_shades_line(shades, means, cell))
    return lines


def _beside(panel: Panel, means: CharacterMeans, cell: int) -> tuple[int, int]:
    """The columns that a panel needs at the left of its canvas, with the bar, and at the right."""
    labels = [means.legible(tick.label) for tick in ticks_of(panel.y)] if panel.framed else []
    left = min(max(map(width_of, labels), default=0), cell // 2) + 1 if panel.framed else 0
    names = [means.legible(guide.label) for guide in guides_of(panel, "y") if guide.label]
    return left, min(max((width_of(name) + 1 for name in names), default=0), cell // 3)


def _size(panel: Panel, width: int, most: int) -> tuple[int, int]:
    """The columns and rows of a canvas where there are so many; a cell is twice as high as it is wide."""
    asked = proportion(panel)
    if asked is None:
        return width, min(most, max(_USUAL, round(width * 0.24)))
    height = max(1, round(width * asked / 2))
    if height <= most:
        return width, height
    return max(2, min(width, round(most * 2 / asked))), most


def _raised(guides: list[tuple[float, Guide]], means: CharacterMeans, cell: int) -> list[GuideFlag]:
    legible = [(at, guide._replace(label=means.legible(guide.label))) for at, guide in guides]
    return flags(legible, (0.0, float(cell - 1)), means.lettering())


def _guide_lines(canvas: Canvas, across: list[float], down: list[float], means: CharacterMeans) -> None:
    """Guides lie below all that is drawn in characters."""
    for at in across:
        for row in range(canvas.height):
            canvas.write(
                round(at * (canvas.width - 1)), row, "╎" if means.unicode else ":", _WEAK, below=True
            )
    for at in down:
        dashes = ("╌" if means.unicode else "-") * canvas.width
        canvas.write(0, round(at * (canvas.height - 1)), dashes, _WEAK, below=True)


def _flag_lines(flying: list[GuideFlag], means: CharacterMeans, cell: int) -> list[GlyphLine]:
    """The names of guides above a canvas, to which their lines go up."""
    lines = []
    for row in range(max((flag.row for flag in flying), default=-1), -1, -1):
        canvas = Canvas(cell, 1, unicode=means.unicode)
        for flag in flying:
            if flag.row >= row:
                canvas.write(round(flag.at), 0, "╎" if means.unicode else ":", _WEAK)
            if flag.row == row:
                canvas.write(round(flag.left), 0, flag.text, _WEAK)
        lines.append(canvas.rows()[0])
    return lines


def _names_beside(
    guides: list[tuple[float, Guide]], height: int, means: CharacterMeans, room: int
) -> list[str]:
    """What stands at the right of each row: the names of guides, each in one of its own."""
    names = [""] * height
    named = [(at, means.legible(guide.label)) for at, guide in guides if guide.label]
    rows = pushed_apart([float(round(at * (height - 1))) for at, _ in named], 1.0, height - 1.0)
    for row, (_, label) in zip(rows, named, strict=True):
        if 0 <= row < height:
            names[int(row)] = " " + means.within(label, room - 1)
    return names


def _scale_down(panel: Panel, plane: Plane, height: int, left: int, means: CharacterMeans) -> list[GlyphLine]:
    """What stands at the left of each row: the names of places, and the bar."""
    labels: dict[int, str] = {}
    for tick in ticks_of(panel.y):
        row = round(plane.place((0.0, tick.value))[1] * (height - 1))
        labels.setdefault(row, means.within(means.legible(tick.label), left - 1))
    bar, named = ("│", "┤") if means.unicode else ("|", "+")
    lines = []
    for row in range(height):
        label = labels.get(row)
        text = label or ""
        end = bar if label is None else named
        lines.append(text_line(" " * (left - 1 - width_of(text)) + text + end, _WEAK))
    return lines


def _scale_across(
    panel: Panel, plane: Plane, widths: tuple[int, int, int], means: CharacterMeans
) -> list[GlyphLine]:
    """What stands below a canvas: the bar, the names of places, the label.

    widths: that of what is at its left, its own, and that of all there is room for.
    """
    left, width, cell = widths
    corner, bar, named = ("└", "─", "┬") if means.unicode else ("+", "-", "+")
    marks = Canvas(left + width, 1, unicode=means.unicode)
    marks.write(left - 1, 0, corner + bar * width, _WEAK)
    # The last name may go a little further where there is room.
    texts = Canvas(min(left + width + 3, cell), 1, unicode=means.unicode)
    end = -1
    for tick in ticks_of(panel.x):
        column = left + round(plane.x.place(tick.value) * (width - 1))
        label = means.within(means.legible(tick.label), width)
        start = max(0, min(column - width_of(label) // 2, texts.width - width_of(label)))
        if start > end:
            marks.write(column, 0, named, _WEAK)
            texts.write(start, 0, label, _WEAK)
            end = start + width_of(label)
    lines = [marks.rows()[0]]
    if not panel.x.bare:
        lines.append(texts.rows()[0])
    if panel.x.label:
        label = means.within(means.legible(panel.x.label), left + width)
        blank = max(0, min(left + (width - width_of(label)) // 2, left + width - width_of(label)))
        lines.append(text_line(" " * blank + label, _WEAK))
    return lines


def _shades_line(cells: Cells, means: CharacterMeans, width: int) -> GlyphLine:
    """Shades from nothing to all, with the name of what they measure."""
    steps = 12
    canvas = Canvas(steps, 1, unicode=means.unicode, painted=means.halves)
    for column in range(steps):
        if means.halves:
            for half in (0, 1):
                canvas.pixel(column, half, DARK.colour(cells.series), column / (steps - 1))
        else:
            canvas.shade(column, 0, column / (steps - 1))
    label = means.within(means.legible(cells.label), width - steps - 6)
    return [Glyph("0 ", _WEAK), *canvas.rows()[0], Glyph(f" 1  {label}", _WEAK)]
