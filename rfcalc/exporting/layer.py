"""What is asked of a layer that is to be written, whatever it is written for."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NoReturn, cast

from rfcalc.errors import DescriptionError, Diagnostic, option
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.axes import Extent, OverValue, extent
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape

# Those that read (N, C) as it is, where there are no axes.
_READ_FLAT = frozenset(
    """
    relu relu6 elu gelu silu hardswish hardsigmoid sigmoid tanh softplus softmax oneminus leakyrelu prelu
    function channelshuffle dropout droppath softmaxloss identity bn gn ln scale fc flatten add sub mul div
    max min concat
    """.split()
)


class WrittenLayer(NamedTuple):
    """A layer with the shapes of its operands; flat: which of them come without axes.

    target: what it is written for.
    """

    node: Node
    inputs: tuple[Shape, ...]
    flat: tuple[bool, ...]
    target: str

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
        raise refusal(self.node, self.target, why)


def refusal(node: Node, target: str, why: str) -> DescriptionError:
    """The error that a layer cannot be exported, at its line."""
    return DescriptionError(
        (Diagnostic(f"{node.name} ({node.op}) cannot be exported to {target}: {why}", node.position),)
    )


def number(value: object) -> int:
    """A size that is a plain number, which it is where a network has no symbols."""
    assert isinstance(value, int)
    return value


def reads_flat(node: Node) -> bool:
    """Whether a layer reads (N, C) as it is, where there are no axes; none that names axes does."""
    arguments = node.arguments
    named = arguments.get("axis") is not None or arguments.get("over", "channels") != "channels"
    return node.op in _READ_FLAT and not named


def require_numbers(graph: Graph) -> None:
    """Raise DescriptionError where sizes of a network depend on a symbol, which has to be said."""
    if not graph.symbols:
        return
    symbol = graph.symbols[0]
    sizes = [graph.nodes[index].facts.output.sizes() for index in graph.inputs]
    by_input = any(symbol in str(length) for size in sizes for length in size)
    ways = option("set", {symbol: "64"}) + (
        f", or the input's size with {option('input')}" if by_input else ""
    )
    message = f"{symbol} stands for any number; say which: {ways}"
    raise DescriptionError((Diagnostic(message, graph.nodes[0].position),))
