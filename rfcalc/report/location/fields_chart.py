"""A unit's theoretical, visible and effective field over the input, its centre and its own place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rfcalc.errors import printable
from rfcalc.records import NamedTuple
from rfcalc.report.chart import Curve, Panel, Photo, Polygon, Scale, Stroke, box
from rfcalc.report.location.chart_words import listed_in, say
from rfcalc.report.location.places import effective_box, own_place
from rfcalc.report.location.planes import InputPlane, grid, planes_of, unit_name
from rfcalc.shapes import format_sizes

if TYPE_CHECKING:
    from rfcalc.analysis.effective import EffectiveFields
    from rfcalc.analysis.fields.visible import Box, VisibleField
    from rfcalc.report.chart import ChartMark
    from rfcalc.report.location.asking import Located
    from rfcalc.report.location.photo import Image
    from rfcalc.report.words import Language

    # From where to where a panel goes, by the axis of the input.
    _Reach = dict[int, tuple[int, int]]

# The shares of the energy, in percent, whose boxes are drawn, by their places among SHARES.
_SHARES = {"effective": (95, 2), "inner": (50, 0)}
# Inputs of so few positions along an axis have the border of each drawn.
_FEW_POSITIONS = 40
# An input that is so many times as long as the fields is not shown whole.
_SMALL = 8
# Of more panels none has names along its sides.
_MOST_LABELLED = 9


class _Look(NamedTuple):
    """How a kind of box is drawn."""

    series: int
    stroke: Stroke
    fill: float = 0.0


# How opaque boxes are through which an image is to be seen.
_VEIL = {"visible": 0.1, "effective": 0.25, "inner": 0.25}
# In the order in which they are drawn: where two are one, the dashes of the second show both.
_LOOKS = {
    "visible": _Look(1, "solid", 0.18),
    "theoretical": _Look(0, "dashed"),
    "effective": _Look(2, "dotted"),
    "inner": _Look(2, "dotted"),
    "own place": _Look(3, "solid", 0.7),
}


class _Drawn(NamedTuple):
    """What one unit sees of an input: boxes, each under its kind, its own place; and what is said of it."""

    source: int
    unit: tuple[int, ...]
    field: VisibleField
    boxes: dict[str, Box]
    place: tuple[tuple[float, float], ...] | None
    notes: tuple[str, ...]


def fields_panels(
    located: Located, several: bool, effective: EffectiveFields, image: Image | None, language: Language
) -> tuple[list[Panel], list[str]]:
    """A panel for each unit, input and plane; and notes."""
    every = [
        _drawn(located, several, effective, unit, source, field, language)
        for unit, fields in located.units
        for source, field in fields
    ]
    panels: list[Panel] = []
    notes: list[str] = []
    few = len(every) == 1 and not several
    for source in located.sources:
        for plane in planes_of(located, source):
            mine = [drawn for drawn in every if drawn.source == source]
            bare = len(every) > _MOST_LABELLED
            reaches = _reach(mine, plane, image)
            for drawn, reach in zip(mine, reaches, strict=True):
                title = plane.titled(unit_name(located, drawn.unit, source, several, language), language)
                if plane.down is None:
                    panels.append(_bars(drawn, title, plane, reach[plane.across], language))
                    continue
                marks = [
                    *_ground(drawn, plane, reach, image),
                    *_marks(drawn, plane, few, image is not None, language),
                ]
                across = plane.scale(plane.across, *reach[plane.across], language, bare=bare)
                down = plane.scale(plane.down, *reach[plane.down], language, bare=bare)
                panels.append(Panel(title, across, down, tuple(marks), square=True, downwards=True))
            if any(
                low > 0 or high < mine[0].field.size[axis] - 1
                for reach in reaches
                for axis, (low, high) in reach.items()
            ):
                notes.append(say("part", language, size=format_sizes(mine[0].field.size)))
    notes += [note for drawn in every for note in drawn.notes]
    if any("effective" in drawn.boxes for drawn in every):
        notes.append(say("effective convention", language))
    if image is not None:
        for size in dict.fromkeys(drawn.field.size for drawn in every):
            notes += filter(None, [scaling(image, size, language)])
    return panels, notes


def scaling(image: Image, size: tuple[int, ...], language: Language) -> str | None:
    """What is done to an image that lies behind an input of this size; None for nothing."""
    if (image.height, image.width) == size:
        return None
    key = "scaled" if image.width * size[0] == image.height * size[1] else "stretched"
    pixels = {"width": image.width, "height": image.height, "size": format_sizes(size)}
    return say(key, language, image=printable(image.name), **pixels)


def _drawn(
    located: Located,
    several: bool,
    effective: EffectiveFields,
    unit: tuple[int, ...],
    source: int,
    field: VisibleField,
    language: Language,
) -> _Drawn:
    boxes: dict[str, Box] = {}
    notes: list[str] = []
    name = unit_name(located, unit, source, several, language)
    if field.whole is not None:
        boxes["theoretical"] = field.whole
    else:
        notes += _no_theoretical(located, source, field, language)
    if field.box is not None:
        boxes["visible"] = field.box
    elif field.positions is None:
        notes.append(say("not seen", language, unit=name, reason=field.reason))
    else:
        notes.append(say("nothing", language, unit=name))
    known = located.analysis.fields.nodes[located.asked.node]
    along = effective.of(located.asked.node, source) or ()
    reasons = dict.fromkeys(each.reason for each in along if each.figures is None)
    if reasons:
        notes.append(say("no effective", language, reason=next(iter(reasons))))
    else:
        for kind, share in _SHARES.items():
            boxes[kind] = effective_box(known, along, unit, source, share[1])
    return _Drawn(source, unit, field, boxes, own_place(known, unit, source), tuple(notes))


def _no_theoretical(located: Located, source: int, field: VisibleField, language: Language) -> Iterator[str]:
    """Why the box of the theoretical field is not drawn, for the axes along which there is none."""
    axes = located.analysis.fields.nodes[located.asked.node].inputs[source] or ()
    plane = planes_of(located, source)[0]
    for key, everywhere in (("everything", True), ("no theoretical", False)):
        names = [
            plane.label(number, language)
            for number, (ends, axis) in enumerate(zip(field.theoretical, axes, strict=True))
            if ends is None and bool(axis.path) == everywhere
        ]
        if names:
            yield say(key, language, axes=listed_in(names, language))


def _reach(every: list[_Drawn], plane: InputPlane, image: Image | None) -> list[_Reach]:
    """From where to where the panel of each unit goes along each axis, equally far for all.

    It holds the input and all that is drawn; where the fields are but a small part of the input,
    the surroundings of the unit.
    """
    axes = (plane.across, *([] if plane.down is None else [plane.down]))
    own = [{axis: _ends(drawn, axis) for axis in axes} for drawn in every]
    size = every[0].field.size
    widest = max(high - low + 1 for ends in own for low, high in ends.values())
    if image is None and widest * _SMALL < min(size[axis] for axis in axes):
        around = widest // 2 + max(2, widest // 4)
        return [
            {
                axis: ((low + high) // 2 - around, (low + high + 1) // 2 + around)
                for axis, (low, high) in ends.items()
            }
            for ends in own
        ]
    reach = {}
    for axis in axes:
        low = min(0, *(ends[axis][0] for ends in own))
        high = max(size[axis] - 1, *(ends[axis][1] for ends in own))
        air = max(1, (high - low) // 30)
        reach[axis] = low - air, high + air
    return [reach] * len(every)


def _ends(drawn: _Drawn, axis: int) -> tuple[int, int]:
    """From where to where the boxes of a unit go along an axis; all of the input where it has none."""
    ends = [each[axis] for each in drawn.boxes.values()] or [(0, drawn.field.size[axis] - 1)]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _ground(drawn: _Drawn, plane: InputPlane, reach: _Reach, image: Image | None) -> Iterator[ChartMark]:
    """The input itself: an image, or the borders of its positions where these are few; and its border."""
    size = drawn.field.size
    corners = plane.corners(tuple([(0, length - 1) for length in size]))
    (left, top), _, (right, bottom), _ = corners
    if image is not None:
        yield Photo(left, top, right, bottom, image.content, image.media)
    elif plane.down is not None:
        (first, rows), (start, columns) = [
            (max(0, reach[axis][0]), min(size[axis] - 1, reach[axis][1]) - max(0, reach[axis][0]) + 1)
            for axis in (plane.down, plane.across)
        ]
        yield from grid(
            (rows, columns), _FEW_POSITIONS, lambda row, column: (start + column - 0.5, first + row - 0.5)
        )
    yield Polygon(corners, -1)


def _marks(
    drawn: _Drawn, plane: InputPlane, sized: bool, over_image: bool, language: Language
) -> Iterator[ChartMark]:
    """The boxes of a unit, its own place, and the centre of its field.

    sized: whether the legend says how large each is.  over_image: whether one shows through.
    """
    for kind, look in _LOOKS.items():
        if kind not in drawn.boxes:
            continue
        fill = _VEIL.get(kind, 0.0) if over_image else look.fill
        label = "" if kind == "inner" else _label(kind, drawn.boxes, sized, language)
        yield Polygon(plane.corners(drawn.boxes[kind]), look.series, label, look.stroke, fill)
    if drawn.place is not None:
        look = _LOOKS["own place"]
        name = say("own place", language)
        yield Polygon(plane.place(drawn.place), look.series, name, look.stroke, look.fill)
    if drawn.field.centre is not None:
        down = 0.0 if plane.down is None else drawn.field.centre[plane.down]
        point = drawn.field.centre[plane.across], down
        yield Curve((point,), -1, say("centre", language), "none", dots=True)


def _label(kind: str, boxes: dict[str, Box], sized: bool, language: Language) -> str:
    """The entry of a box in the legend; of the effective field that of both."""
    if kind != "effective":
        name = say(kind, language)
        return say("sized", language, name=name, size=_sides(boxes[kind])) if sized else name
    parts = [
        say("share sized", language, share=share, size=_sides(boxes[each])) if sized else f"{share} %"
        for each, (share, _) in _SHARES.items()
    ]
    return say("effective", language, shares=say("comma", language).join(parts))


def _sides(ends: Box) -> str:
    return format_sizes([high - low + 1 for low, high in ends])


def _bars(drawn: _Drawn, title: str, plane: InputPlane, reach: tuple[int, int], language: Language) -> Panel:
    """What a unit sees of a signal: a bar for each kind, one below the other."""
    bars: list[tuple[str, tuple[float, float], _Look]] = [
        (say("input", language), (-0.5, drawn.field.size[0] - 0.5), _Look(-1, "solid"))
    ]
    for kind, look in _LOOKS.items():
        if kind not in drawn.boxes:
            continue
        ((low, high),) = drawn.boxes[kind]
        name, size = say(kind, language), _sides(drawn.boxes[kind])
        if kind in _SHARES:
            share = say("share sized", language, share=_SHARES[kind][0], size=size)
            name = say("effective", language, shares=share)
        else:
            name = say("sized", language, name=name, size=size)
        bars.append((name, (low - 0.5, high + 0.5), look._replace(fill=0.35)))
    if drawn.place is not None:
        bars.append((say("own place", language), drawn.place[0], _LOOKS["own place"]))
    marks: list[ChartMark] = []
    for number, (_, (left, right), look) in enumerate(bars):
        corners = box(left, number - 0.3, right, number + 0.3)
        marks.append(Polygon(corners, look.series, "", look.stroke, look.fill))
    if drawn.field.centre is not None:
        places = ((drawn.field.centre[0], -0.5), (drawn.field.centre[0], len(bars) - 0.5))
        marks.append(Curve(places, -1, say("centre", language), "dotted"))
    ticks = tuple([(float(number), name) for number, (name, *_) in enumerate(bars)])
    down = Scale("", -0.5, len(bars) - 0.5, ticks=ticks)
    return Panel(title, plane.scale(0, *reach, language), down, tuple(marks), downwards=True)
