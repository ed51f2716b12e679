"""The nodes of a graph while it is written: their names, the constants and the weights that they read."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Literal, TypeAlias

from rfcalc.exporting.onnx.contents import Filling
from rfcalc.importers.onnx.model import AttributeValue, ModelNode, StoredTensor

# WeightChoice that are made in the graph, all of one number, or that are drawn and stored.
WeightChoice: TypeAlias = Literal["none", "random"]
WEIGHTS: tuple[WeightChoice, ...] = ("none", "random")


class GraphNodes:
    """What has been written of a graph so far.

    layer_names: of all layers, by index.  indices: the inputs that hold whole numbers.
    stored: weights that the file holds; fillings: what of them is drawn.
    """

    def __init__(self, layer_names: tuple[str, ...], indices: frozenset[str], weights: WeightChoice) -> None:
        self.layer_names = layer_names
        self.indices = indices
        self.nodes: list[ModelNode] = []
        self.stored: dict[str, StoredTensor] = {}
        self.fillings: dict[str, Filling] = {}
        self._weights = weights
        # What each weight is called in the file, where a layer may have its name, and its size.
        self._written: dict[str, tuple[str, tuple[int, ...]]] = {}
        self._constants: dict[tuple[str, tuple[int, ...], tuple[int | float, ...]], str] = {}
        # A tensor of a layer is called as the layer: what is computed on the way is not.
        self._taken = set(layer_names)

    def free(self, name: str) -> str:
        """A name that no tensor has so far."""
        found, count = name, 1
        while found in self._taken:
            count += 1
            found = f"{name}_{count}"
        self._taken.add(found)
        return found

    def node(
        self,
        layer: str,
        operator: str,
        inputs: tuple[str, ...],
        attributes: Mapping[str, AttributeValue] | None = None,
    ) -> str:
        """The output of a new node of a layer."""
        name = self.free(f"{layer}/{operator}")
        self.nodes.append(ModelNode(operator, inputs, (name,), attributes or {}, name))
        return name

    def rename(self, first: int, tensor: str, name: str) -> None:
        """Call a tensor, and the node that computes it, otherwise: one of the nodes from `first` on."""
        for place in range(first, len(self.nodes)):
            node = self.nodes[place]
            inputs = tuple(name if each == tensor else each for each in node.inputs)
            self.nodes[place] = node._replace(inputs=inputs)
            if node.outputs == (tensor,):
                self.nodes[place] = node._replace(outputs=(name,), name=name)

    def constant(self, element: str, lengths: tuple[int, ...], values: tuple[int | float, ...]) -> str:
        """A tensor of known values, the same one wherever it is read."""
        key = element, lengths, values
        if key not in self._constants:
            name = self.free(f"constant_{len(self._constants) + 1}")
            value = StoredTensor("", lengths, element, values)
            self.nodes.append(ModelNode("Constant", (), (name,), {"value": value}, name))
            self._constants[key] = name
        return self._constants[key]

    def weight(self, name: str, lengths: tuple[int, ...], filling: Filling) -> str:
        """A tensor that is learned.

        Without weights it is a constant of zeros, of which a sparse tensor stores none; one of a single
        number is stored in any case.
        """
        if name in self._written:
            return self._written[name][0]
        own = self.free(name)
        self._written[name] = own, lengths
        name = own
        single = prod(lengths) == 1
        if self._weights == "random" or single:
            alone = (filling.mean,) if single and not filling.deviation else None
            self.stored[name] = StoredTensor(name, lengths, "float32", alone)
            if alone is None:
                self.fillings[name] = filling
            return name
        zeros = StoredTensor(name, lengths, "float32")
        self.nodes.append(ModelNode("Constant", (), (name,), {"sparse_value": zeros}, name))
        return name

    def written_weight(self, name: str) -> tuple[str, tuple[int, ...]] | None:
        """A weight that has been written, and its size; None for none."""
        return self._written.get(name)
