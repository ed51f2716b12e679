"""Growing fields as tables: layer by layer, and where they reach the input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.densities import SHARES
from rfcalc.errors import spoken
from rfcalc.records import NamedTuple
from rfcalc.report.cells import (
    DASH,
    UNKNOWN,
    Amount,
    AxisValue,
    Cell,
    EachAxis,
    Extremes,
    Share,
    Sizes,
    Text,
)
from rfcalc.report.growth.points import FIELDS, Growth, GrowthPoint, InputGrowth, Reached
from rfcalc.report.growth.selection import MOST_OF_SEVERAL, MOST_ROWS, chosen_points
from rfcalc.report.growth.words import listed_in, say
from rfcalc.report.network_table.fields import SeenField, field_cell, known_or_absent, size_cell
from rfcalc.report.table import Heading, Table, TableNote
from rfcalc.report.words import axis_name
from rfcalc.report.words import say as say_of_tables
from rfcalc.shapes import format_sizes
from rfcalc.units import format_share

if TYPE_CHECKING:
    from rfcalc.analysis.figures import Sum
    from rfcalc.report.words import Language

ARROW = "→"
_WIDTH = SHARES.index(95)
_POINTS = ("layer", "depth", "theoretical", "effective", "smallest", "stride", "output")
_SO_FAR = ("macs_so_far", "params_so_far")
_REACHED = ("field", "size", "largest", "reached", "depth", "behind", "macs_behind", "params_behind")
_LEFT = ("network", "input", "layer", "field", "reached")
# In which order columns go where a terminal is too narrow (0: never).
_DROPPED = {"stride": 1, "size": 1, "output": 2, "smallest": 3}
_DROPPED_OF_REACHED = _DROPPED | {"depth": 2, "largest": 3}
_SHORTENED = {"layer": "name", "reached": "name", "field": "wrap"}


class GrowthView(NamedTuple):
    """What is shown of growing fields.

    every: all layers, not those of the trunk at which something happens.  summary: only where fields reach
    the input.  rows: for a format of rows alone, which holds one table.
    """

    every: bool = False
    summary: bool = False
    rows: bool = False
    language: Language = "en"


def growth_tables(growths: Sequence[Growth], view: GrowthView) -> list[Table]:
    """The tables of some networks: of each input its layers, then where all of their fields reach it."""
    if view.rows:
        return [reached_table(growths, view) if view.summary else _all_points(growths, view)]
    tables = []
    if not view.summary:
        most = MOST_ROWS if len(growths) == 1 else MOST_OF_SEVERAL
        for growth in growths:
            tables += [_points_table(growth, along, view, most) for along in growth.inputs]
    return [*tables, reached_table(growths, view)]


def _shown(growth: Growth, along: InputGrowth, view: GrowthView, most: int) -> tuple[GrowthPoint, ...]:
    own = growth.analysis.graph.inputs
    if view.every:
        return tuple([point for point in along.points if point.node not in own])
    return chosen_points(growth, along, most)


def _points_table(growth: Growth, along: InputGrowth, view: GrowthView, most: int) -> Table:
    language = view.language
    points = _shown(growth, along, view, most)
    title = say("title", language, network=growth.name, inputs=_input_text(growth, along, language))
    rows = tuple([tuple(_cells(growth, along, point, view)) for point in points])
    notes = [TableNote(text) for text in _notes(growth, along, points, view)]
    return Table(title, _headings((*_POINTS, *_SO_FAR), language), rows, (), tuple(notes), language)


def _all_points(growths: Sequence[Growth], view: GrowthView) -> Table:
    """The layers of all networks in one table, for programs."""
    language = view.language
    rows = [
        (Text(growth.name), Text(along.name), *_cells(growth, along, point, view))
        for growth in growths
        for along in growth.inputs
        for point in _shown(growth, along, view, MOST_ROWS)
    ]
    headings = _headings(("network", "input", *_POINTS, *_SO_FAR), language)
    return Table(say("title of several", language), headings, tuple(rows), language=language)


def _headings(
    names: Sequence[str], language: Language, dropped: Mapping[str, int] = _DROPPED
) -> tuple[Heading, ...]:
    return tuple(
        Heading(name, say(name, language), name not in _LEFT, _SHORTENED.get(name, ""), dropped.get(name, 0))
        for name in names
    )


def _input_text(growth: Growth, along: InputGrowth, language: Language) -> str:
    key = "of input" if len(growth.inputs) == 1 else "of named input"
    return say(key, language, name=along.name, size=format_sizes(along.size.sizes()))


def _cells(growth: Growth, along: InputGrowth, point: GrowthPoint, view: GrowthView) -> Iterator[Cell]:
    node, language = growth.node(point), view.language
    yield Text(node.name)
    yield Amount(point.depth)
    reached = {each.field for each in along.reached if (at := each.where) and at.node == point.node}
    if any(each.sees_all for each in along.reached):
        # What has seen all of the input before.
        reached.discard("whole")
    if view.rows:
        # Programs read numbers.
        reached.clear()
    seen = SeenField(0, point.axes)
    smallest = tuple([_known(point, axis, point.smallest[axis]) for axis in _axes(point)])
    moved = any(axis.status == "data-dependent" for axis in point.axes)
    cells = {
        "theoretical": size_cell(seen, (), language),
        "effective": EachAxis(tuple([_known(point, axis, _effective(point, axis)) for axis in _axes(point)])),
        "smallest": EachAxis(smallest, "~" if moved else ""),
    }
    for field in FIELDS:
        cell = cells[field]
        marked = field in reached or (field == "theoretical" and "whole" in reached)
        yield cell._replace(before=ARROW + cell.before) if marked and isinstance(cell, EachAxis) else cell
    yield field_cell(seen, "effective_stride")
    yield Sizes((point.output,))
    for so_far, whole in zip(point.spent, growth.whole, strict=True):
        yield _share(so_far, whole)


def _axes(point: GrowthPoint) -> range:
    return range(len(point.axes))


def _known(point: GrowthPoint, axis: int, value: AxisValue) -> AxisValue:
    return known_or_absent(point.axes[axis], value)


def _effective(point: GrowthPoint, axis: int) -> AxisValue:
    figures = point.effective[axis].figures
    return None if figures is None else Extremes(*figures.widths[_WIDTH])


def reached_table(growths: Sequence[Growth], view: GrowthView) -> Table:
    """Where the fields of networks reach the input, and what lies behind."""
    language = view.language
    several, inputs = len(growths) > 1 or view.rows, any(len(growth.inputs) > 1 for growth in growths)
    names = [*(["network"] if several else []), *(["input"] if inputs else []), *_REACHED]
    rows = []
    for growth in growths:
        for along in growth.inputs:
            for label, each in _merged(along, language):
                head: list[Cell] = [Text(growth.name)] if several else []
                head += [Text(along.name)] if inputs else []
                rows.append((*head, Text(label), *_reached_cells(growth, along, each, language)))
    reached = [each for growth in growths for along in growth.inputs for each in along.reached]
    keys = ["arrow"] if not view.summary and any(each.where for each in reached) else []
    keys += ["depth convention", "fields convention", "effective convention"]
    keys += dict.fromkeys(f"weights {growth.weights}" for growth in growths if growth.weights != "kaiming")
    keys.append("behind convention")
    if any(each.field == "whole" for each in reached):
        keys.append("head")
    notes = [
        TableNote(text) for text in (*[say(key, language) for key in keys], *_reasons(growths, language))
    ]
    title = say("title of reached", language)
    headings = _headings(names, language, _DROPPED_OF_REACHED)
    return Table(title, headings, tuple(rows), (), tuple(notes), language)


def _merged(along: InputGrowth, language: Language) -> Iterator[tuple[str, Reached]]:
    """What is reached, with its name: fields and axes of which the same is to be said stand together."""
    rank = len(along.size.axes)
    groups: dict[tuple[object, ...], list[Reached]] = {}
    for each in along.reached:
        length = None if each.field == "whole" else along.size.axes[each.axis]
        key = each.largest, length, each.at, each.lost, each.layers, each.field == "whole"
        groups.setdefault(key, []).append(each)
    for group in groups.values():
        fields = dict.fromkeys(each.field for each in group)
        label = say("comma", language).join([say(field, language) for field in fields])
        axes = dict.fromkeys(each.axis for each in group)
        if group[0].field != "whole" and len(axes) < rank:
            names = listed_in([axis_name(axis, rank, language) for axis in axes], language)
            label = say("field along", language, field=label, axis=names)
        yield label, group[0]


def _reached_cells(growth: Growth, along: InputGrowth, each: Reached, language: Language) -> Iterator[Cell]:
    none = Text(DASH)
    if each.field == "whole":
        yield from (none, none)
    else:
        length = along.size.axes[each.axis]
        yield Amount(length)
        if each.lost is None:
            yield Amount(each.largest)
        else:
            yield Text(say_of_tables("everything", language) if each.sees_all else UNKNOWN)
    at = each.where
    if at is None:
        known = each.lost is None and isinstance(along.size.axes[each.axis], int)
        yield from [none if known else Text(UNKNOWN)] * 5
        return
    yield Text(growth.node(at).name)
    yield Amount(at.depth)
    if each.at is None:
        yield from [none] * 3
        return
    sure = each.lost is None
    yield Amount(each.layers, complete=sure)
    for spent, whole in zip(each.spent, growth.whole, strict=True):
        yield _share(spent, whole) if sure else Text(UNKNOWN)


def _share(part: Sum, whole: Sum) -> Share:
    return Share(part.known if part.complete and whole.complete else None, whole.known)


def _reasons(growths: Sequence[Growth], language: Language) -> Iterator[str]:
    """From where on fields are not known, and why; of several networks with their names."""
    for growth in growths:
        for along in growth.inputs:
            found: dict[tuple[str, str], dict[str, None]] = {}
            for each in along.reached:
                if each.lost is None or each.field == "whole":
                    continue
                layer = growth.node(each.lost).name
                layer = f"{growth.name} {layer}" if len(growths) > 1 else layer
                reason = "" if each.sees_all else _reason(each, each.lost, language)
                found.setdefault((layer, reason), {})[say(each.field, language)] = None
            for (layer, reason), fields in found.items():
                if reason:
                    key = "fields one" if len(fields) == 1 else "fields several"
                    field = say(key, language, fields=listed_in(fields, language))
                    yield say("unknown", language, field=field, layer=layer, reason=reason)
                else:
                    yield say("all", language, layers=layer)


def _reason(each: Reached, lost: GrowthPoint, language: Language) -> str:
    """Why a field has no number, as the end of a sentence."""
    status, reason = lost.axes[each.axis].status, lost.effective[each.axis].reason
    if each.field == "effective" and reason:
        return reason
    known = status if status in ("data-dependent", "bound") else "unknown"
    return say(f"reason {known}", language)


def _notes(
    growth: Growth, along: InputGrowth, points: Sequence[GrowthPoint], view: GrowthView
) -> Iterable[str]:
    """What holds of this table; what holds of all stands below the last one."""
    language = view.language
    if not view.every and len(points) < len(along.points) - 1:
        count, every = len(along.points) - 1, spoken("--all", "every=True")
        yield say("chosen", language, shown=len(points), count=count, option=every)
    axes = [axis for point in points for axis in point.axes]
    if any(axis.path == "side" and axis.size is not None for axis in axes):
        yield say("gate", language)
    for status in ("bound", "data-dependent"):
        if any(axis.status == status for axis in axes):
            yield say(status, language)
    last, whole = points[-1].spent.macs if points else None, growth.whole.macs
    if last and last.complete and whole.complete and last.known != whole.known:
        yield say("rest", language, share=format_share(whole.known - last.known, whole.known))
