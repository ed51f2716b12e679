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
    Source: Krizhevsky et al. 2012 (whose constants are the defaults); 解析卷积神经网络 section 3.2.1 and
        table 3.1.
    """
    shape = inputs[0]
    work = Work(multiply=2, add=n, exp=1, divide=1).times(shape.elements)
    # Each channel reads some of the others: those beside it.
    facts = in_place(shape, work, channels="group")
    if k == 0 and alpha == 1 and beta == Fraction(1, 2):
        return facts._replace(known_as=_l2(n, shape.channels))
    return facts


def _l2(n: Size, channels: Size) -> tuple[str, str]:
    """What is said of k = 0, α = 1, β = 1/2 over n of some channels."""
    numbers = "k = 0, α = 1, β = 0.5"
    every = isinstance(n, int) and isinstance(channels, int) and n >= 2 * channels - 2
    if not every and n != channels:
        return (
            f"with {numbers} this is x_d / √(Σ x_j²) over n = {n} of {channels} channels; with "
            f"n = N = {channels} it would be L2 normalisation (formula 3.2 of 解析卷积神经网络)",
            f"{numbers} 时为 x_d / √(Σ x_j²)，求和遍及{channels}个通道中的 n = {n} 个；"
            f"若 n = N = {channels}，即L2规范化（式3.2）",
        )
    english = (
        f"with {numbers} and n = {n} for N = {channels} channels this is L2 normalisation: x_d / √(Σ x_j²), "
        "formula 3.2 of 解析卷积神经网络"
    )
    chinese = f"{numbers}、n = {n}（共 N = {channels} 个通道）时即L2规范化：x_d / √(Σ x_j²)，式3.2"
    if not every:
        english += (
            "; by formula 3.1 the sum of channel d has the channels d − n/2 to d + n/2, so that every sum "
            "has all N from n = 2N − 2 on"
        )
        chinese += (
            "；按式3.1，通道d的求和范围为 d − n/2 至 d + n/2，故 n ≥ 2N − 2 时各通道的求和才都遍及N个通道"
        )
    return english, chinese
