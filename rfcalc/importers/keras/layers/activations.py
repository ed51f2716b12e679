"""Activations, as layers of their own and as the argument of another layer."""

from __future__ import annotations

from math import prod

from rfcalc.errors import cut, nearest
from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.call import LayerFollowing, keras_operator, layer
from rfcalc.importers.keras.layers.normalisation import axes_of_entry
from rfcalc.importers.tracing import elementwise, layers, parts
from rfcalc.importers.tracing.elementwise import clipped, function, with_constant
from rfcalc.importers.tracing.layers import in_place
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import Caller, TensorView
from rfcalc.ops.attributes import Value, Word

_LAYERS = {
    "relu": "relu",
    "relu6": "relu6",
    "elu": "elu",
    "gelu": "gelu",
    "silu": "silu",
    "swish": "silu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "softplus": "softplus",
    "hard_silu": "hardswish",
    "hard_swish": "hardswish",
}
_FUNCTIONS = {
    "selu": "selu",
    "celu": "celu",
    "mish": "mish",
    "softsign": "softsign",
    "exponential": "exp",
    "exp": "exp",
    "log_sigmoid": "logsigmoid",
    "hard_tanh": "hardtanh",
    "tanh_shrink": "tanhshrink",
    "hard_shrink": "hardshrink",
    "soft_shrink": "softshrink",
    "threshold": "threshold",
}
_OTHERS = ("linear", "softmax", "log_softmax", "hard_sigmoid", "leaky_relu", "glu")
# Those of Keras that no function of the language is.
_UNNAMED = ("sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus")
ACTIVATIONS = (*_LAYERS, *_FUNCTIONS, *_OTHERS, *_UNNAMED)


def activated(call: LayerFollowing, x: TensorView, name: str, value: JsonValue | None = None) -> TensorView:
    """A tensor after an activation by its name; value: where the name stands."""
    tracer = call.tracer
    if name == "linear":
        return x
    if name in _LAYERS:
        return in_place(tracer, _LAYERS[name], x)
    if name in _FUNCTIONS:
        return function(tracer, _FUNCTIONS[name], x)
    if name == "softmax":
        return parts.softmax(tracer, x, len(x.dimensions) - 1)
    if name == "log_softmax":
        return function(tracer, "log", parts.softmax(tracer, x, len(x.dimensions) - 1))
    if name == "hard_sigmoid":
        if not call.keras2:
            return in_place(tracer, "hardsigmoid", x)
        # Keras 2 has max(0, min(1, 0.2 x + 0.5)), others x / 6 + 0.5.
        sloped = function(tracer, "mul", x, 0.2)
        return function(tracer, "clip", function(tracer, "add", sloped, 0.5))
    if name == "leaky_relu":
        return elementwise.leaky_relu(tracer, x, 0.2)
    if name == "glu":
        half = x.lengths[-1] // 2
        last = len(x.dimensions) - 1
        one, two = parts.cut(tracer, x, last, (half, half))
        return elementwise.joined(tracer, "mul", one, in_place(tracer, "sigmoid", two))
    if name in _UNNAMED:
        reads: dict[str, Value] = {"type": Word(name), "reads": Word("each"), "params": 0, "macs": 0}
        return in_place(tracer, "opaque", x, reads)
    raise call.fail(
        f"the activation {cut(name, 40)!r} is not known",
        value,
        nearest(name, ACTIVATIONS) or "a function of your own is known by its code alone",
    )


def activation_name(call: LayerFollowing, value: JsonValue) -> str:
    """The name of an activation: a text, or a function as Keras writes one; "" for a layer."""
    if isinstance(value.held, str):
        return value.held
    config, kind = value.members.get("config"), value.members.get("class_name")
    if "value" in value.members or (kind is not None and kind.held == "__lambda__"):
        raise call.fail(
            "its activation is a function of your own, whose code is not loaded",
            value,
            "name one of Keras' activations, or put the function in a layer of its own behind it",
        )
    if config is not None and isinstance(config.held, str):
        return config.held
    if kind is not None and isinstance(kind.held, str):
        return "" if kind.held != "function" else "function"
    raise call.fail(f"activation is the name of a function, not {value.shown}", value)


def held_activation(call: LayerFollowing, x: TensorView) -> TensorView:
    """A tensor after the activation that a layer holds, which is a step beside it."""
    value = call.entry("activation")
    if value is None:
        return x
    name = activation_name(call, value)
    if name == "linear":
        return x
    before = call.tracer.caller
    place = value.position(call.source).span
    call.tracer.caller = Caller(place, f"{call.path}_{name or 'activation'}", before.classes)
    if not name:
        assert call.inner is not None
        (done,) = call.inner(value, [x], f"{call.path}_activation")
        assert isinstance(done, TensorView)
        return done
    return activated(call, x, name, value)


@layer("Activation")
def activation(call: LayerFollowing) -> FollowedResults:
    """An activation by its name."""
    value = call.entry("activation")
    if value is None:
        raise call.fail("its config has no activation")
    name = activation_name(call, value)
    if not name:
        assert call.inner is not None
        return call.inner(value, [call.view()], call.path)
    done = activated(call, call.view(), name, value)
    return _passed_on(call, done)


