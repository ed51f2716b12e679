"""Convolutions as functions, whose kernel is an argument: numbers in the file, which nothing learns."""

from __future__ import annotations

from rfcalc.importers.keras.call import LayerFollowing, keras_operator
from rfcalc.importers.keras.layers.arguments import operand
from rfcalc.importers.keras.layers.convolution import windows_of
from rfcalc.importers.tracing import layers
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import Windows
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView


def _kernel(call: LayerFollowing, place: int, *names: str) -> Known:
    """A constant kernel: its axes, then the channels that it reads, then those that it makes."""
    axes = len(call.view().dimensions) - 2
    found = operand(call, place, *names)
    if not isinstance(found, Known):
        raise call.fail("its kernel is computed from the input, for which the language has no layer")
    if len(found.lengths) != axes + 2 or min(found.lengths) < 1:
        shown = "x".join(map(str, found.lengths))
        raise call.fail(f"a kernel of {shown} for a tensor {call.sizes(call.view())}", call.at_call)
    return found


def _windows(call: LayerFollowing, kernel: tuple[int, ...]) -> Windows:
    return windows_of(call, kernel, ("strides", "stride"))


@keras_operator("Conv")
def conv(call: LayerFollowing) -> FollowedResults:
    """A convolution with a constant kernel; groups are as many as the channels need that a kernel reads."""
    *kernel, read, made = _kernel(call, 1, "kernel", "filter", "filters").lengths
    x = call.ordered(call.view(), len(kernel))
    channels = x.lengths[1]
    if channels % read or made % (channels // read):
        raise call.fail(
            f"kernels that read {read} channels do not fit {call.sizes(call.view())}", call.at_call
        )
    weight = Known((made, read, *kernel), "float32")
    windows = _windows(call, tuple(kernel))
    return call.reordered(layers.convolved(call.tracer, x, weight, None, windows, channels // read))


@keras_operator("DepthwiseConv")
def depthwise(call: LayerFollowing) -> FollowedResults:
    """A convolution of each channel by itself with a constant kernel."""
    return call.reordered(_of_each_channel(call, _kernel(call, 1, "kernel", "filter")))


def _of_each_channel(call: LayerFollowing, given: Known) -> TensorView:
    *kernel, read, multiplier = given.lengths
    x = call.ordered(call.view(), len(kernel))
    channels = x.lengths[1]
    if channels != read:
        raise call.fail(f"kernels for {read} channels, the tensor is {call.sizes(call.view())}", call.at_call)
    weight = Known((channels * multiplier, 1, *kernel), "float32")
    return layers.convolved(call.tracer, x, weight, None, _windows(call, tuple(kernel)), channels)


@keras_operator("SeparableConv")
def separable(call: LayerFollowing) -> FollowedResults:
    """A convolution of each channel by itself, then one of single positions, both with constant kernels."""
    first, second = _kernel(call, 1, "depthwise_kernel"), _kernel(call, 2, "pointwise_kernel")
    *ones, read, made = second.lengths
    if any(one != 1 for one in ones):
        raise call.fail("its second kernel covers more than one position", call.at_call)
    call.at(".depthwise", "DepthwiseConv")
    inner = _of_each_channel(call, first)
    call.at(".pointwise", "Conv")
    weight = Known((made, read, *ones), "float32")
    return call.reordered(layers.convolved(call.tracer, inner, weight, None, Windows(tuple(ones))))
