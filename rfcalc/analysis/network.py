"""The analysis of a whole network: every layer's figures, and their totals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rfcalc.analysis.fields.receptive_field import FieldAnalysis, NodeField, receptive_fields
from rfcalc.errors import Diagnostic
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.facts import Work
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import total


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
    """Sums over the layers; each counts what is known, and `unknown` names the layers it misses."""

    params: Size
    macs: Size
    work: Work
    activations: Size
    unknown: tuple[str, ...]

    @property
    def flops(self) -> Size:
        """Twice the multiply-accumulates."""
        return self.macs * 2


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
        _layer(graph, node, batch, fields.nodes, first + number)
        for number, node in enumerate(graph.nodes[first:])
    )
    return NetworkAnalysis(graph, batch, layers, _totals(layers), fields)


def _layer(graph: Graph, node: Node, batch: int, fields: Sequence[NodeField], index: int) -> LayerAnalysis:
    facts = node.facts
    output = None if facts.sink else facts.output
    return LayerAnalysis(
        node=node,
        inputs=tuple(graph.nodes[operand].facts.output for operand in node.inputs),
        output=output,
        params=facts.params if node.shared is None else 0,
        macs=None if facts.macs is None else facts.macs * batch,
        work=None if facts.work is None else facts.work.times(batch),
        activations=0 if output is None else output.elements * batch,
        fields=fields,
        place=index,
    )


def _totals(layers: tuple[LayerAnalysis, ...]) -> Totals:
    def known(figures: Iterable[Size | None]) -> Size:
        return total(figure for figure in figures if figure is not None)

    return Totals(
        known(layer.params for layer in layers),
        known(layer.macs for layer in layers),
        Work.total(layer.work for layer in layers if layer.work is not None),
        known(layer.activations for layer in layers),
        tuple(
            layer.node.name
            for layer in layers
            if layer.params is None or layer.macs is None or layer.work is None or layer.activations is None
        ),
    )
