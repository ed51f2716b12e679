"""Layers that join several tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from rfcalc.importers.keras.call import LayerFollowing, layer
from rfcalc.importers.tracing import elementwise, layers, parts, products
from rfcalc.importers.tracing.attention import settled
from rfcalc.importers.tracing.elementwise import function
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView

_JOINS: Mapping[str, str] = {
    "Add": "add",
    "Average": "add",
    "Maximum": "max",
    "Minimum": "min",
    "Multiply": "mul",
    "Subtract": "sub",
}


@layer(*_JOINS)
def merge(call: LayerFollowing) -> FollowedResults:
    """Tensors joined element by element; where one has size 1 it is repeated."""
    tensors = [call.view(place) for place in range(len(call.tensors))]
    if len(tensors) < 2:
        if not tensors:
            raise call.fail("it is called on no tensor")
        return layers.in_place(call.tracer, "identity", tensors[0])
    if call.layer.class_name == "Subtract" and len(tensors) != 2:
        raise call.fail(f"it is called on 2 tensors, not {len(tensors)}")
    done = joined(call, _JOINS[call.layer.class_name], tensors)
    if call.layer.class_name == "Average":
        return function(call.tracer, "mul", done, 1 / len(tensors))
    return done


def joined(call: LayerFollowing, operator: str, tensors: Sequence[TensorView]) -> TensorView:
    """Tensors joined element by element, in one step where they stand alike."""
    rank = max(len(one.dimensions) for one in tensors)
    # Those of fewer dimensions get axes behind that of the examples.
    level = [_of_rank(one, rank) for one in tensors]
    sizes = {one.lengths for one in level}
    for one in level:
        if any(a != b and 1 not in (a, b) for a, b in zip(one.lengths, level[0].lengths, strict=True)):
            shown = ", ".join(call.sizes(each) for each in dict.fromkeys(tensors))
            raise call.fail(f"its inputs do not fit each other: {shown}", call.at_call)
    if len(level) > 2 and len(sizes) == 1 and 2 <= rank <= 5:
        placed = [call.natural(one) for one in level]
        step = call.tracer.add(operator, [one.step for one in placed])
        return placed[0]._replace(step=step)
    done = level[0]
    for one in level[1:]:
        done = elementwise.joined(call.tracer, operator, done, one)
    return done


def _of_rank(x: TensorView, rank: int) -> TensorView:
    while len(x.dimensions) < rank:
        x = x.with_one(1)
    return x


@layer("Concatenate")
def concatenate(call: LayerFollowing) -> FollowedResults:
    """Tensors side by side along an axis."""
    tensors = [call.view(place) for place in range(len(call.tensors))]
    entry = call.entry("axis", "concat_axis")
    return side_by_side(call, tensors, -1 if entry is None else call.whole(entry, "axis", -8))


def side_by_side(call: LayerFollowing, tensors: Sequence[TensorView], axis: int) -> TensorView:
    """Tensors side by side along an axis."""
    entry = call.entry("axis", "concat_axis")
    if not tensors:
        raise call.fail("it is called on no tensor")
    place = call.axis(axis, tensors[0], entry)
    first = tensors[0].lengths
    for one in tensors:
        rest = [size for at, size in enumerate(one.lengths) if at != place]
        if len(one.lengths) != len(first) or rest != [size for at, size in enumerate(first) if at != place]:
            shown = ", ".join(call.sizes(each) for each in dict.fromkeys(tensors))
            raise call.fail(f"its inputs differ in more than axis {axis}: {shown}", call.at_call)
    if len(tensors) == 1:
        return layers.in_place(call.tracer, "identity", tensors[0])
    return parts.concatenated(call.tracer, tensors, place)


@layer("Dot")
def dot(call: LayerFollowing) -> FollowedResults:
    """Products summed along an axis of each of two tensors."""
    one, two = call.view(0), call.view(1)
    entry = call.entry("axes")
    items = () if entry is None else entry.items or (entry, entry)
    if len(items) != 2:
        raise call.fail("axes is a number, or one for each of the two tensors", entry)
    first, second = (
        call.axis(call.whole(item, "axes", -8), x, item) for item, x in zip(items, (one, two), strict=True)
    )
    if one.lengths[first] != two.lengths[second]:
        raise call.fail(
            f"axes of {one.lengths[first]} and {two.lengths[second]} elements have no product", entry
        )
    if call.flag("normalize", default=False):
        one, two = (_unit(call, x, axis) for x, axis in ((one, first), (two, second)))
    if len(one.dimensions) == len(two.dimensions) == 2:
        product = elementwise.joined(call.tracer, "mul", one, two)
        return layers.reduced(call.tracer, product, [1], "sum", keep=True)
    left = one.permuted([*[at for at in range(len(one.dimensions)) if at != first], first])
    right = two.permuted([0, second, *[at for at in range(1, len(two.dimensions)) if at != second]])
    # Rows and columns of each are one dimension.
    rows, columns = left.lengths[1:-1], right.lengths[2:]
    batch, inner = left.lengths[0], left.lengths[-1]
    left = parts.reshaped(call.tracer, left, (batch, prod(rows), inner))
    right = parts.reshaped(call.tracer, right, (batch, inner, prod(columns)))
    made = settled(call.tracer, products.product(call.tracer, left, right))
    return parts.reshaped(call.tracer, made, (batch, *rows, *columns))


def _unit(call: LayerFollowing, x: TensorView, axis: int) -> TensorView:
    total = layers.reduced(call.tracer, function(call.tracer, "square", x), [axis], "sum", keep=True)
    return elementwise.joined(call.tracer, "div", x, function(call.tracer, "sqrt", total))


@layer("CustomScaleLayer", "Custom>CustomScaleLayer")
def custom_scale(call: LayerFollowing) -> FollowedResults:
    """A tensor plus another times a number (keras.applications)."""
    scaled = function(call.tracer, "mul", call.view(1), call.number("scale", default=1.0))
    return elementwise.joined(call.tracer, "add", call.view(0), scaled)
