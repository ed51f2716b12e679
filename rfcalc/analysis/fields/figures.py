"""The receptive field as it is reported: sizes, stride, padding, centre, holes and how sure they are."""

from __future__ import annotations

from math import gcd
from typing import NamedTuple

from rfcalc.analysis.fields.axis_field import Outer, Periodic, Table, Whole
from rfcalc.analysis.fields.axis_state import (
    BOUND,
    COLLAPSED,
    DATA_DEPENDENT,
    EVERYTHING,
    PER_POSITION,
    UNKNOWN,
    State,
)
from rfcalc.analysis.fields.supports import Support


class Status:
    """How sure a field is, the weakest first: of several, the first that applies is reported.

    unknown: there is no number.  data-dependent: the undeformed grid; data moves it.  bound: the true
    field may be smaller, not larger.  per-position: exact ends at this input size, without a period.
    global: the strict field is everything, the numbers are what remains without the global path.
    """

    UNKNOWN = "unknown"
    DATA_DEPENDENT = "data-dependent"
    BOUND = "bound"
    PER_POSITION = "per-position"
    GLOBAL = "global"
    EXACT = "exact"


class AxisField(NamedTuple):
    """The field of a layer along one axis of one input, in positions of that axis.

    size: fewest and most positions from end to end, over the phases (a phase that sees nothing: 0).
        None when unknown, or when nothing is left without the global path.
    stride: input positions from one unit to the next; a fraction in lowest terms as a pair.  None
        when collapsed, per-position or unknown.
    padding: how far the field of unit 0 starts before the input.
    centre: the middle of the field of unit 0.
    holes: fewest and most positions missing between the ends; None when unknown.
    phases: the number of entries of offsets and sizes: one per phase, or one per position of the
        layer for a per-position field; 0 when there are no numbers.
    offsets: the first position unit φ sees; None where it sees nothing.
    everything: the strict field is the whole input.
    collapsed: a window has covered the whole map; there is one position, without a rate.
    status: one of Status.
    """

    size: tuple[int, int] | None
    stride: int | tuple[int, int] | None
    padding: int | None
    centre: float | None
    holes: tuple[int, int] | None
    phases: int
    offsets: tuple[int | None, ...]
    sizes: tuple[int, ...]
    everything: bool
    collapsed: bool
    status: str


class NodeField(NamedTuple):
    """The field of one layer.

    inputs: for each input of the network a field per axis of that input; None where the layer does
        not depend on it.
    misaligned: the layer joins branches whose centres differ.
    """

    inputs: tuple[tuple[AxisField, ...] | None, ...]
    misaligned: bool = False


def axis_field(state: State) -> AxisField:
    """The figures of one state."""
    field = state.field
    if isinstance(field, Periodic):
        return _figures(state, field.supports, _ratio(field.shift, field.period))
    if isinstance(field, Outer):
        return _figures(state, (field.at(0),), _ratio(field.shift, field.period))
    if isinstance(field, Table):
        return _figures(state, tuple(map(field.at, range(len(field.ends)))), None)
    if isinstance(field, Whole):
        return _figures(state, (field.support,), None)
    return _figures(state, (), None)


def _figures(
    state: State, supports: tuple[Support | None, ...], stride: int | tuple[int, int] | None
) -> AxisField:
    remarks = state.remarks
    sizes = tuple([0 if support is None else support.span for support in supports])
    first = supports[0] if supports else None
    return AxisField(
        (min(sizes), max(sizes)) if sizes else None,
        stride,
        None if first is None else -first.low,
        None if first is None else (first.low + first.high) / 2,
        _holes(supports),
        len(supports),
        tuple([None if support is None else support.low for support in supports]),
        sizes,
        bool(remarks & EVERYTHING),
        bool(remarks & COLLAPSED),
        _status(state),
    )


def _holes(supports: tuple[Support | None, ...]) -> tuple[int, int] | None:
    if not supports:
        return None
    if len(supports) == 1 and supports[0] and supports[0].mask is None:
        return 0, 0
    counts = [0 if support is None else support.holes for support in supports]
    known = [count for count in counts if count is not None]
    return (min(known), max(known)) if len(known) == len(counts) else None


def _status(state: State) -> str:
    remarks = state.remarks
    if remarks & UNKNOWN:
        return Status.UNKNOWN
    if state.field is None:
        return Status.GLOBAL
    for remark, status in _STATUSES:
        if remarks & remark:
            return status
    return Status.EXACT


_STATUSES = (
    (DATA_DEPENDENT, Status.DATA_DEPENDENT),
    (BOUND, Status.BOUND),
    (PER_POSITION, Status.PER_POSITION),
    (EVERYTHING, Status.GLOBAL),
)


def _ratio(numerator: int, denominator: int) -> int | tuple[int, int]:
    common = gcd(numerator, denominator)
    if common == denominator:
        return numerator // denominator
    return numerator // common, denominator // common
