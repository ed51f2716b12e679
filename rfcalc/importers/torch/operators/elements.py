"""Functions of single elements, tensors joined element by element, and sums over dimensions."""

from __future__ import annotations

from rfcalc.importers.torch.call import Following, operator
from rfcalc.importers.tracing import elementwise, layers, products
from rfcalc.importers.tracing.attention import Scores
from rfcalc.importers.tracing.elementwise import clipped, function, joined
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import dropped, in_place, of_channels
from rfcalc.importers.tracing.products import chosen, combined
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView

_ACTIVATIONS = {
    "relu": "relu",
    "relu6": "relu6",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "silu": "silu",
    "gelu": "gelu",
    "hardswish": "hardswish",
    "hardsigmoid": "hardsigmoid",
    "softplus": "softplus",
}
_FUNCTIONS = {
    "abs": "abs",
    "celu": "celu",
    "ceil": "ceil",
    "cos": "cos",
    "erf": "erf",
    "exp": "exp",
    "floor": "floor",
    "log": "log",
    "log_sigmoid": "logsigmoid",
    "logsigmoid": "logsigmoid",
    "mish": "mish",
    "neg": "neg",
    "reciprocal": "reciprocal",
    "round": "round",
    "selu": "selu",
    "sign": "sign",
    "sin": "sin",
    "softsign": "softsign",
    "sqrt": "sqrt",
    "square": "square",
    "threshold": "threshold",
    "acos": "acos",
    "asin": "asin",
    "atan": "atan",
    "cosh": "cosh",
    "expm1": "expm1",
    "hardshrink": "hardshrink",
    "log1p": "log1p",
    "logical_not": "logical_not",
    "rsqrt": "rsqrt",
    "sinh": "sinh",
    "softshrink": "softshrink",
    "tan": "tan",
    "tanhshrink": "tanhshrink",
    "trunc": "trunc",
}
_JOINS = {
    "add": "add",
    "sub": "sub",
    "subtract": "sub",
    "mul": "mul",
    "multiply": "mul",
    "div": "div",
    "divide": "div",
    "true_divide": "div",
    "truediv": "div",
    "radd": "add",
    "rmul": "mul",
    "maximum": "max",
    "minimum": "min",
}


@operator(*_ACTIVATIONS)
def activation(call: Following) -> FollowedResults:
    """An activation."""
    x = call.first()
    return (
        x
        if isinstance(x, Scores)
        else in_place(call.tracer, _ACTIVATIONS[call.call.function], call.as_view(x))
    )


@operator(*_FUNCTIONS)
def elementary(call: Following) -> FollowedResults:
    """A function of each element."""
    return function(call.tracer, _FUNCTIONS[call.call.function], call.view())


@operator(
    *[f"new_{kind}" for kind in ("zeros", "ones", "full", "empty")],
    *[f"{kind}_like" for kind in ("zeros", "ones", "full", "empty", "rand", "randn")],
)
def made_alike(call: Following) -> FollowedResults:
    """A constant that has no more of the input than a size or an element type."""
    stated = call.stated[0] if call.stated else None
    if stated is None:
        raise call.fail("the size of a constant is not stated")
    return Known(stated, call.call.results[0].element)


@operator("leaky_relu")
def leaky_relu(call: Following) -> FollowedResults:
    """Leaky ReLU."""
    return elementwise.leaky_relu(call.tracer, call.view(), call.number(0.01, "negative_slope"))


@operator("elu")
def elu(call: Following) -> FollowedResults:
    """Exponential linear unit."""
    return elementwise.elu(call.tracer, call.view(), call.number(1.0, "alpha"))


@operator("prelu", "_prelu_kernel")
def prelu(call: Following) -> FollowedResults:
    """PReLU; one slope for each channel, or one for all."""
    x, slope = call.view(), call.weight("weight")
    learned = {"weight": slope.name}
    if slope.size == 1:
        return in_place(call.tracer, "prelu", x, {"shared": True}, learned)
    return of_channels(call.tracer, "prelu", x, min(1, len(x.dimensions) - 1), {"shared": False}, learned)


