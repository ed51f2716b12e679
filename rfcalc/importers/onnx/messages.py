"""The messages of an ONNX file, as far as they are read: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto."""

from __future__ import annotations

from rfcalc.importers.onnx.wire import (
    DOUBLES,
    FLOAT,
    FLOATS,
    NUMBER,
    NUMBERS,
    RANGE,
    RANGES,
    TEXT,
    TEXTS,
    message,
)

MODEL = message(
    "model",
    ir_version=(1, NUMBER),
    producer_name=(2, TEXT),
    producer_version=(3, TEXT),
    graph=(7, RANGE),
    opset_import=(8, RANGES),
    functions=(25, RANGES),
)
VERSION = message("version of an operator set", domain=(1, TEXT), version=(2, NUMBER))
GRAPH = message(
    "graph",
    node=(1, RANGES),
    name=(2, TEXT),
    initializer=(5, RANGES),
    input=(11, RANGES),
    output=(12, RANGES),
    value_info=(13, RANGES),
    sparse_initializer=(15, RANGES),
)
FUNCTION = message(
    "function",
    name=(1, TEXT),
    input=(4, TEXTS),
    output=(5, TEXTS),
    attribute=(6, TEXTS),
    node=(7, RANGES),
    domain=(10, TEXT),
    attribute_proto=(11, RANGES),
    overload=(13, TEXT),
)
NODE = message(
    "node",
    input=(1, TEXTS),
    output=(2, TEXTS),
    name=(3, TEXT),
    op_type=(4, TEXT),
    attribute=(5, RANGES),
    domain=(7, TEXT),
    overload=(8, TEXT),
    metadata_props=(9, RANGES),
)
ENTRY = message("metadata entry", key=(1, TEXT), value=(2, RANGE))
ATTRIBUTE = message(
    "attribute",
    name=(1, TEXT),
    type=(20, NUMBER),
    ref_attr_name=(21, TEXT),
    f=(2, FLOAT),
    i=(3, NUMBER),
    s=(4, RANGE),
    t=(5, RANGE),
    g=(6, RANGE),
    floats=(7, FLOATS),
    ints=(8, NUMBERS),
    strings=(9, RANGES),
    graphs=(11, RANGES),
    sparse_tensor=(22, RANGE),
)
# The numbers of AttributeProto.AttributeType, by the field that has a value of the kind, in their order.
ATTRIBUTE_KINDS = {
    **{name: number for number, name in enumerate("f i s t g floats ints strings".split(), 1)},
    "graphs": 10,
    "sparse_tensor": 11,
}
TENSOR = message(
    "tensor",
    dims=(1, NUMBERS),
    data_type=(2, NUMBER),
    segment=(3, RANGE),
    float_data=(4, FLOATS),
    int32_data=(5, NUMBERS),
    int64_data=(7, NUMBERS),
    name=(8, TEXT),
    raw_data=(9, RANGE),
    double_data=(10, DOUBLES),
    uint64_data=(11, NUMBERS),
    data_location=(14, NUMBER),
)
SPARSE_TENSOR = message("sparse tensor", values=(1, RANGE), indices=(2, RANGE), dims=(3, NUMBERS))
VALUE = message("value", name=(1, TEXT), type=(2, RANGE))
TYPE = message("type", tensor_type=(1, RANGE), sparse_tensor_type=(8, RANGE))
TENSOR_TYPE = message("type of tensor", elem_type=(1, NUMBER), shape=(2, RANGE))
SHAPE = message("shape", dim=(1, RANGES))
DIMENSION = message("dimension", dim_value=(1, NUMBER), dim_param=(2, TEXT))
