"""A comparison as data: the record behind `--format json` (compare.schema.json)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.analysis.comparison.attribution import COSTS
from rfcalc.analysis.comparison.relations import ratio, relation
from rfcalc.analysis.figures import COUNTS
from rfcalc.report.comparison.phrases import phrase
from rfcalc.report.network_table.data import data_of, report_data
from rfcalc.units import FP32, NumberFormats

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.attribution import Deltas
    from rfcalc.analysis.comparison.causes import SharedEdit
    from rfcalc.analysis.comparison.comparison import Comparison, Edit
    from rfcalc.analysis.comparison.entries import Change
    from rfcalc.analysis.network import LayerAnalysis
    from rfcalc.report.comparison.summary import Compared
    from rfcalc.report.network_table.data import Json
    from rfcalc.symbolic.polynomial import Exact

SCHEMA = "rfcalc.compare/1"


def comparison_data(
    networks: Sequence[Compared],
    comparisons: Sequence[Comparison],
    *,
    dtype: NumberFormats = FP32,
) -> dict[str, Json]:
    """Everything about a comparison; comparisons: of each network but the first with that one."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "batch": networks[0].analysis.batch,
        "dtype": str(dtype),
        "networks": [_network(network, dtype) for network in networks],
        "comparisons": [
            _comparison(networks[0], other, comparison)
            for other, comparison in zip(networks[1:], comparisons, strict=True)
        ],
    }


def _network(network: Compared, dtype: NumberFormats) -> dict[str, Json]:
    report = report_data(network.analysis, dtype=dtype)
    structure = (count for count in COUNTS.values() if not count.cost)
    return {
        "letter": network.letter,
        "name": network.name,
        "network": report["network"],
        "totals": report["totals"],
        **{count.name: data_of(network.counts[count.name].known) for count in structure},
    }


def _comparison(base: Compared, other: Compared, comparison: Comparison) -> dict[str, Json]:
    return {
        "base": base.letter,
        "other": other.letter,
        "equal": comparison.equal,
        "figures": {name: _held(held.known, base.counts[name].known) for name, held in other.counts.items()},
        "receptive_field": [field.new - field.old for field in comparison.fields] or None,
        "edits": [_cause(comparison, number, cause) for number, cause in enumerate(comparison.causes, 1)],
        "layers": [_edit(edit) for edit in comparison.edits],
        "unaligned": comparison.unaligned,
    }


def _held(amount: Exact, base: Exact) -> Json:
    """A figure compared with the base's: difference, ratio, and where it is smaller or larger."""
    quotient, how = ratio(amount, base), relation(amount, base)
    data: dict[str, Json] = {"difference": amount - base, "ratio": None, "sign": how.sign}
    if quotient is not None:
        constant = quotient.constant
        data["ratio"] = {**quotient._asdict(), "value": None if constant is None else float(constant)}
    if how.stretches:
        data["symbol"] = how.symbols[0]
        data["stretches"] = [{**values._asdict(), "sign": sign} for values, sign in how.stretches]
    return data_of(data)


def _cause(comparison: Comparison, number: int, cause: SharedEdit) -> dict[str, Json]:
    edits = [comparison.edits[place] for place in cause.edits]
    return {
        "number": number,
        "kind": cause.kind,
        "text": phrase(comparison, cause, "en"),
        "layers": [
            {"left": edit.left and edit.left.name, "right": edit.right and edit.right.name} for edit in edits
        ],
        "blocks": list(cause.scopes),
        "changes": _changes(cause.changes),
        **_deltas(cause.deltas),
        "receptive_field": data_of(cause.field),
    }


def _edit(edit: Edit) -> dict[str, Json]:
    return {
        "kind": edit.kind,
        "resized": edit.resized,
        "left": _layer(edit.left),
        "right": _layer(edit.right),
        "changes": _changes(edit.changes),
        "edits": [cause + 1 for cause in edit.causes],
        **_deltas(edit.deltas),
    }


def _layer(layer: LayerAnalysis | None) -> Json:
    return layer and data_of(
        {
            "name": layer.name,
            "op": layer.op,
            "inputs": layer.inputs,
            "output": layer.output,
            **{count.name: count.value(layer) for count in COSTS},
        }
    )


def _deltas(deltas: Deltas) -> dict[str, Json]:
    return {name: data_of(amount) for name, amount in deltas.items()}


def _changes(changes: Iterable[Change]) -> Json:
    # What data has no form for, a span or a layer that is followed, stands as a description writes it.
    return [data_of(change._asdict()) for change in changes]
