"""Dimensions in another form or order, parts of tensors, tensors side by side."""

from __future__ import annotations

import math

from rfcalc.importers.torch.call import Argument, Following, Results, Tensor, is_list, operator
from rfcalc.importers.tracing import parts
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.products import Scores
from rfcalc.importers.tracing.tracer import MOST_PARTS
from rfcalc.importers.tracing.views import View
from rfcalc.ops.attributes import PerAxis


@operator(
    "contiguous",
    "clone",
    "alias",
    "detach",
    "to",
    "type_as",
    "float",
    "half",
    "bfloat16",
    "double",
    "identity",
    "_to_copy",
    "lift_fresh_copy",
    "requires_grad",
    "cpu",
    "cuda",
    "long",
    "int",
    "bool",
    "_conj",
    "positive",
)
def same(call: Following) -> Results:
    """What leaves the elements as they are."""
    return call.first()


@operator("view", "reshape", "_unsafe_view", "reshape_as", "view_as", "_reshape_alias")
def reshape(call: Following) -> Results:
    """The same elements with other dimensions."""
    x = call.first()
    other = call.get("other")
    if call.call.function.endswith("_as"):
        wanted = list(call.a_tensor(other).lengths)
    else:
        wanted = call.sizes("size", "shape")
    return _reshaped(call, x, wanted)


