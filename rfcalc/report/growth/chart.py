"""Growing fields as a picture: fields, strides and maps, and what is spent, all by depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from rfcalc.errors import UsageError, option
from rfcalc.records import NamedTuple
from rfcalc.report.chart import Chart, Curve, Guide, Panel, Scale
from rfcalc.report.growth.points import FIELDS, FieldName, Growth, GrowthPoint, InputGrowth, Reached
from rfcalc.report.growth.words import listed_in, say
from rfcalc.report.words import axis_name
from rfcalc.units import format_share

if TYPE_CHECKING:
    from rfcalc.report.chart import ChartMark, Point, Stroke
    from rfcalc.report.words import Language


class _DrawnInput(NamedTuple):
    """An input of a network, drawn in a colour of its own."""

    growth: Growth
    along: InputGrowth
    series: int
    name: str


class _Drawn(NamedTuple):
    """What a curve shows: a figure of a layer along an axis of the input, None where there is none.

    field: whether it is a field.  steps: whether it holds until the next layer.
    """

    key: str
    stroke: Stroke
    value: Callable[[_DrawnInput, GrowthPoint, int], float | None]
    field: FieldName | None = None
    steps: bool = False


def growth_chart(growths: Sequence[Growth], language: Language = "en") -> Chart:
    """The picture of some networks.

    One has its fields in a panel, its map with the stride, and what is spent.  Of several each figure has a
    panel, in which each network is a curve.  Where the axes of an input differ, there are as many panels of
    fields and strides.  Raises UsageError where a size or a count is symbolic.
    """
    lines = list(_lines(growths))
    if symbols := with_symbols(growths):
        raise UsageError(
            f"{symbols} has symbols, of which no picture is drawn: give numbers with "
            f"{option('input')} and {option('set')}, or ask for the table"
        )
    groups = _groups(lines)
    alone = len(lines) == 1
    panels = []
    number = 0
    for title, drawn in _ALONE if alone else _SEVERAL:
        along = drawn[0] not in _SPENT
        for axes in groups[: None if along else 1]:
            name = say(title, language)
            if along and len(groups) > 1:
                name = say("field along", language, field=name, axis=_axes_text(lines, axes, language))
            panel = _panel(lines, axes, drawn, name, number if alone else None, language)
            if alone and drawn[0] is not _MAP:
                # Lines say at which layers these are; below, what they divide.
                marks = _layer_guides(lines[0], axes if along else None)
                panel = panel._replace(marks=(*marks, *panel.marks))
            if any(isinstance(mark, Curve) for mark in panel.marks):
                panels.append(panel)
        number += len(drawn)
    names = ", ".join(growth.name for growth in growths)
    return Chart(
        title=say("chart title", language, networks=names),
        panels=tuple(panels),
        about=say("about", language, networks=names),
        columns=len(groups) if alone else 2,
        notes=tuple(_notes(lines, language)),
        language=language,
    )


def _lines(growths: Sequence[Growth]) -> Iterator[_DrawnInput]:
    number = 0
    for growth in growths:
        for along in growth.inputs:
            name = growth.name if len(growth.inputs) == 1 else f"{growth.name} {along.name}"
            yield _DrawnInput(growth, along, number, name)
            number += 1


def with_symbols(growths: Sequence[Growth]) -> str:
    """The name of the first network some of whose curves have no numbers, "" where all have."""
    for growth in growths:
        counts = [each.known for each in growth.whole]
        for along in growth.inputs:
            lengths = [length for point in along.trunk for length in point.output.axes]
            if not all(isinstance(value, int) for value in (*along.size.axes, *lengths, *counts)):
                return growth.name
    return ""


def _groups(lines: Sequence[_DrawnInput]) -> list[tuple[int, ...]]:
    """The axes that are drawn together: those along which every network sees the same."""
    rank = max((len(line.along.size.axes) for line in lines), default=0)
    groups: dict[tuple[object, ...], list[int]] = {}
    for axis in range(rank):
        groups.setdefault(tuple([_looks(line, axis) for line in lines]), []).append(axis)
    return [tuple(axes) for axes in groups.values()]


def _looks(line: _DrawnInput, axis: int) -> int:
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


def _same(line: _DrawnInput, point: GrowthPoint, one: int, other: int) -> bool:
    figures = [
        (*[point.span(field, axis) for field in FIELDS], point.axes[axis].stride, _units(line, point, axis))
        for axis in (one, other)
    ]
    return figures[0] == figures[1]


def _along(lines: Sequence[_DrawnInput], axes: Sequence[int]) -> list[tuple[_DrawnInput, int]]:
    """Of each network the axis that stands for those of a panel; those without axes have none."""
    ranks = [(line, len(line.along.size.axes)) for line in lines]
    return [(line, min(axes[0], rank - 1)) for line, rank in ranks if rank]


def _axes_text(lines: Sequence[_DrawnInput], axes: Sequence[int], language: Language) -> str:
    rank = max(len(line.along.size.axes) for line in lines)
    return listed_in([axis_name(axis, rank, language) for axis in axes], language)


def _panel(
    lines: Sequence[_DrawnInput],
    axes: Sequence[int],
    drawn: Sequence[_Drawn],
    title: str,
    number: int | None,
    language: Language,
) -> Panel:
    """The curves of some networks along the axes of a panel, with the sizes of inputs where these are fields.

    number: of one network the colour of its first curve, so that each has its own; None for several.
    """
    along = [(line, 0) for line in lines] if drawn[0] in _SPENT else _along(lines, axes)
    marks: list[ChartMark] = []
    values: list[float] = []
    for line, axis in along:
        shown: list[list[list[Point]]] = []
        for nth, each in enumerate(drawn):
            pieces = _pieces(line, each, axis)
            # Where there are no branches the smallest field is the field.
            if pieces in shown:
                continue
            shown.append(pieces)
            alone = number is not None
            series, stroke = (number + nth, each.stroke) if number is not None else (line.series, "solid")
            label = say(each.key, language) if alone else line.name
            for piece in pieces:
                marks.append(Curve(tuple(piece), series, label, stroke, steps=each.steps))
                # What has one entry in the legend.
                label = ""
                values += [height for _, height in piece]
            points = {point for piece in pieces for point in piece}
            for at in _reaching(line, each.field, axis):
                height = each.value(line, at, axis)
                if height is not None and (at.depth, height) in points:
                    marks.append(Curve(((at.depth, height),), series, stroke="none", dots=True))
    deepest = max((line.along.depth for line in lines), default=0)
    depth = Scale(say("depth axis", language), 0, max(deepest, 1), whole=True)
    if drawn[0] in _SPENT:
        return Panel(title, depth, Scale(say("spent axis", language), 0, 100), tuple(marks))
    if drawn[0].field:
        sizes = dict.fromkeys(_number(line.along.size.axes[axis]) for line, axis in along)
        marks[:0] = [Guide("y", size, say("input guide", language, size=f"{int(size):,}")) for size in sizes]
        values += sizes
    label = say("positions axis" if drawn[0] is not _MAP else "strides axis", language)
    low, high = min(values, default=1), max(values, default=2)
    heights = Scale(label, low / _ROOM, max(high, low * 2) * _ROOM, logarithmic=True)
    return Panel(title, depth, heights, tuple(marks))


def _reaching(line: _DrawnInput, field: FieldName | None, axis: int) -> list[GrowthPoint]:
    """The layers at which a field reaches the input along an axis, but those of fields that shrink again."""
    return [
        each.at
        for each in line.along.reached
        if each.field == field
        and each.axis == axis
        and each.at is not None
        and (field != "smallest" or each.layers)
    ]


def _layer_guides(line: _DrawnInput, axes: Sequence[int] | None) -> Iterator[Guide]:
    """Lines at the depths at which a field reaches the input along the first of the axes, with the layers.

    Without axes those of all, without names.
    """
    names: dict[int, dict[str, None]] = {}
    for axis in range(len(line.along.size.axes)) if axes is None else axes[:1]:
        for field in FIELDS:
            for at in _reaching(line, field, axis):
                names.setdefault(at.depth, {})[line.growth.node(at).name] = None
    for depth, layers in names.items():
        yield Guide("x", depth, "" if axes is None else ", ".join(layers))


def _pieces(line: _DrawnInput, drawn: _Drawn, axis: int) -> list[list[Point]]:
    """The values of the steps by depth, cut where there is none.

    Of the smallest fields it is the smallest that is still to come: within a block they grow, and behind the
    shortcut they are what they were.
    """
    found = [(point.depth, drawn.value(line, point, axis)) for point in line.along.steps]
    # The input sees itself: there is nothing to draw yet.
    found = found[1:] if drawn.field else found
    pieces: list[list[Point]] = [[]]
    for depth, value in found:
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((depth, value))
    if drawn.field == "smallest":
        pieces = [_still_to_come(piece) for piece in pieces]
    return [piece for piece in pieces if piece]


def _still_to_come(points: Sequence[Point]) -> list[Point]:
    least = [*accumulate([height for _, height in reversed(points)], min)][::-1]
    return [(depth, height) for (depth, _), height in zip(points, least, strict=True)]


def _number(value: object) -> float:
    assert isinstance(value, int)
    return value


def _most(field: FieldName, line: _DrawnInput, point: GrowthPoint, axis: int) -> float | None:
    """The most positions of a field; None where it has no number, and behind what covers the whole map."""
    span = None if point.axes[axis].collapsed else point.span(field, axis)
    return span[1] if span and span[1] > 0 else None


def _units(line: _DrawnInput, point: GrowthPoint, axis: int) -> float | None:
    """How many units a layer has along an axis of the input; None where none of its axes runs along it."""
    running = line.growth.analysis.fields.nodes[point.node].axes[line.along.source]
    place = None if running is None else running[axis]
    return None if place is None or point.axes[axis].collapsed else _number(point.output.axes[place])


def _stride(line: _DrawnInput, point: GrowthPoint, axis: int) -> float | None:
    stride = point.axes[axis].stride
    return stride[0] / stride[1] if isinstance(stride, tuple) else stride


def _percent(
    count: Literal["macs", "params"], line: _DrawnInput, point: GrowthPoint, axis: int
) -> float | None:
    """The share of all that is spent so far."""
    so_far, whole = getattr(point.spent, count), getattr(line.growth.whole, count)
    sure = so_far.complete and whole.complete and whole.known
    return 100 * _number(so_far.known) / _number(whole.known) if sure else None


_STROKES: dict[FieldName, Stroke] = {"theoretical": "solid", "effective": "dashed", "smallest": "dotted"}
_FIELDS = tuple([_Drawn(name, _STROKES[name], partial(_most, name), name) for name in FIELDS])
_MAP = _Drawn("map", "solid", _units, steps=True)
_STRIDE = _Drawn("stride", "dashed", _stride, steps=True)
_SPENT = (
    _Drawn("macs_so_far", "solid", partial(_percent, "macs")),
    _Drawn("params_so_far", "dashed", partial(_percent, "params")),
)
# The panels of one network, and those of several: a title and what is drawn.
_ALONE = (("fields title", _FIELDS), ("strides title", (_MAP, _STRIDE)), ("spent title", _SPENT))
_SEVERAL = tuple([(f"{each.key} title", (each,)) for each in (*_FIELDS, _STRIDE, *_SPENT)])
# What is left above the highest curve, and below the lowest.
_ROOM = 1.2


def _notes(lines: Sequence[_DrawnInput], language: Language) -> Iterator[str]:
    """Where fields reach the input, and where curves end before the network does; of like fields together."""
    for line in lines:
        found: dict[tuple[str, str], dict[str, None]] = {}
        for each in line.along.reached:
            if each.field != "whole":
                field = say(each.field, language)
                for key, text in _ends(line, each, language):
                    found.setdefault((key, text), {})[field] = None
        for (key, text), fields in found.items():
            name = "fields one" if len(fields) == 1 else "fields several"
            field = say(name, language, fields=listed_in(fields, language))
            yield say(key, language, network=line.name, field=field, text=text)


def _ends(line: _DrawnInput, each: Reached, language: Language) -> Iterator[tuple[str, str]]:
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
