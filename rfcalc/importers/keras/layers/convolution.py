"""Convolutions and layers that multiply by a matrix; an activation that they hold is a step of its own."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfcalc.errors import cut
from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.call import LayerFollowing, layer
from rfcalc.importers.keras.layers.activations import held_activation
from rfcalc.importers.keras.layers.arguments import given, of_size
from rfcalc.importers.tracing import layers, parts, products
from rfcalc.importers.tracing.attention import settled
from rfcalc.importers.tracing.elementwise import function, with_constant
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import AxisPadding, Windows
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView, digit
from rfcalc.ops.attributes import Value, Word

_AXES = (1, 2, 3)


def axes_of(call: LayerFollowing) -> int:
    """How many axes a class works on: the number before the D that its name ends in."""
    return next(int(one) for one in reversed(call.layer.class_name) if one.isdigit())


def windows_of(
    call: LayerFollowing,
    kernel: tuple[int, ...],
    strides: Sequence[str] = ("strides", "subsample"),
    default: Sequence[int] = (),
) -> Windows:
    """How windows slide, as a config says it; default: the steps where it says none."""
    axes = len(kernel)
    stride = tuple(default) if default and call.entry(*strides) is None else ()
    stride = stride or call.each(*strides, axes=axes, default=1)
    dilation = call.each("dilation_rate", "dilations", axes=axes, default=1)
    words = ("valid", "same", "causal") if axes == 1 else ("valid", "same")
    word = call.word("padding", "border_mode", default="valid", of=words)
    padding: AxisPadding = word
    if word == "causal":
        padding = [(rate * (size - 1), 0) for rate, size in zip(dilation, kernel, strict=True)]
    return Windows(kernel, stride, padding, dilation)


def _biased(call: LayerFollowing, channels: int) -> Known | None:
    return call.weight("bias", (channels,)) if call.flag("use_bias", default=True) else None


def _count_factors(call: LayerFollowing, lengths: Sequence[int], channels: int) -> None:
    """Count what LoRA learns beside a weight: two matrices whose product is added to it."""
    if call.entry("lora_rank") is None:
        return
    rank = call.integer("lora_rank")
    call.beside("lora", rank * (prod(lengths) + channels), learned=True)
    call.remark("what LoRA adds to its weight is counted as parameters, not as work", call.entry("lora_rank"))


def _count_scales(call: LayerFollowing, outputs: int) -> None:
    """Count the scales of a quantised weight: of int8 one for each output, which nothing learns."""
    mode, entry = quantisation(call.entry("dtype"))
    if mode == "int8":
        call.beside("scale", outputs, learned=False)
    elif mode:
        told = "its weight is counted as it was before, and nothing that it keeps beside it"
        call.remark(f"it is quantised in the way {cut(mode, 20)!r}: {told}", entry)


def quantisation(policy: JsonValue | None) -> tuple[str, JsonValue | None]:
    """The way in which a policy of types quantises, `int8`, and where it says so; "" of one that does not."""
    if policy is None:
        return "", None
    if isinstance(policy.held, str):
        mode, separator, _ = policy.held.partition("_from_")
        return (mode, policy) if separator else ("", None)
    config = policy.members.get("config")
    found = config.members.get("mode") if config is not None else None
    return (found.held, found) if found is not None and isinstance(found.held, str) else ("", None)


@layer(*[f"Conv{n}D" for n in _AXES], *[f"Convolution{n}D" for n in _AXES])
def conv(call: LayerFollowing) -> FollowedResults:
    """A convolution."""
    axes = axes_of(call)
    x = call.ordered(call.view(), axes)
    filters, groups = call.integer("filters"), call.integer("groups", default=1)
    kernel = call.each("kernel_size", axes=axes)
    channels = x.lengths[1]
    if channels % groups or filters % groups:
        entry = call.entry("groups")
        raise call.fail(
            f"{channels} channels and {filters} filters do not divide into {groups} groups", entry
        )
    weight = call.weight("kernel", (filters, channels // groups, *kernel))
    _count_factors(call, (*kernel, channels // groups), filters)
    done = layers.convolved(call.tracer, x, weight, _biased(call, filters), windows_of(call, kernel), groups)
    return held_activation(call, call.reordered(done))


@layer("DepthwiseConv1D", "DepthwiseConv2D", "DepthwiseConv3D")
def depthwise(call: LayerFollowing) -> FollowedResults:
    """A convolution of each channel by itself."""
    return held_activation(call, call.reordered(_of_each_channel(call, _biased)))


def _of_each_channel(call: LayerFollowing, bias: object) -> TensorView:
    axes = axes_of(call)
    x = call.ordered(call.view(), axes)
    kernel = call.each("kernel_size", axes=axes)
    multiplier = call.integer("depth_multiplier", default=1)
    channels = x.lengths[1]
    weight = call.weight("depthwise_kernel", (channels * multiplier, 1, *kernel))
    own = _biased(call, channels * multiplier) if bias is not None else None
    return layers.convolved(call.tracer, x, weight, own, windows_of(call, kernel), channels)


@layer("SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D")
def separable(call: LayerFollowing) -> FollowedResults:
    """A convolution of each channel by itself, then one of single positions over all of them."""
    filters, axes = call.integer("filters"), axes_of(call)
    call.at(".depthwise", "DepthwiseConv")
    inner = _of_each_channel(call, None)
    call.at(".pointwise", "Conv")
    weight = call.weight("pointwise_kernel", (filters, inner.lengths[1], *[1] * axes))
    done = layers.convolved(call.tracer, inner, weight, _biased(call, filters), Windows((1,) * axes))
    return held_activation(call, call.reordered(done))


@layer(
    *[f"Conv{n}DTranspose" for n in _AXES],
    *[f"Convolution{n}DTranspose" for n in _AXES],
    "Deconvolution2D",
    "Deconvolution3D",
)
def transposed(call: LayerFollowing) -> FollowedResults:
    """A transposed convolution; its output is the input's size times the stride, or longer by the kernel."""
    axes = axes_of(call)
    x = call.ordered(call.view(), axes)
    filters, kernel = call.integer("filters"), call.each("kernel_size", axes=axes)
    groups = call.integer("groups", default=1)
    windows = windows_of(call, kernel)
    extra: tuple[int, ...] = ()
    spans = [rate * (size - 1) + 1 for rate, size in zip(windows.dilation, kernel, strict=True)]
    if call.entry("output_padding") is not None:
        extra = call.each("output_padding", axes=axes, least=0)
        if windows.padding == "same":
            # What is added to the signal of both ends, of which the larger half stands in front.
            whole = [span + span % 2 - 2 + more for span, more in zip(spans, extra, strict=True)]
            front = [min(span - 1, one - one // 2) for span, one in zip(spans, whole, strict=True)]
            before = [span - 1 - one for span, one in zip(spans, front, strict=True)]
            after = [span - 1 - (one - first) for span, one, first in zip(spans, whole, front, strict=True)]
            pads = [(one, max(two, 0)) for one, two in zip(before, after, strict=True)]
            windows = windows._replace(padding=pads)
            extra = tuple([max(-two, 0) for two in after])
    elif windows.padding == "valid":
        extra = tuple([max(step - span, 0) for step, span in zip(windows.stride, spans, strict=True)])
    if x.lengths[1] % groups or filters % groups:
        raise call.fail(f"channels do not divide into {groups} groups", call.entry("groups"))
    weight = call.weight("kernel", (x.lengths[1], filters // groups, *kernel))
    done = layers.deconvolved(call.tracer, x, weight, _biased(call, filters), windows, groups, extra)
    return held_activation(call, call.reordered(done))


@layer("LocallyConnected1D", "LocallyConnected2D")
def local(call: LayerFollowing) -> FollowedResults:
    """A convolution with kernels of their own at every position (Keras 2)."""
    axes = axes_of(call)
    x = call.ordered(call.view(), axes)
    filters, kernel = call.integer("filters"), call.each("kernel_size", axes=axes)
    values: dict[str, Value] = {**windows_of(call, kernel).values(), "out_channels": filters}
    bias = call.flag("use_bias", default=True)
    if not bias:
        values["bias"] = False
    placed, leading = layers.slid(call.tracer, x)
    learned = {"weight": f"{call.path}/kernel", **({"bias": f"{call.path}/bias"} if bias else {})}
    step = call.tracer.add("localconv", [placed.step], values, learned)
    return held_activation(call, call.reordered(layers.after(call.tracer, x, step, leading)))


@layer("Dense")
def dense(call: LayerFollowing) -> FollowedResults:
    """The last dimension times a matrix, at each position."""
    x, units = call.view(), call.integer("units")
    bias = call.flag("use_bias", default=True)
    if len(x.dimensions) < 2:
        raise call.fail(f"it works on 2 dimensions at least, the tensor is {call.sizes(x)}")
    learned = {"weight": f"{call.path}/kernel", **({"bias": f"{call.path}/bias"} if bias else {})}
    _count_factors(call, x.lengths[-1:], units)
    _count_scales(call, units)
    done = layers.multiplied(call.tracer, x, units, learned, bias=bias)
    return held_activation(call, done)


@layer("EinsumDense")
def einsum_dense(call: LayerFollowing) -> FollowedResults:
    """A product with a matrix by the names of dimensions, where it works on the last ones."""
    x = call.view()
    equation = call.word("equation", default="").replace(" ", "")
    left, _, right = equation.partition("->")
    first, _, second = left.partition(",")
    kept: list[str] = []
    if "." in equation:
        kept = [chr(ord("A") + place) for place in range(max(len(x.dimensions) - len(first) + 3, 0))]
        first, right = first.replace("...", "".join(kept)), right.replace("...", "".join(kept))
    sizes = dict(zip(first, x.lengths, strict=False))
    stated = call.entry("output_shape")
    lengths = (
        [one.held for one in stated.items] if stated and stated.items else [stated.held if stated else 0]
    )
    named = list(zip(reversed(right), reversed(lengths), strict=False))
    if kept and right.endswith("".join(kept)):
        # The sizes that are stated begin behind that of the examples.
        named = list(zip(right[1:], lengths, strict=False))
    for name, size in named:
        if name in second and isinstance(size, int):
            sizes.setdefault(name, size)
    if len(first) != len(x.dimensions) or not second or any(name not in sizes for name in second):
        raise call.fail(
            f"the equation {equation!r} does not fit a tensor {call.sizes(x)}", call.entry("equation")
        )
    weight = call.weight("kernel", [sizes[name] for name in second])
    _count_factors(call, weight.lengths[:-1], weight.lengths[-1])
    _count_scales(call, prod(sizes[name] for name in second if name not in first))
    done = products.named_product(call.tracer, f"{first},{second}->{right}", [x, weight])
    made = settled(call.tracer, done)
    axes = call.word("bias_axes", default="")
    if axes:
        shape = [sizes[name] if name in axes else 1 for name in right]
        while shape and shape[0] == 1:
            del shape[0]
        made = with_constant(call.tracer, "add", made, call.weight("bias", shape))
    return held_activation(call, made)


@layer("Embedding", "ReversibleEmbedding")
def embedding(call: LayerFollowing) -> FollowedResults:
    """A row of a learned table for each index; reversed, the products of a vector with all rows."""
    words, channels = call.integer("input_dim"), call.integer("output_dim")
    table = call.weight("embeddings", (words, channels))
    _count_factors(call, (words,), channels)
    tied = call.layer.class_name == "Embedding" or call.flag("tie_weights", default=True)
    _count_scales(call, words if tied else 2 * words)
    if given(call, 1, "reverse") is not True:
        return parts.embedded(call.tracer, call.view(), table)
    if call.view().lengths[-1] != channels:
        raise call.fail(f"its rows have {channels} numbers, the tensor is {call.sizes(call.view())}")
    part = "embeddings" if tied else "reverse_embeddings"
    learned = {"weight": f"{call.path}/{part}"}
    done = layers.multiplied(call.tracer, call.view(), words, learned, bias=False)
    if call.entry("logit_soft_cap") is None:
        return done
    capped = layers.in_place(call.tracer, "tanh", function(call.tracer, "div", done))
    return function(call.tracer, "mul", capped)


@layer("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def conv_lstm(call: LayerFollowing) -> FollowedResults:
    """An LSTM whose products are convolutions: its size and its parameters are known, the rest is not."""
    axes = axes_of(call)
    x = call.view()
    if len(x.dimensions) != axes + 3:
        raise call.fail(f"it works on {axes + 3} dimensions, the tensor is {call.sizes(x)}")
    filters, kernel = call.integer("filters"), call.each("kernel_size", axes=axes)
    windows = windows_of(call, kernel)
    place = 2 if call.channels_first else axes + 2
    lengths = [size for at, size in enumerate(x.lengths[2:], 2) if at != place]
    spans = [rate * (size - 1) + 1 for rate, size in zip(windows.dilation, kernel, strict=True)]
    sizes = [
        -(-(n - (f - 1 if windows.padding == "valid" else 0)) // s)
        for n, f, s in zip(lengths, spans, windows.stride, strict=True)
    ]
    if min(sizes) < 1:
        raise call.fail(f"a kernel of {kernel} does not fit a map {call.sizes(x)}")
    count = 1
    for size in kernel:
        count *= size
    params = 4 * filters * (count * (x.lengths[place] + filters) + call.flag("use_bias", default=True))
    steps = (x.lengths[1],) if call.flag("return_sequences", default=False) else ()
    whole = [*steps, *sizes, filters]
    while len(whole) > 4:
        whole = [whole[0] * whole[1], *whole[2:]]
    values: dict[str, Value] = {"type": Word(call.layer.class_name), "size": call.along_sizes(whole)}
    step = call.tracer.add("opaque", [call.natural(x).step], {**values, "params": params})
    base = tuple([digit(size) for size in whole])
    flat = TensorView(step, base, (call.batch_of(x), *base))
    back = flat.reshaped((x.lengths[0], *steps, *sizes, filters))
    assert back is not None
    results = [back]
    if call.flag("return_state", default=False):
        for name in (".state", ".carry"):
            call.at(name, call.layer.class_name)
            state = of_size(call, x, [x.lengths[0], *sizes, filters], 0, moves=False)
            call.tracer.absorb(state.step)
            results.append(state)
    return [_channels_in_place(call, one, axes) for one in results]


def _channels_in_place(call: LayerFollowing, x: TensorView, axes: int) -> TensorView:
    """A tensor with its channels before its last axes, where the layer has them there."""
    if not call.channels_first:
        return x
    rank = len(x.dimensions)
    return x.permuted([*range(rank - 1 - axes), rank - 1, *range(rank - 1 - axes, rank - 1)])
