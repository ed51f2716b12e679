"""What puts branches in line: other padding, a padding layer, or a kernel of another length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from rfcalc.analysis.fields.axis_state import OffCentre, Slot
from rfcalc.conditions.words import amount
from rfcalc.lint.network.fields import BackStep, as_fraction, axis_field, steps_along
from rfcalc.lint.network.windows import AxisWindows, windows_of
from rfcalc.lint.network.wiring import has
from rfcalc.lint.rule import Subject
from rfcalc.records import NamedTuple

# Of so many places where most branches are centred one is tried after the other as the one for all.
_MOST_TARGETS = 4
# Of a join with more branches to change the rest are counted.
_MOST_CHANGES = 8
# A layer more costs more than a kernel that is longer by one position, and less than by two: the unit is half
# a position.
_LAYER = 3


class _Realignment(NamedTuple):
    """What moves the centre of one branch; cost: how much of the network that changes."""

    cost: int
    text: str


class _CentredOperand(NamedTuple):
    """An operand of a join: how often it enters, its centre, its own layers with windows, its stride."""

    node: int
    times: int
    centre: Fraction
    layers: tuple[tuple[AxisWindows, int, Fraction], ...]
    stride: Fraction | None


def realigned(subject: Subject, join: OffCentre) -> str:
    """What to change so that all branches of a join are centred at the same position, with the numbers.

    Every map keeps its size.  Only layers are changed that nothing but the branch depends on.
    """
    entering = Counter(subject.graph.nodes[join.node].inputs)
    branches = [
        _branch(subject, join.slot, operand, entering[operand], Fraction(*centre))
        for operand, centre in zip(join.operands, join.centres, strict=True)
    ]
    best: tuple[int, list[_Realignment]] | None = None
    for target, _ in Counter(branch.centre for branch in branches).most_common(_MOST_TARGETS):
        changes = [
            _change(subject, branch, target - branch.centre) for branch in branches if branch.centre != target
        ]
        known = [change for change in changes if change is not None]
        cost = sum(change.cost for change in known)
        if len(known) == len(changes) and (best is None or cost < best[0]):
            best = cost, known
    if best is None:
        return (
            "no padding and no longer kernel makes that good: build the branches of layers that have the "
            "same middle"
        )
    texts = [change.text for change in best[1]]
    if len(texts) > _MOST_CHANGES:
        texts = [*texts[:_MOST_CHANGES], f"likewise {len(texts) - _MOST_CHANGES} more branches"]
    return "to put them in line, " + " and ".join(texts)


def _branch(subject: Subject, slot: Slot, operand: int, times: int, centre: Fraction) -> _CentredOperand:
    layers: list[tuple[AxisWindows, int, Fraction]] = []
    for step in _own_steps(subject, operand, slot):
        field = axis_field(subject, step.operand, *slot)
        if field is None or field.stride is None:
            continue
        own = (each for each in windows_of(subject, step.node) if each.axis == step.operand_axis)
        layers += [(each, step.node, as_fraction(field.stride)) for each in own]
    field = axis_field(subject, operand, *slot)
    stride = None if field is None or field.stride is None else as_fraction(field.stride)
    return _CentredOperand(operand, times, centre, tuple(layers), stride)


def _own_steps(subject: Subject, node: int, slot: Slot) -> Iterator[BackStep]:
    """The layers of a branch, from its end back to the first that others depend on as well, or to a join.

    No two joins have a layer of their own in common, so that all of them together are gone through once.
    """
    fields = subject.analysis.fields.nodes
    while len(subject.readers[node]) == 1:
        operands = {each for each in subject.graph.nodes[node].inputs if fields[each].inputs[slot.source]}
        step = next(steps_along(subject, node, slot), None)
        if len(operands) != 1 or step is None:
            return
        yield step
        node = step.operand


def _change(subject: Subject, branch: _CentredOperand, distance: Fraction) -> _Realignment | None:
    """What moves the centre of a branch by so many positions of the input, at the least cost."""
    nodes = subject.graph.nodes
    found = []
    for windows, node, stride in branch.layers:
        shift = distance / stride
        longer = _longer(windows, shift)
        if longer is None:
            continue
        grown = Fraction(longer * windows.taps.dilation, 2)
        before = windows.taps.before + grown - shift
        # As near to even padding as the number of windows allows.
        fewest, most = (after + grown + shift for after in _after(windows))
        after = min(max(before, fewest, Fraction(0)), most)
        if has(nodes[node], "pooling") and 2 * max(before, after) > windows.taps.kernel + longer:
            # Frameworks refuse to pad pooling by more than half its kernel.
            continue
        padded = f"by {amount(before)} before and {amount(after)} behind"
        kernel = windows.taps.kernel + longer
        text = f"pad {nodes[node].name} {padded}"
        if longer:
            text = f"give {nodes[node].name} a kernel of {kernel} padded {padded}"
        # Where one of two kernels must change, the even one does.
        found.append(_Realignment(2 * longer + (longer > 0 and kernel % 2 == 0), text))
    if branch.stride is not None:
        units = distance / branch.stride
        if units.denominator == 1:
            text = f"put `pad padding={-units}:{units}` between {nodes[branch.node].name} and the join"
            # Empty branches hand on one map, each by itself.
            text += f", each of the {branch.times} times that it enters" if branch.times > 1 else ""
            found.append(_Realignment(_LAYER * branch.times, text))
    return min(found, key=lambda change: change.cost, default=None)


def _longer(windows: AxisWindows, shift: Fraction) -> int | None:
    """By how many positions a kernel must grow at least to be moved by a shift with whole padding."""
    if (2 * shift).denominator != 1:
        return None
    least = max(shift - windows.taps.before, -shift - _after(windows)[1], Fraction(0))
    longer = ceil(2 * least / windows.taps.dilation)
    # Half of what the window grows by and the shift must differ by whole positions.
    for more in (longer, longer + 1):
        if (Fraction(more * windows.taps.dilation, 2) - shift).denominator == 1:
            return more
    return None


def _after(windows: AxisWindows) -> tuple[int, int]:
    """The least and the most padding behind with which there are as many windows."""
    if windows.taps.rounded_up:
        return windows.taps.after, windows.taps.after
    least = windows.taps.after - windows.unread
    return least, least + windows.taps.stride - 1
