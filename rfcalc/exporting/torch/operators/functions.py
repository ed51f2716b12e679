"""Functions of each element that are no operators of their own."""

from __future__ import annotations

from rfcalc.exporting.layer import WrittenLayer
from rfcalc.exporting.torch.layer import Exporter, made
from rfcalc.exporting.torch.program import Export

# Those that torch has under the same name.
_SAME = frozenset(
    """
    neg exp log sqrt erf sin cos tan asin acos atan sinh cosh asinh acosh atanh expm1 log1p rsqrt reciprocal
    square abs floor ceil round trunc sign logical_not
    """.split()
)
_MODULES = {
    "hardtanh": "nn.Hardtanh",
    "hardshrink": "nn.Hardshrink",
    "softshrink": "nn.Softshrink",
    "softsign": "nn.Softsign",
    "logsigmoid": "nn.LogSigmoid",
    "selu": "nn.SELU",
    "celu": "nn.CELU",
    "mish": "nn.Mish",
    "tanhshrink": "nn.Tanhshrink",
}


def _function(layer: WrittenLayer) -> Export:
    name, flat = str(layer.arguments["of"]), layer.flat[0]
    if name in _MODULES:
        return Export(made(_MODULES[name]), flat=flat)
    if name == "gelu_tanh":
        return Export(made("nn.GELU", approximate="tanh"), flat=flat)
    if name == "quick_gelu":
        return Export(None, "{0} * torch.sigmoid(1.702 * {0})", flat)
    if name in _SAME:
        return Export(None, f"torch.{name}({{0}})", flat)
    return layer.refuse(f"the number that is the other operand of {name} is not said")


EXPORTERS: dict[str, Exporter] = {"function": _function}
