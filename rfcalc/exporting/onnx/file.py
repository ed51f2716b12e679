"""A model as the bytes of an ONNX file: the records that `importers/onnx/reading.py` makes, written."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.exporting.onnx.wire import EncodedMessage, LargeData, SingleValue, encoded
from rfcalc.importers.onnx.messages import (
    ATTRIBUTE,
    ATTRIBUTE_KINDS,
    DIMENSION,
    GRAPH,
    MODEL,
    NODE,
    SHAPE,
    SPARSE_TENSOR,
    TENSOR,
    TENSOR_TYPE,
    TYPE,
    VALUE,
    VERSION,
)
from rfcalc.importers.onnx.model import AttributeValue, Model, ModelGraph, ModelNode, StoredTensor, TensorInfo
from rfcalc.importers.onnx.tensors import element_number, packed_values


def model_file(
    model: Model, producer: tuple[str, str], ir_version: int, contents: Mapping[str, LargeData]
) -> EncodedMessage:
    """The bytes of a model, its initialisers with the values that they have, or with `contents` by name.

    producer: the name and the version of what made it.
    """
    name, version = producer
    return encoded(
        MODEL,
        ir_version=ir_version,
        producer_name=name,
        producer_version=version,
        graph=_graph(model.graph, contents),
        opset_import=[
            encoded(VERSION, domain=domain, version=number) for domain, number in model.versions.items()
        ],
    )


def _graph(graph: ModelGraph, contents: Mapping[str, LargeData]) -> EncodedMessage:
    outputs = {info.name for info in graph.outputs}
    return encoded(
        GRAPH,
        node=[_node(node) for node in graph.nodes],
        name=graph.name,
        initializer=[_tensor(stored, contents.get(stored.name)) for stored in graph.stored.values()],
        input=[_info(info) for info in graph.inputs],
        output=[_info(info) for info in graph.outputs],
        value_info=[_info(info) for name, info in graph.known.items() if name not in outputs],
    )


def _node(node: ModelNode) -> EncodedMessage:
    return encoded(
        NODE,
        input=list(node.inputs),
        output=list(node.outputs),
        name=node.name,
        op_type=node.operator,
        attribute=[_attribute(name, value) for name, value in node.attributes.items()],
    )


def _attribute(name: str, value: AttributeValue) -> EncodedMessage:
    field, given = _attribute_field(name, value)
    return encoded(ATTRIBUTE, **{"name": name, field: given, "type": ATTRIBUTE_KINDS[field]})


def _attribute_field(name: str, value: AttributeValue) -> tuple[str, SingleValue | list[SingleValue]]:
    """The field of an attribute that has its value, and what stands there."""
    if isinstance(value, int):
        return "i", value
    if isinstance(value, float):
        return "f", value
    if isinstance(value, str):
        return "s", value
    if isinstance(value, StoredTensor):
        return ("sparse_tensor", _zeros(value)) if name == "sparse_value" else ("t", _tensor(value, None))
    numbers = [each for each in value if isinstance(each, int)] if isinstance(value, tuple) else []
    assert isinstance(value, tuple)
    assert len(numbers) == len(value), "no other attributes are written"
    return "ints", list(numbers)


def _tensor(stored: StoredTensor, content: LargeData | None) -> EncodedMessage:
    return encoded(
        TENSOR,
        dims=list(stored.lengths),
        data_type=element_number(stored.element),
        name=stored.name,
        raw_data=content or packed_values(stored),
    )


def _zeros(stored: StoredTensor) -> EncodedMessage:
    """A sparse tensor, of which what is not 0 is stored: nothing."""
    values, indices = StoredTensor(stored.name, (0,), stored.element, ()), StoredTensor("", (0,), "int64", ())
    return encoded(
        SPARSE_TENSOR,
        values=_tensor(values, None),
        indices=_tensor(indices, None),
        dims=list(stored.lengths),
    )


def _info(info: TensorInfo) -> EncodedMessage:
    dimensions: list[SingleValue] = [
        encoded(DIMENSION, dim_param=each)
        if isinstance(each, str)
        else encoded(DIMENSION, dim_value=each or 0)
        for each in info.lengths or ()
    ]
    kind = encoded(TENSOR_TYPE, elem_type=element_number(info.element), shape=encoded(SHAPE, dim=dimensions))
    return encoded(VALUE, name=info.name, type=encoded(TYPE, tensor_type=kind))
