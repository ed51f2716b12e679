"""How a layer's receptive field comes about: the chains that set its ends, and the joins worth a look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.alignment import JoinAlignment
from rfcalc.analysis.fields.axis_state import Slot, is_identity
from rfcalc.analysis.fields.figures import Status
from rfcalc.analysis.fields.path import FieldPath, Step, field_chains
from rfcalc.ops.reads import AxisReads, Everything
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.figures import AxisField
    from rfcalc.analysis.fields.receptive_field import FieldAnalysis
    from rfcalc.graph.ir import Node
    from rfcalc.report.explanation.figures import Explained

# Of a join with more branches the rest are not followed.
MOST_BRANCHES = 6


class Taken(NamedTuple):
    """A join on a chain: which operand the chain takes, and the others with the size of their field.

    None in place of a size: the field leaves the operand out, through which units see the whole axis.
    """

    node: int
    operand: int
    size: int
    others: tuple[tuple[int, int | None], ...]


class Branch(NamedTuple):
    """An operand of a join, its field, and its steps since the branches part; None where they are unknown."""

    operand: int
    figures: AxisField
    steps: tuple[Step, ...] | None


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
    followed.  taken: the joins on its chains.  meeting: the first join before the layer, or the layer
    itself, whose branches do not fit.
    """

    source: int
    axes: tuple[int, ...]
    figures: AxisField
    path: FieldPath | None
    taken: tuple[Taken, ...]
    meeting: Meeting | None


def field_explanations(explained: Explained) -> tuple[AxisExplanation, ...]:
    """The explanations of a layer's field, over each input it sees, axes that are alike together."""
    axes: dict[AxisExplanation, list[int]] = {}
    node, fields = explained.found.node, explained.analysis.fields
    for slot in fields.slots:
        along = _AxisExplainer(fields, slot)
        figures = along.figures(node)
        if figures is not None:
            path = along.path(node)
            found = AxisExplanation(
                slot.source, (), figures, path, tuple(along.taken(path)), along.meeting(node)
            )
            axes.setdefault(found, []).append(slot.axis)
    return tuple(found._replace(axes=tuple(alike)) for found, alike in axes.items())


class _AxisExplainer:
    """The fields of all nodes along one axis of one input."""

    def __init__(self, fields: FieldAnalysis, slot: Slot) -> None:
        self.fields = fields
        self.slot = slot
        self.nodes = fields.graph.nodes

    def figures(self, node: int) -> AxisField | None:
        """The field of a node; None where it does not depend on the input."""
        axes = self.fields.nodes[node].inputs[self.slot.source]
        return None if axes is None else axes[self.slot.axis]

    def path(self, node: int) -> FieldPath | None:
        """The chains that set the ends of a node's field, where it has a number."""
        figures = self.figures(node)
        if figures is None or figures.size is None:
            return None
        return field_chains(self.fields, node, self.slot.axis, self.slot.source)

    def taken(self, path: FieldPath | None) -> Iterator[Taken]:
        """The joins on the chains at which operands differ in the size of their field (no global paths)."""
        chains = path.chains if path else ()
        for node, operand in dict.fromkeys(
            (step.node, step.operand) for chain in chains for step in chain.steps
        ):
            operands = dict.fromkeys(self.nodes[node].inputs)
            # Where what it reads of its operands is not alike, their fields are not to be compared.
            if len(operands) < 2 or not all(map(is_identity, _local(self.nodes[node]))):
                continue
            joined = self.figures(node)
            sizes = {
                other: None if figures.size is None or self._covers(node, other) else figures.size[1]
                for other in operands
                if (figures := self.figures(other)) and joined and joined.collapsed >= figures.collapsed
            }
            own = sizes.pop(operand, None)
            if own is not None and any(size != own for size in sizes.values()):
                yield Taken(node, operand, own, tuple(sizes.items()))

    def _covers(self, node: int, operand: int) -> bool:
        """Whether every unit of a join sees the whole axis through an operand, as where it repeats that."""
        running = self.fields.nodes[operand].axes[self.slot.source]
        axis = None if running is None else running[self.slot.axis]
        reads = self.nodes[node].facts.reads
        if axis is None or reads is None:
            return False
        read = reads[self.nodes[node].inputs.index(operand)][axis]
        return isinstance(read, Everything) and read.local is None

    def meeting(self, node: int) -> Meeting | None:
        """The first join at or before a node whose branches differ in rate, or else are off-centre."""
        joins = [index for index in self.fields.graph.ancestors(node) if len(self.nodes[index].inputs) > 1]
        apart = {join.node for join in JoinAlignment(self.fields).unintended() if join.slot == self.slot}
        rates = [
            index
            for index in joins
            if self._per_position(index) and not any(map(self._per_position, self.nodes[index].inputs))
        ]
        found = rates or [index for index in joins if index in apart and not self._per_position(index)]
        if not found:
            return None
        branches, since = self._branches(found[0])
        return Meeting(found[0], "rates" if rates else "off-centre", branches, since, len(found) - 1)

    def _per_position(self, node: int) -> bool:
        figures = self.figures(node)
        return figures is not None and figures.status == Status.PER_POSITION

    def _branches(self, join: int) -> tuple[tuple[Branch, ...], int | None]:
        """The branches of a join, each followed back to the input, shown from the node where they part."""
        operands = list(dict.fromkeys(self.nodes[join].inputs))[:MOST_BRANCHES]
        followed = {
            operand: (figures, self.path(operand))
            for operand in operands
            if (figures := self.figures(operand)) is not None
        }
        trails = [
            {step.node for chain in path.chains for step in chain.steps}
            for _, path in followed.values()
            if path is not None
        ]
        shared = set.intersection(*trails) if trails else set()
        branches = (
            Branch(
                operand,
                figures,
                path and tuple(step for step in path.chains[0].steps if step.node not in shared),
            )
            for operand, (figures, path) in followed.items()
        )
        return tuple(branches), max(shared, default=None)


def _local(node: Node) -> Iterator[tuple[AxisReads | None, ...]]:
    """How a node reads the operands that it does not read from everywhere alike."""
    for reads in node.facts.reads or ():
        if not any(isinstance(read, Everything) and read.local is None for read in reads):
            yield reads
