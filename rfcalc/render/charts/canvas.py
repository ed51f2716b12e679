"""A rectangle of a terminal: lines of dots, areas of pixels and characters, put together cell by cell.

A cell is one character, 2 by 4 dots of braille and 1 by 2 pixels of half blocks.  Where there is no colour,
pixels are shades; where there is no braille, a line is made of characters.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from rfcalc.errors import width_of
from rfcalc.records import NamedTuple
from rfcalc.render.charts.palette import DARK, mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.report.chart import Point, Stroke

# The bits of U+2800 by row and column of a cell's dots.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
# How many dots of a line are drawn, and how many are not; of characters the same.
_PATTERNS: dict[Stroke, tuple[int, int]] = {"dashed": (5, 4), "dotted": (1, 3)}
_SIGN_PATTERNS: dict[Stroke, tuple[int, int]] = {"dashed": (2, 1), "dotted": (1, 1)}
_SHADES = " ░▒▓█"
_ASCII_SHADES = " .:-=+*#%@"
# Less than this of a cell is nothing.
_LEAST = 0.02


class Glyph(NamedTuple):
    """A character with its colours, six digits or a style of rich; "" is the second half of a wide one."""

    text: str
    colour: str = ""
    ground: str = ""


class Canvas:
    """So many cells across and down.

    unicode: whether the output has braille and blocks.  painted: whether it has a dark ground, for pixels.
    """

    def __init__(self, width: int, height: int, *, unicode: bool, painted: bool = False) -> None:
        self.width, self.height = width, height
        self.unicode = unicode
        self._lines: dict[tuple[int, int], tuple[int, str]] = {}
        self._written: dict[tuple[int, int], Glyph] = {}
        self._pixels: dict[tuple[int, int], str] = {}
        self._shades: dict[tuple[int, int], str] = {}
        self.painted = painted

    def line(self, points: Sequence[Point], colour: str, stroke: Stroke, sign: str) -> None:
        """A line through places of the unit square; sign: what it is made of where there is no braille."""
        across, down = (2 * self.width, 4 * self.height) if self.unicode else (self.width, self.height)
        drawn, left_out = (_PATTERNS if self.unicode else _SIGN_PATTERNS).get(stroke, (1, 0))
        number = 0
        last: tuple[int, int] | None = None
        for start, end in pairwise(points if len(points) > 1 else (*points, *points)):
            x, y = start[0] * (across - 1), start[1] * (down - 1)
            wide, high = end[0] * (across - 1) - x, end[1] * (down - 1) - y
            steps = max(1, ceil(max(abs(wide), abs(high))))
            for step in range(steps + 1):
                dot = round(x + wide * step / steps), round(y + high * step / steps)
                if dot == last:
                    continue
                last = dot
                if number % (drawn + left_out) < drawn:
                    self._dot(*dot, colour, sign)
                number += 1

    def _dot(self, x: int, y: int, colour: str, sign: str) -> None:
        if not self.unicode:
            self.write(x, y, sign, colour)
            return
        key = x // 2, y // 4
        bits = self._lines.get(key, (0, ""))[0]
        self._lines[key] = bits | _DOTS[y % 4][x % 2], colour

    def write(self, column: int, row: int, text: str, colour: str = "", *, below: bool = False) -> None:
        """Text from a cell on; what is beyond the canvas is cut off.

        below: it lies under what is there, else over it.
        """
        for character in text:
            cells = width_of(character)
            place = column, row
            column += cells
            if not cells or place[0] < 0 or column > self.width or not 0 <= row < self.height:
                continue
            if below and (place in self._lines or place in self._written):
                continue
            self._written[place] = Glyph(character, colour)
            if cells > 1:
                self._written[place[0] + 1, row] = Glyph("")

    def is_free(self, column: int, row: int) -> bool:
        """Whether nothing is written in a cell."""
        return (column, row) not in self._written

    def pixel(self, x: int, y: int, colour: str, opacity: float) -> None:
        """One of width by 2 · height pixels, over what is there."""
        self._pixels[x, y] = mixed(colour, self._pixels.get((x, y), DARK.ground), min(opacity, 1.0))

    def shade(self, column: int, row: int, amount: float) -> None:
        """How much is in a cell, 0 to 1, where there is no colour."""
        shades = _SHADES if self.unicode else _ASCII_SHADES
        if amount > _LEAST:
            most = len(shades) - 1
            self._shades[column, row] = shades[min(max(1, round(amount * most)), most)]

    def fill(self, column: int, row: int, upper: float, lower: float, sign: str) -> None:
        """How much of both halves of a cell is there, where there is no colour; sign: what stands for all."""
        if upper >= 0.5 and lower >= 0.5:
            self._shades[column, row] = sign
        elif sign == "█" and max(upper, lower) >= 0.5:
            self._shades[column, row] = "▀" if upper >= 0.5 else "▄"
        elif upper + lower >= 1:
            self._shades[column, row] = sign
        elif max(upper, lower) > _LEAST:
            self._shades[column, row] = "░" if sign == "█" else "·" if self.unicode else "."

    def rows(self) -> list[list[Glyph]]:
        """All cells, from the top."""
        return [[self._glyph(column, row) for column in range(self.width)] for row in range(self.height)]

    def _glyph(self, column: int, row: int) -> Glyph:
        below = DARK.ground if self.painted else ""
        upper, lower = (self._pixels.get((column, 2 * row + half), below) for half in (0, 1))
        ground = upper if upper == lower else mixed(upper, lower, 0.5)
        if (column, row) in self._written:
            glyph = self._written[column, row]
            return glyph._replace(ground=ground, colour=glyph.colour or (DARK.ink if ground else ""))
        if (column, row) in self._lines:
            bits, colour = self._lines[column, row]
            return Glyph(chr(0x2800 + bits), colour or (DARK.ink if ground else ""), ground)
        if upper != lower:
            return Glyph("▀", upper, lower)
        return Glyph(self._shades.get((column, row), " "), "", ground)
