"""Operators that are called on constants alone, such as the lengths of a tensor: they are carried out."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

from rfcalc.importers.keras.call import LayerFollowing, keras_operator, of_constants
from rfcalc.importers.keras.layers.arguments import argument, given, operand, operands, whole_numbers
from rfcalc.importers.keras.layers.taking import bounds, kind_of_index
from rfcalc.importers.tracing import known
from rfcalc.importers.tracing.known import Element, Known
from rfcalc.importers.tracing.results import FollowedResults

_JOINS: Mapping[str, Callable[[Element, Element], Element]] = {
    "Add": operator.add,
    "Subtract": operator.sub,
    "Multiply": operator.mul,
    "Divide": operator.truediv,
    "FloorDivide": operator.floordiv,
    "Mod": operator.mod,
    "Maximum": max,
    "Minimum": min,
}
_FUNCTIONS: Mapping[str, Callable[[Element], Element]] = {
    "Absolute": abs,
    "Negative": operator.neg,
    "Sqrt": math.sqrt,
    "Floor": math.floor,
    "Ceil": math.ceil,
    "Round": round,
}
_REDUCTIONS: Mapping[str, Callable[[list[Element]], Element]] = {
    "Prod": math.prod,
    "Sum": sum,
    "Max": max,
    "Min": min,
}


def _constant(call: LayerFollowing, place: int = 0) -> Known:
    found = operand(call, place, "x", "x1", "y", "x2", "b")
    if not isinstance(found, Known):
        raise call.fail("a constant was expected", call.at_call)
    return found


@keras_operator("Shape")
def shape(call: LayerFollowing) -> FollowedResults:
    """The lengths of a tensor, that of the examples as many as the file has in a batch."""
    first, *rest = call.a_tensor().lengths or (1,)
    lengths = [first * call.examples, *rest]
    return known.vector(lengths if call.a_tensor().lengths else [])


@keras_operator("Size")
def size(call: LayerFollowing) -> FollowedResults:
    """The number of elements."""
    return known.scalar(math.prod(call.a_tensor().lengths) * call.examples)


@of_constants(*_JOINS)
def arithmetic(call: LayerFollowing) -> FollowedResults:
    """Two constants, element by element."""
    one, two = (_constant(call, place) for place in range(2))
    done = known.elementwise(_JOINS[call.layer.class_name], one, two)
    if done is None:
        raise call.fail(f"sizes {one.lengths} and {two.lengths} do not fit each other", call.at_call)
    return done


@of_constants(*_FUNCTIONS)
def function(call: LayerFollowing) -> FollowedResults:
    """A function of each element."""
    return known.elementwise(_FUNCTIONS[call.layer.class_name], _constant(call))


@of_constants("Cast", "StopGradient", "Identity", "Copy")
def passed(call: LayerFollowing) -> FollowedResults:
    """The same elements; of what becomes a whole number its whole part."""
    x = _constant(call)
    kind = given(call, 1, "dtype")
    if isinstance(kind, str) and "int" in kind:
        return known.elementwise(int, x)
    return x


@of_constants(*_REDUCTIONS)
def reduction(call: LayerFollowing) -> FollowedResults:
    """A product, sum, largest or smallest element along dimensions."""
    x, value = _constant(call), given(call, 1, "axis")
    axes = range(len(x.lengths)) if value is None else whole_numbers(call, value, "axis")
    return known.reduced(
        x, list(axes), _REDUCTIONS[call.layer.class_name], keep=given(call, 2, "keepdims") is True
    )


@of_constants("Concatenate", "Stack")
def joined(call: LayerFollowing) -> FollowedResults:
    """Constants one behind the other, or each an element of a new dimension, the first."""
    found = [one for one in operands(call) if isinstance(one, Known)]
    rank = 0 if call.layer.class_name == "Stack" else 1
    if not found or given(call, 1, "axis") not in (None, 0, -1) or any(len(x.lengths) != rank for x in found):
        raise call.fail("constants of more than one dimension are joined", call.at_call)
    return known.joined([one._replace(lengths=(one.size,)) for one in found], 0)


@of_constants("Unstack")
def unstacked(call: LayerFollowing) -> FollowedResults:
    """The elements of a vector apart."""
    x = _constant(call)
    if len(x.lengths) != 1 or x.values is None:
        raise call.fail("a constant of other than one dimension is taken apart", call.at_call)
    return [known.scalar(one) for one in x.values]


@of_constants("GetItem", "SlicingOpLambda")
def part(call: LayerFollowing) -> FollowedResults:
    """An element of a vector, or some of them."""
    x, key = _constant(call), argument(call, 1, "key", "slice_spec")
    item = key[0] if isinstance(key, list) and len(key) == 1 else key
    kind = kind_of_index(item)
    if len(x.lengths) != 1 or x.values is None or kind not in ("slice", "index"):
        raise call.fail("a part of a constant of other than one dimension is not read", call.at_call)
    if kind == "slice":
        return known.sliced(x, [bounds(call, item, x.size)])
    (index,) = whole_numbers(call, call.constant(item), "an index")
    if not -x.size <= index < x.size:
        raise call.fail(f"there is no index {index} of {x.size} elements", call.at_call)
    return known.scalar(x.values[index])


@of_constants("Reshape", "ExpandDims", "Squeeze")
def reshaped(call: LayerFollowing) -> FollowedResults:
    """A number as a vector of one element, and back."""
    x = _constant(call)
    if x.size != 1:
        raise call.fail(f"a constant of size {x.lengths} gets another form", call.at_call)
    return known.reshaped(x, () if call.layer.class_name == "Squeeze" else (1,))


@of_constants("Arange")
def counted(call: LayerFollowing) -> FollowedResults:
    """Whole numbers from a start, or 0, up to an end, which is left out."""
    names = (("start",), ("limit", "stop"), ("delta", "step"))
    ends = [given(call, place, *each) for place, each in enumerate(names)]
    given_ends = [one for one in ends if one is not None]
    found = range(*whole_numbers(call, tuple(given_ends), "an end"))
    if len(found) > known.MOST_ELEMENTS:
        return Known((len(found),), "int64")
    return known.vector(found)


@of_constants("Zeros", "Ones", "Full")
def filled(call: LayerFollowing) -> FollowedResults:
    """A constant of a size, of which all elements are alike."""
    lengths = whole_numbers(call, given(call, 0, "shape", "dims"), "a length")
    if any(one < 1 for one in lengths):
        raise call.fail(f"a constant of size {tuple(lengths)}", call.at_call)
    # The first length is that of the examples.
    first = lengths[:1] == [call.examples]
    return Known((1, *lengths[1:]) if first else tuple(lengths), "float32")
