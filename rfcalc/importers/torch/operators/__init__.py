"""What each function of PyTorch is here: a function for each, in modules by families.

A function that works in place has its name without the last `_`.
"""

from __future__ import annotations

from importlib import import_module


def load() -> None:
    """Have the functions registered."""
    for module in ("arranging", "elements", "layers", "products", "taking"):
        import_module(f"{__name__}.{module}")
