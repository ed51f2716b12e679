"""What is known of a layer's view along one axis of one input, and how operators carry it on.

Beside the field itself a state says which axis of the layer the field runs along and what the reader
must know about it.  This module knows how operands are read; it never asks which operator reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rfcalc.analysis.fields.axis_field import (
    Effort,
    Field,
    Outer,
    OutOfReachError,
    Periodic,
    Table,
    Whole,
    count_of,
    joined,
    through,
    whole,
)
from rfcalc.analysis.fields.supports import union
from rfcalc.ops.reads import IDENTITY, Along, AxisMap, AxisReads, Collapsed, Window
from rfcalc.shapes import Size

# Remarks, as bits, so that a join can merge them.
COLLAPSED = 1  # a window has covered the whole map; no position is left
EVERYTHING = 2  # the strict field is the whole input; the field is what remains without the global path
UNKNOWN = 4  # no field is known, for good
DATA_DEPENDENT = 8  # the field is the undeformed grid
BOUND = 16  # the true field may be smaller
PER_POSITION = 32  # behind a join of different rates
MIXED = 64  # the channels do not all see the same: the field is the union over them


class State(NamedTuple):
    """The view along one axis of one input.

    axis: the axis of the layer the field runs along; for a collapsed field the axis of size 1 that is
    left, or None; None too where it is not known.
    field: None when it is unknown, or when nothing is left without the global path.
    reason: why it is unknown, as the end of a sentence.
    """

    axis: int | None
    field: Field | Whole | None
    remarks: int = 0
    reason: str = ""


Reads = tuple[AxisReads | None, ...]
# One entry for each axis of each input of the network, None where the layer does not depend on it.
States = tuple[State | None, ...]
Axes = tuple[Size, ...]


def carried(states: States, reads: Reads | None, source: Axes, target: Axes, effort: Effort) -> States:
    """The states of one operand as its reader sees them; source and target are the axes of both."""
    result: list[State | None] = []
    previous: tuple[State, State] | None = None
    for state in states:
        if state is None or reads is None or len(reads) != len(source):
            result.append(state and _lost(state, state.axis, source, target))
            continue
        # Axes of a square network share one field; what holds for the one then holds for the other.
        if previous and _alike(previous[0], state, reads, source, target):
            axis = None if state.axis is None else _axis_read(reads[state.axis])
            moved = previous[1]._replace(axis=axis)
        else:
            moved = _moved(state, reads, source, target, effort)
        previous = (state, moved)
        result.append(moved)
    return tuple(result)


def merged(states: Sequence[State], target: Axes, effort: Effort) -> State:
    """The union of the views of the operands of a join, all along the same axis of the same input.

    An operand of which nothing is left without its global path is left out of the field.
    """
    first = states[0]
    if all(state == first for state in states[1:]):
        return first
    remarks = 0
    for state in states:
        remarks |= state.remarks & EVERYTHING
    local = [state for state in states if state.field is not None or state.remarks & UNKNOWN]
    spread = [state for state in local if not state.remarks & COLLAPSED]
    if spread and spread[0].axis is not None and len(spread) < len(local) and target[spread[0].axis] != 1:
        # A collapsed operand beside a map: each position of the map sees all of it.
        local, remarks = spread, remarks | EVERYTHING
    if not local:
        collapsed = all(state.remarks & COLLAPSED for state in states)
        return State(first.axis, None, remarks | (COLLAPSED if collapsed else 0))
    for state in local:
        remarks |= state.remarks & ~COLLAPSED
    axes = {state.axis for state in local if state.axis is not None}
    axis = next(iter(axes)) if len(axes) == 1 else None
    if len(spread) < len(local):
        remarks |= COLLAPSED
    if remarks & UNKNOWN:
        return State(axis, None, remarks, next(state.reason for state in local if state.remarks & UNKNOWN))
    if len(axes) > 1:
        return State(None, None, remarks | UNKNOWN, "its operands run along different axes")
    if len(local) == 1:
        return State(axis, local[0].field, remarks)
    try:
        field = _union([state.field for state in local], axis, target, effort)
    except OutOfReachError as reason:
        return State(axis, None, remarks | UNKNOWN, str(reason))
    return State(axis, field, remarks | _remarks_of(field))


def channels_read(
    state: State, channels: str | None, reads: Reads | None, source: Axes, target: Axes
) -> State:
    """The state with what the way channels are read does to it, for a reader of one operand.

    After a join whose parts differ the field is the union over the channels.  Reading all of them
    makes it every channel's field; leaving some out, or spreading them over positions, makes it a bound.
    """
    remarks = state.remarks
    if channels == "all":
        remarks &= ~MIXED
    elif channels == "shuffle" and reads is not None:
        if remarks & MIXED and _adds_axes(reads, target):
            remarks |= BOUND
        elif _parts_positions(reads, source):
            remarks |= MIXED
    elif remarks & MIXED and channels not in {"each", "group", "stack"}:
        remarks |= BOUND
    return state if remarks == state.remarks else state._replace(remarks=remarks)


def is_identity(reads: Reads) -> bool:
    """Whether every axis is read in place, one position by one position."""
    for axis, read in enumerate(reads):
        if type(read) is not Along or read.axis != axis or not _in_place(read.taps):
            return False
    return True


def _in_place(taps: AxisMap) -> bool:
    # Records of two kinds can be equal as tuples, so the kind is asked first.
    return taps is IDENTITY or (type(taps) is Window and taps == IDENTITY)


def _axis_read(read: AxisReads | None) -> int | None:
    return None if read is None else read.axis


def _alike(one: State, two: State, reads: Reads, source: Axes, target: Axes) -> bool:
    """Whether both states hold the same field and are read the same way."""
    if one.field != two.field or one.remarks != two.remarks or one.axis is None or two.axis is None:
        return False
    left, right = reads[one.axis], reads[two.axis]
    if type(left) is not Along or type(right) is not Along or type(left.taps) is not type(right.taps):
        return False
    return (
        left.taps == right.taps
        and source[one.axis] == source[two.axis]
        and target[left.axis] == target[right.axis]
    )


def _moved(state: State, reads: Reads, source: Axes, target: Axes, effort: Effort) -> State:
    """One state as the reader of its layer sees it."""
    axis, field, remarks, _ = state
    if axis is None:
        if not remarks & COLLAPSED or not _adds_axes(reads, target):
            return state
        # Spread over positions that were channels before, a union over channels is a bound for each.
        return state._replace(remarks=remarks | BOUND) if remarks & MIXED else State(None, None, EVERYTHING)
    read = reads[axis]
    if read is None:
        return _lost(state, axis, source, target)
    if remarks & COLLAPSED:
        # Spread over several positions again, it shows all of them the same.
        alone = read.axis is None or target[read.axis] == 1
        return state._replace(axis=read.axis) if alone else State(read.axis, None, EVERYTHING)
    try:
        if isinstance(read, Collapsed):
            remarks |= COLLAPSED
            return state._replace(
                axis=read.axis, field=_collapsed(field, source[axis], effort), remarks=remarks
            )
        if isinstance(read, Along):
            taps = read.taps
        elif read.axis is None or read.local is None:
            return State(read.axis, None, EVERYTHING | (COLLAPSED if read.axis is None else 0))
        else:
            taps, remarks = read.local, remarks | EVERYTHING
        if field is None or isinstance(field, Whole) or _in_place(taps) or read.axis is None:
            return state._replace(axis=read.axis, remarks=remarks)
        field = through(field, taps, target[read.axis], effort)
    except OutOfReachError as reason:
        return State(read.axis, None, remarks | UNKNOWN, str(reason))
    return State(read.axis, field, remarks | _remarks_of(field))


def _lost(state: State, axis: int | None, source: Axes, target: Axes) -> State:
    """The state behind an operator that does not say what it reads."""
    kept = axis is not None and axis < len(target)
    symbolic = any(not isinstance(size, int) for size in (*source, *target))
    reason = "it does not say which positions it reads"
    if symbolic:
        reason = "which positions it reads depends on a symbol"
    return State(axis if kept else None, None, state.remarks | UNKNOWN, state.reason or reason)


def _collapsed(field: Field | Whole | None, size: Size, effort: Effort) -> Whole | None:
    return field if field is None or isinstance(field, Whole) else whole(field, size, effort)


def _union(
    fields: Sequence[Field | Whole | None], axis: int | None, target: Axes, effort: Effort
) -> Field | Whole:
    """The union of some fields; one that runs along an axis beside a collapsed one has one position."""
    running = [field for field in fields if isinstance(field, Periodic | Outer | Table)]
    if len(running) == len(fields) and axis is not None:
        return joined(running, target[axis], effort)
    collapsed = [_collapsed(field, 1, effort) for field in fields]
    return Whole(union([field.support for field in collapsed if field is not None]))


def _remarks_of(field: Field | Whole) -> int:
    if isinstance(field, Outer):
        return BOUND
    return PER_POSITION if isinstance(field, Table) else 0


def _adds_axes(reads: Reads, target: Axes) -> bool:
    """Whether the result has several positions along an axis that none of the operand's became."""
    if None in reads and len(reads) == len(target):
        return False
    fed = {read.axis for read in reads if read is not None}
    return any(size != 1 for axis, size in enumerate(target) if axis not in fed)


def _parts_positions(reads: Reads, source: Axes) -> bool:
    """Whether positions become channels, so that not all channels see the same positions."""
    return any(
        source[axis] != 1
        if isinstance(read, Collapsed)
        else isinstance(read, Along) and count_of(read.taps.taps(0)) > 1
        for axis, read in enumerate(reads)
    )
