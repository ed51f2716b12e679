"""How far around its own place a unit sees: what a tile must be surrounded by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import Outer, OutOfReachError, Periodic
from rfcalc.analysis.fields.axis_state import UNKNOWN
from rfcalc.analysis.fields.figures import Status
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.receptive_field import FieldAnalysis
    from rfcalc.analysis.tiling.translation import MovedAxis


class Halo(NamedTuple):
    """What the units of a layer see beyond their own places, along one axis of the input.

    Of the unit q·P + φ of a layer with P phases and the jump J the own place is the position φ·J / P of its
    period, rounded down, or its block of J / P positions where that is more than one; `shift` positions on,
    where a network without padding leaves out the border.
    before, after: the most over the phases of (own place − first seen) and (last seen − own place).
    shift: see above.  period: P; jump: J.
    first_phase, last_phase: a phase that sees as far before its place, and behind it.
    at_most: the field is a bound, so that less may do.
    """

    before: int
    after: int
    shift: int
    period: int
    jump: int
    first_phase: int
    last_phase: int
    at_most: bool = False

    def own(self, unit: int) -> tuple[int, int]:
        """The first and last position of a unit's own place."""
        return _own(unit, self.period, self.jump, self.shift)


def _own(unit: int, period: int, jump: int, shift: int) -> tuple[int, int]:
    first = unit * jump // period
    return first + shift, max(first, -(-(unit + 1) * jump // period) - 1) + shift


def halo_of(fields: FieldAnalysis, node: int, source: int, axis: int, run: MovedAxis) -> Halo:
    """The halo of a layer along an axis of an input, by its local field.

    run: the axis of the layer.  Raises OutOfReachError, with the reason, where the field is not known, or
    moves with the place of the unit in no regular way.
    """
    state = fields.state(node, source, axis)
    if state is None or state.remarks & UNKNOWN:
        raise OutOfReachError(state.reason if state else "it does not depend on the input")
    field = state.field
    if state.digits:
        raise OutOfReachError("axes are taken apart")
    if not isinstance(field, Periodic | Outer):
        raise OutOfReachError("branches that advance at different rates meet")
    period, jump = field.period, field.shift
    if isinstance(field, Outer):
        ends = [(phase, *_moved(field, phase)) for phase in range(period)]
    else:
        ends = [(phase, support.low, support.high) for phase, support in enumerate(field.supports) if support]
    if not ends:
        raise OutOfReachError("it sees nothing of the input")
    size, units = (_length(fields, each, place) for each, place in _maps(fields, node, source, axis, run))
    shift = _shift(ends, period, jump, size - units * jump // period)
    places = {phase: _own(phase, period, jump, shift) for phase, _, _ in ends}
    before, first = max((places[phase][0] - low, -phase) for phase, low, _ in ends)
    after, last = max((high - places[phase][1], -phase) for phase, _, high in ends)
    status = (fields.nodes[node].inputs[source] or ())[axis].status
    return Halo(
        before=before,
        after=after,
        shift=shift,
        period=period,
        jump=jump,
        first_phase=-first,
        last_phase=-last,
        at_most=isinstance(field, Outer) or status == Status.BOUND,
    )


def _moved(field: Outer, unit: int) -> tuple[int, int]:
    support = field.at(unit)
    assert support is not None
    return support.low, support.high


def _maps(
    fields: FieldAnalysis, node: int, source: int, axis: int, run: MovedAxis
) -> Iterator[tuple[int, int]]:
    yield fields.graph.inputs[source], axis
    state = fields.state(node, source, axis)
    place = state.axis if state is not None else None
    if place is None or run.axis != axis:
        raise OutOfReachError("its positions do not run along those of the input")
    yield node, place


def _length(fields: FieldAnalysis, node: int, place: int) -> int:
    length = fields.graph.nodes[node].facts.output.axes[place]
    assert isinstance(length, int)
    return length


def _shift(ends: list[tuple[int, int, int]], period: int, jump: int, lost: int) -> int:
    """How far own places are moved on: towards the middle of what is seen, within what is left out."""
    # Twice the mean distance of the middle of what is seen from the middle of the own place.
    doubled = sum(low + high - sum(_own(phase, period, jump, 0)) for phase, low, high in ends)
    return max(0, min(doubled // (2 * len(ends)), lost))
