"""A chart in characters: curves of braille dots, maps of half blocks; plain characters where these lack.

What is drawn as a line has a letter beside its name in the legend and on itself, so that no name depends on
colour.  The colours of lines are legible on light and dark terminals; below maps lies a dark ground.
"""

from __future__ import annotations

from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING

from rfcalc.errors import width_of
from rfcalc.render.characters import wrapped
from rfcalc.render.charts.canvas import Canvas, Glyph
from rfcalc.render.charts.legend import legend_of
from rfcalc.render.charts.palette import DARK
from rfcalc.render.charts.terminal_marks import line_colour, means_of, needs_more
from rfcalc.render.charts.terminal_panel import panel_lines, text_line, width_of_line
from rfcalc.report.words import say

if TYPE_CHECKING:
    from rfcalc.render.charts.legend import LegendEntry
    from rfcalc.render.charts.terminal_marks import CharacterMeans
    from rfcalc.render.charts.terminal_panel import GlyphLine
    from rfcalc.report.chart import Chart

# A panel is no narrower where there are several side by side, with scales and without; nor any wider.
_NARROWEST, _NARROWEST_BARE, _WIDEST = 30, 16, 100
# What a panel is content with.
_AMPLE = 44
_GAP = 3


def chart_text(chart: Chart, width: int, height: int | None, *, colour: bool, encoding: str = "utf-8") -> str:
    """The chart in lines of at most `width` cells, with escape sequences only when `colour`.

    height: the lines of the terminal, which are not exceeded where panels can be that low; None for any.
    """
    means = means_of(chart, colour=colour, encoding=encoding)
    width = max(width, 20)
    head = [text_line(text, "bold") for text in wrapped(means.legible(chart.title), width) if text]
    notes = [*chart.notes, *([say("no photo", chart.language)] if needs_more(chart, means) else [])]
    foot = [text_line(text, "dim") for note in notes for text in wrapped(means.legible(note), width)]
    legend = _legend(chart, means, width)
    framed = any(panel.framed for panel in chart.panels)
    # Names of places have half of a panel, and are cut where that is too little.
    names = [width_of(means.legible(name)) for panel in chart.panels for _, name in panel.y.ticks]
    named = 2 * (max(names, default=0) + 1)
    narrowest = max(_NARROWEST if framed else _NARROWEST_BARE, named) + _GAP
    # Where there is much room, more than a page has side by side.
    most = max(chart.columns, (width + _GAP) // (max(_AMPLE, named) + _GAP))
    columns = max(1, min(most, len(chart.panels), (width + _GAP) // narrowest))
    rows = [chart.panels[start : start + columns] for start in range(0, len(chart.panels), columns)]
    cell = min((width - _GAP * (columns - 1)) // columns, _WIDEST)
    # One line is the next prompt's; a blank one stands between parts.
    others = 1 + sum(len(part) + 1 for part in (head, legend, foot) if part) + len(rows) - 1
    room = None if height is None or not rows else (height - others) // len(rows)
    blocks = [_side_by_side([panel_lines(panel, means, cell, room) for panel in row], cell) for row in rows]
    lines: list[GlyphLine] = []
    for part in (head, legend, *blocks, foot):
        if part:
            lines += [[], *part] if lines else part
    return _printed(lines, colour)


def _legend(chart: Chart, means: CharacterMeans, width: int) -> list[GlyphLine]:
    lines: list[GlyphLine] = []
    used = 0
    for entry in legend_of(chart):
        sample = _sample(entry, means)
        label = means.within(means.legible(entry.label), width - width_of_line(sample) - 1)
        needed = width_of_line(sample) + 1 + width_of(label)
        if not lines or used + _GAP + needed > width:
            lines.append([])
            used = 0
        else:
            lines[-1].append(Glyph(" " * _GAP))
            used += _GAP
        lines[-1] += [*sample, Glyph(f" {label}")]
        used += needed
    return lines


def _sample(entry: LegendEntry, means: CharacterMeans) -> GlyphLine:
    """What an entry looks like: its letter, and some of its line or its cells."""
    if entry.kind == "cells":
        if means.halves:
            return [Glyph("██", DARK.colour(entry.series), DARK.ground)]
        return [Glyph(means.fills[entry.series] * 2)]
    colour, letter = line_colour(entry.series), means.letters.get(entry, "")
    canvas = Canvas(4, 1, unicode=means.unicode)
    if entry.stroke != "none":
        canvas.line([(0.0, 0.4), (1.0, 0.4)], colour, entry.stroke, means.sign(entry.series))
    if entry.dots or entry.stroke == "none":
        canvas.write(1, 0, "•" if means.unicode else means.sign(entry.series), colour)
    return [*([Glyph(letter, colour), Glyph(" ")] if letter else []), *canvas.rows()[0]]


def _side_by_side(blocks: list[list[GlyphLine]], cell: int) -> list[GlyphLine]:
    """Panels in `cell` columns each."""
    lines: list[GlyphLine] = []
    for number in range(max(map(len, blocks), default=0)):
        line: GlyphLine = []
        for block in blocks:
            if line:
                line.append(Glyph(" " * _GAP))
            part = block[number] if number < len(block) else []
            line += [*part, Glyph(" " * (cell - width_of_line(part)))]
        lines.append(line)
    return lines


def _printed(lines: list[GlyphLine], colour: bool) -> str:
    """Lines as text, by rich where there are colours."""
    if not colour:
        return "".join("".join(glyph.text for glyph in line).rstrip() + "\n" for line in lines)
    from rich.console import Console
    from rich.segment import Segment, Segments
    from rich.style import Style

    buffer = StringIO()
    # As wide as any line, so that none is wrapped; the height has no effect, but would be read from LINES.
    console = Console(
        file=buffer, width=2**15, height=1, force_terminal=True, highlight=False, markup=False, emoji=False
    )
    segments: list[Segment] = []
    for line in lines:
        for (front, ground), run in groupby(
            _without_blanks(line), lambda glyph: (glyph.colour, glyph.ground)
        ):
            # Styles that rich has parsed before keep the escape sequences of another console.
            style = Style(
                color=None if front in ("", "bold", "dim") else f"#{front}",
                bgcolor=f"#{ground}" if ground else None,
                bold=front == "bold" or None,
                dim=front == "dim" or None,
            )
            segments.append(Segment("".join(glyph.text for glyph in run), style))
        segments.append(Segment.line())
    console.print(Segments(segments), end="")
    return buffer.getvalue()


def _without_blanks(line: GlyphLine) -> GlyphLine:
    """The line up to its last glyph that is to be seen."""
    shown = [number for number, glyph in enumerate(line) if glyph.ground or glyph.text.strip()]
    return line[: shown[-1] + 1] if shown else []
