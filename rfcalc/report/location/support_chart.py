"""Which positions of the input a unit sees, one by one: with the holes between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.visible import VisibleFields
from rfcalc.report.chart import Cells, Panel, Polygon, Scale
from rfcalc.report.location.chart_words import say
from rfcalc.report.location.planes import planes_of, unit_name
from rfcalc.shapes import format_sizes

if TYPE_CHECKING:
    from rfcalc.analysis.fields.plane import PositionSet
    from rfcalc.analysis.fields.visible import VisibleField
    from rfcalc.report.chart import ChartMark
    from rfcalc.report.location.asking import Located
    from rfcalc.report.location.planes import InputPlane
    from rfcalc.report.words import Language


def support_panels(located: Located, several: bool, language: Language) -> tuple[list[Panel], list[str]]:
    """A panel for each unit, input and plane; and notes."""
    visible = VisibleFields(located.analysis.fields, strict=located.strict)
    panels: list[Panel] = []
    notes: list[str] = []
    for unit, fields in located.units:
        for source, field in fields:
            name = unit_name(located, unit, source, several, language)
            try:
                seen = visible.positions(located.asked.node, unit, source)
            except OutOfReachError as reason:
                notes.append(say("not seen", language, unit=name, reason=reason))
                continue
            if seen.box is None:
                notes.append(say("nothing", language, unit=name))
                continue
            panels += [
                _panel(seen, field, plane, plane.titled(name, language), language)
                for plane in planes_of(located, source)
            ]
    return panels, notes


def _panel(
    seen: PositionSet, field: VisibleField, plane: InputPlane, title: str, language: Language
) -> Panel:
    shown = [axis for axis in (plane.down, plane.across) if axis is not None]
    values = seen.along((plane.down, plane.across)).seen.tolist()
    ends = seen.box
    assert ends is not None
    left, top = ends[plane.across][0], plane.rows(ends)[0]
    marks: list[ChartMark] = []
    size = tuple([(0, length - 1) for length in field.size])
    marks.append(Polygon(plane.corners(size), -1))
    count = f"{seen.size:,}"
    label = say("sized", language, name=say("seen", language), size=count)
    marks.append(Cells(left - 0.5, top - 0.5, values, 1.0, 1, label))
    sides = format_sizes([high - low + 1 for low, high in ends])
    label = say("sized", language, name=say("visible", language), size=sides)
    marks.append(Polygon(plane.corners(ends), 1, label))
    # The theoretical field is left out where what is seen would be small beside it.
    near = field.whole is not None and all(
        abs(inner - outer) <= high - low + 1
        for (low, high), whole in zip(ends, field.whole, strict=True)
        for inner, outer in zip((low, high), whole, strict=True)
    )
    if near and field.whole is not None:
        sides = format_sizes([high - low + 1 for low, high in field.whole])
        label = say("sized", language, name=say("theoretical", language), size=sides)
        marks.append(Polygon(plane.corners(field.whole), 0, label, "dashed"))
    scales = []
    for axis in shown:
        low, high = ends[axis]
        if near and field.whole is not None:
            low, high = min(low, field.whole[axis][0]), max(high, field.whole[axis][1])
        air = max(1, (high - low) // 20)
        scales.append(plane.scale(axis, low - air, high + air, language))
    if plane.down is None:
        scales.insert(0, Scale("", -1.5, 1.5, bare=True))
    return Panel(title, scales[1], scales[0], tuple(marks), square=plane.down is not None, downwards=True)
