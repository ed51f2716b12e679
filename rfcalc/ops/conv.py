"""Convolutions: dense, grouped and depthwise, in one to three axes."""

from typing import Annotated

from rfcalc.ops.attributes import CountKind, Flag, Pads
from rfcalc.ops.facts import Channels, Facts, Work, divided
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.windows import (
    NO_PADDING,
    ONE,
    WINDOWS,
    BorderWord,
    Dilation,
    Kernel,
    PaddingMode,
    PaddingWord,
    Stride,
    WindowPadding,
    require_axes,
    sliding,
)
from rfcalc.shapes import Shape, Size, product

OutChannels = Annotated[Size, CountKind("number of kernels, which is the number of output channels", "d")]
Groups = Annotated[Size, CountKind("groups: each sees its share of the input channels", "g")]
Bias = Annotated[bool, Flag("whether a bias is learned")]
Learned = Annotated[
    bool, Flag("whether kernels and biases are learned; else there are fixed kernels alone, as for a blur")
]


CONVOLUTION = Formulas(
    WINDOWS, "d", {"weight": "d · (c / g) · Πf", "bias": "d if bias"}, "Πo · d · (c / g) · Πf"
)


@operator(
    label="convolution",
    traits=("convolution", "linear"),
    chinese="卷积操作",
    formulas=CONVOLUTION._replace(
        params={"weight": "d · (c / g) · Πf if learned", "bias": "d if bias and learned"}
    ),
)
def conv(
    inputs: tuple[Shape, ...],
    *,
    kernel: Kernel,
    stride: Stride = ONE,
    padding: WindowPadding = NO_PADDING,
    out_channels: OutChannels,
    dilation: Dilation = ONE,
    groups: Groups = 1,
    bias: Bias = True,
    learned: Learned = True,
    padding_mode: PaddingMode = "zeros",
) -> Facts:
    """Convolution.

    Other work: one addition per output for the bias.
    Source: 解析卷积神经网络 section 3.1; Dumoulin and Visin 2016.
    """
    shape = require_axes(inputs, "conv")
    facts = convolution(
        shape, kernel, padding, stride, out_channels, dilation, groups, bias and learned, padding_mode
    )
    return facts if learned else _fixed(facts)


@operator(
    label="depthwise convolution",
    traits=("convolution", "linear"),
    chinese="深度卷积操作",
    formulas=Formulas(
        WINDOWS,
        "c · m",
        {"weight": "c · m · Πf if learned", "bias": "c · m if bias and learned"},
        "Πo · c · m · Πf",
    ),
)
def dwconv(
    inputs: tuple[Shape, ...],
    *,
    kernel: Kernel,
    stride: Stride = ONE,
    padding: WindowPadding = NO_PADDING,
    dilation: Dilation = ONE,
    multiplier: Annotated[Size, CountKind("number of kernels for each input channel", "m")] = 1,
    bias: Bias = True,
    learned: Learned = True,
    padding_mode: PaddingMode = "zeros",
) -> Facts:
    """Depthwise convolution: each channel has kernels of its own; a convolution of c groups.

    Other work: one addition per output for the bias.
    Source: Howard et al. 2017 (MobileNets); Chollet 2017 (Xception).
    """
    shape = require_axes(inputs, "dwconv")
    channels, kernels = shape.channels, shape.channels * multiplier
    facts = convolution(
        shape, kernel, padding, stride, kernels, dilation, channels, bias and learned, padding_mode
    )
    return facts if learned else _fixed(facts)


def convolution(
    shape: Shape,
    kernel: tuple[Size, ...],
    padding: Pads | PaddingWord,
    stride: tuple[Size, ...],
    out_channels: Size,
    dilation: tuple[Size, ...],
    groups: Size,
    bias: bool,
    padding_mode: BorderWord = "zeros",
) -> Facts:
    """The facts of a convolution of any kind on one input; raises OperatorProblem."""
    per_group = share_of_group(shape.channels, groups, "input channels")
    share_of_group(out_channels, groups, "output channels")
    windows = sliding(shape, kernel, padding, stride, dilation, padding_mode)
    output = Shape(windows.axes, out_channels)
    return Facts(
        output=output,
        reads=(windows.reads,),
        weights=kernel_weights((out_channels, per_group, *kernel), out_channels, bias),
        macs=output.elements * per_group * product(kernel),
        gain=kaiming_gain(shape.channels, out_channels),
        work=Work(add=output.elements) if bias else Work(),
        channels=group_relation(shape.channels, out_channels, groups),
        groups=groups,
        positive=windows.positive,
        decided=windows.decided,
    )


def _fixed(facts: Facts) -> Facts:
    """The facts of a convolution whose kernels are not learned."""
    return facts._replace(weights={}, buffers=facts.weights or {}, gain=None)


def kaiming_gain(inputs: Size, outputs: Size) -> tuple[Size, Size]:
    """The gain (see Facts) of weights of variance 2 / fan-out, where all outputs read each of so many inputs.

    With groups both are as many times less.
    Source: He et al. 2015 (Delving deep into rectifiers), equation 14.
    """
    return 2 * inputs, outputs


def kernel_weights(
    dimensions: tuple[Size, ...], out_channels: Size, bias: bool
) -> dict[str, tuple[Size, ...]]:
    """The learned tensors of a layer with one weight tensor and, where wanted, a bias per channel."""
    weights = {"weight": dimensions}
    if bias:
        weights["bias"] = (out_channels,)
    return weights


def group_relation(channels: Size, out_channels: Size, groups: Size) -> Channels:
    """How the output channels of a grouped layer read its input channels (see Facts.channels)."""
    if groups == 1:
        return "all"
    return "each" if channels == groups == out_channels else "group"


def share_of_group(
    channels: Size, groups: Size, what: str, attribute: str = "groups", parts: str = "groups"
) -> Size:
    """The channels of one group; raises OperatorProblem, blaming the attribute, when they do not divide."""
    return divided(channels, groups, attribute, f"{{}} {what} do not divide into {{}} {parts}")
