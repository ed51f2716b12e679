"""Functions of TensorFlow that Keras 2 wrote down as layers, as operators of Keras 3.

Their arguments stand in the call: those that are constant become the config of the operator.  The functions
that follow operators know an argument by the names of both.
"""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.config import KerasCall, KerasLayer

# The operators by the last part of the name of a function, `math.add`, `__operators__.add`.
_OPERATORS: Mapping[str, str] = {
    "abs": "Absolute",
    "acos": "Arccos",
    "acosh": "Arccosh",
    "add": "Add",
    "add_n": "AddN",
    "argmax": "Argmax",
    "argmin": "Argmin",
    "argsort": "Argsort",
    "asin": "Arcsin",
    "asinh": "Arcsinh",
    "atan": "Arctan",
    "atan2": "Arctan2",
    "atanh": "Arctanh",
    "avg_pool": "AveragePool",
    "avg_pool1d": "AveragePool",
    "avg_pool2d": "AveragePool",
    "avg_pool3d": "AveragePool",
    "band_part": "Tril",
    "batch_flatten": "Flatten",
    "bias_add": "BiasAdd",
    "broadcast_to": "BroadcastTo",
    "cast": "Cast",
    "ceil": "Ceil",
    "central_crop": "CentralCrop",
    "clip_by_value": "Clip",
    "concat": "Concatenate",
    "conv1d": "Conv",
    "conv2d": "Conv",
    "conv3d": "Conv",
    "convolution": "Conv",
    "cos": "Cos",
    "cosh": "Cosh",
    "count_nonzero": "CountNonzero",
    "crelu": "Crelu",
    "crop_to_bounding_box": "CropImages",
    "cumprod": "Cumprod",
    "cumsum": "Cumsum",
    "depth_to_space": "DepthToSpace",
    "depthwise_conv2d": "DepthwiseConv",
    "depthwise_conv2d_native": "DepthwiseConv",
    "div": "Divide",
    "divide": "Divide",
    "divide_no_nan": "DivideNoNan",
    "dropout": "Identity",
    "einsum": "Einsum",
    "elu": "Elu",
    "equal": "Equal",
    "erf": "Erf",
    "erfc": "Erfc",
    "exp": "Exp",
    "expand_dims": "ExpandDims",
    "expm1": "Expm1",
    "extract_patches": "ExtractPatches",
    "fill": "Full",
    "flip_left_right": "Fliplr",
    "flip_up_down": "Flipud",
    "floor": "Floor",
    "floor_div": "FloorDivide",
    "floordiv": "FloorDivide",
    "floormod": "Mod",
    "gather": "Take",
    "gelu": "Gelu",
    "getitem": "GetItem",
    "greater": "Greater",
    "greater_equal": "GreaterEqual",
    "hard_sigmoid": "HardSigmoid",
    "identity": "Identity",
    "is_finite": "Isfinite",
    "is_inf": "Isinf",
    "is_nan": "Isnan",
    "l2_normalize": "Normalize",
    "leaky_relu": "LeakyRelu",
    "less": "Less",
    "less_equal": "LessEqual",
    "local_response_normalization": "LocalResponseNormalization",
    "log": "Log",
    "log1p": "Log1p",
    "log_sigmoid": "LogSigmoid",
    "log_softmax": "LogSoftmax",
    "logical_and": "LogicalAnd",
    "logical_not": "LogicalNot",
    "logical_or": "LogicalOr",
    "logical_xor": "LogicalXor",
    "lrn": "LocalResponseNormalization",
    "matmul": "Matmul",
    "max_pool": "MaxPool",
    "max_pool1d": "MaxPool",
    "max_pool2d": "MaxPool",
    "max_pool3d": "MaxPool",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "mod": "Mod",
    "moments": "Moments",
    "mul": "Multiply",
    "multiply": "Multiply",
    "neg": "Negative",
    "negative": "Negative",
    "norm": "Norm",
    "not_equal": "NotEqual",
    "one_hot": "OneHot",
    "ones": "Ones",
    "ones_like": "OnesLike",
    "pad": "Pad",
    "pad_to_bounding_box": "PadImages",
    "per_image_standardization": "PerImageStandardization",
    "pow": "Power",
    "range": "Arange",
    "realdiv": "Divide",
    "reciprocal": "Reciprocal",
    "reduce_all": "All",
    "reduce_any": "Any",
    "reduce_logsumexp": "Logsumexp",
    "reduce_max": "Max",
    "reduce_mean": "Mean",
    "reduce_min": "Min",
    "reduce_prod": "Prod",
    "reduce_std": "Std",
    "reduce_sum": "Sum",
    "reduce_variance": "Var",
    "relu": "Relu",
    "relu6": "Relu6",
    "repeat": "Repeat",
    "reshape": "Reshape",
    "resize": "Resize",
    "resize_bicubic": "Resize",
    "resize_bilinear": "Resize",
    "resize_images": "Resize",
    "resize_nearest_neighbor": "Resize",
    "reverse": "Flip",
    "rgb_to_grayscale": "RGBToGrayscale",
    "rint": "Round",
    "roll": "Roll",
    "round": "Round",
    "rsqrt": "Rsqrt",
    "selu": "Selu",
    "shape": "Shape",
    "sigmoid": "Sigmoid",
    "sign": "Sign",
    "silu": "Silu",
    "sin": "Sin",
    "sinh": "Sinh",
    "size": "Size",
    "slice": "Slice",
    "softmax": "Softmax",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "sort": "Sort",
    "space_to_depth": "SpaceToDepth",
    "split": "Split",
    "sqrt": "Sqrt",
    "square": "Square",
    "squared_difference": "SquaredDifference",
    "squeeze": "Squeeze",
    "stack": "Stack",
    "stop_gradient": "StopGradient",
    "strided_slice": "StridedSlice",
    "sub": "Subtract",
    "subtract": "Subtract",
    "swish": "Silu",
    "tan": "Tan",
    "tanh": "Tanh",
    "tensordot": "Tensordot",
    "tile": "Tile",
    "top_k": "TopK",
    "transpose": "Transpose",
    "truediv": "Divide",
    "unstack": "Unstack",
    "where": "Where",
    "zeros": "Zeros",
    "zeros_like": "ZerosLike",
}
# Functions of other things than plain tensors, some of which are called alike: `strings.split`.
_OF_OTHERS = ("experimental", "ragged", "random", "sets", "sparse", "strings")
# What the name of a function says, and no argument of it.
_METHODS: Mapping[str, str] = {
    "resize_bicubic": "bicubic",
    "resize_bilinear": "bilinear",
    "resize_nearest_neighbor": "nearest",
}
# Arguments that may have a number for the examples and one for the channels too.
_OF_AXES = ("ksize", "strides", "dilations", "sizes", "rates")
_FIRST, _LAST = "channels_first", "channels_last"


