"""How far a layer advances along an axis of the input from one of its positions to the next.

For one axis of one input, every place of a layer (its axes, then its channels) has digits, the leading one
first, each with the input positions that one step of it is worth.  Only the leading digit of an axis runs on
beyond the map, so it alone makes the rate of the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import NamedTuple

from marks import same_position
from radix import cut
from readings import Channels, Parts, Reading, Rearranged


class Step(NamedTuple):
    """One digit: its number of values, and what one step is worth; None where channels are mixed."""

    size: int
    rate: Fraction | None


ZERO = Fraction(0)
Places = tuple[tuple[Step, ...], ...]


def still(sizes: Sequence[int]) -> Places:
    """The places of a layer that does not move along the axis."""
    return tuple((Step(size, ZERO),) for size in sizes)


def advancing(sizes: Sequence[int], axis: int) -> Places:
    """The places of an input along one of its own axes."""
    return tuple(
        tuple(step._replace(rate=Fraction(1)) if number == axis else step for step in place)
        for number, place in enumerate(still(sizes))
    )


def rate(place: Sequence[Step]) -> Fraction | None:
    """What one position of an axis is worth."""
    lead = place[0].rate
    return None if lead is None else lead / prod(step.size for step in place[1:])


def rates(places: Places) -> dict[int, Fraction | None]:
    """What one position is worth, for every axis along which there is something."""
    found = {axis: rate(place) for axis, place in enumerate(places[:-1])}
    return {axis: value for axis, value in found.items() if value != 0}


def moves(places: Places) -> bool:
    """Whether any position sees something else than the one beside it, be it inside of what stands still."""
    return any(step.rate != 0 for place in places[:-1] for step in place)


def onward(places: Places, reading: Reading, operand: Sequence[int], output: Sequence[int]) -> Places | None:
    """The places of a layer from those of the operand it reads; None where there is no telling."""
    moving = any(step.rate != 0 for place in places for step in place)
    if not moving:
        return still(output)
    if isinstance(reading, Rearranged):
        return _rearranged(places, reading)
    if isinstance(reading, Parts):
        # What its channels see lies apart.
        *axes, channels = onward(places, reading.together, operand, output) or still(output)
        return (*axes, tuple(step._replace(rate=None) for step in channels))
    result: list[tuple[Step, ...]] = []
    if reading.everywhere or not reading.axes:
        return (*still(output[:-1]), _channels(places[-1], reading.channels, output[-1]))
    for axis, place, size in zip(reading.axes, places, output, strict=False):
        if axis.kind in ("whole", "spread"):
            result.append((Step(size, ZERO),))
        elif same_position(axis) and prod(step.size for step in place) == size:
            result.append(place)
        else:
            own = rate(place)
            if own == 0 and any(step.rate != 0 for step in place):
                # It moves inside of what does not, so it does not stand still.
                own = None
            result.append((Step(size, None if own is None else own * axis.rate),))
    return (*result, _channels(places[-1], reading.channels, output[-1]))


def _channels(place: tuple[Step, ...], channels: Channels, outputs: int) -> tuple[Step, ...]:
    if all(step.rate == 0 for step in place):
        return (Step(outputs, ZERO),)
    if channels.kind == "each" and channels.table == tuple((c,) for c in range(prod(s.size for s in place))):
        return place
    if channels.kind == "groups":
        size = prod(step.size for step in place)
        parts = cut(place, (channels.groups, size // channels.groups), _divide, Step(1, ZERO))
        if parts is not None:
            rest = Step(outputs // channels.groups, ZERO)
            return (rest,) if channels.groups == 1 else (_join(parts[0]), rest)
    return (Step(outputs, None),)


def _rearranged(places: Places, reading: Rearranged) -> Places | None:
    if reading.flat is not None:
        return None
    known: dict[int, tuple[Step, ...]] = {}
    for place, ids in zip(places, reading.operand, strict=True):
        if len(ids) == 1:
            known[ids[0]] = place
            continue
        sizes = [reading.sizes[number] for number in ids]
        parts = cut(place, sizes, _divide, Step(1, ZERO))
        if parts is None:
            if any(step.rate != 0 for step in place):
                return None
            parts = [(Step(size, ZERO),) for size in sizes]
        known.update((number, (_join(part),)) for number, part in zip(ids, parts, strict=True))
    result = tuple(
        tuple(step for number in ids for step in known[number]) or (Step(1, ZERO),) for ids in reading.output
    )
    return None if any(step.rate is None for place in result[:-1] for step in place) else result


def _divide(step: Step, low: int) -> tuple[Step, Step]:
    lead = None if step.rate is None else step.rate * low
    return Step(step.size // low, lead), Step(low, step.rate)


def _join(steps: Sequence[Step]) -> Step:
    size = prod(step.size for step in steps)
    if len(steps) == 1 or all(step.rate == 0 for step in steps):
        return Step(size, steps[0].rate)
    # Several digits are one where each is worth as much as the next one's values together.
    own = steps[-1].rate
    together = own
    for above, below in zip(steps[-2::-1], steps[:0:-1], strict=True):
        together = None if together is None else together * below.size
        if above.rate is None or above.rate != together:
            return Step(size, None)
    return Step(size, own)
