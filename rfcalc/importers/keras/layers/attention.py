"""Attention, with projections and without."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfcalc.importers.keras.call import LayerFollowing, layer
from rfcalc.importers.keras.config import TensorReference
from rfcalc.importers.keras.layers.arguments import given, of_size
from rfcalc.importers.keras.layers.normalisation import axes_of_entry
from rfcalc.importers.tracing import elementwise, layers, parts, products
from rfcalc.importers.tracing.attention import Scores, attention_of_heads, settled
from rfcalc.importers.tracing.attention import attention as attended
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView, digit
from rfcalc.ops.attributes import Value, Word


def _operands(call: LayerFollowing, names: tuple[str, ...]) -> list[TensorView]:
    """Queries, values and keys, by their names or in that order; what is left out is the one before it."""
    found: list[TensorView | None] = []
    for place, name in enumerate(names):
        named = call.named.get(name)
        if isinstance(named, TensorReference):
            found.append(settled(call.tracer, call.tensor_of(named)))
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
    axes = axes_of_entry(call, query, -1, "attention_axes") if call.entry("attention_axes") else []
    every = list(range(1, len(query.dimensions) - 1))
    windows = any(one.own(0) for one in (query, key, value))
    if (axes and axes != every) or call.flag("use_gate", default=False) or windows:
        done = _written_out(call, (query, key, value), axes or every, out)
        return _with_scores(call, done, query, key, heads, axes or every)
    if call.entry("sliding_window") is not None:
        call.remark("of sliding_window all positions are counted", call.entry("sliding_window"))
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
    done = TensorView(step, (*first.base[:-1], fresh), (*first.dimensions[:-1], fresh))
    return _with_scores(call, done, query, key, heads, every)


def _with_scores(
    call: LayerFollowing,
    done: TensorView,
    query: TensorView,
    key: TensorView,
    heads: int,
    axes: Sequence[int],
) -> FollowedResults:
    """What attention leaves, with the weights of each head behind it where the call asks for them."""
    if given(call, -1, "return_attention_scores") is not True:
        return done
    kept = [size for place, size in enumerate(query.lengths[:-1]) if place not in axes]
    seen = [[x.lengths[place] for place in axes] for x in (query, key)]
    lengths = [*kept, *([heads] if heads else []), *seen[0], *seen[1]]
    caller = call.tracer.caller
    call.at("_scores")
    scores = of_size(call, query, lengths, 0, moves=False)
    call.tracer.absorb(scores.step)
    call.tracer.caller = caller
    return [done, scores]


def _written_out(
    call: LayerFollowing, tensors: Sequence[TensorView], axes: Sequence[int], out: int
) -> TensorView:
    """Attention with its projections as layers, along axes of queries, keys and values, and with its gate."""
    heads, inner = call.integer("num_heads"), call.integer("key_dim")
    width = call.integer("value_dim", default=inner)
    bias = call.flag("use_bias", default=True)
    classes = call.tracer.caller

    def projected(x: TensorView, part: str, channels: int) -> TensorView:
        call.tracer.caller = classes
        call.at(f".{part}", "Dense")
        learned = {"weight": f"{call.path}/{part}", **({"bias": f"{call.path}/{part}_bias"} if bias else {})}
        return layers.multiplied(call.tracer, x, channels, learned, bias=bias)

    last = len(tensors[0].dimensions) - 1
    rest = [place for place in range(last) if place not in axes]
    order = [*rest, *axes, last]
    apart = []
    for x, part, channels in zip(tensors, ("query", "key", "value"), (inner, inner, width), strict=True):
        placed = projected(x, part, heads * channels).permuted(order)
        lengths = placed.lengths
        few, positions = prod(lengths[: len(rest)]), prod(lengths[len(rest) : -1])
        apart.append(parts.reshaped(call.tracer, placed, (few, positions, lengths[-1])))
    call.tracer.caller = classes
    call.at(".attention", call.layer.class_name)
    mixed = attention_of_heads(call.tracer, apart, (heads,) * 3)
    sizes = [tensors[0].lengths[place] for place in order[:-1]]
    back = parts.reshaped(call.tracer, mixed, (*sizes, heads * width))
    done = back.permuted([order.index(place) for place in range(last + 1)])
    if call.flag("use_gate", default=False):
        gate = projected(tensors[0], "gate", heads * width)
        gate = layers.in_place(call.tracer, "sigmoid", gate)
        done = elementwise.joined(call.tracer, "mul", done, gate)
    return projected(done, "attention_output", out)


@layer("GroupQueryAttention", "GroupedQueryAttention")
def grouped(call: LayerFollowing) -> FollowedResults:
    """Attention in which several heads share keys and values: its size and parameters are known."""
    query, value, key = _operands(call, ("query", "value", "key"))
    heads, few = call.integer("num_query_heads"), call.integer("num_key_value_heads")
    inner, bias = call.integer("head_dim"), int(call.flag("use_bias", default=True))
    c = query.lengths[-1]
    gates = 1 + call.flag("use_gate", default=False)
    params = (
        gates * (c + bias) * heads * inner
        + (key.lengths[-1] + value.lengths[-1] + 2 * bias) * few * inner
        + (heads * inner + bias) * c
    )
    placed = [_positions(call, one).step for one in dict.fromkeys((query, key, value))]
    sizes = call.along_sizes(query.lengths[1:])
    values: dict[str, Value] = {"type": Word("GroupQueryAttention"), "size": sizes, "params": params}
    done = call.placed(call.tracer.add("opaque", placed, values), query)
    return _with_scores(call, done, query, key, heads, [1])


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
    done = attended(call.tracer, scores._replace(weighted=True), value)
    return _with_scores(call, done, query, key, 0, range(1, len(query.dimensions) - 1))
