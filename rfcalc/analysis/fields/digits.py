"""Which of a layer's axes a field runs along, where axes were taken apart or put together.

Along an axis that was only windowed and resampled, unit i has index n = i, and the field is a function
of n.  A reshape, a permutation or a window partition makes n of several digits of several axes (or of the
channels): n = Σ step · ((i // divisor) mod size).  The function of n does not change with that, so fields
pass through such operators exactly: only the digits are rewritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rfcalc.ops.rearrangement import Rearrangement, divides
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size, product

# The axis of a digit of the channels.
CHANNELS = -1


class Digit(NamedTuple):
    """A part of an index: `step` times ((index along `axis`) // divisor) mod size."""

    axis: int
    divisor: Size
    size: Size
    step: int


Digits = tuple[Digit, ...]


class Index(NamedTuple):
    """The index that the units along one axis have, which is made of digits of that axis alone.

    places: the index of each unit of the first period; period and shift: as for an AxisMap.
    """

    period: int
    shift: int
    places: tuple[int, ...]

    def taps(self, phase: int) -> range:
        """The one index of a unit of the first period."""
        return range(self.places[phase], self.places[phase] + 1)


def index_length(digits: Digits) -> Size:
    """The number of indices from 0 to the largest that the digits make."""
    length: Size = 1
    for digit in digits:
        length = length + (digit.size - 1) * digit.step
    return length


def whole_axis_digit(axis: int, length: Size) -> Digit:
    """The digit of an axis that runs on as it is."""
    return Digit(axis, 1, length, 1)


def rearranged_digits(digits: Digits, order: Rearrangement) -> Digits | None:
    """The digits of a result whose elements come from elsewhere; None where they do not fall on its cuts.

    A digit of one value and no step leads an axis whose own leading digit, of one value, is not among them.
    """
    places = {
        found: (axis if axis < len(order.target) - 1 else CHANNELS, divisor)
        for axis, made in enumerate(order.target)
        for found, divisor in zip(
            made, _divisors([order.source[at][number] for at, number in made]), strict=True
        )
    }
    result: list[Digit] = []
    followed: set[tuple[int, int]] = set()
    for digit in digits:
        source = digit.axis if digit.axis != CHANNELS else len(order.source) - 1
        pieces = list(_pieces(digit, source, order.source[source]))
        if None in pieces:
            return None
        for piece in pieces:
            assert piece is not None
            found, inner, size, step = piece
            axis, divisor = places[found]
            result.append(Digit(axis, divisor * inner, size, step))
            followed.add(found)
    for axis, made in enumerate(order.target[:-1]):
        if made and made[0] not in followed and not followed.isdisjoint(made):
            at, number = made[0]
            if order.source[at][number] == 1:
                result.append(Digit(axis, places[made[0]][1], 1, 0))
    return joined_digits(result)


def _divisors(sizes: Sequence[Size]) -> list[Size]:
    """What an index is divided by to have each of its digits last, the leading one first."""
    return [product(sizes[place + 1 :]) for place in range(len(sizes))]


def _pieces(
    digit: Digit, source: int, sizes: Sequence[Size]
) -> Iterator[tuple[tuple[int, int], Size, Size, int] | None]:
    """The parts of a digit within each digit of its axis: which, divisor inside, size and step.

    Yields None where the cuts of both do not divide each other.  A part of one value is none, but where
    the axis ends with it: beyond the map it runs on, as channels do not.
    """
    first, end = digit.divisor, digit.divisor * digit.size
    for number, (divisor, size) in enumerate(zip(_divisors(sizes), sizes, strict=True)):
        low, high = _larger(first, divisor), _smaller(end, divisor * size)
        if low is None or high is None:
            yield None
            return
        leads = number == 0 and end == divisor * size and digit.axis != CHANNELS
        if (low == high and not leads) or (low != high and divides(high, low)):
            continue
        if not divides(low, high):
            yield None
            return
        step = digit.step * (low // first)
        if not isinstance(step, int):
            yield None
            return
        yield (source, number), low // divisor, high // low, step


def _larger(one: Size, two: Size) -> Size | None:
    return two if divides(one, two) else one if divides(two, one) else None


def _smaller(one: Size, two: Size) -> Size | None:
    return one if divides(one, two) else two if divides(two, one) else None


def joined_digits(digits: Sequence[Digit]) -> Digits:
    """The same index with the fewest digits: two that follow each other on one axis are one."""
    result: list[Digit] = []
    for digit in sorted(digits, key=lambda digit: (digit.axis, digit.step)):
        last = result[-1] if result else None
        if (
            last is not None
            and last.axis == digit.axis
            and digit.divisor == last.divisor * last.size
            and digit.step == last.step * last.size
        ):
            result[-1] = last._replace(size=last.size * digit.size)
        else:
            result.append(digit)
    return tuple(result)
