"""The dilated layers behind a field with holes, and the smallest change of their rates that closes them.

Along one axis the units of a map see the union, over all ways back, of sums of taps.  The layers on those
ways are a small program from which the exact set follows for any rates.  It goes back to the input, or to
the nearest map that is resampled, whose own field is an interval for each phase.  In a row of layers sums
do not depend on the order, so windows of one kernel and one rate there are one run of interchangeable
layers: other rates are tried as multisets, in the order of how much they change in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from rfcalc.analysis.fields.supports import Support, progression, union

# Steps, all tries taken together, that are spent in search of better rates.
MOST_STEPS = 20_000
# The furthest rates are changed in all.
MOST_CHANGE = 8
# A mask longer than this is not tried.
MASK_BITS = 2**14


class Run(NamedTuple):
    """Windows in a row that have one kernel and one rate, in the order of execution.

    before: the padding in front of each.  choice: which of the stack's rates it is; None without dilation.
    """

    kernel: int
    rate: int
    before: tuple[int, ...]
    choice: int | None

    def seen_by(self, seen: Support, stride: int, changed: Sequence[int]) -> Support:
        """What is seen behind the windows; changed: other rates of the last ones."""
        kept = len(self.before) - len(changed)
        if kept:
            moved = seen.shifted(-stride * sum(self.before[:kept]))
            seen = progression(moved, stride * self.rate, kept * (self.kernel - 1) + 1, MASK_BITS)
        for before, rate in zip(self.before[kept:], changed, strict=True):
            # As much of its reach as before is padding.
            scaled, rest = divmod(before * rate, self.rate)
            moved = seen.shifted(-stride * (before if rest else scaled))
            seen = progression(moved, stride * rate, self.kernel, MASK_BITS)
        return seen


class Row(NamedTuple):
    """Layers in a row that read an earlier one, given by its place in the program; stride: of the last."""

    operand: int
    stride: int
    runs: tuple[Run, ...]


class Entry(NamedTuple):
    """What the units of the map see that a program starts from: an interval for each phase.

    shift: how far it moves from one period to the next.
    """

    shift: int
    intervals: tuple[tuple[int, int], ...]


class Program(NamedTuple):
    """How what the units of a map see follows from the rates of the dilated layers before it.

    steps: for each place the rows that are joined there; none where the program starts.
    rates: by choice, the rate and how many layers have it.
    """

    entry: Entry
    steps: tuple[tuple[Row, ...], ...]
    rates: tuple[tuple[int, int], ...]

    def seen(self, changes: Mapping[int, Sequence[int]], behind: int = 1) -> tuple[int, int] | None:
        """How many holes a unit has, at most, and how many positions it spans; None where that is not known.

        changes: by choice, other rates for the last layers that have it.  behind: the kernel, without
        dilation, of a layer behind these.
        """
        reached, stride = self.reached(changes)
        if reached is None:
            return None
        reached = progression(reached, stride, behind, MASK_BITS)
        supports = [reached]
        if len(self.entry.intervals) > 1:
            supports = list(self._phases(reached, stride))
        holes = [support.holes for support in supports]
        known = [count for count in holes if count is not None]
        return (max(known), max(each.span for each in supports)) if len(known) == len(holes) else None

    def reached(self, changes: Mapping[int, Sequence[int]]) -> tuple[Support | None, int]:
        """What unit 0 sees of the map that the program starts from, and how far the next unit's is from it.

        With a single phase that is as well what it sees of the input.
        """
        seen: list[Support | None] = []
        strides: list[int] = []
        for rows in self.steps:
            if not rows:
                single = len(self.entry.intervals) == 1
                seen.append(Support(*self.entry.intervals[0]) if single else Support(0, 0))
                strides.append(self.entry.shift if single else 1)
                continue
            parts = []
            for row in rows:
                part, stride = seen[row.operand], strides[row.operand]
                if part is not None:
                    for run in row.runs:
                        changed = () if run.choice is None else changes.get(run.choice, ())
                        part = run.seen_by(part, stride, changed)
                    parts.append(part)
            seen.append(union(parts, MASK_BITS))
            strides.append(strides[rows[0].operand] * rows[0].stride)
        return seen[-1], strides[-1]

    def _phases(self, reached: Support, stride: int) -> Iterator[Support]:
        """What the units see of the input that see these positions of the map the program starts from."""
        shift, intervals = self.entry
        period = len(intervals)
        places = list(reached.positions()) if reached.holes is not None else [reached.low, reached.high]
        for unit in range(period // gcd(period, stride)):
            parts: list[Support | None] = []
            for place in places:
                turn, phase = divmod(place + unit * stride, period)
                low, high = intervals[phase]
                parts.append(Support(low, high).shifted(turn * shift))
            joined = union(parts, MASK_BITS)
            assert joined is not None
            yield joined if reached.holes is not None else joined._replace(mask=0)

    @property
    def is_cause(self) -> bool:
        """Whether rates of 1 leave no hole: otherwise strides do."""
        ones = {choice: (1,) * number for choice, (_, number) in enumerate(self.rates)}
        seen = self.seen(ones)
        return seen is not None and seen[0] == 0

    @property
    def closing_kernel(self) -> int | None:
        """The least kernel of a layer without dilation behind these that leaves no hole; None if unknown."""
        reached, stride = self.reached({})
        if reached is None or not reached.mask:
            return None
        # Once copies a stride apart leave no hole, more of them leave none.
        low, high = 1, max(map(len, f"{reached.mask:b}".split("1"))) // stride + 2
        if not self._is_closed(high):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._is_closed(middle) else (middle, high)
        return high

    def _is_closed(self, behind: int) -> bool:
        seen = self.seen({}, behind)
        return seen is not None and seen[0] == 0


class Better(NamedTuple):
    """What a search for rates that leave no hole came to.

    changes: by choice, the other rates of the last layers that have it; None where none were found.
    span: how many positions the field spans then.  tried: up to which change in all every one was tried.
    """

    changes: Mapping[int, tuple[int, ...]] | None
    span: int
    tried: int


NOT_TRIED = Better(None, 0, 0)


def better_rates(program: Program) -> Better:
    """The rates changed as little as possible so that no hole is left.

    Of equally small changes the one with the longest field.  The search ends at a limit of steps.
    """
    steps, cost = MOST_STEPS, _cost(program)
    for change in range(1, MOST_CHANGE + 1):
        best = Better(None, 0, change - 1)
        for changes in _changes(program.rates, change, len(program.rates)):
            steps -= cost
            if steps < 0:
                return best
            seen = program.seen(changes)
            if seen is None:
                # Too long to be known, as are the longer ones.
                return best
            if seen[0] == 0 and seen[1] > best.span:
                best = Better(changes, seen[1], change)
        if best.changes is not None:
            return best
    return Better(None, 0, MOST_CHANGE)


def _cost(program: Program) -> int:
    """What it costs to try other rates, in operations on sets; handling positions one by one counts, too."""
    runs = sum(1 + len(row.runs) for rows in program.steps for row in rows)
    period = len(program.entry.intervals)
    if period == 1:
        return runs
    reached, _ = program.reached({})
    return runs + (0 if reached is None else min(reached.span, MASK_BITS) * period // 8)


def _changes(
    rates: Sequence[tuple[int, int]], change: int, below: int
) -> Iterator[dict[int, tuple[int, ...]]]:
    """The changes of the first `below` rates by `change` in all; each call deeper leaves less to change."""
    for choice in reversed(range(below)):
        rate, number = rates[choice]
        for own in range(1 if choice else change, change + 1):
            for changed in _changed(rate, number, own):
                if own == change:
                    yield {choice: changed}
                else:
                    for others in _changes(rates, change - own, choice):
                        yield {choice: changed, **others}


@lru_cache(maxsize=1024)
def _changed(rate: int, number: int, change: int) -> tuple[tuple[int, ...], ...]:
    """What some of `number` equal rates become, changed by `change` in all; no rate falls below 1."""
    return tuple(
        tuple(sorted(rate + up for up in ups)) + tuple(rate - down for down in reversed(downs))
        for down_in_all in range(change, -1, -1)
        for downs in _partitions(down_in_all, down_in_all)
        for ups in _partitions(change - down_in_all, change)
        if len(downs) + len(ups) <= number and all(down < rate for down in downs)
    )


@lru_cache(maxsize=1024)
def _partitions(total: int, largest: int) -> tuple[tuple[int, ...], ...]:
    """The ways to write a number as a sum, the largest part first."""
    if total == 0:
        return ((),)
    return tuple(
        (first, *rest)
        for first in range(min(total, largest), 0, -1)
        for rest in _partitions(total - first, first)
    )
