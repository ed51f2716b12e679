"""Layers that move elements: side by side, parts, other orders and sizes."""

from __future__ import annotations

import math
from itertools import pairwise

from rfcalc.errors import Related, counted, quoted
from rfcalc.importers.caffe.call import MOST_DIMENSIONS, LayerCall, operator, sizes
from rfcalc.importers.caffe.values import MessageValues
from rfcalc.importers.tracing import layers, parts
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.tracer import MOST_PARTS, per_axis
from rfcalc.importers.tracing.views import TensorView
from rfcalc.ops.attributes import SpanValue, Value, Word

# As many copies of a tensor are written out side by side.
_MOST_COPIES = 64


@operator("Concat")
def concat(call: LayerCall) -> FollowedResults:
    """Tensors side by side."""
    values, x = call.parameter("concat_param"), call.x
    axis = call.axis(values, "concat_dim" if "concat_dim" in values else "axis", 1, len(x.lengths))
    for number, one in enumerate(call.bottoms):
        ranks = len(one.lengths) == len(x.lengths)
        if not ranks or any(
            a != b
            for place, (a, b) in enumerate(zip(one.lengths, x.lengths, strict=True))
            if place not in (0, axis)
        ):
            call.fail(
                f"Concat along dimension {axis} needs tensors that are alike otherwise; "
                f"{call.named_size()}, {call.named_size(number)}",
                call.layer.bottom_place(number),
                "",
                *[
                    Related(f"{quoted(call.layer.bottoms[each])} is made here", call.makers[each])
                    for each in (0, number)
                ],
            )
    if axis == 0:
        call.fail("Concat of examples is not read", values.at("axis"))
    return parts.concatenated(call.tracer, call.bottoms, axis)


