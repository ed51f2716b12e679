"""How an operator's output axes relate to the axes of an operand."""

from __future__ import annotations

from functools import cache
from typing import Literal

from rfcalc.ops.axis_maps import IDENTITY, AxisMap
from rfcalc.records import NamedTuple

# Whose path a view of a whole axis is: the main one, or that of a gate or of statistics.
PathKind = Literal["main", "side"]


class Along(NamedTuple):
    """The operand's axis runs on as output axis `axis`, read through `taps`."""

    axis: int
    taps: AxisMap


class Collapsed(NamedTuple):
    """The output sees the whole axis, by definition and whatever its size, and has no rate along it.

    `axis` is the output axis of size 1 that is left, or None when none is.
    """

    axis: int | None = None


class Everything(NamedTuple):
    """Every output unit sees every position of the axis.

    That is so for attention and normalisation over space, and for an operand of size 1 that is
    broadcast back over positions.  `local` is what remains of the reading when the global path is
    left out (a normalised or attending unit still reads its own position); None when nothing does.
    `path` says whose path the global one is.
    """

    axis: int | None
    local: AxisMap | None = None
    path: PathKind = "main"


AxisReads = Along | Collapsed | Everything


def local_taps(read: AxisReads | None) -> AxisMap | None:
    """How an axis is read, a global path left out; None where no position is left or it is not known."""
    if read is None or isinstance(read, Collapsed):
        return None
    return read.taps if isinstance(read, Along) else read.local


@cache
def identity(rank: int) -> tuple[AxisReads, ...]:
    """Each output unit reads its own position, along each of `rank` axes."""
    return tuple(Along(axis, IDENTITY) for axis in range(rank))
