"""Small graphs for tests of receptive fields, made of facts alone, without descriptions and operators."""

from __future__ import annotations

from rfcalc.analysis.fields.alignment import off_centre_warnings
from rfcalc.analysis.fields.plane import support
from rfcalc.analysis.fields.receptive_field import AxisField, FieldAnalysis, receptive_fields
from rfcalc.errors import Position, Source
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.axis_maps import AxisMap, Transposed, Window
from rfcalc.ops.facts import Channels, Facts
from rfcalc.ops.reads import Along, AxisReads, Collapsed, Everything, identity
from rfcalc.shapes import Shape, Size

Lengths = int | tuple[int, ...]


class Net:
    """A network under construction; every method adds a layer and returns its index.

    A layer reads the one before it, or the ones named in `of`.
    """

    def __init__(self, *sizes: Size, inputs: int = 1) -> None:
        self.nodes: list[Node] = []
        self.inputs = inputs
        for number in range(inputs):
            shape = Shape(tuple(sizes), 8)
            self._add(f"input{number}" if inputs > 1 else "input", "input", (), Facts(shape))

    def layer(
        self,
        reads: tuple[tuple[AxisReads | None, ...], ...] | None,
        axes: tuple[Size, ...],
        *,
        of: tuple[int, ...] = (-1,),
        name: str = "",
        channels: Channels | None = "all",
        data_dependent: bool = False,
    ) -> int:
        operands = tuple(index % len(self.nodes) for index in of)
        facts = Facts(Shape(axes, 8), reads=reads, channels=channels, data_dependent=data_dependent)
        return self._add(name or f"layer{len(self.nodes)}", "layer", operands, facts)

    def along(
        self, *taps: AxisMap, axes: tuple[Size, ...], of: int = -1, name: str = "", channels: Channels = "all"
    ) -> int:
        """One map of positions per axis."""
        reads = tuple(Along(axis, each) for axis, each in enumerate(taps))
        return self.layer((reads,), axes, of=(of,), name=name, channels=channels)

    def conv(
        self,
        kernel: Lengths,
        stride: Lengths = 1,
        padding: Lengths = 0,
        dilation: Lengths = 1,
        *,
        of: int = -1,
        name: str = "",
    ) -> int:
        axes = self.axes(of)
        windows = [
            Window(*each)
            for each in zip(
                *(_each(given, axes) for given in (kernel, stride, padding, dilation)), strict=True
            )
        ]
        sizes = tuple(
            (n + 2 * w.before - w.dilation * (w.kernel - 1) - 1) // w.stride + 1 if isinstance(n, int) else n
            for n, w in zip(axes, windows, strict=True)
        )
        return self.along(*windows, axes=sizes, of=of, name=name)

    def deconv(self, kernel: int, stride: int, padding: int = 0, dilation: int = 1, *, of: int = -1) -> int:
        taps = Transposed(kernel, stride, padding, dilation)
        sizes = tuple((n - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1 for n in self.axes(of))
        return self.along(*[taps for _ in sizes], axes=sizes, of=of)

    def crop(self, before: int, size: int, *, of: int = -1) -> int:
        axes = tuple(size for _ in self.axes(of))
        return self.along(*[Window(1, 1, -before) for _ in axes], axes=axes, of=of, channels="each")

    def relu(self, *, of: int = -1) -> int:
        axes = self.axes(of)
        return self.layer((identity(len(axes)),), axes, of=(of,), channels="each")

    def collapse(self, *, of: int = -1, name: str = "") -> int:
        """A fully connected layer or a global pooling."""
        axes = self.axes(of)
        reads = tuple(Collapsed(axis) for axis in range(len(axes)))
        return self.layer((reads,), (1,) * len(axes), of=(of,), name=name)

    def join(self, *operands: int, channels: Channels = "each", name: str = "") -> int:
        """An element-wise join, or with channels="stack" a concatenation; size 1 is broadcast."""
        sizes = [self.axes(operand) for operand in operands]
        axes = tuple(max(along) for along in zip(*sizes, strict=True))
        reads = tuple(
            tuple(
                read if size == full else Everything(read.axis)
                for read, size, full in zip(identity(len(axes)), own, axes, strict=True)
                if isinstance(read, Along)
            )
            for own in sizes
        )
        return self.layer(reads, axes, of=operands, channels=channels, name=name)

    def axes(self, index: int) -> tuple[Size, ...]:
        return self.nodes[index].facts.output.axes

    def graph(self, *outputs: int) -> Graph:
        last = outputs or (len(self.nodes) - 1,)
        return Graph(
            name="test",
            source="",
            nodes=tuple(self.nodes),
            inputs=tuple(range(self.inputs)),
            outputs=last,
            output_names=("",) * len(last),
            scopes={},
            parameters={},
            symbols=(),
            notes=(),
        )

    def _add(self, name: str, op: str, operands: tuple[int, ...], facts: Facts) -> int:
        position = Position(Source("test", name), len(self.nodes) + 1, 1, 2)
        self.nodes.append(Node(name, op, facts, position, operands))
        return len(self.nodes) - 1


def _each(given: Lengths, axes: tuple[Size, ...]) -> tuple[int, ...]:
    return given if isinstance(given, tuple) else (given,) * len(axes)


def analysis(net: Net, *outputs: int) -> FieldAnalysis:
    return receptive_fields(net.graph(*outputs))


def fields(net: Net, node: int = -1, source: int = 0) -> tuple[AxisField, ...]:
    axes = analysis(net).nodes[node].inputs[source]
    assert axes is not None
    return axes


def field(net: Net, node: int = -1, axis: int = 0) -> AxisField:
    return fields(net, node)[axis]


def messages(net: Net) -> list[str]:
    """What is said of the fields, and of branches that are out of line."""
    found = analysis(net)
    return [each.message for each in (*found.diagnostics, *off_centre_warnings(found))]


def vgg16() -> Net:
    """VGG-16 up to pool5."""
    net = Net(224, 224)
    for convolutions in (2, 2, 3, 3, 3):
        for _ in range(convolutions):
            net.conv(3, 1, 1)
            net.relu()
        net.conv(2, 2)
    return net


def seen_positions(graph: Graph, node: int, unit: int) -> set[int]:
    """What a unit of a node with one axis sees of an input with one axis."""
    found = support(receptive_fields(graph), node, [(unit,)])
    return {found.origin[0] + place for (place,) in zip(*found.seen.nonzero(), strict=True)}


def seen_ends(graph: Graph, node: int, unit: int) -> tuple[int, int]:
    """The first and last position that a unit may see."""
    state = receptive_fields(graph).state(node, 0, 0)
    assert state is not None
    assert state.field is not None
    seen = state.field.at(unit)
    assert seen is not None
    return seen.low, seen.high
