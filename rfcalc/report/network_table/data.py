"""The report as structured data: what `--format json` prints, described by report.schema.json."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.analysis.field_values import FieldFigure, Unsure, Views
from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.figures import worst_status
from rfcalc.analysis.figures import COUNTS, FIGURES, Count, total
from rfcalc.ops.attributes import format_value
from rfcalc.records import NamedTuple
from rfcalc.report.network_table.columns import EFFECTIVE
from rfcalc.report.network_table.fields import known_holes, seen_field
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.notation import reading_order
from rfcalc.symbolic.polynomial import Polynomial, format_number
from rfcalc.units import FP32, NumberFormats

if TYPE_CHECKING:
    from rfcalc.analysis.effective import EffectiveFields
    from rfcalc.analysis.field_values import AxisView
    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.analysis.fields.receptive_field import AxisField
    from rfcalc.analysis.fields.seen import SeenPositions
    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
    from rfcalc.errors import Diagnostic
    from rfcalc.graph.ir import NetworkNote

SCHEMA = "rfcalc.report/1"

# Data as json knows it.
Json = object

_AS_THEY_ARE = frozenset([int, str, bool, type(None)])

# Of more phases neither offsets nor sizes are listed: each layer would list them again.
_MOST_LISTED = 64


def report_data(
    analysis: NetworkAnalysis,
    *,
    dtype: NumberFormats = FP32,
    seen: bool = False,
    effective: BranchWeights | None = None,
    lookahead: bool = False,
) -> dict[str, Json]:
    """The whole report: the network, every layer in execution order, and the totals.

    An iterator stands in place of the list of layers, which is larger than all else.
    seen: fields say how many positions a unit sees, which may take long.
    effective: they say how the energy of a unit's gradient lies, with branches weighted so.
    lookahead: they say how far a unit looks ahead, as they do where an input has a rate.
    A figure that is not known is null; the totals are sums of what is known, and `unknown` names the
    layers they miss.  A number that depends on symbols is an object with its text and terms.
    """
    views = Views(analysis, effective or "kaiming")
    counted = _OnDemand(
        views.seen if seen else None,
        views.effective if effective else None,
        views if lookahead or analysis.graph.rates else None,
    )
    return {
        "schema": SCHEMA,
        "version": __version__,
        "batch": analysis.batch,
        "dtype": str(dtype),
        "network": _network(analysis, counted),
        "layers": (_layer(layer, analysis, counted) for layer in analysis.layers),
        "totals": {
            **_costs(partial(_total, analysis=analysis, dtype=dtype), whole=True),
            "unknown": list(analysis.totals.unknown),
        },
        "notes": list(map(note_data, analysis.graph.notes)),
        "warnings": [_warning(warning) for warning in analysis.warnings],
    }


class _OnDemand(NamedTuple):
    """What is told of fields where it is asked for, else None."""

    seen: SeenPositions | None
    effective: EffectiveFields | None
    ahead: Views | None


def _network(analysis: NetworkAnalysis, counted: _OnDemand) -> dict[str, Json]:
    graph = analysis.graph
    fields = _fields(analysis.fields.network, analysis, counted)
    if isinstance(field := fields["receptive_field"], dict):
        # The network's field says of which layer it is.
        fields["receptive_field"] = {"layer": graph.nodes[analysis.fields.network].name, **field}
    return {
        "name": graph.name,
        "source": graph.source or None,
        "params": data_of(graph.parameters),
        "symbols": list(graph.symbols),
        **({"declared": data_of(graph.declared)} if graph.declared else {}),
        "input_names": [graph.nodes[index].name for index in graph.inputs],
        "inputs": data_of(analysis.inputs),
        **({"rates": data_of(graph.rates)} if graph.rates else {}),
        "output_names": list(graph.output_names),
        "outputs": data_of(analysis.outputs),
        **fields,
    }


def _layer(layer: LayerAnalysis, analysis: NetworkAnalysis, counted: _OnDemand) -> dict[str, Json]:
    node = layer.node
    nodes = analysis.graph.nodes
    return {
        "name": node.name,
        "op": node.op,
        "args": data_of(node.arguments),
        "reads": [nodes[index].name for index in node.inputs],
        "inputs": data_of(layer.inputs),
        "output": data_of(layer.output),
        "shares_params_of": None if node.shared is None else nodes[node.shared].name,
        **_costs(lambda count: count.value(layer), whole=False),
        **_fields(layer.place, analysis, counted),
    }


def _total(count: Count, analysis: NetworkAnalysis, dtype: NumberFormats) -> Size | None:
    """A count of the network: a sum of what is known, or what is no sum."""
    if count.adds_up:
        return total(count, analysis.layers, dtype).known
    return count.value_of_all(analysis, dtype)


def _costs(value: Callable[[Count], Size | None], *, whole: bool) -> dict[str, Json]:
    """The costs by name, kinds of one within it; whole: of a network, those too that layers have not.

    These are what follows from others and a dtype, and what is no sum.
    """
    data: dict[str, Json] = {}
    for name, count in COUNTS.items():
        if count.cost and (whole or (count.adds_up and not count.in_bytes)):
            known = value(count)
            of_kinds = {kind.name: data_of(value(kind)) for kind in count.kinds if known is not None}
            data[name] = of_kinds or data_of(known)
    return data


def _fields(node: int, analysis: NetworkAnalysis, counted: _OnDemand) -> dict[str, Json]:
    """The field over the first input that is seen, and with several inputs that over each.

    counted: with what is asked for of it.
    """
    field = analysis.fields.nodes[node]
    seen = seen_field(field)
    views = dict(counted.ahead.of(node)) if counted.ahead else {}
    along = [
        None
        if axes is None
        else {
            **field_data(axes),
            "axes": list(running or ()),
            **(_seen(counted.seen, node, source) if counted.seen and axes else {}),
            **(_effective(counted.effective, node, source) if counted.effective and axes else {}),
            **(_ahead(views[source], effective=bool(counted.effective)) if axes and views else {}),
        }
        for source, (axes, running) in enumerate(zip(field.inputs, field.axes, strict=True))
    ]
    fields: dict[str, Json] = {"receptive_field": None if seen is None else along[seen.input]}
    if len(analysis.graph.inputs) > 1:
        names = [analysis.graph.nodes[index].name for index in analysis.graph.inputs]
        fields["receptive_fields"] = dict(zip(names, along, strict=True))
    return fields


def _ahead(views: Sequence[AxisView], *, effective: bool) -> dict[str, Json]:
    """How far a unit looks ahead, null with its reason where that is not known; durations in milliseconds.

    effective: with those of the effective field.
    """
    lookahead = FIGURES["lookahead"]
    assert isinstance(lookahead, FieldFigure)
    ahead: list[Json] = []
    reasons: list[Json] = []
    for view in views:
        try:
            found = lookahead.value(view)
        except Unsure as reason:
            ahead.append(None)
            reasons.append(str(reason))
        else:
            ahead.append(None if found.at_most else data_of(found.high))
            reasons.append(f"only known to be at most {found.high}" if found.at_most else None)
    data: dict[str, Json] = {"lookahead": {"positions": ahead, "reasons": reasons}}
    if views[0].rate is not None:
        data["milliseconds"] = {
            figure.column or figure.name: _milliseconds(figure, views)
            for figure in FIGURES.values()
            if isinstance(figure, FieldFigure)
            and figure.lasting
            and (effective or figure.name not in EFFECTIVE)
        }
    return data


def _milliseconds(figure: FieldFigure, views: Sequence[AxisView]) -> Json:
    # Imported late: few networks have a rate.
    from rfcalc.analysis.durations import duration

    try:
        found = duration(figure, views)
    except Unsure:
        return None
    if found.at_most:
        return None
    low, high = (
        data_of(end * 1000) if isinstance(end, Polynomial) else float(end * 1000) for end in found[:2]
    )
    return low if low == high else [low, high]


def _seen(counted: SeenPositions, node: int, source: int) -> dict[str, Json]:
    """How many positions a unit sees, and of how many; null, with the reason, where that is not known."""
    try:
        found = counted.of(node, source)
    except OutOfReachError as reason:
        return {"seen": {"count": None, "box": None, "density": None, "reason": str(reason)}}
    return {"seen": {"count": found.positions, "box": found.box, "density": found.density, "reason": None}}


def _effective(found: EffectiveFields, node: int, source: int) -> dict[str, Json]:
    """How the energy of a unit's gradient lies; null, with the reason, where that is not known."""
    from rfcalc.analysis.fields.densities import SHARES

    along = found.of(node, source) or ()
    known = [axis.figures for axis in along]
    widths: dict[str, Json] = {
        str(share): [figures and range_data(figures.widths[place]) for figures in known]
        for place, share in enumerate(SHARES)
    }
    return {
        "effective": {
            "branch_weights": found.weights,
            "widths": widths,
            "sigma": [figures and _rounded_range(figures.sigma) for figures in known],
            "centre": [figures and figures.centre for figures in known],
            "elsewhere": [axis.elsewhere for axis in along],
            "reasons": [axis.reason or None for axis in along],
        }
    }


