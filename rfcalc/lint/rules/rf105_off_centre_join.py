"""RF105: branches that are off-centre to each other where they meet.

Finds: Joins of branches whose units at the same position are centred at different positions of the input, by
half a unit of the map or more; where a branch was made coarser and finer again, by a unit of the coarsest map
or more, since less is how strided encoders and upsampling decoders meet (FPN, U-Net). Joins that one layer
puts out of line are one finding. Silent where no branch looks ahead and they differ in how far back they
look: causal networks are aligned at the last position. Silent, too, where slices with a stride deal the
positions of a map out to branches, as a space-to-depth layer does it.
Why: What is added or stacked belongs to different places of the input; the layers behind must undo the shift,
and one pixel of a deep map is many of the input.
Source: Araujo, Norris and Sim 2019, section on alignment of several paths
Instead: Give the branches kernels and paddings with the same middle: p = (f - 1) / 2 in front where f is odd;
an even kernel beside a shortcut has no such padding. The finding says which layer to change, and to which
numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from operator import itemgetter

from rfcalc.analysis.fields.alignment import JoinAlignment, OutOfLine, centres_of, distance, ends_of
from rfcalc.analysis.fields.axis_state import OffCentre, Slot
from rfcalc.analysis.fields.steps import BackStep, steps_along, stride_along
from rfcalc.analysis.fields.ways_back import WaysBack
from rfcalc.conditions.words import amount
from rfcalc.errors import Related
from rfcalc.lint.network.windows import AxisWindows, along, windows_of
from rfcalc.lint.network.wiring import counted, first_few, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.records import NamedTuple

# Of a path with more layers that move the centre the rest are counted.
_MOST_MOVERS = 4
# Of more joins with the same cause the rest are not named.
_MOST_JOINS = 4
# Of so many places where most branches are centred one is tried after the other as the one for all.
_MOST_TARGETS = 4
# Of a join with more branches to change the rest are counted.
_MOST_CHANGES = 8
# A layer more costs more than a kernel that is longer by one position, and less than by two: the unit is half
# a position.
_LAYER = 3
# A kernel is never proposed to grow by more: it would see something else than its author wants.
_MOST_LONGER = 2


class _CentredOperand(NamedTuple):
    """An operand of a join: how often it enters, its centre, its own layers with windows, its stride."""

    node: int
    times: int
    centre: Fraction
    layers: tuple[tuple[AxisWindows, int, Fraction], ...]
    stride: Fraction | None


@rule(
    "warning",
    fires="input: 32x32x8\nlayers:\n  - add: [[conv f=3 p=0:2 d=8], []]\n",
    silent="input: 32x32x8\nlayers:\n  - add: [[conv f=3 p=1 d=8], [conv f=5 p=2 d=8], []]\n",
)
def find(subject: Subject) -> Reported:
    nodes, inputs = subject.graph.nodes, subject.graph.inputs
    if not subject.analysis.fields.off_centre:
        return
    alignment = JoinAlignment(subject.analysis.fields)
    for cause in alignment.out_of_line():
        worst = cause.worst[0].node
        # Axes of which the same is said are one finding.
        told: dict[tuple[tuple[Fraction, ...], str, str], list[OffCentre]] = {}
        for join in cause.worst:
            paths, hint = (
                _paths(subject, join, alignment.ways[join.slot]),
                _realigned(subject, join, alignment),
            )
            told.setdefault((centres_of(join), paths, hint), []).append(join)
        for (centres, paths, hint), alike in told.items():
            given = nodes[inputs[alike[0].slot.source]]
            where = along([join.slot.axis for join in alike], len(given.facts.output.axes))
            # Layers have the axes of the maps that meet, in another order than those of the input perhaps.
            layers = along([join.axes[0] for join in alike], len(nodes[worst].facts.output.axes))
            which = f" of {given.name}" if len(inputs) > 1 else ""
            apart = distance(alike[0])
            yield Found(
                f"the branches that meet in {nodes[worst].name} are centred {counted(apart, 'position')} "
                f"of the input{which} apart{where}: {paths}{_others(subject, cause)}",
                worst,
                related=tuple(
                    Related(f"this branch is centred at {amount(centres[end])}", nodes[operand].position)
                    for end, operand in ends_of(alike[0])
                ),
                hint=f"{hint}{'' if layers == ' along each axis' else layers}",
                figures={
                    "distance": float(apart),
                    "centres": list(map(float, centres)),
                    "joins": len({join[0].node for join in cause.joins}),
                },
            )


def _others(subject: Subject, cause: OutOfLine) -> str:
    """The further joins that the same layer puts out of line: those of the line, or by their names."""
    joins = list(dict.fromkeys(join[0].node for join in cause.joins))
    if len({subject.graph.nodes[join].position for join in joins}) == 1:
        return more_of(subject, sorted(joins), joins[0])
    names = first_few((subject.graph.nodes[join].name for join in joins[1:]), _MOST_JOINS)
    return f" (and for the same reason in {counted(len(joins) - 1, 'more join')}: {names})"


def _paths(subject: Subject, join: OffCentre, ways: WaysBack) -> str:
    """Where the operands that are furthest apart are centred, and what has moved them there."""
    centres, ends = centres_of(join), ends_of(join)
    parting = ways.parting([operand for _, operand in ends])
    return " and ".join(
        f"{subject.graph.nodes[operand].name} at {amount(centres[place])}"
        f"{_moves(subject, operand, parting, ways)}"
        for place, operand in ends
    )


def _moves(subject: Subject, operand: int, parting: int | None, ways: WaysBack) -> str:
    """Which layers of a branch move its centre, and by how much, since the branches parted."""
    parts = [
        f"{subject.graph.nodes[node].name} {'+' if moved > 0 else ''}{amount(moved)}"
        for node, moved in ways.movers(operand, parting, _MOST_MOVERS)
    ]
    rest = ways.since(operand, parting).moving - len(parts)
    if rest:
        parts.append(f"{rest} more do")
    return f" ({', '.join(reversed(parts))})" if parts else ""


def _realigned(subject: Subject, join: OffCentre, alignment: JoinAlignment) -> str:
    """What to change so that all branches of a join are centred at the same position, with the numbers.

    Every map keeps its size.  Only layers are changed that nothing but the branch depends on.
    """
    entering = Counter(subject.graph.nodes[join.node].inputs)
    branches = [
        _branch(subject, join.slot, operand, entering[operand], centre)
        for operand, centre in zip(join.operands, centres_of(join), strict=True)
    ]
    room = alignment.room(join) or Fraction(0)
    best: tuple[int, list[str]] | None = None
    for target, _ in Counter(branch.centre for branch in branches).most_common(_MOST_TARGETS):
        changes = [
            _change(subject, branch, target - branch.centre, room)
            for branch in branches
            if branch.centre != target
        ]
        known = [change for change in changes if change is not None]
        cost = sum(its_cost for its_cost, _ in known)
        if len(known) == len(changes) and (best is None or cost < best[0]):
            best = cost, [text for _, text in known]
    if best is None:
        return (
            "no padding and no longer kernel makes that good: build the branches of layers that have the "
            "same middle"
        )
    texts = best[1]
    if len(texts) > _MOST_CHANGES:
        texts = [*texts[:_MOST_CHANGES], f"likewise {len(texts) - _MOST_CHANGES} more branches"]
    return "to put them in line, " + " and ".join(texts)


def _branch(subject: Subject, slot: Slot, operand: int, times: int, centre: Fraction) -> _CentredOperand:
    layers: list[tuple[AxisWindows, int, Fraction]] = []
    for step in _own_steps(subject, operand, slot):
        stride = stride_along(subject.analysis.fields, step.operand, slot)
        if stride is not None:
            own = (each for each in windows_of(subject, step.node) if each.axis == step.operand_axis)
            layers += [(each, step.node, stride) for each in own]
    return _CentredOperand(
        operand, times, centre, tuple(layers), stride_along(subject.analysis.fields, operand, slot)
    )


def _own_steps(subject: Subject, node: int, slot: Slot) -> Iterator[BackStep]:
    """The layers of a branch, from its end back to the first that others depend on as well, or to a join.

    No two joins have a layer of their own in common, so that all of them together are gone through once.
    """
    fields = subject.analysis.fields
    while len(subject.readers[node]) == 1:
        operands = {
            each for each in subject.graph.nodes[node].inputs if fields.nodes[each].inputs[slot.source]
        }
        step = next(steps_along(fields, node, slot), None)
        if len(operands) != 1 or step is None:
            return
        yield step
        node = step.operand


def _change(
    subject: Subject, branch: _CentredOperand, distance: Fraction, room: Fraction
) -> tuple[int, str] | None:
    """The least cost at which the centre of a branch is moved by so many positions of the input, and how.

    room: from how far apart on branches are out of line; two may miss their aim by less than half of it.
    """
    nodes = subject.graph.nodes
    found = []
    moves = [
        (windows, node, shift)
        for windows, node, stride in branch.layers
        for shift in dict.fromkeys((distance / stride, Fraction(round(distance / stride))))
        if 2 * abs(distance - shift * stride) < room or shift * stride == distance
    ]
    for windows, node, shift in moves:
        longer = _longer(windows, shift)
        if longer is None or longer > _MOST_LONGER:
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
        found.append((2 * longer + (longer > 0 and kernel % 2 == 0), text))
    if branch.stride is not None:
        units = distance / branch.stride
        if units.denominator == 1:
            text = f"put `pad padding={-units}:{units}` between {nodes[branch.node].name} and the join"
            # Empty branches hand on one map, each by itself.
            text += f", each of the {branch.times} times that it enters" if branch.times > 1 else ""
            found.append((_LAYER * branch.times, text))
    return min(found, key=itemgetter(0), default=None)


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
