"""Functions of each element that are no operators of their own."""

from __future__ import annotations

from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter
from rfcalc.importers.onnx.tensors import element_number

# Those that ONNX has, by the name of its operator.
_OPERATORS = {
    **{name: name.capitalize() for name in "neg exp log sqrt erf sin cos tan asin acos atan".split()},
    **{name: name.capitalize() for name in "sinh cosh asinh acosh atanh abs floor ceil round sign".split()},
    **{name: name.capitalize() for name in "reciprocal softsign selu celu mish".split()},
}


def _function(nodes: LayerNodes) -> str:
    name, x, node = str(nodes.layer.arguments["of"]), nodes.x, nodes.node
    if name in _OPERATORS:
        return node(_OPERATORS[name], x)
    if name == "square":
        return node("Mul", x, x)
    if name == "rsqrt":
        return node("Reciprocal", node("Sqrt", x))
    if name == "expm1":
        return node("Sub", node("Exp", x), nodes.real(1))
    if name == "log1p":
        return node("Log", node("Add", x, nodes.real(1)))
    if name == "trunc":
        return node("Mul", node("Sign", x), node("Floor", node("Abs", x)))
    if name == "logical_not":
        without = node("Not", node("Cast", x, to=element_number("bool")))
        return node("Cast", without, to=element_number("float32"))
    if name == "hardtanh":
        return node("Clip", x, nodes.real(-1), nodes.real(1))
    if name in ("hardshrink", "softshrink"):
        return node("Shrink", x, lambd=0.5, bias=0.5 if name == "softshrink" else 0.0)
    if name == "logsigmoid":
        return node("Neg", node("Softplus", node("Neg", x)))
    if name == "tanhshrink":
        return node("Sub", x, node("Tanh", x))
    if name == "gelu_tanh":
        return node("Gelu", x, approximate="tanh")
    if name == "quick_gelu":
        return node("Mul", x, node("Sigmoid", node("Mul", x, nodes.real(1.702))))
    return nodes.layer.refuse(f"the number that is the other operand of {name} is not said")


WRITERS: dict[str, LayerWriter] = {"function": _function}
