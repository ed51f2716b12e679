"""Convolutions, pooling, normalisation, products with weights."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.importers.onnx.call import NodeCall, NodeResults, NodeTensor, operator
from rfcalc.importers.tracing import layers, parts
from rfcalc.importers.tracing.elementwise import with_constant
from rfcalc.importers.tracing.idioms import exact
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import Windows
from rfcalc.importers.tracing.products import Scores, named_product, product, times_weights
from rfcalc.importers.tracing.views import TensorView
from rfcalc.ops.attributes import Value

_AUTOMATIC = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": "valid"}


def _windows(call: NodeCall, kernel: list[int]) -> Windows:
    """How the windows of a node slide."""
    axes = len(kernel)
    automatic = call.word("auto_pad", "NOTSET")
    pads = call.ints("pads") or [0] * (2 * axes)
    if len(pads) != 2 * axes:
        raise call.fail(f"{len(pads)} pads for {axes} axes")
    padding = _AUTOMATIC.get(automatic) or list(zip(pads[:axes], pads[axes:], strict=True))
    stride, dilation = (call.ints(name) or [1] * axes for name in ("strides", "dilations"))
    return Windows(tuple(kernel), tuple(stride), padding, tuple(dilation))


def convolution(call: NodeCall, x: TensorView, weight: Known, bias: Known | None) -> TensorView:
    """A convolution by the attributes of a node."""
    if len(weight.lengths) != len(x.dimensions) or len(weight.lengths) < 3:
        raise call.fail(f"the weight is {weight.lengths}, for an input of {x.lengths}")
    windows = _windows(call, list(weight.lengths[2:]))
    return layers.convolved(call.tracer, x, weight, bias, windows, call.integer("group", 1))


@operator("Conv")
def conv(call: NodeCall) -> NodeResults:
    """Convolution."""
    return convolution(call, call.view(0), call.known(1), call.optional(2))


@operator("ConvInteger")
def conv_integer(call: NodeCall) -> NodeResults:
    """Convolution of integers."""
    return convolution(call, call.view(0), call.known(1), None)


@operator("QLinearConv")
def quantised_conv(call: NodeCall) -> NodeResults:
    """Convolution of quantised tensors."""
    return convolution(call, call.view(0), call.known(3), call.optional(8))


@operator("ConvTranspose")
def conv_transpose(call: NodeCall) -> NodeResults:
    """Transposed convolution; pads follow from the output's size where that is given."""
    x, weight = call.view(0), call.known(1)
    kernel = list(weight.lengths[2:])
    windows = _windows(call, kernel)
    extra = call.ints("output_padding") or [0] * len(kernel)
    wanted, word = call.ints("output_shape"), windows.padding
    if wanted is not None or word in ("same", "same_lower"):
        sizes = x.lengths[2:]
        wanted = (wanted or [n * s for n, s in zip(sizes, windows.stride, strict=True)])[-len(kernel) :]
        pads = []
        for n, f, s, r, e, m in zip(
            sizes, kernel, windows.stride, windows.dilation, extra, wanted, strict=True
        ):
            total = max(s * (n - 1) + e + (f - 1) * r + 1 - m, 0)
            half = total // 2 if word == "same" else total - total // 2
            pads.append((half, total - half))
        windows = windows._replace(padding=pads)
    return layers.deconvolved(
        call.tracer, x, weight, call.optional(2), windows, call.integer("group", 1), extra
    )


@operator("MaxPool")
def max_pool(call: NodeCall) -> NodeResults:
    """Max pooling by windows; the indices of maxima are not followed."""
    return [pooled(call, call.view(0), "maxpool"), None]


@operator("AveragePool")
def average_pool(call: NodeCall) -> NodeResults:
    """Average pooling by windows."""
    return pooled(call, call.view(0), "avgpool")


def pooled(call: NodeCall, x: TensorView, name: str) -> TensorView:
    """Pooling by the attributes of a node."""
    kernel = call.ints("kernel_shape") or []
    if len(kernel) != len(x.dimensions) - 2:
        raise call.fail(f"a kernel of {len(kernel)} axes for an input of {x.lengths}")
    windows = _windows(call, kernel)
    values: dict[str, Value] = {"ceil": True} if call.integer("ceil_mode", 0) else {}
    pads = isinstance(windows.padding, str) or any(map(any, windows.padding))
    if name == "avgpool" and pads and not call.integer("count_include_pad", 0):
        values["count_include_pad"] = False
    return layers.windowed(call.tracer, name, x, windows, values)


@operator("GlobalAveragePool", "GlobalMaxPool")
def global_pool(call: NodeCall) -> NodeResults:
    """Pooling of whole maps."""
    x = call.view(0)
    if len(x.dimensions) < 3:
        raise call.fail(f"expected examples, channels and axes, got {x.lengths}")
    name = "globalavgpool" if "Average" in call.node.operator else "globalmaxpool"
    other = "reducemean" if "Average" in call.node.operator else "reducemax"
    return layers.reduced(call.tracer, x, range(2, len(x.dimensions)), name, other, keep=True)


