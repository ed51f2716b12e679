"""How the fields of a network grow with depth, and where they reach the input.

Depth is that of papers: how many layers with weights the longest path has, here from one input up to a
layer, gates aside.  The path with the most of them to an output is the trunk; along it every depth occurs,
so that networks can be drawn over the same axis.

A layer lies behind the border of a field where the field of everything that enters it spans the input
already: it gathers no context that it has not had.  Source: Richter, Schöning, Wiedenroth and Krumnack 2021,
Should you go deeper?, who say so of the smallest field; a field that is exactly as large as the input counts,
as in their toolbox and in the check.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING, Literal

from rfcalc.analysis.depth import weighted
from rfcalc.analysis.effective import EffectiveFields
from rfcalc.analysis.fields.densities import SHARES
from rfcalc.analysis.fields.figures import Status
from rfcalc.analysis.fields.smallest import smallest_fields
from rfcalc.analysis.figures import COUNTS, Sum
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size

if TYPE_CHECKING:
    from rfcalc.analysis.effective import EffectiveAlong
    from rfcalc.analysis.fields.figures import AxisField, BranchWeights
    from rfcalc.analysis.fields.receptive_field import FieldAnalysis
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.graph.ir import Graph, Node
    from rfcalc.shapes import Shape

FieldName = Literal["theoretical", "effective", "smallest"]
FIELDS: tuple[FieldName, ...] = ("theoretical", "effective", "smallest")

_WIDTH = SHARES.index(95)


class Spent(NamedTuple):
    """Multiply-accumulates and parameters of several layers, as far as they are known."""

    macs: Sum
    params: Sum


class GrowthPoint(NamedTuple):
    """One layer, or the input itself, and how it sees one input of the network.

    node: its index.  depth: the most layers with weights on one path from that input up to it.
    axes: its theoretical field along each axis of the input; smallest: its field along the path that shows it
    least, None where that is not known; effective: its field before training.
    spent: what it and all layers before it in execution order take.  output: its shape.
    """

    node: int
    depth: int
    axes: tuple[AxisField, ...]
    smallest: tuple[int | None, ...]
    effective: tuple[EffectiveAlong, ...]
    spent: Spent
    output: Shape

    @property
    def figures(self) -> tuple[object, ...]:
        """All that its row shows but what is spent."""
        return self.axes, self.smallest, self.effective, self.output

    @property
    def whole(self) -> bool:
        """Whether it, or a layer before it on every path, has covered the whole map: no unit moves."""
        return bool(self.axes) and all(axis.collapsed for axis in self.axes)

    def span(self, field: FieldName, axis: int) -> tuple[int, int] | None:
        """Fewest and most positions of a field over the phases; None where it is not known, or sees all."""
        along = self.axes[axis]
        if along.status == Status.DATA_DEPENDENT:
            return None
        if field == "smallest":
            size = self.smallest[axis]
            return None if size is None else (size, size)
        if field == "effective":
            figures = self.effective[axis].figures
            return None if figures is None else figures.widths[_WIDTH]
        # Of a bound the true field may be smaller.
        found = None if along.status in (Status.BOUND, Status.UNKNOWN) else along.reported
        if isinstance(found, int):
            return found, found
        return along.size if isinstance(found, tuple) else None

    def sees_all(self, axis: int) -> bool:
        """Whether a main path, such as attention, sees the whole axis: then there is no number."""
        return self.axes[axis].reported == inf


class Reached(NamedTuple):
    """Where a field reaches the input along an axis, and what lies behind.

    field: which; "whole" for the map that is covered whole.  axis: of the input.
    largest: the most positions that it has before the map is covered whole; None where it is lost.
    lost: the first layer of the trunk that has no number, since it sees all or since that is not known.
    at: the first layer whose field is as large as the input; None where there is none, or it is not known,
    as for an input whose size is symbolic.
    layers: how many layers with weights lie behind, and spent: what all layers there take: those for which
    the fields of all that enter them are as large; where the field is lost, at least so many.  Whatever
    follows a map that was covered whole, as the head of a classifier does, counts for "whole" alone.
    """

    field: FieldName | Literal["whole"]
    axis: int
    largest: int | None
    lost: GrowthPoint | None
    at: GrowthPoint | None
    layers: int
    spent: Spent

    @property
    def sees_all(self) -> bool:
        """Whether it has no number since a path sees the whole input."""
        return self.field == "theoretical" and self.lost is not None and self.lost.sees_all(self.axis)

    @property
    def where(self) -> GrowthPoint | None:
        """The first layer at which the input is reached: by a field as large, or a path that sees all."""
        return self.at or (self.lost if self.sees_all else None)


class InputGrowth(NamedTuple):
    """How a network sees one of its inputs.

    source: its number.  name; size: its shape.  points: the input and every layer that depends on it, in
    execution order.  trunk: those on the path with the most weighted layers, from the input to an output.
    reached: for each field and each axis, then "whole".
    """

    source: int
    name: str
    size: Shape
    points: tuple[GrowthPoint, ...]
    trunk: tuple[GrowthPoint, ...]
    reached: tuple[Reached, ...]

    @property
    def depth(self) -> int:
        """The number of layers with weights on the trunk."""
        return self.trunk[-1].depth

    @property
    def steps(self) -> tuple[GrowthPoint, ...]:
        """Of the trunk what the next layer with weights reads: for each depth the last that changes anything.

        `spent` counts all that follow it at that depth.  Where the map is covered whole within a depth, what
        stands before that is a step too.
        """
        found: list[GrowthPoint] = []
        for point in self.trunk:
            last = found[-1] if found else None
            if last is None or (point.depth, point.whole) != (last.depth, last.whole):
                found.append(point)
            elif point.figures == last.figures:
                found[-1] = last._replace(spent=point.spent)
            else:
                found[-1] = point
        return tuple(found)


class Growth(NamedTuple):
    """How the fields of a network grow.

    name: what the user calls it.  weights: of branches that meet, in effective fields.  whole: what all its
    layers take.
    """

    analysis: NetworkAnalysis
    name: str
    weights: BranchWeights
    inputs: tuple[InputGrowth, ...]
    whole: Spent

    def node(self, point: GrowthPoint) -> Node:
        """The layer of a point."""
        return self.analysis.graph.nodes[point.node]


def growth_of(
    analysis: NetworkAnalysis,
    name: str = "",
    weights: BranchWeights = "kaiming",
    effective: EffectiveFields | None = None,
) -> Growth:
    """How the fields of a network grow from each of its inputs.

    effective: the effective fields with these weights, where somebody has worked them out.
    """
    graph = analysis.graph
    effective = effective or EffectiveFields(graph, weights)
    smallest = smallest_fields(graph)
    spent = _spent_so_far(analysis)
    found = []
    slot = 0
    for source, index in enumerate(graph.inputs):
        axes = len(graph.nodes[index].facts.output.axes)
        slots = slice(slot, slot + axes)
        slot += axes
        depths, before = _depths(graph, analysis.fields, source)
        points: dict[int, GrowthPoint] = {}
        for node, depth in depths.items():
            fields = analysis.fields.nodes[node].inputs[source]
            if fields is None:
                continue
            points[node] = GrowthPoint(
                node=node,
                depth=depth,
                axes=fields,
                smallest=tuple([field and field.size for field in smallest[node][slots]]),
                effective=effective.of(node, source) or (),
                spent=spent[node],
                output=graph.nodes[node].facts.output,
            )
        trunk = _trunk(graph, depths, before)
        name_of, size = graph.nodes[index].name, graph.nodes[index].facts.output
        along = InputGrowth(
            source, name_of, size, tuple(points.values()), tuple([points[node] for node in trunk]), ()
        )
        found.append(along._replace(reached=tuple(_all_reached(analysis, along))))
    return Growth(analysis, name or analysis.name, weights, tuple(found), spent[-1])


def _spent_so_far(analysis: NetworkAnalysis) -> list[Spent]:
    """For each node what it and all before it take."""
    found = []
    macs = params = Sum(0)
    for index in range(len(analysis.graph.nodes)):
        if index not in analysis.graph.inputs:
            layer = analysis.layer_at(index)
            macs = _more(macs, COUNTS["macs"].value(layer))
            params = _more(params, COUNTS["params"].value(layer))
        found.append(Spent(macs, params))
    return found


def _more(known: Sum, value: Size | None) -> Sum:
    return Sum(known.known, complete=False) if value is None else Sum(known.known + value, known.complete)


def _depths(graph: Graph, fields: FieldAnalysis, source: int) -> tuple[dict[int, int], dict[int, int]]:
    """Of each node that depends on an input its depth from there, and the operand on the longest path.

    A join is as deep as those of its operands whose units move: a gate or a pooled branch, which has covered
    the whole map, leads past none of them.
    """
    index = graph.inputs[source]
    depths, before = {index: 0}, dict[int, int]()
    still: set[int] = set()
    for number, node in enumerate(graph.nodes):
        entering = [operand for operand in node.inputs if operand in depths]
        if entering:
            axes = fields.nodes[number].inputs[source] or ()
            if axes and all(axis.collapsed for axis in axes):
                still.add(number)
            moving = [operand for operand in entering if operand not in still]
            before[number] = max(moving or entering, key=depths.__getitem__)
            depths[number] = depths[before[number]] + weighted(node)
    return depths, before


def _trunk(graph: Graph, depths: dict[int, int], before: dict[int, int]) -> list[int]:
    """The nodes of the path with the most weighted layers from an input to an output, in order."""
    ends = [node for node in graph.outputs if node in depths] or [*depths]
    node: int | None = max(ends, key=depths.__getitem__)
    found = []
    while node is not None:
        found.append(node)
        node = before.get(node)
    return found[::-1]


def _all_reached(analysis: NetworkAnalysis, along: InputGrowth) -> Iterator[Reached]:
    """Where each field reaches the input along each axis, and where the map is covered whole."""
    head = _head(analysis.graph, along)
    for field in FIELDS:
        for axis, length in enumerate(along.size.axes):
            if length != 1:
                yield _reached(analysis, along, head, field, axis, length)
    whole = next((point for point in along.trunk if point.node in head), None)
    if whole is not None:
        behind = [point.node for point in along.points if point.node in head and point is not whole]
        yield Reached("whole", 0, None, None, whole, *_taken(analysis, behind))


def _reached(
    analysis: NetworkAnalysis, along: InputGrowth, head: set[int], field: FieldName, axis: int, length: Size
) -> Reached:
    large = set[int]()
    behind = []
    first = lost = None
    largest = 0
    trunk = {point.node for point in along.trunk}
    places = {point.node for point in along.points}
    for point in along.points:
        if point.node in head:
            continue
        entering = [operand for operand in analysis.graph.nodes[point.node].inputs if operand in places]
        past = bool(entering) and large.issuperset(entering)
        if past:
            behind.append(point.node)
        span = point.span(field, axis)
        still = point.axes[axis].collapsed
        # What a gate has pooled is as large as what it pooled.
        if past if still else span is not None and isinstance(length, int) and span[0] >= length:
            large.add(point.node)
            first = first or point
        if point.node in trunk and not still:
            largest = max(largest, span[1] if span else 0)
            lost = lost or (None if span else point)
    return Reached(field, axis, None if lost else largest, lost, first, *_taken(analysis, behind))


def _head(graph: Graph, along: InputGrowth) -> set[int]:
    """The first layer of the trunk behind which no unit moves any more, and all that depend on it."""
    found: set[int] = set()
    last = next((place for place, point in enumerate(along.trunk[::-1]) if not point.whole), 0)
    if last:
        found.add(along.trunk[-last].node)
    for index, node in enumerate(graph.nodes):
        if not found.isdisjoint(node.inputs):
            found.add(index)
    return found


def _taken(analysis: NetworkAnalysis, nodes: Sequence[int]) -> tuple[int, Spent]:
    """How many of the layers have weights, and what all of them take."""
    macs = params = Sum(0)
    for node in nodes:
        layer = analysis.layer_at(node)
        macs = _more(macs, COUNTS["macs"].value(layer))
        params = _more(params, COUNTS["params"].value(layer))
    return sum(weighted(analysis.graph.nodes[node]) for node in nodes), Spent(macs, params)
