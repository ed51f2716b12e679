"""The fully connected layer."""

from typing import Annotated

from rfcalc.ops.attributes import Lengths
from rfcalc.ops.conv import Bias, OutChannels, kaiming_gain, kernel_weights
from rfcalc.ops.facts import Facts, OperatorProblem, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Collapsed
from rfcalc.shapes import Shape, Size, format_sizes


@operator(
    label="fully connected",
    traits=("dense", "linear"),
    chinese="全连接层",
    formulas=Formulas(
        "1",
        "d",
        {"weight": "d · Πn · c", "bias": "d if bias"},
        "Πn · c · d",
        remarks={"output": "a plain vector stays one"},
    ),
)
def fc(
    inputs: tuple[Shape, ...],
    *,
    kernel: Annotated[
        tuple[Size, ...] | None,
        Lengths("the size of the map it covers, to be checked", "f", always=True),
    ] = None,
    stride: Annotated[
        tuple[Size, ...] | None,
        Lengths("1, as the book prints it: there is one window", "s", always=True),
    ] = None,
    out_channels: OutChannels,
    bias: Bias = True,
) -> Facts:
    """Fully connected layer: a convolution whose kernel covers the whole map.

    Other work: d additions for the bias.
    Source: 解析卷积神经网络 section 3.1 and table 3.1.
    """
    shape = inputs[0]
    axes = shape.axes
    # A plain vector is the case f = 1 of a map without axes.
    covered = axes or (1,)
    if kernel is not None and kernel != covered:
        written = kernel if len(set(kernel)) > 1 else kernel[:1]
        where = f"the map is {format_sizes(axes)}" if axes else f"the input is a plain vector of {shape}"
        raise OperatorProblem(f"f = {format_sizes(written)} cannot be: {where}", "kernel")
    if stride is not None and any(step != 1 for step in stride):
        raise OperatorProblem("fc has one window, so its stride is 1", "stride")
    return Facts(
        output=Shape((1,) * len(axes), out_channels),
        reads=(tuple(Collapsed(axis) for axis in range(len(axes))),),
        weights=kernel_weights((out_channels, shape.elements), out_channels, bias),
        macs=shape.elements * out_channels,
        gain=kaiming_gain(shape.elements, out_channels),
        work=Work(add=out_channels) if bias else Work(),
        channels="all",
        # A kernel that is written is checked, and decides nothing.
        decided={"kernel": axes or None, "stride": (1,) * len(axes) or None},
    )
