"""Which positions along an axis one output unit reads, and with which weights: phase-periodic tap sets.

Every operator's reading along one axis is periodic.  Output unit o = q·period + φ reads the input
positions q·shift + t for each tap t of phase φ.  A convolution has period 1 and shift = stride;
a transposed convolution has period = stride and shift 1; resampling n positions to m has period
m / gcd(n, m) and shift n / gcd(n, m).  The taps of one phase are an arithmetic progression, so a
Python `range` holds them whatever their number.

Each form keeps the promises of `AxisMap`, so nobody who follows a network asks which form it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import gcd
from typing import TYPE_CHECKING, Literal, Protocol

from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction
    from typing import TypeAlias

    # What a tap is multiplied by; a word where that is learned, or decided by the data.
    Coefficient: TypeAlias = "Fraction | Literal['learned', 'maximum']"

# How the positions that a unit reads are combined: passed on as they are, with learned weights (attention
# has weights that the data decides: they count as learned), averaged (also over those alone that are no
# padding), or the largest of them.
Weights = Literal["copied", "learned", "average", "inner average", "maximum"]
MEANS: tuple[Weights, ...] = ("average", "inner average")
# What a position outside the input holds: zeros carry nothing, the others repeat inner positions.
Border = Literal["zero", "reflect", "replicate", "circular"]


# How a value between positions is interpolated.
Method = Literal["nearest", "bilinear", "bicubic"]
# What a reading is called in texts about it.
ReadingName = Literal[
    "window", "one of", "moved", "shifted", "transposed", "repeat", "tile", "bins", "resample"
]


class Taps(Protocol):
    """Which positions of an axis each unit reads; period and shift: see the module."""

    @property
    def period(self) -> int: ...

    @property
    def shift(self) -> int: ...

    def taps(self, phase: int) -> range:
        """The input positions that output `phase` of the first period reads, in ascending order."""


class AxisMap(Taps, Hashable, Protocol):
    """How one output unit reads an axis.

    weights: how the taps are combined.
    """

    @property
    def description(self) -> tuple[ReadingName, Mapping[str, int | str]]:
        """What the reading is called in texts about it, and the numbers that go with that."""

    @property
    def weights(self) -> Weights: ...


class Window(NamedTuple):
    """A sliding window: output o reads o·stride − before + t·dilation for t in 0 … kernel − 1.

    `before` and `after` are the padding (negative: a crop), `border` what it holds.
    rounded_up: the number of windows is rounded up, as PyTorch's `ceil_mode` does it.
    """

    kernel: int
    stride: int = 1
    before: int = 0
    dilation: int = 1
    border: Border = "zero"
    weights: Weights = "learned"
    after: int = 0
    rounded_up: bool = False

    @property
    def description(self) -> tuple[ReadingName, Mapping[str, int | str]]:
        numbers = {
            "kernel": self.kernel,
            "dilation": self.dilation,
            "stride": self.stride,
            "shift": -self.before,
        }
        if self.kernel > 1:
            return "window", numbers
        return "one of" if self.stride > 1 else "moved" if self.before else "shifted", numbers

    @property
    def period(self) -> int:
        return 1

    @property
    def shift(self) -> int:
        return self.stride

    def taps(self, phase: int) -> range:
        """The input positions phase `phase` (here always 0) reads, relative to its period's start."""
        return range(-self.before, -self.before + self.kernel * self.dilation, self.dilation)

    def length(self, size: int) -> int:
        """The number of windows over so many positions."""
        reach = self.dilation * (self.kernel - 1) + 1
        room = size + self.before + self.after - reach
        if not self.rounded_up or self.stride == 1:
            return max(room // self.stride + 1, 0)
        number = -(-room // self.stride) + 1
        # A last window that would start past the input and the padding before it is dropped.
        return max(number - 1 if (number - 1) * self.stride >= size + self.before else number, 0)


class Transposed(NamedTuple):
    """A transposed window: output o reads (o + before − t·dilation) / stride where that is whole."""

    kernel: int
    stride: int
    before: int = 0
    dilation: int = 1
    weights: Weights = "learned"

    @property
    def description(self) -> tuple[ReadingName, Mapping[str, int | str]]:
        return "transposed", {"kernel": self.kernel, "stride": self.stride, "taps": most_taps(self)}

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
    def description(self) -> tuple[ReadingName, Mapping[str, int | str]]:
        return "repeat", {"factor": self.factor}

    @property
    def weights(self) -> Weights:
        return "copied"

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
    """Windows side by side: every output of a tile of `size` positions reads the whole tile.

    One of them begins at position `offset`.
    """

    size: int
    offset: int = 0

    @property
    def description(self) -> tuple[ReadingName, Mapping[str, int | str]]:
        return "tile", {"size": self.size}

    @property
    def weights(self) -> Weights:
        return "learned"

    @property
    def period(self) -> int:
        return self.size

    @property
    def shift(self) -> int:
        return self.size

    def taps(self, phase: int) -> range:
        """All positions of the tile that the phase stands in."""
        start = self.offset - self.size * (phase % self.size < self.offset)
        return range(start, start + self.size)


class Bins(NamedTuple):
    """Adaptive pooling of `size` positions to `bins`: output i reads floor(i·n/m) … ceil((i+1)·n/m) − 1."""

    size: int
    bins: int
    weights: Weights = "average"

    @property
    def description(self) -> tuple[ReadingName, Mapping[str, int | str]]:
        return "bins", {"size": self.size, "bins": self.bins}

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

    method: the position before it, the two neighbours ("bilinear" in any number of axes), or four.  A tap of
    weight 0 is not seen: a coordinate that is whole has one tap.
    """

    step: int
    start: int
    scale: int
    method: Method

    @property
    def description(self) -> tuple[ReadingName, Mapping[str, int | str]]:
        taps = most_taps(self)
        return "resample", {"taps": taps, "down": self.shift, "up": self.period, "method": self.method}

    @property
    def weights(self) -> Weights:
        return "copied"

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


def _cubic(distance: Fraction) -> Fraction:
    """Keys's kernel with a = −3/4.  Source: Keys 1981, Cubic convolution interpolation, equation 4."""
    if distance <= 1:
        return (5 * distance**3 - 9 * distance**2 + 4) / 4
    return -3 * (distance**3 - 5 * distance**2 + 8 * distance - 4) / 4


def tap_coefficients(taps: AxisMap, phase: int) -> tuple[Coefficient, ...]:
    """What each of the taps of a phase is multiplied by, in the same order.

    Interpolation has linear weights, or those of Keys's cubic with a = −3/4 (PyTorch's); else all taps of a
    phase are treated alike.
    """
    if taps.weights in ("learned", "maximum"):
        return (taps.weights,) * count_of(taps.taps(phase))
    from fractions import Fraction

    read = taps.taps(phase)
    if isinstance(taps, Resample) and len(read) > 1:
        place = Fraction(phase * taps.step + taps.start, taps.scale)
        distances = [abs(place - tap) for tap in read]
        return tuple([1 - each if taps.method == "bilinear" else _cubic(each) for each in distances])
    return (Fraction(1, len(read)) if taps.weights in MEANS else Fraction(1),) * len(read)


def tap_energies(taps: AxisMap, phase: int) -> tuple[float, ...]:
    """The expected squares of `tap_coefficients` at initialisation, but for what Facts.gain has of them.

    Learned weights are alike for all taps of a kernel, and together 1; a maximum is of each tap as often.
    """
    count = count_of(taps.taps(phase))
    if taps.weights == "learned":
        whole = taps.kernel if isinstance(taps, Window | Transposed) else count
        return (1 / whole,) * count
    if taps.weights == "maximum":
        return (1 / count,) * count
    return tuple([float(each) ** 2 for each in tap_coefficients(taps, phase) if not isinstance(each, str)])


def weighs_taps(taps: AxisMap) -> bool:
    """Whether several positions are read with weights that are learned."""
    return taps.weights == "learned" and most_taps(taps) > 1


def count_of(taps: range) -> int:
    """The number of taps; `len` refuses counts past the machine's word."""
    return max(0, (taps.stop - taps.start + taps.step - 1) // taps.step)


def taps_of(taps: Taps, unit: int) -> range:
    """The positions that a unit reads, in ascending order."""
    turn, phase = divmod(unit, taps.period)
    pattern, moved = taps.taps(phase), turn * taps.shift
    return range(pattern.start + moved, pattern.stop + moved, pattern.step)


def most_taps(taps: AxisMap) -> int:
    """The most positions that one unit reads."""
    return max(count_of(taps.taps(phase)) for phase in range(min(taps.period, MOST_PHASES)))


# An operator of more phases than this is not asked for what holds over all of them.
MOST_PHASES = 2**13


def extent_of(taps: AxisMap) -> int:
    """How far apart the outermost taps of one unit are, at most, in positions of the map it reads."""
    patterns = (taps.taps(phase) for phase in range(min(taps.period, MOST_PHASES)))
    return max(((count_of(each) - 1) * each.step for each in patterns if count_of(each)), default=0)


def centre_of(taps: AxisMap) -> Fraction | None:
    """How far the middle of what unit 0 reads lies from position 0, the mean over phases.

    Units are taken as evenly spaced, so that upsampling by repetition moves nothing by itself.  None
    where nothing is read, or where there are too many phases.
    """
    from fractions import Fraction

    if taps.period > MOST_PHASES:
        return None
    total, seeing = Fraction(0), 0
    for phase in range(taps.period):
        pattern = taps.taps(phase)
        count = count_of(pattern)
        if count:
            middle = pattern.start + Fraction((count - 1) * pattern.step, 2)
            total += middle - Fraction(phase * taps.shift, taps.period)
            seeing += 1
    return total / seeing if seeing else None


IDENTITY = Window(1, weights="copied")


def in_place(taps: AxisMap) -> bool:
    """Whether each output reads the one position where it is itself, whatever it is multiplied by."""
    return taps is IDENTITY or (
        taps.period == taps.shift == 1 and (only := taps.taps(0)).start == 0 and count_of(only) == 1
    )
