"""Deformable convolution."""

from typing import Annotated

from rfcalc.ops.attributes import CountKind, Flag
from rfcalc.ops.conv import CONVOLUTION, Bias, Groups, OutChannels, convolution, share_of_group
from rfcalc.ops.facts import Facts, OperatorProblem, Work
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import identity
from rfcalc.ops.windows import NO_PADDING, ONE, Dilation, Kernel, Stride, WindowPadding, require_axes
from rfcalc.shapes import Shape, Size, format_sizes, product
from rfcalc.symbolic.polynomial import format_number


@operator(
    label="deformable convolution",
    traits=("convolution",),
    chinese="可变形卷积操作",
    operands=(1, 2),
    beside=True,
    formulas=CONVOLUTION._replace(
        remarks={
            "params": "the layer that predicts the offsets is another layer",
            "macs": "interpolation is other work",
        },
    ),
)
def deformconv(
    inputs: tuple[Shape, ...],
    *,
    kernel: Kernel,
    stride: Stride = ONE,
    padding: WindowPadding = NO_PADDING,
    out_channels: OutChannels,
    dilation: Dilation = ONE,
    groups: Groups = 1,
    offset_groups: Annotated[Size, CountKind("groups of input channels that have offsets of their own")] = 1,
    modulated: Annotated[bool, Flag("whether each tap is scaled by a mask as well (version 2)")] = False,
    bias: Bias = True,
) -> Facts:
    """Deformable convolution: each tap is moved by an offset that the second operand holds.

    The second operand has, at each output position, one offset per axis for each tap and offset group,
    and one mask value more when modulated; without it the offsets come from elsewhere.  A unit's
    reading is that of the undeformed grid, and is said to depend on the data.

    Other work: with a = number of axes, per output position, tap and offset group 2a additions and
        2^a · (a − 1) multiplications (place and weights); per position, tap and input channel 2^a
        multiplications and 2^a − 1 additions (interpolation), and 1 multiplication when modulated;
        one addition per output for the bias.
    Source: Dai et al. 2017; Zhu et al. 2019 (version 2); torchvision DeformConv2d.
    """
    shape = require_axes(inputs, "deformconv")
    share_of_group(shape.channels, offset_groups, "input channels", "offset_groups")
    facts = convolution(shape, kernel, padding, stride, out_channels, dilation, groups, bias)
    rank = len(shape.axes)
    taps = product(kernel)
    assert facts.reads is not None
    assert facts.work is not None
    reads = facts.reads
    if len(inputs) > 1:
        _check_offsets(inputs[1], facts.output, taps * offset_groups, rank + modulated)
        reads = (*reads, identity(rank))
    corners = 2**rank
    places = Work(add=2 * rank, multiply=corners * (rank - 1)).times(offset_groups)
    values = Work(add=corners - 1, multiply=corners + modulated).times(shape.channels)
    sampling = places.plus(values).times(facts.output.positions * taps)
    return facts._replace(reads=reads, work=facts.work.plus(sampling), data_dependent=True)


def _check_offsets(offsets: Shape, output: Shape, sampled: Size, each: int) -> None:
    """Refuse offsets of another size than the output has and `each` numbers per sampled place need."""
    needed = sampled * each
    if offsets.axes != output.axes:
        raise OperatorProblem(
            f"the offsets are {offsets}, but the output has {format_sizes(output.axes)} positions", operand=1
        )
    if offsets.channels != needed:
        raise OperatorProblem(
            f"the offsets have {format_number(offsets.channels)} channels, but {format_number(needed)} are "
            f"needed: {each} for each of {format_number(sampled)} taps",
            operand=1,
        )
