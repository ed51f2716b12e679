"""Fields per run of channels: what neighbouring channels see alike, where not all of a layer see the same.

Behind a concatenation of branches that see different positions a layer's field is the union over its
channels.  A slice that takes some of them sees only what those see, and so do groups that keep to them.
Runs are kept only where a later layer asks which channel sees what (`FieldAnalysis.needed`).

Few kinds of channels may change places often, as behind a shuffle.  So what is seen is kept and followed once
per kind, apart from the order of the runs, which layers in a row share; all of it draws on the effort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import Effort
from rfcalc.analysis.fields.axis_state import States
from rfcalc.analysis.fields.digits import CHANNELS
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size
from rfcalc.symbolic.polynomial import SymbolicError

if TYPE_CHECKING:
    from typing import TypeAlias

    # The union of what some runs see.
    Union: TypeAlias = Callable[[Sequence[States]], States]

# A layer whose channels change more often is taken as one run that sees what all of them see.
MOST_RUNS = 2**13
# The effort it takes to follow what one kind of channels sees, and how many runs one step compares.
OF_A_KIND = 2**4
RUNS_A_STEP = 2**4


class Run(NamedTuple):
    """So many neighbouring channels that see the same; digits of the channels count from its first one.

    states: None where the channels hold zeros.
    """

    channels: Size
    states: States | None


class Runs(NamedTuple):
    """The runs of a layer.

    lengths: how many channels each has.  kinds: which of `states` each sees, as its index.
    """

    lengths: tuple[Size, ...]
    kinds: tuple[int, ...]
    states: tuple[States | None, ...]

    def each(self) -> Iterator[Run]:
        """The runs, one after the other."""
        return map(Run, self.lengths, map(self.states.__getitem__, self.kinds))


class MixedError(Exception):
    """The runs of a layer cannot be told apart; the message is the reason, as the end of a sentence."""


def pay(effort: Effort, steps: int) -> None:
    """Take so many steps.  Raises MixedError when they are not left."""
    if not effort.take(steps):
        raise MixedError("following its channels takes too long")


def one_run(channels: Size, states: States | None) -> Runs:
    """Channels that all see the same, but for their digits."""
    return Runs((channels,), (0,), (states,))


def joined_runs(runs: Iterable[Run], effort: Effort) -> Runs:
    """The runs with equal neighbours made one; digits of channels count from a run's first, so those stay.

    Raises MixedError.
    """
    result: list[Run] = []
    for run in runs:
        if isinstance(run.channels, int) and run.channels == 0:
            continue
        last = result[-1] if result else None
        if last is not None and last.states == run.states and not has_digits(run.states):
            result[-1] = Run(last.channels + run.channels, last.states)
        else:
            result.append(run)
    if len(result) > MOST_RUNS:
        raise MixedError(f"its channels see different positions in more than {MOST_RUNS:,} runs")
    return _numbered(result, effort)


def _numbered(runs: Sequence[Run], effort: Effort) -> Runs:
    """The runs as they are, with one kind for all that share their states."""
    pay(effort, len(runs))
    numbers: dict[int, int] = {}
    kinds = tuple([numbers.setdefault(id(run.states), len(numbers)) for run in runs])
    states = {id(run.states): run.states for run in runs}
    return Runs(tuple([run.channels for run in runs]), kinds, tuple(states.values()))


def _without_equal_neighbours(runs: Runs, effort: Effort) -> Runs:
    """The same runs, joined where kinds have become equal."""
    neighbours = set(zip(runs.kinds, runs.kinds[1:], strict=False))
    states = runs.states
    if any(states[a] == states[b] and not has_digits(states[b]) for a, b in neighbours):
        return joined_runs(runs.each(), effort)
    return runs


def mapped(runs: Runs, change: Callable[[States], States], effort: Effort) -> Runs:
    """The runs with what each kind sees changed.  Raises MixedError."""
    if len(runs.kinds) > 1:
        pay(effort, OF_A_KIND * len(runs.states))
    return runs._replace(states=tuple([states and change(states) for states in runs.states]))


def has_digits(states: States | None) -> bool:
    """Whether what a channel of a run sees depends on which one it is."""
    return any(
        digit.axis == CHANNELS for state in states or () if state is not None for digit in state.digits
    )


def selected(runs: Runs, start: Size, step: int, count: Size, effort: Effort) -> Runs:
    """The runs of a part of the channels: `count` of them from `start` on.  Raises MixedError."""
    if len(runs.kinds) == 1 and not has_digits(runs.states[0]) and runs.states[0] is not None:
        inside = isinstance(start, int) and start >= 0
        if inside:
            return one_run(count, runs.states[0])
    pay(effort, len(runs.kinds))
    result: list[Run] = []
    try:
        if start < 0:
            result.append(Run(-start if -start < count else count, None))
        position: Size = 0
        for channels, states in runs.each():
            first, last = start - position, start + (count - 1) * step - position
            position = position + channels
            if last < 0 or first >= channels:
                continue
            # The first and the last channel of the run that belong to the part.
            skipped = -(first // step) if first < 0 else 0
            low = first + skipped * step
            taken = ((channels - 1 if last >= channels else last) - low) // step + 1
            result.append(_some(Run(channels, states), low, step, taken))
        end = start + count - position
        if end > 0:
            result.append(Run(end, None))
    except SymbolicError:
        raise MixedError("which channels it takes depends on a symbol") from None
    return joined_runs(result, effort)


def _some(run: Run, first: Size, step: int, count: Size) -> Run:
    """Some channels of a run, counted from its first one.  Raises MixedError."""
    if not has_digits(run.states) or (first == 0 and step == 1 and count == run.channels):
        return Run(count, run.states)
    raise MixedError("it takes some of the channels that positions became")


def grouped(runs: Runs, read: Size, made: Size, union: Union, effort: Effort) -> Runs:
    """The runs behind groups that each read `read` neighbouring channels and make `made`.

    Raises MixedError.
    """
    pay(effort, len(runs.kinds) // RUNS_A_STEP)
    runs = _without_equal_neighbours(runs, effort)
    if isinstance(read, int) and all(isinstance(n, int) and n % read == 0 for n in runs.lengths):
        return (
            runs if made == read else runs._replace(lengths=tuple([n // read * made for n in runs.lengths]))
        )
    pay(effort, len(runs.kinds))
    unions: dict[tuple[int, ...], States | None] = {}
    result: list[Run] = []
    parts: list[States] = []
    filled: Size = 0

    def seen() -> States | None:
        key = tuple(map(id, parts))
        if key not in unions:
            pay(effort, OF_A_KIND * len(parts))
            unions[key] = union(parts) if parts else None
        return unions[key]

    try:
        for length, states in runs.each():
            channels = length
            if filled != 0:
                taken = channels if channels < read - filled else read - filled
                parts += [] if states is None else [states]
                filled, channels = filled + taken, channels - taken
                if filled == read:
                    result.append(Run(made, seen()))
                    parts, filled = [], 0
            whole = channels // read
            if whole != 0:
                result.append(Run(whole * made, states))
            rest = channels - whole * read
            if rest != 0 and channels != 0:
                parts, filled = ([] if states is None else [states]), rest
    except SymbolicError:
        raise MixedError("which channels a group reads depends on a symbol") from None
    return joined_runs(result, effort)


def shuffled(runs: Runs, groups: Size, own: Size, effort: Effort) -> Runs:
    """The runs behind a shuffle: channel i of group j of `own` channels becomes channel i · groups + j.

    Raises MixedError.
    """
    if not isinstance(groups, int) or not isinstance(own, int):
        raise MixedError("which channels it exchanges depends on a symbol")
    pay(effort, groups)
    borders = Runs((own,) * groups, (0,) * groups, (None,))
    parts: list[list[Run]] = []
    room: Size = 0
    try:
        for run in _in_step([runs, borders], effort)[0].each():
            if room == 0:
                parts.append([])
                room = own
            parts[-1].append(run)
            room = room - run.channels
        steps = _in_step([_numbered(runs, effort) for runs in parts], effort)
    except SymbolicError:
        raise MixedError("which channels it exchanges depends on a symbol") from None
    result: list[Run] = []
    for heads in zip(*(runs.each() for runs in steps), strict=True):
        count, first = heads[0]
        if any(has_digits(head.states) for head in heads):
            raise MixedError("it exchanges channels that positions became")
        if all(head.states == first for head in heads):
            result.append(Run(count * groups, first))
        elif isinstance(count, int) and len(result) + count * groups <= MOST_RUNS:
            result += [Run(1, head.states) for _ in range(count) for head in heads]
        else:
            raise MixedError(f"its channels see different positions in more than {MOST_RUNS:,} runs")
    return joined_runs(result, effort)


def _in_step(operands: Sequence[Runs], effort: Effort) -> Sequence[Runs]:
    """The runs of some operands of as many channels, cut so that all have runs of the same lengths.

    Raises SymbolicError and MixedError.
    """
    first = operands[0].lengths
    pay(effort, len(operands) * len(first) // RUNS_A_STEP)
    if all(runs.lengths == first for runs in operands):
        return operands
    waiting = [list(runs.each())[::-1] for runs in operands]
    cut: list[list[Run]] = [[] for _ in operands]
    while all(waiting):
        pay(effort, len(operands))
        count = waiting[0][-1].channels
        for runs in waiting:
            count = runs[-1].channels if runs[-1].channels < count else count
        for pieces, runs in zip(cut, waiting, strict=True):
            run = runs.pop()
            pieces.append(_some(run, 0, 1, count))
            if run.channels != count:
                runs.append(_some(run, count, 1, run.channels - count))
    return [_numbered(pieces, effort) for pieces in cut]


def side_by_side(operands: Sequence[Runs], effort: Effort) -> Runs:
    """The runs behind a concatenation.  Raises MixedError."""
    return joined_runs((run for runs in operands for run in runs.each()), effort)


def element_wise(operands: Sequence[Runs], union: Union, effort: Effort) -> Runs:
    """The runs behind a join of maps of as many channels, or of one channel that all see.

    Raises MixedError.
    """
    operands = [runs for runs in operands if runs.states != (None,)]
    parts = [runs for runs in operands if len(runs.kinds) > 1 or has_digits(runs.states[0])]
    common = [runs.states[0] for runs in operands if runs not in parts and runs.states[0] is not None]
    if not parts:
        channels = max((runs.lengths[0] for runs in operands if isinstance(runs.lengths[0], int)), default=1)
        return one_run(channels, union(common))
    try:
        parts = list(_in_step(parts, effort))
    except SymbolicError:
        raise MixedError("which channels meet depends on a symbol") from None
    meeting = list(zip(*(runs.kinds for runs in parts), strict=True))
    numbers = {kinds: number for number, kinds in enumerate(dict.fromkeys(meeting))}
    pay(effort, OF_A_KIND * len(numbers) * len(parts))
    unions: list[States | None] = []
    for kinds in numbers:
        seen = [runs.states[kind] for runs, kind in zip(parts, kinds, strict=True)]
        present = [*common, *(states for states in seen if states is not None)]
        unions.append(union(present) if present else None)
    met = Runs(parts[0].lengths, tuple(map(numbers.__getitem__, meeting)), tuple(unions))
    return _without_equal_neighbours(met, effort)
