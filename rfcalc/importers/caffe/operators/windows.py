"""Layers that slide over the axes, multiply, normalise: after the layers of BVLC's Caffe."""

from __future__ import annotations

import math

from rfcalc.errors import (
    counted,
    listed,
    of_axes,
)
from rfcalc.importers.caffe.call import LayerCall, operator
from rfcalc.importers.caffe.values import MessageValues
from rfcalc.importers.tracing import layers, parts
from rfcalc.importers.tracing.elementwise import joined, with_constant
from rfcalc.importers.tracing.idioms import exact, response_values
from rfcalc.importers.tracing.layers import Windows
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.tracer import per_axis
from rfcalc.importers.tracing.views import TensorView, digit
from rfcalc.ops.attributes import Value, Word

_AXES = ("h", "w")


def _spatial(call: LayerCall) -> tuple[int, ...]:
    """The lengths of the axes that a window slides along."""
    lengths = call.x.lengths
    if not 3 <= len(lengths) <= 5:
        call.fail(
            f"{call.layer.kind} reads examples, channels and one to three axes; {call.named_size()}",
            call.layer.bottom_place(0),
        )
    return lengths[2:]


def _per_axis(
    call: LayerCall, values: MessageValues, name: str, default: int | None, axes: int
) -> tuple[int, ...]:
    """A length for each axis, as `kernel_size` and its like, or `kernel_h` and `kernel_w`.

    default: None where one has to be given.
    """
    stem = name.removesuffix("_size")
    apart = [f"{stem}_{axis}" for axis in _AXES]
    least = 0 if name == "pad" else 1
    if any(one in values for one in apart):
        if name in values:
            other = next(one for one in apart if one in values)
            call.fail(f"{name} and {other} say the same", values.at(other), f"leave out {name}, or {other}")
        if axes != 2:
            call.fail(f"{apart[0]} and {apart[1]} are those of two axes, there are {axes}", values.place)
        missing = [one for one in apart if one not in values]
        if missing and default is None:
            call.fail(f"{missing[0]} is missing", values.place, f"{listed(apart)} go together")
        found = [values.whole(one, default or 0) for one in apart]
        places = [values.at(one) for one in apart]
    else:
        given = values.wholes(name)
        if not given and default is None:
            call.fail(
                f"{call.layer.kind} needs a {name}",
                values.place,
                f"write {name}: 3, or {apart[0]}: 3 {apart[1]}: 3",
            )
        if len(given) not in (0, 1, axes):
            call.fail(
                f"{counted(len(given), 'value')} of {name} for {of_axes(axes)}",
                values.at(name, axes),
                "one for all axes, or one for each",
            )
        found = given * axes if len(given) == 1 else given or [default or 0] * axes
        places = [values.at(name, number if len(given) > 1 else 0) for number in range(axes)]
    for number, place in zip(found, places, strict=True):
        if number < least:
            call.fail(f"{name} is at least {least}, not {number}", place)
    return tuple(found)


def _count(call: LayerCall, values: MessageValues, name: str, default: int | None = None) -> int:
    """A number of at least 1 of parameters; default: None where it has to be given."""
    number = values.whole(name, default or 0)
    if name not in values and default is None:
        call.fail(f"{call.layer.kind} needs {name}", values.place, f"write {name}: 64")
    if number < 1:
        call.fail(f"{name} is at least 1, not {number}", values.at(name))
    return number


def _fits(
    call: LayerCall, values: MessageValues, windows: Windows, axes: tuple[int, ...], pad: tuple[int, ...]
) -> None:
    for n, f, p, r in zip(axes, windows.kernel, pad, windows.dilation or (1,) * len(axes), strict=True):
        reach = r * (f - 1) + 1
        if reach > n + 2 * p:
            padded = f" with its padding of {p}" if p else ""
            call.fail(
                f"the window spans {reach} positions, the map has {n + 2 * p}{padded}; {call.named_size()}",
                values.at("kernel_size" if "kernel_size" in values else "kernel_h"),
            )


def _windows(
    call: LayerCall, values: MessageValues, axes: tuple[int, ...]
) -> tuple[Windows, tuple[int, ...]]:
    """The windows of a convolution, and their padding."""
    if (axis := values.whole("axis", 1)) not in (1, 1 - len(call.x.lengths)):
        call.fail(f"channels along dimension {axis} are not read", values.at("axis"), "leave axis at 1")
    kernel = _per_axis(call, values, "kernel_size", None, len(axes))
    stride = _per_axis(call, values, "stride", 1, len(axes))
    pad = _per_axis(call, values, "pad", 0, len(axes))
    # DeepLab had dilation first, and called it so.
    holes = any(name in values for name in ("hole", "hole_h", "hole_w"))
    dilation = _per_axis(call, values, "hole" if holes else "dilation", 1, len(axes))
    return Windows(kernel, stride, [(one, one) for one in pad], dilation), pad


