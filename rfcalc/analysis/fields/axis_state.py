"""What is known of a layer's view along one axis of one input, and how operators carry it on.

Beside the field itself a state says which axis of the layer the field runs along and what the reader
must know about it.  This module knows how operands are read; it never asks which operator reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeGuard

from rfcalc.analysis.fields.axis_field import (
    BLIND,
    Effort,
    Field,
    Outer,
    OutOfReachError,
    Periodic,
    PositionTable,
    Whole,
    joined,
    over_map,
    sees,
    through,
)
from rfcalc.analysis.fields.supports import union
from rfcalc.ops.axis_maps import Taps, Window, in_place
from rfcalc.ops.reads import Along, AxisReads, Collapsed, Everything, identity
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size

if TYPE_CHECKING:
    from rfcalc.analysis.fields.digits import Digits

# Remarks, as bits, so that a join can merge them.
COLLAPSED = 1  # an operator has covered the whole map by definition; no position is left
MAIN = 2  # a main path sees the whole axis from everywhere; the field is what remains without it
SIDE = 4  # so does a gate or the statistics of a normalisation
UNKNOWN = 8  # no field is known, for good
DATA_DEPENDENT = 16  # the field is the undeformed grid
BOUND = 32  # the true field may be smaller
PER_POSITION = 64  # behind a join of different rates
CROSSED = 128  # branches of unequal shape have met: the positions seen in the plane do not fill the box
CROSS = 256  # nor do they with the global paths: some see all of one axis, others all of another
ALONE = 2048  # collapsed, since no axis is left of its one position: no axis was seen whole
WITHIN = 1024  # along some other axis only of what lies inside the map is it known what it sees
PLACED = 4096  # windows at fixed places were read: a centre depends on where in its window a unit stands
MIXED = 512  # the leading digit of the index was in the channels, which were mixed

GLOBAL = MAIN | SIDE
_ALONE = "what one position without an axis sees is shown at several"
_IN_CHANNELS = "a gate multiplies channels that positions became"
_UNEQUAL = "channels that may not all see the same became positions"
_OF_A_PATH = {"main": MAIN, "side": SIDE}


class Slot(NamedTuple):
    """One axis of one input of the network."""

    source: int
    axis: int


class OffCentre(NamedTuple):
    """A join whose operands are off-centre to each other along one axis of one input of the network.

    operands: the nodes compared; axes: along which of their axes; centres: of their unit 0, in input
    positions, as reduced fractions.  ends_agree: all see as far forward; they differ in how far back.
    """

    node: int
    slot: Slot
    operands: tuple[int, ...]
    axes: tuple[int, ...]
    centres: tuple[tuple[int, int], ...]
    ends_agree: bool


class State(NamedTuple):
    """The view along one axis of one input.

    axis: the axis of the layer the field runs along; for a collapsed field the axis of size 1 that is
    left, or None; None too where it is not known, and where the field runs along `digits`.
    field: None when it is unknown, or when nothing is left without the global path.
    reason: why it is unknown, as the end of a sentence.
    digits: what the index of the field is made of, where that is not the index along one axis.
    spread: the first and last position that global paths see; None where that is the whole axis.
    holes: fewest and most positions missing over the phases, once the masks are dropped; else None.
    """

    axis: int | None
    field: Field | Whole | None
    remarks: int = 0
    reason: str = ""
    digits: Digits = ()
    spread: tuple[int, int] | None = None
    holes: tuple[int, int] | None = None


Reads = tuple[AxisReads | None, ...]
# One entry for each axis of each input of the network, None where the layer does not depend on it.
States = tuple[State | None, ...]
Axes = tuple[Size, ...]


def merged(states: Sequence[State], target: Axes, effort: Effort, *, gate: bool = False) -> State:
    """The union of the views of the operands of a join, all along the same axis of the same input.

    An operand of which nothing is left without its global path is left out of the field.
    gate: the operands multiply each other (see Facts.gate).
    """
    first = states[0]
    if all(state is first or state == first for state in states[1:]):
        return first
    local = [state for state in states if state.field is not None or state.remarks & UNKNOWN]
    running = [
        state
        for state in local
        if not state.remarks & COLLAPSED and not (state.digits and in_channels(state))
    ]
    paths = _paths_of(states, gate)
    spread = _spread_of(states)
    constants = [state for state in local if state.remarks & COLLAPSED]
    if running and constants:
        if reason := next(filter(None, map(_why_untold, constants)), ""):
            return not_told(State(None, None, paths, spread=spread), reason)
        # A collapsed operand beside one that runs: each position sees all of it, be there one or many.
        spread = _spread_of((*states, *(spread_out(state, None, MAIN) for state in constants)))
        local = [state for state in local if not state.remarks & COLLAPSED]
        if any(state.field is None or sees(state.field) for state in constants):
            paths |= SIDE if gate else MAIN
    if not local:
        collapsed = all(state.remarks & COLLAPSED for state in states)
        return State(first.axis, None, paths | (COLLAPSED if collapsed else 0), spread=spread)
    held = [
        state for state in local if in_channels(state) or (state.remarks & COLLAPSED and state.axis is None)
    ]
    if gate and paths and target and held:
        return not_told(State(None, None, paths, spread=spread), _IN_CHANNELS)
    remarks = paths
    for state in local:
        remarks |= state.remarks & ~(COLLAPSED | GLOBAL)
    ways = {(state.axis, state.digits) for state in local}
    axis, digits = ways.pop() if len(ways) == 1 else (None, ())
    if not running and not digits:
        remarks |= COLLAPSED
    if remarks & UNKNOWN:
        reason = next(state.reason for state in local if state.remarks & UNKNOWN)
        return State(axis, None, remarks, reason, spread=spread)
    if len(local) == 1:
        return local[0]._replace(remarks=remarks, reason="", spread=spread)
    try:
        if ways:
            raise OutOfReachError("its operands run along different axes")
        field = _union([state.field for state in local], axis, digits, target, effort)
        if isinstance(field, PositionTable) and not all(_seeing(state, axis, target) for state in local):
            raise OutOfReachError("branches that advance at different rates meet, and not all see something")
    except OutOfReachError as reason:
        return State(axis, None, remarks | UNKNOWN, str(reason), spread=spread)
    return State(axis, field, remarks | remarks_of(field), "", digits, spread)


def _why_untold(state: State) -> str:
    """Why it is not known what a collapsed state is to several positions that show it; "" where it is."""
    if state.remarks & ALONE:
        return _ALONE
    return _UNEQUAL if state.axis is None and state.remarks & BOUND else ""


def _seeing(state: State, axis: int | None, target: Axes) -> bool:
    """Whether any position of the map sees anything."""
    return axis is None or not isinstance(state.field, Periodic) or sees(state.field, target[axis])


def followed(states: States, change: Callable[[State], State]) -> States:
    """What becomes of each state; unknown where the change raises OutOfReachError."""
    return tuple(state and _followed(state, change) for state in states)


def _followed(state: State, change: Callable[[State], State]) -> State:
    try:
        return change(state)
    except OutOfReachError as reason:
        return not_told(state, str(reason))


def not_told(state: State, reason: str) -> State:
    """A state that is not followed further, for a reason."""
    remarks = state.remarks & ~COLLAPSED | UNKNOWN
    return State(None, None, remarks, state.reason or reason, spread=state.spread)


def data_decides(states: States) -> States:
    """The states behind an operator that reads where the data says."""
    return tuple(state and state._replace(remarks=state.remarks | DATA_DEPENDENT) for state in states)


def in_channels(state: State) -> bool:
    """Whether nothing but channels tells apart what is seen, so that their order does not matter."""
    if not state.digits:
        return False
    from rfcalc.analysis.fields.digits import CHANNELS

    return all(digit.axis == CHANNELS for digit in state.digits)


def over(state: State, reduced: Digits, kept: Digits, effort: Effort) -> State:
    """The union of what all values of some digits see; the others are kept.  Raises OutOfReachError."""
    for digit in reduced:
        if not isinstance(state.field, Periodic | Outer | PositionTable):
            break
        if not isinstance(digit.size, int):
            raise OutOfReachError("the map it covers has a symbolic size")
        if digit.size > 1:
            state = through_index(state, Window(digit.size, 1, 0, digit.step), effort)
    return state._replace(digits=kept, axis=None)


def through_index(state: State, taps: Taps, effort: Effort, length: Size | None = None) -> State:
    """A state whose index, of which there are so many or as many as before, is that of `taps`.

    Raises OutOfReachError.
    """
    field = state.field
    if not isinstance(field, Periodic | Outer | PositionTable):
        return state
    if length is None:
        length = len(field.ends) if isinstance(field, PositionTable) else 1
    field = through(field, taps, length, effort)
    return state._replace(field=field, remarks=state.remarks | remarks_of(field))


def together(state: State, effort: Effort) -> State:
    """What all values of the digits of a state see; one without digits as it is.  Raises OutOfReachError."""
    return closed(over(state, state.digits, (), effort)) if state.digits else state


def closed(state: State) -> State:
    """A state that depends on no index any more."""
    field = state.field
    if isinstance(field, Periodic | Outer | PositionTable):
        field = Whole(field.at(0))
    return state._replace(axis=None, field=field, digits=(), remarks=state.remarks | COLLAPSED)


def _paths_of(states: Sequence[State], gate: bool) -> int:
    """The global paths of a join.

    Where operands multiply each other, the path of one is main only if no other sees a part alone.
    """
    paths = 0
    for state in states:
        paths |= state.remarks & GLOBAL
    if not gate or not paths:
        return paths
    # What is collapsed sees all there is; of what is global by a side path alone nothing is left.
    running = [state for state in states if not state.remarks & COLLAPSED]
    factors = [state for state in running if state.field is not None or state.remarks & (MAIN | UNKNOWN)]
    if running and not factors:
        return paths | MAIN
    if not paths & MAIN:
        return paths
    return paths if all(state.remarks & MAIN for state in factors) else SIDE


def _spread_of(states: Sequence[State]) -> tuple[int, int] | None:
    """What the global paths of some states see together."""
    spreads = [state.spread for state in states if state.remarks & GLOBAL]
    known = [spread for spread in spreads if spread is not None]
    if not known or len(known) < len(spreads):
        return None
    return min(low for low, _ in known), max(high for _, high in known)


def spread_out(state: State, axis: int | None, path: int) -> State:
    """A collapsed state, seen from every position of an axis again: it shows all of them the same."""
    field = state.field
    if state.remarks & ALONE:
        return not_told(state, _ALONE)
    support = field.support if isinstance(field, Whole) else None
    if isinstance(field, Whole) and support is None:
        return State(axis, BLIND, state.remarks & ~COLLAPSED)
    spread = None if support is None else support[:2]
    if state.remarks & GLOBAL:
        spread = _spread_of((state, State(None, None, path, spread=spread)))
    return State(axis, None, path | state.remarks & GLOBAL, spread=spread)


def moved(state: State, reads: Reads, source: Axes, target: Axes, effort: Effort) -> State:
    """One state, that runs along one axis or none, as the reader of its layer sees it."""
    axis, field, remarks = state[:3]
    read = reads[axis] if axis is not None else None
    if None in reads and read is None and (axis is not None or remarks & COLLAPSED):
        return lost(state, source, target)
    if axis is None:
        shown = _adds_axes(reads, target) or (remarks & ALONE and _grows(reads, source, target))
        if remarks & COLLAPSED and shown:
            return spread_out(state, None, MAIN)
        if remarks & COLLAPSED and target and not reads:
            return not_told(state, "a vector stands beside a map of one position")
        return state
    assert read is not None
    if remarks & COLLAPSED:
        # Spread over several positions again, it shows all of them the same.
        if read.axis is None or target[read.axis] == 1:
            return state._replace(axis=read.axis, remarks=remarks | _left(read, 1, target))
        return spread_out(state, read.axis, _OF_A_PATH[read.path] if isinstance(read, Everything) else MAIN)
    try:
        if isinstance(read, Collapsed):
            collapsed = collapsed_field(field, source[axis], effort)
            remarks |= COLLAPSED | _left(read, source[axis], target)
            return state._replace(axis=read.axis, field=collapsed, remarks=remarks)
        if isinstance(read, Everything):
            state = seen_by_all(state, read, source[axis], effort)
            if read.axis is None or read.local is None:
                return state
            remarks = state.remarks
        taps = read.taps if isinstance(read, Along) else read.local
        assert taps is not None
        if field is None or isinstance(field, Whole) or read.axis is None:
            return state._replace(axis=read.axis)
        if source[axis] == target[read.axis] and in_place(taps):
            return state if read.axis == axis else state._replace(axis=read.axis)
        field = through(field, taps, target[read.axis], effort)
        remarks |= PLACED if taps.period == taps.shift > 1 else 0
    except OutOfReachError as reason:
        remarks |= UNKNOWN | (COLLAPSED if isinstance(read, Collapsed) else 0)
        return State(read.axis, None, remarks, str(reason), spread=state.spread)
    return State(read.axis, field, remarks | remarks_of(field), spread=state.spread)


def seen_by_all(state: State, read: Everything, size: Size, effort: Effort) -> State:
    """A state of a map whose positions are all seen from everywhere: what is left, and what all see."""
    path = _OF_A_PATH[read.path]
    spread: tuple[int, int] | None = None
    if state.field is not None:
        try:
            found = collapsed_field(state.field, size, effort)
            if found is not None and found.support is None:
                return State(read.axis, BLIND, state.remarks & ~COLLAPSED)
            spread = found.support[:2] if found is not None and found.support is not None else None
        except OutOfReachError:
            # As large as a symbol says: taken for the whole axis.
            spread = None
    if state.remarks & GLOBAL:
        spread = _spread_of((state, State(None, None, path, spread=spread)))
    remarks = state.remarks | path
    if read.axis is None or read.local is None:
        # All positions of what sees nobody knows what need not see the whole axis.
        remarks = remarks & (GLOBAL | UNKNOWN) | (COLLAPSED if read.axis is None else 0)
        return State(read.axis, None, remarks, state.reason, spread=spread)
    return state._replace(remarks=remarks, spread=spread)


def lost(state: State, source: Axes, target: Axes) -> State:
    """The state behind an operator that does not say what it reads."""
    kept = state.axis if state.axis is not None and state.axis < len(target) else None
    symbolic = any(not isinstance(size, int) for size in (*source, *target))
    reason = "it does not say which positions it reads"
    if symbolic:
        reason = "which positions it reads depends on a symbol"
    return not_told(state, reason)._replace(axis=kept)


def collapsed_field(field: Field | Whole | None, size: Size, effort: Effort) -> Whole | None:
    """What all positions of an axis see together.  Raises OutOfReachError."""
    return field if field is None or isinstance(field, Whole) else over_map(field, size, effort)


def _union(
    fields: Sequence[Field | Whole | None], axis: int | None, digits: Digits, target: Axes, effort: Effort
) -> Field | Whole:
    """The union of some fields, which all run along the same, or are all collapsed."""
    running = [field for field in fields if isinstance(field, Periodic | Outer | PositionTable)]
    if running:
        if axis is not None:
            return joined(running, target[axis], effort)
        from rfcalc.analysis.fields.digits import index_length

        return joined(running, index_length(digits), effort)
    return Whole(union([field.support for field in fields if isinstance(field, Whole)]))


def has_gaps(field: Field | Whole | None) -> TypeGuard[Periodic]:
    """Whether some units see nothing, be they positions of the map or not."""
    return isinstance(field, Periodic) and None in field.supports


def remarks_of(field: Field | Whole) -> int:
    """What the form of a field says of it."""
    if isinstance(field, Outer):
        return BOUND
    return PER_POSITION if isinstance(field, PositionTable) else 0


def is_identity(reads: Reads) -> bool:
    """Whether every axis is read in place, one position by one position."""
    return reads is identity(len(reads)) or all(
        type(read) is Along and read.axis == axis and in_place(read.taps) for axis, read in enumerate(reads)
    )


def _left(read: AxisReads, size: Size, target: Axes) -> int:
    """The remark on an axis of one position of which none is left, where other axes are."""
    return ALONE if read.axis is None and size == 1 and target else 0


def _grows(reads: Reads, source: Axes, target: Axes) -> bool:
    """Whether the one position of an axis becomes several."""
    return any(
        read is not None and read.axis is not None and size == 1 and target[read.axis] != 1
        for read, size in zip(reads, source, strict=True)
    )


def _adds_axes(reads: Reads, target: Axes) -> bool:
    """Whether the result has several positions along an axis that none of the operand's became."""
    fed = {read.axis for read in reads if read is not None}
    return any(size != 1 for axis, size in enumerate(target) if axis not in fed)
