"""How the effective field of a unit lies over the input, with the boxes that hold most of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from rfcalc.analysis.energy_map import energy_map
from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.densities import SHARES
from rfcalc.report.chart import Caption, Cells, Curve, Panel, Polygon, Scale, box
from rfcalc.report.location.chart_words import listed_in, say
from rfcalc.report.location.planes import planes_of, unit_name
from rfcalc.shapes import format_sizes

if TYPE_CHECKING:
    from rfcalc.analysis.energy_map import EnergyMap
    from rfcalc.analysis.fields.visible import VisibleField
    from rfcalc.report.chart import ChartMark, Point
    from rfcalc.report.location.asking import Located
    from rfcalc.report.location.planes import InputPlane
    from rfcalc.report.words import Language

_BOXES, _VISIBLE, _AMOUNT = 0, 1, 2
# So many positions along an axis are drawn one by one; of more several are one.
_MOST_CELLS = 512
# Less of the energy is not worth a word.
_LEAST = 0.0005


def energy_panels(located: Located, several: bool, language: Language) -> tuple[list[Panel], list[str]]:
    """A panel for each unit, input and plane; and notes."""
    panels: list[Panel] = []
    notes: list[str] = []
    # Where there are several, their boxes are too small for names.
    named = not several and len(located.units) == 1
    for unit, fields in located.units:
        for source, field in fields:
            name = unit_name(located, unit, source, several, language)
            try:
                found = energy_map(located.analysis.fields, located.asked.node, unit, source)
            except OutOfReachError as reason:
                notes.append(say("no energy", language, unit=name, reason=reason))
                continue
            if not found.energies.size:
                notes.append(say("nothing", language, unit=name))
                continue
            notes += _notes(found, name, language)
            panels += [
                _panel(found, field, plane, plane.titled(name, language), named, language)
                for plane in planes_of(located, source)
            ]
    if panels:
        notes.append(say("energy convention", language))
    return panels, notes


def _panel(
    found: EnergyMap, field: VisibleField, plane: InputPlane, title: str, named: bool, language: Language
) -> Panel:
    ends = _intervals(found)
    if plane.down is None:
        return _curve(found, field, plane, ends, title, language)
    shown = (plane.down, plane.across)
    origin, amounts, size = found.cells(shown, _MOST_CELLS)
    marks: list[ChartMark] = [
        Polygon(plane.corners(tuple([(0, length - 1) for length in field.size])), -1),
        Cells(
            origin[1] - 0.5, origin[0] - 0.5, amounts, size, _AMOUNT, say("amplitude", language), scaled=True
        ),
    ]
    if field.box is not None:
        sides = format_sizes([high - low + 1 for low, high in field.box])
        label = say("sized", language, name=say("visible", language), size=sides)
        marks.append(Polygon(plane.corners(field.box), _VISIBLE, label, "dashed"))
    label = say("boxes", language, shares=listed_in(map(str, SHARES), language))
    corner, anchor = _apart([plane.corners(sides_of_box) for sides_of_box in ends])
    for share, sides_of_box in zip(SHARES, ends, strict=True):
        corners = plane.corners(sides_of_box)
        marks.append(Polygon(corners, _BOXES, label))
        if named:
            marks.append(Caption(f"{share} %", corners[corner], anchor, _BOXES))
        label = ""
    down, across = (
        plane.scale(axis, -_air(length), length - 1 + _air(length), language)
        for axis, length in ((axis, field.size[axis]) for axis in shown)
    )
    return Panel(title, across, down, tuple(marks), square=True, downwards=True)


def _apart(boxes: list[tuple[Point, ...]]) -> tuple[int, Literal["start", "end"]]:
    """The corner at which boxes lie furthest apart, and which end of a name is there."""
    left, right, top, bottom = (
        abs(boxes[0][corner][axis] - boxes[-1][corner][axis])
        for corner, axis in ((0, 0), (2, 0), (0, 1), (2, 1))
    )
    if right >= left:
        return (1 if top >= bottom else 2), "end"
    return (0 if top >= bottom else 3), "start"


def _curve(
    found: EnergyMap,
    field: VisibleField,
    plane: InputPlane,
    ends: list[tuple[tuple[int, int], ...]],
    title: str,
    language: Language,
) -> Panel:
    """The energies of a signal as a curve, over the intervals."""
    energies = found.energies.tolist()
    first, peak = found.origin[0], max(energies)
    points = [(float(first + number) - 0.5, energy) for number, energy in enumerate(energies)]
    points.append((first + len(energies) - 0.5, energies[-1]))
    marks: list[ChartMark] = []
    for number, (share, ((low, high),)) in enumerate(zip(SHARES, ends, strict=True)):
        top = peak * (1.06 + 0.08 * number)
        label = say("boxes", language, shares=listed_in(map(str, SHARES), language)) if not number else ""
        marks.append(Polygon(box(low - 0.5, top - peak * 0.02, high + 0.5, top), _BOXES, label, fill=0.6))
        marks.append(Caption(f" {share} %", (high + 0.5, top - peak * 0.01), "start", _BOXES))
    marks.append(Curve(tuple(points), _AMOUNT, say("energy share", language), steps=True))
    if field.box is not None:
        low, high = field.box[0]
        corners = box(low - 0.5, 0.0, high + 0.5, peak)
        sides = format_sizes([high - low + 1])
        label = say("sized", language, name=say("visible", language), size=sides)
        marks.append(Polygon(corners, _VISIBLE, label, "dashed"))
    low, high = field.box[0] if field.box else (0, field.size[0] - 1)
    air = max(1, (high - low) // 12)
    return Panel(
        title,
        plane.scale(0, low - air, high + air, language),
        Scale(say("energy share", language), 0.0, peak * 1.4),
        tuple(marks),
    )


def _air(length: int) -> int:
    return max(1, length // 30)


def _intervals(found: EnergyMap) -> list[tuple[tuple[int, int], ...]]:
    """For each of SHARES the ends of what holds it along each axis."""
    figures = [found.figures(axis) for axis in range(found.energies.ndim)]
    return [
        tuple(
            [
                (round(each.firsts[number]), round(each.firsts[number]) + each.widths[number][1] - 1)
                for each in figures
                if each is not None
            ]
        )
        for number in range(len(SHARES))
    ]


def _notes(found: EnergyMap, name: str, language: Language) -> Iterator[str]:
    for key, share in (("lost", found.lost), ("elsewhere", found.elsewhere)):
        if share is None:
            yield say(f"{key} unknown", language, unit=name)
        elif share >= _LEAST:
            yield say(key, language, unit=name, share=f"{share:.1%}".replace("%", " %"))
