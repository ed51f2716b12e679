"""The proof of halos and tiles: what units see, swept back through the graph from them to the input.

Halos are taken from the fields, which go forwards and are kept by phases; exact units from where a tile reads
its own padding, forwards too.  The sweep knows neither: it starts at some units, and hands on from layer to
layer the set of all units that are read, position by position.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.tiling.translation import Translation, taps_read
from rfcalc.ops.axis_maps import IDENTITY, count_of, taps_of
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.tiling.halo import Halo
    from rfcalc.analysis.tiling.plan import TilePlan

# So many phases are swept each by itself; of more those that see farthest.
_MOST_PHASES = 64
# The positions that all sweeps may read together: about a second.
_MOST_READ = 2**23


class Proof(NamedTuple):
    """What sweeps found.

    halos: for each output, along each axis, how far before and behind their places units see, the most over
    all.
    seen: for each output the first and last position of a tile that its kept units see, along each axis,
        where the image goes on there; None without tiles.
    reason: why there is none: the sweep takes too much; "" else.
    """

    halos: tuple[tuple[tuple[int, int], ...], ...] = ()
    seen: tuple[tuple[tuple[int, int], ...], ...] | None = None
    reason: str = ""


def prove(translation: Translation, halos: Sequence[Sequence[Halo]], plan: TilePlan | None) -> Proof:
    """Sweep back from a unit of each phase, and from those that a tile keeps first and last.

    halos: for each output along each axis of the input.  plan: tiles, of which the first kept units of the
    last one and the last ones of the first are swept.  Those between see no farther: what a unit sees moves
    on with it.
    """
    sweep = _AxisSweep(translation)
    measured: list[tuple[tuple[int, int], ...]] = []
    seen: list[tuple[tuple[int, int], ...]] = []
    try:
        for number, (output, of_axes) in enumerate(zip(translation.graph.outputs, halos, strict=True)):
            measured.append(
                tuple([_measured(sweep, output, axis, halo) for axis, halo in enumerate(of_axes)])
            )
            if plan is None:
                continue
            sides = []
            for axis, (halo, along) in enumerate(zip(of_axes, plan.axes, strict=True)):
                first = along.kept(along.number - 1, number).start
                behind = along.kept(0, number).number
                low, _ = sweep.ends(output, axis, range(first, first + halo.period))
                _, high = sweep.ends(output, axis, range(behind - halo.period, behind))
                sides.append((low, high))
            seen.append(tuple(sides))
    except OutOfReachError as reason:
        return Proof(reason=str(reason))
    return Proof(tuple(measured), tuple(seen) if plan is not None else None)


def _measured(sweep: _AxisSweep, output: int, axis: int, halo: Halo) -> tuple[int, int]:
    """How far before and behind their places the units of one period see."""
    phases: Iterable[int] = range(halo.period)
    if halo.period > _MOST_PHASES:
        phases = (halo.first_phase, halo.last_phase)
    before, after = [], []
    for unit in phases:
        try:
            low, high = sweep.ends(output, axis, [unit])
        except _Blind:
            continue
        first, last = halo.own(unit)
        before.append(first - low)
        after.append(high - last)
    return max(before), max(after)


class _Blind(OutOfReachError):
    """Units that see nothing."""


class _AxisSweep:
    """Sweeps along the axes of one input; all draw on one budget."""

    def __init__(self, translation: Translation) -> None:
        self.translation = translation
        self.source = next(
            index
            for index, runs in enumerate(translation.along)
            if runs is not None and not translation.graph.nodes[index].inputs
        )
        self.left = _MOST_READ

    def ends(self, node: int, axis: int, units: Iterable[int]) -> tuple[int, int]:
        """The first and last position that units at some places along an axis see; padding is part of it.

        Raises OutOfReachError where the sweep takes too much.
        """
        nodes, along = self.translation.graph.nodes, self.translation.along
        pending: dict[int, frozenset[int]] = {node: frozenset(units)}
        for index in range(node, self.source, -1):
            wanted = pending.pop(index, None)
            if not wanted:
                continue
            for operand, reads in zip(nodes[index].inputs, nodes[index].facts.reads or (), strict=False):
                for read, run in zip(reads, along[operand] or (), strict=False):
                    taps = taps_read(read)
                    if run is None or run.axis != axis or taps is None:
                        continue
                    found = wanted
                    if taps is not IDENTITY:
                        self.left -= len(wanted) * max(1, count_of(taps.taps(0)))
                        if self.left < 0:
                            raise OutOfReachError("following it position by position takes too long")
                        found = frozenset([each for unit in wanted for each in taps_of(taps, unit)])
                    pending[operand] = pending[operand] | found if operand in pending else found
        seen = pending.get(self.source)
        if not seen:
            raise _Blind("a unit sees nothing of the input")
        return min(seen), max(seen)
