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

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import prod
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
    """One digit for a whole place, which is as its leading one where the others do not contradict it.

    What is read of all low digits is a window, but no whole axis.
    """
    if not digits:
        return Digit(1)
    # A leading digit of one value runs on too: how large a map is decides of no path.
    lead, low = digits[0], {digit.kind for digit in digits[1:] if digit.size > 1}
    telling = [lead, *(digit for digit in digits[1:] if digit.size > 1)]
    if low <= {lead.kind}:
        return lead._replace(side=min(digit.side for digit in telling))
    return lead if low <= _BELOW.get(lead.kind, frozenset()) else Digit(lead.size, "A")


def either(sides: Iterable[Sides]) -> Sides:
    """The way of several paths, or of one that came by several; 1 where they differ."""
    return tuple(each[0] if len(set(each)) == 1 else 1 for each in zip(*sides, strict=False))


_BELOW = {
    "P": frozenset(("", "P", "F", "G")),
    "G": frozenset(("F", "G")),
    "F": frozenset(("", "P", "F")),
    "": frozenset(("", "P", "F", "G")),
}


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


def passed(place: Place, side: Sides) -> Place:
    """The digits, with the side that the path has come to where several positions are not yet mixed."""
    return tuple(
        digit._replace(side=side) if digit.kind in ("P", "F", "S") and digit.side else digit
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
    if axis.kind == "resized" and digit.kind in ("", "P", "F"):
        return (Digit(size, "S", digit.side or side),)
    if same_position(axis) and prod(each.size for each in place) == size:
        return place
    return (digit._replace(size=size),)


def read_by_all(places: Sequence[Place], rank: int) -> tuple[Place, ...]:
    """The digits of one position that stands for all those of a layer, as they read one operand alike.

    Each of the operand's `rank` axes is read from the layer's axis of its number, those for which the layer
    has none from its last one; a vector is read from where its channels are shown.
    """
    *axes, channels = places
    shown = [digit.side for digit in channels if digit.kind in ("S", "P") and digit.side]
    unsure = any(digit.kind in ("A", "G", "F") for digit in channels)
    held = Digit(1, "P", min(shown)) if shown else Digit(1, "A" if unsure else "")
    of_axes = [(merged(place)._replace(size=1),) for place in axes] or [(held,)]
    return tuple(of_axes[min(axis, len(of_axes) - 1)] for axis in range(rank))


@lru_cache(maxsize=4096)
def same_position(axis: Axis) -> bool:
    """Whether each output reads the position of its own number."""
    return axis.kind != "spread" and all(set(axis.reads(o)) == {o} for o in range(-3, 13))


def through_channels(place: Place, channels: Channels, size: int, side: Sides) -> Place:
    """The digits of an operand's channels, of `size`, from those of the output's.

    side: that the path has come to, by which it reaches channels that are mixed.
    """
    outputs = len(channels.table)
    if channels.kind == "each":
        if channels.table == tuple((c,) for c in range(size)):
            return place
        digit = _blurred(place)
        if size == 1 and outputs > 1 and digit.kind == "P":
            digit = digit._replace(kind="G")
        return (digit._replace(size=size),)
    if channels.kind == "window":
        return (_blurred(place)._replace(size=size),)
    if channels.groups == 1:
        # Read from several positions along any digit is read from several positions.
        several = [digit for digit in place if digit.kind != "A" and digit.side]
        if not several:
            return (_all_read(merged(place), size),)
        best = min(several, key=lambda digit: digit.side)
        return (_all_read(best if best.kind == "S" else best._replace(side=side), size),)
    shown = next((digit for digit in place if digit.kind == "S"), None)
    parts = cut(place, (channels.groups, outputs // channels.groups), _cut_digit, Digit(1))
    if parts is None:
        return (Digit(size, merged(place).kind if merged(place).kind in ("", "F") else "A"),)
    lead = merged(parts[0])._replace(size=channels.groups)
    rest = shown or merged(parts[1])._replace(size=outputs // channels.groups)
    return lead, _all_read(rest, size // channels.groups)


def all_alike(place: Place, kinds: Sequence[str] = ("F",)) -> Place:
    """The digits of channels that all see the same, where it is a matter of words whether positions do."""
    return tuple(
        digit._replace(kind="A") if digit.kind in kinds and not digit.side else digit for digit in place
    )


def _blurred(place: Place) -> Digit:
    """One digit for channels of which others are read; "A" where the digits they had differ."""
    digit = merged(place)
    return digit if {each.kind for each in place if each.size > 1} <= {digit.kind} else Digit(digit.size, "A")


def _all_read(rest: Digit, size: int) -> Digit:
    if size == 1 and rest.size == 1:
        return rest._replace(size=1)
    if rest.kind == "A":
        return Digit(size, "A")
    return Digit(size, "G", rest.side) if rest.side else Digit(size, "F")


def through_rearranged(
    places: Sequence[Place], reading: Rearranged, operand: tuple[int, ...], shown: bool
) -> tuple[Place, ...]:
    """The digits of all places of an operand whose elements were put elsewhere.

    shown: channels become positions further on.
    """
    if reading.flat is not None:
        kinds = {digit.kind for place in places for digit in place if digit.size > 1}
        kind = kinds.pop() if len(kinds) == 1 else "A"
        kind = kind if kind in ("", "F") else "A"
        return tuple((Digit(size, kind if size > 1 else "A"),) for size in operand)
    known: dict[int, Place] = {}
    for place, ids in zip(places, reading.output, strict=True):
        sizes = [reading.sizes[number] for number in ids]
        parts = cut(place, sizes, _cut_digit, Digit(1))
        if parts is None:
            kind = merged(place).kind if merged(place).kind in ("", "F") else "A"
            parts = [(Digit(size, kind),) for size in sizes]
        known.update(zip(ids, parts, strict=True))
    # What is made of the operand's channels: where it is seen at several positions, so is an axis of one.
    made = [digit for number in reading.operand[-1] for digit in known[number]]
    made += [digit for digit in places[-1] if digit.kind == "S"]
    several = [digit.side for digit in made if digit.kind != "A" and digit.side]
    result: list[Place] = []
    for number, ids in enumerate(reading.operand):
        # One position that became a channel, of which others have become positions, is none of them or all.
        shuffled = several or any(digit.kind == "A" for digit in made)
        moved = shuffled and number < len(places) - 1 and set(ids) <= set(reading.output[-1])
        if ids and not (moved and operand[number] == 1):
            found = _fewest([digit for each in ids for digit in known[each]])
            # Channels do not run on: one of them leads nothing.
            single = len(found) > 1 and found[0] == Digit(1) and ids[0] in reading.output[-1]
            result.append(found[1:] if single else found)
        elif several and not ids and all(size == 1 for size in operand[:-1]):
            result.append((Digit(1, "S", min(several)),))
        else:
            # Of one position beside others, it is a matter of taste whether they are positions of its axis.
            elsewhere = number < len(places) - 1 and any(digit.size > 1 for digit in places[number])
            spread = any(digit.kind in ("G", "A") for digit in (*made, *places[-1]))
            # So it is of a vector that is made a map: perhaps no more than the other axes come back.
            unsure = several or elsewhere or spread or (shown and len(places) == 1)
            result.append((Digit(1, "A" if unsure else ""),))
    return tuple(result)


def _fewest(digits: Sequence[Digit]) -> Place:
    """The same digits, with neighbours of which the same is to be said as one."""
    result: list[Digit] = []
    for digit in digits:
        alike = bool(result) and digit[1:] == result[-1][1:]
        result.append(digit._replace(size=digit.size * result.pop().size) if alike else digit)
    return tuple(result)


def _cut_digit(digit: Digit, size: int) -> tuple[Digit, Digit]:
    lead = digit._replace(size=digit.size // size)
    if digit.kind == "F" and digit.side and lead.size == 1 < size:
        # Of one value that leads what is read several times it is a matter of taste whether it is several.
        lead = Digit(1, "A")
    return lead, digit._replace(size=size)
