"""The operators of keras.ops that compute, and what Keras 2 made of functions of TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.importers.keras.call import LayerFollowing, keras_operator
from rfcalc.importers.keras.layers.arguments import (
    axes_of_call,
    given,
    operand,
    several,
)
from rfcalc.importers.keras.layers.merging import joined as joined_layers
from rfcalc.importers.tracing import elementwise, layers, products
from rfcalc.importers.tracing.attention import settled
from rfcalc.importers.tracing.elementwise import function
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView

_JOINS: Mapping[str, str] = {
    "Add": "add",
    "Subtract": "sub",
    "Multiply": "mul",
    "Divide": "div",
    "TrueDivide": "div",
    "Maximum": "max",
    "Minimum": "min",
    "Power": "pow",
    "Mod": "mod",
    "Greater": "greater",
    "GreaterEqual": "greater",
    "Less": "less",
    "LessEqual": "less",
    "Equal": "equal",
    "NotEqual": "equal",
}
_FUNCTIONS: Mapping[str, str] = {
    "Absolute": "abs",
    "Abs": "abs",
    "Negative": "neg",
    "Exp": "exp",
    "Expm1": "expm1",
    "Log": "log",
    "Log1p": "log1p",
    "Sqrt": "sqrt",
    "Rsqrt": "rsqrt",
    "Reciprocal": "reciprocal",
    "Square": "square",
    "Sin": "sin",
    "Cos": "cos",
    "Tan": "tan",
    "Arcsin": "asin",
    "Arccos": "acos",
    "Arctan": "atan",
    "Sinh": "sinh",
    "Cosh": "cosh",
    "Erf": "erf",
    "Sign": "sign",
    "Floor": "floor",
    "Ceil": "ceil",
    "Round": "round",
    "Trunc": "trunc",
    "LogicalNot": "logical_not",
    "Threshold": "threshold",
}


@keras_operator(*_JOINS)
def arithmetic(call: LayerFollowing) -> FollowedResults:
    """Two tensors, or a tensor and a number, element by element."""
    name = _JOINS[call.layer.class_name]
    one, two = operand(call, 0, "x1", "x"), operand(call, 1, "x2", "y")
    tensors = [one, two]
    if isinstance(one, Known) and isinstance(two, Known):
        raise call.fail("neither operand is a tensor", call.at_call)
    if isinstance(one, TensorView) and isinstance(two, TensorView):
        if name not in elementwise.JOINS:
            # A condition, of each pair of elements.
            return function(call.tracer, name, elementwise.joined(call.tracer, "sub", one, two))
        return elementwise.joined(call.tracer, name, one, two)
    x = next(each for each in tensors if isinstance(each, TensorView))
    constant = next(each for each in tensors if isinstance(each, Known))
    if name == "pow" and x is one and isinstance(constant.scalar, int | float):
        return elementwise.power(call.tracer, x, float(constant.scalar))
    reverse = one is constant and name in ("sub", "div", "pow")
    return elementwise.with_constant(call.tracer, name, x, constant, reverse=reverse)


@keras_operator("BiasAdd")
def bias_add(call: LayerFollowing) -> FollowedResults:
    """A number added to each channel that the file does not have."""
    return function(call.tracer, "add", call.view())


@keras_operator(*_FUNCTIONS)
def element_function(call: LayerFollowing) -> FollowedResults:
    """A function of each element."""
    return function(call.tracer, _FUNCTIONS[call.layer.class_name], call.view())


@keras_operator("Clip")
def clip(call: LayerFollowing) -> FollowedResults:
    """Each element cut at two numbers."""
    return elementwise.clipped(call.tracer, call.view(), given(call, 1, "x_min"), given(call, 2, "x_max"))


@keras_operator("Cast", "StopGradient", "Copy", "Identity", "CastToFloat")
def passed(call: LayerFollowing) -> FollowedResults:
    """What changes no size."""
    return layers.in_place(call.tracer, "identity", call.view())


@keras_operator("Mean", "Sum", "Max", "Min", "Amax", "Amin")
def reduction(call: LayerFollowing) -> FollowedResults:
    """A mean, sum or largest element along dimensions."""
    x = call.view()
    kind = {"Mean": "mean", "Sum": "sum"}.get(call.layer.class_name, "max")
    if kind == "max" and call.layer.class_name in ("Min", "Amin"):
        x = function(call.tracer, "neg", x)
    keep = given(call, 2, "keepdims") is True
    done = layers.reduced(call.tracer, x, axes_of_call(call, x, 1), kind, keep=keep)
    return function(call.tracer, "neg", done) if call.layer.class_name in ("Min", "Amin") else done


@keras_operator("Matmul")
def matmul(call: LayerFollowing) -> FollowedResults:
    """A matrix product of the last two dimensions."""
    one, two = operand(call, 0, "x1"), operand(call, 1, "x2")
    return settled(call.tracer, products.matrix_product(call.tracer, one, two))


@keras_operator("Einsum")
def einsum(call: LayerFollowing) -> FollowedResults:
    """A product by the names of dimensions."""
    equation = call.word("subscripts", default="")
    operands = [operand(call, place) for place in range(len(call.arguments))]
    return settled(call.tracer, products.named_product(call.tracer, equation, operands))


@keras_operator("Addn", "AddN")
def add_n(call: LayerFollowing) -> FollowedResults:
    """Several tensors added."""
    return joined_layers(call, "add", several(call))
