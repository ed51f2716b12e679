"""Reductions: the mean, sum or largest of the channels, of all positions, or along one axis."""

from collections.abc import Mapping
from typing import Literal, cast

from rfcalc.ops.axes import Over, OverValue, extent
from rfcalc.ops.axis_maps import IDENTITY
from rfcalc.ops.elementwise import PASSED_ON, unlearned
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, Collapsed
from rfcalc.shapes import Shape, Size


def _left(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    """For formulas: the sizes that are left."""
    output = _reduced(inputs[0], cast("OverValue", arguments["over"]))
    return {"m": output.axes, "d": output.channels}


_FORMULAS = Formulas(
    "m",
    "d",
    derive=_left,
    meanings={
        "m": ("1 for an axis that is reduced, else its length", "被归约的轴为1，其余为原长"),
        "d": ("1 where the channels are reduced, else as many", "通道被归约时为1，否则不变"),
    },
)


@operator(label="mean", traits=("linear",), chinese="取均值", formulas=_FORMULAS)
def reducemean(inputs: tuple[Shape, ...], *, over: Over) -> Facts:
    """The mean over channels or positions; what is reduced has size 1.

    Other work: m − 1 additions and 1 division per output element for m numbers.
    Source: Hu, Shen and Sun 2018 (over positions); Woo et al. 2018 (CBAM, over channels).
    """
    return _facts(inputs[0], over, Work(add=1), Work(divide=1), "mean")


@operator(label="sum", traits=("linear",), chinese="求和", formulas=_FORMULAS)
def reducesum(inputs: tuple[Shape, ...], *, over: Over) -> Facts:
    """The sum over channels or positions; what is reduced has size 1.

    Other work: m − 1 additions per output element for m numbers.
    Source: NumPy sum.
    """
    return _facts(inputs[0], over, Work(add=1), Work(), "sum")


@operator(label="maximum of all", chinese="取最大", formulas=_FORMULAS)
def reducemax(inputs: tuple[Shape, ...], *, over: Over) -> Facts:
    """The largest over channels or positions; what is reduced has size 1.

    Other work: m − 1 comparisons per output element for m numbers.
    Source: Woo et al. 2018 (CBAM).
    """
    return _facts(inputs[0], over, Work(compare=1), Work(), "maximum")


def _reduced(shape: Shape, over: OverValue) -> Shape:
    """The size that is left of a map."""
    taken = extent(shape, over)
    axes: tuple[Size, ...] = tuple(1 if axis in taken.axes else n for axis, n in enumerate(shape.axes))
    return Shape(axes, 1 if taken.channels else shape.channels)


def _facts(
    shape: Shape, over: OverValue, each: Work, end: Work, kind: Literal["mean", "sum", "maximum"]
) -> Facts:
    """The facts of a reduction; each: the work for every number after the first, end: for every result."""
    taken = extent(shape, over)
    output = _reduced(shape, over)
    reads = tuple(
        Collapsed(axis) if axis in taken.axes else Along(axis, IDENTITY) for axis in range(len(shape.axes))
    )
    work = each.times(shape.elements - output.elements).plus(end.times(output.elements))
    number = taken.elements(shape)
    # Squared coefficients of as many elements; of a maximum one passes all on.
    gain = {"mean": (1, number), "sum": (number, 1), "maximum": PASSED_ON}[kind]
    return unlearned(output, reads, work=work, channels="all" if taken.channels else "each", gain=gain)