def _passed_on(call: LayerFollowing, done: TensorView) -> TensorView:
    """What a layer leaves that does nothing: a step all the same, since the file names it."""
    return in_place(call.tracer, "identity", done) if done == call.view() else done


@layer("ReLU")
def relu(call: LayerFollowing) -> FollowedResults:
    """ReLU with its bounds."""
    slope = call.number("negative_slope", default=0.0)
    most = None if call.entry("max_value") is None else call.number("max_value")
    if call.number("threshold", default=0.0):
        return function(call.tracer, "threshold", call.view())
    if slope:
        done = elementwise.leaky_relu(call.tracer, call.view(), slope)
        return done if most is None else function(call.tracer, "min", done, most)
    return clipped(call.tracer, call.view(), 0, most)


@layer("LeakyReLU")
def leaky_relu(call: LayerFollowing) -> FollowedResults:
    """Leaky ReLU."""
    return elementwise.leaky_relu(
        call.tracer, call.view(), call.number("negative_slope", "alpha", default=0.3)
    )


@layer("ELU")
def elu(call: LayerFollowing) -> FollowedResults:
    """An exponential linear unit."""
    return elementwise.elu(call.tracer, call.view(), call.number("alpha", default=1.0))


@layer("ThresholdedReLU")
def thresholded(call: LayerFollowing) -> FollowedResults:
    """What is not above a threshold is 0 (Keras 2)."""
    return function(call.tracer, "threshold", call.view())


@layer("Softmax")
def softmax(call: LayerFollowing) -> FollowedResults:
    """A softmax over an axis."""
    x = call.view()
    axes = axes_of_entry(call, x, -1)
    if len(axes) == 1:
        return parts.softmax(call.tracer, x, axes[0])
    # Several axes are one behind the others.
    rest = [place for place in range(len(x.dimensions)) if place not in axes]
    last = x.permuted([*rest, *axes])
    merged = parts.reshaped(
        call.tracer, last, (*[x.lengths[place] for place in rest], prod(x.lengths[place] for place in axes))
    )
    done = parts.softmax(call.tracer, merged, len(rest))
    back = parts.reshaped(call.tracer, done, last.lengths)
    return back.permuted([[*rest, *axes].index(place) for place in range(len(x.dimensions))])


@layer("PReLU")
def prelu(call: LayerFollowing) -> FollowedResults:
    """ReLU with learned slopes: of each channel, or of each element."""
    x = call.view()
    entry = call.entry("shared_axes")
    items = () if entry is None else entry.items or (entry,)
    shared = {call.axis(call.whole(one, "shared_axes", -8), x, one) for one in items}
    rank = len(x.dimensions)
    lengths = [1 if place in shared else size for place, size in enumerate(x.lengths)][1:]
    weight = call.weight("alpha", lengths)
    own = [place for place in range(1, rank) if place not in shared and x.lengths[place] != 1]
    if len(own) <= 1:
        values: dict[str, Value] = {"shared": False} if own else {}
        place = own[0] if own else rank - 1
        return layers.of_channels(call.tracer, "prelu", x, place, values, {"weight": weight.name})
    positive = in_place(call.tracer, "relu", x)
    negative = function(call.tracer, "min", x, 0.0)
    sloped = with_constant(call.tracer, "mul", negative, weight)
    return elementwise.joined(call.tracer, "add", positive, sloped)


# The operators of keras.ops that are functions of single elements.
_ELEMENTS = {
    "Relu": "relu",
    "Relu6": "relu6",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Silu": "silu",
    "Swish": "silu",
    "Gelu": "gelu",
    "Elu": "elu",
    "Softplus": "softplus",
    "HardSigmoid": "hard_sigmoid",
    "HardSilu": "hard_silu",
    "HardSwish": "hard_silu",
    "Softsign": "softsign",
    "Selu": "selu",
    "Celu": "celu",
    "Mish": "mish",
    "LogSigmoid": "log_sigmoid",
    "HardTanh": "hard_tanh",
    "TanhShrink": "tanh_shrink",
    "SoftShrink": "soft_shrink",
    "HardShrink": "hard_shrink",
    "LeakyRelu": "leaky_relu",
    "Glu": "glu",
}


@keras_operator(*_ELEMENTS)
def activation_operator(call: LayerFollowing) -> FollowedResults:
    """An activation as a function."""
    x = call.view()
    if call.layer.class_name == "LeakyRelu":
        return elementwise.leaky_relu(call.tracer, x, call.number("negative_slope", "alpha", default=0.2))
    return activated(call, x, _ELEMENTS[call.layer.class_name])


@keras_operator("Softmax", "LogSoftmax")
def softmax_operator(call: LayerFollowing) -> FollowedResults:
    """A softmax over an axis."""
    done = softmax(call)
    if call.layer.class_name == "Softmax" or not isinstance(done, TensorView):
        return done
    return function(call.tracer, "log", done)
