"""Layers that work on single elements, and those that join tensors element by element."""

from __future__ import annotations

from collections.abc import Callable

from rfcalc.errors import Related, counted, quoted
from rfcalc.importers.caffe.call import LayerCall, operator, sizes
from rfcalc.importers.tracing import layers, parts
from rfcalc.importers.tracing.elementwise import clipped, elu, joined, leaky_relu
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView
from rfcalc.ops.attributes import Word


@operator("ReLU")
def relu(call: LayerCall) -> FollowedResults:
    """ReLU, leaky where it has a slope."""
    slope = call.parameter("relu_param").decimal("negative_slope")
    return leaky_relu(call.tracer, call.x, slope) if slope else layers.in_place(call.tracer, "relu", call.x)


@operator("PReLU")
def prelu(call: LayerCall) -> FollowedResults:
    """ReLU with a learned slope, of each channel or of all."""
    x = call.x
    shared = call.parameter("prelu_param").flag("channel_shared")
    channel = min(1, len(x.lengths) - 1)
    weight = call.learned(0, "weight", (1,) if shared else (x.lengths[channel],))
    values = {} if shared else {"shared": False}
    return layers.of_channels(call.tracer, "prelu", x, channel, values, {"weight": weight.name})


@operator("ELU")
def exponential(call: LayerCall) -> FollowedResults:
    """An exponential linear unit."""
    return elu(call.tracer, call.x, call.parameter("elu_param").decimal("alpha", 1))


def _plain(name: str, function: str = "") -> Callable[[LayerCall], FollowedResults]:
    def follow(call: LayerCall) -> FollowedResults:
        return layers.in_place(call.tracer, name, call.x, {"of": Word(function)} if function else {})

    follow.__doc__ = f"{name} {function}".strip()
    return follow


operator("Sigmoid")(_plain("sigmoid"))
operator("TanH")(_plain("tanh"))
operator("BNLL")(_plain("softplus"))
operator("ReLU6")(_plain("relu6"))
operator("AbsVal")(_plain("function", "abs"))
operator("Log")(_plain("function", "log"))
operator("Threshold")(_plain("function", "threshold"))


@operator("Split")
def split(call: LayerCall) -> FollowedResults:
    """The same tensor under several names."""
    return [call.x] * len(call.layer.tops)


@operator("Swish")
def swish(call: LayerCall) -> FollowedResults:
    """x · sigmoid(β x)."""
    beta = call.parameter("swish_param").decimal("beta", 1)
    if beta != 1:
        call.remark(f"a Swish layer with a beta of {beta:g} is counted as one with 1")
    return layers.in_place(call.tracer, "silu", call.x)


@operator("Clip")
def clip(call: LayerCall) -> FollowedResults:
    """Each element cut at two numbers."""
    values = call.parameter("clip_param")
    return clipped(call.tracer, call.x, values.decimal("min"), values.decimal("max"))


@operator("Exp")
def exp(call: LayerCall) -> FollowedResults:
    """A power of a base, of each element times a factor with an offset."""
    values = call.parameter("exp_param")
    return _functions(call, values.decimal("scale", 1), values.decimal("shift"), "exp")


@operator("Power")
def power(call: LayerCall) -> FollowedResults:
    """(shift + scale · x)^power."""
    values = call.parameter("power_param")
    exponent, scale, shift = values.decimal("power", 1), values.decimal("scale", 1), values.decimal("shift")
    if (exponent, scale, shift) == (1, -1, 1):
        return layers.in_place(call.tracer, "oneminus", call.x)
    name = {1: "", 2: "square", 0.5: "sqrt", -0.5: "rsqrt", -1: "reciprocal"}.get(exponent, "pow")
    return _functions(call, scale, shift, name)


def _functions(call: LayerCall, scale: float, shift: float, last: str) -> TensorView:
    x = call.x
    names = ["neg" if scale == -1 else "mul"] * (scale != 1) + ["add"] * (shift != 0) + [last] * bool(last)
    for name in names:
        x = layers.in_place(call.tracer, "function", x, {"of": Word(name)})
    return x if names else layers.in_place(call.tracer, "identity", x)


@operator("Dropout")
def dropout(call: LayerCall) -> FollowedResults:
    """Dropout."""
    values = call.parameter("dropout_param")
    rate = values.decimal("dropout_ratio", 0.5)
    if not 0 <= rate < 1:
        call.fail(f"dropout_ratio is at least 0 and below 1, not {rate:g}", values.at("dropout_ratio"))
    return layers.dropped(call.tracer, call.x, rate)


@operator("Softmax")
def softmax(call: LayerCall) -> FollowedResults:
    """A softmax over a dimension, the channels."""
    return parts.softmax(call.tracer, call.x, _over(call))


