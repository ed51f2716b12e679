"""Layers that bring images to the range that a network was trained with."""

from __future__ import annotations

from math import prod

from rfcalc.importers.keras.call import LayerFollowing, layer
from rfcalc.importers.keras.layers.arguments import of_size
from rfcalc.importers.keras.layers.forms import passed_on
from rfcalc.importers.keras.layers.normalisation import axes_of_entry
from rfcalc.importers.tracing import layers
from rfcalc.importers.tracing.attention import FollowedTensor
from rfcalc.importers.tracing.elementwise import function
from rfcalc.importers.tracing.results import FollowedResults


def _is_nothing(call: LayerFollowing, name: str, neutral: float) -> bool:
    """Whether a number, or all of several, changes nothing."""
    entry = call.entry(name)
    if entry is None:
        return True
    items = entry.items if isinstance(entry.held, tuple) else (entry,)
    for one in items:
        if not isinstance(one.held, int | float) or isinstance(one.held, bool):
            if isinstance(one.held, dict):
                return False
            raise call.fail(f"{name} is a number, not {one.shown}", one)
    return all(one.held == neutral for one in items)


@layer("Rescaling")
def rescaling(call: LayerFollowing) -> FollowedResults:
    """Times a number, plus a number."""
    x = done = call.view()
    if not _is_nothing(call, "scale", 1):
        done = function(call.tracer, "mul", done)
    if not _is_nothing(call, "offset", 0):
        done = function(call.tracer, "add", done)
    return passed_on(call, done, x)


@layer("Normalization")
def normalisation(call: LayerFollowing) -> FollowedResults:
    """Less a mean, divided by a deviation: constants, or statistics of the data, which are buffers.

    Keras keeps with them how many examples they were taken from.
    """
    x = call.view()
    fixed = call.entry("mean") is not None
    entry = call.entry("axis")
    # Of all elements together where there is no axis.
    axes = [] if entry is None or entry.held == () else axes_of_entry(call, x, -1)
    if fixed or len(axes) != 1:
        name = ("mul", "add") if call.flag("invert", default=False) else ("sub", "div")
        done = function(call.tracer, name[1], function(call.tracer, name[0], x))
        if fixed:
            return done
        for part in ("mean", "variance"):
            call.beside(part, prod([x.lengths[axis] for axis in axes]), learned=False)
    else:
        done = layers.of_channels(call.tracer, "bn", x, axes[0], {"affine": False})
    call.beside("count", 1, learned=False)
    return done


@layer("Pipeline")
def pipeline(call: LayerFollowing) -> FollowedResults:
    """Layers of preprocessing one after the other."""
    entry = call.entry("layers")
    done: list[FollowedTensor] = list(call.tensors)
    for number, one in enumerate(entry.items if entry else ()):
        assert call.inner is not None
        done = call.inner(one, done, f"{call.path}.layer{number}")
    return done


@layer("CategoryEncoding", "Discretization")
def categories(call: LayerFollowing) -> FollowedResults:
    """Whole numbers as vectors with an element for each: one for each number, or one for all of them."""
    x, modes = call.view(), ("int", "multi_hot", "one_hot", "count")
    encodes = call.layer.class_name == "CategoryEncoding"
    mode = call.word("output_mode", default="multi_hot" if encodes else "int", of=modes)
    if mode == "int":
        return layers.in_place(call.tracer, "identity", x)
    bounds = None if encodes else call.entry("bin_boundaries")
    count = len(bounds.items) + 1 if bounds and bounds.items else call.integer("num_tokens", "num_bins")
    each = mode == "one_hot" and x.lengths[-1] != 1
    lengths = [*x.lengths, count] if each else [*x.lengths[:-1], count]
    return of_size(call, x, lengths, 0)


@layer("MelSpectrogram")
def mel_spectrogram(call: LayerFollowing) -> FollowedResults:
    """Energies in bands, at steps in time, of a signal."""
    x, step = call.view(), call.integer("sequence_stride", default=256)
    if len(x.dimensions) != 2:
        raise call.fail(f"it works on 2 dimensions, the tensor is {call.sizes(x)}")
    lengths = [x.lengths[0], call.integer("num_mel_bins", default=128), (x.lengths[1] + step + 1) // step]
    return of_size(call, x, lengths, 0, moves=False)


@layer("STFTSpectrogram")
def spectrogram(call: LayerFollowing) -> FollowedResults:
    """The Fourier transform of windows of a signal, a convolution with kernels that stand fast."""
    x = call.ordered(call.view(), 1)
    _, channels, count = x.lengths
    frame = call.integer("frame_length", default=256)
    step = call.integer("frame_step") if call.entry("frame_step") else frame // 2
    bins = call.integer("fft_length", default=frame) // 2 + 1
    same = call.word("padding", default="valid", of=("valid", "same")) == "same"
    steps = (count - 1) // step + 1 if same else (count - frame) // step + 1
    if steps < 1:
        raise call.fail(f"a frame of {frame} does not fit a signal of {count}", call.entry("frame_length"))
    mode = call.word("mode", default="log")
    kernels = 1 if mode in ("real", "imag") else 2
    whole = bins * (2 if mode == "stft" else 1)
    order = [steps, whole, channels] if call.flag("expand_dims", default=False) else [steps, whole * channels]
    if call.channels_first:
        order = [channels, *order[:2]] if len(order) > 2 else order[::-1]
    call.beside("kernels", frame * bins * kernels, learned=call.flag("trainable", default=False))
    return of_size(call, x, [x.lengths[0], *order], 0, moves=False)
