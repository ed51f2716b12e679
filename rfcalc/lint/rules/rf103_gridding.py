"""RF103: holes in what the units of the last maps see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import NamedTuple

from rfcalc.analysis.axis_field import OutOfReachError
from rfcalc.analysis.field_figures import AxisField, Status
from rfcalc.errors import Position, Related
from rfcalc.lint.network.dilation_rates import DilatedStack, dilated_stack
from rfcalc.lint.network.fields import ancestors, last_maps, way_back
from rfcalc.lint.network.filled_boxes import filled
from rfcalc.lint.network.windows import along
from rfcalc.lint.network.wiring import counted
from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.ops.reads import Window
from rfcalc.shapes import format_sizes
from rfcalc.units import format_share

# Of maps with holes, so many are looked into: each takes a look at all layers before it.
MOST_MAPS = 16
# Of the positions in the plane one in so many must be missing: a thick cross has no holes worth the name.
SHARE_MISSING = 4
# What a sweep back through the plane may cost: the entries of all its arrays.
EFFORT = 2**25
# Of a stack with more layers the rest are not named.
MOST_NAMED = 8


class _Holes(NamedTuple):
    """Holes in the field of a map along some of the axes of an input, all alike; axes: those of the input."""

    node: int
    source: int
    axes: tuple[int, ...]
    stack: DilatedStack


def _find(subject: Subject) -> Iterator[Found]:
    told: set[tuple[Position, tuple[int, ...]]] = set()
    full: dict[int, list[bool]] = {}
    looks = MOST_MAPS
    for node in last_maps(subject):
        for source, axes in enumerate(subject.analysis.fields.nodes[node].inputs):
            if axes is None or not all(map(_is_sure, axes)):
                continue
            if looks == 0:
                return
            if any(axis.holes and axis.holes[0] for axis in axes):
                looks -= 1
                for holes in _along_axes(subject, node, source, axes):
                    # Several last maps behind one stack, or of one line, are one place to mend.
                    place = subject.graph.nodes[max(holes.stack.rates)].position, holes.axes
                    if place not in told:
                        told.add(place)
                        yield _dilated(subject, holes, axes)
            elif len(axes) == 2 and all(axis.holes == (0, 0) and axis.phases == 1 for axis in axes):
                if source not in full:
                    full[source] = filled(subject, source)
                if not full[source][node]:
                    looks -= 1
                    yield from _in_the_plane(subject, node, source, full[source])


def _is_sure(axis: AxisField) -> bool:
    """Whether what the field lacks is not seen; behind a global path everything is."""
    return axis.status in (Status.EXACT, Status.BOUND) and not axis.everything and axis.holes is not None


def _along_axes(subject: Subject, node: int, source: int, axes: tuple[AxisField, ...]) -> Iterator[_Holes]:
    """The holes that dilation makes, one entry for all axes along which they are the same."""
    found: dict[object, list[int]] = {}
    stacks: dict[object, DilatedStack] = {}
    for axis, field in enumerate(axes):
        if not (field.holes and field.holes[0]):
            continue
        stack = _stack_of(subject, node, axis, source)
        if stack is not None and stack.rates and stack.is_cause:
            key = (stack.program, field.sizes, field.holes)
            found.setdefault(key, []).append(axis)
            stacks[key] = stack
    for same, listed in found.items():
        yield _Holes(node, source, tuple(listed), stacks[same])


def _stack_of(subject: Subject, node: int, axis: int, source: int) -> DilatedStack | None:
    """The dilated layers before a map; those before the first upsampling on the way, if there is any."""
    place = _axis_of(subject, node, axis, source)
    if place is None:
        return None
    start = node, place
    for step in way_back(subject, node, place, source):
        if not isinstance(step.taps, Window):
            start = step.operand, step.operand_axis
    axes = subject.analysis.fields.nodes[start[0]].inputs[source]
    if axes is None or not (axes[axis].holes or (0, 0))[0]:
        return None
    return dilated_stack(subject, *start, source)


def _axis_of(subject: Subject, node: int, axis: int, source: int) -> int | None:
    """Along which axis of a node an axis of an input runs, found on the way back; None where that is lost."""
    wanted = subject.graph.inputs[source]
    for place in range(len(subject.graph.nodes[node].facts.output.axes)):
        for step in way_back(subject, node, place, source):
            if step.operand == wanted and step.operand_axis == axis:
                return place
    return None


def _dilated(subject: Subject, holes: _Holes, axes: tuple[AxisField, ...]) -> Found:
    nodes = subject.graph.nodes
    stack = holes.stack
    blamed = max(stack.rates)
    field = axes[holes.axes[0]]
    missing = field.holes[0] if field.holes else 0
    span = max(field.sizes)
    where = "" if len(holes.axes) == len(axes) == 1 else along(holes.axes, len(axes))
    # Phases of an upsampled map differ in what they see, and so do channels behind a join.
    most = "at most " if len(set(field.sizes)) > 1 or field.status == Status.BOUND else ""
    rates = f"the rate {_listed(stack.rates.values())} leaves"
    if len(stack.rates) > 1:
        rates = f"the rates {_listed(stack.rates.values())} leave"
    fills = "fills it" if missing == 1 else "fills them"
    better = stack.better_rates()
    hint = "no small change of the rates closes the holes"
    if better is not None:
        hint = f"with {_listed(better[0].values())} there is no hole, and the field spans {better[1]}"
    gap = stack.longest_gap
    if gap:
        hint += f"; a kernel of {gap + 1} or more without dilation behind these layers closes them, too"
    return Found(
        f"a unit of {nodes[holes.node].name} sees {most}{span - missing} of the {span} positions its field "
        f"spans{where}: {rates} {counted(missing, 'hole')}, and no later layer {fills}",
        blamed,
        related=_still(subject, holes.node, blamed),
        hint=hint,
        figures={
            "seen": span - missing,
            "span": span,
            "rates": list(stack.rates.values()),
            "better": None if better is None else list(better[0].values()),
        },
    )


def _still(subject: Subject, node: int, blamed: int) -> tuple[Related, ...]:
    """Where the map with the holes stands, when that is another line than the one to blame."""
    place = subject.graph.nodes[node].position
    same = place == subject.graph.nodes[blamed].position
    return () if same else (Related("the holes are still there", place),)


def _listed(rates: Iterable[int]) -> str:
    """Some rates in the order of the layers; the end of a long list is left out."""
    shown = list(map(str, rates))
    if len(shown) > MOST_NAMED:
        shown = [*shown[:MOST_NAMED], "…"]
    return ", ".join(shown)


def _in_the_plane(subject: Subject, node: int, source: int, full: list[bool]) -> Iterator[Found]:
    """Holes between branches, of which no axis alone shows any; full: whose box is surely filled."""
    from rfcalc.analysis.support import support

    nodes = subject.graph.nodes
    try:
        seen = support(subject.graph, node, [[0] * len(nodes[node].facts.output.axes)], source, effort=EFFORT)
    except OutOfReachError:
        return
    hull, box = seen.hull, seen.box
    if hull is None or box is None or (hull - seen.size) * SHARE_MISSING < hull:
        return
    lengths = [high - low + 1 for low, high in box]
    before = ancestors(subject, node)
    joins = [index for index in before if len(nodes[index].inputs) > 1 and not full[index]]
    blamed = joins[0] if joins else node
    yield Found(
        f"a unit of {nodes[node].name} sees {seen.size} of the {hull} positions between the outermost it "
        f"sees, {format_share(seen.size, prod(lengths))} of its {format_sizes(lengths)} field: the branches "
        f"that meet in {nodes[blamed].name} leave holes between them, and no later layer fills them",
        blamed,
        related=_still(subject, node, blamed),
        hint="put layers that see far along one axis each behind one another (1x7, then 7x1)",
        figures={"seen": seen.size, "hull": hull, "field": lengths},
        severity="info",
    )


RULE = Rule(
    code="RF103",
    name="gridding",
    severity="warning",
    what="Positions inside the field of the last maps that their units do not see, by the exact set, all "
    "branches together. (The rule of thumb of hybrid dilated convolution passes rates 2, 3, 5, of whose 21 "
    "positions 19 are seen.) Behind dilated layers with the smallest change of the rates that leaves no "
    "hole, found by trying. Where branches meet, such as 1x7 beside 7x1, the set is worked out in the plane, "
    "and told where a quarter is missing. Silent where a later layer fills the holes, or strides make them.",
    why="Neighbours of what a unit sees never reach it, so that neighbouring units work on different grids: "
    "thin structures are lost and dense predictions show a grid.",
    source="Wang et al. 2018, Understanding convolution for semantic segmentation; Yu, Koltun and Funkhouser "
    "2017, Dilated residual networks",
    instead="Change the rates as told, or put a layer without dilation behind the stack.",
    fires="input: 64x64x8\nlayers:\n  - conv f=3 p=2 r=2 d=8\n  - relu\n  - conv f=3 p=3 r=3 d=8\n  - relu\n"
    "  - conv f=3 p=5 r=5 d=8\n",
    silent="input: 64x64x8\nlayers:\n  - conv f=3 p=1 r=1 d=8\n  - relu\n  - conv f=3 p=2 r=2 d=8\n"
    "  - relu\n  - conv f=3 p=5 r=5 d=8\n",
    find=_find,
)