@operator("hardtanh", "clamp", "clip", "clamp_min", "clamp_max")
def clamp(call: Following) -> FollowedResults:
    """Cut at two numbers."""
    name = call.call.function
    x = call.first()
    if isinstance(x, Scores):
        return x
    least, most = call.get("min_val", "min"), call.get("max_val", "max")
    if name == "hardtanh":
        least, most = (-1 if least is None else least), (1 if most is None else most)
    elif name == "clamp_max":
        least, most = None, call.get("max")
    return clipped(call.tracer, call.as_view(x), least, most)


@operator(
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout", "native_dropout"
)
def dropout(call: Following) -> FollowedResults:
    """Dropout, which does nothing at inference."""
    x = call.first()
    if isinstance(x, TensorView):
        x = dropped(call.tracer, x, call.number(0.5, "p"))
    return [x, None] if len(call.call.results) > 1 else x


@operator(*_JOINS)
def join(call: Following) -> FollowedResults:
    """Two tensors joined element by element."""
    other = call.a_tensor(call.get("other"))
    return combined(call.tracer, _JOINS[call.call.function], call.first(), other)


@operator("rsub", "rtruediv", "rdiv")
def reversed_join(call: Following) -> FollowedResults:
    """The same with the operands exchanged."""
    name = "sub" if "sub" in call.call.function else "div"
    return combined(call.tracer, name, call.a_tensor(call.get("other")), call.first())


@operator("addcmul")
def addcmul(call: Following) -> FollowedResults:
    """A sum with a product."""
    factors = (call.a_tensor(call.get(name)) for name in ("tensor1", "tensor2"))
    return combined(call.tracer, "add", call.first(), combined(call.tracer, "mul", *factors))


@operator("pow", "float_power")
def power(call: Following) -> FollowedResults:
    """A power with a constant exponent, or of a constant."""
    exponent = call.get("exponent")
    if isinstance(exponent, TensorView):
        return function(call.tracer, "exp", exponent)
    return elementwise.power(call.tracer, call.view(), call.number(2, "exponent"))


@operator("where", "masked_fill")
def where(call: Following) -> FollowedResults:
    """A choice by a mask: of a tensor and a constant it is the tensor, cut out."""
    if call.call.function == "masked_fill":
        return chosen(call.tracer, call.get("mask"), [call.first()], call.batch)
    tensors = [call.first(), call.a_tensor(call.get("other"))]
    return chosen(call.tracer, call.get("condition"), tensors, call.batch)


@operator("mean", "sum", "amax", "max")
def reduction(call: Following) -> FollowedResults:
    """A mean, a sum or the largest over dimensions."""
    x = call.view()
    name = call.call.function
    other = call.get("other", "dim")
    if name == "max" and isinstance(other, TensorView):
        return joined(call.tracer, "max", x, other)
    axes = call.integers("dim")
    keep = call.flag(False, "keepdim")
    kind = "max" if name == "amax" else name
    every = range(len(x.dimensions))
    done = layers.reduced(call.tracer, x, axes or every, kind, keep=keep and axes is not None)
    return [done, None] if len(call.call.results) > 1 else done


@operator("linalg_vector_norm", "norm", "vector_norm")
def norm(call: Following) -> FollowedResults:
    """The norm over dimensions: the root of a sum of squares."""
    x = call.view()
    axes = call.integers("dim") or list(range(len(x.dimensions)))
    squares = function(call.tracer, "square", x)
    done = layers.reduced(call.tracer, squares, axes, "sum", keep=call.flag(False, "keepdim"))
    return function(call.tracer, "sqrt", done)


@operator("softmax", "_softmax", "log_softmax", "_log_softmax", "softmin")
def softmax(call: Following) -> FollowedResults:
    """A softmax over a dimension."""
    return products.softmax(call.tracer, call.first(), call.axis(-1, "dim"))
