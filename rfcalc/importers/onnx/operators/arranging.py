"""Dimensions in another form or order, parts of tensors, tensors side by side."""

from __future__ import annotations

import math

from rfcalc.importers.onnx.call import NodeCall, operator
from rfcalc.importers.tracing import bins, parts, picking
from rfcalc.importers.tracing.bins import GatheredBins
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import Windows
from rfcalc.importers.tracing.products import permuted, reshaped
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.tracer import MOST_PARTS
from rfcalc.importers.tracing.views import TensorView
from rfcalc.ops.attributes import PerAxis, Value

_EVERYTHING = 2**31


@operator("Reshape")
def reshape(call: NodeCall) -> FollowedResults:
    """The same elements with other dimensions; 0 keeps a size, -1 is what is left."""
    x = call.tensor(0)
    wanted = call.numbers(1, "shape") or []
    if not call.integer("allowzero", 0):
        if any(one == 0 and place >= len(x.lengths) for place, one in enumerate(wanted)):
            raise call.fail(f"sizes {tuple(wanted)} for a tensor of {x.lengths}")
        wanted = [x.lengths[place] if one == 0 else one for place, one in enumerate(wanted)]
    return reshaped(call.tracer, x, wanted)


@operator("Flatten")
def flatten(call: NodeCall) -> FollowedResults:
    """The dimensions before one made one, and those from it on."""
    x = call.tensor(0)
    axis = call.integer("axis", 1)
    axis += len(x.lengths) if axis < 0 else 0
    return reshaped(call.tracer, x, (math.prod(x.lengths[:axis]), math.prod(x.lengths[axis:])))


@operator("Transpose")
def transpose(call: NodeCall) -> FollowedResults:
    """The dimensions in another order."""
    x = call.tensor(0)
    return permuted(call.tracer, x, call.ints("perm") or range(len(x.lengths))[::-1])


@operator("Squeeze")
def squeeze(call: NodeCall) -> FollowedResults:
    """Dimensions of size 1 left out."""
    x = call.tensor(0)
    axes = call.numbers(1, "axes")
    every = [place for place, size in enumerate(x.lengths) if size == 1]
    chosen = every if axes is None else call.places(axes, len(x.lengths))
    for place in chosen:
        if x.lengths[place] != 1:
            raise call.fail(f"dimension {place} has size {x.lengths[place]}, not 1")
    return reshaped(call.tracer, x, [size for place, size in enumerate(x.lengths) if place not in chosen])


@operator("Unsqueeze")
def unsqueeze(call: NodeCall) -> FollowedResults:
    """Dimensions of size 1 put in."""
    x = call.tensor(0)
    axes = call.numbers(1, "axes") or []
    rank = len(x.lengths) + len(axes)
    places = call.places(axes, rank)
    rest = iter(x.lengths)
    return reshaped(call.tracer, x, [1 if place in places else next(rest) for place in range(rank)])


@operator("Expand")
def expand(call: NodeCall) -> FollowedResults:
    """Repeated along dimensions of size 1."""
    return parts.expanded(call.tracer, call.view(0), call.numbers(1) or [], call.batch)


@operator("Tile")
def tile(call: NodeCall) -> FollowedResults:
    """Repeated as a whole, one behind the other."""
    x = call.view(0)
    sizes = list(x.lengths)
    for place, times in enumerate(call.numbers(1) or []):
        if not 1 <= times <= MOST_PARTS:
            raise call.fail(f"a tensor repeated {times:,} times is not read")
        if times != 1 and sizes[place] != 1:
            x = parts.concatenated(call.tracer, [x] * times, place)
        sizes[place] *= times
    return parts.expanded(call.tracer, x, sizes, call.batch)


@operator("Concat")
def concat(call: NodeCall) -> FollowedResults:
    """Tensors one behind the other."""
    tensors = [call.tensor(place) for place in range(len(call.operands))]
    views = [call.as_view(one) for one in tensors]
    rank = len(views[0].dimensions)
    if any(len(one.dimensions) != rank for one in views):
        raise call.fail("tensors of different numbers of dimensions are joined")
    return parts.concatenated(call.tracer, views, call.axis(1, rank))


@operator("Split")
def split(call: NodeCall) -> FollowedResults:
    """A tensor cut into parts along a dimension."""
    x = call.view(0)
    axis = call.axis(0, len(x.dimensions))
    sizes = split_sizes(call, x.lengths[axis])
    if sum(sizes) != x.lengths[axis]:
        raise call.fail(f"parts of {sizes} of a dimension of {x.lengths[axis]}")
    return parts.cut(call.tracer, x, axis, sizes)


