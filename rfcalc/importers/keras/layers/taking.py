"""The operators of keras.ops that take parts of tensors, and those that Keras 2 made of TensorFlow's."""

from __future__ import annotations

from functools import reduce
from itertools import accumulate

from rfcalc.importers.keras.call import LayerFollowing, keras_operator
from rfcalc.importers.keras.config import CallArgument, SliceArgument, TensorReference
from rfcalc.importers.keras.layers.arguments import argument, axes_of_call, given, of_size, whole_numbers
from rfcalc.importers.keras.layers.forms import standing
from rfcalc.importers.tracing import parts, picking
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView


@keras_operator("Split", "ArraySplit")
def split(call: LayerFollowing) -> FollowedResults:
    """Parts of a dimension: so many equal ones, of these sizes, or up to these indices."""
    x = call.view()
    value = given(call, 1, "indices_or_sections", "num_or_size_splits")
    axis = given(call, 2, "axis")
    place = call.axis(axis if isinstance(axis, int) else 0, x, call.at_call)
    size = x.lengths[place]
    if isinstance(value, tuple) and call.entry("num_or_size_splits") is not None:
        sizes = whole_numbers(call, value, "sizes")
        open_ = size - sum(one for one in sizes if one != -1)
        ends = list(accumulate(open_ if one == -1 else one for one in sizes))
        if ends[-1] != size:
            raise call.fail(f"parts of {tuple(sizes)} of {size} elements", call.at_call)
    elif isinstance(value, tuple):
        ends = [*whole_numbers(call, value, "indices"), size]
    else:
        (count,) = whole_numbers(call, value, "sections")
        if not 1 <= count <= size or size % count:
            raise call.fail(f"{size} elements do not divide into {count} parts", call.at_call)
        if count > 10_000:
            raise call.fail(f"{count:,} parts are more than 10,000", call.at_call)
        ends = [size // count * (number + 1) for number in range(count)]
    starts = [0, *ends[:-1]]
    if any(not 0 <= start < end <= size for start, end in zip(starts, ends, strict=True)):
        raise call.fail(f"parts that end at {ends} of {size} elements", call.at_call)
    return [parts.part_of(call.tracer, x, place, range(a, b)) for a, b in zip(starts, ends, strict=True)]


@keras_operator("GetItem", "SlicingOpLambda")
def get_item(call: LayerFollowing) -> FollowedResults:
    """A part of a tensor: slices, indices that leave a dimension out, and new dimensions."""
    x = call.view()
    key = argument(call, 1, "key", "slice_spec")
    items = list(key) if isinstance(key, list) else [key]
    kinds = [kind_of_index(one) for one in items]
    taken = sum(kind in ("slice", "index") for kind in kinds)
    rank = len(x.dimensions)
    if taken > rank:
        raise call.fail(f"{taken} indices for a tensor of {rank} dimensions", call.at_call)
    place, done = 0, x
    for item, kind in zip(items, kinds, strict=True):
        if kind == "new":
            done = done.with_one(place)
            place += 1
        elif kind == "rest":
            place += rank - taken
        elif kind == "index":
            (index,) = whole_numbers(call, call.constant(item), "an index")
            size = done.lengths[place]
            if place == 0 or not -size <= index < size:
                raise call.fail(f"there is no index {index} of {size} elements", call.at_call)
            done = parts.selected(call.tracer, done, place, index)
        elif kind == "slice":
            done = _sliced(call, done, place, item)
            place += 1
        else:
            raise call.fail("its key is none that is read", call.at_call)
    return standing(call, done, x)


def kind_of_index(item: CallArgument | None) -> str:
    """What an item between the brackets is: `slice`, `index`, `new`, `rest`, "" for none of these."""
    if isinstance(item, SliceArgument):
        return "slice"
    if isinstance(item, TensorReference):
        return "index"
    if item is None or isinstance(item, list) or isinstance(item.held, bool):
        return ""
    if item.held is None:
        return "new"
    if isinstance(item.held, int):
        return "index"
    name = item.members.get("class_name")
    return "rest" if name is not None and name.held == "__ellipsis__" else ""


def bounds(call: LayerFollowing, item: CallArgument | None, size: int) -> range:
    """The indices that a slice takes of a dimension of this size."""
    assert isinstance(item, SliceArgument)
    ends = []
    for name, one in zip(item._fields, item, strict=True):
        found = call.constant(one)
        if found is not None and (isinstance(found, bool) or not isinstance(found, int)):
            raise call.fail(f"{name} of a slice is a whole number", call.at_call)
        ends.append(found)
    if ends[2] == 0:
        raise call.fail("the step of a slice is 0", call.at_call)
    return range(*slice(*ends).indices(size))


def _sliced(call: LayerFollowing, x: TensorView, place: int, item: CallArgument | None) -> TensorView:
    part = bounds(call, item, x.lengths[place])
    if part.step < 0 and part and place:
        return _reversed(call, x, place, part)
    if place == 0 and part.step == 1 and part.start == 0 and not x.own(0):
        # Some of the examples of a batch, of which one is followed.
        return x
    return parts.part_of(call.tracer, x, place, part)


def _reversed(call: LayerFollowing, x: TensorView, place: int, part: range) -> TensorView:
    """The elements at indices that count down, of which few are slices side by side."""
    lengths = [*x.lengths[:place], len(part), *x.lengths[place + 1 :]]
    return picking.in_runs(call.tracer, x, place, part) or of_size(call, x, lengths, 0)


@keras_operator("Flip")
def reversed_(call: LayerFollowing) -> FollowedResults:
    """Dimensions in the other order of their elements."""
    x = call.view()
    done = x
    for place in axes_of_call(call, x, 1):
        if place == 0:
            raise call.fail("examples of a batch are put in another order", call.at_call)
        done = _reversed(call, done, place, range(x.lengths[place] - 1, -1, -1))
    return done


@keras_operator("Slice")
def spans(call: LayerFollowing) -> FollowedResults:
    """So many elements of each dimension from a place; -1 is all that follow."""
    x = call.view()
    begin = whole_numbers(call, given(call, 1, "begin", "start_indices"), "begin")
    sizes = whole_numbers(call, given(call, 2, "size", "shape"), "size")
    if not len(begin) == len(sizes) == len(x.dimensions):
        raise call.fail(
            f"begin and size have a number for each of {len(x.dimensions)} dimensions", call.at_call
        )
    whole = zip(x.lengths, begin, sizes, strict=True)
    return _parts(call, x, [range(start, n if size == -1 else start + size) for n, start, size in whole])


@keras_operator("StridedSlice")
def strided(call: LayerFollowing) -> FollowedResults:
    """Elements of each dimension between two places, at steps."""
    x = call.view()
    masks = ("ellipsis_mask", "new_axis_mask")
    if any(call.integer(name, default=0, least=0) for name in masks):
        raise call.fail("a slice that adds dimensions or leaves some unsaid is not read", call.at_call)
    begin, end = (whole_numbers(call, given(call, 1, name), name) for name in ("begin", "end"))
    steps = given(call, -1, "strides")
    step = [1] * len(begin) if steps is None else whole_numbers(call, steps, "strides")
    dropped = call.integer("shrink_axis_mask", default=0, least=0)
    opened = [call.integer(name, default=0, least=0) for name in ("begin_mask", "end_mask")]
    if not len(begin) == len(end) == len(step) <= len(x.dimensions) or 0 in step:
        raise call.fail("begin, end and strides do not fit each other", call.at_call)
    found = []
    for place, (size, *ends) in enumerate(zip(x.lengths, begin, end, strict=False)):
        first, last = (None if mask >> place & 1 else one for mask, one in zip(opened, ends, strict=True))
        if dropped >> place & 1:
            last = (first or 0) + 1 or None
        found.append(range(*slice(first, last, step[place]).indices(size)))
    done = _parts(call, x, found)
    alone = [place for place in range(len(found) - 1, 0, -1) if dropped >> place & 1]
    return standing(call, reduce(TensorView.without, alone, done), x) if alone else done


def _parts(call: LayerFollowing, x: TensorView, taken: list[range]) -> TensorView:
    """The elements of these indices along each dimension, of the examples those there are."""
    done = x
    for place, part in enumerate(taken[1:], 1):
        if not 0 <= part.start <= part.stop <= x.lengths[place]:
            raise call.fail(f"there is no part {part.start}:{part.stop} of {call.sizes(x)}", call.at_call)
        done = parts.part_of(call.tracer, done, place, part)
    return standing(call, done, x)


@keras_operator("Take")
def take(call: LayerFollowing) -> FollowedResults:
    """Elements at constant indices of a dimension."""
    x, axis = call.view(), given(call, 2, "axis")
    if not isinstance(axis, int) or isinstance(axis, bool):
        raise call.fail("indices of a flattened batch are not read", call.at_call)
    place = call.axis(axis, x, call.at_call)
    if given(call, -1, "batch_dims") not in (None, 0):
        raise call.fail("indices of its own for each example are not read", call.at_call)
    value = given(call, 1, "indices")
    wanted = whole_numbers(call, value, "indices")
    if place == 0:
        raise call.fail("examples of a batch are chosen", call.at_call)
    lengths = (len(wanted),) if isinstance(value, tuple) else ()
    indices = Known(lengths, "int32", tuple(wanted))
    return standing(call, picking.gathered(call.tracer, x, place, indices, call.batch_of(x)), x)


@keras_operator("Unstack")
def unstack(call: LayerFollowing) -> FollowedResults:
    """The parts of a dimension at each of its indices."""
    x, axis = call.view(), given(call, 2, "axis")
    place = call.axis(axis if isinstance(axis, int) else 0, x, call.at_call)
    count = x.lengths[place]
    if place == 0 or count > 10_000:
        raise call.fail(f"a dimension of {count:,} is taken apart, or the examples of a batch", call.at_call)
    return [parts.selected(call.tracer, x, place, index) for index in range(count)]
