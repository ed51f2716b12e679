"""Pooling to a given size: adaptive and global."""

from math import gcd
from typing import Annotated

from rfcalc.ops.attributes import Lengths
from rfcalc.ops.axis_maps import IDENTITY, Bins, Weights
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.pool import pooled
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
    Source: Lin, Chen and Yan 2014 (Network in network); 解析卷积神经网络 section 3.2.3.
    """
    shape = require_axes(inputs, "globalavgpool")
    return _adaptive(shape, (1,) * len(shape.axes), "average")


@operator(
    label="global max pooling", traits=("pooling",), chinese="全局最大值汇合操作", formulas=Formulas("1", "c")
)
def globalmaxpool(inputs: tuple[Shape, ...]) -> Facts:
    """Global max pooling.

    Other work: per channel, positions − 1 comparisons.
    Source: Oquab et al. 2015.
    """
    shape = require_axes(inputs, "globalmaxpool")
    return _adaptive(shape, (1,) * len(shape.axes), "maximum")


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
    return _adaptive(require_axes(inputs, "adaptiveavgpool"), size, "average")


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
    return _adaptive(require_axes(inputs, "adaptivemaxpool"), size, "maximum")


def _adaptive(shape: Shape, bins: tuple[Size, ...], weights: Weights) -> Facts:
    """The facts of pooling to a number of bins along each axis."""
    axes = [_bins(axis, n, m, weights) for axis, (n, m) in enumerate(zip(shape.axes, bins, strict=True))]
    lengths = [held for _, held in axes if held is not None]
    read = product(lengths) * shape.channels if len(lengths) == len(axes) else None
    facts = pooled(Shape(bins, shape.channels), tuple(reads for reads, _ in axes), read, weights)
    if weights != "average":
        return facts
    # Of axes that are covered whole there are no taps to have coefficients.
    whole = [size for (reads, _), size in zip(axes, shape.axes, strict=True) if isinstance(reads, Collapsed)]
    return facts._replace(gain=(1, product(whole)))


def _bins(axis: int, size: Size, bins: Size, weights: Weights) -> tuple[AxisReads | None, Size | None]:
    """What the bins of one axis read, and how many positions they hold together, None where a symbol decides.

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
    # Windows of a symbolic length: who reads what is not a set of numbers.
    try:
        rest = size % bins
    except SymbolicError:
        return None, None
    # What the length leaves decides: gcd(n, m) = gcd(n mod m, m).
    return None, size + bins - gcd(rest, bins) if isinstance(rest, int) else None
