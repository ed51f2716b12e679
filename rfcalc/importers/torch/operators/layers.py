"""Convolutions, pooling, normalisation, resampling."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rfcalc.importers.torch.call import Following, is_list, operator
from rfcalc.importers.tracing import layers, parts
from rfcalc.importers.tracing.elementwise import function, joined, layer_normalised
from rfcalc.importers.tracing.idioms import exact, response_values
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import Windows
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView, digit
from rfcalc.ops.attributes import PerAxis, Value


def _each(values: Sequence[int] | None, axes: int, default: int) -> tuple[int, ...]:
    """A number for each axis; one stands for all."""
    if not values:
        return (default,) * axes
    return tuple(values) * axes if len(values) == 1 else tuple(values)


def _windows(call: Following, kernel: tuple[int, ...], stride: Sequence[int] | None = None) -> Windows:
    """How the windows of a call slide; stride: the steps where none are given, 1 for None."""
    axes = len(kernel)
    word = call.word("", "padding")
    return Windows(
        kernel,
        _each(call.integers("stride") or stride, axes, 1),
        word or [(amount, amount) for amount in _each(call.integers("padding"), axes, 0)],
        _each(call.integers("dilation"), axes, 1),
    )


@operator("conv1d", "conv2d", "conv3d", "convolution")
def conv(call: Following) -> FollowedResults:
    """Convolution, in the decomposed form transposed convolution too."""
    weight, bias = call.weight("weight"), call.known("bias")
    if call.flag(False, "transposed"):
        return conv_transpose(call)
    x, lone = _examples(call.view(), len(weight.lengths) - 2)
    windows, groups = _windows(call, weight.lengths[2:]), call.integer(1, "groups")
    return _alone(layers.convolved(call.tracer, x, weight, bias, windows, groups), lone)


@operator("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def conv_transpose(call: Following) -> FollowedResults:
    """Transposed convolution."""
    weight, bias = call.weight("weight"), call.known("bias")
    axes = len(weight.lengths) - 2
    x, lone = _examples(call.view(), axes)
    windows, groups = _windows(call, weight.lengths[2:]), call.integer(1, "groups")
    extra = _each(call.integers("output_padding"), axes, 0)
    return _alone(layers.deconvolved(call.tracer, x, weight, bias, windows, groups, extra), lone)


def _examples(x: TensorView, axes: int) -> tuple[TensorView, bool]:
    """A tensor with a dimension of examples in front; whether there was none."""
    lone = len(x.dimensions) == axes + 1
    return (x.with_one(0) if lone else x), lone


def _alone(x: TensorView, lone: bool) -> TensorView:
    return x.without(0) if lone else x


@operator(
    *[f"max_pool{n}d" for n in (1, 2, 3)],
    *[f"avg_pool{n}d" for n in (1, 2, 3)],
    *[f"max_pool{n}d_with_indices" for n in (1, 2, 3)],
)
def pool(call: Following) -> FollowedResults:
    """Pooling by windows; the indices of maxima are not followed."""
    name = call.call.function
    axes = next(int(one) for one in name if one.isdigit())
    x, lone = _examples(call.view(), axes)
    kernel = _each(call.integers("kernel_size"), axes, 1)
    windows = _windows(call, kernel, stride=kernel)
    values: dict[str, Value] = {"ceil": True} if call.flag(False, "ceil_mode") else {}
    ours = "maxpool" if name.startswith("max") else "avgpool"
    if ours == "avgpool":
        if windows.pads and not call.flag(True, "count_include_pad"):
            values["count_include_pad"] = False
        if call.get("divisor_override") is not None:
            call.tracer.remark("a mean with a divisor of its own is counted as any other", call.call.place)
    done = _alone(layers.windowed(call.tracer, ours, x, windows, values), lone)
    return [done, None] if len(call.call.results) > 1 else done


@operator(
    *[f"adaptive_{kind}_pool{n}d" for kind in ("avg", "max") for n in (1, 2, 3)],
    "_adaptive_avg_pool2d",
    "_adaptive_avg_pool3d",
)
def adaptive_pool(call: Following) -> FollowedResults:
    """Pooling to a size; None keeps one."""
    name = call.call.function
    axes = next(int(one) for one in name if one.isdigit())
    x, lone = _examples(call.view(), axes)
    given = call.get("output_size")
    wanted = list(given) if is_list(given) else [given]
    wanted = wanted * axes if len(wanted) == 1 else wanted
    sizes = [
        size if one is None else int(one) if isinstance(one, int | float) else size
        for one, size in zip(wanted, x.lengths[2:], strict=True)
    ]
    return _alone(layers.pooled_to(call.tracer, x, sizes, "max" if "max" in name else "avg"), lone)


@operator("batch_norm", "_native_batch_norm_legit_no_training", "native_batch_norm", "cudnn_batch_norm")
def batch_norm(call: Following) -> FollowedResults:
    """Batch normalisation with its running statistics."""
    weight, bias = call.known("weight"), call.known("bias")
    values: dict[str, Value] = {} if weight or bias else {"affine": False}
    if weight is not None and bias is None:
        values["bias"] = False
    if bias is not None and weight is None:
        values["weight"] = False
    x = call.view()
    dimension = min(1, len(x.dimensions) - 1)
    learned = {"weight": weight.name if weight else "", "bias": bias.name if bias else ""}
    done = layers.of_channels(call.tracer, "bn", x, dimension, values, learned if weight or bias else {})
    return [done, *[None] * (len(call.call.results) - 1)]


@operator("instance_norm")
def instance_norm(call: Following) -> FollowedResults:
    """Instance normalisation."""
    return layers.instance_normalised(call.tracer, call.view(), call.known("weight"), call.known("bias"))


@operator("group_norm", "native_group_norm")
def group_norm(call: Following) -> FollowedResults:
    """Group normalisation."""
    groups = call.integer(1, "num_groups", "group")
    done = layers.group_normalised(call.tracer, call.view(), groups, call.known("weight"), call.known("bias"))
    return [done, *[None] * (len(call.call.results) - 1)]


@operator("layer_norm", "native_layer_norm")
def layer_norm(call: Following) -> FollowedResults:
    """Layer normalisation over the last dimensions."""
    dimensions = len(call.integers("normalized_shape") or [0])
    weight, bias = call.known("weight"), call.known("bias")
    done = layer_normalised(call.tracer, call.view(), dimensions, weight, bias)
    return [done, *[None] * (len(call.call.results) - 1)]


@operator("local_response_norm")
def local_response_norm(call: Following) -> FollowedResults:
    """Local response normalisation."""
    k, alpha, beta = call.number(1.0, "k"), call.number(1e-4, "alpha"), call.number(0.75, "beta")
    values = response_values(call.integer(5, "size"), k, alpha, beta)
    return layers.of_channels(call.tracer, "lrn", call.view(), 1, values)


@operator(
    "interpolate",
    "upsample",
    "upsample_nearest1d",
    "upsample_nearest2d",
    "upsample_nearest3d",
    "_upsample_nearest_exact2d",
    "upsample_linear1d",
    "upsample_bilinear2d",
    "upsample_bicubic2d",
    "upsample_trilinear3d",
)
def interpolate(call: Following) -> FollowedResults:
    """Resampling to a size or by a factor."""
    x = call.view()
    name = call.call.function
    mode = call.word("nearest", "mode") if name in ("interpolate", "upsample") else name
    ours = next(
        (
            word
            for part, word in (
                ("nearest_exact", "nearest_exact"),
                ("nearest-exact", "nearest_exact"),
                ("nearest", "nearest"),
                ("cubic", "bicubic"),
                ("linear", "bilinear"),
            )
            if part in mode
        ),
        "",
    )
    if not ours or call.flag(False, "antialias"):
        raise call.fail(f"resampling by {mode} has no layer in the language")
    axes = len(x.dimensions) - 2
    align = not ours.startswith("nearest") and call.flag(False, "align_corners")
    sizes = call.integers("size", "output_size")
    factors = call.get("scale_factor", "scale_factors")
    scale: list[Value] | None = None
    if sizes is None:
        given = factors if is_list(factors) else (factors,) * axes
        scale = [exact(float(one)) for one in given if isinstance(one, int | float)]
        sizes = [
            int(n * float(f)) for n, f in zip(x.lengths[2:], given, strict=True) if isinstance(f, int | float)
        ]
        if call.flag(False, "recompute_scale_factor"):
            scale = None
    wanted = _each(sizes, axes, 1)
    if wanted == x.lengths[2:]:
        return x
    return parts.resampled(call.tracer, x, wanted, scale, ours, align_corners=align)


@operator("embedding")
def embedding(call: Following) -> FollowedResults:
    """Rows of a table."""
    indices, table = call.a_tensor(call.get("indices", "input")), call.weight("weight")
    if isinstance(indices, Known):
        return Known((*indices.lengths, table.lengths[1]), table.element, None, table.name, table.learned)
    return parts.embedded(call.tracer, call.as_view(indices), table)


@operator("pixel_shuffle", "pixel_unshuffle")
def pixel_shuffle(call: Following) -> FollowedResults:
    """Channels to space and back."""
    factor = call.integer(1, "upscale_factor", "downscale_factor")
    move = parts.to_space if call.call.function == "pixel_shuffle" else parts.from_space
    return move(call.tracer, call.view(), factor)


@operator("channel_shuffle", "native_channel_shuffle")
def channel_shuffle(call: Following) -> FollowedResults:
    """Channels of groups interleaved."""
    x = call.view()
    groups = call.integer(1, "groups")
    n, c, *axes = x.lengths
    parted = parts.reshaped(call.tracer, x, (n, groups, c // groups, *axes))
    moved = parted.permuted([0, 2, 1, *range(3, len(axes) + 3)])
    return parts.reshaped(call.tracer, moved, (n, c, *axes))


@operator("unfold", "im2col")
def unfold(call: Following) -> FollowedResults:
    """The elements of windows side by side as channels; or windows along one dimension."""
    x = call.view()
    if call.get("dimension") is not None:
        raise call.fail("windows along one dimension have no layer in the language")
    windows = _windows(call, _each(call.integers("kernel_size"), 2, 1))
    placed, leading = layers.slid(call.tracer, x)
    step = call.tracer.add("unfold", [placed.step], windows.values(leading))
    done = layers.after(call.tracer, x, step, leading)
    n, c, *axes = done.lengths
    return parts.reshaped(call.tracer, done, (n, c, math.prod(axes)))


@operator("fold", "col2im")
def fold(call: Following) -> FollowedResults:
    """Windows put back in their places."""
    x = call.view()
    size = call.integers("output_size") or [1]
    windows = _windows(call, _each(call.integers("kernel_size"), 2, 1))
    placed = call.tracer.by_dimension(x, 1, [2])
    pads = _each(call.integers("padding"), len(size), 0)
    counts = [
        (n + 2 * p - r * (f - 1) - 1) // s + 1
        for n, p, r, f, s in zip(size, pads, windows.dilation, windows.kernel, windows.stride, strict=True)
    ]
    mapped = parts.reshaped(call.tracer, placed, (*x.lengths[:2], *counts))
    arranged = call.tracer.by_dimension(mapped, 1, [2, 3])
    values = {"size": PerAxis(size), **windows.values()}
    step = call.tracer.add("fold", [arranged.step], values)
    return call.tracer.view(step, ["batch", -1, 0, 1], x.dimensions[0])


@operator("normalize")
def normalize(call: Following) -> FollowedResults:
    """Divided by the norm over a dimension."""
    x = call.view()
    squares = function(call.tracer, "square", x)
    total = layers.reduced(call.tracer, squares, [call.axis(1, "dim")], "sum", keep=True)
    return joined(call.tracer, "div", x, function(call.tracer, "sqrt", total))


@operator("lstm", "gru", "rnn_tanh", "rnn_relu")
def recurrent(call: Following) -> FollowedResults:
    """Recurrent layers; the last states are not followed."""
    x = call.view()
    weights = call.tensors("params")
    kinds = {"lstm": ("lstm", 4), "gru": ("gru", 3)}
    name, gates = kinds.get(call.call.function, ("rnn", 1))
    first = weights[0]
    hidden = first.lengths[0] // gates
    both = call.flag(False, "bidirectional")
    has_biases = call.flag(True, "has_biases")
    count = call.integer(1, "num_layers")
    batch_first = call.flag(False, "batch_first")
    steps = 1 if batch_first and len(x.dimensions) == 3 else 0
    if any(x.own(place) for place in range(len(x.dimensions) - 1) if place != steps):
        raise call.fail("a recurrent layer over the rows of a map has no layer in the language")
    placed = call.tracer.by_dimension(x, len(x.dimensions) - 1, [steps])
    values: dict[str, Value] = {"out_channels": hidden}
    if count != 1:
        values["layers"] = count
    if both:
        values["bidirectional"] = True
    # PyTorch has a bias for the input and one for the state.
    values["biases"] = 2 if has_biases else 0
    names = {f"weight{place}": one.name for place, one in enumerate(weights) if isinstance(one, Known)}
    step = call.tracer.add(name, [placed.step], values, names)
    channels = digit(hidden * (2 if both else 1))
    done = TensorView(step, (*placed.base[:-1], channels), (*x.dimensions[:-1], channels))
    states = [] if len(call.call.results) < 2 else [_last_states(call, done, steps, hidden, count, both)]
    return [done, *states, *[None] * (len(call.call.results) - 2)]


def _last_states(
    call: Following, x: TensorView, steps: int, hidden: int, count: int, both: bool
) -> TensorView | None:
    """The states that a recurrent layer ends with, one for each layer and direction, where it is one layer.

    Of the backward direction that is the one at the first step.  The steps that take them go where nothing
    reads them.
    """
    if count != 1:
        return None
    tracer = call.tracer
    taken = []
    for direction in range(2 if both else 1):
        made = parts.selected(tracer, x, steps, 0 if direction else -1)
        tracer.absorb(made.step)
        if both:
            part = range(direction * hidden, (direction + 1) * hidden)
            made = parts.part_of(tracer, made, len(made.dimensions) - 1, part)
            tracer.absorb(made.step)
        taken.append(made.with_one(0))
    states = parts.concatenated(tracer, taken, 0)
    tracer.absorb(states.step)
    return states
