"""How fields pass where axes are taken apart, put together, or exchanged with channels (see digits).

The function of the index stays; what changes is which digits of which axes the index is made of.  A union
over one digit is a window over the index; where the digits come together on one axis again, the field
runs along it as before.
"""

from __future__ import annotations

from math import gcd

from rfcalc.analysis.fields.axis_field import (
    MOST_PHASES,
    Effort,
    Field,
    Outer,
    OutOfReachError,
    Periodic,
    Table,
    Whole,
    through,
)
from rfcalc.analysis.fields.axis_state import (
    BOUND,
    COLLAPSED,
    MAIN,
    UNKNOWN,
    Axes,
    Reads,
    State,
    States,
    carried,
    lost,
    remarks_of,
    seen_by_all,
    spread_out,
)
from rfcalc.analysis.fields.digits import (
    CHANNELS,
    Digit,
    Digits,
    grouped_digits,
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
    return tuple(state and _rearranged(state, order, source, target, effort) for state in states)


def _rearranged(state: State, order: Rearrangement, source: Axes, target: Axes, effort: Effort) -> State:
    digits = state.digits
    if not digits:
        if state.axis is None or state.remarks & COLLAPSED or state.field is None:
            return _constant(state, order, target)
        if source[state.axis] == 1:
            return _of_one_position(state, state.axis, order, target)
        digits = (whole_axis_digit(state.axis, source[state.axis]),)
    moved = rearranged_digits(digits, order)
    if moved is None:
        return lost(state, source, target)._replace(axis=None, reason=state.reason or _NOT_FOLLOWED)
    return settled(state._replace(axis=None, digits=moved), target, effort)


def _of_one_position(state: State, axis: int, order: Rearrangement, target: Axes) -> State:
    """A state that runs along an axis of size 1, which no digit tells apart."""
    for place, made in enumerate(order.target[:-1]):
        if any(at == axis for at, _ in made) and target[place] == 1:
            return state._replace(axis=place)
    return state if axis < len(target) and target[axis] == 1 else _closed(state)


def _constant(state: State, order: Rearrangement, target: Axes) -> State:
    """A state that is the same at all positions, behind a rearrangement."""
    # The axis of the result that the axis of size 1 became, where it is still told apart.
    axis = next(
        (
            place
            for place, made in enumerate(order.target[:-1])
            if state.axis is not None and any(at == state.axis for at, _ in made)
        ),
        state.axis if state.axis is not None and state.axis < len(target) else None,
    )
    last = len(order.source) - 1
    spreads = any(
        order.source[at][number] != 1
        for place, made in enumerate(order.target[:-1])
        for at, number in made
        if at == last and (axis is None or place == axis)
    )
    if spreads and state.remarks & COLLAPSED:
        return spread_out(state, axis, MAIN)
    return state._replace(axis=axis)


def settled(state: State, target: Axes, effort: Effort) -> State:
    """The state, running along one axis where its digits are those of one axis."""
    digits = state.digits
    if not digits:
        return _closed(state)
    if len(digits) == 1 and digits[0].axis != CHANNELS:
        digit = digits[0]
        length = target[digit.axis]
        if digit.divisor == 1 and digit.size == length and isinstance(state.field, Periodic | Outer | Table):
            return _along(state, digit, effort)
    return state


def _along(state: State, digit: Digit, effort: Effort) -> State:
    """A state whose index is a multiple of that along one axis, as one that runs along that axis."""
    field = state.field
    assert isinstance(field, Periodic | Outer | Table)
    try:
        if digit.step != 1:
            field = through(field, Window(1, digit.step), digit.size, effort)
    except OutOfReachError as reason:
        return State(digit.axis, None, state.remarks | UNKNOWN, str(reason), spread=state.spread)
    return state._replace(axis=digit.axis, digits=(), field=field, remarks=state.remarks | remarks_of(field))


def _closed(state: State) -> State:
    """A state that depends on no index any more."""
    field = state.field
    if isinstance(field, Periodic | Outer | Table):
        field = Whole(field.at(0))
    return state._replace(axis=None, field=field, digits=(), remarks=state.remarks | COLLAPSED)


def over(state: State, reduced: Digits, kept: Digits, effort: Effort) -> State:
    """The union of what all values of some digits see; the others are kept.  Raises OutOfReachError."""
    field = state.field
    for digit in reduced:
        if not isinstance(field, Periodic | Outer | Table):
            break
        if not isinstance(digit.size, int):
            raise OutOfReachError("the map it covers has a symbolic size")
        field = _reduced(field, digit.size, digit.step, effort)
    if field is not None and not isinstance(field, Whole):
        state = state._replace(remarks=state.remarks | remarks_of(field))
    return state._replace(field=field, digits=kept, axis=None)


def _reduced(field: Field, size: int, step: int, effort: Effort) -> Field:
    length = len(field.ends) if isinstance(field, Table) else 1
    return through(field, Window(size, 1, 0, step), length, effort)


def without_channels(states: States, target: Axes, effort: Effort) -> States:
    """The states of a layer whatever the channel: unions over the digits that are channels."""
    if not any(state is not None and state.digits for state in states):
        return states
    return tuple(state and _without_channels(state, target, effort) for state in states)


def _without_channels(state: State, target: Axes, effort: Effort) -> State:
    reduced = tuple(digit for digit in state.digits if digit.axis == CHANNELS)
    if not reduced:
        return state
    kept = tuple(digit for digit in state.digits if digit.axis != CHANNELS)
    return _settled_over(state, reduced, kept, target, effort)


def _settled_over(state: State, reduced: Digits, kept: Digits, target: Axes, effort: Effort) -> State:
    try:
        return settled(over(state, reduced, kept, effort), target, effort)
    except OutOfReachError as reason:
        return State(None, None, state.remarks | UNKNOWN, str(reason), spread=state.spread)


def by_groups(states: States, read: Size, made: Size, target: Axes, effort: Effort) -> States:
    """The states behind a layer in which each group of channels reads one group of its operand's."""
    result: list[State | None] = []
    for state in states:
        if state is None or not state.digits:
            result.append(state)
            continue
        parted = grouped_digits(state.digits, read, made)
        if parted is None:
            seen = _without_channels(state, target, effort)
            result.append(seen._replace(remarks=seen.remarks | BOUND))
        else:
            kept, inside = parted
            result.append(_settled_over(state, inside, kept, target, effort))
    return tuple(result)


def carried_digits(state: State, reads: Reads, source: Axes, target: Axes, effort: Effort) -> State:
    """A state that runs along several digits, as the reader of its layer sees it."""
    axes = {digit.axis for digit in state.digits if digit.axis != CHANNELS}
    moved = [digit for digit in state.digits if digit.axis == CHANNELS]
    reduced: list[Digit] = []
    # The axis of size 1 that is left of one that is covered whole.
    left: int | None = None
    try:
        for axis in axes:
            read = reads[axis]
            own = tuple(digit for digit in state.digits if digit.axis == axis)
            if read is None:
                return lost(state, source, target)._replace(axis=None, digits=())
            if isinstance(read, Along):
                if source[axis] == target[read.axis] and in_place(read.taps):
                    moved += [digit._replace(axis=read.axis) for digit in own]
                elif own == (Digit(axis, 1, source[axis], own[0].step),) and read.taps.period == 1:
                    state = _windowed(state, own[0].step, read.taps, effort)
                    step = own[0].step * read.taps.shift
                    moved.append(Digit(read.axis, 1, target[read.axis], step))
                elif _in_tiles(read.taps) and own == (Digit(axis, 1, source[axis], own[0].step),):
                    length, tile = source[axis], read.taps.period
                    assert isinstance(length, int)
                    reduced.append(Digit(axis, 1, tile, own[0].step))
                    moved.append(Digit(read.axis, tile, length // tile, own[0].step * tile))
                elif len(own) == len(state.digits):
                    alone = on_one_axis(state, source[axis], effort)
                    return carried((alone,), reads, source, target, effort)[0] or alone
                else:
                    raise OutOfReachError("it reads along an axis that is several put together")
            elif isinstance(read, Everything) and max(own, key=_step) == max(state.digits, key=_step):
                state = _seen_by_all(state, read, effort)
                if state.field is None:
                    return state
                moved += [digit._replace(axis=read.axis) for digit in own if read.axis is not None]
            else:
                # A part of what an axis of the input was: the union over that part, for all units alike.
                reduced += own
                left = read.axis
        result = settled(over(state, tuple(reduced), joined_digits(moved), effort), target, effort)
        return result._replace(axis=left) if result.remarks & COLLAPSED and result.axis is None else result
    except OutOfReachError as reason:
        return State(None, None, state.remarks | UNKNOWN, str(reason), spread=state.spread)


def _windowed(state: State, step: int, taps: AxisMap, effort: Effort) -> State:
    """A state read through a window along an axis whose positions are `step` apart in the index."""
    field = state.field
    if not isinstance(field, Periodic | Outer | Table):
        return state
    only = taps.taps(0)
    window = Window(count_of(only), 1, -only.start * step, only.step * step)
    length = len(field.ends) if isinstance(field, Table) else 1
    field = through(field, window, length, effort)
    return state._replace(field=field, remarks=state.remarks | remarks_of(field))


def _in_tiles(taps: AxisMap) -> bool:
    """Whether windows lie side by side, and each unit of one reads the whole of it."""
    return 1 < taps.period == taps.shift <= MOST_PHASES and all(
        taps.taps(phase) == range(taps.period) for phase in range(taps.period)
    )


def _step(digit: Digit) -> int:
    return digit.step


def _seen_by_all(state: State, read: Everything, effort: Effort) -> State:
    """A state whose leading digit lies on an axis that is seen whole from everywhere."""
    whole = over(state, state.digits, (), effort).field
    field = Whole(whole.at(0)) if isinstance(whole, Periodic | Outer | Table) else whole
    seen = seen_by_all(state._replace(field=field), read, 1, effort)
    return seen if seen.field is None else seen._replace(field=state.field)


def on_one_axis(state: State, length: Size, effort: Effort) -> State:
    """A state all of whose digits lie on one axis of `length`, as a periodic field of the units along it.

    Raises OutOfReachError.
    """
    field = state.field
    digits = [
        (digit.divisor, digit.size, digit.step)
        for digit in state.digits
        if isinstance(digit.divisor, int) and isinstance(digit.size, int)
    ]
    if not isinstance(length, int) or len(digits) < len(state.digits):
        raise OutOfReachError("which positions it reads depends on a symbol")
    if not isinstance(field, Periodic):
        raise OutOfReachError("it reads along an axis that is several put together")
    divisor, size, step = max(digits)
    period, shift = divisor * size, 0
    if period == length:
        # The leading digit goes on beyond the map; the field repeats with its own period in the index.
        turns = field.period // gcd(field.period, step)
        period, shift = divisor * turns, field.shift * (step * turns // field.period)
    if period > MOST_PHASES or not effort.take(period):
        raise OutOfReachError("its period is too long to follow every phase")
    inner = [digit for digit in digits if digit != (divisor, size, step)]
    supports = tuple(
        field.at(
            (unit // divisor if shift else unit // divisor % size) * step
            + sum(unit // below % count * apart for below, count, apart in inner)
        )
        for unit in range(period)
    )
    return state._replace(axis=state.digits[0].axis, digits=(), field=Periodic(period, shift, supports))
