"""What is asked of a layer that is to be written, and what functions that write layers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NoReturn, TypeAlias, cast

from rfcalc.errors import DescriptionError, Diagnostic
from rfcalc.exporting.torch.program import Construction, Export, Literal, NamedValue
from rfcalc.graph.ir import Node
from rfcalc.ops.axes import Extent, OverValue, extent
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape


class WrittenLayer(NamedTuple):
    """A layer with the shapes of its operands; flat: which of them come without axes."""

    node: Node
    inputs: tuple[Shape, ...]
    flat: tuple[bool, ...]

    @property
    def arguments(self) -> Mapping[str, object]:
        """Its attributes in effect."""
        return self.node.arguments

    @property
    def output(self) -> Shape:
        """The size of its output."""
        return self.node.facts.output

    @property
    def rank(self) -> int:
        """The number of spatial axes of its first operand."""
        return len(self.inputs[0].axes)

    @property
    def channels(self) -> int:
        """The channels of its first operand."""
        return number(self.inputs[0].channels)

    def integer(self, name: str) -> int:
        """An attribute that is a whole number."""
        return number(self.arguments[name])

    def lengths(self, name: str) -> tuple[int, ...]:
        """An attribute that has a number for each axis."""
        value = self.arguments[name]
        assert isinstance(value, tuple)
        return tuple(number(each) for each in value)

    def pads(self, name: str = "padding") -> tuple[tuple[int, int], ...]:
        """An attribute that has an amount before and one after for each axis."""
        value = self.arguments[name]
        assert isinstance(value, tuple)
        return tuple((number(before), number(after)) for before, after in value)

    def has(self, name: str) -> bool:
        """Whether a flag is set."""
        return bool(self.arguments[name])

    def real(self, name: str) -> float | int:
        """An attribute that is any number, as Python writes it."""
        value = self.arguments[name]
        assert isinstance(value, int | float | Fraction)
        exact = float(value)
        return int(exact) if exact.is_integer() else exact

    @property
    def over(self) -> Extent:
        """What of the map the attribute of this name means."""
        return extent(self.inputs[0], cast("OverValue", self.arguments["over"]))

    def refuse(self, why: str) -> NoReturn:
        """Raise DescriptionError: this layer cannot be written."""
        raise refusal(self.node, why)


def refusal(node: Node, why: str) -> DescriptionError:
    """The error that a layer cannot be exported, at its line."""
    return DescriptionError(
        (Diagnostic(f"{node.name} ({node.op}) cannot be exported to PyTorch: {why}", node.position),)
    )


def number(value: object) -> int:
    """A size that is a plain number, which it is where a network has no symbols."""
    assert isinstance(value, int)
    return value


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
