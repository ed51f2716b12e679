"""Located units, and the units of regions, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING

from rfcalc.errors import option
from rfcalc.report.cells import ABSENT, Amount, Cell, Coordinates, EachAxis, Share, Text, Worded
from rfcalc.report.location.words import say
from rfcalc.report.table import Heading, Table, TableNote
from rfcalc.report.words import say as say_of_tables
from rfcalc.shapes import format_sizes

if TYPE_CHECKING:
    from rfcalc.analysis.fields.visible import Box, VisibleField
    from rfcalc.report.location.asking import Located
    from rfcalc.report.words import Language

# In which order columns go where a terminal is too narrow (0: never).
_DROPPED = {"theoretical_first": 1, "centre": 2, "padding": 3}
_LEFT = ("unit", "input", "region", "units")


def located_tables(located: Located, language: Language) -> list[Table]:
    """A table of the units where some were asked for, and one of the regions where some were."""
    tables = []
    if located.units:
        tables.append(_units_table(located, language))
    if located.regions:
        tables.append(_regions_table(located, language))
    return tables


def _units_table(located: Located, language: Language) -> Table:
    several = len(located.sources) > 1
    names = ["unit", *(["input"] if several else []), "visible", "first", "last", "positions", "theoretical"]
    names += ["theoretical_first", "centre", "padding", "of_field", "of_image"]
    rows = []
    for unit, fields in located.units:
        for source, field in fields:
            head: list[Cell] = [Coordinates(unit)]
            if several:
                head.append(Text(located.input_name(source)))
            rows.append((*head, *_field_cells(located, source, field, language)))
    notes = [*_notes(located, language), *_notes_of_units(located, language)]
    return Table(
        _title(located, language), _headings(names, language), tuple(rows), (), tuple(notes), language
    )


def _field_cells(located: Located, source: int, field: VisibleField, language: Language) -> Iterator[Cell]:
    """The cells of what one unit sees of one input."""
    known = field.positions is not None
    box, whole, area = field.box, field.whole, field.area
    axes = located.analysis.fields.nodes[located.asked.node].inputs[source] or ()
    yield _sides(box) if box else Text("–" if known else "?")
    for end in (0, 1):
        yield Coordinates(tuple([ends[end] for ends in box])) if box else Text("–" if known else "?")
    yield Amount(field.positions)
    everywhere = Worded(say_of_tables("everything", language), None)
    sizes = [
        ends[1] - ends[0] + 1
        if ends
        else everywhere
        if axis.path
        else ABSENT
        if axis.size == (0, 0)
        else None
        for ends, axis in zip(field.theoretical, axes, strict=True)
    ]
    yield EachAxis(tuple(sizes))
    yield Coordinates(tuple([ends[0] for ends in whole])) if whole else Text("–")
    yield Coordinates(field.centre) if field.centre else Text("–")
    yield Share(field.padding, area) if area else Text("–")
    yield Share(field.positions, area) if area else Text("–")
    yield Share(field.positions, prod(field.size))


def _regions_table(located: Located, language: Language) -> Table:
    several = len(located.sources) > 1
    names = [*(["input"] if several else []), "region", "units", "number", "of_layer", "first", "last"]
    rows = []
    for each in located.regions:
        head: list[Cell] = [Text(located.input_name(each.source))] if several else []
        none = Text("?" if each.number is None else "–")
        ends: list[Cell] = [none, none]
        if each.box is not None:
            ends = [Coordinates(tuple([side[end] for side in each.box])) for end in (0, 1)]
        rows.append(
            (
                *head,
                Text(region_text(each.region)),
                Text(say(each.how, language)),
                Amount(each.number),
                Share(each.number, prod(located.shape)),
                *ends,
            )
        )
    unknown = dict.fromkeys(
        (region_text(each.region), each.reason) for each in located.regions if each.reason
    )
    notes = [] if located.units else [*_notes(located, language)]
    notes += [TableNote(say("unknown", language, units=region, reason=reason)) for region, reason in unknown]
    title = "" if located.units else _title(located, language)
    return Table(title, _headings(names, language), tuple(rows), (), tuple(notes), language)


def region_text(region: Box) -> str:
    """A box as the command line takes it: first and last position of each axis."""
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in region)


def _sides(box: Box) -> EachAxis:
    """The lengths of the sides of a box."""
    return EachAxis(tuple([high - low + 1 for low, high in box]))


def _headings(names: Sequence[str], language: Language) -> tuple[Heading, ...]:
    return tuple(
        Heading(name, say(name, language), name not in _LEFT, drop=_DROPPED.get(name, 0)) for name in names
    )


def _title(located: Located, language: Language) -> str:
    graph = located.analysis.graph
    inputs = ", ".join(str(graph.nodes[graph.inputs[source]].facts.output) for source in located.sources)
    units = say("one unit", language)
    if located.shape:
        units = say("units of", language, shape=format_sizes(located.shape))
    return say(
        "title", language, layer=located.name, network=located.analysis.name, units=units, inputs=inputs
    )


def _notes(located: Located, language: Language) -> Iterator[TableNote]:
    """What holds of all that is said of the layer."""
    node = located.asked.node
    if located.asked.how == "scope":
        yield TableNote(say("scope", language, text=located.asked.text, layer=located.name))
    yield TableNote(say("visible convention", language))
    axes = [
        axis
        for source in located.sources
        for axis in located.analysis.fields.nodes[node].inputs[source] or ()
    ]
    if any(axis.path == "main" or axis.size is None for axis in axes):
        yield TableNote(say("everything", language))
    elif any(axis.path for axis in axes):
        key = "strict" if located.strict else "left out"
        yield TableNote(say(key, language, option=option("strict")))


def _notes_of_units(located: Located, language: Language) -> Iterator[TableNote]:
    """What holds of some units."""
    fields = [(unit, field) for unit, of_unit in located.units for _, field in of_unit]
    if any(field.box and field.positions != prod([b - a + 1 for a, b in field.box]) for _, field in fields):
        yield TableNote(say("holes", language))
    reasons: dict[str, list[str]] = {}
    for unit, field in fields:
        if field.reason:
            reasons.setdefault(field.reason, []).append(",".join(map(str, unit)) or located.name)
    for reason, units in reasons.items():
        first = units[0]
        if len(units) > 1:
            first = say("several", language, first=first, count=len(units) - (language == "en"))
        yield TableNote(say("unknown", language, units=first, reason=reason))
