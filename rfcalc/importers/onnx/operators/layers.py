"""Convolutions, pooling, normalisation, products with weights."""

from __future__ import annotations

import math

from rfcalc.importers.onnx.call import NodeCall, operator
from rfcalc.importers.tracing import layers, parts, products
from rfcalc.importers.tracing.attention import FollowedTensor, Scores, attention, attention_of_heads
from rfcalc.importers.tracing.elementwise import joined, layer_normalised, with_constant
from rfcalc.importers.tracing.idioms import response_values
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import Windows
from rfcalc.importers.tracing.products import exchanged, matrix_product, named_product
from rfcalc.importers.tracing.results import FollowedResults
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
def conv(call: NodeCall) -> FollowedResults:
    """Convolution."""
    return convolution(call, call.view(0), call.known(1), call.optional(2))


@operator("ConvInteger")
def conv_integer(call: NodeCall) -> FollowedResults:
    """Convolution of integers."""
    return convolution(call, call.view(0), call.known(1), None)


@operator("QLinearConv")
def quantised_conv(call: NodeCall) -> FollowedResults:
    """Convolution of quantised tensors."""
    return convolution(call, call.view(0), call.known(3), call.optional(8))


@operator("ConvTranspose")
def conv_transpose(call: NodeCall) -> FollowedResults:
    """Transposed convolution; pads follow from the output's size where that is given."""
    x, weight = call.view(0), call.known(1)
    kernel = list(weight.lengths[2:])
    windows = _windows(call, kernel)
    extra = call.ints("output_padding") or [0] * len(kernel)
    wanted, word = call.ints("output_shape"), windows.padding
    if wanted is not None or word in ("same", "same_lower"):
        sizes = x.lengths[2:]
        wanted = (wanted or [n * s for n, s in zip(sizes, windows.stride, strict=True)])[-len(kernel) :]
        pads, longer = [], []
        for n, f, s, r, e, m in zip(
            sizes, kernel, windows.stride, windows.dilation, extra, wanted, strict=True
        ):
            total = s * (n - 1) + e + (f - 1) * r + 1 - m
            longer.append(e + max(-total, 0))
            total = max(total, 0)
            half = total // 2 if word == "same" else total - total // 2
            pads.append((half, total - half))
        windows, extra = windows._replace(padding=pads), longer
    return layers.deconvolved(
        call.tracer, x, weight, call.optional(2), windows, call.integer("group", 1), extra
    )


@operator("DeformConv")
def deform_conv(call: NodeCall) -> FollowedResults:
    """Deformable convolution; offsets, and a factor for each tap where there are such."""
    x, weight, offsets, bias = call.view(0), call.known(1), call.view(2), call.optional(3)
    if len(weight.lengths) != len(x.dimensions) or len(weight.lengths) < 3:
        raise call.fail(f"the weight is {weight.lengths}, for an input of {x.lengths}")
    if call.given(4):
        offsets = parts.concatenated(call.tracer, [offsets, call.view(4)], 1)
    values: dict[str, Value] = {
        "groups": call.integer("group", 1),
        "offset_groups": call.integer("offset_group", 1),
        "modulated": call.given(4),
    }
    return layers.deformed(
        call.tracer, x, offsets, weight, bias, _windows(call, list(weight.lengths[2:])), values
    )


@operator("MaxPool")
def max_pool(call: NodeCall) -> FollowedResults:
    """Max pooling by windows; the indices of maxima are not followed."""
    return [pooled(call, call.view(0), "maxpool"), None]


@operator("AveragePool")
def average_pool(call: NodeCall) -> FollowedResults:
    """Average pooling by windows."""
    return pooled(call, call.view(0), "avgpool")


def pooled(call: NodeCall, x: TensorView, name: str) -> TensorView:
    """Pooling by the attributes of a node."""
    kernel = call.ints("kernel_shape") or []
    if len(kernel) != len(x.dimensions) - 2:
        raise call.fail(f"a kernel of {len(kernel)} axes for an input of {x.lengths}")
    windows = _windows(call, kernel)
    values: dict[str, Value] = {"ceil": True} if call.integer("ceil_mode", 0) else {}
    if name == "avgpool" and windows.pads and not call.integer("count_include_pad", 0):
        values["count_include_pad"] = False
    return layers.windowed(call.tracer, name, x, windows, values)


@operator("GlobalAveragePool", "GlobalMaxPool")
def global_pool(call: NodeCall) -> FollowedResults:
    """Pooling of whole maps."""
    x = call.view(0)
    if len(x.dimensions) < 3:
        raise call.fail(f"expected examples, channels and axes, got {x.lengths}")
    kind = "mean" if "Average" in call.node.operator else "max"
    return layers.reduced(call.tracer, x, range(2, len(x.dimensions)), kind, keep=True)


def _affine(weight: Known | None, bias: Known | None) -> tuple[Known | None, Known | None]:
    """The factors and offsets that are learned.

    Those that are all 1 and all 0 are constants of an exporter, unless they are called as those of a module
    are: then nothing has been learned yet.
    """
    if weight is None or bias is None:
        return weight, bias
    if any(mark in one.name for one in (weight, bias) for mark in (".", ":0", "gamma")):
        return weight, bias
    if set(weight.values or ()) == {1} and set(bias.values or ()) == {0}:
        return None, None
    return weight, bias


