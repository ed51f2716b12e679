"""Operations of TensorFlow's graph that tf.keras of versions 2.1 to 2.3 wrote as layers, as functions.

A TensorFlowOpLayer has its operation as a NodeDef in json, and its constant inputs by their places; a call of
a function (TFOpLambda), as later versions write it, has the first input, the others by name, and attributes.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Iterator, Mapping

from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.config import CallArgument, KerasCall, KerasLayer, tensors_of

# The function of an operation, and the names of its inputs; `*` is any number of them as one list.
_OPERATIONS: Mapping[str, tuple[str, str]] = {
    "AddN": ("add_n", "*"),
    "AvgPool": ("avg_pool", "input"),
    "BatchMatMul": ("matmul", "a b"),
    "BatchMatMulV2": ("matmul", "a b"),
    "BiasAdd": ("bias_add", "value bias"),
    "ConcatV2": ("concat", "* axis"),
    "Conv2D": ("conv2d", "input filter"),
    "DepthToSpace": ("depth_to_space", "input"),
    "DepthwiseConv2dNative": ("depthwise_conv2d", "input filter"),
    "ExpandDims": ("expand_dims", "input axis"),
    "GatherV2": ("gather", "params indices axis"),
    "MatMul": ("matmul", "a b"),
    "Max": ("reduce_max", "input axis"),
    "MaxPool": ("max_pool", "input"),
    "Mean": ("reduce_mean", "input axis"),
    "Min": ("reduce_min", "input axis"),
    "MirrorPad": ("pad", "tensor paddings"),
    "Pack": ("stack", "*"),
    "Pad": ("pad", "tensor paddings"),
    "PadV2": ("pad", "tensor paddings constant_values"),
    "Prod": ("reduce_prod", "input axis"),
    "Reshape": ("reshape", "tensor shape"),
    "ResizeBicubic": ("resize_bicubic", "images size"),
    "ResizeBilinear": ("resize_bilinear", "images size"),
    "ResizeNearestNeighbor": ("resize_nearest_neighbor", "images size"),
    "ReverseV2": ("reverse", "tensor axis"),
    "Select": ("where", "condition x y"),
    "SelectV2": ("where", "condition x y"),
    "Shape": ("shape", "input"),
    "Slice": ("slice", "input begin size"),
    "SpaceToDepth": ("space_to_depth", "input"),
    "Split": ("split", "axis value"),
    "SplitV": ("split", "value num_or_size_splits axis"),
    "Squeeze": ("squeeze", "input"),
    "StridedSlice": ("strided_slice", "input begin end strides"),
    "Sum": ("reduce_sum", "input axis"),
    "Tile": ("tile", "input multiples"),
    "Transpose": ("transpose", "a perm"),
    "Unpack": ("unstack", "value"),
}
# The same of operations of one and of two inputs, whose functions are called like them in small letters.
_OF_ONE = (
    "Abs Cast Ceil Cos Elu Erf Exp Floor Identity Log Log1p Neg Reciprocal Relu Relu6 Round Rsqrt Selu "
    "Sigmoid Sign Sin Softmax Softplus Softsign Sqrt Square Tanh"
)
_OF_TWO = "Add Div Equal Greater Less Maximum Minimum Mul Pow RealDiv Sub"
_PLAIN: Mapping[str, tuple[str, str]] = {
    **{name: (name.casefold(), "x") for name in _OF_ONE.split()},
    **{name: (name.casefold(), "x y") for name in _OF_TWO.split()},
    "AddV2": ("add", "x y"),
    "FloorDiv": ("floor_div", "x y"),
    "LeakyRelu": ("leaky_relu", "features"),
    "LogSoftmax": ("log_softmax", "logits"),
    "LogicalAnd": ("logical_and", "x y"),
    "SquaredDifference": ("squared_difference", "x y"),
    "StopGradient": ("stop_gradient", "input"),
}
# What attributes are called as arguments.
_ATTRIBUTES: Mapping[str, str] = {
    "adj_x": "adjoint_a",
    "adj_y": "adjoint_b",
    "keep_dims": "keepdims",
    "num_split": "num_or_size_splits",
    "squeeze_dims": "axis",
}


def as_function(layer: KerasLayer) -> KerasLayer:
    """A layer that is an operation as calls of a function; itself where it is none that is known."""
    node = layer.config.members.get("node_def")
    kind = node.members.get("op") if node is not None else None
    name = kind.held if kind is not None and isinstance(kind.held, str) else ""
    found = _OPERATIONS.get(name) or _PLAIN.get(name)
    if node is None or kind is None or found is None:
        return layer
    function, inputs = found
    stated = dict(_attributes(node.members.get("attr", node._replace(held=None))))
    config = layer.config._replace(held={"function": kind._replace(held=function)})
    constants = layer.config.members.get("constants")
    known = constants.members if constants is not None else {}
    calls = tuple([_called(call, inputs.split(), known, stated) for call in layer.calls])
    return layer._replace(class_name="TFOpLambda", config=config, calls=calls)


def _called(
    call: KerasCall,
    inputs: list[str],
    constants: Mapping[str, JsonValue],
    attributes: Mapping[str, JsonValue],
) -> KerasCall:
    """A call with its constants in their places, and all but its first input by name."""
    tensors = iter(tensors_of(call))
    given: list[CallArgument] = []
    while (found := constants.get(str(len(given))) or next(tensors, None)) is not None:
        given.append(found)
    first: CallArgument
    if inputs[0] == "*":
        count = max(len(given) - len(inputs) + 1, 0)
        first, rest = given[:count], dict(zip(inputs[1:], given[count:], strict=False))
    else:
        rest = dict(zip(inputs, given, strict=False))
        place = next(name for name in inputs if name != "axis")
        first = rest.pop(place, [])
    stated = {name: one for name, one in rest.items() if isinstance(one, JsonValue)}
    return KerasCall((first,), {**rest, **attributes}, call.value, {**stated, **attributes})


def _attributes(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """The attributes of a NodeDef that are numbers, truth values, texts or lists of whole numbers."""
    for key, one in value.members.items():
        name = _ATTRIBUTES.get(key, key)
        for kind, found in one.members.items():
            held = _held(kind, found)
            if held is not None:
                yield name, found._replace(held=held)


def _held(kind: str, value: JsonValue) -> object:
    """What a value of json is that a NodeDef holds; None for what is not read, such as types."""
    if kind == "i" and isinstance(value.held, str | int) and len(str(value.held)) < 20:
        text = str(value.held)
        return int(text) if text.removeprefix("-").isdecimal() else None
    if kind == "s" and isinstance(value.held, str):
        try:
            return b64decode(value.held, validate=True).decode("ascii")
        except (Error, ValueError):
            return None
    if kind == "list":
        items = value.members.get("i", value).items
        found = [one._replace(held=_held("i", one)) for one in items]
        return tuple(found) or None
    return value.held if kind in ("b", "f") else None
