"""Located units as structured data: what `--format json` prints, described by locate.schema.json."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.report.network_table.data import data_of

if TYPE_CHECKING:
    from rfcalc.analysis.fields.visible import Box, VisibleField
    from rfcalc.report.location.asking import Located, UnitsOfRegion
    from rfcalc.report.network_table.data import Json

SCHEMA = "rfcalc.locate/1"


def located_data(layers: Sequence[Located]) -> dict[str, Json]:
    """What was asked of layers of a network; what is not known is null, with the reason beside it."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "network": layers[0].analysis.name,
        "strict": layers[0].strict,
        "layers": [*map(_layer, layers)],
    }


def _layer(located: Located) -> dict[str, Json]:
    analysis, node = located.analysis, located.analysis.graph.nodes[located.asked.node]
    return {
        "layer": located.name,
        "asked": {"how": located.asked.how, "text": located.asked.text},
        "op": node.op,
        "output": data_of(node.facts.output),
        "inputs": [
            {
                "name": located.input_name(source),
                "size": data_of(analysis.inputs[source]),
                **_paths(located, source),
            }
            for source in located.sources
        ],
        "units": [
            {
                "unit": list(unit),
                "fields": [
                    {"input": located.input_name(source), **_field(field)} for source, field in fields
                ],
            }
            for unit, fields in located.units
        ],
        "regions": [_region(located, each) for each in located.regions],
    }


def _paths(located: Located, source: int) -> dict[str, Json]:
    """By which global path the layer sees an axis of an input whole."""
    axes = located.analysis.fields.nodes[located.asked.node].inputs[source] or ()
    return {"global": [axis.path or None for axis in axes]}


def _field(field: VisibleField) -> dict[str, Json]:
    area = field.area
    return {
        "visible": _box(field.box),
        "positions": field.positions,
        "theoretical": _box(field.whole),
        "centre": None if field.centre is None else list(field.centre),
        "in_padding": _share(field.padding, area),
        "of_field": _share(field.positions, area),
        "of_image": _share(field.positions, prod(field.size)),
        "reason": field.reason or None,
    }


def _region(located: Located, each: UnitsOfRegion) -> dict[str, Json]:
    return {
        "input": located.input_name(each.source),
        "region": _box(each.region),
        "how": each.how,
        "number": each.number,
        "of_layer": _share(each.number, prod(located.shape)),
        "units": _box(each.box),
        "reason": each.reason or None,
    }


def _box(box: Box | None) -> Json:
    if box is None:
        return None
    return {
        "first": [low for low, _ in box],
        "last": [high for _, high in box],
        "size": [high - low + 1 for low, high in box],
    }


def _share(part: int | None, whole: int | None) -> Json:
    return None if part is None or not whole else part / whole