def _groups(call: LayerCall, values: MessageValues, out_channels: int) -> int:
    channels = call.x.lengths[1]
    groups = _count(call, values, "group", 1)
    if call.layer.kind in ("DepthwiseConvolution", "ConvolutionDepthwise"):
        if groups not in (1, channels) or out_channels % channels:
            call.fail(
                f"{counted(out_channels, 'kernel')} are no multiple of the {counted(channels, 'channel')} "
                f"that each have their own; {call.named_size()}",
                values.at("group" if groups not in (1, channels) else "num_output"),
            )
        return channels
    for number, what, name in (
        (channels, "channels that it reads", "group"),
        (out_channels, "kernels", "num_output"),
    ):
        if number % groups:
            call.fail(
                f"{number} {what} do not divide into {groups} groups; {call.named_size()}", values.at(name)
            )
    return groups


@operator("Convolution", "DepthwiseConvolution", "ConvolutionDepthwise")
def convolution(call: LayerCall) -> FollowedResults:
    """Convolution."""
    values, axes = call.parameter("convolution_param"), _spatial(call)
    out_channels = _count(call, values, "num_output")
    windows, pad = _windows(call, values, axes)
    groups = _groups(call, values, out_channels)
    _fits(call, values, windows, axes, pad)
    weight = call.learned(0, "weight", (out_channels, call.x.lengths[1] // groups, *windows.kernel))
    bias = call.learned(1, "bias", (out_channels,)) if values.flag("bias_term", True) else None
    return layers.convolved(call.tracer, call.x, weight, bias, windows, groups)


@operator("Deconvolution")
def deconvolution(call: LayerCall) -> FollowedResults:
    """Transposed convolution."""
    values, axes = call.parameter("convolution_param"), _spatial(call)
    out_channels = _count(call, values, "num_output")
    windows, _ = _windows(call, values, axes)
    groups = _groups(call, values, out_channels)
    weight = call.learned(0, "weight", (call.x.lengths[1], out_channels // groups, *windows.kernel))
    bias = call.learned(1, "bias", (out_channels,)) if values.flag("bias_term", True) else None
    return layers.deconvolved(call.tracer, call.x, weight, bias, windows, groups)


@operator("Pooling")
def pooling(call: LayerCall) -> FollowedResults:
    """Pooling, whose number of windows is rounded up; a second top has the places of the maxima."""
    values, axes = call.parameter("pooling_param"), _spatial(call)
    kind = values.word("pool", "MAX")
    if values.flag("global_pooling"):
        if wrong := next((name for name in ("kernel_size", "kernel_h", "kernel_w") if name in values), ""):
            call.fail(
                f"global_pooling takes the whole map, and {wrong} says another window", values.at(wrong)
            )
        which = "max" if kind == "MAX" else "mean"
        done = layers.reduced(call.tracer, call.x, range(2, 2 + len(axes)), which, keep=True)
        return [done, done]
    kernel = _per_axis(call, values, "kernel_size", None, len(axes))
    stride = _per_axis(call, values, "stride", 1, len(axes))
    pad = _per_axis(call, values, "pad", 0, len(axes))
    for f, p in zip(kernel, pad, strict=True):
        if p >= f:
            call.fail(
                f"a padding of {p} is as large as the window of {f}, so that windows would see nothing",
                values.at("pad" if "pad" in values else "pad_h"),
                f"Caffe takes a padding below {f}",
            )
    up = values.flag("ceil_mode", True) and values.word("round_mode", "CEIL") == "CEIL"
    windows = Windows(kernel, stride, [(p, p) for p in pad])
    _fits(call, values, windows, axes, pad)
    given: dict[str, Value] = {}
    if up and any(s > 1 for s in stride):
        given["ceil"] = True
        beyond = [_beyond(*axis) for axis in zip(axes, kernel, stride, strict=True)]
        if not any(pad) and any(beyond):
            # Without padding Caffe keeps a last window that begins behind the map.
            given.pop("ceil")
            windows = windows._replace(padding=[(0, most) for most in map(_room, axes, kernel, stride)])
            call.remark(
                f"the last window begins behind the map, where there is nothing; {call.named_size()}; "
                "Caffe clips it only where there is padding"
            )
    if kind == "STOCHASTIC":
        call.remark("stochastic pooling is taken as average pooling, which it is near to in tests")
    operator = "maxpool" if kind == "MAX" else "avgpool"
    done = layers.windowed(call.tracer, operator, call.x, windows, given)
    return [done, done]


def _windows_up(n: int, f: int, s: int) -> int:
    return -(-(n - f) // s) + 1


def _beyond(n: int, f: int, s: int) -> bool:
    """Whether the last of the windows, their number rounded up, begins behind an axis without padding."""
    return (_windows_up(n, f, s) - 1) * s >= n


def _room(n: int, f: int, s: int) -> int:
    """How many positions behind an axis all of its windows need."""
    return (_windows_up(n, f, s) - 1) * s + f - n if _windows_up(n, f, s) > 0 else 0


@operator("InnerProduct")
def inner_product(call: LayerCall) -> FollowedResults:
    """A product with a matrix, of everything from one dimension on."""
    values, x = call.parameter("inner_product_param"), call.x
    out_channels = _count(call, values, "num_output")
    axis = call.axis(values, "axis", 1, len(x.lengths))
    if axis == 0:
        call.fail("a product over the examples is not read", values.at("axis"), "leave axis at 1")
    number = math.prod(x.lengths[axis:])
    flat = parts.reshaped(call.tracer, x, (*x.lengths[:axis], number)) if axis != len(x.lengths) - 1 else x
    bias = values.flag("bias_term", True)
    learned = {"weight": call.learned(0, "weight", (out_channels, number)).identity}
    if bias:
        learned["bias"] = call.learned(1, "bias", (out_channels,)).name
    return layers.multiplied(call.tracer, flat, out_channels, learned, bias=bias)


@operator("Embed")
def embed(call: LayerCall) -> FollowedResults:
    """Rows of a table."""
    values, x = call.parameter("embed_param"), call.x
    table = call.learned(0, "weight", (_count(call, values, "input_dim"), _count(call, values, "num_output")))
    done = parts.embedded(call.tracer, x, table)
    if values.flag("bias_term", True):
        bias = call.learned(1, "bias", (table.lengths[1],))
        done = with_constant(call.tracer, "add", done, bias)
    return done


@operator("BatchNorm")
def batch_norm(call: LayerCall) -> FollowedResults:
    """Batch normalisation, without factors and offsets: a Scale layer behind it has these."""
    affine = call.parameter("batch_norm_param").flag("scale_bias")
    return _normalised(call, affine)


@operator("BN")
def segnet_batch_norm(call: LayerCall) -> FollowedResults:
    """Batch normalisation with factors and offsets, as SegNet's Caffe has it."""
    return _normalised(call, True)


def _normalised(call: LayerCall, affine: bool) -> TensorView:
    x = call.x
    channel = min(1, len(x.lengths) - 1)
    number = (x.lengths[channel],)
    learned = {}
    if affine:
        learned = {
            role: call.learned(place, role, number).name for place, role in enumerate(("weight", "bias"))
        }
    values: dict[str, Value] = {} if affine else {"affine": False}
    return layers.of_channels(call.tracer, "bn", x, channel, values, learned)


@operator("Scale")
def scale(call: LayerCall) -> FollowedResults:
    """A learned factor for each channel; or the factors are a second tensor."""
    values, x = call.parameter("scale_param"), call.x
    axis = call.axis(values, "axis", 1, len(x.lengths))
    bias = values.flag("bias_term")
    if len(call.bottoms) > 1:
        done = joined(call.tracer, "mul", x, _aligned(call, values, axis))
        if bias:
            number = call.bottom(1).lengths
            done = with_constant(call.tracer, "add", done, call.learned(0, "bias", _spread(x, axis, number)))
        return done
    number = _covered(call, values, axis)
    if axis == 1 and len(number) == 1 and len(x.lengths) > 1:
        learned = {"weight": call.learned(0, "weight", number).name}
        if bias:
            learned["bias"] = call.learned(1, "bias", number).name
        return layers.of_channels(call.tracer, "scale", x, 1, {"bias": True} if bias else {}, learned)
    lengths = _spread(x, axis, number)
    done = with_constant(call.tracer, "mul", x, call.learned(0, "weight", lengths))
    return with_constant(call.tracer, "add", done, call.learned(1, "bias", lengths)) if bias else done


@operator("Bias")
def bias(call: LayerCall) -> FollowedResults:
    """A learned offset for each channel; or the offsets are a second tensor."""
    values, x = call.parameter("bias_param"), call.x
    axis = call.axis(values, "axis", 1, len(x.lengths))
    if len(call.bottoms) > 1:
        return joined(call.tracer, "add", x, _aligned(call, values, axis))
    lengths = _spread(x, axis, _covered(call, values, axis))
    return with_constant(call.tracer, "add", x, call.learned(0, "weight", lengths))


def _covered(call: LayerCall, values: MessageValues, axis: int) -> tuple[int, ...]:
    """The lengths of the dimensions that factors cover."""
    number = values.whole("num_axes", 1)
    rest = call.x.lengths[axis:]
    if number < -1 or number > len(rest):
        call.fail(f"num_axes {number}, and from axis {axis} on {call.named_size()}", values.at("num_axes"))
    return rest if number == -1 else rest[:number]


def _spread(x: TensorView, axis: int, number: tuple[int, ...]) -> tuple[int, ...]:
    return (*[1] * axis, *number, *[1] * (len(x.lengths) - axis - len(number)))


def _aligned(call: LayerCall, values: MessageValues, axis: int) -> TensorView:
    """The second tensor, its dimensions at those of the first from an axis on."""
    x, y = call.x, call.bottom(1)
    while y.lengths and axis + len(y.lengths) > len(x.lengths) and y.lengths[-1] == 1:
        y = y.without(len(y.lengths) - 1)
    wanted = x.lengths[axis : axis + len(y.lengths)]
    if wanted != y.lengths and not (axis == 0 and wanted[1:] == y.lengths[1:]):
        call.fail(
            f"{call.named_size(1)}, and from axis {axis} on {call.named_size()}",
            call.layer.bottom_place(1),
            "each length is that of the same dimension",
        )
    dimensions = (*[()] * axis, *y.dimensions, *[()] * (len(x.lengths) - axis - len(y.lengths)))
    return y._replace(dimensions=tuple(dimensions))


@operator("LRN")
def lrn(call: LayerCall) -> FollowedResults:
    """Local response normalisation, across channels or within each."""
    values, x = call.parameter("lrn_param"), call.x
    number = _count(call, values, "local_size", 5)
    if number % 2 == 0:
        call.fail(f"local_size is odd, not {number}", values.at("local_size"))
    alpha, beta, k = values.decimal("alpha", 1), values.decimal("beta", 0.75), values.decimal("k", 1)
    if values.word("norm_region", "ACROSS_CHANNELS") == "ACROSS_CHANNELS":
        return layers.of_channels(call.tracer, "lrn", x, 1, response_values(number, k, alpha, beta))
    # Written out, as Caffe computes it: x · (1 + α · mean of x² over the window)^−β.
    axes = _spatial(call)
    tracer = call.tracer
    powers = layers.in_place(tracer, "function", x, {"of": Word("square")})
    half = (number - 1) // 2
    windows = Windows((number,) * len(axes), (1,) * len(axes), [(half, half)] * len(axes))
    powers = layers.windowed(tracer, "avgpool", powers, windows)
    for name in ("mul", "add", "pow"):
        powers = layers.in_place(tracer, "function", powers, {"of": Word(name)})
    return joined(tracer, "mul", x, powers)


@operator("MVN")
def mvn(call: LayerCall) -> FollowedResults:
    """Normalisation to a mean of 0 and a variance of 1, of each channel or of all together."""
    values = call.parameter("mvn_param")
    if not values.flag("normalize_variance", True):
        call.remark("an MVN layer without normalize_variance is taken as one with it: it reads the same")
    if values.flag("across_channels"):
        x = call.x
        return layers.layer_normalised(call.tracer, x, len(x.lengths) - 1, None, None)
    _spatial(call)
    return layers.over_map(call.tracer, "in", call.x)


@operator("Normalize")
def normalize(call: LayerCall) -> FollowedResults:
    """SSD's L2 normalisation over the channels of each position, with learned factors."""
    values, x = call.parameter("norm_param"), call.x
    channels = x.lengths[1]
    if values.flag("across_spatial", True):
        shared = values.flag("channel_shared", True)
        size = call.learned(0, "weight", (1,) if shared else (channels,))
        return parts.opaque(call.tracer, call.layer.kind, [x], x.lengths, call.batch, [size])
    done = layers.of_channels(
        call.tracer, "lrn", x, 1, {"n": 2 * channels, "k": 0, "alpha": 1, "beta": exact(0.5)}
    )
    shared_values: dict[str, Value] = {"shared": True} if values.flag("channel_shared", True) else {}
    weight = call.learned(0, "weight", (channels,))
    return layers.of_channels(call.tracer, "scale", done, 1, shared_values, {"weight": weight.name})


@operator("ROIPooling")
def roi_pooling(call: LayerCall) -> FollowedResults:
    """Regions of a map, each brought to one size."""
    values, x, rois = call.parameter("roi_pooling_param"), call.x, call.bottom(1)
    _spatial(call)
    high, wide = (_count(call, values, name) for name in ("pooled_h", "pooled_w"))
    placed, leading = layers.slid(call.tracer, x)
    if leading or len(rois.lengths) < 2:
        call.fail(f"regions are numbers of each, five beside each other; {call.named_size(1)}")
    number = rois.lengths[0]
    given: dict[str, Value] = {"count": number, "size": per_axis([high, wide])}
    step = call.tracer.add("roipool", [placed.step], given)
    shape = call.tracer[step].shape
    base = tuple([digit(int(size)) for size in shape.sizes() if isinstance(size, int)])
    return TensorView(step, base, (base[0], base[-1], *base[1:-1]))
