"""How a value goes from what it is in one network to what it is in the other, edit by edit.

Edits are thought of as made one after the other, in the order of their numbers.  A course lists the
value at the start and after each edit that changes it; the differences between neighbours add up to
the whole difference, exactly, whatever stands between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from rfcalc.records import NamedTuple

Held = TypeVar("Held")

# When a course begins: before the first edit.
START = -1


class Course(NamedTuple, Generic[Held]):
    """The value before all edits, and (edit, value after it) for those that change it, in order."""

    start: Held
    steps: tuple[tuple[int, Held], ...] = ()

    @property
    def end(self) -> Held:
        """The value after all edits."""
        return self.steps[-1][1] if self.steps else self.start

    def at(self, edit: int) -> Held:
        """The value after this edit and all before it."""
        value = self.start
        for number, after in self.steps:
            if number > edit:
                break
            value = after
        return value

    def differences(self, difference: Callable[[Held, Held], Held]) -> Iterator[tuple[int, Held]]:
        """What each edit adds."""
        before = self.start
        for number, after in self.steps:
            yield number, difference(after, before)
            before = after


def edits_of(courses: Iterable[Course[Held]]) -> set[int]:
    """The edits at which any of the courses has a step."""
    return {number for course in courses for number, _ in course.steps}


def undone(course: Course[Held]) -> Course[Held]:
    """The course without steps that change nothing.

    That is all of them where the value is the same at both ends: what cancels out was not changed.
    """
    if course.start == course.end:
        return Course(course.start)
    kept: list[tuple[int, Held]] = []
    before = course.start
    for number, value in course.steps:
        if value != before:
            kept.append((number, value))
            before = value
    return Course(course.start, tuple(kept))
