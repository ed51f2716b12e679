"""What of a layer is located: some of its units, and the units that see a part of the input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product as every
from math import prod
from typing import TYPE_CHECKING, Literal

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.visible import VisibleField, VisibleFields, whole_numbers
from rfcalc.errors import UsageError, nearest, option, quoted
from rfcalc.graph.asked import AskedLayer, find_layer
from rfcalc.records import NamedTuple
from rfcalc.units import is_digits

if TYPE_CHECKING:
    from rfcalc.analysis.fields.visible import Box
    from rfcalc.analysis.network import NetworkAnalysis

    # Numbers, or the text of the command line: "3,4", and "0-121,7" of a region, "NAME=…" of an input.
    UnitGiven = str | Sequence[int]
    RegionGiven = str | Sequence[int | Sequence[int]]

# So many units of a layer are listed.
MOST_UNITS = 2**16


class LocatedUnit(NamedTuple):
    """One unit of a layer, and what it sees of each input that it depends on, by the number of the input."""

    unit: tuple[int, ...]
    fields: tuple[tuple[int, VisibleField], ...]


class UnitsOfRegion(NamedTuple):
    """The units of a layer that see some of a region of input number `source`, or nothing but that.

    how: "touches" for those that see some of it, "inside" for those that see nothing else of the input.
    number: how many these are; None where that is not known, and `reason` says why.  box: the first and the
    last along each axis of the layer; None where there are none.
    """

    source: int
    region: Box
    how: Literal["touches", "inside"]
    number: int | None
    box: Box | None
    reason: str = ""


class Located(NamedTuple):
    """What was asked of a layer: see `locate`.

    shape: its units along each axis.  chosen: whether no unit was asked for, and some were chosen, of which
    the first is the one in the middle.
    """

    analysis: NetworkAnalysis
    asked: AskedLayer
    strict: bool
    sources: tuple[int, ...]
    shape: tuple[int, ...]
    units: tuple[LocatedUnit, ...]
    regions: tuple[UnitsOfRegion, ...]
    chosen: bool = False

    @property
    def name(self) -> str:
        """The name of the layer."""
        return self.analysis.graph.nodes[self.asked.node].name

    def input_name(self, source: int) -> str:
        """The name of an input."""
        graph = self.analysis.graph
        return graph.nodes[graph.inputs[source]].name


def locate_layers(
    analysis: NetworkAnalysis,
    layers: Iterable[str] = (),
    units: Iterable[UnitGiven] = (),
    *,
    corners: bool = False,
    every_unit: bool = False,
    pixels: Iterable[RegionGiven] = (),
    boxes: Iterable[RegionGiven] = (),
    strict: bool = False,
) -> tuple[Located, ...]:
    """Where some units of several layers see the input; each question of `locate` is asked of all.

    layers: as for `find_layer`; without any, for each output of the network the layer whose field is its
    field: the last that has positions.
    """
    asked = [find_layer(analysis.graph, layer) for layer in layers] or [
        AskedLayer(node, "network", analysis.graph.nodes[node].name)
        for node in dict.fromkeys(analysis.fields.of_outputs)
    ]
    units, pixels, boxes = tuple(units), tuple(pixels), tuple(boxes)
    visible = VisibleFields(analysis.fields, strict=strict)
    return tuple(
        [
            locate(
                analysis,
                each,
                units,
                corners=corners,
                every_unit=every_unit,
                pixels=pixels,
                boxes=boxes,
                strict=strict,
                visible=visible,
            )
            for each in {each.node: each for each in asked}.values()
        ]
    )


def locate(
    analysis: NetworkAnalysis,
    asked: AskedLayer,
    units: Iterable[UnitGiven] = (),
    *,
    corners: bool = False,
    every_unit: bool = False,
    pixels: Iterable[RegionGiven] = (),
    boxes: Iterable[RegionGiven] = (),
    strict: bool = False,
    visible: VisibleFields | None = None,
) -> Located:
    """Where some units of a layer see the input, and which units see some positions of it.

    units: their places, with a number from 0 for each axis of the layer.
    corners, every_unit: those at the corners of the map, and all.  Where nothing is asked for, it is the unit
    in the middle and those at the corners.
    pixels: positions of the input; asked for are the units that see them.  boxes: regions of it, from the
    first to the last position along each axis, both of which belong to it; asked for are the units that see
    some of it, and those that see nothing else.
    strict: whether gates and the statistics of normalisations count.  visible: what is known of that already.
    Raises UsageError, with the ranges, for places that are not there.
    """
    graph, name = analysis.graph, analysis.graph.nodes[asked.node].name
    sources = tuple(
        [number for number, axes in enumerate(analysis.fields.nodes[asked.node].inputs) if axes is not None]
    )
    if not sources:
        raise UsageError(f"{name} depends on no input")
    try:
        shape = whole_numbers(graph, asked.node)
        sizes = {source: whole_numbers(graph, graph.inputs[source]) for source in sources}
    except ValueError as error:
        raise UsageError(f"{error}: say an input size in numbers with {option('input')}") from None
    pixels, boxes = tuple(pixels), tuple(boxes)
    chosen = [_unit(place, shape, name) for place in units]
    nothing = not (chosen or corners or every_unit or pixels or boxes)
    if nothing:
        chosen.append(tuple([length // 2 for length in shape]))
    if corners or nothing:
        chosen += _product([sorted({0, length - 1}) for length in shape], f"corners of {name}")
    if every_unit:
        chosen += _product([*map(range, shape)], f"units of {name}")
    visible = visible or VisibleFields(analysis.fields, strict=strict)
    found = [
        LocatedUnit(unit, tuple([(source, visible.of(asked.node, unit, source)) for source in sources]))
        for unit in dict.fromkeys(chosen)
    ]
    regions = []
    for what, given in (("pixel", pixels), ("box", boxes)):
        for text in given:
            for source, region in _regions(what, text, analysis, sizes):
                regions.append(_units_of(visible, asked.node, source, region, "touches"))
                if what == "box":
                    regions.append(_units_of(visible, asked.node, source, region, "inside"))
    return Located(analysis, asked, strict, sources, shape, tuple(found), tuple(regions), nothing)


def _product(along: Sequence[Sequence[int]], what: str) -> Iterable[tuple[int, ...]]:
    """Places by their numbers along each axis; raises UsageError for too many."""
    number = prod(map(len, along))
    if number > MOST_UNITS:
        raise UsageError(f"there are {number:,} {what}; more than {MOST_UNITS:,} are not listed")
    return every(*along)


def _units_of(
    visible: VisibleFields, node: int, source: int, region: Box, how: Literal["touches", "inside"]
) -> UnitsOfRegion:
    look = visible.seeing if how == "touches" else visible.within
    try:
        units = look(node, region, source)
    except OutOfReachError as reason:
        return UnitsOfRegion(source, region, how, None, None, str(reason))
    return UnitsOfRegion(source, region, how, units.size, units.box)


def _unit(place: UnitGiven, shape: Sequence[int], name: str) -> tuple[int, ...]:
    """A unit of a layer of this shape."""
    if not shape:
        raise UsageError(f"{name} has no positions, {quoted(_text(place))} is none of it: leave it out")
    words = [*map(str.strip, place.strip("() ").split(","))] if isinstance(place, str) else [*map(str, place)]
    expected = f"a unit of {name} is {_range(shape)}"
    if len(words) != len(shape):
        raise UsageError(f"{quoted(_text(place))} has {_numbers(len(words))}; {expected}")
    unit = tuple([_number(word, _text(place), expected) for word in words])
    if any(number >= length for number, length in zip(unit, shape, strict=True)):
        raise UsageError(f"{quoted(_text(place))} lies outside of the map; {expected}")
    return unit


def _regions(
    what: str, given: RegionGiven, analysis: NetworkAnalysis, sizes: dict[int, tuple[int, ...]]
) -> list[tuple[int, Box]]:
    """The box that is meant, of each input of as many axes that the layer depends on, or of the one named."""
    graph = analysis.graph
    names = {graph.nodes[graph.inputs[source]].name: source for source in sizes}
    said = option(what, _text(given))
    name, equals, text = given.rpartition("=") if isinstance(given, str) else ("", "", given)
    if equals and name not in names:
        hint = nearest(name, names) or f"the layer depends on {', '.join(names)}"
        raise UsageError(f"{said}: no such input; {hint}")
    words = (
        [*map(str.strip, text.strip("() ").split(","))]
        if isinstance(text, str)
        else [str(each) if isinstance(each, int) else "-".join(map(str, each)) for each in text]
    )
    among = [names[name]] if equals else [*sizes]
    meant = [source for source in among if len(sizes[source]) == len(words)]
    form = "ROW,COL" if what == "pixel" else "FIRST-LAST,FIRST-LAST"
    expected = " or ".join(dict.fromkeys(_range(sizes[source]) for source in meant or among))
    expected = f"expected {form}, positions of the input are {expected}"
    if not meant:
        raise UsageError(f"{said} has {_numbers(len(words))}; {expected}")
    box = []
    for word in words:
        first, dash, last = word.partition("-")
        if what == "pixel" and dash:
            raise UsageError(f"{said}: {quoted(word)} is no position; {expected}")
        low = _number(first, _text(given), expected)
        high = _number(last, _text(given), expected) if dash else low
        if high < low:
            raise UsageError(f"{said}: {quoted(word)} ends before it begins; {expected}")
        box.append((low, high))
    inside = [
        source
        for source in meant
        if all(high < size for (_, high), size in zip(box, sizes[source], strict=True))
    ]
    if not inside:
        raise UsageError(f"{said} lies outside of the input; {expected}")
    return [(source, tuple(box)) for source in inside]


def _number(word: str, text: str, expected: str) -> int:
    if not is_digits(word) or len(word) > 18:
        raise UsageError(f"{quoted(text)}: {quoted(word)} is no whole number from 0; {expected}")
    return int(word)


def _range(shape: Sequence[int]) -> str:
    """The places of a map, from the first to the last."""
    return f"{_text((0,) * len(shape))} to {_text([length - 1 for length in shape])}"


def _text(place: RegionGiven) -> str:
    if isinstance(place, str):
        return place
    return ",".join(str(each) if isinstance(each, int) else "-".join(map(str, each)) for each in place)


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"
