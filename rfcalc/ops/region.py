"""Pooling of regions that are chosen elsewhere."""

from collections.abc import Mapping
from typing import Annotated, cast

from rfcalc.ops.attributes import CountKind, Lengths
from rfcalc.ops.elementwise import unlearned
from rfcalc.ops.facts import Facts, OperatorProblem, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape, Size, product


def _sizes(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    size = cast("tuple[Size, ...]", arguments["size"])
    return {"m": (arguments["count"], *size)}


@operator(
    label="region pooling",
    traits=("pooling",),
    chinese="区域汇合",
    formulas=Formulas(
        "m",
        "c",
        derive=_sizes,
        meanings={"m": ("the number of regions, then the size of each", "区域数，其后为每个区域的大小")},
    ),
)
def roipool(
    inputs: tuple[Shape, ...],
    *,
    count: Annotated[Size, CountKind("number of regions")],
    size: Annotated[tuple[Size, ...], Lengths("size to which every region is brought")],
) -> Facts:
    """Regions of a map, each brought to one size; they stand along a leading axis.

    What follows works on each region with a kernel of 1 along that axis: a fully connected layer on 7x7 is
    `conv f=1x7x7`.

    Other work: one interpolation of 4 positions per element: 4 multiplications, 3 additions.
    Source: Girshick 2015 (Fast R-CNN); He et al. 2017 (RoIAlign).
    """
    shape = inputs[0]
    if not 1 <= len(shape.axes) <= 2:
        raise OperatorProblem(f"roipool reads a map of one or two axes, but the input is {shape}", operand=0)
    output = Shape((count, *size), shape.channels)
    work = Work(add=3, multiply=4).times(count * product(size) * shape.channels)
    return unlearned(output, (None,) * len(shape.axes), work=work)._replace(data_dependent=True)
