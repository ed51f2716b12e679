"""What of several axes a picture shows at once: one axis, two, or of three each pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, printable
from rfcalc.records import NamedTuple
from rfcalc.report.chart import Polygon, Scale, box
from rfcalc.report.location.chart_words import say

if TYPE_CHECKING:
    from rfcalc.analysis.fields.visible import Box
    from rfcalc.report.chart import Point
    from rfcalc.report.location.asking import Located
    from rfcalc.report.words import Language

# Lines of a grid: how thick, as a part of the map, and how opaque.
_THIN, _PALE = 0.0012, 0.4


class InputPlane(NamedTuple):
    """The axes of an input that a panel shows: downwards (none for a signal) and across."""

    down: int | None
    across: int
    of: int

    def label(self, axis: int, language: Language) -> str:
        """What the positions along an axis of the input are called."""
        if self.of == 1:
            return say("position", language)
        if self.of == 2:
            return say(("row", "column")[axis], language)
        return say("axis", language, number=axis + 1)

    def titled(self, unit: str, language: Language) -> str:
        """The name of a panel that shows a unit in this plane."""
        if self.down is None or self.of == 2:
            return unit
        return say("of axes", language, unit=unit, one=self.down + 1, two=self.across + 1)

    def corners(self, ends: Box) -> tuple[Point, ...]:
        """The corners of a box of positions, each of which is a square around its number."""
        return self.place(tuple([(low - 0.5, high + 0.5) for low, high in ends]))

    def rows(self, ends: Box) -> tuple[int, int]:
        """The ends of a box downwards; a signal is one row."""
        return (0, 0) if self.down is None else ends[self.down]

    def place(self, ends: tuple[tuple[float, float], ...]) -> tuple[Point, ...]:
        """The corners of a box from edge to edge."""
        top, bottom = (-0.5, 0.5) if self.down is None else ends[self.down]
        return box(ends[self.across][0], top, ends[self.across][1], bottom)

    def scale(self, axis: int, low: float, high: float, language: Language, *, bare: bool = False) -> Scale:
        """A side from one position to another."""
        return Scale("" if bare else self.label(axis, language), low - 0.5, high + 0.5, whole=True, bare=bare)


def planes_of(located: Located, source: int) -> tuple[InputPlane, ...]:
    """The planes in which an input is shown.  Raises UsageError for one that has no axes."""
    rank = len(located.analysis.inputs[source].axes)
    if rank == 1:
        return (InputPlane(None, 0, 1),)
    if rank == 0:
        raise UsageError(f"a picture shows positions, and {located.input_name(source)} has none")
    return tuple([InputPlane(one, two, rank) for one, two in combinations(range(rank), 2)])


def grid(lengths: tuple[int, int], most: int, place: Callable[[float, float], Point]) -> Iterator[Polygon]:
    """The borders between the squares of a map of so many rows and columns, as thin and pale shapes.

    None where there are more than `most` along an axis, which could not be told apart.  place: where a row
    and a column from the first edge on lie.
    """
    if max(lengths) > most:
        return
    rows, columns = lengths
    half = _THIN * max(lengths)
    for row in range(1, rows):
        corners = box(row - half, 0, row + half, columns)
        yield Polygon(tuple([place(*each) for each in corners]), -1, "", "none", _PALE)
    for column in range(1, columns):
        corners = box(0, column - half, rows, column + half)
        yield Polygon(tuple([place(*each) for each in corners]), -1, "", "none", _PALE)


def unit_name(located: Located, unit: tuple[int, ...], source: int, several: bool, language: Language) -> str:
    """What a unit is called in a picture, with the input where there are several, and with the layer."""
    name = say("of unit", language, unit=",".join(map(str, unit))) if unit else say("only unit", language)
    if several:
        name = say("of layer", language, layer=printable(located.name), unit=name)
    if len(located.sources) > 1:
        return say("of input", language, unit=name, input=printable(located.input_name(source)))
    return name
