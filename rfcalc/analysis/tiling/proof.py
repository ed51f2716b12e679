"""The proof of halos and tiles: what units see, swept back through the graph from them to the input.

The halo was taken from the fields along each axis, the exact units from what layers of a tile read.  The sweep in the
plane goes the other way and knows neither: it starts at units and hands on, layer by layer, which elements are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product as every
from math import prod
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.patches import PatchEffort
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.receptive_field import FieldAnalysis
    from rfcalc.analysis.fields.visible import Box
    from rfcalc.analysis.tiling.halo import Halo
    from rfcalc.analysis.tiling.plan import TilePlan

# So many units one sweep starts at: those of a period along each axis, or a line of them for each.
_MOST_UNITS = 4096


class Proof(NamedTuple):
    """What a sweep found.

    halos: for each output, along each axis, how far before and behind its place a unit sees that needs all of the
        halo: with one position less it lacks one.
    seen: for each output the first and last position of a tile that its kept units see, along each axis, where the
        image goes on there; None without tiles.
    reason: why there is none: the sweep takes too much; "" else.
    """

    halos: tuple[tuple[tuple[int, int], ...], ...] = ()
    seen: tuple[Box, ...] | None = None
    reason: str = ""


def prove(
    fields: FieldAnalysis, source: int, halos: Sequence[Sequence[Halo]], plan: TilePlan | None
) -> Proof:
    """Sweep back from the units that see farthest, and from those that a tile keeps first and last.

    halos: for each output along each axis of the input.  plan: tiles, of which the first kept units of the last one
    and the last ones of the first are swept.  Those between see no farther: what a unit sees moves on with it.
    """
    from rfcalc.analysis.fields.plane import support

    effort = PatchEffort()

    def ends(node: int, axes: Sequence[int | None], units: Sequence[Sequence[int]]) -> Box:
        """What some units see, which are given along the axes of the input."""
        places = [
            [0 if axis is None else unit[axis] for axis in axes] for unit in units
        ]
        box = support(fields, node, places, source, effort=effort).box
        if box is None:
            raise OutOfReachError("a unit sees nothing")
        return box

    measured: list[tuple[tuple[int, int], ...]] = []
    seen: list[Box] = []
    try:
        for number, (output, of_axes) in enumerate(zip(fields.graph.outputs, halos, strict=True)):
            axes = _axes(fields, output, source, len(of_axes))
            found = []
            for axis, halo in enumerate(of_axes):
                unit = [0] * len(of_axes)
                unit[axis] = halo.first_phase
                low = ends(output, axes, [unit])[axis][0]
                if halo.last_phase != halo.first_phase:
                    unit[axis] = halo.last_phase
                high = ends(output, axes, [unit])[axis][1]
                found.append((halo.own(halo.first_phase)[0] - low, high - halo.own(halo.last_phase)[1]))
            measured.append(tuple(found))
            if plan is not None:
                # What the last tile keeps first, and the first one last.
                periods = [halo.period for halo in of_axes]
                first = [along.kept(along.number - 1, number).start for along in plan.axes]
                before = ends(output, axes, _units(first, periods))
                kept = [along.kept(0, number) for along in plan.axes]
                last = [each.number - period for each, period in zip(kept, periods, strict=True)]
                behind = ends(output, axes, _units(last, periods))
                seen.append(
                    tuple([(low, high) for (low, _), (_, high) in zip(before, behind, strict=True)])
                )
    except OutOfReachError as reason:
        return Proof(reason=str(reason))
    return Proof(tuple(measured), tuple(seen) if plan is not None else None)


def _units(starts: Sequence[int], periods: Sequence[int]) -> list[tuple[int, ...]]:
    """The units of one period along each axis; of many a line of them along each."""
    whole = [range(start, start + period) for start, period in zip(starts, periods, strict=True)]
    if prod(periods) <= _MOST_UNITS:
        return [*every(*whole)]
    lines = []
    for axis, along in enumerate(whole):
        lines += [(*starts[:axis], unit, *starts[axis + 1 :]) for unit in along]
    return lines


def _axes(fields: FieldAnalysis, node: int, source: int, rank: int) -> list[int | None]:
    """For each axis of a layer the axis of the input that it runs along."""
    found: list[int | None] = [None] * len(fields.graph.nodes[node].facts.output.axes)
    for axis in range(rank):
        state = fields.state(node, source, axis)
        if state is not None and state.axis is not None:
            found[state.axis] = axis
    return found
