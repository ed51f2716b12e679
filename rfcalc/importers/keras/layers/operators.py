"""The operators of keras.ops that arrange tensors, and those that put them side by side."""

from __future__ import annotations

from math import prod

from rfcalc.importers.keras.call import LayerFollowing, keras_operator
from rfcalc.importers.keras.layers.arguments import (
    axes_of_call,
    given,
    of_size,
    several,
    whole_numbers,
)
from rfcalc.importers.keras.layers.forms import reshaped, standing
from rfcalc.importers.keras.layers.merging import side_by_side
from rfcalc.importers.tracing import elementwise, layers, parts
from rfcalc.importers.tracing.results import FollowedResults

# Copies of a tensor that are put side by side.
_MOST_COPIES = 8


@keras_operator("Reshape")
def reshape(call: LayerFollowing) -> FollowedResults:
    """Another size of the same elements, examples first."""
    x = call.view()
    value = given(call, 1, "newshape", "shape")
    if not isinstance(value, tuple) or not value:
        raise call.fail("its new size is not stated", call.at_call)
    wanted = whole_numbers(call, tuple([-1 if one is None else one for one in value]), "newshape")
    leading, *rest = wanted
    if leading > 0:
        if leading % call.examples:
            told = f"{tuple(wanted)} has parts of {call.examples} examples, which the file has in a batch"
            raise call.fail(told, call.at_call)
        leading //= call.examples
    count = prod(x.lengths)
    if leading == x.lengths[0] or (leading == -1 and (-1 in rest or prod(rest) * x.lengths[0] == count)):
        return standing(call, reshaped(call, x, rest, call.at_call), x)
    # Positions become examples, or are taken back from them.
    sizes = [leading, *rest]
    stated = -prod(sizes)
    if sizes.count(-1) == 1 and stated and count % stated == 0:
        sizes = [count // stated if one == -1 else one for one in sizes]
    if min(sizes) < 1 or prod(sizes) != count:
        raise call.fail(f"{tuple(wanted)} is no size of {call.sizes(x)}", call.at_call)
    return parts.reshaped(call.tracer, x, sizes)


@keras_operator("Flatten")
def flatten(call: LayerFollowing) -> FollowedResults:
    """All elements of an example."""
    x = call.view()
    return standing(call, reshaped(call, x, [-1], None), x)


@keras_operator("Transpose", "Swapaxes", "Moveaxis")
def transpose(call: LayerFollowing) -> FollowedResults:
    """The dimensions in another order."""
    x = call.view()
    rank = len(x.dimensions)
    order = list(range(rank))
    if call.layer.class_name == "Transpose":
        value = given(call, 1, "axes", "perm")
        order = order[::-1] if value is None else whole_numbers(call, value, "axes")
        order = [one % rank for one in order] if rank else order
    else:
        names = ("axis1", "axis2") if call.layer.class_name == "Swapaxes" else ("source", "destination")
        ends = [
            [call.axis(one, x, call.at_call) for one in whole_numbers(call, given(call, place, name), name)]
            for place, name in enumerate(names, 1)
        ]
        if len(ends[0]) != 1 or len(ends[1]) != 1:
            raise call.fail("several dimensions are moved at once", call.at_call)
        (source,), (target,) = ends
        if call.layer.class_name == "Swapaxes":
            order[source], order[target] = order[target], order[source]
        else:
            order.insert(target, order.pop(source))
    if sorted(order) != list(range(rank)) or order[:1] != [0]:
        raise call.fail(
            f"{order} is no order of {rank} dimensions that leaves the examples first", call.at_call
        )
    return standing(call, x.permuted(order), x)


@keras_operator("ExpandDims")
def expand_dims(call: LayerFollowing) -> FollowedResults:
    """A dimension of size 1 put in."""
    x = call.view()
    place = call.axis(whole_numbers(call, given(call, 1, "axis"), "axis")[0], x, call.at_call, more=1)
    if place == 0:
        raise call.fail("a dimension before that of the examples is not read", call.at_call)
    return standing(call, x.with_one(place), x)


@keras_operator("Squeeze")
def squeeze(call: LayerFollowing) -> FollowedResults:
    """Dimensions of size 1 left out."""
    x = call.view()
    value = given(call, 1, "axis")
    sizes = x.lengths
    places = (
        [at for at in range(1, len(sizes)) if sizes[at] == 1] if value is None else axes_of_call(call, x, 1)
    )
    done = x
    for place in sorted(set(places), reverse=True):
        if sizes[place] != 1:
            raise call.fail(f"dimension {place} has {sizes[place]} elements, not 1", call.at_call)
        done = done.without(place)
    return standing(call, done, x)


@keras_operator("Concatenate")
def concatenate(call: LayerFollowing) -> FollowedResults:
    """Tensors side by side along an axis."""
    axis = given(call, 1, "axis")
    return side_by_side(call, several(call), axis if isinstance(axis, int) else 0)


@keras_operator("Stack")
def stack(call: LayerFollowing) -> FollowedResults:
    """Tensors side by side along a new axis."""
    tensors = several(call)
    axis = given(call, 1, "axis")
    if not tensors:
        raise call.fail("it is called on no tensor", call.at_call)
    place = call.axis(axis if isinstance(axis, int) else 0, tensors[0], call.at_call, more=1)
    if place == 0:
        raise call.fail("tensors are stacked as examples of a batch", call.at_call)
    return side_by_side(call, [one.with_one(place) for one in tensors], place)


@keras_operator("Pad")
def pad(call: LayerFollowing) -> FollowedResults:
    """Elements before and after each dimension."""
    x = call.view()
    value = given(call, 1, "pad_width", "paddings")
    if not isinstance(value, tuple) or len(value) != len(x.dimensions):
        raise call.fail(f"pad_width has two numbers for each of {len(x.dimensions)} dimensions", call.at_call)
    amounts = []
    for one in value:
        pair = whole_numbers(call, one, "pad_width")
        if len(pair) != 2 or min(pair) < 0:
            raise call.fail("pad_width has two numbers for each dimension", call.at_call)
        amounts.append((pair[0], pair[1]))
    if any(amounts[0]):
        raise call.fail("examples of a batch are padded", call.at_call)
    mode = str(given(call, 2, "mode") or "constant").casefold()
    known = {
        "constant": "zeros",
        "reflect": "reflect",
        "edge": "replicate",
        "symmetric": "reflect",
        "wrap": "circular",
    }
    if mode not in known:
        raise call.fail(f"padding by {mode!r:.30} is not known", call.at_call)
    return parts.padded(call.tracer, x, amounts, known[mode])


@keras_operator("BroadcastTo")
def broadcast(call: LayerFollowing) -> FollowedResults:
    """Repeated along dimensions of size 1, to a size."""
    x = call.view()
    lengths = whole_numbers(call, given(call, 1, "shape"), "shape")
    if len(lengths) < len(x.dimensions):
        raise call.fail(f"{tuple(lengths)} has fewer dimensions than {call.sizes(x)}", call.at_call)
    if len(lengths) == len(x.dimensions):
        lengths[0] = x.lengths[0]
    return call.tracer.spelled(parts.expanded(call.tracer, x, lengths, call.batch_of(x)))


@keras_operator("Repeat", "Tile")
def repeated(call: LayerFollowing) -> FollowedResults:
    """Elements, or the whole tensor, repeated along dimensions."""
    x = call.view()
    counts = whole_numbers(call, given(call, 1, "repeats", "multiples"), "repeats")
    if call.layer.class_name == "Tile":
        counts = [1] * (len(x.dimensions) - len(counts)) + counts
    else:
        axis = given(call, 2, "axis")
        if not isinstance(axis, int) or len(counts) != 1:
            raise call.fail("repeats of its own for each element are not read", call.at_call)
        place = call.axis(axis, x, call.at_call)
        counts = [counts[0] if at == place else 1 for at in range(len(x.dimensions))]
    if len(counts) != len(x.dimensions) or min(counts) < 1 or counts[0] != 1:
        raise call.fail(f"repeats {counts} of a tensor {call.sizes(x)}", call.at_call)
    lengths = [size * count for size, count in zip(x.lengths, counts, strict=True)]
    places = [place for place, count in enumerate(counts) if count > 1]
    if call.layer.class_name == "Tile" and max(counts) <= _MOST_COPIES:
        done = x
        for place in places:
            done = parts.concatenated(call.tracer, [done] * counts[place], place)
        return standing(call, done, x)
    if call.layer.class_name == "Repeat" and len(places) == 1:
        (place,) = places
        apart = [*x.lengths[: place + 1], counts[place], *x.lengths[place + 1 :]]
        more = parts.expanded(call.tracer, x.with_one(place + 1), apart)
        return standing(call, parts.reshaped(call.tracer, call.tracer.spelled(more), lengths), x)
    return of_size(call, x, lengths, 0)


@keras_operator("Roll")
def roll(call: LayerFollowing) -> FollowedResults:
    """Positions moved along dimensions; what leaves one end comes back at the other."""
    x, axes = call.view(), axes_of_call(call, call.view(), 2)
    shifts = whole_numbers(call, given(call, 1, "shift"), "shift")
    if given(call, 2, "axis") is None or len(axes) != len(shifts) or 0 in axes:
        raise call.fail("a roll has a number for each dimension, and no examples are moved", call.at_call)
    return parts.rolled(call.tracer, x, axes, shifts)


@keras_operator("Rot90")
def turned(call: LayerFollowing) -> FollowedResults:
    """Two dimensions turned by so many right angles."""
    x, turns = call.view(), call.integer("k", default=1, least=-(2**20))
    entry = call.entry("axes")
    items = entry.items if entry else ()
    places = [call.axis(call.whole(one, "axes", -8), x, one) for one in items]
    if len(places) != 2 or 0 in places:
        raise call.fail("axes are two dimensions other than that of the examples", entry)
    lengths = list(x.lengths)
    if turns % 2:
        one, two = places
        lengths[one], lengths[two] = lengths[two], lengths[one]
    return of_size(call, x, lengths, 0)


@keras_operator("Append", "Hstack")
def behind(call: LayerFollowing) -> FollowedResults:
    """Tensors side by side along an axis, of which two are arguments of their own, or along the second."""
    if call.layer.class_name == "Hstack":
        return side_by_side(call, several(call), 1)
    axis = given(call, 2, "axis")
    if not isinstance(axis, int):
        raise call.fail("tensors are appended without an axis, which mixes examples", call.at_call)
    return side_by_side(call, [call.view(0), call.view(1)], axis)


@keras_operator("Diff")
def difference(call: LayerFollowing) -> FollowedResults:
    """Each element less the one before it."""
    x, axis = call.view(), given(call, 2, "axis")
    place = call.axis(axis if isinstance(axis, int) else -1, x, call.at_call)
    times = call.integer("n", default=1)
    for _ in range(times):
        size = x.lengths[place]
        if place == 0 or size < 2 or times > 64:
            raise call.fail(f"a difference of {call.sizes(x)} along dimension {place}", call.at_call)
        later, before = (
            parts.part_of(call.tracer, x, place, range(at, size - 1 + at)).renewed() for at in (1, 0)
        )
        x = elementwise.joined(call.tracer, "sub", later, before)
    return x


@keras_operator("TopK")
def largest(call: LayerFollowing) -> FollowedResults:
    """The largest elements of the last dimension, and where they stand."""
    x, count = call.view(), call.integer("k")
    if count > x.lengths[-1]:
        raise call.fail(f"{count} of {x.lengths[-1]} elements", call.entry("k"))
    return [of_size(call, x, [*x.lengths[:-1], count], 0) for _ in range(2)]


@keras_operator("OneHot")
def one_hot(call: LayerFollowing) -> FollowedResults:
    """Whole numbers as vectors with an element for each."""
    x, axis = call.view(), given(call, 2, "axis")
    place = call.axis(axis if isinstance(axis, int) else -1, x, call.at_call, more=1)
    lengths = list(x.lengths)
    lengths.insert(place, call.integer("num_classes", "depth"))
    return of_size(call, x, lengths, 0)


@keras_operator("AdaptiveAveragePool", "AdaptiveMaxPool")
def adaptive_pooling(call: LayerFollowing) -> FollowedResults:
    """Pooling to a size, as a function."""
    axes = len(call.view().dimensions) - 2
    kind = "max" if "Max" in call.layer.class_name else "avg"
    x = call.ordered(call.view(), axes)
    sizes = call.each("output_size", axes=axes)
    return call.reordered(layers.pooled_to(call.tracer, x, sizes, kind))
