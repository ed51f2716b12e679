"""Joins of several tensors: element by element, or channels side by side."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated, cast

from rfcalc.ops.attributes import CountKind
from rfcalc.ops.axes import extent
from rfcalc.ops.axis_maps import IDENTITY
from rfcalc.ops.elementwise import unlearned
from rfcalc.ops.facts import Facts, OperatorProblem, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, AxisReads, Everything, PathKind, identity
from rfcalc.ops.windows import shifted
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import sum_of

ANY_NUMBER = (1, None)
BROADCAST = Formulas(
    "max(n)", "max(c)", remarks={"output": "the largest of the operands, the others being 1"}
)


@operator(
    label="addition",
    arithmetic="sum",
    traits=("join", "linear", "summing"),
    chinese="相加操作",
    operands=ANY_NUMBER,
    formulas=BROADCAST,
)
def add(inputs: tuple[Shape, ...]) -> Facts:
    """Sum, element by element; size 1 along an axis, or one channel, is broadcast.

    Other work: k − 1 additions per output element for k operands.
    Source: He et al. 2016; 解析卷积神经网络 section 3.2.4.
    """
    return _element_wise(inputs, "added", Work(add=1))


@operator(
    label="subtraction",
    arithmetic="difference",
    traits=("join", "linear"),
    chinese="相减操作",
    operands=(2, 2),
    formulas=BROADCAST,
)
def sub(inputs: tuple[Shape, ...]) -> Facts:
    """First operand minus second, element by element; size 1 along an axis, or one channel, is broadcast.

    Other work: 1 addition per output element.
    Source: NumPy subtract.
    """
    return _element_wise(inputs, "subtracted", Work(add=1))


@operator(
    label="multiplication",
    traits=("join", "product"),
    arithmetic="product",
    chinese="相乘操作",
    operands=ANY_NUMBER,
    formulas=BROADCAST._replace(
        remarks={"macs": "a product of activations without a sum is no multiply-accumulate"}
    ),
)
def mul(inputs: tuple[Shape, ...]) -> Facts:
    """Product, element by element; size 1 along an axis, or one channel, is broadcast (a gate).

    Other work: k − 1 multiplications per output element for k operands.
    Source: Srivastava, Greff and Schmidhuber 2015; Hu, Shen and Sun 2018 (Squeeze-and-excitation).
    """
    return _element_wise(inputs, "multiplied", Work(multiply=1), "side")._replace(gate=True)


@operator(
    label="division",
    arithmetic="quotient",
    traits=("join",),
    chinese="相除操作",
    operands=(2, 2),
    formulas=BROADCAST,
)
def div(inputs: tuple[Shape, ...]) -> Facts:
    """First operand by the second, element by element; size 1 along an axis, or one channel, is broadcast.

    Other work: 1 division per output element.
    Source: NumPy divide.
    """
    return _element_wise(inputs, "divided", Work(divide=1), "side")._replace(gate=True, gain=None)


@operator(label="maximum", traits=("join",), chinese="取最大值操作", operands=ANY_NUMBER, formulas=BROADCAST)
def max_(inputs: tuple[Shape, ...]) -> Facts:
    """Largest of the operands, element by element; size 1 along an axis, or one channel, is broadcast.

    Other work: k − 1 comparisons per output element for k operands.
    Source: Goodfellow et al. 2013 (Maxout networks).
    """
    return _element_wise(inputs, "compared", Work(compare=1))._replace(gain=(1, len(inputs)))


@operator(label="minimum", traits=("join",), chinese="取最小值操作", operands=ANY_NUMBER, formulas=BROADCAST)
def min_(inputs: tuple[Shape, ...]) -> Facts:
    """Smallest of the operands, element by element; size 1 along an axis, or one channel, is broadcast.

    Other work: k − 1 comparisons per output element for k operands.
    Source: NumPy minimum.
    """
    return _element_wise(inputs, "compared", Work(compare=1))._replace(gain=(1, len(inputs)))


def _place(shape: Shape, axis: Size | None) -> tuple[int, ...]:
    """The axis along which operands are concatenated; () for the channels."""
    return () if axis is None else extent(shape, (axis,), "axis").axes


def _named_axis(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    """For formulas: which of the axes is named, and whether one is."""
    place = _place(inputs[0], cast("Size | None", arguments["axis"]))
    return {"along": tuple(int(axis in place) for axis in range(len(inputs[0].axes))), "named": bool(place)}


@operator(
    label="concatenation",
    traits=("join", "linear"),
    chinese="拼接操作",
    operands=ANY_NUMBER,
    formulas=Formulas(
        "Σn if along = 1 else n",
        "c if named else Σc",
        derive=_named_axis,
        meanings={
            "along": ("1 for the axis that is named, else 0", "所指定的轴为1，其余为0"),
            "named": ("where an axis is named", "指定了轴时"),
        },
    ),
)
def concat(
    inputs: tuple[Shape, ...],
    *,
    axis: Annotated[
        Size | None,
        CountKind("the spatial axis they are joined along, the first is 0; else the channels", minimum=0),
    ] = None,
) -> Facts:
    """All operands side by side: their channels, or their positions along an axis.

    Other work: none.
    Source: Szegedy et al. 2015 (GoogLeNet); Huang et al. 2017 (DenseNet); Dosovitskiy et al. 2021 (an axis).
    """
    first = inputs[0]
    place = _place(first, axis)
    for index, shape in enumerate(inputs[1:], 1):
        same = [one == two for one, two in zip(first.axes, shape.axes, strict=False)]
        same = [equal or number in place for number, equal in enumerate(same)]
        if (
            len(shape.axes) != len(first.axes)
            or not all(same)
            or (place and shape.channels != first.channels)
        ):
            raise _mismatch("concatenated", first, shape, index)
    if not place:
        channels = sum_of(shape.channels for shape in inputs)
        reads = (identity(len(first.axes)),) * len(inputs)
        return unlearned(Shape(first.axes, channels), *reads, channels="stack" if len(inputs) > 1 else "each")
    (along,) = place
    lengths = [shape.axes[along] for shape in inputs]
    total = sum_of(lengths)
    axes = tuple(total if number == along else length for number, length in enumerate(first.axes))
    # Beyond its own positions an operand is as if padded: what stands there comes from the others.
    reads_of = [
        tuple(
            shifted(along, before, total - before - length, 1) if number == along else read
            for number, read in enumerate(identity(len(axes)))
        )
        for before, length in zip(accumulate(lengths, initial=0), lengths, strict=False)
    ]
    return unlearned(Shape(axes, first.channels), *reads_of)._replace(successive=len(inputs) > 1)


def _element_wise(inputs: tuple[Shape, ...], verb: str, each: Work, path: PathKind = "main") -> Facts:
    """The facts of an element-wise join; raises OperatorProblem for sizes that differ.

    each: the work per output element of every operand after the first.  path: whose path an operand is that
    is broadcast over positions.
    """
    output = inputs[0]
    for index, shape in enumerate(inputs[1:], 1):
        joined = _broadcast(output, shape)
        if joined is None:
            raise _mismatch(verb, inputs[0] if index == 1 else output, shape, index)
        output = joined
    work = each.times(output.elements * (len(inputs) - 1))
    return unlearned(output, *(_operand_reads(shape, output, path) for shape in inputs), work=work)


def _broadcast(one: Shape, two: Shape) -> Shape | None:
    """The shape both operands are spread to; None when they do not fit.

    A plain vector stands for size 1 along every axis.
    """
    rank = max(len(one.axes), len(two.axes))
    sizes: list[Size] = []
    padded = [shape.sizes() if shape.axes else (1,) * rank + (shape.channels,) for shape in (one, two)]
    if len(padded[0]) != len(padded[1]):
        return None
    for left, right in zip(*padded, strict=True):
        if left not in (right, 1) and right != 1:
            return None
        sizes.append(right if left == 1 else left)
    return Shape(tuple(sizes[:-1]), sizes[-1])


def _operand_reads(shape: Shape, output: Shape, path: PathKind) -> tuple[AxisReads, ...]:
    """An operand is read where the output is, except where its one position is read from everywhere."""
    if shape.axes == output.axes:
        return identity(len(shape.axes))
    return tuple(
        Along(axis, IDENTITY) if size == output.axes[axis] else Everything(axis, None, path)
        for axis, size in enumerate(shape.axes)
    )


def _mismatch(verb: str, first: Shape, other: Shape, operand: int) -> OperatorProblem:
    return OperatorProblem(f"the branches {verb} here are {first} and {other}", operand=operand)
