"""Growing fields as a picture: fields, strides and maps, and what is spent, all by depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from rfcalc.errors import UsageError, option
from rfcalc.records import NamedTuple
from rfcalc.report.chart import Chart, Curve, Guide, Panel, Scale
from rfcalc.report.growth.points import FIELDS, FieldName, Growth, GrowthPoint, InputGrowth, Reached
from rfcalc.report.growth.words import axis_name, listed_in, say
from rfcalc.units import format_share

if TYPE_CHECKING:
    from rfcalc.report.chart import ChartMark, Point, Stroke
    from rfcalc.report.words import Language


class _Line(NamedTuple):
    """An input of a network, drawn in a colour of its own."""

    growth: Growth
    along: InputGrowth
    series: int
    name: str


class _Drawn(NamedTuple):
    """What a curve shows: a figure of a layer along an axis of the input, None where there is none.

    steps: whether it holds until the next layer.
    """

    key: str
    stroke: Stroke
    value: Callable[[_Line, GrowthPoint, int], float | None]
    steps: bool = False


def growth_chart(growths: Sequence[Growth], language: Language = "en") -> Chart:
    """The picture of some networks.

    Where the axes of an input differ, fields and strides have a panel for each of them.  Raises UsageError
    where a size or a count is symbolic.
    """
    lines = list(_lines(growths))
    for line in lines:
        _refuse_symbols(line)
    deepest = max((line.along.depth for line in lines), default=0)
    depth = Scale(say("depth axis", language), 0, max(deepest, 1), whole=True)
    groups = _groups(lines)
    panels = [_fields(lines, axes, depth, len(groups) > 1, language) for axes in groups]
    panels += [_strides(lines, axes, depth, len(groups) > 1, language) for axes in groups]
    marks, _ = _marks([(line, 0) for line in lines], _SPENT, language)
    percent = Scale(say("spent axis", language), 0, 100)
    panels.append(Panel(say("spent title", language), depth, percent, tuple(marks)))
    names = ", ".join(growth.name for growth in growths)
    return Chart(
        title=say("chart title", language, networks=names),
        panels=tuple(panels),
        about=say("about", language, networks=names),
        columns=max(len(groups), 1),
        notes=tuple(_notes(lines, language)),
        language=language,
    )


def _lines(growths: Sequence[Growth]) -> Iterator[_Line]:
    number = 0
    for growth in growths:
        for along in growth.inputs:
            name = growth.name if len(growth.inputs) == 1 else f"{growth.name} {along.name}"
            yield _Line(growth, along, number, name)
            number += 1


def _refuse_symbols(line: _Line) -> None:
    """Raise UsageError for what is no number."""
    lengths = [length for point in line.along.trunk for length in point.output.axes]
    counts = [each.known for each in line.growth.whole]
    if not all(isinstance(value, int) for value in (*line.along.size.axes, *lengths, *counts)):
        raise UsageError(
            f"{line.growth.name} has symbols, of which no picture is drawn: give numbers with "
            f"{option('input')} and {option('set')}, or ask for the table"
        )


def _groups(lines: Sequence[_Line]) -> list[tuple[int, ...]]:
    """The axes that are drawn together: those along which every network sees the same."""
    rank = max((len(line.along.size.axes) for line in lines), default=0)
    groups: dict[tuple[object, ...], list[int]] = {}
    for axis in range(rank):
        groups.setdefault(tuple([_looks(line, axis) for line in lines]), []).append(axis)
    return [tuple(axes) for axes in groups.values()]


def _looks(line: _Line, axis: int) -> int:
    """The first axis along which the input is seen as it is along this one; of fewer axes the last one."""
    axes = range(len(line.along.size.axes))
    axis = min(axis, len(axes) - 1)
    return next(
        other
        for other in axes
        if other == axis
        or (
            line.along.size.axes[other] == line.along.size.axes[axis]
            and all(_same(line, point, other, axis) for point in line.along.steps)
        )
    )


def _same(line: _Line, point: GrowthPoint, one: int, other: int) -> bool:
    figures = [
        (*[point.span(field, axis) for field in FIELDS], point.axes[axis].stride, _units(line, point, axis))
        for axis in (one, other)
    ]
    return figures[0] == figures[1]


def _along(lines: Sequence[_Line], axes: Sequence[int]) -> list[tuple[_Line, int]]:
    """Of each network the axis that stands for those of a panel; those without axes have none."""
    ranks = [(line, len(line.along.size.axes)) for line in lines]
    return [(line, min(axes[0], rank - 1)) for line, rank in ranks if rank]


def _title(title: str, lines: Sequence[_Line], axes: Sequence[int], named: bool, language: Language) -> str:
    if not named:
        return title
    rank = max(len(line.along.size.axes) for line in lines)
    names = listed_in([axis_name(axis, rank, language) for axis in axes], language)
    return say("field along", language, field=title, axis=names)


def _marks(
    lines: Sequence[tuple[_Line, int]], drawn: Sequence[_Drawn], language: Language
) -> tuple[list[ChartMark], list[float]]:
    """The curves of some networks, each along one of its axes, and all their values.

    One network has an entry in the legend for each figure; of several each has one, and each stroke.  Of two
    figures that are the same all along the first is drawn.
    """
    marks: list[ChartMark] = []
    values: list[float] = []
    for line, axis in lines:
        name = line.name
        shown: list[list[list[Point]]] = []
        for each in drawn:
            pieces = _pieces(line, partial(each.value, line), axis)
            if pieces in shown:
                continue
            shown.append(pieces)
            label = say(each.key, language) if len(lines) == 1 else name
            for piece in pieces:
                marks.append(Curve(tuple(piece), line.series, label, each.stroke, steps=each.steps))
                values += [height for _, height in piece]
                # What has one entry in the legend.
                label = name = ""
    if len(lines) > 1:
        marks += [Curve((), -1, say(each.key, language), each.stroke) for each in drawn]
    return marks, values


def _pieces(line: _Line, value: Callable[[GrowthPoint, int], float | None], axis: int) -> list[list[Point]]:
    """The values of the steps by depth, cut where there is none."""
    pieces: list[list[Point]] = [[]]
    for point in line.along.steps:
        found = value(point, axis)
        if found is None:
            pieces.append([])
        else:
            pieces[-1].append((point.depth, found))
    return [piece for piece in pieces if piece]


def _fields(
    lines: Sequence[_Line], axes: Sequence[int], depth: Scale, named: bool, language: Language
) -> Panel:
    """The fields by depth, on a scale of ratios, with the sizes of the inputs."""
    along = _along(lines, axes)
    marks, values = _marks(along, _FIELDS, language)
    sizes: dict[float, list[str]] = {}
    for line, axis in along:
        length = _number(line.along.size.axes[axis])
        sizes.setdefault(length, []).append(line.name)
        for each in line.along.reached:
            if each.field != "whole" and each.axis == axis and each.at is not None:
                size = _most(each.field, line, each.at, axis) or length
                marks.append(Curve(((each.at.depth, size),), line.series, stroke="none", dots=True))
    for length, names in sizes.items():
        of = "" if len(sizes) == 1 else f" ({', '.join(names)})"
        marks.insert(0, Guide("y", length, say("input guide", language, size=f"{length:g}") + of))
    return Panel(
        title=_title(say("fields title", language), lines, axes, named, language),
        x=depth,
        y=Scale(say("positions axis", language), 1, max([2, *sizes, *values]), logarithmic=True),
        marks=tuple(marks),
    )


def _strides(
    lines: Sequence[_Line], axes: Sequence[int], depth: Scale, named: bool, language: Language
) -> Panel:
    """The stride and the units of the map along an axis."""
    marks, values = _marks(_along(lines, axes), _STRIDES, language)
    return Panel(
        title=_title(say("strides title", language), lines, axes, named, language),
        x=depth,
        y=Scale(say("strides axis", language), min([1, *values]), max([2, *values]), logarithmic=True),
        marks=tuple(marks),
    )


def _number(value: object) -> float:
    assert isinstance(value, int)
    return value


def _most(field: FieldName, line: _Line, point: GrowthPoint, axis: int) -> float | None:
    """The most positions of a field; None where it has no number, and behind what covers the whole map."""
    span = None if point.axes[axis].collapsed else point.span(field, axis)
    return span[1] if span and span[1] > 0 else None


def _units(line: _Line, point: GrowthPoint, axis: int) -> float | None:
    """How many units a layer has along an axis of the input; None where none of its axes runs along it."""
    running = line.growth.analysis.fields.nodes[point.node].axes[line.along.source]
    place = None if running is None else running[axis]
    return None if place is None or point.axes[axis].collapsed else _number(point.output.axes[place])


def _stride(line: _Line, point: GrowthPoint, axis: int) -> float | None:
    stride = point.axes[axis].stride
    return stride[0] / stride[1] if isinstance(stride, tuple) else stride


def _percent(count: Literal["macs", "params"], line: _Line, point: GrowthPoint, axis: int) -> float | None:
    """The share of all that is spent so far."""
    so_far, whole = getattr(point.spent, count), getattr(line.growth.whole, count)
    sure = so_far.complete and whole.complete and whole.known
    return 100 * _number(so_far.known) / _number(whole.known) if sure else None


_STROKES: dict[FieldName, Stroke] = {"theoretical": "solid", "effective": "dashed", "smallest": "dotted"}
_FIELDS = tuple([_Drawn(field, _STROKES[field], partial(_most, field)) for field in FIELDS])
_STRIDES = (_Drawn("map", "solid", _units, True), _Drawn("stride", "dashed", _stride, True))
_SPENT = (
    _Drawn("macs", "solid", partial(_percent, "macs")),
    _Drawn("params", "dashed", partial(_percent, "params")),
)


def _notes(lines: Sequence[_Line], language: Language) -> Iterator[str]:
    """Where fields reach the input, and where curves end before the network does; of like fields together."""
    for line in lines:
        found: dict[tuple[str, str], dict[str, None]] = {}
        for each in line.along.reached:
            if each.field != "whole":
                field = say(each.field, language)
                for key, text in _ends(line, each, language):
                    found.setdefault((key, text), {})[field] = None
        for (key, text), fields in found.items():
            field = say("fields one" if len(fields) == 1 else "fields several", language).format(
                fields=listed_in(fields, language)
            )
            yield say(key, language, network=line.name, field=field, text=text)


def _ends(line: _Line, each: Reached, language: Language) -> Iterator[tuple[str, str]]:
    """What is to be said of a field: a phrase, and the end of it."""
    if each.at is not None:
        name = line.growth.node(each.at).name
        text = say("at layer", language, layer=name, depth=each.at.depth)
        if each.lost is None:
            shares = {
                count: format_share(getattr(each.spent, count).known, getattr(line.growth.whole, count).known)
                for count in ("macs", "params")
            }
            text += say("behind lie", language, **shares)
        yield "note reached", text
    if each.lost is not None:
        name = line.growth.node(each.lost).name
        text = say("at layer", language, layer=name, depth=each.lost.depth)
        yield ("note all" if each.sees_all else "note lost"), text
