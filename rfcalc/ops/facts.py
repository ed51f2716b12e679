"""What an operator states about itself: the one record every analysis reads.

A fact an operator leaves out is unknown (`None`), never identity and never zero: an analysis that
meets `None` reports an unknown figure instead of a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rfcalc.ops.reads import AxisReads
from rfcalc.shapes import Shape, Size, product
from rfcalc.symbolic import total


class Work(NamedTuple):
    """Work other than multiply-accumulates, in elementary operations by kind (docs/conventions.md)."""

    add: Size = 0
    multiply: Size = 0
    compare: Size = 0
    divide: Size = 0
    exp: Size = 0

    def times(self, factor: Size) -> Work:
        """The work of doing it `factor` times."""
        return Work(*(kind * factor for kind in self))

    @classmethod
    def total(cls, works: Iterable[Work]) -> Work:
        """All pieces of work."""
        return cls(*map(total, zip(*works, strict=True)))

    def plus(self, other: Work) -> Work:
        """Both pieces of work."""
        return Work(*(one + two for one, two in zip(self, other, strict=True)))


NO_WORK = Work()


class Facts(NamedTuple):
    """The facts of one operator applied to inputs of known shapes.

    output: the shape of the result (of the tensor it passes on, when `sink`).
    reads: for each operand, for each of its spatial axes, what one output unit reads of it.
    weights: the learned tensors by name, each with its dimensions; {} when it learns nothing.
    macs: multiply-accumulates of one example (docs/conventions.md).
    work: all other work of one example, by kind.
    channels: how the output channels at one position read the input channels: "each" its own, "group"
        some of them, "all" of them, "select" (each its own, but some are left out), "stack" (operands
        side by side), "shuffle" (all are still there, but in another order, or spread over others).
    data_dependent: the positions read depend on the data (deformable convolution).
    sink: consumes its input; nothing downstream reads it.
    resolved: attributes whose value the shapes decided (`p=same`, the kernel of `fc`).
    """

    output: Shape
    reads: tuple[tuple[AxisReads | None, ...], ...] | None = None
    weights: Mapping[str, tuple[Size, ...]] | None = None
    macs: Size | None = None
    work: Work | None = None
    channels: str | None = None
    data_dependent: bool = False
    sink: bool = False
    resolved: Mapping[str, object] = {}

    @property
    def params(self) -> Size | None:
        """The number of learned parameters; None when unknown."""
        if self.weights is None:
            return None
        return total(map(product, self.weights.values()))


class OperatorProblem(Exception):
    """An operator cannot be applied to these inputs with these attributes.

    attribute: the attribute to blame, so that the caret can stand under it.
    operand: the index of the operand to blame, when it is one operand.
    """

    def __init__(self, message: str, attribute: str = "", operand: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.attribute = attribute
        self.operand = operand
