"""Products of two tensors, and what makes convolutions with computed kernels of them."""

from collections.abc import Mapping
from typing import Annotated

from rfcalc.ops.attributes import Flag
from rfcalc.ops.elementwise import unlearned
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import AxisReads, Everything, identity
from rfcalc.ops.windows import (
    NO_PADDING,
    ONE,
    WINDOWS,
    Dilation,
    Kernel,
    Stride,
    WindowPadding,
    require_axes,
    sliding,
)
from rfcalc.shapes import Shape, product


def _second(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    """For formulas: the positions of the second tensor, or its channels where it is transposed."""
    other = inputs[1]
    return {"q": other.positions if arguments["transposed"] else other.channels}


@operator(
    label="matrix product",
    chinese="矩阵乘法",
    operands=(2, 2),
    formulas=Formulas(
        "n",
        "q",
        macs="Πn · c · q",
        derive=_second,
        meanings={
            "q": (
                "channels of the second tensor; its positions if transposed",
                "第二个张量的通道数；转置时为其位置数",
            )
        },
    ),
)
def matmul(
    inputs: tuple[Shape, ...],
    *,
    transposed: Annotated[
        bool, Flag("whether the positions of the second tensor become channels, as in q · kᵀ")
    ] = False,
) -> Facts:
    """The channels of each position times a matrix: the second tensor, its positions by its channels.

    Other work: none.
    Source: NumPy matmul; Wang et al. 2018 (non-local).
    """
    shape, other = inputs
    rows, columns = (other.channels, other.positions) if transposed else (other.positions, other.channels)
    if rows != shape.channels:
        what = "channels" if transposed else "positions"
        raise OperatorProblem(
            f"the second tensor {other} needs as many {what} as the first has channels, {shape.channels}",
            operand=1,
        )
    whole: tuple[AxisReads, ...] = tuple(
        Everything(axis if axis < len(shape.axes) else None) for axis in range(len(other.axes))
    )
    facts = unlearned(Shape(shape.axes, columns), identity(len(shape.axes)), whole, channels="all")
    return facts._replace(macs=shape.positions * shape.channels * columns)


@operator(
    label="unfold",
    traits=("linear",),
    chinese="展开操作",
    formulas=Formulas(WINDOWS, "c · Πf"),
)
def unfold(
    inputs: tuple[Shape, ...],
    *,
    kernel: Kernel,
    padding: WindowPadding = NO_PADDING,
    stride: Stride = ONE,
    dilation: Dilation = ONE,
) -> Facts:
    """The elements of each window side by side as channels, so that a product with them is a convolution.

    Other work: none.
    Source: PyTorch Unfold; Chellapilla, Puri and Simard 2006 (im2col).
    """
    shape = require_axes(inputs, "unfold")
    windows = sliding(shape, kernel, padding, stride, dilation, weights="copied")
    output = Shape(windows.axes, shape.channels * product(kernel))
    return unlearned(output, windows.reads, channels="group")._replace(decided=windows.decided)
