"""Input sizes as structured data: what `--format json` prints, described by sizes.schema.json."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.report.input_sizes.asking import SHOWN
from rfcalc.report.network_table.data import data_of

if TYPE_CHECKING:
    from rfcalc.analysis.legal_sizes import Pattern
    from rfcalc.report.input_sizes.asking import AskedSizes, SizeRow, SizesAlong
    from rfcalc.report.network_table.data import Json

SCHEMA = "rfcalc.sizes/1"


def sizes_data(asked: AskedSizes) -> dict[str, Json]:
    """What is known of the sizes of inputs, and the network at some of them; null for what is not known."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "network": asked.analysis.name,
        "inputs": [
            {"name": name, "size": data_of(shape)}
            for name, shape in zip(asked.input_names, asked.written, strict=True)
        ],
        "range": {"first": asked.first, "last": asked.last},
        "promises_set_aside": asked.trials.promised,
        "read_again": asked.trials.again is not None,
        "along": [_along(asked, each) for each in asked.along],
        "sizes": [_row(asked, along, row) for along, row in asked.rows],
    }


def _along(asked: AskedSizes, along: SizesAlong) -> dict[str, Json]:
    field = along.field
    return {
        "axes": _axes(asked, along),
        "length": along.length,
        "shown": not along.sizes.open,
        "smallest": along.legal.first if along.legal else None,
        "legal": _pattern(along.legal),
        "even": _pattern(along.even),
        "same_parameters": [{"first": first, "last": last} for first, last in along.same],
        "changing_layers": list(along.changing),
        "field": None if field is None or field == inf else int(field),
        "global": field == inf,
        "borders": [{"layer": name, "length": length} for name, length in along.idle.items()],
    }


def _axes(asked: AskedSizes, along: SizesAlong) -> list[Json]:
    return [{"input": asked.input_names[source], "axis": axis} for source, axis in along.slots]


def _pattern(pattern: Pattern | None) -> Json:
    if pattern is None:
        return None
    return {
        "start": pattern.start,
        "period": pattern.period,
        "rests": list(pattern.rests),
        "before": list(pattern.before),
    }


def _row(asked: AskedSizes, along: SizesAlong | None, row: SizeRow) -> dict[str, Json]:
    return {
        "axes": _axes(asked, along) if along else None,
        "length": row.length,
        "inputs": [data_of(shape) for shape in row.inputs],
        "legal": row.legal,
        "even": row.legal and not row.uneven,
        "uneven_layers": list(row.uneven),
        "outputs": [data_of(shape) for shape in row.outputs],
        **{name: data_of(row.costs.get(name)) for name in SHOWN},
        "changed_layers": list(row.changed),
        "past_border": row.idle,
        "refused": (
            {"layer": row.refusal.layer or None, "message": row.refusal.message} if row.refusal else None
        ),
    }
