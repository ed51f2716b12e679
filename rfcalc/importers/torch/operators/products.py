"""Products of matrices, and attention."""

from __future__ import annotations

from rfcalc.importers.torch.call import Following, operator
from rfcalc.importers.tracing.attention import Scores, attention, attention_of_heads
from rfcalc.importers.tracing.elementwise import joined, with_constant
from rfcalc.importers.tracing.elementwise import learned as learned_tensor
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import multiplied
from rfcalc.importers.tracing.products import matrix_product, named_product
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView


@operator("linear")
def linear(call: Following) -> FollowedResults:
    """The last dimension times a matrix of weights."""
    weight, bias = call.weight("weight"), call.known("bias")
    return _linear(call, call.view(), weight, bias)


def _linear(call: Following, x: TensorView, weight: Known, bias: Known | None) -> TensorView:
    learned = {"weight": weight.identity}
    if bias is not None and len(bias.parts) > 1 and sum(size for _, size in bias.parts) != bias.size:
        # Learned parts and constants one behind the other.
        done = multiplied(call.tracer, x, weight.lengths[0], learned, bias=False)
        return joined(call.tracer, "add", done, learned_tensor(call.tracer, bias, done))
    if bias is not None:
        learned["bias"] = bias.name
    return multiplied(call.tracer, x, weight.lengths[0], learned, bias=bias is not None)


@operator("matmul", "bmm", "mm", "rmatmul", "imatmul")
def matmul(call: Following) -> FollowedResults:
    """A product of matrices."""
    one, two = call.first(), call.a_tensor(call.get("other", "mat2"))
    return matrix_product(call.tracer, *((two, one) if call.call.function == "rmatmul" else (one, two)))


@operator("addmm", "baddbmm")
def addmm(call: Following) -> FollowedResults:
    """A product of matrices and a sum."""
    bias = call.first()
    factors = (call.a_tensor(call.get(*names)) for names in (("mat1", "batch1"), ("mat2", "batch2")))
    done = matrix_product(call.tracer, *factors)
    if isinstance(bias, Known) and isinstance(done, TensorView):
        return with_constant(call.tracer, "add", done, bias)
    if isinstance(bias, Known) and isinstance(done, Scores):
        return done._replace(biases=(*done.biases, bias)) if bias.learned else done
    raise call.fail("a sum with a tensor that depends on the input is not read here")


@operator("einsum")
def einsum(call: Following) -> FollowedResults:
    """A product of two tensors that is one of matrices, their dimensions named."""
    given = call.get("tensors", "operands", "1")
    tensors = [call.a_tensor(one) for one in given] if isinstance(given, tuple) else []
    return named_product(call.tracer, call.word("", "equation", "0"), tensors)


@operator("scaled_dot_product_attention")
def dot_product_attention(call: Following) -> FollowedResults:
    """Attention of queries, keys and values; a mask that depends on nothing hides positions only."""
    query, key, value = (call.as_view(call.a_tensor(call.get(name))) for name in ("query", "key", "value"))
    mask = call.get("attn_mask")
    biases = (mask,) if isinstance(mask, Known) and mask.learned else ()
    return attention(call.tracer, Scores(query, key, weighted=True, biases=biases), value)


@operator("multi_head_attention_forward")
def multi_head_attention(call: Following) -> FollowedResults:
    """Attention with the projections of its module; positions, examples and channels."""
    query, key, value = (call.as_view(call.a_tensor(call.get(name))) for name in ("query", "key", "value"))
    heads = call.integer(1, "num_heads")
    packed, bias = call.known("in_proj_weight"), call.known("in_proj_bias")
    output = call.weight("out_proj_weight")
    output_bias = call.known("out_proj_bias")
    separate = [call.known(f"{name}_proj_weight") for name in ("q", "k", "v")]
    projected = []
    for place, (x, own) in enumerate(zip((query, key, value), separate, strict=True)):
        weight = own if packed is None or own is not None else _third(packed, place)
        if weight is None:
            raise call.fail("the weights of a projection are missing")
        part = _third(bias, place) if bias is not None else None
        projected.append(_linear(call, x, weight, part).permuted([1, 0, 2]))
    mixed = attention_of_heads(call.tracer, projected, [heads] * 3).permuted([1, 0, 2])
    return [_linear(call, mixed, output, output_bias), None]


def _third(packed: Known, place: int) -> Known:
    """One of three tensors that stand one behind the other."""
    size = packed.lengths[0] // 3
    return packed._replace(lengths=(size, *packed.lengths[1:]), name=f"{packed.name}[{place}]", values=None)
