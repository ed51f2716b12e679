"""Which positions along an axis one output unit reads: phase-periodic tap sets.

Every operator's reading along one axis is periodic.  Output unit o = q·period + φ reads the input
positions q·shift + t for each tap t of phase φ.  A convolution has period 1 and shift = stride;
a transposed convolution has period = stride and shift 1; resampling n positions to m has period
m / gcd(n, m) and shift n / gcd(n, m).  The taps of one phase are an arithmetic progression, so a
Python `range` holds them whatever their number.
"""

from __future__ import annotations

from math import gcd
from typing import NamedTuple


class Window(NamedTuple):
    """A sliding window: output o reads o·stride − before + t·dilation for t in 0 … kernel − 1.

    `before` is the padding in front (negative: a crop).  `border` says what a position outside the
    input holds: "zero" carries nothing, "reflect", "replicate" and "circular" repeat inner positions.
    """

    kernel: int
    stride: int = 1
    before: int = 0
    dilation: int = 1
    border: str = "zero"

    @property
    def period(self) -> int:
        return 1

    @property
    def shift(self) -> int:
        return self.stride

    def taps(self, phase: int) -> range:
        """The input positions phase `phase` (here always 0) reads, relative to its period's start."""
        return range(-self.before, -self.before + self.kernel * self.dilation, self.dilation)


class Transposed(NamedTuple):
    """A transposed window: output o reads (o + before − t·dilation) / stride where that is whole."""

    kernel: int
    stride: int
    before: int = 0
    dilation: int = 1

    @property
    def period(self) -> int:
        return self.stride

    @property
    def shift(self) -> int:
        return 1

    def taps(self, phase: int) -> range:
        """The input positions read by output `phase` of a period; empty when the kernel skips it."""
        # t·dilation ≡ phase + before (mod stride): solutions are one residue class, or none.
        common = gcd(self.dilation, self.stride)
        target = phase + self.before
        if target % common:
            return range(0)
        modulus = self.stride // common
        if modulus == 1:
            first = 0
        else:
            inverse = pow(self.dilation // common, -1, modulus)
            first = (target // common) * inverse % modulus
        if first >= self.kernel:
            return range(0)
        count = (self.kernel - 1 - first) // modulus + 1
        step = self.dilation // common
        highest = (target - first * self.dilation) // self.stride
        return range(highest - (count - 1) * step, highest + 1, step)


class Repeat(NamedTuple):
    """Depth to space: `factor` neighbouring outputs read the same input position."""

    factor: int

    @property
    def period(self) -> int:
        return self.factor

    @property
    def shift(self) -> int:
        return 1

    def taps(self, phase: int) -> range:
        """Position 0, whatever the phase."""
        return range(1)


class Tile(NamedTuple):
    """Windows side by side: every output of a tile of `length` positions reads the whole tile."""

    length: int

    @property
    def period(self) -> int:
        return self.length

    @property
    def shift(self) -> int:
        return self.length

    def taps(self, phase: int) -> range:
        """All positions of the tile, whatever the phase."""
        return range(self.length)


class Bins(NamedTuple):
    """Adaptive pooling of `size` positions to `bins`: output i reads floor(i·n/m) … ceil((i+1)·n/m) − 1."""

    size: int
    bins: int

    @property
    def period(self) -> int:
        return self.bins // gcd(self.size, self.bins)

    @property
    def shift(self) -> int:
        return self.size // gcd(self.size, self.bins)

    def taps(self, phase: int) -> range:
        """The bin of output `phase`."""
        return range(phase * self.size // self.bins, -(-(phase + 1) * self.size // self.bins))


class Resample(NamedTuple):
    """Interpolation at the input coordinate (o·step + start) / scale, in exact arithmetic.

    `method` is "nearest" (floor), "bilinear" (the two neighbours; "linear" in any number of axes)
    or "bicubic" (four).  A tap of weight 0 is not seen: a coordinate that is whole has one tap.
    """

    step: int
    start: int
    scale: int
    method: str

    @property
    def period(self) -> int:
        return self.scale // gcd(self.step, self.scale)

    @property
    def shift(self) -> int:
        return self.step // gcd(self.step, self.scale)

    def taps(self, phase: int) -> range:
        """The input positions with a weight other than 0 at output `phase`."""
        base, rest = divmod(phase * self.step + self.start, self.scale)
        if self.method == "nearest" or rest == 0:
            return range(base, base + 1)
        if self.method == "bilinear":
            return range(base, base + 2)
        return range(base - 1, base + 3)


AxisMap = Window | Transposed | Repeat | Tile | Bins | Resample

IDENTITY = Window(1)


class Along(NamedTuple):
    """The operand's axis runs on as output axis `axis`, read through `taps`."""

    axis: int
    taps: AxisMap


class Collapsed(NamedTuple):
    """One window as large as the map: the output sees the whole axis and has no rate along it.

    `axis` is the output axis of size 1 that is left, or None when none is.
    """

    axis: int | None = None


class Everything(NamedTuple):
    """Every output unit sees every position of the axis.

    That is so for attention and normalisation over space, and for an operand of size 1 that is
    broadcast back over positions.  `local` is what remains of the reading when the global path is
    left out (a normalised or attending unit still reads its own position); None when nothing does.
    """

    axis: int | None
    local: AxisMap | None = None


AxisReads = Along | Collapsed | Everything


def identity(rank: int) -> tuple[AxisReads, ...]:
    """Each output unit reads its own position, along each of `rank` axes."""
    return tuple(Along(axis, IDENTITY) for axis in range(rank))
