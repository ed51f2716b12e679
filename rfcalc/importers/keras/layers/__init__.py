"""What each class of layer is here: a function for each, in modules by families."""

from __future__ import annotations

from importlib import import_module


def load() -> None:
    """Have the functions registered."""
    for module in (
        "activations",
        "arithmetic",
        "attention",
        "constants",
        "convolution",
        "forms",
        "images",
        "kernels",
        "merging",
        "normalisation",
        "operators",
        "pooling",
        "preprocessing",
        "recurrent",
        "taking",
    ):
        import_module(f"{__name__}.{module}")
