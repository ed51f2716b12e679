"""The facts of one layer while its network is being edited: what it reads then, and what it does with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.analysis.analyze import shapes_read
from rfcalc.analysis.comparison.causes import Causes
from rfcalc.analysis.comparison.course import START, Course, edits_of
from rfcalc.analysis.comparison.entries import Entries, Side
from rfcalc.analysis.depth import weighted
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.attributes import SizeReference
from rfcalc.ops.facts import Facts
from rfcalc.ops.registry import applied, find_operator
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape

# A layer may feel this many edits one by one; more are felt together with the first of these.
MOST_STEPS = 24

# The course of the shape that each entry passes on; None while an inserted layer does not fit what it reads.
Shapes = Sequence[Course[Shape | None]]


class LayerState(NamedTuple):
    """A layer after some edit: what it reads then, and its facts, which `node` makes of that."""

    node: Node
    facts: Facts
    inputs: tuple[Shape, ...]

    @classmethod
    def of(cls, graph: Graph, index: int) -> LayerState:
        """A layer as it is in a network."""
        node = graph.nodes[index]
        return cls(node, node.facts, shapes_read(graph, node))


class ReadingLayer(NamedTuple):
    """A layer of one network and the entries it reads: its operands, and the layers whose size it follows."""

    node: Node
    operands: tuple[int, ...]
    followed: Mapping[str, int]

    @classmethod
    def of(cls, side: Side, index: int) -> ReadingLayer:
        """A layer of one of the networks."""
        node = side.graph.nodes[index]
        followed = {
            name: side.named[value.name]
            for name, value in node.arguments.items()
            if isinstance(value, SizeReference) and value.name in side.named
        }
        return cls(node, side.operands(index), followed)

    def edits(self, shapes: Shapes) -> set[int]:
        """The edits at which what it reads changes."""
        return edits_of(shapes[number] for number in (*self.operands, *self.followed.values()))

    def inputs(self, shapes: Shapes, edit: int) -> tuple[Shape, ...] | None:
        """The shapes it reads after an edit; None where one is not known."""
        found = (shapes[number].at(edit) for number in self.operands)
        known = tuple(shape for shape in found if shape is not None)
        return known if len(known) == len(self.operands) else None

    def arguments(self, shapes: Shapes, edit: int) -> Mapping[str, object]:
        """Its arguments after an edit, left undecided; a layer whose size it follows has the size of then."""
        if not self.operands:
            return {}
        arguments = find_operator(self.node.op).undecided(self.node.arguments)
        for name, number in self.followed.items():
            shape = shapes[number].at(edit)
            reference = arguments[name]
            if shape is not None and isinstance(reference, SizeReference):
                arguments[name] = SizeReference(reference.name, shape)
        return arguments


def paired_states(entries: Entries, causes: Causes, number: int, shapes: Shapes) -> Course[LayerState]:
    """A layer that both networks have, from what it is in the first to what it is in the second."""
    entry = entries.entries[number]
    assert entry.left is not None
    assert entry.right is not None
    first, last = ReadingLayer.of(entries.left, entry.left), ReadingLayer.of(entries.right, entry.right)
    own = causes.of_entry.get(number, START)
    switch = _switch(entries, causes, number, first, last)
    edits = {own}
    if _sizes(entries.left.graph, first.node) != _sizes(entries.right.graph, last.node):
        edits |= {switch} | {edit for edit in first.edits(shapes) if edit < switch}
        edits |= {edit for edit in last.edits(shapes) if edit >= switch}
    edits -= {START}
    steps: list[tuple[int, LayerState]] = []
    for edit in sorted(edits)[-MOST_STEPS:]:
        reads, acts = (first if edit < switch else last), (first if edit < own else last)
        inputs = reads.inputs(shapes, edit)
        facts = _facts_then(acts, inputs, acts.arguments(shapes, edit))
        if facts is not None and inputs is not None:
            steps.append((edit, LayerState(acts.node, facts, inputs)))
    if edits:
        # Whatever could be worked out on the way, this is what comes of it in the end.
        if steps and steps[-1][0] == max(edits):
            steps.pop()
        steps.append((max(edits), LayerState.of(entries.right.graph, entry.right)))
    return Course(LayerState.of(entries.left.graph, entry.left), tuple(steps))


def _sizes(graph: Graph, node: Node) -> tuple[object, ...]:
    """All sizes that a layer works with: those of its operands, and of the layers that it follows."""
    followed = [value.shape for value in node.arguments.values() if isinstance(value, SizeReference)]
    return (*shapes_read(graph, node), *followed)


def lone_shapes(entries: Entries, causes: Causes, number: int, shapes: Shapes) -> Course[Shape | None]:
    """The shape that a layer passes on which only one network has, under the edits made while it is there."""
    entry = entries.entries[number]
    own = causes.of_entry[number]
    if entry.left is not None:
        reader = ReadingLayer.of(entries.left, entry.left)
        edits = sorted(edit for edit in reader.edits(shapes) if edit < own)
        return Course(reader.node.facts.output, tuple(_shapes_then(reader, edits[-MOST_STEPS:], shapes)))
    assert entry.right is not None
    reader = ReadingLayer.of(entries.right, entry.right)
    edits = sorted({own, *(edit for edit in reader.edits(shapes) if edit > own)})
    last = edits.pop()
    known = [*_shapes_then(reader, edits[-MOST_STEPS:], shapes), (last, reader.node.facts.output)]
    # A layer that is changed itself at an earlier edit is taken to read this one already.
    missing = [(own, None)] if known[0][0] > own else []
    return Course(known[0][1], (*missing, *known))


def _shapes_then(
    reader: ReadingLayer, edits: Sequence[int], shapes: Shapes
) -> list[tuple[int, Shape | None]]:
    """The shapes after some edits, as far as they can be worked out."""
    found: list[tuple[int, Shape | None]] = []
    for edit in edits:
        facts = _facts_then(reader, reader.inputs(shapes, edit), reader.arguments(shapes, edit))
        if facts is not None:
            found.append((edit, facts.output))
    return found


def _switch(entries: Entries, causes: Causes, number: int, first: ReadingLayer, last: ReadingLayer) -> int:
    """The edit after which a layer reads what it reads in the end.

    That is the last by which something that it reads comes or goes.  A layer with weights that is changed
    itself goes by its own edit: what it makes of what it reads is its own doing.
    """
    apart = {*first.operands} ^ {*last.operands}
    if not apart and len(first.operands) == len(last.operands):
        return START
    own = causes.of_entry.get(number, START)
    coming = [causes.of_entry[operand] for operand in apart if entries.entries[operand].alone]
    return own if not coming or (own >= 0 and weighted(last.node)) else max(coming)


def _facts_then(
    reader: ReadingLayer, inputs: tuple[Shape, ...] | None, arguments: Mapping[str, object]
) -> Facts | None:
    """The facts of a layer that reads these shapes; None where it cannot, and for an input of the network."""
    node = reader.node
    if not inputs:
        return None
    facts = applied(node.op, inputs, arguments)
    if facts is not None:
        return facts
    # What holds for every axis does so for any number.
    attributes = find_operator(node.op).attributes
    adapted = dict(arguments)
    for name, value in arguments.items():
        if attributes[name].kind.per_axis and type(value) is tuple and len({*value}) == 1:
            adapted[name] = value[:1] * len(inputs[0].axes)
    return applied(node.op, inputs, adapted) if adapted != arguments else None
