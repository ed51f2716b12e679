"""Finite sets of integer positions: where along one axis a unit looks.

Most supports of ordinary networks are intervals without holes, so an interval is two integers and
every operation on it takes constant time.  A support with holes carries a bit mask as well, in one
Python integer; unions then cost a few big-integer operations, never one step per position.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rfcalc.records import NamedTuple

# The longest mask that is kept, in bits.  Past it the two ends stay exact and the holes are unknown.
MASK_BITS = 2**20

# The mask of a support whose holes are unknown.  A true mask always has bit 0 set, so 0 is free.
UNKNOWN_HOLES = 0


class Support(NamedTuple):
    """The positions low … high, or those of them that the mask names.

    mask: None when every position between the ends belongs to the set; else bit i stands for the
    position low + i and the first and last bits are set; UNKNOWN_HOLES when only the ends are known.
    """

    low: int
    high: int
    mask: int | None = None

    @property
    def span(self) -> int:
        """The number of positions from end to end."""
        return self.high - self.low + 1

    @property
    def holes(self) -> int | None:
        """How many positions between the ends are missing; None when that is unknown."""
        if self.mask is None:
            return 0
        return None if self.mask == UNKNOWN_HOLES else self.span - self.mask.bit_count()

    def shifted(self, distance: int) -> Support:
        """The same set, `distance` positions further on."""
        return Support(self.low + distance, self.high + distance, self.mask) if distance else self

    def positions(self) -> Iterator[int]:
        """The members in ascending order; when the holes are unknown, everything between the ends."""
        for offset in range(self.span):
            if not self.mask or self.mask >> offset & 1:
                yield self.low + offset


def progression(support: Support, step: int, count: int, mask_bits: int = MASK_BITS) -> Support:
    """The union of `count` ≥ 1 copies of a support, each `step` ≥ 0 positions after the one before.

    Constant time when the result has no holes, else about log2(count) operations on masks.
    """
    if count == 1 or step == 0:
        return support
    low, high, mask = support
    end = high + step * (count - 1)
    if mask is None and step <= high - low + 1:
        return Support(low, end)
    if mask == UNKNOWN_HOLES or end - low >= mask_bits:
        return Support(low, end, UNKNOWN_HOLES)
    copies = (1 << high - low + 1) - 1 if mask is None else mask
    made = 1
    while 2 * made <= count:
        copies |= copies << made * step
        made *= 2
    # The last copies overlap those already made; a union does not mind.
    copies |= copies << (count - made) * step
    return _from_mask(low, end, copies)


def union(supports: Sequence[Support | None], mask_bits: int = MASK_BITS) -> Support | None:
    """The union of some supports, None standing for the empty set."""
    # Each support is named once: the copies of one support are the ordinary case in a join.
    present = list(dict.fromkeys(support for support in supports if support is not None))
    if len(present) < 2:
        return present[0] if present else None
    low = min(support.low for support in present)
    high = max(support.high for support in present)
    if _covered(present, low, high):
        return Support(low, high)
    if high - low >= mask_bits or any(support.mask == UNKNOWN_HOLES for support in present):
        return Support(low, high, UNKNOWN_HOLES)
    members = 0
    for start, end, mask in present:
        members |= ((1 << end - start + 1) - 1 if mask is None else mask) << start - low
    return _from_mask(low, high, members)


def _covered(supports: list[Support], low: int, high: int) -> bool:
    """Whether the supports without holes alone fill the whole interval."""
    reached = low - 1
    for support in sorted(support for support in supports if support.mask is None):
        if support.low > reached + 1:
            return False
        reached = max(reached, support.high)
    return reached == high


def _from_mask(low: int, high: int, mask: int) -> Support:
    full = mask & mask + 1 == 0
    return Support(low, high, None if full else mask)
