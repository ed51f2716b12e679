"""Where the branches that meet in a join have parted, and what the layers since then do."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from rfcalc.lint.network.fields import Step, as_fraction, axis_field, step_back
from rfcalc.lint.network.windows import windows_of
from rfcalc.lint.rule import Subject
from rfcalc.ops.axis_maps import centre_of, count_of


class Place(NamedTuple):
    """One axis of a node, where ways back to an input pass."""

    node: int
    axis: int


class Counts(NamedTuple):
    """How many layers on a way move the centre, look ahead, and read more than one position."""

    moving: int = 0
    ahead: int = 0
    wide: int = 0

    def minus(self, other: Counts) -> Counts:
        """What a way has that the rest of it has not."""
        return Counts(self.moving - other.moving, self.ahead - other.ahead, self.wide - other.wide)


class _Way(NamedTuple):
    """What is known of the way back from a place, by the first operand of each join.

    jump: a place further back, so that a way is gone back in logarithmically many steps; where it ends, the
        place itself.
    mover: the nearest place, this one included, whose layer moves the centre, and by how much.
    """

    depth: int
    step: Step | None
    jump: Place
    counts: Counts
    mover: tuple[Place, Fraction] | None

    @property
    def parent(self) -> Place | None:
        return None if self.step is None else Place(self.step.operand, self.step.operand_axis)


class WaysBack:
    """The ways back to one axis of one input; each place is looked at once, however many joins ask."""

    def __init__(self, subject: Subject, source: int, axis: int) -> None:
        self._subject = subject
        self._source = source
        self._axis = axis
        self._ways: dict[Place, _Way] = {}

    def parting(self, places: Iterable[Place]) -> Place | None:
        """The last place that the ways back from all places pass; None where they never meet."""
        found: Place | None
        first, *others = places
        found = first
        for place in others:
            found = None if found is None else self._common(found, place)
        return found

    def since(self, place: Place, parting: Place | None) -> Counts:
        """What the layers from a place back to another on its way do; None: all the way back."""
        counts = self._way(place).counts
        return counts if parting is None else counts.minus(self._way(parting).counts)

    def movers(self, place: Place, parting: Place | None, most: int) -> list[tuple[int, Fraction]]:
        """The nearest layers since the parting that move the centre, and by how many input positions."""
        found: list[tuple[int, Fraction]] = []
        for _ in range(min(most, self.since(place, parting).moving)):
            mover = self._way(place).mover
            assert mover is not None
            found.append((mover[0].node, mover[1]))
            behind = self._way(mover[0]).parent
            assert behind is not None
            place = behind
        return found

    def _way(self, place: Place) -> _Way:
        pending = [place]
        while pending:
            current = pending[-1]
            if current in self._ways:
                pending.pop()
                continue
            step = step_back(self._subject, current.node, current.axis, self._source)
            if step is None:
                self._ways[current] = _Way(0, None, current, Counts(), None)
                continue
            parent = Place(step.operand, step.operand_axis)
            if parent not in self._ways:
                pending.append(parent)
                continue
            self._ways[current] = self._extended(current, step, parent)
        return self._ways[place]

    def _extended(self, place: Place, step: Step, parent: Place) -> _Way:
        behind = self._ways[parent]
        middle = self._ways[behind.jump]
        # Jumps as long as those of the two before are joined: Myers 1983, Applicative random-access stacks.
        equal = behind.depth - middle.depth == middle.depth - self._ways[middle.jump].depth
        shift = self._shift(step)
        counts = Counts(
            behind.counts.moving + bool(shift),
            behind.counts.ahead + _looks_ahead(self._subject, step),
            behind.counts.wide + (step.taps.period != 1 or count_of(step.taps.taps(0)) != 1),
        )
        return _Way(
            behind.depth + 1,
            step,
            middle.jump if equal else parent,
            counts,
            (place, shift) if shift else behind.mover,
        )

    def _shift(self, step: Step) -> Fraction | None:
        """By how many positions of the input a layer moves the centre; None where that is not known."""
        field = axis_field(self._subject, step.operand, self._source, self._axis)
        shift = centre_of(step.taps)
        if field is None or field.stride is None or shift is None:
            return None
        return shift * as_fraction(field.stride)

    def _common(self, one: Place, two: Place) -> Place | None:
        depth = min(self._way(one).depth, self._way(two).depth)
        one, two = self._up(one, depth), self._up(two, depth)
        while one != two:
            first, second = self._way(one), self._way(two)
            if first.parent is None or second.parent is None:
                return None
            apart = first.jump != second.jump
            one, two = (first.jump, second.jump) if apart else (first.parent, second.parent)
        return one

    def _up(self, place: Place, depth: int) -> Place:
        way = self._way(place)
        while way.depth > depth and way.parent is not None:
            place = way.jump if self._way(way.jump).depth >= depth else way.parent
            way = self._way(place)
        return place


def _looks_ahead(subject: Subject, step: Step) -> bool:
    """Whether unit 0 of a layer reads past position 0, other than for want of padding in front."""
    taps, only = step.taps, step.taps.taps(0)
    if taps.period != 1:
        return True
    if only[-1] <= 0:
        return False
    padded = any(each.taps.after for each in windows_of(subject, step.node) if each.axis == step.operand_axis)
    return taps.shift != 1 or only.start < 0 or padded
