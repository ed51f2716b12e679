"""What a unit sees of the layers on its way to an input: which are shown, and where their maps lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.plane import supports_on_the_way
from rfcalc.analysis.fields.visible import VisibleFields, whole_numbers
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.plane import PositionSet
    from rfcalc.report.location.asking import Located

# So many maps are drawn unasked.
_MOST_MAPS = 6


class SeenMap(NamedTuple):
    """What a unit sees of a layer.

    axes: of the layer, for each axis of the input the one that runs along it; None where none does.
    places: along each axis of the input the first edge of the map, and how far its units lie apart, in
    positions of the input, whose number p is a square around p.
    """

    name: str
    shape: tuple[int, ...]
    seen: PositionSet
    axes: tuple[int | None, ...]
    places: tuple[tuple[float, float], ...]


class WayDown(NamedTuple):
    """The maps from a unit down to the input or less far, which is the first.

    widening: how many layers on the way see more than the one above them, or are of another size.
    chosen: why these are shown: "all", "asked", "resized" or "some".  joins: the layers where branches meet
    on the way.  foreign: the layers that have other axes than the input, which are left out.
    """

    maps: tuple[SeenMap, ...]
    widening: int
    chosen: str
    joins: tuple[str, ...]
    foreign: tuple[str, ...]


def way_down(located: Located, unit: Sequence[int], source: int, down: int | None) -> WayDown:
    """What a unit sees on its longest way to input number `source`.

    down: so many layers below that of the unit; all that matter where it is None.
    Raises OutOfReachError where that is not known or takes too long.
    """
    fields, graph = located.analysis.fields, located.analysis.graph
    visible = VisibleFields(fields, strict=located.strict)
    node, last = located.asked.node, graph.inputs[source]
    everything = visible.everything(node, source)
    found = supports_on_the_way(fields, node, unit, source, everything=everything)
    way = _longest(located, found, last)
    joins = [each for each in way if sum(operand in found for operand in graph.nodes[each].inputs) > 1]
    rank = len(graph.nodes[last].facts.output.axes)
    foreign, kept = [], []
    for each in way:
        if each == node or _runs_along(located, each, source, rank):
            kept.append(each)
        else:
            foreign.append(graph.nodes[each].name)
    shapes = {each: whole_numbers(graph, each) for each in kept}
    runs: list[int] = []
    for each in kept:
        before = runs[-1] if runs else None
        same = before is not None and (found[before].box, shapes[before]) == (found[each].box, shapes[each])
        # Of layers that see the same the nearest to the input has a name that says more; the unit stays.
        if same and len(runs) > 1:
            runs[-1] = each
        elif not same:
            runs.append(each)
    if runs and last in found and runs[-1] != last:
        runs.append(last)
    shown, chosen = _chosen(runs, shapes, down)
    maps = [_map(located, each, source, found[each], rank) for each in shown]
    names = [graph.nodes[each].name for each in joins if each >= shown[-1]] if shown else []
    return WayDown(tuple(maps), len(runs) - 1, chosen, tuple(names), tuple(foreign))


def _longest(located: Located, found: dict[int, PositionSet], last: int) -> list[int]:
    """The longest way from a unit to an input, through layers that it sees something of."""
    nodes = located.analysis.graph.nodes
    length = {last: 0}
    for each in sorted(found):
        behind = [length[operand] for operand in nodes[each].inputs if operand in length]
        if behind and each != last:
            length[each] = 1 + max(behind)
    way = [located.asked.node]
    while way[-1] != last:
        operands = [operand for operand in nodes[way[-1]].inputs if operand in length]
        if not operands:
            break
        way.append(max(operands, key=length.__getitem__))
    return [each for each in way if each in found]


def _runs_along(located: Located, node: int, source: int, rank: int) -> bool:
    """Whether a layer has the axes of an input, or no axis."""
    axes = located.analysis.graph.nodes[node].facts.output.axes
    known = located.analysis.fields.nodes[node].axes
    along = known[source] if source < len(known) else None
    led = [each for each in along or () if each is not None]
    return len(axes) in (0, rank) and len(set(led)) == len(led)


def _chosen(runs: list[int], shapes: dict[int, tuple[int, ...]], down: int | None) -> tuple[list[int], str]:
    """The layers that are shown, from the unit down, and why."""
    if down is not None:
        return runs[: down + 1], "asked"
    if len(runs) <= _MOST_MAPS:
        return runs, "all"
    resized = [runs[0]]
    for each, behind in zip(runs[1:], [*runs[2:], None], strict=True):
        if behind is None or shapes[each] != shapes[behind]:
            resized.append(each)
    if len(resized) >= 3:
        chosen, word = resized, "resized"
    else:
        chosen, word = runs, "some"
    if len(chosen) > _MOST_MAPS:
        steps = _MOST_MAPS - 1
        chosen = [chosen[(number * (len(chosen) - 1) + steps // 2) // steps] for number in range(_MOST_MAPS)]
        word = "some"
    return chosen, word


def _map(located: Located, node: int, source: int, seen: PositionSet, rank: int) -> SeenMap:
    graph, known = located.analysis.graph, located.analysis.fields.nodes[node]
    shape, size = whole_numbers(graph, node), whole_numbers(graph, graph.inputs[source])
    along = known.axes[source] if source < len(known.axes) else None
    # A unit whose layer has other axes, such as tokens, is a place for itself.
    foreign = not _runs_along(located, node, source, rank)
    figures = known.inputs[source]
    axes: list[int | None] = []
    places = []
    for place in range(rank):
        axis = along[place] if along and not foreign else None
        if axis is None and len(shape) == rank and not foreign:
            axis = place
        length = 1 if axis is None else shape[axis]
        stride = figures[place].stride if figures else None
        middle = figures[place].mean_centre if figures else None
        if stride is None or middle is None or node == graph.inputs[source]:
            # It has no rate, or is the input: its units share all of the input.
            step = size[place] / length
            start = -0.5
        else:
            step = stride[0] / stride[1] if isinstance(stride, tuple) else float(stride)
            start = middle[0] / middle[1] - step / 2
        axes.append(axis)
        places.append((start, step))
    return SeenMap(graph.nodes[node].name, shape, seen, tuple(axes), tuple(places))
