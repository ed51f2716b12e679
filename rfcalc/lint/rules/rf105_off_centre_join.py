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

from collections.abc import Iterator
from fractions import Fraction

from rfcalc.analysis.fields.axis_state import OffCentre, Slot
from rfcalc.conditions.words import amount
from rfcalc.errors import Related
from rfcalc.lint.network.branches import WaysBack
from rfcalc.lint.network.fields import as_fraction, axis_field
from rfcalc.lint.network.realignment import realigned
from rfcalc.lint.network.windows import along
from rfcalc.lint.network.wiring import by_line, counted, more_of
from rfcalc.lint.rule import Found, Subject, rule
from rfcalc.records import NamedTuple

# Of a path with more layers that move the centre the rest are counted.
_MOST_MOVERS = 4


class _Told(NamedTuple):
    """What is said of a join along one axis; axes of which the same is said are one finding.

    centres: of all operands; ends: those that are furthest apart, each with its centre.
    """

    source: int
    distance: Fraction
    centres: tuple[Fraction, ...]
    ends: tuple[tuple[int, Fraction], ...]
    paths: str
    hint: str


@rule(
    "warning",
    fires="input: 32x32x8\nlayers:\n  - add: [[conv f=3 p=0:2 d=8], []]\n",
    silent="input: 32x32x8\nlayers:\n  - add: [[conv f=3 p=1 d=8], [conv f=5 p=2 d=8], []]\n",
)
def find(subject: Subject) -> Iterator[Found]:
    ways: dict[Slot, WaysBack] = {}
    joins: dict[int, list[OffCentre]] = {}
    for join in subject.analysis.fields.off_centre:
        if join.slot not in ways:
            ways[join.slot] = WaysBack(subject, join.slot)
        if not _is_meant(subject, join, ways[join.slot]):
            joins.setdefault(join.node, []).append(join)
    for line in by_line(subject, joins):
        worst = max(line, key=lambda index: max(map(_distance, joins[index])))
        told: dict[_Told, list[OffCentre]] = {}
        for join in joins[worst]:
            told.setdefault(_told(subject, join, ways[join.slot]), []).append(join)
        for what, alike in told.items():
            yield _found(subject, line, worst, what, alike)


def _is_meant(subject: Subject, join: OffCentre, ways: WaysBack) -> bool:
    """Whether branches are off-centre on purpose: they are causal, or deal out the positions of one map."""
    parting = ways.parting(join.operands)
    counts = [ways.since(operand, parting) for operand in join.operands]
    # Branches that see up to the same position and differ in how far back they look may be so by chance (2x2
    # beside 3x3, both of stride 2), so it is asked of each layer since the branches parted.
    if join.ends_agree and not any(each.ahead for each in counts):
        return True
    # Slices with a stride that are stacked, as a space-to-depth layer does it.
    field = axis_field(subject, join.operands[0], *join.slot)
    return (
        parting is not None
        and not any(each.wide for each in counts)
        and field is not None
        and field.stride is not None
        and _distance(join) < as_fraction(field.stride)
    )


def _distance(join: OffCentre) -> Fraction:
    """How many positions of the input lie between the centres that are furthest apart."""
    centres = [Fraction(*centre) for centre in join.centres]
    return max(centres) - min(centres)


def _told(subject: Subject, join: OffCentre, ways: WaysBack) -> _Told:
    nodes = subject.graph.nodes
    centres = [Fraction(*centre) for centre in join.centres]
    ends = (centres.index(min(centres)), centres.index(max(centres)))
    operands = [join.operands[end] for end in ends]
    parting = ways.parting(operands)
    paths = [
        f"{nodes[operand].name} at {amount(centres[end])}{_moves(subject, operand, parting, ways)}"
        for end, operand in zip(ends, operands, strict=True)
    ]
    return _Told(
        join.slot.source,
        _distance(join),
        tuple(centres),
        tuple((join.operands[end], centres[end]) for end in ends),
        " and ".join(paths),
        realigned(subject, join),
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


def _found(subject: Subject, line: tuple[int, ...], index: int, told: _Told, joins: list[OffCentre]) -> Found:
    nodes, inputs = subject.graph.nodes, subject.graph.inputs
    given = nodes[inputs[told.source]]
    where = along([join.slot.axis for join in joins], len(given.facts.output.axes))
    # Layers have the axes of the maps that meet, which may lie in another order than those of the input.
    layers = along([join.axes[0] for join in joins], len(nodes[index].facts.output.axes))
    which = f" of {given.name}" if len(inputs) > 1 else ""
    return Found(
        f"the branches that meet in {nodes[index].name} are centred {counted(told.distance, 'position')} of "
        f"the input{which} apart{where}: {told.paths}{more_of(subject, line, index)}",
        index,
        related=tuple(
            Related(f"this branch is centred at {amount(centre)}", nodes[operand].position)
            for operand, centre in told.ends
        ),
        hint=f"{told.hint}{'' if layers == ' along each axis' else layers}",
        figures={
            "distance": float(told.distance),
            "centres": [float(centre) for centre in told.centres],
        },
    )
