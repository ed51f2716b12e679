"""How a layer's receptive field comes about: the chains that set its ends, and the joins worth a look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.fields.axis_state import is_identity
from rfcalc.analysis.fields.figures import Status
from rfcalc.analysis.fields.path import Chain, Distance, FieldPath, Step, field_chains
from rfcalc.ops.axis_maps import in_place
from rfcalc.ops.reads import Along, AxisReads, Everything

if TYPE_CHECKING:
    from rfcalc.analysis.fields.figures import AxisField
    from rfcalc.graph.ir import Graph, Node
    from rfcalc.report.explanation.figures import Explained

# Of a join with more branches the rest are not followed.
MOST_BRANCHES = 6


class Link(NamedTuple):
    """One layer of a chain, with what a reader of the chain needs.

    read: how the layer reads its operand along the axis; None where no axis is left.
    stride: from one unit to the next behind the layer.  reach: the contributions up to here.
    """

    step: Step
    read: AxisReads | None
    stride: Distance
    reach: Distance

    @property
    def moves(self) -> bool:
        """Whether the layer reads anything but one position in place, where there is more than one."""
        if self.step.contribution or self.stride != self.step.stride:
            return True
        return isinstance(self.read, Along) and not in_place(self.read.taps)


class Strand(NamedTuple):
    """A chain and its links, from the input on."""

    chain: Chain
    links: tuple[Link, ...]


class Taken(NamedTuple):
    """A join on a chain: which operand the chain takes, and the others with the size of their field."""

    node: int
    operand: int
    size: int
    others: tuple[tuple[int, int | None], ...]


class Branch(NamedTuple):
    """An operand of a join, its field, and its links since the branches part; None where they are unknown."""

    operand: int
    figures: AxisField
    path: FieldPath | None
    links: tuple[Link, ...] | None


class Meeting(NamedTuple):
    """A join whose branches are off-centre to each other ("off-centre") or differ in stride ("rates").

    since: the last node all branches share; None for none.  more: how many such joins there are besides.
    """

    node: int
    kind: str
    branches: tuple[Branch, ...]
    since: int | None
    more: int


class AxisExplanation(NamedTuple):
    """The field along one axis of an input, or along several that are alike.

    source: the number of the input.  figures: what the table says.  path: None where the field cannot be
    followed; strands: its chains.  taken: the joins on them.  meeting: the first join before the layer,
    or the layer itself, whose branches do not fit.
    """

    source: int
    axes: tuple[int, ...]
    figures: AxisField
    path: FieldPath | None
    strands: tuple[Strand, ...]
    taken: tuple[Taken, ...]
    meeting: Meeting | None


def field_explanations(explained: Explained) -> tuple[AxisExplanation, ...]:
    """The explanations of a layer's field, over each input it sees, axes that are alike together."""
    result: list[AxisExplanation] = []
    fields = explained.analysis.fields.nodes[explained.found.node]
    for source, axes in enumerate(fields.inputs):
        for axis, figures in enumerate(axes or ()):
            found = _along(explained, source, axis, figures)
            for place, other in enumerate(result):
                if _alike(other, found):
                    result[place] = other._replace(axes=(*other.axes, axis))
                    break
            else:
                result.append(found)
    return tuple(result)


def _along(explained: Explained, source: int, axis: int, figures: AxisField) -> AxisExplanation:
    graph, index = explained.analysis.graph, explained.found.node
    path = field_chains(explained.analysis.fields, index, axis, source) if figures.size is not None else None
    strands = tuple(Strand(chain, _links(graph, chain)) for chain in path.chains) if path else ()
    taken = tuple(_taken(explained, source, axis, strands))
    return AxisExplanation(source, (axis,), figures, path, strands, taken, _meeting(explained, source, axis))


def _alike(one: AxisExplanation, two: AxisExplanation) -> bool:
    """Whether two axes have the same field for the same reasons."""
    return (
        (one.source, one.figures, one.taken) == (two.source, two.figures, two.taken)
        and _followed(one.path) == _followed(two.path)
        and (one.meeting is None) == (two.meeting is None)
        and (one.meeting is None or two.meeting is None or _met(one.meeting) == _met(two.meeting))
    )


def _followed(path: FieldPath | None) -> object:
    """A path but for the axes it runs along."""
    if path is None:
        return None
    chains = [
        (end, [step._replace(axis=None, operand_axis=None) for step in steps])
        for end, steps, _ in path.chains
    ]
    return path.unit, path.low, path.high, chains


def _met(meeting: Meeting) -> object:
    branches = [(branch.operand, branch.figures, _followed(branch.path)) for branch in meeting.branches]
    return meeting.node, meeting.kind, branches


def _links(graph: Graph, chain: Chain) -> tuple[Link, ...]:
    links = []
    reach: Distance = 0
    strides = [step.stride for step in chain.steps[1:]]
    for number, step in enumerate(chain.steps):
        reach = reach + step.contribution
        behind = strides[number] if number < len(strides) else chain.stride
        links.append(Link(step, _read(graph, chain.steps, number), behind, reach))
    return tuple(links)


