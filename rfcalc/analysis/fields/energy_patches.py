"""Arrays of energies of a map, and what is handed on to an operand for them: the steps of a way back.

An array has one dimension for each axis; an entry is the energy of all channels of a position together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.patches import ONE_BY_ONE, PatchEffort, known, repeated
from rfcalc.ops.axis_maps import (
    MEANS,
    AxisMap,
    Resample,
    Window,
    count_of,
    tap_coefficients,
    tap_energies,
    taps_of,
)
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    Energies: TypeAlias = NDArray[np.float64]


class EnergyPatch(NamedTuple):
    """The energies of some positions of one node: `energies[i]` is that of the position origin + i."""

    origin: tuple[int, ...]
    energies: Energies

    @property
    def total(self) -> float:
        """All of it."""
        return float(self.energies.sum())


def empty(shape: Sequence[int], budget: PatchEffort) -> Energies:
    """No energy at so many positions.  Raises OutOfReachError."""
    import numpy as np

    size = 1
    for length in shape:
        size *= length
    budget.room(size)
    return np.zeros(shape, dtype=np.float64)


def both(one: EnergyPatch, two: EnergyPatch, budget: PatchEffort) -> EnergyPatch:
    """The sum of two patches of one node."""
    if one.origin == two.origin and one.energies.shape == two.energies.shape:
        budget.take(one.energies.size)
        return EnergyPatch(one.origin, one.energies + two.energies)
    patches = (one, two)
    lows = tuple(map(min, *(patch.origin for patch in patches)))
    ends = [
        max(low + length for low, length in sides)
        for sides in zip(*(zip(*_sides(patch), strict=True) for patch in patches), strict=True)
    ]
    result = empty([end - low for low, end in zip(lows, ends, strict=True)], budget)
    for patch in patches:
        place = tuple(
            slice(low - start, low - start + length)
            for low, length, start in zip(*_sides(patch), lows, strict=True)
        )
        result[place] += patch.energies
    return EnergyPatch(lows, result)


def _sides(patch: EnergyPatch) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return patch.origin, patch.energies.shape


def cut(
    patch: EnergyPatch, sizes: Sequence[Size], budget: PatchEffort
) -> tuple[EnergyPatch, EnergyPatch | None]:
    """The part of a patch inside its map of some lengths, and what lies outside, if any."""
    starts = [max(0, -low) for low in patch.origin]
    stops = [
        max(start, min(length, known(size) - low))
        for start, length, size, low in zip(starts, patch.energies.shape, sizes, patch.origin, strict=True)
    ]
    if not any(starts) and stops == list(patch.energies.shape):
        return patch, None
    place = tuple(map(slice, starts, stops))
    inner = EnergyPatch(tuple(map(int.__add__, patch.origin, starts)), patch.energies[place])
    budget.room(patch.energies.size)
    rest = patch.energies.copy()
    rest[place] = 0.0
    return inner, EnergyPatch(patch.origin, rest) if rest.any() else None


def along(
    patch: EnergyPatch, axis: int, taps: AxisMap, size: Size, clipped: bool, budget: PatchEffort
) -> EnergyPatch:
    """What is handed on along one axis, which stays where it is; clipped: by units of a map that has borders.

    Padding with zeros is handed energy all the same, which is for `cut` to take.  Raises OutOfReachError.
    """
    import numpy as np

    origin, moved = patch.origin[axis], np.moveaxis(patch.energies, axis, 0)
    low, result = origin, moved
    at_border: dict[int, list[tuple[int, float]]] = {}
    if clipped:
        at_border = _at_border(origin, len(moved), taps, known(size), budget)
        if at_border:
            moved = moved.copy()
            moved[[unit - origin for unit in at_border]] = 0.0
    if taps.period == 1:
        low, result = _in_step(origin, moved, taps, budget)
    else:
        low, result = _by_phase(origin, moved, taps, budget)
    places = [place for read in at_border.values() for place, _ in read]
    if places:
        first, stop = min(low, *places), max(low + len(result), max(places) + 1)
        if (first, stop) != (low, low + len(result)):
            longer = empty([stop - first, *result.shape[1:]], budget)
            longer[low - first : low - first + len(result)] = result
            low, result = first, longer
        before = np.moveaxis(patch.energies, axis, 0)
        for unit, read in at_border.items():
            for place, energy in read:
                budget.take(before[0].size)
                result[place - low] += energy * before[unit - origin]
    starts = (*patch.origin[:axis], low, *patch.origin[axis + 1 :])
    return EnergyPatch(starts, np.moveaxis(result, 0, axis))


def _at_border(
    origin: int, length: int, taps: AxisMap, size: int, budget: PatchEffort
) -> dict[int, list[tuple[int, float]]]:
    """Of the units that read past a border that is no zeros the positions they read, with their energies."""
    border = taps.border if isinstance(taps, Window) else "zero"
    largest, clamped = taps.weights == "maximum", isinstance(taps, Resample)
    counted = _counted(taps, size)
    if border == "zero" and not largest and not clamped and counted is None:
        return {}
    found: dict[int, list[tuple[int, float]]] = {}
    for units in (range(origin, origin + length), range(origin + length - 1, origin - 1, -1)):
        for unit in units:
            budget.take(ONE_BY_ONE)
            read = taps_of(taps, unit)
            if unit in found or count_of(read) == 0:
                continue
            if read.start >= 0 and read[-1] < size:
                # Units further inside read further inside.
                break
            if largest and border == "zero":
                # What is padded never wins.
                inner = [place for place in read if 0 <= place < size]
                found[unit] = [(place, 1 / len(inner)) for place in inner]
            elif counted is not None:
                among = [place for place in read if place in counted]
                found[unit] = [(place, 1 / len(among) ** 2) for place in among]
            elif clamped:
                coefficients = [float(each) for each in tap_coefficients(taps, unit % taps.period)]
                together: dict[int, float] = {}
                for place, coefficient in zip(read, coefficients, strict=True):
                    inner_place = repeated(place, size, "replicate")
                    together[inner_place] = together.get(inner_place, 0.0) + coefficient
                found[unit] = [(place, coefficient**2) for place, coefficient in together.items()]
            else:
                energies = tap_energies(taps, unit % taps.period)
                found[unit] = [
                    (repeated(place, size, border), energy)
                    for place, energy in zip(read, energies, strict=True)
                ]
    return found


def _counted(taps: AxisMap, size: int) -> range | None:
    """The positions that a mean is over, where its window may hang over them; None where it cannot.

    Padding may be among them, but never what a last window that was rounded up has beyond it (PyTorch's
    AvgPool2d divides so).
    """
    if not isinstance(taps, Window) or taps.weights not in MEANS:
        return None
    if taps.weights == "inner average":
        return range(size)
    return range(-taps.before, size + taps.after) if taps.rounded_up else None


def _in_step(origin: int, moved: Energies, taps: AxisMap, budget: PatchEffort) -> tuple[int, Energies]:
    """What units hand on that all read alike."""
    only, each = taps.taps(0), tap_energies(taps, 0)
    kernel, low = count_of(only), origin * taps.shift + only.start
    length = (len(moved) - 1) * taps.shift + 1
    if taps.shift > 1:
        spaced = empty([length, *moved.shape[1:]], budget)
        spaced[:: taps.shift] = moved
    else:
        spaced = moved
    if kernel == 1:
        return low, spaced if each[0] == 1 else spaced * each[0]
    if each.count(each[0]) == kernel:
        result = empty([length + (kernel - 1) * only.step, *moved.shape[1:]], budget)
        result[:length] = spaced * each[0]
        _window(result, length, kernel, only.step, budget)
        return low, result
    result = empty([length + (kernel - 1) * only.step, *moved.shape[1:]], budget)
    for tap, energy in enumerate(each):
        budget.take(spaced.size)
        result[tap * only.step : tap * only.step + length] += energy * spaced
    return low, result


def _window(energies: Energies, length: int, count: int, step: int, budget: PatchEffort) -> None:
    """Add to the first entries of an array their copies `step`, 2·`step`, … on, `count` in all with them."""
    # As the digits of the count have it: twice as many copies are those there are, and those again behind.
    single = energies[:length].copy()
    made = 1
    for digit in f"{count:b}"[1:]:
        end = length + (made - 1) * step
        budget.take(2 * energies[:end].size)
        energies[made * step : made * step + end] += energies[:end].copy()
        made *= 2
        if digit == "1":
            energies[made * step : made * step + length] += single
            made += 1


def _by_phase(origin: int, moved: Energies, taps: AxisMap, budget: PatchEffort) -> tuple[int, Energies]:
    """What units hand on, all those of a phase at once."""
    import numpy as np

    length, period, shift = len(moved), taps.period, taps.shift
    parts = []
    for place in range(min(period, length)):
        budget.take(ONE_BY_ONE)
        read = taps_of(taps, origin + place)
        if count_of(read):
            units = moved[place::period]
            parts.append((units, read, tap_energies(taps, (origin + place) % period)))
    if not parts:
        return 0, np.zeros((0, *moved.shape[1:]), dtype=np.float64)
    low = min(read.start for _, read, _ in parts)
    high = max(read[-1] + (len(units) - 1) * shift for units, read, _ in parts)
    result = empty([high - low + 1, *moved.shape[1:]], budget)
    for units, read, energies in parts:
        for tap, energy in zip(read, energies, strict=True):
            budget.take(units.size)
            start = tap - low
            result[start : start + (len(units) - 1) * shift + 1 : shift] += energy * units
    return low, result