@operator("BatchNormalization")
def batch_norm(call: NodeCall) -> FollowedResults:
    """Batch normalisation with its running statistics."""
    weight, bias = _affine(call.optional(1), call.optional(2))
    given = {"weight": weight, "bias": bias} if weight else {}
    # What is computed, and is not stored, is not learned.
    fixed = [name for name, one in given.items() if one and not one.learned and one.size > 1]
    learned = {name: one.name if one else "" for name, one in given.items() if name not in fixed}
    values: dict[str, Value] = (
        dict.fromkeys(fixed if learned else ["affine"], False) if fixed or not weight else {}
    )
    x = call.view(0)
    return [
        layers.of_channels(call.tracer, "bn", x, min(1, len(x.dimensions) - 1), values, learned),
        *[None] * 4,
    ]


@operator("InstanceNormalization")
def instance_norm(call: NodeCall) -> FollowedResults:
    """Instance normalisation."""
    return layers.instance_normalised(call.tracer, call.view(0), *_affine(call.optional(1), call.optional(2)))


@operator("GroupNormalization")
def group_norm(call: NodeCall) -> FollowedResults:
    """Group normalisation; before version 21 with a factor for each group."""
    weight, bias = _affine(call.optional(1), call.optional(2))
    x, groups = call.view(0), call.integer("num_groups", 1)
    if call.version >= 21 or weight is None or weight.size != groups:
        return layers.group_normalised(call.tracer, x, groups, weight, bias)
    done = layers.group_normalised(call.tracer, x, groups, None, None)
    apart = parts.reshaped(call.tracer, done, (x.lengths[0], groups, x.lengths[1] // groups, *x.lengths[2:]))
    for name, one in (("mul", weight), ("add", bias)):
        if one is not None:
            of_groups = one._replace(lengths=(groups, *[1] * (len(apart.lengths) - 2)))
            apart = with_constant(call.tracer, name, apart, of_groups)
    return parts.reshaped(call.tracer, apart, x.lengths)


@operator("LayerNormalization")
def layer_norm(call: NodeCall) -> FollowedResults:
    """Layer normalisation over the last dimensions."""
    x = call.view(0)
    rank = len(x.dimensions)
    weight, bias = _affine(call.optional(1), call.optional(2))
    done = layer_normalised(call.tracer, x, rank - call.axis(-1, rank), weight, bias)
    return [done, None, None]


@operator("LRN")
def lrn(call: NodeCall) -> FollowedResults:
    """Local response normalisation."""
    k, alpha, beta = call.decimal("bias", 1.0), call.decimal("alpha", 1e-4), call.decimal("beta", 0.75)
    values = response_values(call.integer("size", 1), k, alpha, beta)
    return layers.of_channels(call.tracer, "lrn", call.view(0), 1, values)


@operator("Gemm")
def gemm(call: NodeCall) -> FollowedResults:
    """A product of matrices with a sum."""
    one, two = call.tensor(0), call.tensor(1)
    if call.integer("transA", 0):
        one = exchanged(call.tracer, one)
    if call.integer("transB", 0):
        two = exchanged(call.tracer, two)
    done = product_of(call, one, two)
    if call.given(2) and not isinstance(call.tensor(2), Known):
        return joined(call.tracer, "add", call.as_view(done), call.view(2))
    return added(call, done, call.optional(2))


@operator("MatMul", "MatMulInteger")
def matmul(call: NodeCall) -> FollowedResults:
    """A product of matrices."""
    return product_of(call, call.tensor(0), call.tensor(1))


@operator("QLinearMatMul")
def quantised_matmul(call: NodeCall) -> FollowedResults:
    """A product of quantised matrices."""
    return product_of(call, call.tensor(0), call.tensor(3))


def added(call: NodeCall, x: FollowedTensor, bias: Known | None) -> FollowedTensor:
    """A tensor with a bias, where there is one."""
    return x if bias is None or not isinstance(x, TensorView) else with_constant(call.tracer, "add", x, bias)


def product_of(call: NodeCall, one: FollowedTensor, two: FollowedTensor) -> FollowedTensor:
    """The matrix product of two tensors, of which one may be weights."""
    if isinstance(one, Known) and isinstance(two, Known):
        raise call.fail("a product of two constants that are not known")
    return matrix_product(call.tracer, one, two)


@operator("Softmax", "LogSoftmax")
def softmax(call: NodeCall) -> FollowedResults:
    """A softmax over a dimension, before version 13 over it and all behind it."""
    x = call.tensor(0)
    rank = len(x.lengths)
    axis = call.axis(-1 if call.version >= 13 else 1, rank)
    if call.version < 13 and axis < rank - 1:
        view = call.as_view(x)
        behind = [place for place in range(axis, rank) if view.own(place)]
        if len(behind) > 1:
            flat = parts.reshaped(call.tracer, view, (*view.lengths[:axis], math.prod(view.lengths[axis:])))
            return parts.reshaped(call.tracer, parts.softmax(call.tracer, flat, axis), view.lengths)
        return parts.softmax(call.tracer, view, behind[0] if behind else axis)
    return products.softmax(call.tracer, x, axis)


@operator("Attention")
def attended(call: NodeCall) -> FollowedResults:
    """Attention of queries, keys and values, whose heads stand apart or side by side."""
    query, key, value = operands = [call.view(place) for place in (0, 1, 2)]
    if len(query.dimensions) == 4:
        return [attention(call.tracer, Scores(query, key, weighted=True), value), *[None] * 3]
    heads, others = call.integer("q_num_heads", 1), call.integer("kv_num_heads", 1)
    return [attention_of_heads(call.tracer, operands, (heads, others, others)), *[None] * 3]


@operator("Einsum")
def einsum(call: NodeCall) -> FollowedResults:
    """A product of two tensors that is one of matrices, their dimensions named."""
    tensors = [call.tensor(place) for place in range(len(call.operands))]
    return named_product(call.tracer, call.word("equation", ""), tensors)
