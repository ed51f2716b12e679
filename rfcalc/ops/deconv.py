"""Transposed convolution."""

from typing import Annotated

from rfcalc.ops.attributes import Lengths, Padding, Pads
from rfcalc.ops.axis_maps import Transposed, Weights
from rfcalc.ops.conv import (
    Bias,
    Groups,
    OutChannels,
    group_relation,
    kaiming_gain,
    kernel_weights,
    share_of_group,
)
from rfcalc.ops.facts import Facts, OperatorProblem, Work, undecided
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, AxisReads
from rfcalc.ops.windows import (
    NO_PADDING,
    ONE,
    Dilation,
    Kernel,
    PaddingWord,
    Stride,
    require_axes,
    split_padding,
    surely_negative,
    whole,
)
from rfcalc.shapes import Shape, Size, product
from rfcalc.symbolic.polynomial import format_number, maximum

NONE: tuple[Size, ...] = (0,)


@operator(
    label="transposed convolution",
    traits=("transposed", "linear"),
    chinese="转置卷积操作",
    formulas=Formulas(
        "(n − 1) · s − p0 − p1 + r · (f − 1) + output_padding + 1",
        "d",
        {"weight": "c · (d / g) · Πf", "bias": "d if bias"},
        "Πn · c · (d / g) · Πf",
        remarks={"macs": "each element of the input meets each of its weights once"},
    ),
)
def deconv(
    inputs: tuple[Shape, ...],
    *,
    kernel: Kernel,
    stride: Stride = ONE,
    padding: Annotated[
        Pads | PaddingWord,
        Padding(
            "positions cut off the full output; `same`, as in Keras, leaves n · s and cuts what is odd after",
            words=("same", "valid"),
        ),
    ] = NO_PADDING,
    out_channels: OutChannels,
    dilation: Dilation = ONE,
    groups: Groups = 1,
    output_padding: Annotated[
        tuple[Size, ...], Lengths("positions added after the output, less than stride or dilation", minimum=0)
    ] = NONE,
    bias: Bias = True,
) -> Facts:
    """Transposed convolution: input position i adds to the outputs i · s − p0 + t · r, t = 0 … f − 1.

    Other work: one addition per output for the bias.
    Source: Zeiler et al. 2010; Dumoulin and Visin 2016; PyTorch ConvTranspose2d.
    """
    shape = require_axes(inputs, "deconv")
    share_of_group(shape.channels, groups, "input channels")
    per_group = share_of_group(out_channels, groups, "output channels")
    pads, extra = _resolve(padding, output_padding, kernel, stride, dilation)
    axes = tuple(map(_length, shape.axes, kernel, stride, pads, dilation, extra))
    output = Shape(axes, out_channels)
    geometry = zip(kernel, stride, pads, dilation, strict=True)
    return Facts(
        output=output,
        reads=(tuple(transposed_reads(i, *axis) for i, axis in enumerate(geometry)),),
        weights=kernel_weights((shape.channels, per_group, *kernel), out_channels, bias),
        macs=shape.elements * per_group * product(kernel),
        gain=kaiming_gain(shape.channels, out_channels),
        work=Work(add=output.elements) if bias else Work(),
        channels=group_relation(shape.channels, out_channels, groups),
        groups=groups,
        decided={"padding": pads, "output_padding": extra} if isinstance(padding, str) else {},
    )


def _resolve(
    padding: Pads | PaddingWord,
    output_padding: tuple[Size, ...],
    kernel: tuple[Size, ...],
    stride: tuple[Size, ...],
    dilation: tuple[Size, ...],
) -> tuple[Pads, tuple[Size, ...]]:
    """What is cut off and added at the ends of each axis.

    `same` cuts what the full output has past n · s, or adds what it falls short of.
    """
    if isinstance(padding, str) and any(extra != 0 for extra in output_padding):
        raise OperatorProblem(
            f"padding {padding} decides the output size, so nothing can be added to it", "output_padding"
        )
    if padding == "same":
        past = [r * (f - 1) + 1 - s for f, s, r in zip(kernel, stride, dilation, strict=True)]
        with undecided("padding", "padding same"):
            cut, added = [[maximum(sign * extra, 0) for extra in past] for sign in (1, -1)]
        return tuple(split_padding(extra, "same") for extra in cut), tuple(added)
    if isinstance(padding, str):
        return NO_PADDING * len(kernel), output_padding
    for extra, s, r in zip(output_padding, stride, dilation, strict=True):
        if extra != 0 and not (surely_negative(extra - s) or surely_negative(extra - r)):
            raise OperatorProblem(
                f"output_padding {format_number(extra)} must be less than the stride "
                f"({format_number(s)}) or the dilation ({format_number(r)})",
                "output_padding",
            )
    return padding, output_padding


def _length(
    size: Size, kernel: Size, stride: Size, padding: tuple[Size, Size], dilation: Size, extra: Size
) -> Size:
    length = (size - 1) * stride - padding[0] - padding[1] + dilation * (kernel - 1) + extra + 1
    if surely_negative(length - 1):
        raise OperatorProblem(
            f"padding {format_number(padding[0])}:{format_number(padding[1])} cuts the whole output off; "
            f"it would be {format_number(length)} long",
            "padding",
        )
    return length


def transposed_reads(
    axis: int,
    kernel: Size,
    stride: Size,
    padding: tuple[Size, Size],
    dilation: Size,
    weights: Weights = "learned",
) -> AxisReads | None:
    """What one output unit reads along one axis; None when the window is symbolic."""
    numbers = whole(kernel, stride, padding[0], dilation)
    if numbers is None:
        return None
    length, step, before, rate = numbers
    return Along(axis, Transposed(length, step, before, rate, weights))
