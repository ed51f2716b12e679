"""What a unit sees of the layers below it, down to the input: maps one above the other, or side by side.

As figures of receptive fields in textbooks have it, each map lies where its units see the input: a map of 7x7
is as large as its input of 224x224, and each of its squares is 32 positions of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.errors import option, printable, width_of
from rfcalc.records import NamedTuple
from rfcalc.report.chart import Caption, Curve, Panel, Polygon, Scale, box
from rfcalc.report.location.chart_words import listed_in, say
from rfcalc.report.location.layer_maps import way_down
from rfcalc.report.location.planes import grid, planes_of, unit_name
from rfcalc.shapes import format_sizes

if TYPE_CHECKING:
    from rfcalc.analysis.fields.plane import PositionSet
    from rfcalc.report.chart import ChartMark, Point
    from rfcalc.report.location.asking import Located
    from rfcalc.report.location.layer_maps import SeenMap, WayDown
    from rfcalc.report.location.planes import InputPlane
    from rfcalc.report.words import Language

UNIT, SIGHT = 0, 1
# Maps of so many units along an axis have the border of each drawn.
_FEW_UNITS = 40
# So many blocks of units are drawn where there are holes between them.
_MOST_BLOCKS = 400
# The longer side of what lies obliquely is at most so many times the shorter one.
_LONGEST = 3.0
# So many letters are as long as a picture is wide; and so high is a line, as a part of the width.
_LETTERS, _LINE = 44, 0.046
# An oblique map: how far its back is to the right, and above, as parts of its depth; and what is between the
# fronts of two maps, as a part of the width.
_SHEAR, _HEIGHT, _APART = 0.45, 0.34, 0.36


class _Flat(NamedTuple):
    """A map in a plane: how many units there are downwards and across, which of them are seen, and where.

    low, step: along both, the first edge and how far units lie apart, in positions of the input.
    """

    name: str
    shape: str
    lengths: tuple[int, int]
    seen: PositionSet
    low: tuple[float, float]
    step: tuple[float, float]
    size: str

    @property
    def ends(self) -> tuple[int, int, int, int]:
        """The first and the last row, the first and the last column that is seen."""
        assert self.seen.box is not None
        return self.seen.box[0] + self.seen.box[1]

    def sees(self, language: Language) -> str:
        """How much of it is seen: the sides of the box, and of holes in it how many positions."""
        whole = bool(self.seen.seen.all())
        return say("sees" if whole else "sees some", language, size=self.size, count=f"{self.seen.size:,}")

    def at(self, row: float, column: float) -> Point:
        """Where a corner of the map lies, across and down, in positions of the input."""
        return self.low[1] + column * self.step[1], self.low[0] + row * self.step[0]


def layers_panels(
    located: Located, several: bool, kind: str, down: int | None, language: Language
) -> tuple[list[Panel], list[str]]:
    """The panels of a picture: for each unit one of maps one above the other, or of a "strip" one a map."""
    panels: list[Panel] = []
    notes: dict[str, None] = {}
    for unit, fields in located.units:
        for source, field in fields:
            name = unit_name(located, unit, source, several, language)
            if not field.positions:
                key = "nothing" if field.positions == 0 else "not seen"
                notes[say(key, language, unit=name, reason=field.reason)] = None
                continue
            try:
                way = way_down(located, unit, source, down)
            except OutOfReachError as reason:
                notes[say("not seen", language, unit=name, reason=reason)] = None
                continue
            notes.update(dict.fromkeys(_notes(way, down, language)))
            for plane in planes_of(located, source):
                flat = [_flat(each, plane) for each in way.maps]
                title = plane.titled(name, language)
                if kind == "strip":
                    panels += _strip(flat, title, plane, language)
                else:
                    panel, said = _stack(flat, title, plane, language)
                    panels.append(panel)
                    notes.update(dict.fromkeys(said))
    return panels, [*notes]


def _flat(each: SeenMap, plane: InputPlane) -> _Flat:
    axes = [None if plane.down is None else each.axes[plane.down], each.axes[plane.across]]
    lengths = [1 if axis is None else each.shape[axis] for axis in axes]
    (top, below) = (-0.5, 1.0) if plane.down is None else each.places[plane.down]
    left, beside = each.places[plane.across]
    seen = each.seen.along(axes)
    assert seen.box is not None
    sides = [high - low + 1 for low, high in (seen.box[1:] if plane.down is None else seen.box)]
    return _Flat(
        printable(each.name),
        format_sizes(each.shape) if each.shape else "",
        (lengths[0], lengths[1]),
        seen,
        (top, left),
        (below, beside),
        format_sizes(sides),
    )


class _Pile:
    """Where maps lie that are drawn obliquely one above the other, the last of them lowest.

    texts: what stands beside them.  times: how many times as long rows are drawn as columns.
    """

    def __init__(self, maps: Sequence[_Flat], signal: bool, texts: Sequence[str]) -> None:
        corners = [each.at(*end) for each in maps for end in ((0, 0), each.lengths)]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        top, self._bottom = min(y for _, y in corners), max(y for _, y in corners)
        width, depth = right - left, self._bottom - top
        # The sides of what is long and narrow are drawn by two measures.
        deep = width / 12 if signal else min(max(depth, width / _LONGEST), width * _LONGEST)
        self.times = 1.0 if signal else deep / depth
        self._stretch = deep / depth
        self.behind = right + deep * _SHEAR
        # What is to the right of the maps has room for its longest line, in a panel as wide as most.
        part = min(max(map(width_of, texts)) / _LETTERS, 0.6)
        self.end = left + (self.behind - left) / (1 - part)
        self.line = (self.end - left) * _LINE
        self._apart = max(width * (0.0 if signal else _APART), deep * _HEIGHT * 0.75, self.line * 2.4)
        self._last, self._height = len(maps) - 1, deep * _HEIGHT
        self.x = Scale("", left - width * 0.02, self.end, bare=True)
        high = self._last * self._apart + max(self._height, self.line)
        self.y = Scale("", min(0.0, self._height - self.line * 2) - width * 0.03, high + self.line, bare=True)

    def middle(self, number: int) -> float:
        """The height of the middle of a map."""
        return (self._last - number) * self._apart + self._height / 2

    def at(self, each: _Flat, number: int, row: float, column: float) -> Point:
        """Where a corner of a map lies."""
        x, y = each.at(row, column)
        up = (self._bottom - y) * self._stretch
        return x + up * _SHEAR, up * _HEIGHT + (self._last - number) * self._apart


def _stack(
    maps: Sequence[_Flat], title: str, plane: InputPlane, language: Language
) -> tuple[Panel, list[str]]:
    """Maps that lie obliquely one above the other, with the lines of sight between the boxes in them."""
    texts = [
        (f"{each.name} {each.shape}", each.sees(language) if number else say("is unit", language))
        for number, each in enumerate(maps)
    ]
    pile = _Pile(maps, plane.down is None, [text for both in texts for text in both])
    marks: list[ChartMark] = []
    # The last map first: what lies above is drawn later.
    for number, each in reversed([*enumerate(maps)]):
        place = partial(pile.at, each, number)
        rows, columns = each.lengths
        marks.append(Polygon(tuple([place(*end) for end in box(0, 0, rows, columns)]), -1))
        marks += grid(each.lengths, _FEW_UNITS, place)
        series = SIGHT if number else UNIT
        for (row, below), (column, beside) in each.seen.blocks(_MOST_BLOCKS):
            block = box(row, column, below + 1, beside + 1)
            marks.append(Polygon(tuple([place(*end) for end in block]), series, "", "none", 0.45))
        ends = _corners(each)
        marks.append(Polygon(tuple([place(*end) for end in ends]), series))
        if number:
            above = maps[number - 1]
            for high, low in zip(_corners(above), ends, strict=True):
                line = pile.at(above, number - 1, *high), place(*low)
                marks.append(Curve(line, SIGHT, stroke="dashed"))
    for number, both in enumerate(texts):
        for up, text in zip((pile.line / 2, -pile.line / 2), both, strict=True):
            point = pile.behind + pile.line / 2, pile.middle(number) + up
            marks.append(Caption(text, point, "start"))
    notes = []
    if pile.times != 1:
        key, much = ("drawn wider", pile.times) if pile.times > 1 else ("drawn narrower", 1 / pile.times)
        notes.append(say(key, language, times=f"{much:.1f}".removesuffix(".0")))
    return Panel(title, pile.x, pile.y, tuple(marks), square=True, framed=False), notes


def _corners(each: _Flat) -> tuple[Point, ...]:
    """The corners of the box around what is seen of a map, as rows and columns."""
    first, last, start, stop = each.ends
    return box(first, start, last + 1, stop + 1)


def _strip(maps: Sequence[_Flat], title: str, plane: InputPlane, language: Language) -> Iterator[Panel]:
    """A panel for each map, with its own positions."""
    for number, each in enumerate(maps):
        rows, columns = each.lengths
        marks: list[ChartMark] = []
        marks += grid(each.lengths, _FEW_UNITS, lambda row, column: (column - 0.5, row - 0.5))
        marks.append(Polygon(box(-0.5, -0.5, columns - 0.5, rows - 0.5), -1))
        series = SIGHT if number else UNIT
        for (row, below), (column, beside) in each.seen.blocks(_MOST_BLOCKS):
            corners = box(column - 0.5, row - 0.5, beside + 0.5, below + 0.5)
            marks.append(Polygon(corners, series, "", "none", 0.45))
        first, last, start, stop = each.ends
        marks.append(Polygon(box(start - 0.5, first - 0.5, stop + 0.5, last + 0.5), series))
        seen = each.sees(language) if number else title
        said = say("map", language, layer=each.name, shape=each.shape, seen=seen)
        x = Scale("", -0.5, columns - 0.5, whole=True)
        y = Scale("", -0.5, rows - 0.5, whole=True, bare=plane.down is None)
        yield Panel(said, x, y, tuple(marks), square=True, downwards=True)


def _notes(way: WayDown, down: int | None, language: Language) -> Iterator[str]:
    """Which layers are shown, and why these."""
    below = option("down")
    if way.chosen == "asked":
        yield say("next below", language, count=len(way.maps) - 1)
    elif way.chosen != "all":
        count = len(way.maps) - 1
        yield say(way.chosen, language, option=below, count=count, all=way.widening)
    if way.joins:
        yield say("longest", language, layers=_some(way.joins, language, 2))
    if way.foreign:
        yield say("left out axes", language, layers=_some(way.foreign, language))
    holes = [each.name for each in way.maps if not each.seen.seen.all()]
    if holes:
        yield say("holes", language, layers=_some(holes, language))


def _some(names: Sequence[str], language: Language, most: int = 4) -> str:
    """Names, of many the first."""
    if len(names) <= most:
        return listed_in(names, language)
    first = say("comma", language).join(names[:most])
    return say("more", language, first=first, count=len(names) - most, total=len(names))