def _read(graph: Graph, steps: Sequence[Step], number: int) -> AxisReads | None:
    """How the layer of a step reads the axis of its operand that the chain runs along."""
    step = steps[number]
    node = graph.nodes[step.node]
    reads = node.facts.reads
    if reads is None or step.operand_axis is None:
        return None
    operand = reads[node.inputs.index(step.operand)]
    return operand[step.operand_axis] if step.operand_axis < len(operand) else None


def _taken(explained: Explained, source: int, axis: int, strands: Sequence[Strand]) -> Iterator[Taken]:
    """The joins on the chains at which operands differ in the size of their field, global paths left out."""
    seen = set()
    for strand in strands:
        for link in strand.links:
            step = link.step
            node = explained.analysis.graph.nodes[step.node]
            operands = dict.fromkeys(node.inputs)
            if len(operands) < 2 or (step.node, step.operand) in seen:
                continue
            if not all(is_identity(reads) for reads in _local(node)):
                # What it reads of its operands is not alike, so their fields are not to be compared.
                continue
            seen.add((step.node, step.operand))
            joined = _figures(explained, step.node, source, axis)
            sizes = {}
            for operand in operands:
                figures = _figures(explained, operand, source, axis)
                if figures is not None and joined is not None and joined.collapsed >= figures.collapsed:
                    sizes[operand] = None if figures.size is None else figures.size[1]
            own = sizes.pop(step.operand, None)
            if own is not None and any(size != own for size in sizes.values()):
                yield Taken(step.node, step.operand, own, tuple(sizes.items()))


def _local(node: Node) -> Iterator[tuple[AxisReads | None, ...]]:
    """How a node reads the operands that it does not read from everywhere alike."""
    for reads in node.facts.reads or ():
        if not any(isinstance(read, Everything) and read.local is None for read in reads):
            yield reads


def _figures(explained: Explained, node: int, source: int, axis: int) -> AxisField | None:
    """The field of a node along an axis; None where it does not depend on that input."""
    axes = explained.analysis.fields.nodes[node].inputs[source]
    return None if axes is None else axes[axis]


def _meeting(explained: Explained, source: int, axis: int) -> Meeting | None:
    """The first join at or before the layer whose branches differ in rate, or else are off-centre."""
    rates: list[int] = []
    off_centre: list[int] = []
    nodes = explained.analysis.fields.nodes
    graph = explained.analysis.graph
    for index in _ancestors(graph, explained.found.node):
        if len(graph.nodes[index].inputs) < 2:
            continue
        if _per_position(explained, index, source, axis):
            if not any(
                _per_position(explained, operand, source, axis) for operand in graph.nodes[index].inputs
            ):
                rates.append(index)
        elif nodes[index].misaligned and len(_centres(explained, index, source, axis)) > 1:
            off_centre.append(index)
    found = rates or off_centre
    if not found:
        return None
    return _branches(explained, found[0], "rates" if rates else "off-centre", source, axis, len(found) - 1)


def _ancestors(graph: Graph, index: int) -> list[int]:
    """The node and all it depends on, in execution order."""
    wanted = {index}
    for place in range(index, -1, -1):
        if place in wanted:
            wanted.update(graph.nodes[place].inputs)
    return sorted(wanted)


def _per_position(explained: Explained, index: int, source: int, axis: int) -> bool:
    figures = _figures(explained, index, source, axis)
    return figures is not None and figures.status == Status.PER_POSITION


def _centres(explained: Explained, index: int, source: int, axis: int) -> set[float]:
    """Where the operands of a join are centred that run along the axis."""
    fields = [
        _figures(explained, operand, source, axis) for operand in explained.analysis.graph.nodes[index].inputs
    ]
    return {
        figures.centre
        for figures in fields
        if figures is not None and figures.centre is not None and figures.stride is not None
    }


def _branches(explained: Explained, node: int, kind: str, source: int, axis: int, more: int) -> Meeting:
    """The branches of a join, each followed back to the input, and told since they part."""
    graph = explained.analysis.graph
    found: list[tuple[int, AxisField, FieldPath | None]] = []
    for operand in list(dict.fromkeys(graph.nodes[node].inputs))[:MOST_BRANCHES]:
        figures = _figures(explained, operand, source, axis)
        if figures is not None:
            path = (
                field_chains(explained.analysis.fields, operand, axis, source)
                if figures.size is not None
                else None
            )
            found.append((operand, figures, path))
    trails = [{step.node for chain in path.chains for step in chain.steps} for _, _, path in found if path]
    shared = set.intersection(*trails) if trails else set()
    branches = []
    for operand, figures, path in found:
        links = None
        if path is not None:
            links = tuple(link for link in _links(graph, path.chains[0]) if link.step.node not in shared)
        branches.append(Branch(operand, figures, path, links))
    return Meeting(node, kind, tuple(branches), max(shared, default=None), more)