def _affine(weight: Known | None, bias: Known | None) -> tuple[Known | None, Known | None]:
    """The factors and offsets that are learned.

    Those that are all 1 and all 0 are constants of an exporter, unless they are called as those of a module
    are: then nothing has been learned yet.
    """
    if weight is None or bias is None or "." in weight.name + bias.name:
        return weight, bias
    if set(weight.values or ()) == {1} and set(bias.values or ()) == {0}:
        return None, None
    return weight, bias


@operator("BatchNormalization")
def batch_norm(call: NodeCall) -> NodeResults:
    """Batch normalisation with its running statistics."""
    weight, bias = _affine(call.optional(1), call.optional(2))
    values: dict[str, Value] = {} if weight else {"affine": False}
    learned = {"weight": weight.name, "bias": bias.name if bias else ""} if weight else {}
    x = call.view(0)
    return [
        layers.of_channels(call.tracer, "bn", x, min(1, len(x.dimensions) - 1), values, learned),
        *[None] * 4,
    ]


@operator("InstanceNormalization")
def instance_norm(call: NodeCall) -> NodeResults:
    """Instance normalisation."""
    return layers.instance_normalised(call.tracer, call.view(0), *_affine(call.optional(1), call.optional(2)))


@operator("GroupNormalization")
def group_norm(call: NodeCall) -> NodeResults:
    """Group normalisation; before version 21 with a factor for each group."""
    weight, bias = _affine(call.optional(1), call.optional(2))
    return layers.group_normalised(call.tracer, call.view(0), call.integer("num_groups", 1), weight, bias)


@operator("LayerNormalization")
def layer_norm(call: NodeCall) -> NodeResults:
    """Layer normalisation over the last dimensions."""
    x = call.view(0)
    rank = len(x.dimensions)
    weight, bias = _affine(call.optional(1), call.optional(2))
    done = layers.layer_normalised(call.tracer, x, rank - call.axis(-1, rank), weight, bias)
    return [done, None, None]


@operator("LRN")
def lrn(call: NodeCall) -> NodeResults:
    """Local response normalisation; ONNX divides alpha by the number of channels."""
    size = call.integer("size", 1)
    values: dict[str, Value] = {
        "n": size,
        "k": exact(call.decimal("bias", 1.0)),
        "alpha": exact(call.decimal("alpha", 1e-4) / size),
        "beta": exact(call.decimal("beta", 0.75)),
    }
    return layers.of_channels(call.tracer, "lrn", call.view(0), 1, values)


@operator("Gemm")
def gemm(call: NodeCall) -> NodeResults:
    """A product of matrices with a sum."""
    one, two = call.tensor(0), call.tensor(1)
    if isinstance(one, Known) or not isinstance(two, Known):
        raise call.fail("expected a tensor that depends on the input times weights")
    x = call.as_view(one)
    if call.integer("transA", 0):
        x = x.permuted([1, 0])
    out_first = bool(call.integer("transB", 0))
    done: NodeTensor = times_weights(call.tracer, x, two, out_first=out_first)
    return added(call, done, call.optional(2))


@operator("MatMul", "MatMulInteger")
def matmul(call: NodeCall) -> NodeResults:
    """A product of matrices."""
    return product_of(call, call.tensor(0), call.tensor(1))


@operator("QLinearMatMul")
def quantised_matmul(call: NodeCall) -> NodeResults:
    """A product of quantised matrices."""
    return product_of(call, call.tensor(0), call.tensor(3))


def added(call: NodeCall, x: NodeTensor, bias: Known | None) -> NodeTensor:
    """A tensor with a bias, where there is one."""
    return x if bias is None or not isinstance(x, TensorView) else with_constant(call.tracer, "add", x, bias)


def product_of(call: NodeCall, one: NodeTensor, two: NodeTensor) -> NodeTensor:
    """The matrix product of two tensors, of which one may be weights."""
    if isinstance(two, Known) and not isinstance(one, Known):
        x = call.as_view(one)
        if len(two.lengths) == 1:
            column = two._replace(lengths=(*two.lengths, 1))
            done = times_weights(call.tracer, x, column, out_first=False)
            return done.without(len(done.dimensions) - 1)
        if len(two.lengths) != 2:
            return product(call.tracer, x, call.as_view(two))
        return times_weights(call.tracer, x, two, out_first=False)
    if isinstance(one, Known) and not isinstance(two, Known):
        x = call.as_view(two)
        rank = len(x.dimensions)
        if len(one.lengths) != 2 or rank < 2:
            return product(call.tracer, call.as_view(one), x)
        order = [*range(rank - 2), rank - 1, rank - 2]
        return times_weights(call.tracer, x.permuted(order), one, out_first=True).permuted(order)
    if isinstance(one, Known) or isinstance(two, Known):
        raise call.fail("a product of two constants that are not known")
    return product(call.tracer, one, two)


