"""Attention, with projections and without."""

from __future__ import annotations

from math import prod

from rfcalc.importers.keras.call import LayerFollowing, layer
from rfcalc.importers.keras.config import TensorReference
from rfcalc.importers.tracing import products
from rfcalc.importers.tracing.attention import Scores, settled
from rfcalc.importers.tracing.attention import attention as attended
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView, digit
from rfcalc.ops.attributes import Value, Word


def _operands(call: LayerFollowing, names: tuple[str, ...]) -> list[TensorView]:
    """Queries, values and keys, by their names or in that order; what is left out is the one before it."""
    found: list[TensorView | None] = []
    for place, name in enumerate(names):
        given = call.named.get(name)
        if isinstance(given, TensorReference):
            found.append(settled(call.tracer, call.tensor_of(given)))
        elif place < call.positional:
            found.append(call.view(place))
        else:
            found.append(None)
    if found[0] is None:
        found[0] = call.view()
    for place in range(1, len(found)):
        found[place] = found[place] or found[place - 1]
    return [one for one in found if one is not None]


def _positions(call: LayerFollowing, x: TensorView) -> TensorView:
    if not 3 <= len(x.dimensions) <= 5:
        raise call.fail(f"it works on 3 dimensions or more, the tensor is {call.sizes(x)}")
    x = call.tracer.spelled(x)
    last = len(x.dimensions) - 1
    return call.tracer.by_dimension(x, last, range(1, last), in_order=True)


@layer("MultiHeadAttention")
def multi_head(call: LayerFollowing) -> FollowedResults:
    """Multi-head attention with its projections."""
    query, value, key = _operands(call, ("query", "value", "key"))
    heads, inner = call.integer("num_heads"), call.integer("key_dim")
    width = call.integer("value_dim", default=inner)
    channels = query.lengths[-1]
    shape = call.entry("output_shape")
    out = channels
    if shape is not None:
        items = shape.items or (shape,)
        out = prod(call.whole(one, "output_shape") for one in items)
    axes = call.entry("attention_axes")
    if axes is not None:
        items = axes.items or (axes,)
        chosen = {call.axis(call.whole(one, "attention_axes", -8), query, one) for one in items}
        if chosen != set(range(1, len(query.dimensions) - 1)):
            raise call.fail("attention along some of the axes alone is not read", axes)
    values: dict[str, Value] = {}
    if heads != 1:
        values["heads"] = heads
    if heads * inner != channels:
        values["key_channels"] = heads * inner
    if width != inner:
        values["value_channels"] = heads * width
    if out != channels:
        values["out_channels"] = out
    if not call.flag("use_bias", default=True):
        values["bias"] = False
    placed = [_positions(call, one) for one in (query, key, value)]
    steps = [one.step for one in placed]
    if len(set(steps)) == 1:
        steps = steps[:1]
    elif steps[1] == steps[2]:
        steps = steps[:2]
    step = call.tracer.add("attention", steps, values, {"weight": f"{call.path}/query"})
    fresh = digit(out)
    first = placed[0]
    return TensorView(step, (*first.base[:-1], fresh), (*first.dimensions[:-1], fresh))


@layer("GroupQueryAttention", "GroupedQueryAttention")
def grouped(call: LayerFollowing) -> FollowedResults:
    """Attention in which several heads share keys and values: its size and parameters are known."""
    query, value, key = _operands(call, ("query", "value", "key"))
    heads, few = call.integer("num_query_heads"), call.integer("num_key_value_heads")
    inner, bias = call.integer("head_dim"), int(call.flag("use_bias", default=True))
    c = query.lengths[-1]
    params = (
        (c + bias) * heads * inner
        + (key.lengths[-1] + value.lengths[-1] + 2 * bias) * few * inner
        + (heads * inner + bias) * c
    )
    placed = [_positions(call, one).step for one in dict.fromkeys((query, key, value))]
    sizes = call.along_sizes(query.lengths[1:])
    values: dict[str, Value] = {"type": Word("GroupQueryAttention"), "size": sizes, "params": params}
    return call.placed(call.tracer.add("opaque", placed, values), query)


@layer("Attention", "AdditiveAttention")
def plain(call: LayerFollowing) -> FollowedResults:
    """Attention without projections, of a list of queries, values and keys."""
    tensors = [_positions(call, call.view(place)) for place in range(min(len(call.tensors), 3))]
    if len(tensors) < 2:
        raise call.fail("it is called on a list of queries and values")
    query, value, key = (*tensors, tensors[1])[:3]
    scores = products.product(call.tracer, query, key.exchanged())
    # A factor of the scores, of additive attention one for each channel.
    count = 0
    if call.layer.class_name == "AdditiveAttention":
        count = query.lengths[-1] if call.flag("use_scale", default=True) else 0
    elif call.flag("use_scale", default=False):
        count = 1
    if call.word("score_mode", default="dot") == "concat":
        count += 1
    if count:
        call.at("_scale", "")
        call.tracer.add("learned", [], {"size": count, "training": True}, {"weight": f"{call.path}/scale"})
        call.at("", call.layer.class_name)
    if not isinstance(scores, Scores):
        raise call.fail("its queries and keys make no product")
    return attended(call.tracer, scores._replace(weighted=True), value)
