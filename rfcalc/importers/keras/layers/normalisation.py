"""Normalisation by statistics, of the batch or of an example, and learned scales."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.call import LayerFollowing, keras_operator, layer
from rfcalc.importers.keras.layers.arguments import argument, operand
from rfcalc.importers.tracing import layers, parts
from rfcalc.importers.tracing.elementwise import function, joined, layer_normalised, with_constant
from rfcalc.importers.tracing.idioms import exact
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView
from rfcalc.ops.attributes import Value

# More dimensions than a tensor here has.
_MOST_DIMENSIONS = 8


def axes_of_entry(call: LayerFollowing, x: TensorView, default: int, name: str = "axis") -> list[int]:
    """The dimensions that an entry names, one or several, in their order."""
    entry = call.entry(name)
    if entry is None:
        return [call.axis(default, x)]
    items = entry.items if isinstance(entry.held, tuple) else (entry,)
    found = {call.axis(call.whole(one, name, -_MOST_DIMENSIONS), x, one) for one in items}
    if not found or 0 in found:
        raise call.fail(f"{name} is a dimension other than that of the examples, not {entry.shown}", entry)
    return sorted(found)


@layer("BatchNormalization", "SyncBatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2")
def batch_normalisation(call: LayerFollowing) -> FollowedResults:
    """Batch normalisation; its moving statistics are buffers."""
    x = call.view()
    axes = axes_of_entry(call, x, -1)
    scale, center = call.flag("scale", default=True), call.flag("center", default=True)
    if call.flag("renorm", default=False):
        # A mean, a deviation, and one that moves slower.
        call.beside("renorm", 3 * prod([x.lengths[axis] for axis in axes]), learned=False)
    values: dict[str, Value] = {}
    learned = {}
    if scale:
        learned["weight"] = f"{call.path}/gamma"
    if center:
        learned["bias"] = f"{call.path}/beta"
    if not learned:
        values["affine"] = False
    elif not scale:
        values["weight"] = False
    elif not center:
        values["bias"] = False
    if len(axes) == 1:
        return layers.of_channels(call.tracer, "bn", x, axes[0], values, learned)
    # Statistics along several axes are those of channels that these make together.
    order = [place for place in range(len(x.dimensions)) if place not in axes] + axes
    moved = x.permuted(order)
    rest = len(order) - len(axes)
    joined_axes = (*moved.lengths[:rest], prod(moved.lengths[rest:]))
    placed = parts.reshaped(call.tracer, moved, joined_axes)
    done = layers.of_channels(call.tracer, "bn", placed, rest, values, learned)
    back = parts.reshaped(call.tracer, done, moved.lengths)
    return back.permuted([order.index(place) for place in range(len(order))])


@keras_operator("BatchNorm", "LayerNorm", "RMSNorm")
def normalised(call: LayerFollowing) -> FollowedResults:
    """Normalisation as a function: by statistics that are constants, or by those of the last dimensions."""
    x, tracer, name = call.view(), call.tracer, call.layer.class_name
    axes = axes_of_entry(call, x, -1)
    operators = {"BatchNorm": ("sub", "div", "add", "mul"), "LayerNorm": ("mul", "add"), "RMSNorm": ("mul",)}
    if name != "BatchNorm" and axes != list(range(axes[0], len(x.dimensions))):
        raise call.fail("statistics of other than the last dimensions are not read", call.entry("axis"))
    if name == "LayerNorm" and not call.flag("rms_scaling", default=False):
        x = layer_normalised(tracer, x, len(axes), None, None)
    elif name != "BatchNorm":
        mean = layers.reduced(tracer, function(tracer, "square", x), axes, "mean", keep=True)
        x = joined(tracer, "mul", x, function(tracer, "rsqrt", function(tracer, "add", mean, 1e-6)))
    for place, operator in enumerate(operators[name], 1):
        names = ("scale", "gamma") if place == 1 else ("beta",)
        found = argument(call, place, *names)
        if found is None or (isinstance(found, JsonValue) and found.held is None):
            continue
        if not isinstance(operand(call, place, *names), Known):
            raise call.fail("factors that depend on the input are not read", call.at_call)
        x = function(tracer, operator, x)
    return x


def _affine(call: LayerFollowing, lengths: Sequence[int]) -> tuple[Known | None, Known | None]:
    """The learned factors and offsets, None for those that there are not."""
    weight = call.weight("gamma", lengths) if call.flag("scale", default=True) else None
    bias = call.weight("beta", lengths) if call.flag("center", default=True) else None
    return weight, bias


@layer("LayerNormalization")
def layer_normalisation(call: LayerFollowing) -> FollowedResults:
    """Layer normalisation over one or several dimensions."""
    if call.flag("rms_scaling", default=False):
        return rms_normalisation(call)
    x = call.view()
    axes = axes_of_entry(call, x, -1)
    rank = len(x.dimensions)
    order = [place for place in range(rank) if place not in axes] + axes
    weight, bias = _affine(call, [x.lengths[place] for place in axes])
    done = layer_normalised(call.tracer, x.permuted(order), len(axes), weight, bias)
    return done.permuted([order.index(place) for place in range(rank)])


@layer("RMSNormalization")
def rms_normalisation(call: LayerFollowing) -> FollowedResults:
    """Division by the root of the mean square, and learned factors."""
    x = call.view()
    axes = axes_of_entry(call, x, -1)
    tracer = call.tracer
    mean = layers.reduced(tracer, function(tracer, "square", x), axes, "mean", keep=True)
    done = joined(tracer, "mul", x, function(tracer, "rsqrt", function(tracer, "add", mean, 1e-6)))
    lengths = [size if place in axes else 1 for place, size in enumerate(x.lengths)]
    return with_constant(tracer, "mul", done, call.weight("scale", lengths[min(axes) :]))


@layer("GroupNormalization")
def group_normalisation(call: LayerFollowing) -> FollowedResults:
    """Group normalisation; with as many groups as channels it is that of instances."""
    x = call.view()
    (axis, *more) = axes_of_entry(call, x, -1)
    if more:
        raise call.fail("channels along several axes are not read", call.entry("axis"))
    rank, channels = len(x.dimensions), x.lengths[axis]
    groups = call.integer("groups", default=32, least=-1)
    groups = channels if groups == -1 else groups
    if groups < 1 or channels % groups:
        raise call.fail(f"{channels} channels do not divide into {groups} groups", call.entry("groups"))
    order = [0, axis, *[place for place in range(1, rank) if place != axis]]
    weight, bias = _affine(call, (channels,))
    both = (weight, bias) if weight and bias else (None, None)
    placed = x.permuted(order)
    done = layers.group_normalised(call.tracer, placed, groups, *both)
    if not (weight and bias):
        for operator, one in (("mul", weight), ("add", bias)):
            if one is not None:
                spread = one._replace(lengths=(channels, *[1] * (rank - 2)))
                done = with_constant(call.tracer, operator, done, spread)
    return done.permuted([order.index(place) for place in range(rank)])


@layer("UnitNormalization")
@keras_operator("Normalize")
def unit_normalisation(call: LayerFollowing) -> FollowedResults:
    """Division by the norm over dimensions."""
    x = call.view()
    axes = axes_of_entry(call, x, -1)
    total = layers.reduced(call.tracer, function(call.tracer, "square", x), axes, "sum", keep=True)
    return joined(call.tracer, "div", x, function(call.tracer, "sqrt", total))


@layer("LayerScale")
def layer_scale(call: LayerFollowing) -> FollowedResults:
    """A learned factor for each channel (keras.applications)."""
    x = call.view()
    last = len(x.dimensions) - 1
    channels = call.integer("projection_dim", default=x.lengths[last])
    if channels != x.lengths[last]:
        entry = call.entry("projection_dim")
        raise call.fail(f"projection_dim is {channels}, the input has {x.lengths[last]} channels", entry)
    return layers.of_channels(call.tracer, "scale", x, last, {}, {"weight": f"{call.path}/gamma"})


@keras_operator("LocalResponseNormalization")
def local_response(call: LayerFollowing) -> FollowedResults:
    """Division by a sum of squares over neighbouring channels."""
    radius = call.integer("depth_radius", default=5, least=0)
    numbers = {"k": call.number("bias", default=1.0), "alpha": call.number("alpha", default=1.0)}
    x = call.view()
    values: dict[str, Value] = {name: exact(one) for name, one in numbers.items()}
    values |= {"n": 2 * radius + 1, "beta": exact(call.number("beta", default=0.5))}
    return layers.of_channels(call.tracer, "lrn", x, len(x.dimensions) - 1, values)
