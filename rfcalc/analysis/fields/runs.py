"""Fields per run of channels: what neighbouring channels see alike, where not all of a layer see the same.

Behind a concatenation of branches that see different positions a layer's field is the union over its
channels.  A slice that takes some of them sees only what those see, and so do groups that keep to them.
Runs are kept only where a later layer asks which channel sees what (`needed_by_channel`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    # What some channels of a run see: its states, the first of them, the step to the next, how many.
    Part: TypeAlias = Callable[[States, Size, int, Size], States]

# A layer whose channels change more often is taken as one run that sees what all of them see.
MOST_RUNS = 2**13


class Run(NamedTuple):
    """So many neighbouring channels that see the same; digits of the channels count from its first one.

    states: None where the channels hold zeros.
    """

    channels: Size
    states: States | None


Runs = tuple[Run, ...]


class MixedError(Exception):
    """The runs of a layer cannot be told apart; the message is the reason, as the end of a sentence."""


def joined_runs(runs: Sequence[Run]) -> Runs:
    """The runs with equal neighbours made one; digits of channels count from a run's first, so those stay."""
    result: list[Run] = []
    for run in runs:
        if isinstance(run.channels, int) and run.channels == 0:
            continue
        last = result[-1] if result else None
        if last is not None and last.states == run.states and not has_digits(run):
            result[-1] = Run(last.channels + run.channels, run.states)
        else:
            result.append(run)
    if len(result) > MOST_RUNS:
        raise MixedError(f"its channels see different positions in more than {MOST_RUNS:,} runs")
    return tuple(result)


def has_digits(run: Run) -> bool:
    """Whether what a channel of the run sees depends on which one it is."""
    return any(
        digit.axis == CHANNELS
        for state in run.states or ()
        if state is not None
        for part in (state, *state.parts)
        for digit in part.digits
    )


def selected(runs: Runs, start: Size, step: int, count: Size, part: Part) -> Runs:
    """The runs of a part of the channels: `count` of them from `start` on.  Raises MixedError."""
    if len(runs) == 1 and not has_digits(runs[0]) and runs[0].states is not None:
        inside = isinstance(start, int) and start >= 0
        if inside:
            return (Run(count, runs[0].states),)
    result: list[Run] = []
    try:
        if start < 0:
            result.append(Run(-start if -start < count else count, None))
        position: Size = 0
        for channels, states in runs:
            first, last = start - position, start + (count - 1) * step - position
            position = position + channels
            if last < 0 or first >= channels:
                continue
            # The first and the last channel of the run that belong to the part.
            skipped = -(first // step) if first < 0 else 0
            low = first + skipped * step
            taken = ((channels - 1 if last >= channels else last) - low) // step + 1
            result.append(_some(Run(channels, states), low, step, taken, part))
        end = start + count - position
        if end > 0:
            result.append(Run(end, None))
    except SymbolicError:
        raise MixedError("which channels it takes depends on a symbol") from None
    return joined_runs(result)


def _some(run: Run, first: Size, step: int, count: Size, part: Part) -> Run:
    """Some channels of a run, counted from its first one."""
    if run.states is None or not has_digits(run) or (first == 0 and step == 1 and count == run.channels):
        return Run(count, run.states)
    return Run(count, part(run.states, first, step, count))


def grouped(runs: Runs, read: Size, made: Size, union: Union) -> Runs:
    """The runs behind groups that each read `read` neighbouring channels and make `made`."""
    result: list[Run] = []
    parts: list[States] = []
    filled: Size = 0
    try:
        for run in runs:
            channels = run.channels
            if filled != 0:
                taken = channels if channels < read - filled else read - filled
                parts += [] if run.states is None else [run.states]
                filled, channels = filled + taken, channels - taken
                if filled == read:
                    result.append(Run(made, union(parts) if parts else None))
                    parts, filled = [], 0
            whole = channels // read
            if whole != 0:
                result.append(Run(whole * made, run.states))
            rest = channels - whole * read
            if rest != 0 and channels != 0:
                parts, filled = ([] if run.states is None else [run.states]), rest
    except SymbolicError:
        raise MixedError("which channels a group reads depends on a symbol") from None
    return joined_runs(result)


def shuffled(runs: Runs, groups: Size, own: Size, effort: Effort, part: Part) -> Runs:
    """The runs behind a shuffle: channel i of group j of `own` channels becomes channel i · groups + j."""
    if not isinstance(groups, int) or not isinstance(own, int):
        raise MixedError("which channels it exchanges depends on a symbol")
    parts = [selected(runs, group * own, 1, own, part) for group in range(min(groups, MOST_RUNS))]
    result: list[Run] = []
    for count, heads in _in_step(parts, part):
        assert isinstance(count, int)
        told = any(has_digits(Run(count, head)) for head in heads)
        if not told and all(head == heads[0] for head in heads):
            result.append(Run(count * groups, heads[0]))
        else:
            if len(result) + count * groups > MOST_RUNS or not effort.take(count * groups):
                raise MixedError(f"its channels see different positions in more than {MOST_RUNS:,} runs")
            for channel in range(count):
                result += [_some(Run(count, head), channel, 1, 1, part) for head in heads]
    return joined_runs(result)


def _in_step(operands: Sequence[Runs], part: Part) -> Iterator[tuple[Size, list[States | None]]]:
    """How many channels see the same in each of some operands, and what, from the first channel on.

    Raises SymbolicError.
    """
    waiting = [list(reversed(runs)) for runs in operands]
    while all(waiting):
        count = waiting[0][-1].channels
        for runs in waiting:
            count = runs[-1].channels if runs[-1].channels < count else count
        yield count, [_some(runs[-1], 0, 1, count, part).states for runs in waiting]
        for runs in waiting:
            run = runs.pop()
            if run.channels != count:
                runs.append(_some(run, count, 1, run.channels - count, part))


def side_by_side(operands: Sequence[Runs]) -> Runs:
    """The runs behind a concatenation."""
    return joined_runs([run for runs in operands for run in runs])


def element_wise(operands: Sequence[Runs], union: Union, part: Part) -> Runs:
    """The runs behind a join of maps of as many channels, or of one channel that all see."""
    operands = [runs for runs in operands if not (len(runs) == 1 and runs[0].states is None)]
    parts = [runs for runs in operands if len(runs) > 1 or has_digits(runs[0])]
    common = [runs[0].states for runs in operands if runs not in parts and runs[0].states is not None]
    if not parts:
        channels = max(
            (runs[0].channels for runs in operands if isinstance(runs[0].channels, int)), default=1
        )
        return (Run(channels, union(common)),)
    result: list[Run] = []
    try:
        for count, seen in _in_step(parts, part):
            present = [*common, *(states for states in seen if states is not None)]
            result.append(Run(count, union(present) if present else None))
    except SymbolicError:
        raise MixedError("which channels meet depends on a symbol") from None
    return joined_runs(result)
