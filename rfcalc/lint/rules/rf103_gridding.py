"""RF103: holes in what the units of the last maps see.

Finds: Positions inside the field of the last maps that their units do not see, by the exact set, all branches
together. (The rule of thumb of hybrid dilated convolution passes rates 2, 3, 5, of whose 21 positions 19 are
seen.) Behind dilated layers with the smallest change of the rates that leaves no hole, found by trying. Where
branches meet, such as 1x7 beside 7x1, the set is worked out in the plane, and told where a quarter is
missing. Silent where a later layer fills the holes, or strides make them; interpolation at the end, as in
most networks for segmentation, fills none: it averages what neighbours found on their own grids.
Why: Neighbours of what a unit sees never reach it, so that neighbouring units work on different grids: thin
structures are lost and dense predictions show a grid.
Source: Wang et al. 2018, Understanding convolution for semantic segmentation; Yu, Koltun and Funkhouser 2017,
Dilated residual networks
Instead: Change the rates as told, or put a layer without dilation behind the stack. Of branches side by side,
which are to see different distances, no other rates are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod

from rfcalc.analysis.fields.axis_field import Effort, OutOfReachError
from rfcalc.analysis.fields.axis_state import Slot
from rfcalc.analysis.fields.figures import AxisField, Status
from rfcalc.analysis.fields.steps import steps
from rfcalc.errors import Related
from rfcalc.lint.network.dilation import (
    MOST_CHANGE,
    NOT_TRIED,
    Better,
    DilatedStack,
    Stack,
    better_rates,
    blamed_stack,
    closing_kernel,
)
from rfcalc.lint.network.fields import last_maps
from rfcalc.lint.network.windows import along, windows_of
from rfcalc.lint.network.wiring import counted, first_few
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.axis_maps import count_of
from rfcalc.shapes import format_sizes
from rfcalc.units import format_share

# So many maps are looked into in the plane: each takes a sweep through all layers before it.
MOST_SWEEPS = 16
# Of the positions in the plane one in so many must be missing: a thick cross has no holes worth the name.
SHARE_MISSING = 4
# What a sweep back through the plane may cost: the entries of all its arrays.
EFFORT = 2**26
# Layers and their operands that are looked at, with the work on their fields, for the stacks of all maps.
MOST_LAYERS = 2**18
# Of so many different stacks better rates are searched for.
MOST_SEARCHES = 64
# Of a stack with more layers the rest are not named.
MOST_NAMED = 8
# Rates that fill each other's holes would bring the branches, which are to see different distances, together.
_SIDE_BY_SIDE = "branches side by side do not fill each other's holes"


@rule(
    "warning",
    fires="input: 64x64x8\nlayers:\n  - conv f=3 p=2 r=2 d=8\n  - relu\n  - conv f=3 p=3 r=3 d=8\n  - relu\n"
    "  - conv f=3 p=5 r=5 d=8\n",
    silent="input: 64x64x8\nlayers:\n  - conv f=3 p=1 r=1 d=8\n  - relu\n  - conv f=3 p=2 r=2 d=8\n"
    "  - relu\n  - conv f=3 p=5 r=5 d=8\n",
)
def find(subject: Subject) -> Reported:
    along_an_axis: list[tuple[int, int]] = []
    in_the_plane: list[tuple[int, int]] = []
    fields = subject.analysis.fields
    # Of maps that hand on one map, as heads of 1x1 do, the first counts.
    ends = [_before_interpolation(subject, node) for node in reversed(last_maps(subject))]
    for node in {id(fields.states[node]): node for node in ends}.values():
        for source, axes in enumerate(fields.nodes[node].inputs):
            if axes is None or not all(map(_is_sure, axes)):
                continue
            if any(axis.holes and axis.holes[0] for axis in axes):
                along_an_axis.append((node, source))
            elif len(axes) == 2 and all(axis.holes == (0, 0) and axis.phases == 1 for axis in axes):
                in_the_plane.append((node, source))
    yield from _behind_dilation(subject, sorted(along_an_axis))
    yield from _behind_branches(subject, sorted(in_the_plane))


def _behind_dilation(subject: Subject, maps: list[tuple[int, int]]) -> Reported:
    """The holes that dilation leaves in maps that have some along an axis of an input."""
    told: set[object] = set()
    better: dict[Stack, Better] = {}
    effort = Effort(MOST_LAYERS)
    left_out: list[int] = []
    for node, source in maps:
        try:
            found = _along_axes(subject, node, source, effort)
        except OutOfReachError:
            left_out.append(node)
            continue
        for dilated, axes in found:
            # Several last maps behind one stack, or of one line, are one place to mend.
            rates = dilated.rates({})
            place = subject.graph.nodes[max(rates)].position, axes, frozenset(rates.values())
            if place not in told:
                told.add(place)
                stack = dilated.stack
                if stack not in better:
                    tries = len(better) < MOST_SEARCHES and not stack.side_by_side
                    better[stack] = better_rates(stack, dilated.fields) if tries else NOT_TRIED
                yield _dilated(subject, node, source, axes, dilated, better[stack])
    yield from _left_out(subject, left_out)


def _behind_branches(subject: Subject, maps: list[tuple[int, int]]) -> Reported:
    """The holes between branches in maps without holes along any axis."""
    open_maps = [(node, source) for node, source in maps if _is_open(subject, node, source)]
    told: set[object] = set()
    left_out: list[int] = []
    for node, source in open_maps[:MOST_SWEEPS]:
        try:
            yield from _in_the_plane(subject, node, source, told)
        except OutOfReachError:
            left_out.append(node)
    yield from _left_out(subject, left_out + [node for node, _ in open_maps[MOST_SWEEPS:]])


def _before_interpolation(subject: Subject, node: int) -> int:
    """The map that a last map is interpolated from; itself where it is not.

    Interpolation averages what neighbouring units found on their own grids, and lets no unit see more.
    """
    found = node
    while True:
        read = list(steps(subject.analysis.fields, node))
        operands = set(subject.graph.nodes[node].inputs)
        learned = subject.graph.nodes[node].facts.weights != {}
        interpolated = not learned and any(step.taps.period > 1 for step in read)
        in_place = all(count_of(step.taps.taps(0)) == step.taps.shift == 1 for step in read)
        if len(operands) != 1 or not read or not (interpolated or in_place):
            return found
        node = operands.pop()
        if interpolated:
            found = node


def _is_sure(axis: AxisField) -> bool:
    """Whether what the field lacks is not seen; behind a global path everything is."""
    return (
        axis.status in (Status.EXACT, Status.BOUND, Status.EXTENT)
        and not axis.everything
        and axis.holes is not None
    )


def _along_axes(
    subject: Subject, node: int, source: int, effort: Effort
) -> list[tuple[DilatedStack, tuple[int, ...]]]:
    """What makes holes in a map, with all axes of an input along which these are the same."""
    found: dict[tuple[DilatedStack, tuple[int, ...], tuple[int, int]], list[int]] = {}
    for axis, field in enumerate(subject.analysis.fields.nodes[node].inputs[source] or ()):
        if not (field.holes and field.holes[0]):
            continue
        stack = blamed_stack(subject, node, Slot(source, axis), effort)
        if stack is not None:
            found.setdefault((stack, field.sizes, field.holes), []).append(axis)
    return [(stack, tuple(axes)) for (stack, *_), axes in found.items()]


def _left_out(subject: Subject, nodes: list[int]) -> Reported:
    """What is said once of all maps that were not looked into."""
    if not nodes:
        return
    first, number = subject.graph.nodes[nodes[0]].name, len(set(nodes))
    which = first if number == 1 else f"{first} and {counted(number - 1, 'more map')}"
    yield Found(
        f"whether layers leave holes in the field of {which} was not worked out: there are too many such "
        "maps or layers before them, or they see too far",
        nodes[0],
        hint="check parts of the network by themselves",
        figures={"left_out": number},
        severity="info",
    )


def _dilated(
    subject: Subject, node: int, source: int, axes: tuple[int, ...], stack: DilatedStack, better: Better
) -> Found:
    """The finding about holes in a map along some axes of an input, which are the same along each."""
    nodes = subject.graph.nodes
    fields = subject.analysis.fields.nodes[node].inputs[source] or ()
    rates = stack.rates({})
    blamed = max(rates)
    field = fields[axes[0]]
    missing = field.holes[0] if field.holes else 0
    span = max(field.sizes)
    where = along(axes, len(fields))
    # Phases of an upsampled map differ in what they see, and so do channels behind a join.
    most = "at most " if len(set(field.sizes)) > 1 or field.status == Status.BOUND else ""
    leaving = f"the rate {first_few(rates.values(), MOST_NAMED)} leaves"
    if len(rates) > 1:
        leaving = f"the rates {first_few(rates.values(), MOST_NAMED)} leave"
    fills = "fills it" if missing == 1 else "fills them"
    changed = None if better.changes is None else stack.rates(better.changes)
    hint = _SIDE_BY_SIDE if stack.stack.side_by_side else _tried(better.tried)
    if changed is not None:
        others = first_few(changed.values(), MOST_NAMED)
        if len(changed) > MOST_NAMED:
            others = ", ".join(
                f"{rate} for {nodes[index].name}" for index, rate in changed.items() if rate != rates[index]
            )
        hint = f"with {others} there is no hole, and the field spans {better.span}"
        hint += _written(subject, rates, changed, axes)
    kernel = closing_kernel(stack.fields[-1])
    if kernel is not None:
        # Where nothing strides, what stands before does as much as what stands behind.
        strided = any(window.stride > 1 for reads in stack.stack.readings for _, window in reads)
        side = "behind" if strided else "before or behind"
        hint += f"; a kernel of {kernel} or more without dilation {side} these layers closes them"
    return Found(
        f"a unit of {nodes[node].name} sees {most}{span - missing} of the {span} positions its field "
        f"spans{where}: {leaving} {counted(missing, 'hole')}, and no later layer {fills}",
        blamed,
        related=_still(subject, node, blamed),
        hint=hint,
        figures={
            "seen": span - missing,
            "span": span,
            "rates": list(rates.values()),
            "better": None if changed is None else list(changed.values()),
        },
    )


def _written(
    subject: Subject, rates: Mapping[int, int], changed: Mapping[int, int], axes: tuple[int, ...]
) -> str:
    """How the layers with other rates are written, padding included: without it the map would grow."""
    found: dict[str, list[str]] = {}
    for index, rate in changed.items():
        # Stacks are along an axis of the input; layers that turn axes are written by hand.
        dilated = (each for each in windows_of(subject, index) if each.taps.dilation > 1)
        windows = [each for each in dilated if each.axis in axes]
        if rate == rates[index] or not windows:
            continue
        taps = windows[0].taps
        sides = [Fraction(side * rate, taps.dilation) for side in (taps.before, taps.after)]
        if any(sides) and all(side.denominator == 1 for side in sides):
            padding = str(sides[0]) if sides[0] == sides[1] else ":".join(map(str, sides))
            found.setdefault(f"r={rate} p={padding}", []).append(subject.graph.nodes[index].name)
    parts = [f"{text} in {first_few(names, MOST_NAMED)}" for text, names in found.items()]
    return f" ({', '.join(parts)})" if parts else ""


def _tried(change: int) -> str:
    """What a search that found nothing came to; change: up to which, in all, every one was tried."""
    if change == MOST_CHANGE:
        return f"no small change of the rates, by up to {change} in all, closes the holes"
    if change == 0:
        return "which other rates close the holes was not worked out: there is too much to try"
    return f"no change of the rates by up to {change} in all closes the holes; larger ones were not all tried"


def _still(subject: Subject, node: int, blamed: int) -> tuple[Related, ...]:
    """Where the map with the holes stands, when that is another line than the one to blame."""
    place = subject.graph.nodes[node].position
    same = place == subject.graph.nodes[blamed].position
    return () if same else (Related("the holes are still there", place),)


def _is_open(subject: Subject, node: int, source: int) -> bool:
    """Whether branches of unequal shape have met, so that a box may have holes that no axis shows."""
    axes = subject.analysis.fields.nodes[node].inputs[source] or ()
    return any(axis.status == Status.EXTENT for axis in axes)


def _in_the_plane(subject: Subject, node: int, source: int, told: set[object]) -> Reported:
    """Holes between branches, of which no axis alone shows any.

    told: what was found before, by line and size; it is added to.  Raises OutOfReachError.
    """
    from rfcalc.analysis.fields.patches import PatchEffort
    from rfcalc.analysis.fields.plane import support

    nodes = subject.graph.nodes
    seen = support(
        subject.analysis.fields,
        node,
        [[0] * len(nodes[node].facts.output.axes)],
        source,
        effort=PatchEffort(EFFORT),
    )
    hull, box = seen.hull, seen.box
    if hull is None or box is None or (hull - seen.size) * SHARE_MISSING < hull:
        return
    lengths = [high - low + 1 for low, high in box]
    before = subject.graph.ancestors(node)
    joins = [index for index in before if len(nodes[index].inputs) > 1 and _is_open(subject, index, source)]
    blamed = joins[0] if joins else node
    # A line that is built many times is one place to mend.
    place = nodes[blamed].position, seen.size, hull
    if place in told:
        return
    told.add(place)
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