def function_name(layer: KerasLayer) -> str:
    """The function of TensorFlow that a layer calls, `image.resize`; "" for none."""
    found = layer.config.members.get("function") if layer.class_name == "TFOpLambda" else None
    return found.held if found is not None and isinstance(found.held, str) else ""


def as_operator(layer: KerasLayer, call: KerasCall | None) -> KerasLayer:
    """A layer that is a function as an operator, with the constants of its call as config."""
    *spaces, name = function_name(layer).split(".")
    if name not in _OPERATORS or not set(spaces).isdisjoint(_OF_OTHERS):
        return layer
    stated = call.stated if call is not None else {}
    members = {key: value for key, value in stated.items() if key != "name"}
    order = str(members["data_format"].held) if "data_format" in members else ""
    first = order.startswith("NC") or order == _FIRST
    # Functions of TensorFlow have the channels last, whatever the layers have.
    members["data_format"] = (members.get("data_format") or layer.config)._replace(
        held=_FIRST if first else _LAST
    )
    if name in _METHODS:
        members["interpolation"] = layer.config._replace(held=_METHODS[name])
        members.setdefault("half_pixel_centers", layer.config._replace(held=False))
    for key in _OF_AXES:
        if key in members:
            members[key] = _of_axes(members[key], first=first)
    return layer._replace(class_name=_OPERATORS[name], config=layer.config._replace(held=members))


def _of_axes(value: JsonValue, *, first: bool) -> JsonValue:
    """Numbers of axes alone, of a list that may have one for the examples and one for the channels."""
    if len(value.items) < 3 or value.items[0].held != 1 or value.items[1 if first else -1].held != 1:
        return value
    return value._replace(held=value.items[2:] if first else value.items[1:-1])
