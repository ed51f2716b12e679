"""Digits of mixed radix that are cut and put together again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar


class Sized(Protocol):
    """A digit: it has a number of values."""

    @property
    def size(self) -> int:
        """How many values it has."""

    def _replace(self: Part, *, size: int) -> Part: ...


Part = TypeVar("Part", bound=Sized)


def cut(
    digits: Sequence[Part],
    sizes: Sequence[int],
    divide: Callable[[Part, int], tuple[Part, Part]],
    blank: Part,
) -> list[tuple[Part, ...]] | None:
    """The digits of a place, the leading one first, in parts of these sizes; None where they do not fit.

    divide: the leading part of a digit, and a low one of the size given;
    blank: a digit of one value of which there is nothing to say.
    """
    if [digit.size for digit in digits] == list(sizes):
        return [(digit,) for digit in digits]
    left = [digit for digit in digits if digit.size > 1]
    found: list[tuple[Part, ...]] = []
    for number in range(len(sizes) - 1, -1, -1):
        need = sizes[number]
        taken: list[Part] = []
        while need > 1:
            if not left:
                return None
            lowest = left.pop()
            if lowest.size > need:
                if lowest.size % need:
                    return None
                rest, lowest = divide(lowest, need)
                left.append(rest)
            if need % lowest.size:
                return None
            need //= lowest.size
            taken.insert(0, lowest)
        if number == 0 and digits and digits[0].size == 1:
            # One value that leads runs on beyond the place all the same.
            taken.insert(0, digits[0])
        elif not taken and number == 0 and digits:
            # One value that leads: what is beyond it, is beyond the place as a whole.
            taken = [divide(digits[0], digits[0].size)[0]]
        found.insert(0, tuple(taken) or (blank,))
    return found
