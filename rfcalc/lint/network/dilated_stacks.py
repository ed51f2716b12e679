"""Where the layers are that leave holes in the field of a map: the program of those before it, as a stack.

A stack ends at the map, or at one before it that is resampled later, and begins at the input or at the
nearest map before that is resampled: the first such stretch behind which there are holes is to blame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from rfcalc.analysis.fields.axis_field import Effort, OutOfReachError
from rfcalc.analysis.fields.axis_state import is_identity
from rfcalc.analysis.fields.figures import AxisField, Status
from rfcalc.lint.network.dilation_rates import Entry, Program, Row, Run
from rfcalc.lint.network.fields import Step, as_fraction, steps
from rfcalc.lint.rule import Subject
from rfcalc.ops.axis_maps import count_of


class DilatedStack(NamedTuple):
    """The layers before a map that decide what its units see along one axis.

    program: without the nodes, so that stacks of the same layers are equal.
    members: by choice of the program, the nodes that have this rate, in the order of execution.
    """

    program: Program
    members: tuple[tuple[int, ...], ...]

    def rates(self, changes: Mapping[int, tuple[int, ...]]) -> dict[int, int]:
        """The rate of each dilated layer in the order of execution; changes: as of a program."""
        found: dict[int, int] = {}
        for choice, (rate, number) in enumerate(self.program.rates):
            changed = changes.get(choice, ())
            kept = (rate,) * (number - len(changed))
            found.update(zip(self.members[choice], (*kept, *changed), strict=True))
        return dict(sorted(found.items()))


class Ways(NamedTuple):
    """For each node how one input of the network reaches it, by axis of the input.

    places: along which axis of the node the axis runs; None where it is lost.
    resampled: the nearest map before, itself included, that is read other than through windows, as a pair
    of its reader and itself; None without one.  same: the earliest node that it is a mere copy of.
    """

    places: list[tuple[int | None, ...]]
    resampled: list[tuple[int | None, ...]]
    same: list[int]


def ways_from(subject: Subject, source: int) -> Ways:
    """How input number `source` reaches every node; of several operands that it reaches the first counts."""
    nodes = subject.graph.nodes
    rank = len(nodes[subject.graph.inputs[source]].facts.output.axes)
    ways = Ways([], [], [])
    for index, node in enumerate(nodes):
        ways.same.append(index)
        is_input = index == subject.graph.inputs[source]
        places: list[int | None] = list(range(rank)) if is_input else [None] * rank
        resampled: list[int | None] = [None] * rank
        if len(node.inputs) == 1 and node.facts.reads and is_identity(node.facts.reads[0]):
            ways.same[index] = ways.same[node.inputs[0]]
        for step in steps(subject, index, source):
            for axis, place in enumerate(ways.places[step.operand]):
                if places[axis] is None and place == step.operand_axis:
                    places[axis] = step.axis
                    windows = step.taps.period == 1
                    resampled[axis] = ways.resampled[step.operand][axis] if windows else step.operand
        ways.places.append(tuple(places))
        ways.resampled.append(tuple(resampled))
    return ways


def blamed_stack(
    subject: Subject, ways: Ways, node: int, source: int, axis: int, effort: Effort
) -> DilatedStack | None:
    """The stack that leaves the holes in the field of a node along an axis; None where dilation does not.

    Raises OutOfReachError when looking at a layer takes more effort than is left.
    """
    maps: list[int] = []
    end: int | None = node
    while end is not None:
        maps.append(end)
        end = ways.resampled[end][axis]
    for end in reversed(maps):
        place = ways.places[end][axis]
        seen = (subject.analysis.fields.nodes[end].inputs[source] or ())[axis:][:1]
        if place is not None and all(field.holes and field.holes[0] for field in seen):
            stack = _stack_before(subject, end, place, source, axis, effort)
            if stack is not None and stack.program.rates and stack.program.is_cause:
                return stack
    return None


def _stack_before(
    subject: Subject, node: int, place: int, source: int, axis: int, effort: Effort
) -> DilatedStack | None:
    """The layers before a node along one of its axes, back to the nearest that read not by windows."""
    nodes = subject.graph.nodes
    along = {node: place}
    pending = [-node]
    readings: dict[int, tuple[Step, ...]] = {}
    while pending:
        index = -heappop(pending)
        if not effort.take(1 + len(nodes[index].inputs)):
            raise OutOfReachError("there are too many layers before it")
        found = tuple(step for step in steps(subject, index, source) if step.axis == along[index])
        if nodes[index].inputs and not found:
            return None
        # A resampled map is where the stack begins.
        readings[index] = found if all(step.taps.period == 1 for step in found) else ()
        for step in readings[index]:
            if step.operand not in along:
                heappush(pending, -step.operand)
            if along.setdefault(step.operand, step.operand_axis) != step.operand_axis:
                return None
    first = min(readings)
    if sum(not windows for windows in readings.values()) != 1 or readings[first]:
        return None
    entry = _entry((subject.analysis.fields.nodes[first].inputs[source] or ())[axis])
    return None if entry is None else _stack(entry, readings)


def _entry(field: AxisField) -> Entry | None:
    """What the units of a map see; None where they leave holes themselves, or it is not known."""
    if field.holes != (0, 0) or field.stride is None:
        return None
    if field.status not in (Status.EXACT, Status.BOUND, Status.EXTENT):
        return None
    shift = as_fraction(field.stride) * field.phases
    intervals = [
        (low, low + size - 1) for low, size in zip(field.offsets, field.sizes, strict=True) if low is not None
    ]
    if len(intervals) < field.phases or shift.denominator > 1:
        return None
    return Entry(int(shift), tuple(intervals))


class _Read(NamedTuple):
    """Which place of an earlier layer a layer reads, and at which places around it: windows `shift` apart."""

    operand: int
    shift: int
    taps: range


def _stack(entry: Entry, readings: Mapping[int, Sequence[Step]]) -> DilatedStack:
    """The program, with the layers in a row together and without those that hand on what one layer sees."""
    same: dict[int, int] = {}
    reading: dict[int, tuple[_Read, ...]] = {}
    readers: Counter[int] = Counter()
    for index in sorted(readings):
        found = tuple(
            dict.fromkeys(
                _Read(same[each.operand], each.taps.shift, each.taps.taps(0)) for each in readings[index]
            )
        )
        if len(found) == 1 and found[0][1:] == (1, range(1)):
            same[index] = found[0].operand
            continue
        same[index] = index
        reading[index] = found
        readers.update(each.operand for each in found)
    rows: list[list[int]] = []
    ending: dict[int, list[int]] = {}
    for index, found in reading.items():
        row = ending.get(found[0].operand) if len(found) == 1 and readers[found[0].operand] == 1 else None
        if row is None or len(reading[row[-1]]) != 1 or reading[row[-1]][0].shift != 1:
            row = []
            rows.append(row)
        row.append(index)
        ending[index] = row
    return _program(entry, rows, reading)


def _program(
    entry: Entry, rows: Sequence[Sequence[int]], reading: Mapping[int, Sequence[_Read]]
) -> DilatedStack:
    """The program of rows of layers, given how each layer reads."""
    places: dict[int, int] = {}
    members: list[tuple[int, ...]] = []
    rates: list[tuple[int, int]] = []
    steps: list[tuple[Row, ...]] = []
    for row in rows:
        joined: list[Row] = []
        choices: dict[tuple[tuple[int, ...], int], int] = {}
        for first in reading[row[0]]:
            reads = [first, *(reading[index][0] for index in row[1:])]
            runs = []
            for (kernel, rate), alike in _by_kind(row, reads).items():
                nodes = tuple(index for index, _ in alike)
                choice = None
                if kernel > 1 and rate > 1:
                    choice = choices.setdefault((nodes, rate), len(rates))
                    if choice == len(rates):
                        members.append(nodes)
                        rates.append((rate, len(nodes)))
                runs.append(Run(kernel, rate, tuple(-read.taps.start for _, read in alike), choice))
            joined.append(Row(places[first.operand], reads[-1].shift, tuple(runs)))
        places[row[-1]] = len(steps)
        steps.append(tuple(joined))
    return DilatedStack(Program(entry, tuple(steps), tuple(rates)), tuple(members))


def _by_kind(row: Sequence[int], reads: Sequence[_Read]) -> dict[tuple[int, int], list[tuple[int, _Read]]]:
    """What a row of layers reads, each with its node, by kernel and rate.

    Rates of 1 come first, which keep intervals intervals.
    """
    found: dict[tuple[int, int], list[tuple[int, _Read]]] = {}
    for index, read in zip(row, reads, strict=True):
        found.setdefault((count_of(read.taps), read.taps.step), []).append((index, read))
    return dict(sorted(found.items(), key=lambda kind: kind[0][1]))