def _rounded_range(ends: tuple[float, float]) -> Json:
    low, high = (round(end, 6) for end in ends)
    return low if low == high else [low, high]


def field_data(axes: tuple[AxisField, ...]) -> dict[str, Json]:
    """A field over one input, with one entry per axis in every list."""
    data: dict[str, Json] = {
        "size": [range_data(axis.size) for axis in axes],
        "stride": [stride_data(axis) for axis in axes],
        "padding": [axis.padding for axis in axes],
        "centre": [None if axis.centre is None else float(axis.centre) for axis in axes],
        "mean_centre": [None if (mean := axis.mean_centre) is None else mean[0] / mean[1] for axis in axes],
        "holes": [range_data(known_holes(axis)) for axis in axes],
        "global": any(axis.everything for axis in axes),
        "paths": [axis.path or None for axis in axes],
        "strict": [data_of(axis.strict) for axis in axes],
        "collapsed": [axis.collapsed for axis in axes],
        "status": worst_status(axes),
    }
    if any(axis.phases > 1 for axis in axes):
        data["phases"] = [axis.phases for axis in axes]
        for name in ("offsets", "sizes"):
            few = (axis if axis.phases <= _MOST_LISTED else None for axis in axes)
            data[name] = [axis and list(getattr(axis, name)) for axis in few]
    return data


