"""Pooling by sliding windows."""

from typing import Annotated

from rfcalc.ops.attributes import Flag, Lengths, Pads
from rfcalc.ops.axis_maps import MEANS, Weights
from rfcalc.ops.elementwise import unlearned
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import AxisReads
from rfcalc.ops.windows import (
    NO_PADDING,
    ONE,
    Dilation,
    Kernel,
    PaddingWord,
    WindowPadding,
    require_axes,
    sliding,
)
from rfcalc.shapes import Shape, Size, product

PoolStride = Annotated[
    tuple[Size, ...] | None,
    Lengths("stride; the kernel size when it is left out", "s", always=True),
]
Ceil = Annotated[
    bool,
    Flag("round the number of windows up; a last window that starts in the padding is dropped"),
]


def _pooled(room: str) -> Formulas:
    """The formulas of pooling, given the one of the steps there is room for."""
    return Formulas(
        f"floor({room}) + 1 if not ceil else q if s > 1 and q · s ≥ n + p0 else q + 1",
        "c",
        where={"q": f"ceil({room})"},
        meanings={"q": ("steps of the window, rounded up", "窗口的步数（向上取整）")},
        remarks={"output": "rounded up, a last window that would start past input and padding is dropped"},
    )


@operator(
    label="max pooling",
    traits=("pooling",),
    chinese="最大值汇合操作",
    formulas=_pooled("(n + p0 + p1 − r · (f − 1) − 1) / s"),
)
def maxpool(
    inputs: tuple[Shape, ...],
    *,
    kernel: Kernel,
    stride: PoolStride = None,
    padding: WindowPadding = NO_PADDING,
    dilation: Dilation = ONE,
    ceil: Ceil = False,
) -> Facts:
    """Max pooling; what is padded never wins.

    Other work: Πf − 1 comparisons per output; windows that hang over the border count in full.
    Source: 解析卷积神经网络 section 3.1; PyTorch MaxPool2d for `ceil`.
    """
    return _pooling(require_axes(inputs, "maxpool"), kernel, padding, stride, dilation, ceil, "maximum")


@operator(
    label="average pooling",
    traits=("pooling", "linear"),
    chinese="平均值汇合操作",
    formulas=_pooled("(n + p0 + p1 − f) / s"),
)
def avgpool(
    inputs: tuple[Shape, ...],
    *,
    kernel: Kernel,
    stride: PoolStride = None,
    padding: WindowPadding = NO_PADDING,
    ceil: Ceil = False,
    count_include_pad: Annotated[bool, Flag("whether padding counts in the mean")] = True,
) -> Facts:
    """Average pooling.

    Other work: Πf − 1 additions and 1 division per output; windows over the border count in full.
    Source: 解析卷积神经网络 section 3.1; PyTorch AvgPool2d for `ceil` and `count_include_pad`.
    """
    rates = (1,) * len(kernel)
    weights: Weights = "average" if count_include_pad else "inner average"
    return _pooling(require_axes(inputs, "avgpool"), kernel, padding, stride, rates, ceil, weights)


def _pooling(
    shape: Shape,
    kernel: tuple[Size, ...],
    padding: Pads | PaddingWord,
    stride: tuple[Size, ...] | None,
    dilation: tuple[Size, ...],
    ceil: bool,
    weights: Weights,
) -> Facts:
    """The facts of any pooling by windows."""
    steps = kernel if stride is None else stride
    windows = sliding(shape, kernel, padding, steps, dilation, weights=weights, ceil=ceil)
    output = Shape(windows.axes, shape.channels)
    facts = pooled(output, windows.reads, output.elements * product(kernel), weights)
    return facts._replace(decided={**({} if stride is not None else {"stride": steps}), **windows.decided})


def pooled(output: Shape, reads: tuple[AxisReads | None, ...], read: Size | None, weights: Weights) -> Facts:
    """The facts of pooling `read` elements in all to those of an output, by their means or maxima."""
    if read is None:
        return unlearned(output, reads)._replace(work=None)
    pairs = read - output.elements
    means = weights in MEANS
    work = Work(add=pairs, divide=output.elements) if means else Work(compare=pairs)
    return unlearned(output, reads, work=work)