def _reshaped(call: Following, x: Tensor, wanted: list[int]) -> Tensor:
    total = math.prod(x.lengths)
    if wanted.count(-1) == 1:
        rest = -math.prod(wanted)
        wanted = [total // rest if one == -1 and rest else one for one in wanted]
    if math.prod(wanted) != total:
        raise call.fail(f"a tensor of {x.lengths} cannot be read as {tuple(wanted)}")
    if isinstance(x, Scores) and not x.flipped and tuple(wanted[-2:]) == x.lengths[-2:]:
        query = x.query.reshaped([*wanted[:-2], *x.query.lengths[-2:]])
        key = x.key.reshaped([*wanted[:-2], *x.key.lengths[-2:]])
        if query is not None and key is not None:
            return x._replace(query=query, key=key)
    return parts.reshaped(call.tracer, call.as_view(x), wanted)


@operator("flatten")
def flatten(call: Following) -> Results:
    """Neighbouring dimensions made one."""
    x = call.view()
    rank = len(x.lengths)
    first = call.integer(0, "start_dim") % rank
    last = call.integer(-1, "end_dim") % rank
    sizes = (*x.lengths[:first], math.prod(x.lengths[first : last + 1]), *x.lengths[last + 1 :])
    return parts.reshaped(call.tracer, x, sizes)


@operator("unflatten")
def unflatten(call: Following) -> Results:
    """A dimension made several."""
    x = call.view()
    axis = call.axis(0, "dim")
    sizes = call.integers("sizes") or []
    return _reshaped(call, x, [*x.lengths[:axis], *sizes, *x.lengths[axis + 1 :]])


@operator("permute")
def permute(call: Following) -> Results:
    """Dimensions in another order."""
    x = call.first()
    rank = len(x.lengths)
    return _permuted(call, x, [one % rank for one in call.sizes("dims")])


def _permuted(call: Following, x: Tensor, order: list[int]) -> Tensor:
    rank = len(x.lengths)
    if sorted(order) != list(range(rank)):
        raise call.fail(f"order {tuple(order)} of a tensor of {rank} dimensions")
    if isinstance(x, Scores):
        if order == [*range(rank - 2), rank - 1, rank - 2]:
            return x.exchanged()
        if order == list(range(rank)):
            return x
    return call.as_view(x).permuted(order)


@operator("transpose", "swapaxes", "swapdims")
def transpose(call: Following) -> Results:
    """Two dimensions exchanged."""
    x = call.first()
    order = list(range(len(x.lengths)))
    one = call.axis(0, "dim0")
    two = call.axis(1, "dim1")
    order[one], order[two] = order[two], order[one]
    return _permuted(call, x, order)


@operator("t", "mT", "T", "numpy_T", "adjoint")
def transposed(call: Following) -> Results:
    """The last two dimensions exchanged."""
    x = call.first()
    rank = len(x.lengths)
    return _permuted(call, x, [*range(rank - 2), rank - 1, rank - 2] if rank > 1 else [0])


@operator("movedim", "moveaxis")
def movedim(call: Following) -> Results:
    """Some dimensions moved to other places."""
    x = call.view()
    rank = len(x.dimensions)
    sources = [one % rank for one in call.integers("source") or []]
    targets = [one % rank for one in call.integers("destination") or []]
    placed = dict(zip(targets, sources, strict=True))
    rest = iter([place for place in range(rank) if place not in sources])
    return x.permuted([placed[place] if place in placed else next(rest) for place in range(rank)])


@operator("squeeze")
def squeeze(call: Following) -> Results:
    """Dimensions of size 1 left out."""
    x = call.view()
    rank = len(x.dimensions)
    chosen = call.integers("dim")
    places = range(rank) if chosen is None else [one % rank for one in chosen]
    for place in sorted(places, reverse=True):
        if x.lengths[place] == 1 and (
            chosen is not None or place or len(call.stated) != 1 or _leads(call, x)
        ):
            x = x.without(place)
    return x


def _leads(call: Following, x: View) -> bool:
    """Whether the first dimension goes as well: one that counts a single example has size 1."""
    stated = call.stated[0]
    return stated is None or len(stated) < sum(size != 1 for size in x.lengths) + 1


@operator("unsqueeze")
def unsqueeze(call: Following) -> Results:
    """A dimension of size 1 put in."""
    x = call.view()
    return x.with_one(call.integer(0, "dim") % (len(x.dimensions) + 1))


@operator("expand", "expand_as", "broadcast_to")
def expand(call: Following) -> Results:
    """Repeated along dimensions of size 1."""
    if call.call.function == "expand_as":
        wanted = list(call.a_tensor(call.get("other")).lengths)
    else:
        wanted = call.sizes("size")
    x = call.first()
    if isinstance(x, Scores):
        return x
    return parts.expanded(call.tracer, call.as_view(x), wanted, call.batch)


@operator("repeat", "tile")
def repeat(call: Following) -> Results:
    """Repeated as a whole, along dimensions of size 1 here."""
    x = call.view()
    times = call.sizes("repeats", "dims")
    missing = len(times) - len(x.dimensions)
    for _ in range(missing):
        x = x.with_one(0)
    if any(count != 1 and size != 1 for count, size in zip(times, x.lengths, strict=True)):
        raise call.fail("a tensor repeated one behind the other is not read")
    sizes = [count * size for count, size in zip(times, x.lengths, strict=True)]
    return parts.expanded(call.tracer, x, sizes, call.batch)


@operator("cat", "concat", "concatenate")
def cat(call: Following) -> Results:
    """Tensors one behind the other."""
    views = [call.as_view(one) for one in call.tensors("tensors")]
    views = [one for one in views if 0 not in one.lengths]
    rank = len(views[0].dimensions)
    return parts.concatenated(call.tracer, views, call.integer(0, "dim") % rank)


@operator("stack")
def stack(call: Following) -> Results:
    """Tensors one behind the other along a new dimension."""
    views = [call.as_view(one) for one in call.tensors("tensors")]
    axis = call.integer(0, "dim") % (len(views[0].dimensions) + 1)
    return parts.concatenated(call.tracer, [one.with_one(axis) for one in views], axis)


def _cut(call: Following, x: View, axis: int, sizes: list[int]) -> list[View]:
    found: list[View] = []
    start = 0
    for size in sizes:
        stop = min(start + size, x.lengths[axis])
        found.append(parts.part_of(call.tracer, x, axis, range(start, stop)))
        start = stop
    return found


def _equal(call: Following, size: int, each: int) -> list[int]:
    """The sizes of parts of a dimension, which but for the last are equal."""
    count = -(-size // max(each, 1))
    if count > MOST_PARTS:
        raise call.fail(f"a tensor cut into {count:,} parts; at most {MOST_PARTS:,} are followed")
    return [each] * count


@operator("chunk", "split", "split_with_sizes", "tensor_split", "unsafe_chunk", "unsafe_split")
def split(call: Following) -> Results:
    """A tensor cut into parts along a dimension."""
    x = call.view()
    axis = call.axis(0, "dim")
    size = x.lengths[axis]
    name = call.call.function
    if "chunk" in name:
        each = -(-size // max(call.integer(1, "chunks"), 1))
        return _cut(call, x, axis, _equal(call, size, each))
    names = ("split_size", "split_sizes", "sections", "indices")
    given = call.integers(*names)
    if given is None:
        raise call.fail("the sizes of the parts are not known")
    one = not is_list(call.get(*names))
    if name == "tensor_split":
        if one:
            _equal(call, given[0], 1)
            quotient, rest = divmod(size, given[0])
            return _cut(call, x, axis, [quotient + (place < rest) for place in range(given[0])])
        ends = [*given, size]
        return _cut(call, x, axis, [end - start for start, end in zip([0, *given], ends, strict=True)])
    if one and name != "split_with_sizes":
        return _cut(call, x, axis, _equal(call, size, given[0]))
    return _cut(call, x, axis, given)


@operator("unbind")
def unbind(call: Following) -> Results:
    """The elements at each index of a dimension."""
    x = call.view()
    axis = call.axis(0, "dim")
    _equal(call, x.lengths[axis], 1)
    return [parts.selected(call.tracer, x, axis, place) for place in range(x.lengths[axis])]


@operator("select")
def select(call: Following) -> Results:
    """The elements at one index of a dimension."""
    axis = call.axis(0, "dim")
    return parts.selected(call.tracer, call.view(), axis, call.integer(0, "index"))


@operator("narrow")
def narrow(call: Following) -> Results:
    """Some neighbouring indices of a dimension."""
    start = call.integer(0, "start")
    part = range(start, start + call.integer(0, "length"))
    return parts.part_of(call.tracer, call.view(), call.axis(0, "dim"), part)


@operator("slice")
def slice_(call: Following) -> Results:
    """A part of a dimension."""
    x = call.view()
    axis = call.axis(0, "dim")
    start, end = call.get("start"), call.get("end")
    first, past = [one if isinstance(one, int) else None for one in (start, end)]
    kept = range(*slice(first, past, call.integer(1, "step")).indices(x.lengths[axis]))
    return parts.part_of(call.tracer, x, axis, _tight(kept))


def _tight(kept: range) -> range:
    return range(kept.start, kept[-1] + 1, kept.step) if kept and kept.step > 0 else kept


@operator("getitem")
def getitem(call: Following) -> Results:
    """What stands in brackets behind a tensor, or one of several results."""
    x, index = call.get("input"), call.get("index")
    if is_list(x):
        if not isinstance(index, int):
            raise call.fail("one of several tensors is named by a number")
        return call.a_tensor(x[index])
    if is_list(index) and index[:1] != ("slice",):
        return _item(call, call.view(), index)
    return _item(call, call.view(), (index,))


def _item(call: Following, x: View, index: tuple[Argument, ...]) -> View:
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
            start, stop, step = [bound if isinstance(bound, int) else None for bound in one[1:4]]
            kept = range(*slice(start, stop, step).indices(x.lengths[place]))
            x = parts.part_of(call.tracer, x, place, _tight(kept))
            place += 1
        elif isinstance(one, int):
            x = parts.selected(call.tracer, x, place, one)
        elif isinstance(one, Known) and one.element != "bool":
            x = _picked(call, x, place, one)
            place += len(one.lengths)
        else:
            raise call.fail("indices that depend on the input are not read")
    return x


def _before(index: tuple[Argument, ...], mark: Argument) -> int:
    """How many dimensions are taken before the dots."""
    count = 0
    for one in index:
        if one == mark and isinstance(one, str):
            return count
        count += one is not None
    return count


def _picked(call: Following, x: View, axis: int, indices: Known) -> View:
    size = x.lengths[axis]
    wanted = indices.whole()
    if not wanted:
        # Which ones is not known, and how many there are.
        lengths = (*x.lengths[:axis], *indices.lengths, *x.lengths[axis + 1 :])
        return parts.opaque(call.tracer, "gather", [x], lengths, call.batch, moves=True)
    done = parts.picked(call.tracer, x, axis, [one % size for one in wanted], call.batch)
    sizes = (*x.lengths[:axis], *indices.lengths, *x.lengths[axis + 1 :])
    return parts.reshaped(call.tracer, done, sizes)


@operator("index_select")
def index_select(call: Following) -> Results:
    """The elements at some indices of a dimension."""
    return _picked(call, call.view(), call.axis(0, "dim"), call.weight("index"))


@operator("index")
def index(call: Following) -> Results:
    """The elements at indices of the leading dimensions."""
    given = call.get("indices")
    whole = ("slice", None, None, None)
    items = tuple([whole if one is None else one for one in given]) if is_list(given) else (given,)
    if sum(isinstance(one, Known) for one in items) > 1:
        raise call.fail("indices of several dimensions cannot be read")
    return _item(call, call.view(), items)


@operator("roll")
def roll(call: Following) -> Results:
    """Positions moved along dimensions; what leaves one end comes back at the other."""
    x = call.view()
    rank = len(x.dimensions)
    shifts = call.integers("shifts") or []
    dims = [one % rank for one in call.integers("dims") or []]
    if not dims:
        raise call.fail("a roll of all elements as one row is not read")
    if any(x.own(place) not in x.base[:-1] for place in dims):
        channels = next((place for place in range(rank) if place not in dims and x.own(place)), rank - 1)
        x = call.tracer.by_dimension(x, channels)
    by = [0] * (len(x.base) - 1)
    for place, shift in zip(dims, shifts, strict=True):
        by[x.base.index(x.own(place))] = shift
    step = call.tracer.add("roll", [x.step], {"by": PerAxis(by) if len(by) > 1 else by[0]})
    return x._replace(step=step)


@operator(
    "pad",
    "constant_pad_nd",
    *[f"{kind}_pad{n}d" for kind in ("reflection", "replication") for n in (1, 2, 3)],
)
def pad(call: Following) -> Results:
    """Padding of the last dimensions, the last one first."""
    x = call.view()
    name = call.call.function
    mode = call.word("constant", "mode") if name == "pad" else name.partition("_")[0]
    modes = {
        "reflect": "reflect",
        "reflection": "reflect",
        "replicate": "replicate",
        "replication": "replicate",
    }
    amounts = call.integers("pad", "padding") or []
    rank = len(x.dimensions)
    pairs = [(0, 0)] * rank
    for place in range(len(amounts) // 2):
        pairs[rank - 1 - place] = (amounts[2 * place], amounts[2 * place + 1])
    return parts.padded(call.tracer, x, pairs, "circular" if mode == "circular" else modes.get(mode, "zeros"))


@operator("roi_align", "roi_pool")
def regions(call: Following) -> Results:
    """Regions of a map, each brought to one size."""
    x = call.view()
    stated = call.stated[0]
    if stated is None:
        raise call.fail("how many regions there are is not known")
    placed = call.tracer.by_dimension(x, 1, [2, 3])
    size = PerAxis(list(stated[2:]))
    step = call.tracer.add("roipool", [placed.step], {"count": stated[0], "size": size})
    return call.tracer.view(step, [0, -1, 1, 2])
