"""How the energy of a unit's gradient lies along one axis of the input, and what reading makes of it.

Energy is the expected squared gradient at initialisation.  Unit q·P + φ has that of phase φ, moved by
q·shift.  A window adds moved copies, so that whoever goes through a network from its input pays for each
layer the length of its field and no more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from math import gcd, lcm, sqrt
from operator import add, mul

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.ops.axis_maps import MEANS, AxisMap, Window, count_of, tap_energies
from rfcalc.records import NamedTuple

# The shares of the energy whose widths are told, in percent.
SHARES = (50, 68, 95, 99)
# Numbers added for one network: a few seconds.
MOST_ADDITIONS = 2**24
# What a phase costs besides, in additions.
_PHASE = 64
# Beyond it sums are scaled, so that no chain of windows is too long for a float.
_LARGE = 1e100
# What sums of the same numbers in another order may differ by.
_ROUNDING = 1e-9


class DensityFigures(NamedTuple):
    """What is told of a density; of several phases that see something the least and the most.

    of_phases: for each phase, and each of SHARES, the positions of the shortest interval that leaves out at
        most half of the rest on either side; a phase that sees nothing has 0.
    sigma: the standard deviation, in positions.  centre: the mean position of the first unit that sees
        anything, moved back to unit 0.  firsts: where its intervals begin, moved back so too.
    """

    of_phases: tuple[tuple[int, ...], ...]
    sigma: tuple[float, float]
    centre: float
    firsts: tuple[float, ...]

    @property
    def widths(self) -> tuple[tuple[int, int], ...]:
        """For each of SHARES the least and the most over the phases."""
        return tuple([(min(of_share), max(of_share)) for of_share in zip(*self.of_phases, strict=True)])


class Phase(NamedTuple):
    """The energies from a first position on; none for a phase that sees nothing."""

    low: int
    energies: list[float]


class Density:
    """The energies of the units along one axis.

    shift: positions from a unit to the one a period later; 0 for units that all see the same.
    phases: one for each unit of a period.  total: the mean over phases of the sums, which the energies are
    to be divided by.  even: whether all phases have the same sum.
    """

    def __init__(self, shift: int, phases: Sequence[Phase], total: float = 0.0) -> None:
        sums = [total] if total else [sum(phase.energies) for phase in phases]
        self.shift = shift
        self.phases = tuple(phases)
        self.total = sum(sums) / len(sums)
        self.even = max(sums) - min(sums) <= _ROUNDING * self.total

    @property
    def period(self) -> int:
        """The number of phases."""
        return len(self.phases)

    @cached_property
    def figures(self) -> DensityFigures | None:
        """What is told of it; None where no phase sees anything."""
        found = [
            (number, *_moments(phase)) for number, phase in enumerate(self.phases) if any(phase.energies)
        ]
        if not found:
            return None
        number, centre, _ = found[0]
        sigmas = [sigma for _, _, sigma in found]
        intervals = [*map(_intervals, self.phases)]
        moved = number * self.shift / self.period
        return DensityFigures(
            tuple([tuple([width for _, width in each]) for each in intervals]),
            (min(sigmas), max(sigmas)),
            # Rounding errors of symmetric sums are no distance.
            round(centre - moved, 9) + 0.0,
            tuple([first - moved for first, _ in intervals[number]]),
        )


# Each position of the input has its own energy alone.
OWN = Density(1, (Phase(0, [1.0]),), 1.0)


class Additions:
    """What a network may still cost; raises OutOfReachError once that is spent."""

    def __init__(self, limit: int = MOST_ADDITIONS) -> None:
        self._left = limit

    def spend(self, additions: int) -> None:
        """Charge so many numbers that are added."""
        self._left -= additions
        if self._left < 0:
            raise OutOfReachError("the energies of this network are too many to be added")


def through(density: Density, taps: AxisMap, effort: Additions) -> tuple[Density, float]:
    """The density behind a reading, and how many times as much energy it has in the mean.

    Raises OutOfReachError.
    """
    if density.shift == 0:
        # A map of one position: of its taps that one alone is no padding.
        read = taps.taps(0)
        effort.spend(_PHASE + count_of(read))
        return density, tap_energies(taps, 0)[read.index(0)] if 0 in read else 0.0
    if density.period == 1 and isinstance(taps, Window):
        low, energies = density.phases[0]
        first, kernel = taps.taps(0).start, taps.kernel
        if kernel == 1:
            return Density(
                density.shift * taps.stride, (Phase(low + first * density.shift, energies),), density.total
            ), 1.0
        step = taps.dilation * density.shift
        effort.spend(2 * kernel.bit_length() * (len(energies) + (kernel - 1) * step))
        summed = windowed(energies, kernel, step)
        total = density.total * kernel
        if total > _LARGE:
            summed, total = [each / total for each in summed], 1.0
        phases = (Phase(low + first * density.shift, summed),)
        each = 1.0 if taps.weights == "copied" else 1 / kernel**2 if taps.weights in MEANS else 1 / kernel
        return Density(density.shift * taps.stride, phases, total), kernel * each
    common = gcd(density.period, taps.shift)
    period = taps.period * density.period // common
    effort.spend(_PHASE * period)
    made = []
    for unit in range(period):
        turn, phase = divmod(unit, taps.period)
        read = taps.taps(phase)
        effort.spend(count_of(read))
        parts = []
        for tap, energy in zip(read, tap_energies(taps, phase), strict=True):
            turns, place = divmod(turn * taps.shift + tap, density.period)
            low, energies = density.phases[place]
            if energies:
                parts.append((low + turns * density.shift, energies, energy / density.total))
        made.append(_summed(parts, effort))
    result = Density(density.shift * taps.shift // common, made)
    return result, result.total


def over_all(density: Density, length: int, effort: Additions) -> Density:
    """What a unit sees that reads so many positions alike, as a density that does not depend on the unit.

    Raises OutOfReachError.
    """
    if density.shift == 0:
        return density
    if density.period > 1:
        effort.spend(length)
        parts = []
        for unit in range(length):
            turns, place = divmod(unit, density.period)
            low, energies = density.phases[place]
            if energies:
                parts.append((low + turns * density.shift, energies, 1 / density.total))
        return Density(0, (_summed(parts, effort),))
    behind, _ = through(density, Window(length, weights="copied"), effort)
    return Density(0, behind.phases, behind.total)


def joined(parts: Sequence[tuple[Density, float]], effort: Additions) -> Density:
    """Several densities, each with a weight; raises OutOfReachError where their units do not keep pace."""
    parts = [(density, weight) for density, weight in parts if weight > 0] or list(parts)
    first = parts[0][0]
    if all(density is first for density, _ in parts):
        return first
    period = lcm(*(density.period for density, _ in parts))
    shifts = {density.shift * (period // density.period) for density, _ in parts}
    if len(shifts) > 1:
        raise OutOfReachError("branches that advance at different rates meet")
    effort.spend(period)
    made = []
    for unit in range(period):
        seen = []
        for density, weight in parts:
            turns, place = divmod(unit, density.period)
            low, energies = density.phases[place]
            if energies:
                seen.append((low + turns * density.shift, energies, weight / density.total))
        made.append(_summed(seen, effort))
    return Density(shifts.pop(), made, sum(weight for _, weight in parts) if period == 1 else 0.0)


def standing(density: Density) -> Density:
    """The density of unit 0 alone, of a map of one position."""
    return density if density.shift == 0 else Density(0, density.phases[:1])


def windowed(energies: list[float], kernel: int, step: int) -> list[float]:
    """The sum of so many copies, each moved by `step` from the last."""
    # As the digits of the kernel have it: twice as many copies are those there are, and those again behind.
    result, copies = energies, 1
    for digit in f"{kernel:b}"[1:]:
        result = _plus(result, result, copies * step)
        copies *= 2
        if digit == "1":
            result = _plus(result, energies, copies * step)
            copies += 1
    return result


def _plus(one: list[float], two: list[float], moved: int) -> list[float]:
    """The sum of two lists of which the second begins so many positions later."""
    if moved >= len(one):
        return [*one, *[0.0] * (moved - len(one)), *two]
    both = list(map(add, one[moved:], two))
    return one[:moved] + both + (one[moved + len(two) :] or two[len(both) :])


def _summed(parts: Sequence[tuple[int, list[float], float]], effort: Additions) -> Phase:
    """The sum of lists that begin at a first position, each times a factor."""
    if not parts:
        return Phase(0, [])
    low = min(first for first, _, _ in parts)
    high = max(first + len(energies) for first, energies, _ in parts)
    if len(parts) == 1:
        effort.spend(high - low)
        factor = parts[0][2]
        return Phase(low, parts[0][1] if factor == 1 else [each * factor for each in parts[0][1]])
    effort.spend(sum(len(energies) for _, energies, _ in parts) + high - low)
    result = [0.0] * (high - low)
    for first, energies, factor in parts:
        start, stop = first - low, first - low + len(energies)
        scaled = [each * factor for each in energies]
        result[start:stop] = map(add, result[start:stop], scaled)
    return Phase(low, result)


def _moments(phase: Phase) -> tuple[float, float]:
    """The mean position and the standard deviation."""
    energies = phase.energies
    total, middle = sum(energies), len(energies) // 2
    places = range(-middle, len(energies) - middle)
    weighted = list(map(mul, places, energies))
    mean = sum(weighted) / total
    variance = sum(map(mul, places, weighted)) / total - mean * mean
    return phase.low + middle + mean, sqrt(max(variance, 0.0))


def _intervals(phase: Phase) -> list[tuple[int, int]]:
    """For SHARES the first position and the width of the shortest interval."""
    if not any(phase.energies):
        return [(phase.low, 0)] * len(SHARES)
    before, behind = list(accumulate(phase.energies)), list(accumulate(reversed(phase.energies)))
    rests = [before[-1] * ((100 - share) / 200 + _ROUNDING) for share in SHARES]
    ends = [(bisect_right(before, rest), len(before) - bisect_right(behind, rest)) for rest in rests]
    return [(phase.low + first, last - first) for first, last in ends]
