"""Rectifiers with a slope for negative numbers, fixed or learned."""

from fractions import Fraction
from typing import Annotated

from rfcalc.ops.attributes import Flag, Real
from rfcalc.ops.elementwise import in_place, per_element
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import AS_INPUT, Formulas
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape

_WORK = Work(compare=1, multiply=1)
# Of a learned slope that begins at 1/4, as in its source.
_LEARNED_GAIN = (17, 32)


@operator(label="leaky ReLU", traits=("activation", "rectifying"), chinese="Leaky ReLU", formulas=AS_INPUT)
def leakyrelu(
    inputs: tuple[Shape, ...],
    *,
    slope: Annotated[object, Real("the slope for negative x", symbol="α")] = Fraction(1, 100),
) -> Facts:
    """Leaky rectified linear unit: x where x > 0, else slope · x.

    Other work: 1 comparison and 1 multiplication per element.
    Source: Maas, Hannun and Ng 2013.
    """
    gain = None
    if isinstance(slope, int | Fraction):
        gain = slope.denominator**2 + slope.numerator**2, 2 * slope.denominator**2
    return per_element(inputs[0], _WORK, gain)


@operator(
    label="PReLU",
    traits=("activation", "rectifying"),
    formulas=Formulas("n", "c", {"weight": "1 if shared else c"}),
)
def prelu(
    inputs: tuple[Shape, ...],
    *,
    shared: Annotated[bool, Flag("one slope for all channels, as PyTorch's default, or one for each")] = True,
) -> Facts:
    """Parametric rectified linear unit: x where x > 0, else a · x with a learned slope a.

    Other work: 1 comparison and 1 multiplication per element.
    Source: He et al. 2015 (Delving deep into rectifiers).
    """
    shape = inputs[0]
    slopes = (1,) if shared else (shape.channels,)
    return in_place(shape, _WORK.times(shape.elements), {"weight": slopes}, gain=_LEARNED_GAIN)
