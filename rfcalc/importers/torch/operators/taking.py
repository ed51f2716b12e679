"""Parts of tensors: pieces, slices, and what stands in brackets behind them."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.importers.torch.call import Following, GivenArgument, is_list, operator
from rfcalc.importers.tracing import parts, picking
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.tracer import MOST_PARTS
from rfcalc.importers.tracing.views import TensorView


def _equal(call: Following, size: int, each: int) -> list[int]:
    """The sizes of parts of a dimension, which but for the last are equal."""
    count = -(-size // max(each, 1))
    if count > MOST_PARTS:
        raise call.fail(f"a tensor cut into {count:,} parts; at most {MOST_PARTS:,} are followed")
    return [each] * count


@operator("chunk", "split", "split_with_sizes", "tensor_split", "unsafe_chunk", "unsafe_split")
def split(call: Following) -> FollowedResults:
    """A tensor cut into parts along a dimension."""
    x = call.view()
    axis = call.axis(0, "dim")
    size = x.lengths[axis]
    name = call.call.function
    if "chunk" in name:
        each = -(-size // max(call.integer(1, "chunks"), 1))
        return parts.cut(call.tracer, x, axis, _equal(call, size, each))
    names = ("split_size", "split_sizes", "sections", "indices")
    given = call.integers(*names)
    if given is None:
        raise call.fail("the sizes of the parts are not known")
    one = not is_list(call.get(*names))
    if name == "tensor_split":
        if one:
            _equal(call, given[0], 1)
            quotient, rest = divmod(size, given[0])
            return parts.cut(call.tracer, x, axis, [quotient + (place < rest) for place in range(given[0])])
        ends = [*given, size]
        return parts.cut(
            call.tracer, x, axis, [end - start for start, end in zip([0, *given], ends, strict=True)]
        )
    if one and name != "split_with_sizes":
        return parts.cut(call.tracer, x, axis, _equal(call, size, given[0]))
    return parts.cut(call.tracer, x, axis, given)


@operator("unbind")
def unbind(call: Following) -> FollowedResults:
    """The elements at each index of a dimension."""
    x = call.view()
    axis = call.axis(0, "dim")
    _equal(call, x.lengths[axis], 1)
    return [parts.selected(call.tracer, x, axis, place) for place in range(x.lengths[axis])]


@operator("select")
def select(call: Following) -> FollowedResults:
    """The elements at one index of a dimension."""
    axis = call.axis(0, "dim")
    return parts.selected(call.tracer, call.view(), axis, call.integer(0, "index"))


@operator("narrow")
def narrow(call: Following) -> FollowedResults:
    """Some neighbouring indices of a dimension."""
    start = call.integer(0, "start")
    part = range(start, start + call.integer(0, "length"))
    return parts.part_of(call.tracer, call.view(), call.axis(0, "dim"), part)


@operator("slice")
def slice_(call: Following) -> FollowedResults:
    """A part of a dimension."""
    bounds = (call.get("start"), call.get("end"), call.integer(1, "step"))
    return _sliced(call, call.view(), call.axis(0, "dim"), bounds)


def _sliced(call: Following, x: TensorView, axis: int, bounds: Sequence[GivenArgument]) -> TensorView:
    """A part of a dimension; bounds: where it starts and ends, and its step, None for what is left open."""
    start, stop, step = [one if isinstance(one, int) else None for one in bounds]
    kept = range(*slice(start, stop, step).indices(x.lengths[axis]))
    if kept and kept.step > 0:
        # To its last index and not beyond, however long a step is.
        kept = range(kept.start, kept[-1] + 1, kept.step)
    return parts.part_of(call.tracer, x, axis, kept)


@operator("getitem")
def getitem(call: Following) -> FollowedResults:
    """What stands in brackets behind a tensor, or one of several results."""
    x, index = call.get("input"), call.get("index")
    if is_list(x):
        if not isinstance(index, int):
            raise call.fail("one of several tensors is named by a number")
        return call.a_tensor(x[index])
    if is_list(index) and index[:1] != ("slice",):
        return _item(call, call.view(), index)
    return _item(call, call.view(), (index,))


def _item(call: Following, x: TensorView, index: tuple[GivenArgument, ...]) -> TensorView:
    """A tensor by indices, slices (three numbers behind the word `slice`), None and `...`."""
    taken = sum(one is not None and one != "..." for one in index)
    place = 0
    for one in index:
        if one is None:
            x = x.with_one(place)
            place += 1
        elif one == "...":
            place += len(x.dimensions) - place - (taken - _before(index, one))
        elif is_list(one) and one and one[0] == "slice":
            x = _sliced(call, x, place, one[1:4])
            place += 1
        elif isinstance(one, int):
            x = parts.selected(call.tracer, x, place, one)
        elif isinstance(one, Known) and one.element != "bool":
            x = picking.gathered(call.tracer, x, place, one, call.batch)
            place += len(one.lengths)
        else:
            raise call.fail("indices that depend on the input are not read")
    return x


def _before(index: tuple[GivenArgument, ...], mark: GivenArgument) -> int:
    """How many dimensions are taken before the dots."""
    count = 0
    for one in index:
        if one == mark and isinstance(one, str):
            return count
        count += one is not None
    return count


@operator("index_select")
def index_select(call: Following) -> FollowedResults:
    """The elements at some indices of a dimension."""
    axis, indices = call.axis(0, "dim"), call.weight("index")
    return picking.gathered(call.tracer, call.view(), axis, indices, call.batch)


@operator("index")
def index(call: Following) -> FollowedResults:
    """The elements at indices of the leading dimensions."""
    given = call.get("indices")
    whole = ("slice", None, None, None)
    items = tuple([whole if one is None else one for one in given]) if is_list(given) else (given,)
    if sum(isinstance(one, Known) for one in items) > 1:
        raise call.fail("indices of several dimensions cannot be read")
    return _item(call, call.view(), items)
