"""The graph: layers in execution order, each with its facts and its place in the description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from rfcalc.errors import Diagnostic, Position
from rfcalc.ops.attributes import Value
from rfcalc.ops.facts import Facts
from rfcalc.ops.operator import Arguments
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size, product
from rfcalc.spec.syntax import Argument, Formula
from rfcalc.symbolic.polynomial import Polynomial, sum_of

if TYPE_CHECKING:
    from fractions import Fraction

# How an operand comes to a layer: it is the tensor that stands before its line, the end of one of its
# branches, or a layer that `from=` names.
Route: TypeAlias = Literal["current", "branch", "from"]


class Node(NamedTuple):
    """One layer, or one input of the network.

    name: hierarchical, unique, dot-separated (`layer3.5.conv2`).
    op: the operator's name; "input" for an input of the network.
    facts: what the operator states about itself.  position: the line that made it.
    inputs: the indices of the nodes it reads, all smaller than its own.  routes: how each comes to it.
    arguments: the values in effect, those that are written and those that were decided told apart.
    as_written: the arguments of its line.
    shared: the index of the node whose parameters it uses; None when it has its own.  shares: the names of
    its learned tensors that are that node's; the others are its own.
    """

    name: str
    op: str
    facts: Facts
    position: Position
    inputs: tuple[int, ...] = ()
    routes: tuple[Route, ...] = ()
    arguments: Arguments = Arguments()
    as_written: tuple[Argument, ...] = ()
    shared: int | None = None
    shares: frozenset[str] = frozenset()

    @property
    def own_params(self) -> Size | None:
        """The number of learned parameters that no other node has; None when unknown."""
        weights = self.facts.weights
        if weights is None or self.shared is None:
            return self.facts.params
        return sum_of(product(sizes) for name, sizes in weights.items() if name not in self.shares)

    def argument(self, attribute: str) -> Argument | None:
        """How its line writes an attribute (by full name), and where; None where it is left out."""
        return argument_of(self.op, self.as_written, attribute)


def argument_of(op: str, line: Iterable[Argument], attribute: str) -> Argument | None:
    """The argument of an operator's line that gives an attribute (by full name); None where none does."""
    spellings = find_operator(op).spellings
    return next((argument for argument in line if spellings.get(argument.name) == attribute), None)


# A block call, items with a name of their own, a repeat of either form, or one turn of it.
GroupKind: TypeAlias = Literal["block", "part", "repeat", "each", "turn"]


class Bound(NamedTuple):
    """How a name has its value in a scope.

    written: what gives it, or the number that a counter stands at.  position: where.  own: it is worked out
    among the names of the scope itself (a default, a named value), else among those around it.
    """

    written: Formula | int
    position: Position
    own: bool = False


# The names of one scope.
BoundNames: TypeAlias = Mapping[str, Bound]


class Group(NamedTuple):
    """A named group of layers; label: the block's name, or how often it repeats.

    position: the call, or the repeat; of a turn that is one call of a block, that call.
    names: those that have their value in it: of a turn that is one call those of the call, then its own.
    """

    name: str
    kind: GroupKind
    label: str
    position: Position
    names: tuple[BoundNames, ...] = ()

    @property
    def is_call(self) -> bool:
        """Whether it is a block call; a turn that is one has the block's name as its label."""
        return self.kind == "block" or (self.kind == "turn" and bool(self.label))


class NetworkNote(NamedTuple):
    """A remark a description attaches to a layer or, with no layer, to the whole network.

    column: the table column the remark belongs to ("" for the row); text and its Chinese form.
    """

    layer: str
    column: str
    text: str
    chinese: str


class Graph(NamedTuple):
    """A network, built: nodes in execution order, its inputs first.

    symbols: the names that stand for any whole number from 1 up.  declared: what each symbol that the
    description declares stands for (`H: 32*h`), and parameters: what each parameter does.
    object_sizes: the lengths of what is to be seen, one per spatial axis or one for all, by the name of the
    output that is to see it; "" where any may.  positive: numbers besides those of layers that must be at
    least 1: what was given for symbols.  warnings: what is likely not meant, though it can be built.
    names: how names of the top level have their values.  rates: of inputs by name, how many positions along
    their first axis are a second, where that is said.
    """

    name: str
    source: str
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    output_names: tuple[str, ...]
    scopes: Mapping[str, Group]
    parameters: Mapping[str, Value]
    symbols: tuple[str, ...]
    notes: tuple[NetworkNote, ...]
    declared: Mapping[str, Value] = {}
    object_sizes: Mapping[str, tuple[Size, ...]] = {}
    positive: tuple[Polynomial, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    names: tuple[BoundNames, ...] = ()
    rates: Mapping[str, int | Fraction] = {}

    def rate(self, source: int) -> int | Fraction | None:
        """The positions along the first axis of input number `source` that are a second, if that is said."""
        return self.rates.get(self.nodes[self.inputs[source]].name) if self.rates else None

    @property
    def layers(self) -> tuple[Node, ...]:
        """The nodes that are layers: all but the inputs."""
        return self.nodes[len(self.inputs) :]

    def scopes_around(self, name: str) -> Iterator[str]:
        """The scopes a layer stands in, the outermost first."""
        parts = name.split(".")
        for length in range(1, len(parts)):
            scope = ".".join(parts[:length])
            if scope in self.scopes:
                yield scope

    def calls_to(self, name: str) -> Iterator[Group]:
        """The block calls that a layer is made by, the innermost first."""
        around = (self.scopes[path] for path in reversed([*self.scopes_around(name)]))
        return (group for group in around if group.is_call)

    def ancestors(self, node: int) -> list[int]:
        """The nodes that a node comes from, itself included, in the order of execution."""
        found = {node}
        for index in range(node, -1, -1):
            if index in found:
                found.update(self.nodes[index].inputs)
        return sorted(found)
