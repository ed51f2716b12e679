"""What a layer sees of each operand, and of several, or of several channels, together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import BLIND, Effort, sees
from rfcalc.analysis.fields.axis_state import (
    COLLAPSED,
    CROSS,
    CROSSED,
    GLOBAL,
    MAIN,
    MIXED,
    PER_POSITION,
    WITHIN,
    Axes,
    Reads,
    State,
    States,
    followed,
    is_identity,
    lost,
    merged,
    moved,
    not_told,
)
from rfcalc.ops.axis_maps import MOST_PHASES, count_of, in_place
from rfcalc.ops.reads import Along, AxisReads, Everything, local_taps
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.runs import Runs

# The slots of each input that has a plane to leave holes in.
Planes = Sequence[Sequence[int]]
_SHOWN_AT_SOME = "what all see alike is shown at some of its positions alone"


class Layer(NamedTuple):
    """What a layer sees.

    states: one entry per slot, the union over its channels.
    runs: which channels see what, where some later layer asks and not all see the same.
    mixed: why that is not known although not all see the same; "" where it is.
    """

    states: States
    runs: Runs | None = None
    mixed: str = ""


def carried(states: States, reads: Reads | None, source: Axes, target: Axes, effort: Effort) -> States:
    """The states of one operand as its reader sees them; source and target are the axes of both."""
    if reads is not None and len(reads) == len(source) and source == target and is_identity(reads):
        return states
    result: list[State | None] = []
    previous: tuple[State, State] | None = None
    gone = False
    for state in states:
        if state is None or reads is None or len(reads) != len(source):
            result.append(state and lost(state, source, target))
            continue
        if reason := _why_not_followed(state, reads, source, target):
            result.append(not_told(state, reason))
            continue
        # Axes of a square network share one field; what holds for the one then holds for the other.
        if previous and _alike(previous[0], state, reads, source, target):
            read = reads[state.axis or 0]
            seen = previous[1]._replace(axis=None if read is None else read.axis)
        elif state.digits:
            from rfcalc.analysis.fields.taken_apart import carried_digits

            change = partial(carried_digits, reads=reads, source=source, target=target, effort=effort)
            seen = followed((state,), change)[0] or state
        else:
            seen = moved(state, reads, source, target, effort)
        if seen.field is None and seen.remarks & GLOBAL and any(map(_skips, reads)):
            # Along whichever axis: who sees nothing along one sees nothing at all.
            seen = not_told(seen, _SHOWN_AT_SOME)
        elif seen.remarks & GLOBAL and seen.field and state.field:
            gone = gone or (sees(state.field) and not sees(seen.field))
        previous = (state, seen)
        result.append(seen)
    if gone:
        # Nothing local is left; whether the global path went with it is not known, along any axis.
        result = [
            not_told(each, _SHOWN_AT_SOME) if each and each.remarks & GLOBAL else each for each in result
        ]
    return tuple(result)


def _skips(read: AxisReads | None) -> bool:
    """Whether some units read nothing along an axis."""
    taps = local_taps(read)
    phases = range(min(taps.period, MOST_PHASES)) if taps is not None else range(0)
    return taps is not None and any(not count_of(taps.taps(phase)) for phase in phases)


def _why_not_followed(state: State, reads: Reads, source: Axes, target: Axes) -> str:
    """Why it is not known what a reader sees of a state of which not all is known; "" where it is."""
    if state.remarks & COLLAPSED or not state.remarks & (WITHIN | MIXED):
        return ""
    inside = all(
        not isinstance(read, Along) or (in_place(read.taps) and source[axis] == target[read.axis])
        for axis, read in enumerate(reads)
    )
    if state.remarks & WITHIN and not inside:
        return "it may read past the end of an axis whose positions see each other"
    running = {digit.axis for digit in state.digits} | {state.axis}
    whole = [isinstance(read, Everything) and axis in running for axis, read in enumerate(reads)]
    if state.remarks & MIXED and any(whole):
        return "it sees positions whole that channels lead, which may be mixed"
    return ""


def carried_locally(
    states: States,
    seen: States,
    blind: Collection[int],
    reads: Reads,
    source: Axes,
    target: Axes,
    effort: Effort,
) -> States:
    """What a reader sees, `seen`, where positions inside the map see nothing of some inputs.

    blind: the slots of these inputs.  Of them no path over the whole map shows anything; what a unit sees
    past the border, at its own place, stays.
    """
    local = tuple(
        Along(read.axis, read.local)
        if isinstance(read, Everything) and read.local and read.axis is not None
        else read
        for read in reads
    )
    alone = list(carried(states, local, source, target, effort))
    for number, (old, new) in enumerate(zip(states, alone, strict=True)):
        if old and new and new.remarks & GLOBAL & ~old.remarks:
            alone[number] = State(new.axis, BLIND)
    return tuple([alone[number] if number in blind else state for number, state in enumerate(seen)])


def sees_nothing(state: State | None, source: Axes | None = None) -> bool:
    """Whether no unit sees anything along one axis of an input; given the axes of the map, none inside of it.

    Where a path is global there is something that it shows.  Of what is listed by position nothing is said of
    other axes: each is listed by itself.
    """
    if state is None or not state.field or state.remarks & (GLOBAL | PER_POSITION):
        return False
    running = not state.digits and state.axis is not None and not state.remarks & COLLAPSED
    size = source[state.axis] if source is not None and running and state.axis is not None else None
    return not sees(state.field, size)


def _alike(one: State, two: State, reads: Reads, source: Axes, target: Axes) -> bool:
    """Whether both states hold the same field and are read the same way."""
    if one.axis is None or two.axis is None or one.remarks != two.remarks or one.remarks & WITHIN:
        return False
    if (one.field is not two.field and one.field != two.field) or one.spread != two.spread:
        return False
    left, right = reads[one.axis], reads[two.axis]
    if type(left) is not Along or type(right) is not Along or type(left.taps) is not type(right.taps):
        return False
    return (
        left.taps == right.taps
        and source[one.axis] == source[two.axis]
        and target[left.axis] == target[right.axis]
    )


def _the_same_along(one: Sequence[State], two: Sequence[State], target: Axes) -> bool:
    """Whether some states along one axis are those along another one of the same length."""
    if not one or len(one) != len(two):
        return False
    left, right = one[0].axis, two[0].axis
    return (
        left is not None
        and right is not None
        and target[left] == target[right]
        and all(old.axis == left and new.axis == right for old, new in zip(one, two, strict=True))
        and [old[1:] for old in one] == [new[1:] for new in two]
    )


def seen_together(
    views: Sequence[States],
    planes: Planes,
    target: Axes,
    effort: Effort,
    *,
    gate: bool = False,
    successive: bool = False,
) -> States:
    """The union of what several operands, or several runs of channels, see; gate, successive: see Facts."""
    first = views[0]
    if all(view is first for view in views[1:]):
        return first
    if any(state is not None and state.digits for view in views for state in view):
        from rfcalc.analysis.fields.taken_apart import brought_together

        views = brought_together(views, target, effort)
    seeing = [_seeing(view, planes) for view in views]
    views = seeing if any(any(view) for view in seeing) else views
    result: list[State | None] = []
    before: list[State] = []
    for number in range(len(first)):
        present = [state for view in views if (state := view[number]) is not None]
        if successive and any(state != present[0] for state in present):
            result.append(
                not_told(present[0], "maps that see different positions stand one behind the other")
            )
        elif _the_same_along(before, present, target) and (along := result[-1]):
            result.append(along._replace(axis=None if along.axis is None else present[0].axis))
        else:
            result.append(merged(present, target, effort, gate=gate) if present else None)
        before = present
    for plane in planes:
        _mark_crossed(plane, views, result)
    return tuple(result)


def _seeing(view: States, planes: Planes) -> States:
    """What an operand sees; who sees nothing along one axis of an input sees nothing of it at all."""
    for plane in planes:
        if any(sees_nothing(view[number]) for number in plane):
            rest = tuple([None if number in plane else each for number, each in enumerate(view)])
            return _seeing(rest, planes)
    return view


def _mark_crossed(plane: Sequence[int], views: Sequence[States], result: list[State | None]) -> None:
    """Mark where branches of unequal shape meet: what is seen does not fill the box around it.

    The union of boxes is a box if one of them holds all others, or if they differ along one axis only.
    An operand of which nothing is left without its global paths is an empty box.
    """
    whole = [state for number in plane if (state := result[number]) is not None]
    if len(whole) < len(plane):
        return
    boxes: list[list[State]] = []
    spread = False
    for view in views:
        box = [state for number in plane if (state := view[number]) is not None]
        if len(box) == len(plane) and any(state.field is not None for state in box):
            boxes.append(box)
        spread |= bool(box) and all(state.remarks & MAIN for state in box)
    crossed = False
    if len(boxes) > 1:
        holding = [box for box in boxes if all(map(_same_field, box, whole))]
        if holding:
            crossed = all(box[0].remarks & CROSSED for box in holding)
        else:
            differing = [
                any(not _same_field(box[0], each) for each in box) for box in zip(*boxes, strict=True)
            ]
            crossed = sum(differing) > 1 or any(state.remarks & CROSSED for box in boxes for state in box)
    elif boxes:
        crossed = bool(boxes[0][0].remarks & CROSSED)
    cross = crossed and not spread and any(state.remarks & MAIN for state in whole)
    marks = (CROSSED if crossed else 0) | (CROSS if cross else 0)
    for number, state in zip(plane, whole, strict=True):
        if state.remarks & (CROSSED | CROSS) != marks:
            result[number] = state._replace(remarks=state.remarks & ~(CROSSED | CROSS) | marks)


def _same_field(one: State, two: State) -> bool:
    return one.field is two.field or one.field == two.field
