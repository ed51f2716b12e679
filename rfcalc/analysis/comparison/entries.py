"""The aligned layers of two networks, and what was changed in each by itself.

An entry is a layer with its counterpart, or a layer that only one network has.  A change is an
attribute whose value is another one; what merely follows from another size of the input (the kernel
of a fully connected layer, `p=same` at stride 2) is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from rfcalc.analysis.analyze import shapes_read
from rfcalc.analysis.comparison.alignment import align
from rfcalc.analysis.comparison.sequences import IndexPair
from rfcalc.analysis.comparison.structure import LIGHT, Forms, LayerToken, same_value
from rfcalc.analysis.depth import weighted
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.attributes import SizeReference
from rfcalc.ops.registry import applied, find_operator
from rfcalc.records import NamedTuple

# What a change is called that is none of an attribute.
OPERATOR, READS, WEIGHTS = "operator", "reads", "weights"


class Change(NamedTuple):
    """What was changed in a layer, and its old and its new value.

    attribute: the full name of one, or OPERATOR, READS (the names of the operands), WEIGHTS (the name of the
    layer whose weights it uses, None for its own).
    """

    attribute: str
    old: object
    new: object


class LayerPair(NamedTuple):
    """Two layers that correspond, or a layer without counterpart; inputs of the networks are entries too.

    left, right: indices into the nodes of each graph.
    """

    left: int | None
    right: int | None
    changes: tuple[Change, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether only one network has it."""
        return self.left is None or self.right is None


class Side(NamedTuple):
    """One of the two networks.  entry_of: the entry of each node; named: of each layer by its name."""

    network: NetworkAnalysis
    entry_of: tuple[int, ...]
    named: Mapping[str, int]

    @classmethod
    def of(cls, network: NetworkAnalysis, nodes: Iterable[int | None]) -> Side:
        """A network, given the node of each entry."""
        found = {node: entry for entry, node in enumerate(nodes) if node is not None}
        entry_of = tuple(found[node] for node in range(len(found)))
        names = (node.name for node in network.graph.nodes)
        return cls(network, entry_of, dict(zip(names, entry_of, strict=True)))

    @property
    def graph(self) -> Graph:
        """The network's graph."""
        return self.network.graph

    def layer(self, node: int | None) -> LayerAnalysis | None:
        """The figures of a node that is a layer; None where the network has no such entry."""
        return None if node is None else self.network.layer_at(node)

    def operands(self, node: int) -> tuple[int, ...]:
        """The entries that a node reads."""
        return tuple(self.entry_of[operand] for operand in self.graph.nodes[node].inputs)


class Entries(NamedTuple):
    """All entries, in an order that is both networks' order of execution.

    unaligned: how many layers were left without a counterpart because looking for one was too much.
    """

    left: Side
    right: Side
    entries: tuple[LayerPair, ...]
    unaligned: int

    @property
    def inputs(self) -> int:
        """How many entries are inputs of the networks; these come first."""
        return max(len(side.graph.inputs) for side in (self.left, self.right))

    def both(self, entry: LayerPair) -> tuple[Node, Node]:
        """The nodes of an entry that both networks have."""
        assert entry.left is not None
        assert entry.right is not None
        return self.left.graph.nodes[entry.left], self.right.graph.nodes[entry.right]


def aligned_entries(one: NetworkAnalysis, two: NetworkAnalysis) -> Entries:
    """The entries of two networks."""
    left, right = one.graph, two.graph
    forms = Forms([shape.axes for shape in one.inputs] != [shape.axes for shape in two.inputs])
    tokens = forms.tokens(one), forms.tokens(two)
    alignment = align(*tokens)
    pairs = [
        *_inputs(left, right),
        *(
            (
                None if mine is None else mine + len(left.inputs),
                None if theirs is None else theirs + len(right.inputs),
            )
            for mine, theirs in _removed_first(_without_strays(left, right, tokens, alignment.pairs))
        ),
    ]
    plain = Entries(
        Side.of(one, (mine for mine, _ in pairs)),
        Side.of(two, (theirs for _, theirs in pairs)),
        tuple(LayerPair(*pair) for pair in pairs),
        alignment.unaligned,
    )
    return plain._replace(entries=tuple(_with_changes(plain, entry) for entry in plain.entries))


def _inputs(left: Graph, right: Graph) -> Iterator[IndexPair]:
    """The inputs of both networks, by name where they have the same ones, else in their order."""
    names = {right.nodes[index].name: index for index in right.inputs}
    by_name = names.keys() == {left.nodes[index].name for index in left.inputs}
    for one, two in zip_longest(left.inputs, right.inputs):
        yield one, names[left.nodes[one].name] if by_name and one is not None else two


