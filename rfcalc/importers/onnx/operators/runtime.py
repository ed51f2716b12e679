"""Operators of ONNX Runtime (`com.microsoft`): layers fused into one, and layers of quantised tensors."""

from __future__ import annotations

from rfcalc.importers.onnx.call import NodeCall, operator
from rfcalc.importers.onnx.operators.elements import activated, join_of
from rfcalc.importers.onnx.operators.layers import added, convolution, pooled, product_of
from rfcalc.importers.tracing import layers, parts
from rfcalc.importers.tracing.attention import FollowedTensor, attention_of_heads
from rfcalc.importers.tracing.elementwise import joined, layer_normalised
from rfcalc.importers.tracing.layers import in_place
from rfcalc.importers.tracing.products import exchanged, times_weights
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView

_JOINS = {"com.microsoft::QLinearAdd": "add", "com.microsoft::QLinearMul": "mul"}
_SAME_FUNCTION = {
    "com.microsoft::QLinearLeakyRelu": "LeakyRelu",
    "com.microsoft::QLinearSigmoid": "Sigmoid",
}


@operator("com.microsoft::FusedConv", "com.microsoft::NhwcFusedConv")
def fused_conv(call: NodeCall) -> FollowedResults:
    """A convolution and the activation behind it."""
    x = call.view(0)
    last = call.node.operator.endswith("NhwcFusedConv")
    if last:
        x = _channels_first(x)
    done = convolution(call, x, call.known(1), call.optional(2))
    if call.given(3):
        done = joined(call.tracer, "add", done, call.view(3))
    return activated(call, _channels_last(done) if last else done, call.word("activation", "Relu"))


def _channels_first(x: TensorView) -> TensorView:
    rank = len(x.dimensions)
    return x.permuted([0, rank - 1, *range(1, rank - 1)])


def _channels_last(x: TensorView) -> TensorView:
    rank = len(x.dimensions)
    return x.permuted([0, *range(2, rank), 1])


@operator("com.microsoft::FusedGemm", "com.microsoft::FusedMatMul")
def fused_product(call: NodeCall) -> FollowedResults:
    """A product of matrices, and the sum or the activation behind it."""
    one, two = call.tensor(0), call.tensor(1)
    if call.integer("transA", 0):
        one = exchanged(call.tracer, one)
    if call.integer("transB", 0):
        two = exchanged(call.tracer, two)
    done = added(call, product_of(call, one, two), call.optional(2))
    name = call.word("activation", "")
    return activated(call, call.as_view(done), name) if name else done


@operator("com.microsoft::BiasGelu")
def bias_gelu(call: NodeCall) -> FollowedResults:
    """A bias, then GELU."""
    return in_place(call.tracer, "gelu", call.as_view(added(call, call.view(0), call.known(1))))


@operator("com.microsoft::SkipLayerNormalization")
def skip_layer_norm(call: NodeCall) -> FollowedResults:
    """A sum, then layer normalisation of it."""
    total: FollowedTensor = joined(call.tracer, "add", call.view(0), call.view(1))
    total = call.as_view(added(call, total, call.optional(4)))
    done = layer_normalised(call.tracer, total, 1, call.optional(2), call.optional(3))
    return [done, None, None, total]


@operator("com.microsoft::MultiHeadAttention")
def multi_head_attention(call: NodeCall) -> FollowedResults:
    """Attention of heads, of queries, keys and values that are projected already."""
    heads = call.integer("num_heads", 1)
    operands = [call.view(place) for place in (0, 1, 2)]
    return [attention_of_heads(call.tracer, operands, [heads] * 3), None, None]


@operator("com.microsoft::Attention")
def projected_attention(call: NodeCall) -> FollowedResults:
    """Attention of heads with one projection to queries, keys and values."""
    heads = call.integer("num_heads", 1)
    packed = call.as_view(
        added(call, times_weights(call.tracer, call.view(0), call.known(1)), call.optional(2))
    )
    channels = packed.lengths[-1]
    operands = parts.cut(call.tracer, packed, 2, [channels // 3] * 3)
    return [attention_of_heads(call.tracer, operands, [heads] * 3), None]


@operator(*_JOINS)
def quantised_join(call: NodeCall) -> FollowedResults:
    """Quantised tensors joined element by element."""
    return join_of(call, _JOINS[call.node.operator], call.tensor(0), call.tensor(3))


@operator("com.microsoft::QLinearConcat")
def quantised_concat(call: NodeCall) -> FollowedResults:
    """Quantised tensors one behind the other."""
    views = [call.view(place) for place in range(2, len(call.operands), 3)]
    return parts.concatenated(call.tracer, views, call.axis(1, len(views[0].dimensions)))


@operator("com.microsoft::QLinearGlobalAveragePool")
def quantised_global_pool(call: NodeCall) -> FollowedResults:
    """Global average pooling of a quantised map."""
    x = call.view(0)
    rank = len(x.dimensions)
    axes = range(1, rank - 1) if call.integer("channels_last", 0) else range(2, rank)
    return layers.reduced(call.tracer, x, axes, "mean", keep=True)


@operator("com.microsoft::QLinearAveragePool")
def quantised_pool(call: NodeCall) -> FollowedResults:
    """Average pooling of a quantised map."""
    return pooled(call, call.view(0), "avgpool")


@operator(*_SAME_FUNCTION)
def quantised_function(call: NodeCall) -> FollowedResults:
    """An activation of quantised numbers."""
    return activated(call, call.view(0), _SAME_FUNCTION[call.node.operator])


@operator("com.microsoft::QLinearSoftmax")
def quantised_softmax(call: NodeCall) -> FollowedResults:
    """A softmax of quantised numbers."""
    x = call.view(0)
    return parts.softmax(call.tracer, x, call.axis(-1, len(x.dimensions)))


@operator("com.microsoft::QGemm")
def quantised_gemm(call: NodeCall) -> FollowedResults:
    """A product of quantised matrices with a sum."""
    weight = exchanged(call.tracer, call.known(3)) if call.integer("transB", 0) else call.known(3)
    return added(call, product_of(call, call.tensor(0), weight), call.optional(6))