@operator("Slice")
def slice_(call: LayerCall) -> FollowedResults:
    """Parts of a dimension, equal or cut at points, one for each top."""
    values, x = call.parameter("slice_param"), call.x
    axis = call.axis(values, "slice_dim" if "slice_dim" in values else "axis", 1, len(x.lengths))
    if axis == 0:
        call.fail("a Slice of the examples is not read", values.at("axis"))
    length, tops = x.lengths[axis], len(call.layer.tops)
    points = values.wholes("slice_point")
    if not points:
        if length % tops:
            call.fail(
                f"a length of {length} does not divide into {counted(tops, 'top')}; {call.named_size()}",
                None,
                "slice_point says where it is cut",
            )
        each = [length // tops] * tops
    else:
        if len(points) != tops - 1:
            call.fail(
                f"{counted(len(points), 'slice_point')} for {counted(tops, 'top')}",
                values.at("slice_point"),
                f"{tops} parts have {tops - 1} points between them",
            )
        ends = [0, *points, length]
        for number, (before, after) in enumerate(pairwise(ends)):
            if after <= before:
                place = min(number, len(points) - 1)
                call.fail(
                    f"slice_point {points[place]} leaves an empty part; {call.named_size()}",
                    values.at("slice_point", place),
                    f"points rise, above 0 and below {length}",
                )
        each = [after - before for before, after in pairwise(ends)]
    return parts.cut(call.tracer, x, axis, each)


@operator("Crop")
def crop(call: LayerCall) -> FollowedResults:
    """The first tensor cut to the size of the second, from one dimension on, at offsets."""
    values, x, like = call.parameter("crop_param"), call.x, call.bottom(1)
    rank = len(x.lengths)
    if len(like.lengths) != rank:
        call.fail(f"Crop needs tensors of equal rank; {call.named_size()}, {call.named_size(1)}")
    axis = call.axis(values, "axis", 2, rank)
    offsets = values.wholes("offset")
    if len(offsets) not in (0, 1, rank - axis):
        call.fail(
            f"{counted(len(offsets), 'offset')} for {counted(rank - axis, 'dimension')} from axis {axis} on",
            values.at("offset"),
            "one for all, or one for each",
        )
    every = offsets * (rank - axis) if len(offsets) == 1 else offsets or [0] * (rank - axis)
    cut = [(0, 0)] * axis
    for number, before in enumerate(every):
        n, m = x.lengths[axis + number], like.lengths[axis + number]
        if before < 0 or n - before < m:
            call.fail(
                f"{m} positions behind an offset of {before} are more than there are; "
                f"{call.named_size()}, {call.named_size(1)}",
                values.at("offset", number if len(offsets) > 1 else 0),
            )
        cut.append((before, n - before - m))
    if axis < 2 or rank < 3:
        for place, (before, after) in enumerate(cut):
            if before or after:
                x = parts.part_of(call.tracer, x, place, range(before, x.lengths[place] - after))
        return x
    placed, leading = layers.slid(call.tracer, x)
    spans: list[Value] = [0] * leading
    spans += [a if a == b else SpanValue(a, b) for a, b in cut[2:]]
    return layers.after(
        call.tracer, x, call.tracer.add("crop", [placed.step], {"padding": per_axis(spans)}), leading
    )


@operator("Reshape")
def reshape(call: LayerCall) -> FollowedResults:
    """The same elements with other dimensions."""
    values, x = call.parameter("reshape_param"), call.x
    shape = values.message("shape")
    first = values.whole("axis", 0)
    rank = len(x.lengths)
    start = first if first >= 0 else rank + first + 1
    number = values.whole("num_axes", -1)
    if not 0 <= start <= rank or number < -1 or start + number > rank:
        call.fail(f"axis {first} and num_axes {number} are not within {call.named_size()}", values.place)
    stop = rank if number == -1 else start + number
    old = x.lengths[start:stop]
    wanted: list[int] = []
    for place, one in enumerate(shape.wholes("dim")):
        if one == 0 and place >= len(old):
            call.fail(
                f"dim: 0 keeps a length, and there is no dimension {start + place}; {call.named_size()}",
                shape.at("dim", place),
            )
        if one < -1:
            call.fail(
                f"dim is a length, 0 to keep one or -1 for what is left, not {one}", shape.at("dim", place)
            )
        wanted.append(old[place] if one == 0 else one)
    if wanted.count(-1) > 1:
        last = len(shape.wholes("dim")) - 1 - shape.wholes("dim")[::-1].index(-1)
        call.fail("dim: -1 stands twice, and one length alone can be what is left", shape.at("dim", last))
    held, rest = math.prod(old), math.prod(one for one in wanted if one != -1)
    if (-1 in wanted and (rest == 0 or held % rest)) or (-1 not in wanted and rest != held):
        call.fail(
            f"{sizes([one for one in wanted if one > 0])} does not hold {held} elements; {call.named_size()}",
            shape.at("dim"),
        )
    wanted = [held // rest if one == -1 else one for one in wanted]
    return parts.reshaped(call.tracer, x, _bounded(call, (*x.lengths[:start], *wanted, *x.lengths[stop:])))


@operator("Flatten")
def flatten(call: LayerCall) -> FollowedResults:
    """Several dimensions as one."""
    values, x = call.parameter("flatten_param"), call.x
    rank = len(x.lengths)
    first, last = call.axis(values, "axis", min(1, rank - 1), rank), call.axis(values, "end_axis", -1, rank)
    if last < first:
        call.fail(f"end_axis {last} stands before axis {first}", values.at("end_axis"))
    flat = math.prod(x.lengths[first : last + 1])
    return parts.reshaped(call.tracer, x, (*x.lengths[:first], flat, *x.lengths[last + 1 :]))


@operator("Permute")
def permute(call: LayerCall) -> FollowedResults:
    """Dimensions in another order; those that are not named follow."""
    values, x = call.parameter("permute_param"), call.x
    order = values.wholes("order")
    for number, one in enumerate(order):
        if not 0 <= one < len(x.lengths) or one in order[:number]:
            call.fail(
                f"order {one} is no dimension that is left; {call.named_size()}", values.at("order", number)
            )
    return x.permuted([*order, *[one for one in range(len(x.lengths)) if one not in order]])


@operator("Reduction")
def reduction(call: LayerCall) -> FollowedResults:
    """What all dimensions from one on are reduced to."""
    values, x = call.parameter("reduction_param"), call.x
    rank = len(x.lengths)
    axis = call.axis(values, "axis", 0, rank)
    operation = values.word("operation", "SUM")
    if operation in ("ASUM", "SUMSQ"):
        name = "abs" if operation == "ASUM" else "square"
        x = layers.in_place(call.tracer, "function", x, {"of": Word(name)})
    done = layers.reduced(
        call.tracer, x, range(max(axis, 1), rank), "mean" if operation == "MEAN" else "sum", keep=False
    )
    if values.decimal("coeff", 1) != 1:
        done = layers.in_place(call.tracer, "function", done, {"of": Word("mul")})
    return done if axis else done._replace(dimensions=done.dimensions[1:])


@operator("Tile")
def tile(call: LayerCall) -> FollowedResults:
    """A tensor several times along a dimension."""
    values, x = call.parameter("tile_param"), call.x
    axis, number = call.axis(values, "axis", 1, len(x.lengths)), values.whole("tiles")
    if not 1 <= number <= MOST_PARTS:
        call.fail(f"tiles is a number from 1 to {MOST_PARTS:,}, not {number}", values.at("tiles"))
    if x.lengths[axis] == 1:
        lengths = (*x.lengths[:axis], number, *x.lengths[axis + 1 :])
        return parts.expanded(call.tracer, x, lengths, call.batch)
    if number > _MOST_COPIES:
        lengths = (*x.lengths[:axis], x.lengths[axis] * number, *x.lengths[axis + 1 :])
        return parts.opaque(call.tracer, "Tile", [x], lengths, call.batch, moves=True)
    return parts.concatenated(call.tracer, [x] * number, axis)


@operator("ShuffleChannel")
def shuffle_channel(call: LayerCall) -> FollowedResults:
    """Channels of groups interleaved."""
    values, x = call.parameter("shuffle_channel_param"), call.x
    groups = values.whole("group", 1)
    channels = x.lengths[1]
    if groups < 1 or channels % groups:
        call.fail(f"{channels} channels do not divide into {groups} groups", values.at("group"))
    rest = x.lengths[2:]
    apart = parts.reshaped(call.tracer, x, (x.lengths[0], groups, channels // groups, *rest))
    moved = apart.permuted([0, 2, 1, *range(3, len(rest) + 3)])
    return parts.reshaped(call.tracer, moved, x.lengths)


@operator("Interp")
def interp(call: LayerCall) -> FollowedResults:
    """Bilinear resampling between the corners, as DeepLab's Caffe has it."""
    values, x = call.parameter("interp_param"), call.x
    if len(x.lengths) != 4:
        call.fail(f"Interp reads maps; {call.named_size()}", call.layer.bottom_place(0))
    begin, end = values.whole("pad_beg"), values.whole("pad_end")
    if begin > 0 or end > 0:
        call.fail("pad_beg and pad_end cut off, they are 0 or less", values.at("pad_beg"))
    if begin or end:
        x = parts.padded(call.tracer, x, [(0, 0), (0, 0), (begin, end), (begin, end)])
    shrink, zoom = values.whole("shrink_factor", 1), values.whole("zoom_factor", 1)
    if len(call.bottoms) > 1:
        wanted = list(call.bottom(1).lengths[2:])
    elif "height" in values or "width" in values:
        wanted = [values.whole("height"), values.whole("width")]
    elif "shrink_factor" in values or "zoom_factor" in values:
        wanted = [((n - 1) // max(shrink, 1)) + 1 for n in x.lengths[2:]]
        wanted = [n + (n - 1) * (zoom - 1) for n in wanted]
    else:
        call.fail("Interp needs height and width, or zoom_factor, or shrink_factor", values.place)
    return _resampled(call, values, x, wanted, "bilinear", align_corners=True)


@operator("Upsample")
def upsample(call: LayerCall) -> FollowedResults:
    """SegNet's unpooling, each value to where the maximum came from; without a mask the nearest position."""
    values, x = call.parameter("upsample_param"), call.x
    if len(x.lengths) != 4:
        call.fail(f"Upsample reads maps; {call.named_size()}", call.layer.bottom_place(0))
    scale = values.whole("scale", 2)
    wanted = []
    for place, axis in enumerate("hw"):
        factor = values.whole(f"scale_{axis}", scale)
        cut = int(values.flag(f"pad_out_{axis}"))
        wanted.append(values.whole(f"upsample_{axis}") or x.lengths[2 + place] * factor - cut)
    if len(call.layer.bottoms) > 1:
        call.remark("unpooling is taken as upsampling by the nearest position: it reads one value at most")
    return _resampled(call, values, x, wanted, "nearest", align_corners=False)


def _resampled(
    call: LayerCall,
    values: MessageValues,
    x: TensorView,
    wanted: list[int],
    mode: str,
    *,
    align_corners: bool,
) -> TensorView:
    if any(size < 1 for size in wanted):
        call.fail(f"a map of {sizes(wanted)} has no positions; {call.named_size()}", values.place)
    pairs = list(zip(wanted, x.lengths[2:], strict=True))
    scales: list[Value] | None = None
    if mode == "nearest" and all(m % n == 0 for m, n in pairs):
        scales = [m // n for m, n in pairs]
    return parts.resampled(call.tracer, x, wanted, scales, mode, align_corners=align_corners)


@operator("PriorBox")
def prior_box(call: LayerCall) -> FollowedResults:
    """SSD's default boxes: constants, four numbers and four variances for each."""
    values, x = call.parameter("prior_box_param"), call.x
    if len(x.lengths) != 4:
        call.fail(f"PriorBox reads maps; {call.named_size()}", call.layer.bottom_place(0))
    ratios = {1.0}
    for one in values.decimals("aspect_ratio"):
        ratios.add(round(one, 6))
        if values.flag("flip", True) and one:
            ratios.add(round(1 / one, 6))
    small = len(values.decimals("min_size"))
    if not small:
        call.fail("PriorBox needs min_size", values.place)
    number = len(ratios) * small + len(values.decimals("max_size"))
    length = x.lengths[2] * x.lengths[3] * number * 4
    step = call.tracer.add("learned", [], {"size": per_axis([2, length]), "learned": False})
    return call.tracer.view(step, ["batch", 0, -1])


@operator("DetectionOutput")
def detection_output(call: LayerCall) -> FollowedResults:
    """What is left of SSD's boxes: seven numbers for each."""
    keep = call.parameter("detection_output_param").whole("keep_top_k", -1)
    if keep < 1:
        keep = 1
        call.remark("how many boxes are left is not stated; one is taken")
    return parts.opaque(call.tracer, "DetectionOutput", call.bottoms, (1, 1, keep, 7), call.batch, moves=True)


def _bounded(call: LayerCall, lengths: tuple[int, ...]) -> tuple[int, ...]:
    if len(lengths) > MOST_DIMENSIONS:
        call.fail(f"{len(lengths)} dimensions; Caffe has at most {MOST_DIMENSIONS}")
    return lengths
