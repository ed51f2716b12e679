"""Functions of each element that are no operators of their own, arithmetic with a constant among them."""

from collections.abc import Mapping
from typing import Annotated

from rfcalc.ops.attributes import Choice
from rfcalc.ops.elementwise import PASSED_ON, per_element
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import AS_INPUT
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape

# The work of each function for one element (docs/conventions.md): those that are affine, and the others.
AFFINE: Mapping[str, Work] = {
    **dict.fromkeys(("add", "sub", "neg"), Work(add=1)),
    "mul": Work(multiply=1),
    "div": Work(divide=1),
}
# Affine with a slope of 1 or −1.
_SLOPE_ONE = ("add", "sub", "neg")
FUNCTIONS: Mapping[str, Work] = {
    **AFFINE,
    **dict.fromkeys(("exp", "log", "sqrt", "pow", "erf"), Work(exp=1)),
    **dict.fromkeys(("sin", "cos", "tan", "asin", "acos", "atan"), Work(exp=1)),
    **dict.fromkeys(("sinh", "cosh", "asinh", "acosh", "atanh"), Work(exp=1)),
    **dict.fromkeys(("expm1", "log1p"), Work(exp=1, add=1)),
    "rsqrt": Work(exp=1, divide=1),
    "reciprocal": Work(divide=1),
    "square": Work(multiply=1),
    **dict.fromkeys(("abs", "max", "min", "floor", "ceil", "round", "trunc", "threshold"), Work(compare=1)),
    **dict.fromkeys(("equal", "greater", "less", "logical_not"), Work(compare=1)),
    **dict.fromkeys(("sign", "clip", "hardtanh", "hardshrink"), Work(compare=2)),
    "softshrink": Work(compare=2, add=1),
    "mod": Work(divide=1, compare=1, multiply=1, add=1),
    "softsign": Work(compare=1, add=1, divide=1),
    "logsigmoid": Work(exp=2, add=1),
    "selu": Work(compare=1, exp=1, add=1, multiply=2),
    "celu": Work(compare=1, exp=1, add=1, multiply=1, divide=1),
    "mish": Work(exp=3, add=3, multiply=2, divide=1),
    "tanhshrink": Work(exp=1, add=3, multiply=1, divide=1),
    "gelu_tanh": Work(exp=1, add=4, multiply=7, divide=1),
    "quick_gelu": Work(exp=1, add=1, multiply=2, divide=1),
}


@operator(label="function", chinese="逐元素函数", formulas=AS_INPUT)
def function(
    inputs: tuple[Shape, ...],
    *,
    of: Annotated[str, Choice("what is done to each element", FUNCTIONS)],
) -> Facts:
    """A function of each element by itself, without parameters.

    `add`, `sub`, `mul`, `div`, `max`, `min`, `pow`, `mod` and comparisons are those with a constant number;
    one that is divided by the element is `reciprocal`.  `gelu_tanh` is GELU by its approximation with tanh,
    `quick_gelu` x · sigmoid(1.702 x).  An activation that is an operator is not among them: `relu`.

    Other work: by function, per element (docs/conventions.md).
    Source: ONNX operators; PyTorch pointwise operations.
    """
    return per_element(inputs[0], FUNCTIONS[of], gain=PASSED_ON if of in _SLOPE_ONE else None)._replace(
        affine=of in AFFINE
    )
