"""The locally connected layer: a convolution that shares nothing between positions."""

from typing import Annotated

from rfcalc.ops.attributes import Flag
from rfcalc.ops.conv import Groups, OutChannels, convolution
from rfcalc.ops.facts import Facts
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.windows import (
    NO_PADDING,
    ONE,
    WINDOWS,
    Dilation,
    Kernel,
    Stride,
    WindowPadding,
    require_axes,
)
from rfcalc.shapes import Shape


@operator(
    label="locally connected",
    traits=("convolution", "linear"),
    chinese="局部连接层",
    formulas=Formulas(
        WINDOWS,
        "d",
        {"weight": "Πo · d · (c / g) · Πf", "bias": "Πo · d if bias"},
        "Πo · d · (c / g) · Πf",
    ),
)
def localconv(
    inputs: tuple[Shape, ...],
    *,
    kernel: Kernel,
    stride: Stride = ONE,
    padding: WindowPadding = NO_PADDING,
    out_channels: OutChannels,
    dilation: Dilation = ONE,
    groups: Groups = 1,
    bias: Annotated[bool, Flag("whether a bias is learned for each output")] = True,
) -> Facts:
    """A convolution with kernels of their own at every position.

    Other work: one addition per output for the bias.
    Source: Taigman et al. 2014 (DeepFace); Keras LocallyConnected2D.
    """
    shape = require_axes(inputs, "localconv")
    facts = convolution(shape, kernel, padding, stride, out_channels, dilation, groups, bias)
    assert facts.weights is not None
    places = facts.output.axes
    return facts._replace(weights={name: (*places, *sizes) for name, sizes in facts.weights.items()})
