"""Functions of single elements, tensors joined element by element, and sums over dimensions."""

from __future__ import annotations

from rfcalc.importers.onnx.call import NodeCall, operator
from rfcalc.importers.tracing import elementwise, layers, parts
from rfcalc.importers.tracing.attention import FollowedTensor, Scores
from rfcalc.importers.tracing.elementwise import clipped, function, with_constant
from rfcalc.importers.tracing.known import SCALE, Known
from rfcalc.importers.tracing.layers import dropped, in_place, of_channels
from rfcalc.importers.tracing.products import chosen, combined
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView

# Activations that are operators of the language.
_ACTIVATIONS = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "HardSwish": "hardswish",
    "Gelu": "gelu",
    "Swish": "silu",
    "com.microsoft::Gelu": "gelu",
    "com.microsoft::FastGelu": "gelu",
}
# Functions of single elements that are not.
_FUNCTIONS = {
    "com.microsoft::QuickGelu": "quick_gelu",
    "Abs": "abs",
    "Ceil": "ceil",
    "Celu": "celu",
    "Cos": "cos",
    "Erf": "erf",
    "Exp": "exp",
    "Floor": "floor",
    "Log": "log",
    "Mish": "mish",
    "Neg": "neg",
    "Reciprocal": "reciprocal",
    "Round": "round",
    "Selu": "selu",
    "Sign": "sign",
    "Sin": "sin",
    "Softsign": "softsign",
    "Sqrt": "sqrt",
    "ThresholdedRelu": "threshold",
    "Acos": "acos",
    "Acosh": "acosh",
    "Asin": "asin",
    "Asinh": "asinh",
    "Atan": "atan",
    "Atanh": "atanh",
    "Cosh": "cosh",
    "Not": "logical_not",
    "Sinh": "sinh",
    "Tan": "tan",
}
_JOINS = {"Add": "add", "Sub": "sub", "Mul": "mul", "Div": "div", "Max": "max", "Min": "min", "Sum": "add"}


@operator(*_ACTIVATIONS)
def activation(call: NodeCall) -> FollowedResults:
    """An activation."""
    return in_place(call.tracer, _ACTIVATIONS[call.node.operator], call.view(0))


@operator(*_FUNCTIONS)
def elementary(call: NodeCall) -> FollowedResults:
    """A function of each element."""
    return function(call.tracer, _FUNCTIONS[call.node.operator], call.view(0))


@operator("Shrink")
def shrink(call: NodeCall) -> FollowedResults:
    """Small numbers made 0, the others nearer to it or not."""
    name = "softshrink" if call.decimal("bias", 0.0) else "hardshrink"
    return function(call.tracer, name, call.view(0))


@operator("Identity", "Cast", "Dropout", "CastLike")
def same(call: NodeCall) -> FollowedResults:
    """What leaves the elements as they are; the mask of a dropout is not followed."""
    if call.node.operator == "Dropout" and isinstance(call.tensor(0), TensorView):
        stated = call.tensor(1) if call.given(1) else None
        rate = stated.scalar if isinstance(stated, Known) else None
        return [
            dropped(call.tracer, call.view(0), call.decimal("ratio", 0.5) if rate is None else rate),
            None,
        ]
    return [call.tensor(0), None]


@operator("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear")
def quantised(call: NodeCall) -> FollowedResults:
    """The same numbers in another form; a scale and a zero point that are found at run time are numbers."""
    return [call.tensor(0), Known((), SCALE), Known((), "uint8")]


@operator("LeakyRelu")
def leaky_relu(call: NodeCall) -> FollowedResults:
    """Leaky ReLU."""
    return elementwise.leaky_relu(call.tracer, call.view(0), call.decimal("alpha", 0.01))


@operator("Elu")
def elu(call: NodeCall) -> FollowedResults:
    """Exponential linear unit."""
    return elementwise.elu(call.tracer, call.view(0), call.decimal("alpha", 1.0))


@operator("PRelu")
def prelu(call: NodeCall) -> FollowedResults:
    """PReLU; one slope for each channel, or one for all."""
    x, slope = call.view(0), call.known(1)
    learned = {"weight": slope.name}
    if slope.size == 1:
        return in_place(call.tracer, "prelu", x, {"shared": True}, learned)
    behind = len(x.lengths) - len(slope.lengths)
    places = [behind + place for place, size in enumerate(slope.lengths) if size != 1]
    if len(slope.lengths) == 1 and slope.size == x.lengths[1]:
        # Older files mean the channels, wherever slopes are broadcast to by the rule of today.
        places = [1]
    if len(places) != 1 or slope.size != x.lengths[places[0]]:
        raise call.fail("slopes that differ by position have no layer in the language")
    return of_channels(call.tracer, "prelu", x, places[0], {"shared": False}, learned)


@operator("HardSigmoid")
def hard_sigmoid(call: NodeCall) -> FollowedResults:
    """Hard sigmoid; with another slope than 1/6 it is a clipped linear function."""
    if abs(call.decimal("alpha", 0.2) - 1 / 6) < 1e-4:
        return in_place(call.tracer, "hardsigmoid", call.view(0))
    x = function(call.tracer, "mul", call.view(0), call.decimal("alpha", 0.2))
    x = function(call.tracer, "add", x, call.decimal("beta", 0.5))
    return function(call.tracer, "clip", x)


