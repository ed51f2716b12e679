"""Dimensions in another form or order, parts of tensors, tensors side by side."""

from __future__ import annotations

import math

from rfcalc.importers.torch.call import Following, operator
from rfcalc.importers.tracing import parts
from rfcalc.importers.tracing.attention import Scores
from rfcalc.importers.tracing.products import exchanged, permuted, reshaped
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView
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
def same(call: Following) -> FollowedResults:
    """What leaves the elements as they are."""
    return call.first()


@operator("view", "reshape", "_unsafe_view", "reshape_as", "view_as", "_reshape_alias")
def reshape(call: Following) -> FollowedResults:
    """The same elements with other dimensions."""
    x = call.first()
    other = call.get("other")
    if call.call.function.endswith("_as"):
        wanted = list(call.a_tensor(other).lengths)
    else:
        wanted = call.sizes("size", "shape")
    return reshaped(call.tracer, x, wanted)


@operator("flatten")
def flatten(call: Following) -> FollowedResults:
    """Neighbouring dimensions made one."""
    x = call.view()
    rank = len(x.lengths)
    first = call.integer(0, "start_dim") % rank
    last = call.integer(-1, "end_dim") % rank
    sizes = (*x.lengths[:first], math.prod(x.lengths[first : last + 1]), *x.lengths[last + 1 :])
    return parts.reshaped(call.tracer, x, sizes)


@operator("unflatten")
def unflatten(call: Following) -> FollowedResults:
    """A dimension made several."""
    x = call.view()
    axis = call.axis(0, "dim")
    sizes = call.integers("sizes") or []
    return reshaped(call.tracer, x, [*x.lengths[:axis], *sizes, *x.lengths[axis + 1 :]])


@operator("permute")
def permute(call: Following) -> FollowedResults:
    """Dimensions in another order."""
    x = call.first()
    rank = len(x.lengths)
    return permuted(call.tracer, x, [one % rank for one in call.sizes("dims")])


@operator("transpose", "swapaxes", "swapdims")
def transpose(call: Following) -> FollowedResults:
    """Two dimensions exchanged."""
    x = call.first()
    order = list(range(len(x.lengths)))
    one = call.axis(0, "dim0")
    two = call.axis(1, "dim1")
    order[one], order[two] = order[two], order[one]
    return permuted(call.tracer, x, order)


@operator("t", "mT", "T", "numpy_T", "adjoint")
def transposed(call: Following) -> FollowedResults:
    """The last two dimensions exchanged."""
    x = call.first()
    return exchanged(call.tracer, x) if len(x.lengths) > 1 else x


@operator("movedim", "moveaxis")
def movedim(call: Following) -> FollowedResults:
    """Some dimensions moved to other places."""
    x = call.view()
    rank = len(x.dimensions)
    sources = [one % rank for one in call.integers("source") or []]
    targets = [one % rank for one in call.integers("destination") or []]
    placed = dict(zip(targets, sources, strict=True))
    if not len(placed) == len(set(sources)) == len(sources):
        raise call.fail("a dimension is moved twice, or two are moved to one place")
    rest = iter([place for place in range(rank) if place not in sources])
    return x.permuted([placed[place] if place in placed else next(rest) for place in range(rank)])


@operator("squeeze")
def squeeze(call: Following) -> FollowedResults:
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


def _leads(call: Following, x: TensorView) -> bool:
    """Whether the first dimension goes as well: one that counts a single example has size 1."""
    stated = call.stated[0]
    return stated is None or len(stated) < sum(size != 1 for size in x.lengths) + 1


@operator("unsqueeze")
def unsqueeze(call: Following) -> FollowedResults:
    """A dimension of size 1 put in."""
    x = call.view()
    return x.with_one(call.integer(0, "dim") % (len(x.dimensions) + 1))


@operator("expand", "expand_as", "broadcast_to")
def expand(call: Following) -> FollowedResults:
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
def repeat(call: Following) -> FollowedResults:
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
def cat(call: Following) -> FollowedResults:
    """Tensors one behind the other."""
    views = [call.as_view(one) for one in call.tensors("tensors")]
    views = [one for one in views if 0 not in one.lengths]
    rank = len(views[0].dimensions)
    return parts.concatenated(call.tracer, views, call.integer(0, "dim") % rank)


@operator("stack")
def stack(call: Following) -> FollowedResults:
    """Tensors one behind the other along a new dimension."""
    views = [call.as_view(one) for one in call.tensors("tensors")]
    axis = call.integer(0, "dim") % (len(views[0].dimensions) + 1)
    return parts.concatenated(call.tracer, [one.with_one(axis) for one in views], axis)


@operator("roll")
def roll(call: Following) -> FollowedResults:
    """Positions moved along dimensions; what leaves one end comes back at the other."""
    x = call.view()
    rank = len(x.dimensions)
    shifts = call.integers("shifts") or []
    dims = [one % rank for one in call.integers("dims") or []]
    if not dims:
        raise call.fail("a roll of all elements as one row is not read")
    return parts.rolled(call.tracer, x, dims, shifts)


@operator(
    "pad",
    "constant_pad_nd",
    *[f"{kind}_pad{n}d" for kind in ("reflection", "replication") for n in (1, 2, 3)],
)
def pad(call: Following) -> FollowedResults:
    """Padding of the last dimensions, the last one first."""
    x = call.view()
    name = call.call.function
    mode = call.word("constant", "mode") if name == "pad" else name.partition("_")[0]
    modes = {
        "reflect": "reflect",
        "reflection": "reflect",
        "replicate": "replicate",
        "replication": "replicate",
        "circular": "circular",
    }
    amounts = call.integers("pad", "padding") or []
    rank = len(x.dimensions)
    pairs = [(0, 0)] * rank
    for place in range(len(amounts) // 2):
        pairs[rank - 1 - place] = (amounts[2 * place], amounts[2 * place + 1])
    return parts.padded(call.tracer, x, pairs, modes.get(mode, "zeros"))


@operator("roi_align", "roi_pool")
def regions(call: Following) -> FollowedResults:
    """Regions of a map, each brought to one size."""
    x = call.view()
    stated = call.stated[0]
    if stated is None:
        raise call.fail("how many regions there are is not known")
    placed = call.tracer.by_dimension(x, 1, [2, 3])
    size = PerAxis(list(stated[2:]))
    step = call.tracer.add("roipool", [placed.step], {"count": stated[0], "size": size})
    return call.tracer.view(step, [0, -1, 1, 2])
