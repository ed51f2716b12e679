"""Where a value stands along the side of a panel, and which values are named there.

All renderers ask here, so that one chart has the same numbers beside its axes wherever it is drawn.
"""

from __future__ import annotations

from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.report.chart import Scale

# How many places are named, wherever a chart is drawn.
_MOST_TICKS = 6
# Beyond this many decades between the ends a logarithm has no round numbers but powers of ten.
_DECADES_OF_MULTIPLES = 2.2
# Numbers from here on are written with a prefix.
_LONG = 10_000
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


class Tick(NamedTuple):
    """A place with a name along the side of a panel."""

    value: float
    label: str


class ScaleSide(NamedTuple):
    """A scale whose ends are two different finite numbers: what a value can be placed on."""

    low: float
    high: float
    logarithmic: bool

    def place(self, value: float) -> float:
        """The place of a value, as a fraction from 0 at `low` to 1 at `high`; nan where it has none."""
        if not isfinite(value) or (self.logarithmic and value <= 0):
            return float("nan")
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = log10(low), log10(high), log10(value)
        # Halves, as the difference of two finite numbers may be none.
        return (value / 2 - low / 2) / (high / 2 - low / 2)

    def value(self, place: float) -> float:
        """The value at a fraction of the side."""
        if self.logarithmic:
            return float(10 ** (log10(self.low) + place * (log10(self.high) - log10(self.low))))
        return self.low + place * (self.high - self.low)


def side_of(scale: Scale) -> ScaleSide:
    """The side of a scale; where its ends are no different finite numbers, one around what there is."""
    low, high, logarithmic = float(scale.low), float(scale.high), scale.logarithmic
    if not (isfinite(low) and isfinite(high)):
        low, high = (low, low) if isfinite(low) else (high, high) if isfinite(high) else (0.0, 1.0)
    if low > high:
        low, high = high, low
    if logarithmic and low <= 0:
        logarithmic = False
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        around = (low / 2, low * 2) if logarithmic else (low - (abs(low) or 1) / 2, low + (abs(low) or 1) / 2)
        low, high = around
    return ScaleSide(low, high, logarithmic)


def ticks_of(scale: Scale) -> tuple[Tick, ...]:
    """The places that are named, from the lowest: those of the scale, or some round numbers.

    Of the scale's own names none is left out: whoever draws leaves out those that would overlap.
    """
    if scale.bare:
        return ()
    side = side_of(scale)
    if scale.ticks:
        own = sorted(scale.ticks)
        return tuple(
            Tick(float(value), name) for value, name in own if -1e-9 <= side.place(value) <= 1 + 1e-9
        )
    values = _round_numbers(side, _MOST_TICKS, scale.whole)
    labels = (
        named_numbers(values) if not side.logarithmic else [named_numbers([value])[0] for value in values]
    )
    return tuple(Tick(value, label) for value, label in zip(values, labels, strict=True))


def _round_numbers(side: ScaleSide, most: int, whole: bool) -> list[float]:
    if side.logarithmic:
        decades = log10(side.high) - log10(side.low)
        found = _powers(side, most, decades)
        found = [value for value in found if not whole or value >= 1]
        if len(found) >= 3 or decades > 1:
            return found
    return _multiples(side.low, side.high, most, whole)


def _multiples(low: float, high: float, most: int, whole: bool) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, as many as there may be."""
    span = high - low
    exponent = floor(log10(span / most)) if isfinite(span) else 300
    for power in range(exponent, exponent + 4):
        for factor in (1, 2, 5):
            step = factor * 10.0**power
            if whole and step < 1:
                continue
            first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
            if last - first + 1 <= most:
                # As decimal fractions are: 3 · 0.1 is not 0.3.
                return [round(number * step, max(0, -power)) + 0.0 for number in range(first, last + 1)]
    return []


def _powers(side: ScaleSide, most: int, decades: float) -> list[float]:
    """Powers of ten, every second or third of them where they are many; 1, 2 and 5 times these where few."""
    first, last = ceil(log10(side.low) - 1e-9), floor(log10(side.high) + 1e-9)
    if decades <= _DECADES_OF_MULTIPLES:
        for factors in ((1, 2, 5), (1, 3), (1,)):
            numbers = [factor * 10.0**power for power in range(first - 1, last + 1) for factor in factors]
            inside = [number for number in numbers if -1e-9 <= side.place(number) <= 1 + 1e-9]
            if len(inside) <= most:
                return inside
    every = max(1, ceil((last - first + 1) / most))
    return [10.0**power for power in range(first, last + 1) if power % every == 0]


def named_numbers(values: list[float]) -> list[str]:
    """The names of numbers that stand side by side: `10k`, `2.5M`, `0.05`, all with the same prefix."""
    largest = max(map(abs, values), default=0)
    if largest >= 1e15 or 0 < largest < 1e-4:
        return [f"{value:.3g}" for value in values]
    unit, prefix = next(((unit, sign) for unit, sign in _PREFIXES if largest >= max(unit, _LONG)), (1.0, ""))
    if largest < 1e7 and any(round(value / unit, 1) != value / unit for value in values):
        # A prefix would not make them shorter.
        unit, prefix = 1.0, ""
    names = [
        f"{value / unit:,.6g}" if abs(value / unit) < 1e6 else f"{value / unit:,.0f}" for value in values
    ]
    return [f"{name}{prefix}" if value else "0" for name, value in zip(names, values, strict=True)]
