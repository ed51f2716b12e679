"""Local response normalisation.

It has a module of its own because its constants are fractions, and the other normalisations load
faster without them.
"""

from fractions import Fraction
from typing import Annotated

from rfcalc.ops.attributes import CountKind, Real
from rfcalc.ops.elementwise import in_place
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import AS_INPUT
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape, Size


@operator(label="LRN", traits=("normalisation",), chinese="LRN规范化", formulas=AS_INPUT)
def lrn(
    inputs: tuple[Shape, ...],
    *,
    k: Annotated[object, Real("the constant added to the sum", always=True)] = 2,
    n: Annotated[Size, CountKind("the number of neighbouring channels summed over", always=True)] = 5,
    alpha: Annotated[object, Real("the factor of the sum", symbol="α", always=True)] = Fraction(1, 10_000),
    beta: Annotated[object, Real("the exponent", symbol="β", always=True)] = Fraction(3, 4),
) -> Facts:
    """Local response normalisation across channels: x_i / (k + α Σ x_j²)^β over n neighbouring channels j.

    Other work: per element 2 multiplications (square, α), n additions, 1 power (counted as exp), 1 division;
        sums over the first and last channels count in full.
    Source: Krizhevsky et al. 2012 (whose constants are the defaults); 解析卷积神经网络 table 3.1.
    """
    shape = inputs[0]
    work = Work(multiply=2, add=n, exp=1, divide=1).times(shape.elements)
    # Each channel reads some of the others: those beside it.
    return in_place(shape, work, channels="group")
