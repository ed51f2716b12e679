"""Elements in another order: which digits of the old indices the new ones are made of.

An index along an axis of n·m positions is n·m written in mixed radix: a leading digit below n and a digit
below m.  Reshaping, permuting, window partition, space to depth and shuffling of channels take the axes
and the channels apart into such digits and put them together otherwise (the notation of einops).  So one
record says, for each element of the result, which element of the operand it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rfcalc.records import NamedTuple
from rfcalc.shapes import Size
from rfcalc.symbolic.polynomial import SymbolicError


class Rearrangement(NamedTuple):
    """Where each element of the result comes from.

    source: for each axis of the operand, then for its channels, the sizes of its digits, the leading one
    first.  target: for each axis of the result, then for its channels, the digits it is made of, the
    leading one first: pairs of a place in `source` and the number of a digit there.
    """

    source: tuple[tuple[Size, ...], ...]
    target: tuple[tuple[tuple[int, int], ...], ...]


def reshaped(source: Sequence[Size], target: Sequence[Size]) -> Rearrangement | None:
    """The elements of one size in row order, read as another size of as many elements.

    None where the places at which both are cut do not divide each other, so that no digits describe it.
    """
    digits: list[list[Size]] = [[] for _ in source]
    made: list[list[tuple[int, int]]] = [[] for _ in target]
    old, new = len(source) - 1, len(target) - 1
    left, wanted = (source[old] if source else 1), (target[new] if target else 1)
    while old >= 0 or new >= 0:
        if old >= 0 and left == 1:
            old -= 1
            left = source[old] if old >= 0 else 1
        elif new >= 0 and wanted == 1:
            new -= 1
            wanted = target[new] if new >= 0 else 1
        elif old < 0 or new < 0:
            return None
        else:
            size = wanted if divides(wanted, left) else left
            if not divides(size, wanted):
                return None
            made[new].append((old, len(digits[old])))
            digits[old].append(size)
            left, wanted = left // size, wanted // size
    for axis in range(min(len(source), len(target)) - 1):
        # An axis of one position has no digit; what stays at its place is the same axis.
        if source[axis] == target[axis] == 1:
            made[axis].append((axis, 0))
            digits[axis].append(1)
    # Digits were found from the last to the first.
    source_digits = tuple(tuple(reversed(found)) for found in digits)
    target_digits = tuple(
        tuple((axis, len(digits[axis]) - 1 - number) for axis, number in reversed(found)) for found in made
    )
    return Rearrangement(source_digits, target_digits)


def divides(divisor: Size, size: Size) -> bool:
    """Whether a size is surely a multiple of another; False where symbols leave it undecided."""
    try:
        return size == divisor or size % divisor == 0
    except SymbolicError:
        return False


def permuted(sizes: Sequence[Size], order: Sequence[int]) -> Rearrangement:
    """Axes and channels in another order: place i of the result is place order[i] of the operand."""
    return Rearrangement(tuple((size,) for size in sizes), tuple(((place, 0),) for place in order))


def composed(first: Rearrangement | None, second: Rearrangement | None) -> Rearrangement | None:
    """One rearrangement behind another; None where one is, or their cuts do not divide each other."""
    if first is None or second is None:
        return None
    source: list[list[tuple[Size, ...]]] = [[()] * len(sizes) for sizes in first.source]
    # The digits that each digit of the second one's source is cut into, as digits of the first one's.
    cut: dict[tuple[int, int], list[tuple[tuple[int, int], int]]] = {}
    for between, (made, sizes) in enumerate(zip(first.target, second.source, strict=True)):
        old = [digit for digit in made if _size(first, digit) != 1]
        new = [(between, number) for number, size in enumerate(sizes) if size != 1]
        fit = reshaped([_size(first, digit) for digit in old], [_size(second, digit) for digit in new])
        if fit is None:
            return None
        for (at, number), parts in zip(old, fit.source, strict=True):
            source[at][number] = parts
        for digit, found in zip(new, fit.target, strict=True):
            cut[digit] = [(old[place], part) for place, part in found]
        # An axis of one position goes on as one.
        ones = [digit for digit in made if _size(first, digit) == 1]
        for (at, number), place in zip(ones, [i for i, size in enumerate(sizes) if size == 1], strict=False):
            source[at][number] = (1,)
            cut[between, place] = [((at, number), 0)]
    before = [[sum(map(len, parts[:number])) for number in range(len(parts))] for parts in source]
    target = [
        [(at, before[at][number] + part) for digit in made for (at, number), part in cut.get(digit, ())]
        for made in second.target
    ]
    return _in_fewest_digits([[size for part in parts for size in part] for parts in source], target)


def _in_fewest_digits(source: list[list[Size]], target: list[list[tuple[int, int]]]) -> Rearrangement:
    """The same with digits that are neighbours on both sides as one."""
    goes_on = {digit for made in target for last, digit in pairwise(made) if digit == (last[0], last[1] + 1)}
    numbers = {
        (at, number): sum((at, each) not in goes_on for each in range(number + 1)) - 1
        for at, sizes in enumerate(source)
        for number in range(len(sizes))
    }
    joined: list[list[Size]] = [[] for _ in source]
    for at, sizes in enumerate(source):
        for number, size in enumerate(sizes):
            if (at, number) in goes_on:
                joined[at][-1] = joined[at][-1] * size
            else:
                joined[at].append(size)
    kept = [
        [(at, numbers[at, number]) for at, number in made if (at, number) not in goes_on] for made in target
    ]
    return Rearrangement(tuple(map(tuple, joined)), tuple(map(tuple, kept)))


def _size(order: Rearrangement, digit: tuple[int, int]) -> Size:
    """The size of a digit of the source."""
    at, number = digit
    return order.source[at][number]
