"""Growing fields as structured data: what `--format json` prints, described by field.schema.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.report.growth.points import FIELDS
from rfcalc.report.network_table.data import data_of, range_data, stride_data

if TYPE_CHECKING:
    from rfcalc.analysis.figures import Sum
    from rfcalc.report.growth.points import Growth, GrowthPoint, InputGrowth, Reached, Spent
    from rfcalc.report.network_table.data import Json

SCHEMA = "rfcalc.field/1"


def growth_data(growths: Sequence[Growth]) -> dict[str, Json]:
    """All layers of some networks; what is not known is null."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "branch_weights": growths[0].weights if growths else "kaiming",
        "networks": [
            {
                "name": growth.name,
                "title": growth.analysis.name,
                **_spent(growth.whole),
                "inputs": [_input(growth, along) for along in growth.inputs],
            }
            for growth in growths
        ],
    }


def _input(growth: Growth, along: InputGrowth) -> dict[str, Json]:
    own = growth.analysis.graph.inputs
    return {
        "name": along.name,
        "size": data_of(along.size),
        "depth": along.depth,
        "trunk": [growth.node(point).name for point in along.trunk if point.node not in own],
        "layers": [_point(growth, point) for point in along.points if point.node not in own],
        "reached": [_reached(growth, along, each) for each in along.reached],
    }


def _point(growth: Growth, point: GrowthPoint) -> dict[str, Json]:
    node, axes = growth.node(point), range(len(point.axes))
    return {
        "name": node.name,
        "op": node.op,
        "depth": point.depth,
        "output": data_of(point.output),
        **{field: [range_data(point.span(field, axis)) for axis in axes] for field in FIELDS},
        "stride": [stride_data(axis) for axis in point.axes],
        "status": [axis.status for axis in point.axes],
        "all": [point.sees_all(axis) for axis in axes],
        "whole": point.whole,
        "so_far": _spent(point.spent),
    }


def _reached(growth: Growth, along: InputGrowth, each: Reached) -> dict[str, Json]:
    at, lost = (None if point is None else growth.node(point).name for point in (each.at, each.lost))
    return {
        "field": each.field,
        "axis": None if each.field == "whole" else each.axis,
        "input": None if each.field == "whole" else data_of(along.size.axes[each.axis]),
        "largest": each.largest,
        "lost": lost,
        "all": each.sees_all,
        "layer": at,
        "depth": None if each.at is None else each.at.depth,
        "behind": {"layers": each.layers, **_spent(each.spent)},
    }


def _spent(spent: Spent) -> dict[str, Json]:
    return {"macs": _sum(spent.macs), "params": _sum(spent.params)}


def _sum(value: Sum) -> Json:
    return data_of(value.known) if value.complete else None
