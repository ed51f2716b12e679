"""How functions that write layers as modules of PyTorch are called, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from rfcalc.exporting.layer import WrittenLayer
from rfcalc.exporting.torch.program import Construction, Export, Literal, NamedValue

TARGET = "PyTorch"

Exporter: TypeAlias = Callable[[WrittenLayer], Export]


def made(callee: str, *places: Literal, **named: Literal) -> Construction:
    """A construction; what stands by its place comes first."""
    return Construction(
        callee,
        (
            *(NamedValue("", value) for value in places),
            *(NamedValue(name, value) for name, value in named.items()),
        ),
    )
