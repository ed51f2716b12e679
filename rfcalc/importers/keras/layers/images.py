"""Functions of images: resampling to a size, parts of a map, frames around it, and patches."""

from __future__ import annotations

from rfcalc.importers.keras.call import LayerFollowing, keras_operator
from rfcalc.importers.keras.layers.arguments import given, whole_numbers
from rfcalc.importers.keras.layers.arithmetic import times_constant
from rfcalc.importers.keras.layers.convolution import windows_of
from rfcalc.importers.keras.layers.forms import passed_on, resampled, standing
from rfcalc.importers.tracing import elementwise, layers, parts
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView, length


@keras_operator("Resize")
def resize(call: LayerFollowing) -> FollowedResults:
    """Resampling to a size."""
    x = call.ordered(call.view(), 2)
    if call.flag("preserve_aspect_ratio", default=False):
        raise call.fail("a size that keeps the ratio of the sides is not read", call.at_call)
    sizes = whole_numbers(call, given(call, 1, "size"), "size")
    if len(sizes) != 2 or min(sizes) < 1:
        raise call.fail(f"size is a height and a width, not {tuple(sizes)}", call.at_call)
    return call.reordered(resampled(call, x, (sizes[0], sizes[1])))


@keras_operator("CropImages", "PadImages")
def placed(call: LayerFollowing) -> FollowedResults:
    """A part of a map, or the map within a larger one of zeros, by two of both ends and the size."""
    x = call.ordered(call.view(), 2)
    pads = call.layer.class_name == "PadImages"
    kind = "padding" if pads else "cropping"
    amounts = [(0, 0), (0, 0)]
    for size, name, first, last in zip(
        x.lengths[2:], ("height", "width"), ("top", "left"), ("bottom", "right"), strict=True
    ):
        names = ((f"{first}_{kind}", f"offset_{name}"), (f"{last}_{kind}",), (f"target_{name}",))
        ends = [None if call.entry(*each) is None else call.integer(*each, least=0) for each in names]
        before, after, target = ends
        between = None if target is None else (target - size if pads else size - target)
        if before is None and after is not None and between is not None:
            before = between - after
        elif after is None and before is not None and between is not None:
            after = between - before
        if before is None or after is None or min(before, after) < 0:
            told = ", ".join(f"{each[0]} {end}" for each, end in zip(names, ends, strict=True))
            raise call.fail(f"a {name} of {size} with {told} is not read", call.at_call)
        amounts.append((before, after) if pads else (-before, -after))
    return call.reordered(passed_on(call, parts.padded(call.tracer, x, amounts), x))


@keras_operator("CentralCrop")
def central_crop(call: LayerFollowing) -> FollowedResults:
    """The middle of a map, a share of its height and width."""
    x, share = call.ordered(call.view(), 2), call.number("central_fraction", default=1.0)
    if not 0 < share <= 1:
        raise call.fail(f"central_fraction is above 0 and at most 1, not {share:g}", call.at_call)
    cut = [int((size - size * share) / 2) for size in x.lengths[2:]]
    amounts = [(0, 0), (0, 0), *[(-one, -one) for one in cut]]
    return call.reordered(passed_on(call, parts.padded(call.tracer, x, amounts), x))


@keras_operator("DepthToSpace", "SpaceToDepth")
def blocks(call: LayerFollowing) -> FollowedResults:
    """Channels to space and back, the channels of one place in a block side by side."""
    x = call.ordered(call.view(), 2)
    factor = call.integer("block_size")
    shown, entry = f"{factor}x{factor}", call.entry("block_size")
    c, h, w = x.lengths[1:]
    if call.layer.class_name == "DepthToSpace":
        if c % (factor * factor):
            raise call.fail(f"{c} channels do not divide into blocks of {shown}", entry)
        done = parts.to_space(call.tracer, x, factor, blocks_first=True)
    else:
        if h % factor or w % factor:
            raise call.fail(f"{h}x{w} does not divide into blocks of {shown}", entry)
        done = parts.from_space(call.tracer, x, factor, blocks_first=True)
    return standing(call, call.reordered(done), call.view())


@keras_operator("RGBToGrayscale")
def to_grey(call: LayerFollowing) -> FollowedResults:
    """The weighted sum of three channels."""
    x = call.view()
    if call.channels_first:
        raise call.fail("channels before the axes are not read", call.at_call)
    return times_constant(call, x, 3, 1)


@keras_operator("PerImageStandardization")
def standardised(call: LayerFollowing) -> FollowedResults:
    """Less the mean of an image, divided by its deviation."""
    x, tracer = call.view(), call.tracer
    axes = range(1, len(x.dimensions))
    apart = elementwise.joined(tracer, "sub", x, layers.reduced(tracer, x, axes, "mean", keep=True))
    variance = layers.reduced(tracer, elementwise.function(tracer, "square", apart), axes, "mean", keep=True)
    return elementwise.joined(tracer, "div", apart, elementwise.function(tracer, "sqrt", variance))


@keras_operator("ExtractPatches")
def patches(call: LayerFollowing) -> FollowedResults:
    """The elements of each window side by side as channels, the channels of one position together."""
    axes = len(call.view().dimensions) - 2
    x = call.ordered(call.view(), axes)
    kernel = call.each("sizes", "size", axes=axes)
    windows = windows_of(call, kernel, ("strides",), default=kernel)
    placed, leading = layers.slid(call.tracer, x)
    step = call.tracer.add("unfold", [placed.step], windows.values(leading))
    made = layers.after(call.tracer, x, step, leading)
    # Here the positions of one channel stand together.
    done = call.reordered(_channels_within(made, length(x.own(1))))
    return standing(call, done, call.view())


def _channels_within(x: TensorView, channels: int) -> TensorView:
    """A tensor whose channels are those of a map for each position of a window, in the other order."""
    examples, together, *rest = x.lengths
    apart = x.reshaped((examples, channels, together // channels, *rest))
    assert apart is not None
    order = [0, 2, 1, *range(3, len(rest) + 3)]
    found = apart.permuted(order).reshaped(x.lengths)
    assert found is not None
    return found
