"""Functions of TensorFlow that Keras 2 wrote down as layers, as operators of Keras 3."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.importers.keras.config import KerasLayer

_OPERATORS: Mapping[str, str] = {
    "add": "Add",
    "subtract": "Subtract",
    "sub": "Subtract",
    "multiply": "Multiply",
    "mul": "Multiply",
    "divide": "Divide",
    "truediv": "Divide",
    "pow": "Power",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "abs": "Absolute",
    "negative": "Negative",
    "neg": "Negative",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "rsqrt": "Rsqrt",
    "square": "Square",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "Relu",
    "relu6": "Relu6",
    "silu": "Silu",
    "swish": "Silu",
    "gelu": "Gelu",
    "elu": "Elu",
    "selu": "Selu",
    "leaky_relu": "LeakyRelu",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "reduce_mean": "Mean",
    "reduce_sum": "Sum",
    "reduce_max": "Max",
    "reduce_min": "Min",
    "reshape": "Reshape",
    "transpose": "Transpose",
    "expand_dims": "ExpandDims",
    "squeeze": "Squeeze",
    "concat": "Concatenate",
    "stack": "Stack",
    "getitem": "GetItem",
    "cast": "Cast",
    "stop_gradient": "StopGradient",
    "identity": "Identity",
    "bias_add": "BiasAdd",
    "matmul": "Matmul",
    "depth_to_space": "DepthToSpace",
    "space_to_depth": "SpaceToDepth",
    "add_n": "AddN",
    "clip_by_value": "Clip",
}


def as_operator(layer: KerasLayer) -> KerasLayer:
    """A layer that is a function, with the class of the operator that it is here; itself where none is."""
    if layer.class_name == "SlicingOpLambda":
        return layer
    if layer.class_name != "TFOpLambda":
        return layer
    function = layer.config.members.get("function")
    name = function.held.rpartition(".")[2] if function and isinstance(function.held, str) else ""
    return layer._replace(class_name=_OPERATORS.get(name, layer.class_name))
