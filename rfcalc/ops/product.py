"""Products of two tensors, and what makes convolutions with computed kernels of them."""

from collections.abc import Mapping
from math import gcd
from typing import Annotated, cast

from rfcalc.ops.attributes import CountKind, Flag, Lengths
from rfcalc.ops.conv import share_of_group
from rfcalc.ops.deconv import transposed_reads
from rfcalc.ops.elementwise import unlearned
from rfcalc.ops.facts import Channels, Facts, OperatorProblem, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import identity
from rfcalc.ops.windows import (
    NO_PADDING,
    ONE,
    WINDOWS,
    Dilation,
    Kernel,
    Stride,
    WindowPadding,
    read_by_all,
    require_axes,
    resolve_padding,
    sliding,
    whole,
)
from rfcalc.shapes import Shape, Size, format_sizes, product
from rfcalc.symbolic.polynomial import SymbolicError, maximum


def _second(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    """For formulas: the positions of the second tensor, or its channels where it is transposed."""
    other = _of_one(inputs[1], cast("Size", arguments["batch"]))
    return {"q": other.positions if arguments["transposed"] else other.channels}


def _of_one(shape: Shape, batch: Size) -> Shape:
    """The part of a tensor that is one matrix of a batch; raises OperatorProblem where it lacks an axis."""
    if not isinstance(batch, int) or batch > len(shape.axes):
        raise OperatorProblem(f"{shape} has {len(shape.axes)} axes; the batch takes {batch}", "batch")
    return shape._replace(axes=shape.axes[batch:])


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
    batch: Annotated[
        Size,
        CountKind(
            "how many leading axes both have in common: a matrix for each position of these", minimum=0
        ),
    ] = 0,
) -> Facts:
    """The channels of each position times a matrix: the second tensor, its positions by its channels.

    With `batch=1` the first axis of both is that of examples, heads or windows: a position meets the matrix
    of its own one alone.

    Other work: none.
    Source: NumPy matmul; Wang et al. 2018 (non-local).
    """
    shape, other = inputs
    one, matrix = _of_one(shape, batch), _of_one(other, batch)
    common = len(shape.axes) - len(one.axes)
    if shape.axes[:common] != other.axes[:common]:
        raise OperatorProblem(
            f"the leading axes of {shape} and {other} are to be the same, as many as batch={batch} says",
            "batch",
            1,
        )
    rows, columns = (matrix.channels, matrix.positions) if transposed else (matrix.positions, matrix.channels)
    if rows != shape.channels:
        what = "channels" if transposed else "positions"
        raise OperatorProblem(
            f"the second tensor {matrix} needs as many {what} as the first has channels, {shape.channels}",
            operand=1,
        )
    rest = [
        read if read.axis is None else read._replace(axis=common + read.axis)
        for read in read_by_all(matrix.axes, one.axes)
    ]
    reads = identity(len(shape.axes)), (*identity(common), *rest)
    # Which channels a column reads is not followed; where columns are positions, they see different ones.
    channels: Channels = "group" if transposed else "some"
    facts = unlearned(Shape(shape.axes, columns), *reads, channels=channels, gain=None)
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
    stride: Stride = ONE,
    padding: WindowPadding = NO_PADDING,
    dilation: Dilation = ONE,
) -> Facts:
    """The elements of each window side by side as channels, so that a product with them is a convolution.

    Other work: none.
    Source: PyTorch Unfold; Chellapilla, Puri and Simard 2006 (im2col).
    """
    shape = require_axes(inputs, "unfold")
    windows = sliding(shape, kernel, padding, stride, dilation, weights="copied")
    output = Shape(windows.axes, shape.channels * product(kernel))
    return unlearned(output, windows.reads, channels="group", gain=(1, product(kernel)))._replace(
        decided=windows.decided
    )


@operator(
    label="fold",
    traits=("linear",),
    chinese="折叠操作",
    formulas=Formulas("size", "c / Πf"),
)
def fold(
    inputs: tuple[Shape, ...],
    *,
    kernel: Kernel,
    stride: Stride = ONE,
    padding: WindowPadding = NO_PADDING,
    dilation: Dilation = ONE,
    size: Annotated[tuple[Size, ...], Lengths("size of the map that the windows stand in")],
) -> Facts:
    """Windows put back in their places, as `unfold` has taken them out; where they overlap they are summed.

    Other work: one addition per element that falls where another has fallen, in the padding too; of n windows
        along an axis (n − r/q)(f − s/q) elements do, q being the greatest common divisor of s and r.
    Source: PyTorch Fold.
    """
    shape = require_axes(inputs, "fold")
    channels = share_of_group(shape.channels, product(kernel), "channels", "kernel", "elements of a window")
    pads = resolve_padding(padding, size, kernel, stride, dilation)
    windows = sliding(Shape(size, channels), kernel, pads, stride, dilation).axes
    if windows != shape.axes:
        raise OperatorProblem(
            f"a map of {format_sizes(size)} has {format_sizes(windows)} windows, but {shape} has "
            f"{format_sizes(shape.axes)} positions",
            "size",
        )
    geometry = zip(kernel, stride, pads, dilation, strict=True)
    reads = tuple(transposed_reads(i, *axis, "copied") for i, axis in enumerate(geometry))
    # A position reads of each window the channels that fall there, so that no two read the same.
    facts = unlearned(Shape(size, channels), reads, channels="select")
    fallen = tuple(map(_positions_reached, windows, kernel, stride, dilation))
    work = None
    if None not in fallen:
        reached = product(each for each in fallen if each is not None)
        work = Work(add=shape.elements - channels * reached)
    return facts._replace(work=work, decided={"padding": pads} if isinstance(padding, str) else {})


def _positions_reached(windows: Size, kernel: Size, stride: Size, dilation: Size) -> Size | None:
    """How many positions some windows reach along an axis; None where that depends on a symbol.

    Of i·s + t·r, i < n and t < f, two are equal where i differs by r/q and t by −s/q.
    """
    numbers = whole(kernel, stride, dilation)
    if numbers is None:
        return None
    f, s, r = numbers
    common = gcd(s, r)
    again = max(f - s // common, 0)
    try:
        return windows * f - (maximum(windows - r // common, 0) * again if again else 0)
    except SymbolicError:
        return None
