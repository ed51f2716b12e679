"""Which input positions a unit sees, by enumeration: slow, and independent of the package.

One axis, on an unbounded line: nothing is clipped.  Every operator stands here in its raw definition,
as loops over indices, and a unit's support is the union of those of everything it reads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import NamedTuple


class Step(NamedTuple):
    """One operator: its kind, the steps it reads (by index; -1 is the input), and its numbers."""

    kind: str
    operands: tuple[int, ...]
    numbers: tuple[int, ...] = ()


def reads(step: Step, output: int) -> set[int]:
    """The positions of its operands that one output position reads with a weight other than 0."""
    if step.kind == "join":
        return {output}
    return KINDS[step.kind](output, *step.numbers)


def _conv(o: int, kernel: int, stride: int, padding: int, dilation: int) -> set[int]:
    return {o * stride - padding + tap * dilation for tap in range(kernel)}


def _deconv(o: int, kernel: int, stride: int, padding: int, dilation: int) -> set[int]:
    # Input i is scattered to the outputs i · stride − padding + tap · dilation.
    reach = kernel * dilation + abs(padding) + stride
    nearby = range((o - reach) // stride - 1, (o + reach) // stride + 2)
    return {i for i in nearby for tap in range(kernel) if i * stride - padding + tap * dilation == o}


def _nearest(o: int, size: int, target: int) -> set[int]:
    return {math.floor(Fraction(o * size, target))}


def _nearest_exact(o: int, size: int, target: int) -> set[int]:
    # The position whose middle is nearest to the middle of the output's.
    return {math.floor(Fraction(2 * o + 1, 2) * Fraction(size, target))}


def _bilinear(o: int, size: int, target: int) -> set[int]:
    return _tent(Fraction(2 * o + 1, 2) * Fraction(size, target) - Fraction(1, 2))


def _bilinear_corners(o: int, size: int, target: int) -> set[int]:
    return _tent(o * Fraction(size - 1, target - 1))


def _tent(place: Fraction) -> set[int]:
    near = math.floor(place)
    return {i for i in range(near - 3, near + 4) if 1 - abs(place - i) > 0}


def _bicubic(o: int, size: int, target: int) -> set[int]:
    place = Fraction(2 * o + 1, 2) * Fraction(size, target) - Fraction(1, 2)
    near = math.floor(place)
    return {i for i in range(near - 5, near + 6) if _keys(abs(place - i)) != 0}


def _bicubic_corners(o: int, size: int, target: int) -> set[int]:
    place = o * Fraction(size - 1, target - 1)
    near = math.floor(place)
    return {i for i in range(near - 5, near + 6) if _keys(abs(place - i)) != 0}


def _keys(distance: Fraction, a: Fraction = Fraction(-3, 4)) -> Fraction:
    if distance <= 1:
        return (a + 2) * distance**3 - (a + 3) * distance**2 + 1
    if distance < 2:
        return a * distance**3 - 5 * a * distance**2 + 8 * a * distance - 4 * a
    return Fraction(0)


def _adaptive(o: int, size: int, target: int) -> set[int]:
    first, last = math.floor(Fraction(o * size, target)), math.ceil(Fraction((o + 1) * size, target))
    return set(range(first, last))


def _shuffle(o: int, factor: int) -> set[int]:
    return {i for i in range(o // factor - 1, o // factor + 2) if o in range(i * factor, (i + 1) * factor)}


def _windows(o: int, length: int) -> set[int]:
    return {i for i in range(o - length, o + length + 1) if i // length == o // length}


def _past(o: int, length: int) -> set[int]:
    # A recurrent layer, as far back as matters.
    return set(range(o - length + 1, o + 1))


KINDS: dict[str, Callable[..., set[int]]] = {
    "conv": _conv,
    "deconv": _deconv,
    "nearest": _nearest,
    "nearest_exact": _nearest_exact,
    "bilinear": _bilinear,
    "bilinear_corners": _bilinear_corners,
    "bicubic": _bicubic,
    "bicubic_corners": _bicubic_corners,
    "adaptive": _adaptive,
    "shuffle": _shuffle,
    "windows": _windows,
    "past": _past,
}


class Oracle:
    """The supports of a list of steps."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self.support = cache(self._support)

    def _support(self, step: int, output: int) -> frozenset[int]:
        """The input positions that one output position of a step sees."""
        if step < 0:
            return frozenset({output})
        seen: set[int] = set()
        for position in reads(self.steps[step], output):
            for operand in self.steps[step].operands:
                seen |= self.support(operand, position)
        return frozenset(seen)

    def listed(self, step: int, output: int, sizes: dict[int, int]) -> tuple[int, int] | None:
        """First and last input position; steps of a known size are maps with nothing around them."""
        if step not in sizes:
            seen = self.support(step, output)
            return (min(seen), max(seen)) if seen else None
        if not 0 <= output < sizes[step]:
            return None
        ends = [
            self.listed(operand, position, sizes)
            for position in reads(self.steps[step], output)
            for operand in self.steps[step].operands
        ]
        found = [pair for pair in ends if pair is not None]
        return (min(low for low, _ in found), max(high for _, high in found)) if found else None