def activated(call: NodeCall, x: TensorView, name: str) -> TensorView:
    """The activation of a name, as fused layers state it."""
    if name in _ACTIVATIONS:
        return in_place(call.tracer, _ACTIVATIONS[name], x)
    if name == "LeakyRelu":
        return elementwise.leaky_relu(call.tracer, x)
    return function(call.tracer, _FUNCTIONS.get(name, "clip"), x)


@operator("Clip")
def clip(call: NodeCall) -> FollowedResults:
    """Cut at two numbers."""
    if isinstance(call.tensor(0), Scores):
        return call.tensor(0)
    return clipped(call.tracer, call.view(0), _bound(call, 1, "min"), _bound(call, 2, "max"))


def _bound(call: NodeCall, place: int, name: str) -> float | None:
    known = call.optional(place)
    if known is not None:
        return None if known.scalar is None else float(known.scalar)
    found = call.node.attributes.get(name)
    return float(found) if isinstance(found, int | float) and abs(found) < 3e38 else None


@operator(*_JOINS)
def join(call: NodeCall) -> FollowedResults:
    """Tensors joined element by element."""
    name = _JOINS[call.node.operator]
    done = call.tensor(0)
    for place in range(1, len(call.operands)):
        done = join_of(call, name, done, call.tensor(place))
    return done


def join_of(call: NodeCall, name: str, one: FollowedTensor, two: FollowedTensor) -> FollowedTensor:
    """Two tensors joined element by element, of which one may be constant."""
    if isinstance(one, Known) and isinstance(two, Known):
        raise call.fail("two constants of sizes that do not fit each other")
    return combined(call.tracer, name, one, two)


@operator("Pow")
def power(call: NodeCall) -> FollowedResults:
    """A power with a constant exponent, or of a constant."""
    if isinstance(call.tensor(0), Known):
        return with_constant(call.tracer, "pow", call.view(1), call.known(0), reverse=True)
    exponent = call.known(1).scalar
    if exponent is None:
        return with_constant(call.tracer, "pow", call.view(0), call.known(1))
    return elementwise.power(call.tracer, call.view(0), exponent)


@operator("Where")
def where(call: NodeCall) -> FollowedResults:
    """A choice by a mask: of a tensor and a constant it is the tensor, cut out."""
    return chosen(call.tracer, call.tensor(0), [call.tensor(1), call.tensor(2)], call.batch)


_REDUCTIONS = {"ReduceMean": "mean", "ReduceSum": "sum", "ReduceMax": "max"}


@operator(*_REDUCTIONS)
def reduction(call: NodeCall) -> FollowedResults:
    """A mean, a sum or the largest over dimensions."""
    return _reduced(call, call.view(0), _REDUCTIONS[call.node.operator])


def _reduced(call: NodeCall, x: TensorView, kind: str) -> TensorView:
    axes = call.numbers(1, "axes")
    if not axes and call.integer("noop_with_empty_axes", 0):
        return x
    keep = bool(call.integer("keepdims", 1))
    return layers.reduced(call.tracer, x, axes or range(len(x.dimensions)), kind, keep=keep)


@operator("ReduceMin")
def least(call: NodeCall) -> FollowedResults:
    """The smallest over dimensions: the largest of the negative numbers."""
    largest_of = _reduced(call, function(call.tracer, "neg", call.view(0)), "max")
    return function(call.tracer, "neg", largest_of)


@operator("ArgMax", "ArgMin")
def place_of_most(call: NodeCall) -> FollowedResults:
    """Where the largest of a dimension stands, which depends on all of it."""
    x = call.view(0)
    axis = call.axis(0, len(x.lengths))
    left = (1,) if call.integer("keepdims", 1) else ()
    lengths = (*x.lengths[:axis], *left, *x.lengths[axis + 1 :])
    return parts.opaque(call.tracer, call.node.operator, [x], lengths, call.batch, moves=True)


@operator("TopK")
def largest(call: NodeCall) -> FollowedResults:
    """The largest of a dimension and where they stand."""
    x = call.view(0)
    axis = call.axis(-1, len(x.lengths))
    count = (call.numbers(1, "k") if call.given(1) else [call.integer("k", 1)]) or [1]
    lengths = (*x.lengths[:axis], count[0], *x.lengths[axis + 1 :])
    return [parts.opaque(call.tracer, "TopK", [x], lengths, call.batch, moves=True) for _ in range(2)]


@operator("ReduceL2", "ReduceL1", "ReduceSumSquare")
def norm(call: NodeCall) -> FollowedResults:
    """The norm over dimensions: a sum of squares, or of absolute values, and its root."""
    inner = function(call.tracer, "abs" if call.node.operator == "ReduceL1" else "square", call.view(0))
    done = _reduced(call, inner, "sum")
    return function(call.tracer, "sqrt", done) if call.node.operator == "ReduceL2" else done
