"""The analysis of a whole network: every layer's figures, and their totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rfcalc.analysis.fields.receptive_field import FieldAnalysis, NodeField, receptive_fields
from rfcalc.analysis.figures import counts, total
from rfcalc.errors import Diagnostic
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.facts import Facts, Work
from rfcalc.shapes import Shape, Size


class LayerAnalysis(NamedTuple):
    """One layer's figures.  Every figure that is not known is None.

    inputs and output: shapes of one example; output is None where nothing is passed on (a loss).
    params: its own learned parameters; 0 where it uses those of another layer.
    macs and work: of the whole batch.  activations: output elements of the whole batch.
    fields: the receptive fields of all nodes; place: which of them is its own.
    """

    node: Node
    inputs: tuple[Shape, ...]
    output: Shape | None
    params: Size | None
    macs: Size | None
    work: Work | None
    activations: Size | None
    fields: Sequence[NodeField]
    place: int

    @property
    def field(self) -> NodeField:
        """Its receptive field."""
        return self.fields[self.place]

    @property
    def name(self) -> str:
        """The layer's hierarchical name."""
        return self.node.name

    @property
    def op(self) -> str:
        """The name of its operator."""
        return self.node.op

    @property
    def flops(self) -> Size | None:
        """Floating-point operations: twice the multiply-accumulates, exactly."""
        return None if self.macs is None else self.macs * 2


class Totals(NamedTuple):
    """Sums over the layers; each counts what is known, and `unknown` names the layers it misses.

    sums: by the name of the count; all that are costs, but for bytes.  Each is an attribute too:
    `totals.params`, `totals.macs`, `totals.other_ops`.
    """

    sums: Mapping[str, Size]
    unknown: tuple[str, ...]

    def __getattr__(self, name: str) -> Size:
        try:
            return self.sums[name]
        except KeyError:
            raise AttributeError(f"there is no total of {name!r}") from None

    @property
    def work(self) -> Work:
        """The other operations by kind."""
        return Work(*(self.sums[kind] for kind in Work._fields))


class NetworkAnalysis(NamedTuple):
    """A network and everything that is known of it."""

    graph: Graph
    batch: int
    layers: tuple[LayerAnalysis, ...]
    totals: Totals
    fields: FieldAnalysis

    @property
    def name(self) -> str:
        """The network's name."""
        return self.graph.name

    @property
    def inputs(self) -> tuple[Shape, ...]:
        """The shapes of its inputs."""
        return tuple(self.graph.nodes[index].facts.output for index in self.graph.inputs)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of its inputs."""
        return tuple(self.graph.nodes[index].name for index in self.graph.inputs)

    @property
    def outputs(self) -> tuple[Shape, ...]:
        """The shapes of its outputs."""
        return tuple(self.graph.nodes[index].facts.output for index in self.graph.outputs)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the reader must know though it stops nothing, in the order it was found."""
        return self.fields.diagnostics

    def layer(self, name: str) -> LayerAnalysis:
        """The layer of this hierarchical name; raises KeyError when there is none."""
        for layer in self.layers:
            if layer.node.name == name:
                return layer
        raise KeyError(name)


def analyze_graph(graph: Graph, batch: int = 1) -> NetworkAnalysis:
    """Every layer's figures for `batch` examples, and their totals."""
    fields = receptive_fields(graph)
    first = len(graph.inputs)
    layers = tuple(
        analyze_layer(node, node.facts, shapes_read(graph, node), batch, fields.nodes, place)
        for place, node in enumerate(graph.nodes[first:], first)
    )
    return NetworkAnalysis(graph, batch, layers, totals_of(layers), fields)


def shapes_read(graph: Graph, node: Node) -> tuple[Shape, ...]:
    """The shapes of a node's operands."""
    return tuple(graph.nodes[index].facts.output for index in node.inputs)


def analyze_layer(
    node: Node, facts: Facts, inputs: tuple[Shape, ...], batch: int, fields: Sequence[NodeField], place: int
) -> LayerAnalysis:
    """The figures of a layer that has these facts, since it reads these shapes."""
    output = None if facts.sink else facts.output
    return LayerAnalysis(
        node=node,
        inputs=inputs,
        output=output,
        params=facts.params if node.shared is None else 0,
        macs=None if facts.macs is None else facts.macs * batch,
        work=None if facts.work is None else facts.work.times(batch),
        activations=0 if output is None else output.elements * batch,
        fields=fields,
        place=place,
    )


def totals_of(layers: tuple[LayerAnalysis, ...]) -> Totals:
    """The sums over some layers."""
    costs = [count for count in counts(parts=True) if count.cost and not count.in_bytes]
    sums = {count.name: total(count, layers) for count in costs}
    lacking = [count for count in costs if not sums[count.name].complete]
    unknown = tuple(layer.name for layer in layers if any(count.value(layer) is None for count in lacking))
    return Totals({name: one.known for name, one in sums.items()}, unknown)
