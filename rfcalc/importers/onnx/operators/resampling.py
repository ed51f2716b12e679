"""Axes brought to another size, and channels to space and back."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.importers.onnx.call import NodeCall, operator
from rfcalc.importers.tracing import parts
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.ops.attributes import Value


@operator("Resize", "Upsample")
def resize(call: NodeCall) -> FollowedResults:
    """Resampling of the axes."""
    x = call.view(0)
    rank = len(x.dimensions)
    mode = call.word("mode", "nearest")
    old = call.node.operator == "Upsample" or call.version < 11
    scales_at, sizes_at = (1, 9) if old else (2, 3)
    scales, sizes = call.optional(scales_at), call.numbers(sizes_at)
    factors = (
        [float(one) for one in scales.values]
        if scales is not None and scales.values
        else [float(one) for one in _floats(call, "scales")]
    )
    axes = call.ints("axes")
    places = list(range(rank)) if axes is None else call.places(axes, rank)
    if len(factors if sizes is None else sizes) != len(places):
        raise call.fail(f"expected a factor or a size for each of {len(places)} dimensions")
    if sizes is not None:
        factors = []
        sizes = _of_the_same_aspect(call, [x.lengths[place] for place in places], sizes)
    every = dict(zip(places, factors, strict=True)) if factors else {}
    chosen = dict(zip(places, sizes or (), strict=False))
    wanted = [chosen.get(place, int(n * every.get(place, 1))) for place, n in enumerate(x.lengths)]
    if tuple(wanted) == x.lengths:
        return x
    # The channels stand behind the examples, or last.
    order = list(range(rank))
    if wanted[1] != x.lengths[1] and wanted[-1] == x.lengths[-1]:
        order = [0, rank - 1, *range(1, rank - 1)]
    if any(wanted[place] != x.lengths[place] for place in order[:2]):
        raise call.fail(f"examples and channels cannot be resampled: {x.lengths} to {tuple(wanted)}")
    moved = x.permuted(order)
    goal = [wanted[place] for place in order[2:]]
    ours, align = _method(call, mode, old)
    scale = None
    if factors:
        scale = _factors(moved.lengths[2:], [every.get(place, 1.0) for place in order[2:]], goal)
    done = parts.resampled(call.tracer, moved, goal, scale, ours, align_corners=align)
    return done.permuted([order.index(place) for place in range(rank)])


def _of_the_same_aspect(call: NodeCall, lengths: list[int], sizes: list[int]) -> list[int]:
    """Sizes as the policy of a Resize changes them: all by one factor, the least or the largest."""
    policy = call.word("keep_aspect_ratio_policy", "stretch")
    if policy == "stretch":
        return sizes
    choose = min if policy == "not_larger" else max
    size, length = choose(zip(sizes, lengths, strict=True), key=lambda pair: pair[0] / pair[1])
    # Halves are rounded up.
    return [(2 * n * size + length) // (2 * length) for n in lengths]


def _factors(lengths: Sequence[int], factors: Sequence[float], sizes: Sequence[int]) -> list[Value] | None:
    """The factors as exact numbers; None where these would give other sizes."""
    if all(one.is_integer() for one in factors):
        return [int(one) for one in factors]
    from fractions import Fraction

    found = [Fraction(one).limit_denominator(1000) for one in factors]
    if any(n * f // 1 != m for n, f, m in zip(lengths, found, sizes, strict=True)):
        return None
    return list(found)


def _floats(call: NodeCall, name: str) -> list[float]:
    found = call.node.attributes.get(name)
    return [float(one) for one in found if isinstance(one, int | float)] if isinstance(found, tuple) else []


def _method(call: NodeCall, mode: str, old: bool) -> tuple[str, bool]:
    """The interpolation of the language, and whether the corners coincide."""
    where = call.word("coordinate_transformation_mode", "asymmetric" if old else "half_pixel")
    if call.integer("antialias", 0):
        raise call.fail("resampling with antialiasing has no layer in the language")
    if mode == "nearest":
        rounding = call.word("nearest_mode", "floor" if old else "round_prefer_floor")
        if where == "asymmetric" and rounding == "floor":
            return "nearest", False
        if where.endswith("half_pixel") and rounding.startswith("round"):
            return "nearest_exact", False
        if where == "tf_half_pixel_for_nn" and rounding == "floor":
            return "nearest_exact", False
        if where in ("asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners"):
            return _nearly(call, "nearest_exact" if "half" in where else "nearest", f"{rounding} of {where}")
    elif mode in ("linear", "bilinear", "cubic"):
        ours = "bicubic" if mode == "cubic" else "bilinear"
        if where in ("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric"):
            return ours, False
        if where == "align_corners":
            return ours, True
        if where == "asymmetric":
            return _nearly(call, ours, where)
    raise call.fail(f"resampling by {mode} with coordinates of {where} has no layer in the language")


def _nearly(call: NodeCall, ours: str, theirs: str) -> tuple[str, bool]:
    call.tracer.remark(
        f"resampling by positions that are {theirs} is taken as {ours}: which positions are read differs by "
        "less than one",
        call.tracer.caller.place,
    )
    return ours, False


@operator("DepthToSpace", "SpaceToDepth")
def depth_to_space(call: NodeCall) -> FollowedResults:
    """Channels to space and back."""
    x, factor = call.view(0), call.integer("blocksize", 1)
    if call.node.operator == "SpaceToDepth":
        return parts.from_space(call.tracer, x, factor, blocks_first=True)
    return parts.to_space(call.tracer, x, factor, blocks_first=call.word("mode", "DCR") == "DCR")
