"""Regularisation that acts in training only."""

from fractions import Fraction
from typing import Annotated

from rfcalc.ops.attributes import Real
from rfcalc.ops.elementwise import PASSED_ON, in_place
from rfcalc.ops.facts import Facts
from rfcalc.ops.formulas import AS_INPUT
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape


def _probability(of: str) -> Real:
    """The kind of the attribute that says how likely something is dropped."""
    return Real(f"the probability of dropping {of}", "δ", minimum=0, maximum=1, always=True)


@operator(label="dropout", traits=("dropping", "unchanged", "linear"), chinese="随机失活", formulas=AS_INPUT)
def dropout(
    inputs: tuple[Shape, ...],
    *,
    rate: Annotated[object, _probability("an element")] = Fraction(1, 2),
) -> Facts:
    """Dropout; at inference the identity.

    Other work: none at inference.
    Source: Srivastava et al. 2014; 解析卷积神经网络 table 3.1.
    """
    return in_place(inputs[0], gain=PASSED_ON)


@operator(label="stochastic depth", traits=("unchanged", "linear"), chinese="随机深度", formulas=AS_INPUT)
def droppath(
    inputs: tuple[Shape, ...],
    *,
    rate: Annotated[object, _probability("the branch")] = 0,
) -> Facts:
    """Stochastic depth: in training the whole branch is dropped at random; at inference the identity.

    Other work: none at inference.
    Source: Huang et al. 2016 (Deep networks with stochastic depth).
    """
    return in_place(inputs[0], gain=PASSED_ON)
