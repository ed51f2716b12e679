"""Functions of each element that have no name of their own here, and arithmetic with a constant number."""

from collections.abc import Mapping
from typing import Annotated

from rfcalc.ops.attributes import Choice
from rfcalc.ops.elementwise import per_element
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import AS_INPUT
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape

_CALL = Work(exp=1)
_COMPARISON = Work(compare=1)

# The work of each function for one element (docs/conventions.md).
FUNCTIONS: Mapping[str, Work] = {
    **dict.fromkeys(("exp", "log", "sqrt", "pow", "erf"), _CALL),
    **dict.fromkeys(("sin", "cos", "tan", "asin", "acos", "atan"), _CALL),
    **dict.fromkeys(("sinh", "cosh", "asinh", "acosh", "atanh"), _CALL),
    "expm1": Work(exp=1, add=1),
    "log1p": Work(exp=1, add=1),
    "rsqrt": Work(exp=1, divide=1),
    "reciprocal": Work(divide=1),
    "square": Work(multiply=1),
    **dict.fromkeys(("abs", "max", "min", "floor", "ceil", "round", "trunc", "threshold"), _COMPARISON),
    **dict.fromkeys(("equal", "greater", "less", "logical_not"), _COMPARISON),
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
ARITHMETIC: Mapping[str, Work] = {
    "add": Work(add=1),
    "sub": Work(add=1),
    "neg": Work(add=1),
    "mul": Work(multiply=1),
    "div": Work(divide=1),
}


@operator(label="function", traits=("nonlinear",), chinese="逐元素函数", formulas=AS_INPUT)
def elementwise(
    inputs: tuple[Shape, ...],
    *,
    function: Annotated[str, Choice("which function", FUNCTIONS)],
) -> Facts:
    """A function of each element by itself, without parameters and not affine.

    `max`, `min`, `pow`, `mod` and comparisons are those with a constant number; `gelu_tanh` is GELU by its
    approximation with tanh, `quick_gelu` x · sigmoid(1.702 x).  An activation with a name of its own is an
    operator: `relu`.

    Other work: by function, per element (docs/conventions.md).
    Source: ONNX operators; PyTorch pointwise operations.
    """
    return per_element(inputs[0], FUNCTIONS[function])


@operator(label="arithmetic", traits=("linear",), chinese="与常数的运算", formulas=AS_INPUT)
def arithmetic(
    inputs: tuple[Shape, ...],
    *,
    operation: Annotated[str, Choice("which operation", ARITHMETIC)],
) -> Facts:
    """Each element plus, minus, times or divided by a constant number, or its negative.

    A constant that is divided by the elements is `elementwise function=reciprocal`.

    Other work: 1 addition (add, sub, neg), multiplication (mul) or division (div) per element.
    Source: ONNX operators; PyTorch pointwise operations.
    """
    return per_element(inputs[0], ARITHMETIC[operation])
