"""Forms of tensors: reshaping, padding, cutting off, resampling, and layers that pass on what they read."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.call import LayerFollowing, layer
from rfcalc.importers.keras.layers.convolution import axes_of
from rfcalc.importers.tracing import layers, parts
from rfcalc.importers.tracing.elementwise import joined
from rfcalc.importers.tracing.idioms import exact
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView

_AXES = (1, 2, 3)


def standing(call: LayerFollowing, x: TensorView, before: TensorView) -> TensorView:
    """A tensor in another form as a step of its own, since the file names it, where the language has one."""
    if not 2 <= len(x.dimensions) <= 5 or call.channels_first or x.own(0):
        return x
    placed = call.natural(x)
    if placed.step != before.step:
        # What another layer has arranged in the same way is passed on by a step of this one.
        made = placed.step >= call.first_step
        return placed if made else layers.in_place(call.tracer, "identity", placed)
    sizes = list(x.lengths[1:])
    shape = call.tracer[placed.step].shape
    if list(shape.sizes()) == sizes:
        return layers.in_place(call.tracer, "identity", placed)
    step = call.tracer.add("reshape", [placed.step], {"to": call.along_sizes(sizes)})
    return call.placed(step, x)


def reshaped(
    call: LayerFollowing, x: TensorView, wanted: Sequence[int], entry: JsonValue | None
) -> TensorView:
    """The elements of an example in row order in another size, of which one length may be -1."""
    total, sizes = prod(x.lengths[1:]), list(wanted)
    if sizes.count(-1) == 1:
        rest = -prod(sizes)
        sizes = [total // rest if one == -1 and rest else one for one in sizes]
    if prod(sizes) != total or any(size < 1 for size in sizes):
        held = prod(one for one in sizes if one > 0)
        raise call.fail(
            f"{tuple(wanted)} holds {held:,} elements, the input {call.sizes(x)} has {total:,}", entry
        )
    lengths = (x.lengths[0], *sizes)
    found = x.reshaped(lengths)
    plain = not call.channels_first and not x.own(0) and 2 <= len(x.dimensions) <= 5 and len(sizes) <= 4
    if found is None and plain:
        step = call.tracer.add("reshape", [call.natural(x).step], {"to": call.along_sizes(sizes)})
        return call.placed(step, x)
    return parts.reshaped(call.tracer, x, lengths) if found is None else found


@layer("Reshape")
def reshape(call: LayerFollowing) -> FollowedResults:
    """Another size of the same elements."""
    x, entry = call.view(), call.entry("target_shape", "dims")
    if entry is None or not isinstance(entry.held, tuple):
        raise call.fail("target_shape is a list of lengths", entry)
    wanted = [-1 if one.held is None else call.whole(one, "target_shape", -1) for one in entry.items]
    return standing(call, reshaped(call, x, wanted, entry), x)


@layer("Flatten")
def flatten(call: LayerFollowing) -> FollowedResults:
    """All elements of an example in one plain vector."""
    x = call.view()
    return standing(call, reshaped(call, x, [-1], None), x) if not call.channels_first else _flat(call, x)


def _flat(call: LayerFollowing, x: TensorView) -> TensorView:
    found = reshaped(call, x, [-1], None)
    return call.tracer.arranged(found, (found.own(1),))


@layer("Permute")
def permute(call: LayerFollowing) -> FollowedResults:
    """The dimensions of an example in another order, counted from 1."""
    x, entry = call.view(), call.entry("dims")
    items = entry.items if entry else ()
    order = [call.whole(one, "dims") for one in items]
    if sorted(order) != list(range(1, len(x.dimensions))):
        raise call.fail(f"dims is an order of the numbers 1 to {len(x.dimensions) - 1}", entry)
    return standing(call, x.permuted([0, *order]), x)


@layer("RepeatVector")
def repeat_vector(call: LayerFollowing) -> FollowedResults:
    """A vector at each of so many positions."""
    x = call.view()
    if len(x.dimensions) != 2:
        raise call.fail(f"it works on 2 dimensions, the tensor is {call.sizes(x)}")
    more = parts.expanded(call.tracer, x.with_one(1), (x.lengths[0], call.integer("n"), x.lengths[1]))
    return call.tracer.spelled(more)


def _pairs(call: LayerFollowing, name: str, axes: int) -> list[tuple[int, int]]:
    """Amounts before and after each axis: one number for all, one for each axis, or two for each."""
    entry = call.entry(name)
    if entry is None:
        return [(1, 1)] * axes
    if not isinstance(entry.held, tuple):
        amount = call.whole(entry, name, 0)
        return [(amount, amount)] * axes
    if axes == 1 and len(entry.items) == 2 and not any(one.items for one in entry.items):
        return [(call.whole(entry.items[0], name, 0), call.whole(entry.items[1], name, 0))]
    if len(entry.items) != axes:
        raise call.fail(f"{name} has {len(entry.items)} entries for {axes} axes", entry)
    found = []
    for one in entry.items:
        if isinstance(one.held, tuple):
            if len(one.items) != 2:
                raise call.fail(f"{name} has two numbers for an axis, before and after it", one)
            found.append((call.whole(one.items[0], name, 0), call.whole(one.items[1], name, 0)))
        else:
            amount = call.whole(one, name, 0)
            found.append((amount, amount))
    return found


@layer(*[f"ZeroPadding{n}D" for n in _AXES])
def zero_padding(call: LayerFollowing) -> FollowedResults:
    """Zeros before and after each axis."""
    axes = axes_of(call)
    x = call.ordered(call.view(), axes)
    amounts = [(0, 0), (0, 0), *_pairs(call, "padding", axes)]
    return call.reordered(passed_on(call, parts.padded(call.tracer, x, amounts), x))


@layer(*[f"Cropping{n}D" for n in _AXES])
def cropping(call: LayerFollowing) -> FollowedResults:
    """Positions cut off before and after each axis."""
    axes = axes_of(call)
    x = call.ordered(call.view(), axes)
    amounts = [
        (0, 0) if call.entry("cropping") is None else (before, after)
        for before, after in _pairs(call, "cropping", axes)
    ]
    if any(before + after >= size for (before, after), size in zip(amounts, x.lengths[2:], strict=True)):
        raise call.fail(
            f"cropping {amounts} leaves nothing of {call.sizes(call.view())}", call.entry("cropping")
        )
    cut = [(0, 0), (0, 0), *[(-before, -after) for before, after in amounts]]
    return call.reordered(passed_on(call, parts.padded(call.tracer, x, cut), x))


def passed_on(call: LayerFollowing, done: TensorView, x: TensorView) -> TensorView:
    """What a layer leaves that may have done nothing, as a step all the same, since the file names it."""
    return layers.in_place(call.tracer, "identity", done) if done.step == x.step else done


@layer(*[f"UpSampling{n}D" for n in _AXES])
def upsampling(call: LayerFollowing) -> FollowedResults:
    """Each position so many times, or values between them."""
    axes = axes_of(call)
    x = call.ordered(call.view(), axes)
    scale = call.each("size", "length", axes=axes, default=2)
    mode = _mode(call)
    sizes = [size * factor for size, factor in zip(x.lengths[2:], scale, strict=True)]
    return call.reordered(parts.resampled(call.tracer, x, sizes, list(scale), mode, align_corners=False))


def _mode(call: LayerFollowing, default: str = "nearest") -> str:
    names = ("interpolation", "method")
    word = call.word(*names, default=default).casefold()
    known = {"nearest": "nearest", "bilinear": "bilinear", "bicubic": "bicubic"}
    if word not in known:
        call.remark(f"interpolation {word} is taken for bicubic", call.entry(*names))
    return known.get(word, "bicubic")


@layer("Resizing")
def resizing(call: LayerFollowing) -> FollowedResults:
    """Resampling to a size."""
    x = call.ordered(call.view(), 2)
    sizes = (call.integer("height"), call.integer("width"))
    return call.reordered(resampled(call, x, sizes))


def resampled(call: LayerFollowing, x: TensorView, sizes: tuple[int, ...]) -> TensorView:
    """A map of examples, channels and axes resampled to a size, in the way that the layer says."""
    if tuple(sizes) == x.lengths[2:]:
        return layers.in_place(call.tracer, "identity", x)
    align, mode = call.flag("align_corners", default=False), _mode(call, "bilinear")
    whole = all(size % before == 0 for size, before in zip(sizes, x.lengths[2:], strict=True))
    if call.entry("half_pixel_centers") is not None and not call.flag("half_pixel_centers", default=True):
        if mode != "nearest" and not align:
            call.remark("half_pixel_centers=False is taken for true", call.entry("half_pixel_centers"))
    elif mode == "nearest" and not whole:
        # The position that is nearest to the middle; of whole factors it is the same.
        mode = "nearest_exact"
    return parts.resampled(call.tracer, x, sizes, None, mode, align_corners=align)


@layer("CenterCrop", "RandomCrop")
def center_crop(call: LayerFollowing) -> FollowedResults:
    """The middle of an image, of a size, for any part of it; where the image is smaller it is resampled."""
    x = call.ordered(call.view(), 2)
    wanted = (call.integer("height"), call.integer("width"))
    if any(size < least for size, least in zip(x.lengths[2:], wanted, strict=True)):
        return call.reordered(resampled(call, x, wanted))
    cut = []
    for size, left in zip(x.lengths[2:], wanted, strict=True):
        before = (size - left) // 2
        cut.append((-before, -(size - left - before)))
    return call.reordered(passed_on(call, parts.padded(call.tracer, x, [(0, 0), (0, 0), *cut]), x))


@layer(
    "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout"
)
def dropout(call: LayerFollowing) -> FollowedResults:
    """Dropout, which does nothing at inference."""
    rate = call.number("rate", "p", default=0.5)
    if not 0 <= rate <= 1:
        raise call.fail(f"rate is a probability, not {rate:g}", call.entry("rate", "p"))
    return layers.dropped(call.tracer, call.view(), rate)


_UNCHANGED = (
    "Hashing",
    "ActivityRegularization",
    "GaussianNoise",
    "Identity",
    "Masking",
    "AugMix",
    "AutoContrast",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "CutMix",
    "Equalization",
    "MaxNumBoundingBoxes",
    "MixUp",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHeight",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomWidth",
    "RandomZoom",
    "Solarization",
)


@layer(*_UNCHANGED)
def unchanged(call: LayerFollowing) -> FollowedResults:
    """What acts in training alone, or changes no size."""
    return layers.in_place(call.tracer, "identity", call.view())


@layer("DropPath", "StochasticDepth")
def drop_path(call: LayerFollowing) -> FollowedResults:
    """Stochastic depth: of a branch, or of the second of two tensors that are added."""
    rate = call.number("rate", "drop_path_rate", "survival_probability", default=0.0)
    if not 0 <= rate <= 1:
        raise call.fail(f"the rate is a probability, not {rate:g}")
    done = layers.in_place(call.tracer, "droppath", call.view(len(call.tensors) - 1), {"rate": exact(rate)})
    return joined(call.tracer, "add", call.view(), done) if len(call.tensors) > 1 else done