def _without_strays(
    left: Graph,
    right: Graph,
    tokens: tuple[Sequence[LayerToken], Sequence[LayerToken]],
    pairs: Sequence[IndexPair],
) -> Iterator[IndexPair]:
    """The pairs, except activations and the like that only look alike.

    Such a layer belongs to the layer with weights before it.  Where that has no counterpart, and the
    resolution is another, the pair says nothing.
    """
    alone_left = _behind_unpaired(left, {one for one, two in pairs if two is None and one is not None})
    alone_right = _behind_unpaired(right, {two for one, two in pairs if one is None and two is not None})
    for one, two in pairs:
        if one is not None and two is not None:
            mine, theirs = tokens[0][one].form, tokens[1][two].form
            stray = mine.weight == LIGHT and mine.leaving != theirs.leaving
            if stray and (alone_left[one] or alone_right[two]):
                yield one, None
                yield None, two
                continue
        yield one, two


def _removed_first(pairs: Iterable[IndexPair]) -> Iterator[IndexPair]:
    """The same order in both networks; between two pairs what was removed stands before what was inserted."""
    inserted: list[IndexPair] = []
    for pair in pairs:
        if pair[0] is None:
            inserted.append(pair)
            continue
        if pair[1] is not None:
            yield from inserted
            inserted.clear()
        yield pair
    yield from inserted


def _behind_unpaired(graph: Graph, unpaired: set[int]) -> list[bool]:
    """For each layer whether the last layer with weights on its first operand's side has no counterpart."""
    first = len(graph.inputs)
    result: list[bool] = []
    for index, node in enumerate(graph.layers):
        if weighted(node):
            result.append(index in unpaired)
        else:
            before = node.inputs[0] - first if node.inputs else -1
            result.append(before >= 0 and result[before])
    return result


def _with_changes(entries: Entries, entry: LayerPair) -> LayerPair:
    if entry.alone:
        return entry
    one, two = entries.both(entry)
    changes = [] if one.op == two.op else [Change(OPERATOR, one.op, two.op)]
    for changed in (_changed_attributes, _changed_reads, _changed_weights):
        changes += changed(entries, one, two)
    return entry._replace(changes=tuple(changes)) if changes else entry


def _changed_attributes(entries: Entries, one: Node, two: Node) -> Iterator[Change]:
    if one.arguments is two.arguments:
        return
    # Of two operators only what both have can be compared.
    names = dict.fromkeys((*one.arguments, *two.arguments))
    if one.op != two.op:
        names = dict.fromkeys(name for name in one.arguments if name in two.arguments)
    for name in names:
        old, new = one.arguments.get(name), two.arguments.get(name)
        if isinstance(old, SizeReference) and isinstance(new, SizeReference):
            if entries.left.named.get(old.name) != entries.right.named.get(new.name):
                yield Change(name, old, new)
        elif not same_value(old, new) and not _follows(entries, one, two, name):
            yield Change(name, old, new)


def _follows(entries: Entries, one: Node, two: Node, name: str) -> bool:
    """Whether a value differs only since the sizes do: with those of the second the first would have its."""
    decided = name in one.arguments.decided and name in two.arguments.decided
    if one.op != two.op or not decided or one.arguments.word(name) != two.arguments.word(name):
        return False
    # A layer that is followed has the size that it has in either network.
    followed = {key: value for key, value in two.arguments.items() if isinstance(value, SizeReference)}
    arguments = {**find_operator(one.op).undecided(one.arguments), **followed}
    facts = applied(one.op, shapes_read(entries.right.graph, two), arguments)
    return facts is not None and facts.decided.get(name) == two.arguments[name]


def _changed_reads(entries: Entries, one: Node, two: Node) -> Iterator[Change]:
    """The change that a layer reads other layers, unless layers in between came or went."""
    mine = {entries.left.entry_of[index] for index in one.inputs}
    theirs = {entries.right.entry_of[index] for index in two.inputs}
    lost = [entries.entries[number] for number in mine - theirs]
    gained = [entries.entries[number] for number in theirs - mine]
    inserted = any(entry.left is None for entry in gained)
    removed = any(entry.right is None for entry in lost)
    moved = any(entry.right is not None for entry in lost) and not inserted
    moved |= any(entry.left is not None for entry in gained) and not removed
    if moved:
        yield Change(
            READS,
            tuple(entries.left.graph.nodes[index].name for index in one.inputs),
            tuple(entries.right.graph.nodes[index].name for index in two.inputs),
        )


def _changed_weights(entries: Entries, one: Node, two: Node) -> Iterator[Change]:
    mine, theirs = (
        None if node.shared is None else (side.entry_of[node.shared], side.graph.nodes[node.shared].name)
        for side, node in ((entries.left, one), (entries.right, two))
    )
    if (mine and mine[0]) != (theirs and theirs[0]):
        yield Change(WEIGHTS, mine and mine[1], theirs and theirs[1])