def range_data(ends: tuple[int, int] | None) -> Json:
    """The least and the most of something: one number where they are equal."""
    if ends is None:
        return None
    return ends[0] if ends[0] == ends[1] else list(ends)


def stride_data(axis: AxisField) -> Json:
    """The stride of a field along an axis: a number, or the text of a fraction."""
    return "/".join(map(str, axis.stride)) if isinstance(axis.stride, tuple) else axis.stride


def data_of(value: object) -> Json:
    """A value as data: numbers exact, sizes and lists entry by entry, words and references as text."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Polynomial):
        return {
            "text": format_number(value),
            "terms": [
                {"coefficient": data_of(value.terms[monomial]), "powers": dict(monomial)}
                for monomial in reading_order(dict(value.terms))
            ],
        }
    if isinstance(value, float):
        # There is no other text for an infinity in JSON.
        return value if isfinite(value) else str(value)
    # Subclasses, as names with a position are, become what they are made of.
    if isinstance(value, int | str):
        return int(value) if isinstance(value, int) else str(value)
    if isinstance(value, Shape):
        return data_of(value.sizes())
    # A span and a reference are tuples by type, but one thing to a reader: as a description writes them.
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        return [data_of(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(key): data_of(entry) for key, entry in value.items()}
    fractions = sys.modules.get("fractions")
    if fractions is not None and isinstance(value, fractions.Fraction):
        # A json number where its decimal digits say it exactly, else text (1/3).
        nearest = float(value)
        return nearest if fractions.Fraction(repr(nearest)) == value else format_number(value)
    return format_value(value, "language")


def note_data(note: NetworkNote) -> dict[str, Json]:
    """A note of the description; column: of the book's table, null where it is about the layer."""
    return {
        "layer": note.layer or None,
        "column": note.column or None,
        "text": note.text,
        **({"zh": note.chinese} if note.chinese else {}),
    }


def _warning(warning: Diagnostic) -> dict[str, Json]:
    position = warning.position and warning.position.written
    return {
        "severity": warning.severity,
        "message": warning.message,
        "file": position.source.name if position else None,
        "line": position.number if position else None,
        "column": position.column if position and position.number else None,
        **({"place": position.place} if position and position.place else {}),
    }
