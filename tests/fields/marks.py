"""What a path has been through between a unit and an element: where it sees a whole axis from everywhere.

Going back from a unit, each place of a layer (its axes, then its channels) carries digits, the leading one
first, each with a kind:

- ""  nothing of note: one position, or a channel that is followed,
- "P" the layers further on have several positions along it,
- "F" all of it is read, and nothing further on is spread over positions; it has a side where it has itself
  several positions,
- "G" all of it is read from several positions: a path through it is global,
- "S" one position, or a channel without a place, that is shown at several positions: a path is global if all
  of an axis is read for it,
- "A" either could be said; nothing is claimed of it.

side says, for each axis of each input of the network, how the path came to a "P" or "G": 0 by the main path,
2 through a gate or the statistics of a normalisation, 1 where either could be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from radix import cut
from readings import Axis, Channels, Rearranged

Sides = tuple[int, ...]


class Digit(NamedTuple):
    """One digit of a place: how many values it has, and what the path does with them."""

    size: int
    kind: str = ""
    side: Sides = ()


Place = tuple[Digit, ...]


def merged(digits: Sequence[Digit]) -> Digit:
    """One digit for a whole place; "A" where its digits differ."""
    telling = [digit for digit in digits if digit.size > 1] or list(digits)
    if not telling:
        return Digit(1)
    first = telling[0]
    if len({digit.kind for digit in telling}) == 1:
        return first._replace(side=min(digit.side for digit in telling))
    return Digit(first.size, "A")


def on_axis(place: Place, size: int, side: Sides) -> Place:
    """The digits of an axis of `size` positions at which a path arrives."""
    if size == 1:
        return place
    arrived = {"": "P", "F": "F", "S": "A"}
    return tuple(
        Digit(digit.size, arrived[digit.kind], side)
        if digit.kind == "S" or (digit.kind in arrived and not digit.side)
        else digit
        for digit in place
    )


def through_axis(place: Place, axis: Axis, elsewhere: bool, size: int, side: Sides) -> Place:
    """The digits of an operand's axis of `size` positions, from those of the output's.

    elsewhere: of an axis that is read as a whole beside the own position, another position is meant.
    """
    digit = merged(place)
    if axis.kind == "spread" or (axis.kind == "others" and elsewhere):
        return (digit._replace(size=size) if digit.kind == "G" else Digit(size, "G", side),)
    if axis.kind == "whole":
        if digit.kind != "A" and digit.side:
            return (Digit(size, "G", digit.side),)
        if digit.kind == "":
            # Of several positions, which are several again for what is collapsed further back.
            return (Digit(size, "F", side) if size > 1 else Digit(size),)
        return (Digit(size, "A" if digit.kind == "A" else "F"),)
    if same_position(axis):
        return place
    return (digit._replace(size=size),)


@lru_cache(maxsize=4096)
def same_position(axis: Axis) -> bool:
    """Whether each output reads the position of its own number."""
    return axis.kind != "spread" and all(set(axis.reads(o)) == {o} for o in range(-3, 13))


def through_channels(place: Place, channels: Channels, size: int) -> Place:
    """The digits of an operand's channels, of `size`, from those of the output's."""
    outputs = len(channels.table)
    if channels.kind == "each":
        if channels.table == tuple((c,) for c in range(size)):
            return place
        digit = merged(place)
        if size == 1 and outputs > 1 and digit.kind == "P":
            digit = digit._replace(kind="G")
        return (digit._replace(size=size),)
    if channels.kind == "window":
        return (merged(place)._replace(size=size),)
    if channels.groups == 1:
        # Read from several positions along any digit is read from several positions.
        several = [digit for digit in place if digit.kind != "A" and digit.side]
        return (_all_read(min(several, key=lambda digit: digit.side) if several else merged(place), size),)
    shown = next((digit for digit in place if digit.kind == "S"), None)
    parts = cut(place, (channels.groups, outputs // channels.groups), _cut_digit, merged, Digit(1))
    if parts is None:
        return (Digit(size, merged(place).kind if merged(place).kind in ("", "F") else "A"),)
    lead, rest = parts
    return lead, _all_read(shown or rest, size // channels.groups)


def _all_read(rest: Digit, size: int) -> Digit:
    if size == 1 and rest.size == 1:
        return rest._replace(size=1)
    if rest.kind == "A":
        return Digit(size, "A")
    return Digit(size, "G", rest.side) if rest.side else Digit(size, "F")


def through_rearranged(
    places: Sequence[Place], reading: Rearranged, operand: tuple[int, ...]
) -> tuple[Place, ...]:
    """The digits of all places of an operand whose elements were put elsewhere."""
    if reading.flat is not None:
        kinds = {digit.kind for place in places for digit in place if digit.size > 1}
        kind = kinds.pop() if len(kinds) == 1 else "A"
        kind = kind if kind in ("", "F") else "A"
        return tuple((Digit(size, kind if size > 1 else "A"),) for size in operand)
    known: dict[int, Digit] = {}
    for place, ids in zip(places, reading.output, strict=True):
        sizes = [reading.sizes[number] for number in ids]
        parts = cut(place, sizes, _cut_digit, merged, Digit(1))
        if parts is None:
            kind = merged(place).kind if merged(place).kind in ("", "F") else "A"
            parts = [Digit(size, kind) for size in sizes]
        known.update(zip(ids, parts, strict=True))
    *_, channels = reading.operand
    spread = [known[number] for number in channels if known[number].kind in ("P", "G", "S", "A")]
    result: list[Place] = []
    for number, ids in enumerate(reading.operand):
        digits = tuple(known[each]._replace(size=reading.sizes[each]) for each in ids)
        if not digits:
            # One position, of which nothing is left but that it is all there is.
            moved = number < len(places) - 1 and sum(digit.size > 1 for digit in places[number])
            kind = Digit(1, "S", spread[0].side) if spread and spread[0].side else Digit(1)
            digits = (Digit(1, "A") if moved and not spread else kind,)
        result.append(digits)
    return tuple(result)


def _cut_digit(digit: Digit, size: int) -> tuple[Digit, Digit]:
    return digit._replace(size=digit.size // size), digit._replace(size=size)
