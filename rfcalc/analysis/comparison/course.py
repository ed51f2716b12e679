"""How a value goes from what it is in one network to what it is in the other, edit by edit.

Edits are thought of as made one after the other, in the order of their numbers.  A course lists the
value at the start and after each edit that changes it; the differences between neighbours add up to
the whole difference, exactly, whatever stands between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

from rfcalc.symbolic import Polynomial

Value = TypeVar("Value")

# When a course begins: before the first edit.
START = -1


class Course(NamedTuple, Generic[Value]):
    """The value before all edits, and (edit, value after it) for those that change it, in order."""

    start: Value
    steps: tuple[tuple[int, Value], ...] = ()

    @property
    def end(self) -> Value:
        """The value after all edits."""
        return self.steps[-1][1] if self.steps else self.start

    def at(self, edit: int) -> Value:
        """The value after this edit and all before it."""
        value = self.start
        for number, after in self.steps:
            if number > edit:
                break
            value = after
        return value

    def differences(self, difference: Callable[[Value, Value], Value]) -> Iterator[tuple[int, Value]]:
        """What each edit adds."""
        before = self.start
        for number, after in self.steps:
            yield number, difference(after, before)
            before = after


def edits_of(courses: Iterable[Course[Value]]) -> set[int]:
    """The edits at which any of the courses has a step."""
    return {number for course in courses for number, _ in course.steps}


Amount = int | Fraction | Polynomial
Number = TypeVar("Number", bound=Amount)


def undone(course: Course[Number]) -> Course[Number]:
    """The course without steps that cancel out: what is the same at both ends was not changed."""
    return Course(course.start) if course.start == course.end else course


def direct(course: Course[Number]) -> Course[Number]:
    """The course of a length without its detours.

    A value that is not between the two ends is left out, so that no edit is charged with what a later
    one undoes: a pooling layer removed at one place and a stride inserted at another.
    """
    end = course.end
    if course.start == end:
        return Course(course.start)
    kept: list[tuple[int, Number]] = []
    before = course.start
    for number, value in course.steps[:-1]:
        if value != before and _between(before, value, end):
            kept.append((number, value))
            before = value
    if before != end:
        kept.append((course.steps[-1][0], end))
    return Course(course.start, tuple(kept))


def _between(one: Amount, middle: Amount, two: Amount) -> bool:
    """Whether a value lies between two others or is one; where symbols leave that open, yes."""
    signs = _sign(middle - one), _sign(two - middle)
    return None in signs or 0 in signs or signs[0] == signs[1]


def _sign(value: Amount) -> int | None:
    if isinstance(value, Polynomial):
        return value.sign()
    return (value > 0) - (value < 0)
