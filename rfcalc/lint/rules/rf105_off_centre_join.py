"""RF105: branches that are off-centre to each other where they meet.

Finds: A join of branches whose units at the same position are centred at different positions of the input.
Silent where no branch looks ahead and they differ in how far back they look: causal networks join such
branches on purpose. Silent, too, where slices with a stride deal the positions of a map out to branches, as a
space-to-depth layer does it.
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

from rfcalc.analysis.fields.axis_state import OffCentre, Slot
from rfcalc.conditions.words import amount
from rfcalc.errors import Related
from rfcalc.lint.network.branches import WaysBack
from rfcalc.lint.network.fields import BackStep, steps_along, stride_along
from rfcalc.lint.network.windows import AxisWindows, along, windows_of
from rfcalc.lint.network.wiring import by_line, counted, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.records import NamedTuple

# Of a path with more layers that move the centre the rest are counted.
_MOST_MOVERS = 4
# Of so many places where most branches are centred one is tried after the other as the one for all.
_MOST_TARGETS = 4
# Of a join with more branches to change the rest are counted.
_MOST_CHANGES = 8
# A layer more costs more than a kernel that is longer by one position, and less than by two: the unit is half
# a position.
_LAYER = 3


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
    ways: dict[Slot, WaysBack] = {}
    joins: dict[int, list[OffCentre]] = {}
    for join in subject.analysis.fields.off_centre:
        if join.slot not in ways:
            ways[join.slot] = WaysBack(subject, join.slot)
        if not _is_meant(subject, join, ways[join.slot]):
            joins.setdefault(join.node, []).append(join)
    for line in by_line(subject, joins):
        worst = max(line, key=lambda index: max(map(_distance, joins[index])))
        # Axes of which the same is said are one finding.
        told: dict[tuple[int, tuple[Fraction, ...], str, str], list[OffCentre]] = {}
        for join in joins[worst]:
            paths, hint = _paths(subject, join, ways[join.slot]), _realigned(subject, join)
            told.setdefault((join.slot.source, _centres(join), paths, hint), []).append(join)
        for (source, centres, paths, hint), alike in told.items():
            given = nodes[inputs[source]]
            where = along([join.slot.axis for join in alike], len(given.facts.output.axes))
            # Layers have the axes of the maps that meet, in another order than those of the input perhaps.
            layers = along([join.axes[0] for join in alike], len(nodes[worst].facts.output.axes))
            which = f" of {given.name}" if len(inputs) > 1 else ""
            distance = _distance(alike[0])
            yield Found(
                f"the branches that meet in {nodes[worst].name} are centred {counted(distance, 'position')} "
                f"of the input{which} apart{where}: {paths}{more_of(subject, line, worst)}",
                worst,
                related=tuple(
                    Related(f"this branch is centred at {amount(centres[end])}", nodes[operand].position)
                    for end, operand in _ends(alike[0])
                ),
                hint=f"{hint}{'' if layers == ' along each axis' else layers}",
                figures={"distance": float(distance), "centres": list(map(float, centres))},
            )


def _is_meant(subject: Subject, join: OffCentre, ways: WaysBack) -> bool:
    """Whether branches are off-centre on purpose: they are causal, or deal out the positions of one map."""
    parting = ways.parting(join.operands)
    counts = [ways.since(operand, parting) for operand in join.operands]
    # Branches that see up to the same position and differ in how far back they look may be so by chance (2x2
    # beside 3x3, both of stride 2), so it is asked of each layer since the branches parted.
    if join.ends_agree and not any(each.ahead for each in counts):
        return True
    # Slices with a stride that are stacked, as a space-to-depth layer does it.
    stride = stride_along(subject, join.operands[0], join.slot)
    dealt = parting is not None and not any(each.wide for each in counts)
    return dealt and stride is not None and _distance(join) < stride


def _centres(join: OffCentre) -> tuple[Fraction, ...]:
    """The centres of all operands of a join, in positions of the input."""
    return tuple(Fraction(*centre) for centre in join.centres)


def _distance(join: OffCentre) -> Fraction:
    """How many positions of the input lie between the centres that are furthest apart."""
    return max(_centres(join)) - min(_centres(join))


def _ends(join: OffCentre) -> list[tuple[int, int]]:
    """The two operands that are furthest apart, each with its place among the centres."""
    centres = _centres(join)
    places = (centres.index(end(centres)) for end in (min, max))
    return [(place, join.operands[place]) for place in places]


def _paths(subject: Subject, join: OffCentre, ways: WaysBack) -> str:
    """Where the operands that are furthest apart are centred, and what has moved them there."""
    centres, ends = _centres(join), _ends(join)
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


def _realigned(subject: Subject, join: OffCentre) -> str:
    """What to change so that all branches of a join are centred at the same position, with the numbers.

    Every map keeps its size.  Only layers are changed that nothing but the branch depends on.
    """
    entering = Counter(subject.graph.nodes[join.node].inputs)
    branches = [
        _branch(subject, join.slot, operand, entering[operand], centre)
        for operand, centre in zip(join.operands, _centres(join), strict=True)
    ]
    best: tuple[int, list[str]] | None = None
    for target, _ in Counter(branch.centre for branch in branches).most_common(_MOST_TARGETS):
        changes = [
            _change(subject, branch, target - branch.centre) for branch in branches if branch.centre != target
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
        stride = stride_along(subject, step.operand, slot)
        if stride is not None:
            own = (each for each in windows_of(subject, step.node) if each.axis == step.operand_axis)
            layers += [(each, step.node, stride) for each in own]
    return _CentredOperand(operand, times, centre, tuple(layers), stride_along(subject, operand, slot))


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


def _change(subject: Subject, branch: _CentredOperand, distance: Fraction) -> tuple[int, str] | None:
    """The least cost at which the centre of a branch is moved by so many positions of the input, and how."""
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
