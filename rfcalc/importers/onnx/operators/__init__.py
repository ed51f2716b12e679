"""What each ONNX operator is here: a function for each, in modules by families."""

from __future__ import annotations

from importlib import import_module

_RECURRENT = frozenset({"LSTM", "GRU", "RNN"})


def load(operator: str) -> None:
    """Have the function of an operator registered."""
    modules = ("recurrent",) if operator in _RECURRENT else ("arranging", "elements", "layers", "resampling")
    if operator.startswith("com.microsoft::"):
        modules = ("runtime",)
    for module in modules:
        import_module(f"{__name__}.{module}")