@operator("Resize", "Upsample")
def resize(call: NodeCall) -> NodeResults:
    """Resampling of the axes."""
    x = call.view(0)
    rank = len(x.dimensions)
    mode = call.word("mode", "nearest")
    old = call.node.operator == "Upsample" or call.version < 11
    scales_at, sizes_at = (1, 9) if old else (2, 3)
    scales, sizes = call.optional(scales_at), call.numbers(sizes_at)
    factors = (
        [float(one) for one in scales.values]
        if scales is not None and scales.values
        else [float(one) for one in _floats(call, "scales")]
    )
    if sizes is None and len(factors) != rank:
        raise call.fail(f"expected a factor or a size for each of {rank} dimensions")
    axes = call.ints("axes")
    if axes is not None:
        raise call.fail("resampling of chosen axes is not read")
    if sizes is None:
        sizes = [int(n * f) for n, f in zip(x.lengths, factors, strict=True)]
    if tuple(sizes[:2]) != x.lengths[:2]:
        raise call.fail(f"examples and channels cannot be resampled: {x.lengths} to {tuple(sizes)}")
    ours, align = _method(call, mode, old)
    if tuple(sizes) == x.lengths:
        return x
    scale = None
    if factors and len(factors) == rank:
        scale = _factors(x.lengths[2:], factors[2:], sizes[2:])
    return parts.resampled(call.tracer, x, sizes[2:], scale, ours, align_corners=align)


def _factors(lengths: Sequence[int], factors: Sequence[float], sizes: Sequence[int]) -> list[Value] | None:
    """The factors as exact numbers; None where these would give other sizes."""
    if all(one.is_integer() for one in factors):
        return [int(one) for one in factors]
    from fractions import Fraction

    found = [Fraction(one).limit_denominator(1000) for one in factors]
    if any(n * f // 1 != m for n, f, m in zip(lengths, found, sizes, strict=True)):
        return None
    return list(found)


def _floats(call: NodeCall, name: str) -> list[float]:
    found = call.node.attributes.get(name)
    return [float(one) for one in found if isinstance(one, int | float)] if isinstance(found, tuple) else []


def _method(call: NodeCall, mode: str, old: bool) -> tuple[str, bool]:
    """The interpolation of the language, and whether the corners coincide."""
    where = call.word("coordinate_transformation_mode", "asymmetric" if old else "half_pixel")
    if call.integer("antialias", 0):
        raise call.fail("resampling with antialiasing has no layer in the language")
    if mode == "nearest":
        rounding = call.word("nearest_mode", "floor" if old else "round_prefer_floor")
        if where == "asymmetric" and rounding == "floor":
            return "nearest", False
        if where.endswith("half_pixel") and rounding.startswith("round"):
            return "nearest_exact", False
    elif mode in ("linear", "bilinear", "cubic"):
        ours = "bicubic" if mode == "cubic" else "bilinear"
        if where in ("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric"):
            return ours, False
        if where == "align_corners":
            return ours, True
    raise call.fail(f"resampling by {mode} with coordinates of {where} has no layer in the language")


@operator("DepthToSpace", "SpaceToDepth")
def depth_to_space(call: NodeCall) -> NodeResults:
    """Channels to space and back: a reshape and a transposition."""
    x = call.view(0)
    r = call.integer("blocksize", 1)
    n, c, h, w = x.lengths
    if call.node.operator == "SpaceToDepth":
        parted = parts.reshaped(call.tracer, x, (n, c, h // r, r, w // r, r))
        return parts.reshaped(
            call.tracer, parted.permuted([0, 3, 5, 1, 2, 4]), (n, c * r * r, h // r, w // r)
        )
    if call.word("mode", "DCR") == "DCR":
        parted = parts.reshaped(call.tracer, x, (n, r, r, c // (r * r), h, w)).permuted([0, 3, 4, 1, 5, 2])
    else:
        parted = parts.reshaped(call.tracer, x, (n, c // (r * r), r, r, h, w)).permuted([0, 1, 4, 2, 5, 3])
    return parts.reshaped(call.tracer, parted, (n, c // (r * r), h * r, w * r))


@operator("Softmax", "LogSoftmax")
def softmax(call: NodeCall) -> NodeResults:
    """A softmax over a dimension, before version 13 over it and all behind it."""
    x = call.tensor(0)
    rank = len(x.lengths)
    axis = call.axis(-1 if call.version >= 13 else 1, rank)
    if isinstance(x, Scores) and not x.weighted and axis == rank - (2 if x.flipped else 1):
        return x._replace(weighted=True)
    view = call.as_view(x)
    if call.version < 13:
        behind = [place for place in range(axis, rank) if view.own(place)]
        if len(behind) == 1:
            axis = behind[0]
        elif behind:
            flat = parts.reshaped(call.tracer, view, (*view.lengths[:axis], -1))
            return parts.reshaped(call.tracer, parts.softmax(call.tracer, flat, axis), view.lengths)
    return parts.softmax(call.tracer, view, axis)


@operator("Einsum")
def einsum(call: NodeCall) -> NodeResults:
    """A product of two tensors that is one of matrices, their dimensions named."""
    if len(call.operands) != 2:
        raise call.fail("a product of other than two tensors is not read")
    one, two = (one if isinstance(one, Scores) else call.as_view(one) for one in map(call.tensor, (0, 1)))
    return named_product(call.tracer, call.word("equation", ""), one, two)
