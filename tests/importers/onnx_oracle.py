"""What the `onnx` package says is in a model, as the records of the reader.

Nothing is shared with the reader but these records: bytes are read by the package's own parser, values by its
`to_array`.
"""

from __future__ import annotations

import ast
from typing import Any

import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

from rfcalc.importers.onnx.model import (
    AttributeReference,
    AttributeValue,
    Function,
    Model,
    ModelGraph,
    ModelNode,
    StatedLength,
    StoredTensor,
    TensorInfo,
)

# Element types whose values the reader leaves alone.
UNREAD = {"string", "complex64", "complex128"}
UNREAD_KINDS = {
    AttributeProto.UNDEFINED,
    AttributeProto.TENSORS,
    AttributeProto.SPARSE_TENSORS,
    AttributeProto.TYPE_PROTO,
    AttributeProto.TYPE_PROTOS,
}
DATA = ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def model(data: bytes) -> Model:
    """The model that some bytes are."""
    proto = onnx.load_model_from_string(data)
    functions = [function(each) for each in proto.functions]
    versions = {own(each.domain): each.version for each in proto.opset_import}
    return Model(
        f"{proto.producer_name} {proto.producer_version}".strip(),
        versions if versions or proto.ir_version > 2 else {"": 1},
        graph(proto.graph),
        {each.operator: each for each in functions},
    )


def own(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def operator(domain: str, name: str, overload: str) -> str:
    front = f"{own(domain)}::" if own(domain) else ""
    return front + name + (f":{overload}" if overload else "")


def function(proto: onnx.FunctionProto) -> Function:
    return Function(
        operator(proto.domain, proto.name, proto.overload),
        tuple(proto.input),
        tuple(proto.output),
        tuple(proto.attribute),
        nodes(proto.node),
        dict(map(attribute, proto.attribute_proto)),
    )


def graph(proto: onnx.GraphProto) -> ModelGraph:
    stored = {each.name: tensor(each) for each in proto.initializer}
    stored |= {each.values.name: sparse(each) for each in proto.sparse_initializer}
    said = [info(each) for each in (*proto.value_info, *proto.output)]
    return ModelGraph(
        proto.name,
        nodes(proto.node),
        stored,
        tuple(info(each) for each in proto.input if each.name not in stored),
        tuple(map(info, proto.output)),
        {each.name: each for each in said},
    )


def nodes(protos: Any) -> tuple[ModelNode, ...]:
    return tuple(
        ModelNode(
            operator(proto.domain, proto.op_type, proto.overload),
            tuple(proto.input),
            tuple(proto.output),
            dict(map(attribute, proto.attribute)),
            proto.name,
            scopes(proto),
            place,
        )
        for place, proto in enumerate(protos)
    )


def scopes(proto: onnx.NodeProto) -> tuple[str, ...]:
    for entry in proto.metadata_props:
        if entry.key == "pkg.torch.onnx.name_scopes":
            return tuple(name for name in ast.literal_eval(entry.value)[:-1] if name)
    if not proto.name.startswith("/"):
        return ()
    # Each part as a list of names; what a part shares with the last of the one before is left out.
    parts = [part.split(".") for part in proto.name.split("/")[1:-1]]
    paths: list[list[str]] = []
    for number, part in enumerate(parts):
        before = parts[number - 1] if number else []
        shared = len(before) if before and part[: len(before)] == before and len(part) > len(before) else 0
        paths.append([*(paths[-1] if paths else []), *part[shared:]])
    return tuple(map(".".join, paths))


def attribute(proto: onnx.AttributeProto) -> tuple[str, AttributeValue]:
    value: AttributeValue
    if proto.ref_attr_name:
        return proto.name, AttributeReference(proto.ref_attr_name)
    if proto.type in UNREAD_KINDS:
        value = None
    elif proto.type == AttributeProto.STRING:
        value = proto.s.decode("utf-8", "replace")
    elif proto.type == AttributeProto.STRINGS:
        value = tuple(each.decode("utf-8", "replace") for each in proto.strings)
    elif proto.type == AttributeProto.TENSOR:
        value = tensor(proto.t)
    elif proto.type == AttributeProto.SPARSE_TENSOR:
        value = sparse(proto.sparse_tensor)
    elif proto.type == AttributeProto.GRAPH:
        value = graph(proto.g)
    elif proto.type == AttributeProto.GRAPHS:
        value = tuple(map(graph, proto.graphs))
    else:
        found = helper.get_attribute_value(proto)
        value = tuple(found) if proto.type in (AttributeProto.FLOATS, AttributeProto.INTS) else found
    return proto.name, value


def element(number: int) -> str:
    if not number:
        return ""
    name = TensorProto.DataType.Name(number)
    return {"FLOAT": "float32", "DOUBLE": "float64"}.get(name, name.lower())


def tensor(proto: TensorProto) -> StoredTensor:
    lengths = tuple(proto.dims)
    count = 1
    for length in lengths:
        count *= length
    kind = element(proto.data_type)
    unread = kind in UNREAD or kind.startswith(("float8", "float4", "float6e")) or not kind
    values = None
    there = any(len(getattr(proto, field)) for field in DATA)
    if proto.data_location != TensorProto.EXTERNAL and count <= 4096 and not unread and (there or not count):
        array = numpy_helper.to_array(proto).reshape(-1)
        if kind in ("bfloat16", "float16", "float32", "float64"):
            values = tuple(map(float, array))
        else:
            values = tuple(map(bool if kind == "bool" else int, array))
    return StoredTensor(proto.name, lengths, kind, values)


def sparse(proto: onnx.SparseTensorProto) -> StoredTensor:
    return StoredTensor(proto.values.name, tuple(proto.dims), element(proto.values.data_type))


def info(proto: onnx.ValueInfoProto) -> TensorInfo:
    which = proto.type.WhichOneof("value")
    if which not in ("tensor_type", "sparse_tensor_type"):
        return TensorInfo(proto.name, "", None)
    kind = getattr(proto.type, which)
    lengths = tuple(map(length, kind.shape.dim)) if kind.HasField("shape") else None
    return TensorInfo(proto.name, element(kind.elem_type), lengths)


def length(proto: onnx.TensorShapeProto.Dimension) -> StatedLength:
    if proto.WhichOneof("value") == "dim_value":
        return proto.dim_value if proto.dim_value >= 0 else None
    return proto.dim_param or None
