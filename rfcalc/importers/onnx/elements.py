"""The element types of a graph's tensors: what the file states, and what follows of its operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.importers.onnx.model import ModelGraph, ModelNode
from rfcalc.importers.onnx.tensors import element_name

# How the types of what layers compute begin; the others are of indices, sizes and truth values.
COMPUTED = ("float", "bfloat", "int8", "uint8", "int4", "uint4")

# The operand whose type the output has, of operators whose output does not have that of what they read.
_AS_OPERAND = {
    "QuantizeLinear": 2,
    "DequantizeLinear": 1,
    "CastLike": 1,
    "QLinearConv": 7,
    "QLinearMatMul": 7,
}
# The attribute that numbers the type.
_AS_ATTRIBUTE = {"Cast": "to", "QuantizeLinear": "output_dtype", "DequantizeLinear": "output_dtype"}


def element_types(
    graph: ModelGraph, nodes: Sequence[ModelNode], outside: Mapping[str, str]
) -> Mapping[str, str]:
    """The element type of each tensor by its name, as far as it is known.

    nodes: those of the graph in their order.  outside: the types of the tensors around it.
    """
    found = dict(outside)
    found.update({name: stored.element for name, stored in graph.stored.items()})
    found.update({info.name: info.element for info in graph.inputs})
    for node in nodes:
        left = _left(node, found)
        for name in node.outputs:
            info = graph.known.get(name)
            found[name] = info.element if info and info.element else left
    return found


def _left(node: ModelNode, found: Mapping[str, str]) -> str:
    """The type of what a node leaves: as its operator says, or that of the first operand that can have it."""
    _, _, operator = node.operator.rpartition("::")
    number = node.attributes.get(_AS_ATTRIBUTE.get(operator, ""))
    if isinstance(number, int) and number:
        return element_name(number)
    place = _AS_OPERAND.get(operator)
    if place is not None and place < len(node.inputs) and node.inputs[place]:
        return found.get(node.inputs[place], "")
    if operator == "QuantizeLinear":
        return "uint8"
    # What is quantised for the one product that reads it is kept as it was.
    types = [found.get(name, "") for name in node.inputs]
    return next((one for one in types if one.startswith(COMPUTED)), "")
