"""Elements of a layer in arrays, and what is read of them along an axis, in the channels, or elsewhere.

An array has a first axis for units, which are followed side by side, then positions, then channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from readings import Axis, Rearranged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.bool_]

Position = tuple[int, ...]

# The largest array that is made; a network that needs a larger one is left to others.
LARGEST = 2**25


class TooLargeError(Exception):
    """A sweep needs a larger array than enumeration should make."""


class Patch(NamedTuple):
    """Some elements of a node, for each unit: `seen[unit, i…, channel]` stands for position origin + i."""

    origin: Position
    seen: Array


def matrix(
    axis: Axis, part: str, size: int, clipped: bool, low: int, length: int
) -> tuple[int, NDArray[np.float32]] | None:
    """Whether output low + i reads operand position first + j, and first."""
    rows = []
    for o in range(low, low + length):
        if axis.kind in ("along", "resized"):
            read = set(axis.reads(o))
        elif axis.kind == "others":
            real = set(axis.real(o, size))
            read = real - {o} if part == "other" else real & {o} if part == "real" else {o}
        else:
            read = set(axis.real(o, size)) if axis.kind == "whole" else {0}
        if clipped:
            read = {shown for i in read for shown in _shown(i, size, axis.border)}
        rows.append(read)
    every = set().union(*rows)
    if not every:
        return None
    first = min(every)
    table = np.zeros((length, max(every) - first + 1), dtype=np.float32)
    for row, read in enumerate(rows):
        table[row, [i - first for i in read]] = 1
    return first, table


def _shown(position: int, size: int, border: str) -> tuple[int, ...]:
    """The real positions that a position shows: itself, or what lies at its place outside the map."""
    if 0 <= position < size:
        return (position,)
    if border == "replicate":
        return (min(max(position, 0), size - 1),)
    if border == "circular":
        return (position % size,)
    if border == "reflect":
        # 2 1 | 0 1 2 … n−1 | n−2 n−3, and so on.
        walk = [*range(size), *range(size - 2, 0, -1)]
        return (walk[position % len(walk)],)
    return ()


def channels_read(patch: Patch, table: tuple[tuple[int, ...], ...], channels: int) -> Patch | None:
    if table == tuple((c,) for c in range(channels)):
        return patch
    relation = np.zeros((len(table), channels), dtype=np.float32)
    for output, row in enumerate(table):
        relation[output, list(row)] = 1
    room((*patch.seen.shape[:-1], channels))
    seen = patch.seen.astype(np.float32) @ relation > 0
    return Patch(patch.origin, seen) if seen.any() else None


def rearranged(
    reading: Rearranged, patch: Patch, operand: tuple[int, ...], output: tuple[int, ...]
) -> tuple[Patch | None, Array]:
    """The elements that some elements were before, and the units of which one was none."""
    found = np.argwhere(patch.seen)
    units, coordinates = found[:, 0], found[:, 1:] + np.array([*patch.origin, 0], dtype=int)
    if reading.flat is not None:
        defined = np.all((coordinates >= 0) & (coordinates < np.array(output)), axis=1)
        inside = np.where(defined[:, None], coordinates, 0)
        flat = np.ravel_multi_index(tuple(inside.T), output)
        moved = np.stack(np.unravel_index(flat, operand), axis=1)
    else:
        moved, defined = _by_digits(reading, coordinates, operand)
    undefined = np.zeros(patch.seen.shape[0], dtype=np.bool_)
    undefined[units[~defined]] = True
    units, moved = units[defined], moved[defined]
    if not len(moved):
        return None, undefined
    low, high = moved[:, :-1].min(axis=0), moved[:, :-1].max(axis=0)
    array = empty((patch.seen.shape[0], *(high - low + 1).tolist(), operand[-1]))
    array[(units, *(moved[:, k] - low[k] for k in range(len(low))), moved[:, -1])] = True
    return Patch(tuple(low.tolist()), array), undefined


def _by_digits(
    reading: Rearranged, coordinates: NDArray[np.int64], operand: tuple[int, ...]
) -> tuple[NDArray[np.int64], Array]:
    """Coordinates taken apart into digits and put together otherwise, and whether that makes an element."""
    defined = np.ones(len(coordinates), dtype=np.bool_)
    values: dict[int, NDArray[np.int64]] = {}
    for place, ids in enumerate(reading.output):
        rest = coordinates[:, place]
        for number in ids[:0:-1]:
            values[number] = rest % reading.sizes[number]
            rest = rest // reading.sizes[number]
        if ids:
            values[ids[0]] = rest
        else:
            defined &= rest == 0
    moved = np.zeros((len(coordinates), len(operand)), dtype=np.int64)
    for place, ids in enumerate(reading.operand):
        for number in ids:
            moved[:, place] = moved[:, place] * reading.sizes[number] + values[number]
            if place == len(operand) - 1 or number != ids[0]:
                # Channels are never extended, nor is what goes on with the next value of a larger digit.
                defined &= (values[number] >= 0) & (values[number] < reading.sizes[number])
    return moved, defined


def union(one: Patch, two: Patch) -> Patch:
    low = tuple(map(min, one.origin, two.origin))
    ends = [
        max(a + n, b + m)
        for a, n, b, m in zip(one.origin, one.seen.shape[1:], two.origin, two.seen.shape[1:], strict=False)
    ]
    shape = tuple(end - start for end, start in zip(ends, low, strict=True))
    result = empty((one.seen.shape[0], *shape, one.seen.shape[-1]))
    for origin, seen in (one, two):
        place = tuple(
            slice(a - start, a - start + n) for a, start, n in zip(origin, low, seen.shape[1:], strict=False)
        )
        result[(slice(None), *place)] |= seen
    return Patch(low, result)


def trimmed(patch: Patch) -> Patch:
    """The same elements in an array as small as they allow."""
    seen, origin = patch.seen, list(patch.origin)
    for k in range(len(origin)):
        along = np.flatnonzero(seen.any(axis=tuple(other for other in range(seen.ndim) if other != k + 1)))
        seen = seen[(slice(None),) * (k + 1) + (slice(along[0], along[-1] + 1),)]
        origin[k] += int(along[0])
    return Patch(tuple(origin), seen)


def empty(shape: tuple[int, ...]) -> Array:
    room(shape)
    return np.zeros(shape, dtype=np.bool_)


def room(shape: Sequence[int]) -> None:
    entries = 1
    for length in shape:
        entries *= length
    if entries > LARGEST:
        raise TooLargeError(f"an array of {'x'.join(map(str, shape))} entries")
