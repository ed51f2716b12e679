"""The graph: layers in execution order, each with its facts and its place in the description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rfcalc.errors import Diagnostic, Position
from rfcalc.ops.attributes import Value
from rfcalc.ops.facts import Facts
from rfcalc.shapes import Size
from rfcalc.symbolic import Polynomial


class Node(NamedTuple):
    """One layer, or one input of the network.

    name: hierarchical, unique, dot-separated (`layer3.5.conv2`).
    op: the operator's name; "input" for an input of the network.
    arguments: every attribute by its full name, defaults and values decided by shapes included.
    inputs: the indices of the nodes it reads, all smaller than its own.
    shared: the index of the node whose parameters it uses; None when it has its own.
    position: the line that made it.
    """

    name: str
    op: str
    arguments: Mapping[str, object]
    inputs: tuple[int, ...]
    facts: Facts
    shared: int | None
    position: Position


class Scope(NamedTuple):
    """A named group of layers: a block call, a repeat, or one turn of it.

    kind: "block", "repeat", "each" or "turn"; label: the block's name, or how often it repeats.
    """

    name: str
    kind: str
    label: str
    position: Position


class Note(NamedTuple):
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
    object_size: the lengths of what is to be seen, one per spatial axis or one for all; empty when the
    description says nothing.  positive: numbers besides those of layers that must be at least 1: what was
    given for symbols.
    """

    name: str
    source: str
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    output_names: tuple[str, ...]
    scopes: Mapping[str, Scope]
    parameters: Mapping[str, Value]
    symbols: tuple[str, ...]
    notes: tuple[Note, ...]
    warnings: tuple[Diagnostic, ...]
    declared: Mapping[str, Value] = {}
    object_size: tuple[Size, ...] = ()
    positive: tuple[Polynomial, ...] = ()

    @property
    def layers(self) -> tuple[Node, ...]:
        """The nodes that are layers: all but the inputs."""
        return self.nodes[len(self.inputs) :]