@operator("SoftmaxWithLoss", "SoftmaxLoss")
def softmax_loss(call: LayerCall) -> FollowedResults:
    """A softmax with its loss; a second top has the softmax."""
    done = layers.of_channels(call.tracer, "softmaxloss", call.x, _over(call))
    return [done, done]


def _over(call: LayerCall) -> int:
    rank = len(call.x.lengths)
    return call.axis(call.parameter("softmax_param"), "axis", min(1, rank - 1), rank)


@operator("ArgMax")
def arg_max(call: LayerCall) -> FollowedResults:
    """The places of the largest."""
    values, x = call.parameter("argmax_param"), call.x
    top = values.whole("top_k", 1)
    if "axis" in values:
        axis = call.axis(values, "axis", 1, len(x.lengths))
        lengths = (*x.lengths[:axis], top, *x.lengths[axis + 1 :])
    else:
        lengths = (x.lengths[0], 2 if values.flag("out_max_val") else 1, top)
    return parts.opaque(call.tracer, "ArgMax", [x], lengths, call.batch, moves=True)


# The join of the language by what Eltwise does.
_JOINS = {"SUM": "add", "PROD": "mul", "MAX": "max"}


@operator("Eltwise")
def eltwise(call: LayerCall) -> FollowedResults:
    """Tensors of one size, joined element by element."""
    values = call.parameter("eltwise_param")
    operation = values.word("operation", "SUM")
    several = list(call.bottoms)
    if len(several) < 2:
        call.fail(f"Eltwise joins two bottoms or more, this layer has {counted(len(several), 'bottom')}")
    for number in range(1, len(several)):
        if several[number].lengths[1:] != several[0].lengths[1:]:
            call.fail(
                f"Eltwise joins tensors of one size; {call.named_size(0)}, {call.named_size(number)}",
                call.layer.bottom_place(number),
                _differ(call, number),
                *[
                    Related(f"{quoted(call.layer.bottoms[each])} is made here", call.makers[each])
                    for each in (0, number)
                ],
            )
    factors = values.decimals("coeff")
    if factors and (operation != "SUM" or len(factors) != len(several)):
        call.fail(
            f"{counted(len(factors), 'coeff')} for {operation} of {counted(len(several), 'bottom')}",
            values.at("coeff"),
            "a SUM has one coeff for each bottom",
        )
    operator = _JOINS[operation]
    if factors == [1, -1]:
        operator = "sub"
    else:
        for number, factor in enumerate(factors):
            if factor != 1:
                given = {"of": Word("neg" if factor == -1 else "mul")}
                several[number] = layers.in_place(call.tracer, "function", several[number], given)
    if len({(call.tracer[one.step].shape, _arrangement(one)) for one in several}) > 1:
        several = [_in_order(call, one) for one in several]
    first, *others = several
    return first._replace(step=call.tracer.add(operator, [first.step, *[one.step for one in others]]))


def _arrangement(x: TensorView) -> object:
    """Where the digits of each dimension stand in the output."""
    places = {
        one.number: (place, number) for place, group in enumerate(x.base) for number, one in enumerate(group)
    }
    return tuple([tuple([(places.get(one.number), one.size) for one in each]) for each in x.dimensions])


def _in_order(call: LayerCall, x: TensorView) -> TensorView:
    """A tensor as an output whose channels are the second dimension, so that all of one size stand alike."""
    if len(x.lengths) > 5:
        call.fail(f"a tensor of {counted(len(x.lengths), 'dimension')} is not joined; the most is 5")
    if len(x.lengths) < 2:
        return call.tracer.by_dimension(x, -1)
    return call.tracer.by_dimension(x, 1, range(2, len(x.lengths)), in_order=True)


def _differ(call: LayerCall, number: int) -> str:
    one, two = call.bottoms[0].lengths, call.bottoms[number].lengths
    if len(one) == len(two) and one[2:] == two[2:]:
        return (
            f"their channels differ, {one[1]} and {two[1]}: a convolution of kernel_size: 1 makes them alike"
        )
    if len(one) == len(two) and one[1] == two[1]:
        return f"their maps differ, {sizes(one[2:])} and {sizes(two[2:])}: look at stride and pad on the way"
    return ""


@operator("Axpy")
def axpy(call: LayerCall) -> FollowedResults:
    """SENet's a · x + y, with a factor for each channel."""
    factors, x, y = (call.bottom(number) for number in range(3))
    if (
        x.lengths != y.lengths
        or factors.lengths[1] != x.lengths[1]
        or factors.lengths[2:] not in ((), (1, 1))
    ):
        call.fail(
            "Axpy reads factors of channels and two maps of one size; "
            f"{call.named_size(0)}, {call.named_size(1)}, {call.named_size(2)}"
        )
    spread = factors._replace(dimensions=(*factors.dimensions[:2], (), ()))
    return joined(call.tracer, "add", joined(call.tracer, "mul", x, spread), y)