def split_sizes(call: NodeCall, size: int) -> list[int]:
    """The sizes that a Split cuts a dimension into."""
    sizes = call.numbers(1, "split")
    if sizes is None:
        count = min(call.integer("num_outputs", len(call.node.outputs)), len(call.node.outputs))
        each = -(-size // max(count, 1))
        sizes = [max(min(each, size - place * each), 0) for place in range(count)]
    return sizes


def slices(call: NodeCall, lengths: tuple[int, ...]) -> list[range]:
    """The indices along each dimension that a Slice keeps."""
    starts, ends = call.numbers(1, "starts") or [], call.numbers(2, "ends") or []
    axes, steps = call.numbers(3, "axes"), call.numbers(4)
    kept = [range(size) for size in lengths]
    chosen = range(len(starts)) if axes is None else axes
    for start, end, axis, step in zip(starts, ends, chosen, steps or [1] * len(starts), strict=True):
        if not step or not -len(lengths) <= axis < len(lengths):
            raise call.fail(f"a slice of axis {axis} with step {step}")
        chosen_part = slice(start, end if end > -_EVERYTHING else None, step)
        kept[axis % len(lengths)] = range(*chosen_part.indices(lengths[axis]))
    return kept


@operator("Slice")
def slice_(call: NodeCall) -> FollowedResults:
    """A part of some dimensions."""
    x = call.view(0)
    for place, part in enumerate(slices(call, x.lengths)):
        if part != range(x.lengths[place]):
            x = picking.picked(call.tracer, x, place, part, call.batch)
    return x


@operator("Gather")
def gather(call: NodeCall) -> FollowedResults:
    """What stands at indices of a dimension; with a table of weights an embedding."""
    tensor = call.tensor(0)
    if isinstance(tensor, Known):
        if len(tensor.lengths) != 2 or call.integer("axis", 0):
            raise call.fail("weights that are looked up by a tensor that depends on the input")
        return parts.embedded(call.tracer, call.view(1), tensor)
    if isinstance(tensor, GatheredBins):
        one = tensor.one(call.axis(0, len(tensor.lengths)))
        if one is not None and not call.known(1).lengths:
            return one
    x = call.view(0)
    return picking.gathered(call.tracer, x, call.axis(0, len(x.dimensions)), call.known(1), call.batch)


@operator("GatherND")
def gather_nd(call: NodeCall) -> FollowedResults:
    """What stands at indices of the leading dimensions: bins of adaptive pooling."""
    found = bins.gathered(call.view(0), call.known(1)) if not call.integer("batch_dims", 0) else None
    if found is None:
        raise call.fail(
            "indices of several dimensions cannot be read, unless they are those of adaptive pooling"
        )
    return found


@operator("Pad")
def pad(call: NodeCall) -> FollowedResults:
    """Padding of dimensions."""
    x = call.view(0)
    amounts = call.numbers(1, "pads") or call.ints("paddings") or []
    rank = len(x.dimensions)
    axes = call.numbers(3)
    count = len(amounts) // 2
    pairs = [(0, 0)] * rank
    for place, axis in enumerate(range(rank) if axes is None else call.places(axes, rank)):
        pairs[axis] = (amounts[place], amounts[count + place])
    modes = {"constant": "zeros", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    return parts.padded(call.tracer, x, pairs, modes.get(call.word("mode", "constant"), "zeros"))


@operator("Col2Im")
def col2im(call: NodeCall) -> FollowedResults:
    """Windows put back in their places."""
    x = call.view(0)
    size, kernel = call.numbers(1) or [], call.numbers(2) or []
    rank = len(size)
    stride, dilation = (call.ints(name) or [1] * rank for name in ("strides", "dilations"))
    pads = call.ints("pads") or [0] * (2 * rank)
    if not rank == len(kernel) == len(stride) == len(dilation) == len(pads) // 2 or min(stride) < 1:
        raise call.fail(f"sizes of {rank} axes, a kernel of {len(kernel)}, pads {tuple(pads)}")
    windows = Windows(
        tuple(kernel), tuple(stride), list(zip(pads[:rank], pads[rank:], strict=True)), tuple(dilation)
    )
    # How many windows there are along each axis, which stand side by side.
    counts = [
        (n + before + after - r * (f - 1) - 1) // s + 1
        for n, f, s, r, before, after in zip(
            size, kernel, stride, dilation, pads[:rank], pads[rank:], strict=True
        )
    ]
    if len(x.lengths) != 3 or math.prod(counts) != x.lengths[2]:
        raise call.fail(f"{tuple(counts)} windows do not fit an input of {x.lengths}")
    split = parts.reshaped(call.tracer, x, (*x.lengths[:2], *counts))
    placed = call.tracer.by_dimension(split, 1, list(range(2, 2 + rank)))
    values: dict[str, Value] = {"size": PerAxis(size), **windows.values()}
    step = call.tracer.add("fold", [placed.step], values)
    return call.tracer.view(step, ["batch", -1, *range(rank)], x.dimensions[0])


@operator("RoiAlign", "MaxRoiPool")
def regions(call: NodeCall) -> FollowedResults:
    """Regions of a map, each brought to one size."""
    x = call.view(0)
    count = call.tensor(1).lengths[0]
    height, width = call.integer("output_height", 1), call.integer("output_width", 1)
    shape = call.ints("pooled_shape")
    size = PerAxis(shape) if shape else PerAxis([height, width])
    placed = call.tracer.by_dimension(x, 1, list(range(2, len(x.dimensions))))
    step = call.tracer.add("roipool", [placed.step], {"count": count, "size": size})
    view = call.tracer.view(step, [0, -1, 1, 2])
    assert isinstance(view, TensorView)
    return view
