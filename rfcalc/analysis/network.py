"""The analysis of a whole network: every layer's figures, and their totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.analysis.fields.receptive_field import FieldAnalysis, NodeField
from rfcalc.errors import Diagnostic, printable
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.facts import Work
from rfcalc.records import Result
from rfcalc.shapes import AlongAxis, Shape, Size, along_axes, product
from rfcalc.symbolic.polynomial import sum_of


class LayerAnalysis(Result):
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

    def __eq__(self, other: object) -> bool:
        # Of the fields its own: those of all would be compared for each layer.
        return isinstance(other, LayerAnalysis) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((self.node.name, self.place))

    def _compared(self) -> dict[str, object]:
        return self._asdict() | {"fields": self.field}

    @property
    def buffers(self) -> Size | None:
        """Numbers that are kept and not learned; 0 where it uses those of another layer."""
        buffers = self.node.facts.buffers
        if buffers is None:
            return None
        return 0 if self.node.shared is not None else sum_of(map(product, buffers.values()))

    @property
    def field(self) -> NodeField:
        """Its receptive field."""
        return self.fields[self.place]

    @property
    def receptive_field(self) -> AlongAxis | tuple[AlongAxis, ...]:
        """The size of its field over the first input that it sees, as `along_axes` has it; None for none.

        Infinite along an axis of which it sees all positions by a global path.
        """
        return size_of(self.field)

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

    def __repr__(self) -> str:
        figures = {"receptive field": self.receptive_field, "params": self.params, "MACs": self.macs}
        said = ", ".join(f"{name} {_figure(value)}" for name, value in figures.items())
        return f"<{printable(self.name)}: {self.op}, output {self.output}, {said}>"


def size_of(field: NodeField) -> AlongAxis | tuple[AlongAxis, ...]:
    """The size of a field over the first input that is seen."""
    return along_axes(axis.reported for axis in field.seen[1]) if field.seen else None


def _figure(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


class Totals(Result):
    """Sums over the layers; each counts what is known, and `unknown` names the layers it misses.

    sums: by the name of the count; all that are costs, except bytes.  Each is an attribute too:
    `totals.params`, `totals.macs`, `totals.other_ops`.
    """

    sums: Mapping[str, Size]
    unknown: tuple[str, ...]

    def __getattr__(self, name: str) -> Size:
        try:
            return self.sums[name]
        except KeyError:
            raise AttributeError(f"there is no total of {name!r}") from None

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {_figure(count)}" for name, count in self.sums.items())
        return f"<{type(self).__name__}: {counts}>"

    @property
    def work(self) -> Work:
        """The other operations by kind."""
        return Work(*(self.sums[kind] for kind in Work._fields))


class NetworkAnalysis(Result):
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
        """What the reader must know though it stops nothing: of the description, of fields, of alignment."""
        found = (*self.graph.warnings, *self.fields.diagnostics)
        if not self.fields.off_centre:
            return found
        from rfcalc.analysis.fields.alignment import off_centre_warnings

        return (*found, *off_centre_warnings(self.fields))

    @property
    def receptive_field(self) -> AlongAxis | tuple[AlongAxis, ...]:
        """The size of its field, that of the last layer before its map is covered whole."""
        return size_of(self.fields.nodes[self.fields.network])

    def __repr__(self) -> str:
        sizes = [", ".join(map(str, shapes)) for shapes in (self.inputs, self.outputs)]
        params, macs = (_figure(self.totals.sums[name]) for name in ("params", "macs"))
        return (
            f"<{type(self).__name__} {printable(self.name)}: input {sizes[0]}, output {sizes[1]}, "
            f"{len(self.layers):,} layers, receptive field {_figure(self.receptive_field)}, params {params}, "
            f"MACs {macs}>"
        )

    def layer_at(self, index: int) -> LayerAnalysis:
        """The layer that is node `index` of the graph."""
        return self.layers[index - len(self.graph.inputs)]

    def layer(self, name: str) -> LayerAnalysis:
        """The layer of this hierarchical name; raises KeyError when there is none."""
        for layer in self.layers:
            if layer.node.name == name:
                return layer
        raise KeyError(name)
