"""A graph as an ONNX model."""

from __future__ import annotations

from rfcalc.errors import UsageError, option, quoted
from rfcalc.exporting.layer import WrittenLayer, number, reads_flat, refusal, require_numbers
from rfcalc.exporting.onnx.contents import drawn
from rfcalc.exporting.onnx.file import model_file
from rfcalc.exporting.onnx.layer import TARGET, LayerNodes
from rfcalc.exporting.onnx.nodes import GraphNodes, WeightChoice
from rfcalc.exporting.onnx.registry import writer_of
from rfcalc.exporting.onnx.wire import EncodedMessage
from rfcalc.graph.ir import Graph
from rfcalc.importers.onnx.model import Model, ModelGraph, TensorInfo

# The version of ONNX's operators, of 2024: the first that has group normalisation by channels.
OPERATOR_SET = 21
_IR_VERSION = 10
# How many examples there are is open.
_EXAMPLES = "N"
# A message of protocol buffers is no longer.
_MOST_BYTES = 2**31 - 1


def onnx_file(graph: Graph, weights: WeightChoice, version: str) -> EncodedMessage:
    """The bytes of a network as an ONNX model; version: that of the program.

    Raises DescriptionError for what cannot be written, at its line: a layer that ONNX has no operators for,
    sizes that depend on a symbol.  Raises UsageError for a file that would be too long.
    """
    require_numbers(graph)
    writer = _GraphWriter(graph, weights)
    model = Model("", {"": OPERATOR_SET}, writer.written(), {})
    contents = {
        name: drawn(model.graph.stored[name], filling) for name, filling in writer.nodes.fillings.items()
    }
    file = model_file(model, ("rfcalc", version), _IR_VERSION, contents)
    if file.size > _MOST_BYTES:
        raise UsageError(
            f"{quoted(graph.name)} with its weights is {file.size:,} bytes, and an ONNX file has at "
            f"most {_MOST_BYTES:,}; {option('weights', 'none')} writes it without them"
        )
    return file


class _GraphWriter:
    """Writes a network layer by layer.

    flat: which layers' outputs come without axes.  single: which are the same for all examples, since they
    are made of learned tensors alone.
    """

    def __init__(self, graph: Graph, weights: WeightChoice) -> None:
        self.graph = graph
        names = tuple(node.name for node in graph.nodes)
        self.nodes = GraphNodes(names, self._indices(), weights)
        self.flat = {index: not graph.nodes[index].facts.output.axes for index in graph.inputs}
        self.single = dict.fromkeys(graph.inputs, False)

    def written(self) -> ModelGraph:
        """The network."""
        graph, infos = self.graph, {}
        for index in range(len(graph.inputs), len(graph.nodes)):
            self._layer(index)
            infos[graph.nodes[index].name] = self._info(index)
        outputs = []
        for index in dict.fromkeys(graph.outputs):
            info = self._info(index)
            if index in graph.inputs:
                # What is given is no output: it is passed on under a name of its own.
                passed = self.nodes.node(info.name, "Identity", (info.name,))
                info = info._replace(name=passed)
            outputs.append(info)
        return ModelGraph(
            graph.name,
            tuple(self.nodes.nodes),
            self.nodes.stored,
            tuple(self._info(index) for index in graph.inputs),
            tuple(outputs),
            infos,
        )

    def _indices(self) -> frozenset[str]:
        """The inputs that hold indices alone: whole numbers that tables are read by."""
        readers: dict[int, set[str]] = {index: set() for index in self.graph.inputs}
        for node in self.graph.nodes:
            for operand in node.inputs:
                if operand in readers:
                    readers[operand].add(node.op)
        found = (index for index, ops in readers.items() if ops == {"embedding"})
        return frozenset(self.graph.nodes[index].name for index in found)

    def _info(self, index: int) -> TensorInfo:
        node = self.graph.nodes[index]
        shape = node.facts.output
        axes = () if self.flat[index] else tuple(number(length) for length in shape.axes)
        element = "int64" if node.name in self.nodes.indices else "float32"
        examples = 1 if self.single[index] else _EXAMPLES
        return TensorInfo(node.name, element, (examples, number(shape.channels), *axes))

    def _layer(self, index: int) -> None:
        """Write one layer: what its last node computes is called as the layer."""
        node = self.graph.nodes[index]
        write = writer_of(node.op)
        if write is None:
            raise refusal(node, TARGET, "ONNX has no operators for it")
        shapes = tuple(self.graph.nodes[operand].facts.output for operand in node.inputs)
        given_flat = tuple(self.flat[operand] for operand in node.inputs)
        # Where one operand has axes, all have them.
        flat_too = reads_flat(node) and all(given_flat)
        flat = given_flat if flat_too else tuple(not shape.axes and len(shapes) == 1 for shape in shapes)
        rank = max((len(shape.axes) for shape in shapes), default=0)
        first = len(self.nodes.nodes)
        operands = []
        for operand, without_axes in zip(node.inputs, given_flat, strict=True):
            tensor = self.graph.nodes[operand].name
            if without_axes and not flat_too and rank:
                places = self.nodes.constant("int64", (rank,), tuple(range(2, 2 + rank)))
                tensor = self.nodes.node(node.name, "Unsqueeze", (tensor, places))
            operands.append(tensor)
        single = tuple(self.single[operand] for operand in node.inputs)
        layer = WrittenLayer(node, shapes, flat, TARGET)
        writing = LayerNodes(self.nodes, layer, tuple(operands), single)
        result = write(writing)
        if result not in {name for made in self.nodes.nodes[first:] for name in made.outputs}:
            # It passes on what it reads.
            result = self.nodes.node(node.name, "Identity", (result,))
        self.nodes.rename(first, result, node.name)
        self.flat[index] = flat_too or not node.facts.output.axes or writing.without_axes
        self.single[index] = all(single)
