"""How fields pass where axes are taken apart, put together, or exchanged with channels (see digits).

The function of the index stays; what changes is which digits of which axes the index is made of.  A union
over one digit is a window over the index; where the digits come together on one axis again, the field
runs along it as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from math import gcd

from rfcalc.analysis.fields.axis_field import (
    MOST_PHASES,
    Effort,
    Outer,
    OutOfReachError,
    Periodic,
    PositionTable,
    outer,
)
from rfcalc.analysis.fields.axis_state import (
    ALONE,
    BOUND,
    COLLAPSED,
    MAIN,
    MIXED,
    UNKNOWN,
    WITHIN,
    Axes,
    Reads,
    State,
    States,
    closed,
    followed,
    lost,
    moved,
    not_told,
    over,
    seen_by_all,
    spread_out,
    through_index,
    together,
)
from rfcalc.analysis.fields.digits import (
    CHANNELS,
    Digit,
    Digits,
    Index,
    index_length,
    joined_digits,
    rearranged_digits,
    whole_axis_digit,
)
from rfcalc.ops.axis_maps import AxisMap, Window, count_of, in_place
from rfcalc.ops.reads import Along, Everything
from rfcalc.ops.rearrangement import Rearrangement
from rfcalc.shapes import Size

_NOT_FOLLOWED = "axes are taken apart at places that do not fit what it sees"


def rearranged(states: States, order: Rearrangement, source: Axes, target: Axes, effort: Effort) -> States:
    """The states behind a layer whose elements come from elsewhere; digits of the channels are kept."""
    change = partial(_rearranged, order=order, source=source, target=target, effort=effort)
    return followed(states, change)


def _rearranged(state: State, order: Rearrangement, source: Axes, target: Axes, effort: Effort) -> State:
    digits = state.digits
    if not digits:
        if state.axis is None or state.remarks & COLLAPSED or state.field is None:
            return _constant(state, order, target)
        digits = (whole_axis_digit(state.axis, source[state.axis]),)
    if state.remarks & MIXED and shows_channels(order):
        return spread_out(together(state, effort), None, MAIN)
    found = rearranged_digits(digits, order)
    if found is None:
        return lost(state, source, target)._replace(axis=None, reason=state.reason or _NOT_FOLLOWED)
    if all(digit.axis == CHANNELS and digit.size == 1 for digit in found):
        found, state = (), state._replace(remarks=state.remarks | ALONE)
    return settled(state._replace(axis=None, digits=found), target, effort)


def _constant(state: State, order: Rearrangement, target: Axes) -> State:
    """A state that is the same at all positions, behind a rearrangement."""
    # The axis of the result that the axis of size 1 became, where it is still told apart; what is collapsed
    # and has no axis is held by the channels.
    held = state.axis
    if held is None and state.remarks & COLLAPSED:
        held = len(order.source) - 1
    places = [place for place, made in enumerate(order.target) if any(at == held for at, _ in made)]
    axis = places[0] if places and places[0] < len(target) else None
    # What was mixed has been held by the channels as well.
    alone = state.axis is not None and not state.remarks & MIXED
    if state.remarks & COLLAPSED and shows_channels(order, axis if alone else None):
        if state.axis is None and state.remarks & UNKNOWN:
            return not_told(state, "")
        return spread_out(state, axis, MAIN)
    # Of a vector no position is left, wherever it is known to run or not.
    remarks = state.remarks | (0 if target else COLLAPSED)
    if target and remarks & COLLAPSED and axis is None and state.axis is not None:
        remarks |= ALONE
    return state._replace(axis=axis, remarks=remarks)


def shows_channels(order: Rearrangement, axis: int | None = None) -> bool:
    """Whether channels become several positions, along this axis of the result or any."""
    last, axes = len(order.source) - 1, order.target[:-1]
    made = [each for place, digits in enumerate(axes) if axis in (None, place) for each in digits]
    return any(at == last and order.source[at][number] != 1 for at, number in made)


def settled(state: State, target: Axes, effort: Effort) -> State:
    """The state with an index in the smallest steps; along one axis where the digits are those of it."""
    digits = state.digits
    if not digits:
        return closed(state)
    step = gcd(*(digit.step for digit in digits))
    if step > 1:
        digits = tuple(digit._replace(step=digit.step // step) for digit in digits)
        state = through_index(state, Window(1, step), effort, index_length(digits))._replace(digits=digits)
    only = digits[0]
    if len(digits) == 1 and only.axis != CHANNELS and only == whole_axis_digit(only.axis, target[only.axis]):
        return state._replace(axis=only.axis, digits=())
    return state


def without_channels(states: States, target: Axes, effort: Effort) -> States:
    """The states of a layer whatever the channel: unions over the digits that are channels."""
    if not any(state is not None and state.digits for state in states):
        return states
    return followed(states, partial(_without_channels, target=target, effort=effort))


def _without_channels(state: State, target: Axes, effort: Effort) -> State:
    reduced = tuple(digit for digit in state.digits if digit.axis == CHANNELS)
    if not reduced:
        return state
    kept = tuple(digit for digit in state.digits if digit.axis != CHANNELS)
    if kept and max(state.digits, key=_step) in reduced:
        state = state._replace(remarks=state.remarks | MIXED)
    return settled(over(state, reduced, kept, effort), target, effort)


def carried_digits(state: State, reads: Reads, source: Axes, target: Axes, effort: Effort) -> State:
    """A state that runs along several digits, as the reader of its layer sees it.  Raises OutOfReachError."""
    axes = {digit.axis for digit in state.digits if digit.axis != CHANNELS}
    kept = [digit for digit in state.digits if digit.axis == CHANNELS]
    reduced: list[Digit] = []
    lead = max(state.digits, key=_step)
    # The axis of size 1 that is left of those that are covered whole: of the leading digit's.
    left: int | None = None
    for axis in axes:
        read = reads[axis]
        own = tuple(digit for digit in state.digits if digit.axis == axis)
        if read is None:
            return lost(state, source, target)._replace(axis=None)
        if isinstance(read, Along):
            if source[axis] == target[read.axis] and in_place(read.taps):
                kept += [digit._replace(axis=read.axis) for digit in own]
            elif own == (Digit(axis, 1, source[axis], own[0].step),) and read.taps.period == 1:
                # A window along positions that are `step` apart in the index.
                only, step = read.taps.taps(0), own[0].step
                window = Window(count_of(only), 1, -only.start * step, only.step * step)
                if isinstance(state.field, PositionTable):
                    raise OutOfReachError("positions that are listed lie on an axis that is taken apart")
                state = through_index(state, window, effort)
                kept.append(Digit(read.axis, 1, target[read.axis], step * read.taps.shift))
            elif _in_tiles(read.taps) and own == (Digit(axis, 1, source[axis], own[0].step),):
                length, tile = source[axis], read.taps.period
                assert isinstance(length, int)
                reduced.append(Digit(axis, 1, tile, own[0].step))
                kept.append(Digit(read.axis, tile, length // tile, own[0].step * tile))
            elif len(own) == len(state.digits):
                alone = on_one_axis(state, source[axis], effort)
                return moved(alone, reads, source, target, effort)
            else:
                raise OutOfReachError("it reads along an axis that is several put together")
        elif isinstance(read, Everything) and lead in own:
            state = _seen_by_all(state, read, effort)
            if state.field is None:
                return state
            kept += [digit._replace(axis=read.axis) for digit in own if read.axis is not None]
        else:
            # A part of what an axis of the input was: the union over that part, for all units alike.
            reduced += own
            if isinstance(read, Everything) and read.local is not None:
                # Past the end of the map a unit sees itself as well.
                state = state._replace(remarks=state.remarks | WITHIN)
            if left is None or lead in own:
                left = read.axis
    result = settled(over(state, tuple(reduced), joined_digits(kept), effort), target, effort)
    return result._replace(axis=left) if result.remarks & COLLAPSED and result.axis is None else result


def _in_tiles(taps: AxisMap) -> bool:
    """Whether windows lie side by side, and each unit of one reads the whole of it."""
    return 1 < taps.period == taps.shift <= MOST_PHASES and all(
        taps.taps(phase) == range(taps.period) for phase in range(taps.period)
    )


def _step(digit: Digit) -> int:
    return digit.step


def _seen_by_all(state: State, read: Everything, effort: Effort) -> State:
    """A state whose leading digit lies on an axis that is seen whole from everywhere."""
    seen = seen_by_all(state._replace(field=together(state, effort).field), read, 1, effort)
    return seen if seen.field is None else seen._replace(field=state.field)


def on_one_axis(state: State, length: Size, effort: Effort) -> State:
    """A state all of whose digits lie on one axis of `length`, as one that runs along that axis.

    Past the caps it is a bound.  Raises OutOfReachError.
    """
    digits = [
        (digit.divisor, digit.size, digit.step)
        for digit in state.digits
        if isinstance(digit.divisor, int) and isinstance(digit.size, int)
    ]
    if not isinstance(length, int) or len(digits) < len(state.digits):
        raise OutOfReachError("which positions it reads depends on a symbol")
    axis = state.digits[0].axis
    if not isinstance(state.field, Periodic | Outer | PositionTable):
        return state._replace(axis=axis, digits=())
    divisor, size, step = max(digits)
    # The leading digit goes on beyond the map; any other starts again.
    period, shift = (divisor, step) if divisor * size == length else (divisor * size, 0)
    if period <= MOST_PHASES and effort.take(period):
        places = [
            sum(unit // below % count * apart for below, count, apart in digits) for unit in range(period)
        ]
        index = Index(period, shift, tuple(places))
        with suppress(OutOfReachError):
            return through_index(state, index, effort, length)._replace(axis=axis, digits=())
    if isinstance(state.field, PositionTable):
        raise OutOfReachError("following it position by position takes too long")
    last = sum((count - 1) * apart for _, count, apart in digits) - ((size - 1) * step if shift else 0)
    bound = _around(outer(state.field), period, shift, last)
    return state._replace(axis=axis, field=bound, remarks=state.remarks | BOUND, digits=())


def _around(field: Outer, period: int, shift: int, last: int) -> Outer:
    """A bound of what units see: unit i by an index from (i // period) · shift to so much more as `last`."""
    below, above, low, high = field
    if not shift:
        return Outer(1, 0, low, high - -last * above // below)
    turn = period * below
    ahead = (period - 1) * shift * above
    return Outer(turn, shift * above, low + -ahead // turn, high - -last * above // below)


def along_one_axis(state: State, axes: Axes, effort: Effort) -> State:
    """A state all of whose digits lie on one axis as one that runs along that axis; any other as it is.

    So is one of symbolic sizes; what is listed by position is unknown where that takes too long.
    """
    found = {digit.axis for digit in state.digits}
    if len(found) == 1 and CHANNELS not in found:
        axis = found.pop()
        try:
            return on_one_axis(state, axes[axis], effort)
        except OutOfReachError as reason:
            if isinstance(state.field, PositionTable):
                return State(axis, None, state.remarks | UNKNOWN, str(reason), spread=state.spread)
    return state


def brought_together(views: Sequence[States], target: Axes, effort: Effort) -> list[States]:
    """The views of the operands of a join, along one axis each where they do not go by the same digits."""
    ways: list[set[tuple[int | None, Digits]]] = [
        {(state.axis, state.digits) for state in states if state is not None and state.field is not None}
        for states in zip(*views, strict=True)
    ]
    return [
        tuple(
            along_one_axis(state, target, effort) if state is not None and len(way) > 1 else state
            for state, way in zip(view, ways, strict=True)
        )
        for view in views
    ]
