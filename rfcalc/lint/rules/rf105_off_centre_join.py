"""RF105: branches that are off-centre to each other where they meet."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from heapq import heapify, heappop, heappush

from rfcalc.analysis.field_findings import OffCentre
from rfcalc.errors import Related
from rfcalc.lint.network.fields import (
    Step,
    as_fraction,
    axis_field,
    centre_shift,
    decimal,
    positions,
    step_back,
    way_back,
)
from rfcalc.lint.network.windows import along, windows_of
from rfcalc.lint.network.wiring import by_line, more_of
from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.ops.reads import Window

# Steps back through the graph, for all joins together, in search of the place where branches part.
MOST_STEPS = 200_000
# Of a path with more layers that move the centre the rest are counted.
_MOST_STEPS = 4


def _find(subject: Subject) -> Iterator[Found]:
    joins: dict[int, list[OffCentre]] = {}
    steps = MOST_STEPS
    for join in subject.analysis.fields.off_centre:
        if join.ends_agree:
            causal, steps = _is_causal(subject, join, steps)
            if causal:
                continue
        joins.setdefault(join.node, []).append(join)
    for line in by_line(subject, joins):
        furthest = max(joins[line[0]], key=_distance)
        alike = [
            join
            for join in joins[line[0]]
            if join.slot.source == furthest.slot.source and _distance(join) == _distance(furthest)
        ]
        yield _found(subject, line, furthest, [join.slot.axis for join in alike])


def _is_causal(subject: Subject, join: OffCentre, steps: int) -> tuple[bool, int]:
    """Whether no layer looks ahead since the branches parted, and how many of so many steps are left.

    Branches that see up to the same position and differ in how far back they look may be so by chance (2x2
    beside 3x3, both of stride 2), so each layer is looked at.  Where no steps are left they pass for causal.
    """
    # A layer comes after all it reads, so no way back from the others leads to the last of them.
    places = [(-node, axis) for node, axis in zip(join.operands, join.axes, strict=True)]
    heapify(places)
    while steps > 0:
        place = heappop(places)
        while places and places[0] == place:
            heappop(places)
        if not places:
            break
        step = step_back(subject, -place[0], place[1], join.slot.source)
        if step is None:
            break
        if _looks_ahead(subject, step):
            return False, steps
        heappush(places, (-step.operand, step.operand_axis))
        steps -= 1
    return True, steps


def _looks_ahead(subject: Subject, step: Step) -> bool:
    """Whether unit 0 of a layer reads past position 0, other than for want of padding in front."""
    taps = step.taps
    if not isinstance(taps, Window):
        return True
    if (taps.kernel - 1) * taps.dilation <= taps.before:
        return False
    padded = any(axis.after for axis in windows_of(subject, step.node) if axis.axis == step.operand_axis)
    return taps.stride != 1 or taps.before > 0 or padded


def _distance(join: OffCentre) -> Fraction:
    """How many positions of the input lie between the centres that are furthest apart."""
    centres = [Fraction(*centre) for centre in join.centres]
    return max(centres) - min(centres)


def _found(subject: Subject, line: tuple[int, ...], join: OffCentre, axes: list[int]) -> Found:
    nodes = subject.graph.nodes
    centres = [Fraction(*centre) for centre in join.centres]
    ends = (centres.index(min(centres)), centres.index(max(centres)))
    operands = [join.operands[place] for place in ends]
    paths = [
        list(way_back(subject, join.operands[place], join.axes[place], join.slot.source)) for place in ends
    ]
    shared = {step.operand for step in paths[0]} & {step.operand for step in paths[1]}
    shared |= {
        operand for operand, other in zip(operands, paths[::-1], strict=True) if operand in _nodes(other)
    }
    told = [
        f"{nodes[operand].name} at {decimal(centres[place])}{_moves(subject, operand, path, shared, join)}"
        for operand, place, path in zip(operands, ends, paths, strict=True)
    ]
    rank = len(nodes[subject.graph.inputs[join.slot.source]].facts.output.axes)
    which = (
        f" of {nodes[subject.graph.inputs[join.slot.source]].name}" if len(subject.graph.inputs) > 1 else ""
    )
    distance = _distance(join)
    field = axis_field(subject, operands[0], join.slot.source, join.slot.axis)
    stride = as_fraction(field.stride) if field is not None and field.stride else Fraction(1)
    units = distance / stride
    if units.denominator == 1:
        # A branch that no layer moves, such as a shortcut, has no padding that could be changed.
        lower = "(" in told[0]
        first = nodes[operands[0 if lower else 1]].name
        change = "less padding before and more behind" if lower else "more padding before and less behind"
        hint = f"{decimal(units)} {change} in the branch of {first} puts them in line"
    else:
        hint = (
            f"the maps are {decimal(units)} of their positions apart, which no padding in whole positions "
            "makes good: choose kernels with the same middle, odd beside odd"
        )
    return Found(
        f"the branches that meet in {nodes[line[0]].name} are centred {positions(distance)} of the "
        f"input{which} apart{along(axes, rank)}: {' and '.join(told)}{more_of(line)}",
        line[0],
        related=tuple(
            Related(f"this branch is centred at {decimal(centres[place])}", nodes[operand].position)
            for operand, place in zip(operands, ends, strict=True)
        ),
        hint=hint,
        figures={"distance": float(distance), "centres": [float(centre) for centre in centres]},
    )


def _nodes(path: list[Step]) -> set[int]:
    return {step.operand for step in path}


def _moves(subject: Subject, operand: int, path: list[Step], shared: set[int], join: OffCentre) -> str:
    """Which layers of a path move its centre, and by how much, as far back as the paths differ."""
    parts = []
    if operand not in shared:
        for step in path:
            field = axis_field(subject, step.operand, join.slot.source, join.slot.axis)
            shift = centre_shift(step.taps)
            if field is not None and field.stride is not None and shift:
                moved = shift * as_fraction(field.stride)
                sign = "+" if moved > 0 else ""
                parts.append(f"{subject.graph.nodes[step.node].name} {sign}{decimal(moved)}")
            if step.operand in shared:
                break
    if len(parts) > _MOST_STEPS:
        parts = [*parts[:_MOST_STEPS], f"{len(parts) - _MOST_STEPS} more do"]
    return f" ({', '.join(reversed(parts))})" if parts else ""


RULE = Rule(
    code="RF105",
    name="off-centre-join",
    severity="warning",
    what="A join of branches whose units at the same position are centred at different positions of the "
    "input. Silent where no branch looks ahead and they differ in how far back they look: causal networks "
    "join such branches on purpose.",
    why="What is added or stacked belongs to different places of the input; the layers behind must undo the "
    "shift, and one pixel of a deep map is many of the input.",
    source="Araujo, Norris and Sim 2019, section on alignment of several paths",
    instead="Give the branches kernels and paddings with the same middle: p = (f - 1) / 2 in front where f "
    "is odd; an even kernel beside a shortcut has no such padding.",
    fires="input: 32x32x8\nlayers:\n  - add: [[conv f=3 p=0:2 d=8], []]\n",
    silent="input: 32x32x8\nlayers:\n  - add: [[conv f=3 p=1 d=8], [conv f=5 p=2 d=8], []]\n",
    find=_find,
)
