"""Activation functions: element by element, without parameters."""

from typing import Annotated

from rfcalc.ops.attributes import Real
from rfcalc.ops.axes import Over, extent
from rfcalc.ops.elementwise import PASSED_ON, in_place, per_element
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import AS_INPUT
from rfcalc.ops.operator import operator
from rfcalc.ops.windows import whole_map
from rfcalc.shapes import Shape, Size

# The gain of a smooth function is its expected squared derivative at an input that is normal with mean 0 and
# variance 1, as behind a normalisation, to four places.
HALF_OPEN = (1, 2)


@operator(label="ReLU", traits=("activation", "nonnegative", "rectifying", "clipping"), formulas=AS_INPUT)
def relu(inputs: tuple[Shape, ...]) -> Facts:
    """Rectified linear unit: max(x, 0).

    Other work: 1 comparison per element.
    Source: Nair and Hinton 2010; 解析卷积神经网络 section 3.2.
    """
    return per_element(inputs[0], Work(compare=1), gain=(1, 2))


@operator(label="ReLU6", traits=("activation", "nonnegative", "clipping"), formulas=AS_INPUT)
def relu6(inputs: tuple[Shape, ...]) -> Facts:
    """Rectified linear unit cut at 6: min(max(x, 0), 6).

    Other work: 2 comparisons per element.
    Source: Krizhevsky 2010 (Convolutional deep belief networks on CIFAR-10).
    """
    # What is cut at 6 is left aside.
    return per_element(inputs[0], Work(compare=2), gain=(1, 2))


@operator(label="ELU", traits=("activation", "rectifying"), formulas=AS_INPUT)
def elu(
    inputs: tuple[Shape, ...],
    *,
    alpha: Annotated[object, Real("the limit for large negative x is −α", symbol="α", minimum=0)] = 1,
) -> Facts:
    """Exponential linear unit: x where x > 0, else α(e^x − 1).

    Other work: 1 comparison, 1 exponential, 1 addition, 1 multiplication per element.
    Source: Clevert, Unterthiner and Hochreiter 2016.
    """
    return per_element(inputs[0], Work(compare=1, exp=1, add=1, multiply=1))


@operator(label="GELU", traits=("activation",), formulas=AS_INPUT)
def gelu(inputs: tuple[Shape, ...]) -> Facts:
    """Gaussian error linear unit: x · ½(1 + erf(x / √2)).

    Other work: 1 division, 1 error function (counted as exp), 1 addition, 2 multiplications per element.
    Source: Hendrycks and Gimpel 2016.
    """
    return per_element(inputs[0], Work(divide=1, exp=1, add=1, multiply=2), gain=(4559, 10_000))


@operator(label="SiLU", traits=("activation",), formulas=AS_INPUT)
def silu(inputs: tuple[Shape, ...]) -> Facts:
    """Sigmoid linear unit, also called swish: x / (1 + e^−x), counted as x · sigmoid(x).

    Other work: 1 exponential, 1 addition, 1 division, 1 multiplication per element.
    Source: Elfwing, Uchibe and Doya 2018; Ramachandran, Zoph and Le 2017.
    """
    return per_element(inputs[0], Work(exp=1, add=1, divide=1, multiply=1), gain=(3795, 10_000))


@operator(label="hard swish", traits=("activation",), formulas=AS_INPUT)
def hardswish(inputs: tuple[Shape, ...]) -> Facts:
    """Hard swish: x · min(max(x + 3, 0), 6) / 6.

    Other work: 1 addition, 2 comparisons, 1 division, 1 multiplication per element.
    Source: Howard et al. 2019 (MobileNetV3).
    """
    return per_element(inputs[0], Work(add=1, compare=2, divide=1, multiply=1), gain=(3585, 10_000))


@operator(label="hard sigmoid", traits=("activation", "nonnegative"), formulas=AS_INPUT)
def hardsigmoid(inputs: tuple[Shape, ...]) -> Facts:
    """Hard sigmoid: min(max(x + 3, 0), 6) / 6.

    Other work: 1 addition, 2 comparisons, 1 division per element.
    Source: Howard et al. 2019 (MobileNetV3).
    """
    facts = per_element(inputs[0], Work(add=1, compare=2, divide=1), gain=(277, 10_000))
    return facts._replace(opening=HALF_OPEN)


@operator(label="sigmoid", traits=("activation", "nonnegative"), chinese="Sigmoid", formulas=AS_INPUT)
def sigmoid(inputs: tuple[Shape, ...]) -> Facts:
    """Logistic function: 1 / (1 + e^−x).

    Other work: 1 exponential, 1 addition, 1 division per element.
    Source: LeCun et al. 1998 (Efficient BackProp).
    """
    facts = per_element(inputs[0], Work(exp=1, add=1, divide=1), gain=(448, 10_000))
    return facts._replace(opening=HALF_OPEN)


@operator(label="tanh", traits=("activation",), chinese="Tanh", formulas=AS_INPUT)
def tanh(inputs: tuple[Shape, ...]) -> Facts:
    """Hyperbolic tangent: (e^2x − 1) / (e^2x + 1).

    Other work: 1 multiplication, 1 exponential, 2 additions, 1 division per element.
    Source: LeCun et al. 1998 (Efficient BackProp).
    """
    return per_element(inputs[0], Work(multiply=1, exp=1, add=2, divide=1), gain=(4644, 10_000))


@operator(label="softplus", traits=("activation", "nonnegative"), chinese="Softplus", formulas=AS_INPUT)
def softplus(inputs: tuple[Shape, ...]) -> Facts:
    """Softplus: log(1 + e^x).

    Other work: 1 exponential and 1 logarithm (both counted as exp), 1 addition per element.
    Source: Dugas et al. 2001.
    """
    return per_element(inputs[0], Work(exp=2, add=1), gain=(2934, 10_000))


@operator(label="softmax", traits=("probabilities",), chinese="Softmax", formulas=AS_INPUT)
def softmax(inputs: tuple[Shape, ...], *, over: Over = "channels") -> Facts:
    """Softmax over the channels of each position, or over positions: e^(x_i − max x) / Σ e^(x_j − max x).

    Other work: for each set of m numbers m − 1 comparisons, 2m − 1 additions, m exponentials, m divisions.
    Source: Bridle 1990.
    """
    shape = inputs[0]
    taken = extent(shape, over)
    length = taken.elements(shape)
    facts = in_place(shape, softmax_work(shape.elements // length, length))
    return facts._replace(
        reads=(whole_map(shape.axes, "main", taken.axes),), channels="all" if taken.channels else "each"
    )


def softmax_work(sets: Size, length: Size) -> Work:
    """The work of a softmax over `length` numbers, done `sets` times; the maximum is subtracted."""
    return Work(compare=length - 1, add=2 * length - 1, exp=length, divide=length).times(sets)


@operator(label="one minus", arithmetic="complement", traits=("linear",), chinese="取补", formulas=AS_INPUT)
def oneminus(inputs: tuple[Shape, ...]) -> Facts:
    """The complement: 1 − x, the carry gate of a highway network.

    Other work: 1 addition per element.
    Source: Srivastava, Greff and Schmidhuber 2015; 解析卷积神经网络 section 3.2.4.
    """
    return per_element(inputs[0], Work(add=1), gain=PASSED_ON)
