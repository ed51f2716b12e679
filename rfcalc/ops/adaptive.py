"""Pooling to a given size: adaptive and global."""

from math import gcd
from typing import Annotated

from rfcalc.ops.attributes import Lengths
from rfcalc.ops.axis_maps import IDENTITY, Bins, Weights
from rfcalc.ops.facts import Facts, OperatorProblem, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, AxisReads, Collapsed
from rfcalc.ops.windows import require_axes
from rfcalc.shapes import Shape, Size, product
from rfcalc.symbolic.polynomial import SymbolicError, format_number

PooledSize = Annotated[tuple[Size, ...], Lengths("output size")]


@operator(
    label="global average pooling",
    traits=("pooling", "linear"),
    chinese="全局平均值汇合操作",
    formulas=Formulas("1", "c"),
)
def globalavgpool(inputs: tuple[Shape, ...]) -> Facts:
    """Global average pooling.

    Other work: per channel, positions − 1 additions and 1 division.
    Source: Lin, Chen and Yan 2014 (Network in network); 解析卷积神经网络 section 3.3.
    """
    shape = require_axes(inputs, "globalavgpool")
    work = Work(add=shape.elements - shape.channels, divide=shape.channels)
    return _global(shape)._replace(work=work)


@operator(
    label="global max pooling", traits=("pooling",), chinese="全局最大值汇合操作", formulas=Formulas("1", "c")
)
def globalmaxpool(inputs: tuple[Shape, ...]) -> Facts:
    """Global max pooling.

    Other work: per channel, positions − 1 comparisons.
    Source: Oquab et al. 2015.
    """
    shape = require_axes(inputs, "globalmaxpool")
    return _global(shape)._replace(work=Work(compare=shape.elements - shape.channels))


@operator(
    label="adaptive average pooling",
    traits=("pooling", "linear"),
    chinese="自适应平均值汇合操作",
    formulas=Formulas("size", "c"),
)
def adaptiveavgpool(inputs: tuple[Shape, ...], *, size: PooledSize) -> Facts:
    """Average pooling to m bins per axis: bin i holds positions floor(i·n/m) … ceil((i + 1)·n/m) − 1.

    Other work: one addition less than its bin has positions, and 1 division, per output; the bins of one
        axis hold n + m − gcd(n, m) positions together.
    Source: PyTorch AdaptiveAvgPool2d; He et al. 2014 (Spatial pyramid pooling).
    """
    shape = require_axes(inputs, "adaptiveavgpool")
    facts, read = _adaptive(shape, size, "average")
    outputs = facts.output.elements
    return facts._replace(work=Work(add=read - outputs, divide=outputs))


@operator(
    label="adaptive max pooling",
    traits=("pooling",),
    chinese="自适应最大值汇合操作",
    formulas=Formulas("size", "c"),
)
def adaptivemaxpool(inputs: tuple[Shape, ...], *, size: PooledSize) -> Facts:
    """Max pooling to m bins per axis: bin i holds positions floor(i·n/m) … ceil((i + 1)·n/m) − 1.

    Other work: one comparison less than its bin has positions, per output; the bins of one axis hold
        n + m − gcd(n, m) positions together.
    Source: PyTorch AdaptiveMaxPool2d; He et al. 2014 (Spatial pyramid pooling).
    """
    shape = require_axes(inputs, "adaptivemaxpool")
    facts, read = _adaptive(shape, size, "maximum")
    return facts._replace(work=Work(compare=read - facts.output.elements))


def _global(shape: Shape) -> Facts:
    """The facts of pooling the whole map, but for its work."""
    rank = len(shape.axes)
    return Facts(
        Shape((1,) * rank, shape.channels),
        reads=(tuple(Collapsed(axis) for axis in range(rank)),),
        weights={},
        macs=0,
        channels="each",
    )


def _adaptive(shape: Shape, bins: tuple[Size, ...], weights: Weights) -> tuple[Facts, Size]:
    """The facts of adaptive pooling, but for its work, and the number of elements all bins hold."""
    axes = [_bins(axis, n, m, weights) for axis, (n, m) in enumerate(zip(shape.axes, bins, strict=True))]
    facts = Facts(
        Shape(bins, shape.channels),
        reads=(tuple(reads for reads, _ in axes),),
        weights={},
        macs=0,
        channels="each",
    )
    return facts, product(held for _, held in axes) * shape.channels


def _bins(axis: int, size: Size, bins: Size, weights: Weights) -> tuple[AxisReads | None, Size]:
    """What the bins of one axis read, and how many positions they hold together.

    floor(i·n/m) and ceil((i + 1)·n/m) − 1 are the ends of bin i, so neighbouring bins share a position
    wherever i·n/m is not whole: that is at m − gcd(n, m) of the m − 1 inner borders and at no other.
    """
    if bins == 1:
        return Collapsed(axis), size
    if bins == size:
        return Along(axis, IDENTITY), size
    if isinstance(size, int) and isinstance(bins, int):
        return Along(axis, Bins(size, bins, weights)), size + bins - gcd(size, bins)
    if not isinstance(bins, int):
        raise OperatorProblem(
            f"the bins of {format_number(size)} positions divided into {format_number(bins)} are "
            "undecided; the output size must be a number, or the size of the input",
            "size",
        )
    try:
        whole = size % bins == 0
    except SymbolicError as error:
        raise OperatorProblem(f"the bins have no fixed size: {error}", "size") from None
    if not whole:
        raise OperatorProblem(f"{format_number(size)} positions do not divide into {bins} bins", "size")
    # Windows side by side, but of a symbolic length: who reads what is not a set of numbers.
    return None, size


__all__ = ["adaptiveavgpool", "adaptivemaxpool", "globalavgpool", "globalmaxpool"]
