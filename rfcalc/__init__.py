"""Everything about a convolutional network that can be known from its description."""

from __future__ import annotations

# As `typing.TYPE_CHECKING`: until this is loaded, an interrupt of the process `rfcalc` is not quiet.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from rfcalc.analysed import AnalysedNetwork
    from rfcalc.analysis.comparison.comparison import Comparison
    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
    from rfcalc.asked import NoSuchLayer
    from rfcalc.compared import ComparedNetworks
    from rfcalc.conditions.solving import Solution
    from rfcalc.description import Description
    from rfcalc.errors import DescriptionError, RfcalcError, UsageError
    from rfcalc.library import (
        analyze,
        check,
        compare,
        load,
        read_expression,
        read_text,
        shipped_names,
        solve,
    )
    from rfcalc.lint.finding import Finding
    from rfcalc.shown import Explanation, ShownTable

__version__ = "0.1.0"

_LAZY = {
    "AnalysedNetwork": "rfcalc.analysed",
    "ComparedNetworks": "rfcalc.compared",
    "Comparison": "rfcalc.analysis.comparison.comparison",
    "Description": "rfcalc.description",
    "DescriptionError": "rfcalc.errors",
    "Explanation": "rfcalc.shown",
    "Finding": "rfcalc.lint.finding",
    "LayerAnalysis": "rfcalc.analysis.network",
    "NetworkAnalysis": "rfcalc.analysis.network",
    "NoSuchLayer": "rfcalc.asked",
    "RfcalcError": "rfcalc.errors",
    "ShownTable": "rfcalc.shown",
    "Solution": "rfcalc.conditions.solving",
    "UsageError": "rfcalc.errors",
    "analyze": "rfcalc.library",
    "check": "rfcalc.library",
    "compare": "rfcalc.library",
    "load": "rfcalc.library",
    "read_expression": "rfcalc.library",
    "read_text": "rfcalc.library",
    "shipped_names": "rfcalc.library",
    "solve": "rfcalc.library",
}

__all__ = [
    "AnalysedNetwork",
    "ComparedNetworks",
    "Comparison",
    "Description",
    "DescriptionError",
    "Explanation",
    "Finding",
    "LayerAnalysis",
    "NetworkAnalysis",
    "NoSuchLayer",
    "RfcalcError",
    "ShownTable",
    "Solution",
    "UsageError",
    "__version__",
    "analyze",
    "check",
    "compare",
    "load",
    "read_expression",
    "read_text",
    "shipped_names",
    "solve",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first used: importing a submodule alone stays cheap."""
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(module), name)


def __dir__() -> list[str]:
    """The public names: what completion offers."""
    return __all__
