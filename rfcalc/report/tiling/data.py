"""Tiles as structured data: what `--format json` prints, described by tile.schema.json."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.report.network_table.data import data_of
from rfcalc.report.tiling.table import MOST_PLACES

if TYPE_CHECKING:
    from rfcalc.analysis.tiling.plan import AxisTiles, TilePlan
    from rfcalc.report.network_table.data import Json
    from rfcalc.report.tiling.asking import TileFacts, Tiling

SCHEMA = "rfcalc.tile/1"


def tiling_data(tiling: Tiling) -> dict[str, Json]:
    """Everything that is known of tiles of an image; what is not known is null."""
    analysis = tiling.analysis
    nodes = analysis.graph.nodes
    ignored = dict.fromkeys(each.node for each in tiling.ignored)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "network": analysis.name,
        "input": analysis.input_names[tiling.source],
        "image": data_of(analysis.inputs[tiling.source]),
        "batch": analysis.batch,
        "dtype": str(tiling.formats),
        "memory": tiling.memory,
        "outputs": list(analysis.graph.output_names),
        "exact": not ignored,
        "left_out": [{"layer": nodes[node].name, "op": nodes[node].op} for node in ignored],
        "axes": [_facts(tiling, axis, facts) for axis, facts in enumerate(tiling.facts)],
        "largest": None if tiling.largest is None else list(tiling.largest),
        "tiles": None if tiling.chosen is None else _plan(tiling, tiling.chosen, places=True),
        "options": [_plan(tiling, plan, places=False) for plan in tiling.options],
        "proof": _proof(tiling),
    }


def _facts(tiling: Tiling, axis: int, facts: TileFacts) -> dict[str, Json]:
    names = tiling.analysis.graph.output_names
    return {
        "axis": axis,
        "image": facts.image,
        "step": facts.step,
        "overlap": facts.overlap,
        "least": facts.least,
        "halos": [
            {
                "output": name,
                "before": halo.before,
                "after": halo.after,
                "at_most": halo.at_most,
                "left_out_before": left_out[0],
                "left_out_after": left_out[1],
            }
            for name, halo, left_out in zip(names, facts.halos, facts.left_out, strict=True)
        ],
    }


def _plan(tiling: Tiling, plan: TilePlan, *, places: bool) -> dict[str, Json]:
    whole = plan.whole_macs
    twice = None if plan.macs_of_all is None or not whole else (plan.macs_of_all - whole) / whole
    found: dict[str, Json] = {
        "size": list(plan.lengths),
        "number": prod(along.number for along in plan.axes),
        "macs": plan.macs,
        "macs_of_all": plan.macs_of_all,
        "macs_of_image": whole,
        "computed_twice": twice,
        "peak_activations": plan.peak,
        "peak_memory": plan.memory,
    }
    if places:
        found["along"] = [_along(tiling, along) for along in plan.axes]
    return found


def _along(tiling: Tiling, along: AxisTiles) -> dict[str, Json]:
    listed = range(along.number) if along.number <= MOST_PLACES else None
    names = tiling.analysis.graph.output_names
    return {
        "axis": along.axis,
        "length": along.length,
        "number": along.number,
        "advance": along.advance,
        "last": along.begins(along.number - 1),
        "places": None
        if listed is None
        else [
            {
                "begin": along.begins(place),
                "end": along.begins(place) + along.length,
                "outputs": [_kept(along, place, number, name) for number, name in enumerate(names)],
            }
            for place in listed
        ],
    }


def _kept(along: AxisTiles, place: int, number: int, name: str) -> dict[str, Json]:
    kept = along.kept(place, number)
    return {
        "output": name,
        "from": kept.start,
        "to": kept.start + kept.number,
        "begin": kept.first,
        "end": kept.first + kept.number,
    }


def _proof(tiling: Tiling) -> dict[str, Json]:
    proof = tiling.proof
    if proof.reason:
        return {"holds": None, "halos": None, "seen": None, "reason": proof.reason}
    return {
        "holds": tiling.proved,
        "halos": [
            [{"before": before, "after": after} for before, after in of_output] for of_output in proof.halos
        ],
        "seen": None
        if tiling.chosen is None
        else [None if ends is None else {"first": ends[0], "last": ends[1]} for ends in tiling.seen],
        "reason": None,
    }
