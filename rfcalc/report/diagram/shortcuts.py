"""The edges of a diagram, and the shortcuts beside longer branches that are edges and no boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple
from rfcalc.report.diagram.diagram import DiagramEdge
from rfcalc.report.diagram.parts import DiagramPart, moves_elements_alone, passes_on, works_on_what_it_reads
from rfcalc.report.diagram.texts import layer_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfcalc.graph.ir import Graph, Node
    from rfcalc.shapes import Shape

# So far a branch is followed back to where another one begins.
_FARTHEST = 64
# Of a sum of more branches none is a shortcut beside the others.
_MOST_BRANCHES = 8


class DiagramRead(NamedTuple):
    """What one part reads of another: its number, and the layers whose outputs these are."""

    source: int
    tensors: tuple[int, ...]


def is_join(node: Node) -> bool:
    """Whether several branches come together at a layer."""
    return len(node.inputs) > 1 and "join" in find_operator(node.op).traits


def connected(
    graph: Graph, parts: Sequence[DiagramPart], *, detailed: bool
) -> tuple[list[DiagramPart], list[DiagramEdge]]:
    """The parts that are boxes, with their results, behind what enters, and their edges, by number.

    What enters is a part that is repeated 0 times.  Beside a longer branch to a sum, one projection alone is
    an edge, and so is what only takes or puts around elements; detailed: nothing is.
    """
    made = {index for part in parts for index in part.layers}
    outside = {operand for index in made for operand in graph.nodes[index].inputs if operand not in made}
    if made.issuperset(range(len(graph.inputs), len(graph.nodes))):
        outside.update(graph.inputs)
    boxes = [*(DiagramPart((index,), index, times=0) for index in sorted(outside)), *parts]
    boxes = in_order(boxes)
    place: dict[int, int] = {}
    origin: dict[int, int] = {}
    drawn: list[DiagramPart] = []
    for part in boxes:
        (operand,) = graph.nodes[part.head].inputs if part.head >= 0 and _is_silent(graph, part) else (-1,)
        # What passes on what another box leaves is that box.
        place.update(dict.fromkeys(part.layers, place.get(operand, len(drawn))))
        alone = place[part.layers[0]] == len(drawn)
        origin.update((each, each if alone else origin[operand]) for each in part.layers)
        drawn += [part] if alone else []
    reads: list[list[DiagramRead]] = []
    results: list[dict[int, None]] = [{} for _ in drawn]
    for each in graph.outputs:
        if each in place:
            results[place[each]][origin[each]] = None
    for number, part in enumerate(drawn):
        read = [
            DiagramRead(place[each], (origin[each],))
            for index in (part.layers if part.times else ())
            for each in graph.nodes[index].inputs
            if place.get(each, number) != number
        ]
        for source, tensors in read:
            results[source].update(dict.fromkeys(tensors))
        reads.append(read if part.head >= 0 and is_join(graph.nodes[part.head]) else _merged(read))
    boxes = [
        part._replace(results=tuple(sorted(found)) if found and part.head < 0 else part.layers[-1:])
        for part, found in zip(drawn, results, strict=True)
    ]
    wiring = _DiagramWiring(graph, boxes, reads)
    edges = [
        edge
        for number in range(len(boxes))
        for edge in (wiring.edges_to(number) if not detailed else wiring.plain_edges_to(number))
    ]
    kept = [number for number in range(len(boxes)) if number not in wiring.left_out]
    renumbered = {number: new for new, number in enumerate(kept)}
    return [boxes[number] for number in kept], [
        edge._replace(source=renumbered[edge.source], target=renumbered[edge.target])
        for edge in edges
        if edge.target in renumbered
    ]


def _merged(reads: Sequence[DiagramRead]) -> list[DiagramRead]:
    """What is read, once for each source."""
    found: dict[int, dict[int, None]] = {}
    for source, tensors in reads:
        found.setdefault(source, {}).update(dict.fromkeys(tensors))
    return [DiagramRead(source, tuple(tensors)) for source, tensors in found.items()]


def _is_silent(graph: Graph, part: DiagramPart) -> bool:
    return part.times > 0 and all(passes_on(graph.nodes[index]) for index in part.layers)


def in_order(boxes: Iterable[DiagramPart]) -> list[DiagramPart]:
    """The parts, none before one that it reads: a layer that others prepare stands where it is itself."""
    return sorted(boxes, key=lambda part: part.layers[0] if part.head < 0 else part.head)


class _DiagramWiring:
    """Who reads whom; left_out: the parts that became edges."""

    def __init__(
        self, graph: Graph, boxes: Sequence[DiagramPart], reads: Sequence[Sequence[DiagramRead]]
    ) -> None:
        self.graph, self.boxes, self.reads = graph, boxes, reads
        operands = self.operands = [[read.source for read in each] for each in reads]
        self.readers: list[int] = [0] * len(boxes)
        for read in operands:
            for number in read:
                self.readers[number] += 1
        self.outputs = set(graph.outputs)
        self.left_out: set[int] = set()

    def plain_edges_to(self, number: int) -> list[DiagramEdge]:
        return [DiagramEdge(read.source, number, carried=self._carried(read)) for read in self.reads[number]]

    def _carried(self, read: DiagramRead) -> tuple[Shape, ...]:
        """The sizes of what is read, where that is not all that its source leaves."""
        if len(read.tensors) >= len(self.boxes[read.source].results):
            return ()
        return tuple(self.graph.nodes[index].facts.output for index in read.tensors)

    def edges_to(self, number: int) -> list[DiagramEdge]:
        """The edges to a part, with what is done on the way to a join."""
        part = self.boxes[number]
        if len(self.operands[number]) < 2 or part.head < 0 or not is_join(self.graph.nodes[part.head]):
            return self.plain_edges_to(number)
        sums = "summing" in find_operator(self.graph.nodes[part.head].op).traits
        sums = sums and len(self.operands[number]) <= _MOST_BRANCHES
        edges = []
        for read in self.reads[number]:
            passed: list[int] = []
            source = read.source
            while self._is_small(source) and self._only_moves(source):
                passed.append(source)
                source = self.operands[source][0]
            if not passed and sums and self._is_projection(source, number):
                passed.append(source)
                source = self.operands[source][0]
            self.left_out.update(passed)
            nodes = [self.graph.nodes[self.boxes[each].head] for each in reversed(passed)]
            first = self.reads[passed[-1]][0] if passed else read
            before = self.graph.nodes[first.tensors[0]].facts.output
            changes = bool(nodes) and nodes[-1].facts.output != before
            edges.append(
                DiagramEdge(
                    source,
                    number,
                    ", ".join(layer_text(node) for node in nodes if not passes_on(node)),
                    changes,
                    self._carried(first),
                )
            )
        return edges

    def _is_small(self, number: int) -> bool:
        """Whether a part is one layer of a branch, with one operand, one reader, and no output of all."""
        part = self.boxes[number]
        alone = part.head >= 0 and part.times == 1 and self.readers[number] == 1
        return alone and len(self.operands[number]) == 1 and not self.outputs.intersection(part.layers)

    def _only_moves(self, number: int) -> bool:
        return all(
            moves_elements_alone(node) or works_on_what_it_reads(self.graph, node)
            for node in (self.graph.nodes[index] for index in self.boxes[number].layers)
        )

    def _is_projection(self, number: int, join: int) -> bool:
        """Whether a part is all of a branch beside a longer one from the same part to the same join."""
        if not self._is_small(number):
            return False
        source = self.operands[number][0]
        for other in self.operands[join]:
            count, at = 0, other
            while at != source and self.operands[at] and count < _FARTHEST:
                count, at = count + 1, self.operands[at][0]
            if other != number and at == source and count > 1:
                return True
        return False
