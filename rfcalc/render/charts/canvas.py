"""A rectangle of a terminal: lines of dots, areas of pixels and characters, put together cell by cell.

A cell is one character, 2 by 4 dots of braille and 1 by 2 pixels of half blocks.  Where there is no colour, a
pixel is a shade; where there is no braille, a line is made of characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import width_of
from rfcalc.records import NamedTuple
from rfcalc.render.charts.palette import DARK, mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.report.chart import Point, Stroke

# The bits of U+2800 by row and column of a cell's dots.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
# How many dots of a line are drawn, and how many are not.
_PATTERNS: dict[Stroke, tuple[int, int]] = {"solid": (1, 0), "dashed": (5, 4), "dotted": (1, 3)}
_SHADES = " ░▒▓█"
_ASCII_SHADES = " .:-=+*#%@"


class Glyph(NamedTuple):
    """A character with its colours; "" is the second half of a wide one."""

    text: str
    colour: str = ""
    ground: str = ""


class Canvas:
    """So many cells across and down; unicode: whether the output has braille and blocks."""

    def __init__(self, width: int, height: int, *, colour: bool, unicode: bool) -> None:
        self.width, self.height = width, height
        self.colour, self.unicode = colour, unicode
        self.lines: dict[tuple[int, int], tuple[int, str]] = {}
        self.written: dict[tuple[int, int], Glyph] = {}
        self.pixels: dict[tuple[int, int], str] = {}
        self.shades: dict[tuple[int, int], str] = {}
        self.painted = False

    def line(self, points: Sequence[Point], colour: str, stroke: Stroke, sign: str) -> None:
        """A line through places of the unit square; sign: what it is made of where there is no braille."""
        across, down = (2 * self.width, 4 * self.height) if self.unicode else (self.width, self.height)
        drawn, left_out = _PATTERNS.get(stroke, (1, 0))
        if not self.unicode and left_out:
            drawn, left_out = (2, 1) if stroke == "dashed" else (1, 1)
        number = 0
        last: tuple[int, int] | None = None
        for start, end in zip(points[:-1] or points, points[1:] or points, strict=True):
            x0, y0 = start[0] * (across - 1), start[1] * (down - 1)
            x1, y1 = end[0] * (across - 1), end[1] * (down - 1)
            steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0))))
            for step in range(steps + 1):
                dot = round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps)
                if dot == last:
                    continue
                last = dot
                if number % (drawn + left_out) < drawn:
                    self.dot(*dot, colour, sign)
                number += 1

    def dot(self, x: int, y: int, colour: str, sign: str) -> None:
        """One dot of a line."""
        if not self.unicode:
            self.write(x, y, sign, colour)
            return
        key = x // 2, y // 4
        bits = self.lines.get(key, (0, ""))[0]
        self.lines[key] = bits | _DOTS[y % 4][x % 2], colour

    def write(self, column: int, row: int, text: str, colour: str = "") -> None:
        """Text from a cell on, over all that is there; what is beyond the canvas is cut off."""
        for character in text:
            cells = width_of(character)
            if not cells:
                continue
            if column >= 0 and column + cells <= self.width and 0 <= row < self.height:
                self.written[column, row] = Glyph(character, colour)
                if cells > 1:
                    self.written[column + 1, row] = Glyph("")
            column += cells

    def pixel(self, x: int, y: int, colour: str, opacity: float) -> None:
        """One of width by 2 · height pixels, over what is there."""
        self.painted = True
        self.pixels[x, y] = mixed(colour, self.pixels.get((x, y), DARK.ground), min(opacity, 1.0))

    def shade(self, column: int, row: int, amount: float, sign: str = "") -> None:
        """How much is in a cell, 0 to 1, where there is no colour; sign: what stands for all of it."""
        shades = _SHADES if self.unicode else _ASCII_SHADES
        if amount > 0.02:
            self.shades[column, row] = (
                sign or shades[min(max(1, round(amount * (len(shades) - 1))), len(shades) - 1)]
            )

    def rows(self) -> list[list[Glyph]]:
        """All cells, from the top."""
        return [[self._glyph(column, row) for column in range(self.width)] for row in range(self.height)]

    def _glyph(self, column: int, row: int) -> Glyph:
        upper = self.pixels.get((column, 2 * row), DARK.ground if self.painted else "")
        lower = self.pixels.get((column, 2 * row + 1), DARK.ground if self.painted else "")
        ground = upper if upper == lower else mixed(upper, lower, 0.5)
        if (column, row) in self.written:
            glyph = self.written[column, row]
            return glyph._replace(ground=ground, colour=glyph.colour or (DARK.ink if ground else ""))
        if (column, row) in self.lines:
            bits, colour = self.lines[column, row]
            return Glyph(chr(0x2800 + bits), colour, ground)
        if upper != lower:
            return Glyph("▀", upper, lower)
        return Glyph(self.shades.get((column, row), " "), "", ground)
