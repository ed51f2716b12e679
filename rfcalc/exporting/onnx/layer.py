"""A layer that is being written: the nodes that compute it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from rfcalc.exporting.layer import WrittenLayer, number
from rfcalc.exporting.onnx.contents import ZEROS, Filling
from rfcalc.exporting.onnx.nodes import GraphNodes
from rfcalc.importers.onnx.model import AttributeValue

TARGET = "ONNX"


class LayerNodes:
    """The nodes of one layer, written behind those of the layers before it.

    layer: the layer.  operands: the tensors that it reads, of as many dimensions each; single: which of them
    are the same for all examples, (1, C, axes).  without_axes: whether what it leaves has none.
    """

    def __init__(
        self, graph: GraphNodes, layer: WrittenLayer, operands: tuple[str, ...], single: tuple[bool, ...]
    ) -> None:
        self.graph = graph
        self.layer = layer
        self.operands = operands
        self.single = single
        self.without_axes = False

    @property
    def x(self) -> str:
        """Its first operand."""
        return self.operands[0]

    @property
    def axes(self) -> int:
        """The number of dimensions of its first operand behind the channels."""
        return 0 if self.layer.flat[0] else self.layer.rank

    @property
    def spatial(self) -> tuple[int, ...]:
        """The sizes of these."""
        return tuple(number(length) for length in self.layer.inputs[0].axes[: self.axes])

    def node(self, operator: str, *inputs: str, **attributes: AttributeValue) -> str:
        """The tensor that a node computes, the first of its outputs; "" for an input that is left out."""
        return self.graph.node(self.layer.node.name, operator, inputs, attributes)

    # What does not depend on the input

    def integers(self, values: Sequence[int]) -> str:
        """A constant of one dimension."""
        return self.graph.constant("int64", (len(values),), tuple(values))

    def real(self, value: float) -> str:
        """A single number."""
        return self.graph.constant("float32", (), (float(value),))

    def fixed(self, value: float, lengths: Sequence[int]) -> str:
        """A tensor of one value that is not learned."""
        return self.node("Expand", self.real(value), self.integers(lengths)) if lengths else self.real(value)

    def learned(self, name: str, lengths: Sequence[int], filling: Filling, of: str = "") -> str:
        """A tensor that the layer learns, or the one of the layer whose weights it uses.

        of: what the table calls it, where it is a part of that or has another name.
        """
        node = self.layer.node
        own = f"{node.name}.{name}"
        if node.shared is None or (of or name) not in node.shares:
            return self.graph.weight(own, tuple(lengths), filling)
        owner = self.graph.layer_names[node.shared]
        given, found = self.graph.written_weight(f"{owner}.{name}") or ("", None)
        if found == tuple(lengths):
            return given
        core, wanted = (_without_ones(sizes) for sizes in (found or (), lengths))
        if found is None or (core != wanted and (core != wanted[::-1] or len(core) != 2)):
            self.layer.refuse(f"its weights are those of {owner}")
        if core != wanted:
            given = self.node("Reshape", given, self.integers(core)) if core != found else given
            given = self.node("Transpose", given, perm=(1, 0))
        return self.node("Reshape", given, self.integers(lengths)) if tuple(lengths) != wanted else given

    def bias(self, count: int) -> list[str]:
        """A bias for each channel, if there is one, as the last operand of a node."""
        return (
            [self.learned("bias", (count,), ZEROS)] if "bias" in (self.layer.node.facts.weights or {}) else []
        )

    def by_channel(self, count: int) -> tuple[int, ...]:
        """The size of what has a number for each channel and is broadcast over the axes."""
        return (count, *(1,) * self.axes)

    # Arrangements

    def as_many(self, place: int) -> str:
        """An operand that is the same for all examples, once for each that another one has."""
        if not self.single[place] or all(self.single):
            return self.operands[place]
        other = self.operands[self.single.index(False)]
        count = self.node("Shape", other, start=0, end=1)
        shape = self.layer.inputs[place]
        lengths = self.integers([number(length) for length in (shape.channels, *shape.axes)])
        return self.node("Expand", self.operands[place], self.node("Concat", count, lengths, axis=0))

    def reshaped(self, x: str, lengths: Sequence[int], *, batch: int = 1) -> str:
        """The elements of each example in another size; batch: how many dimensions stay in front."""
        return self.node("Reshape", x, self.integers((*(0,) * batch, *lengths)))

    def permuted(self, x: str, order: Sequence[int]) -> str:
        """The dimensions of a tensor in another order."""
        return x if list(order) == sorted(order) else self.node("Transpose", x, perm=tuple(order))

    def channels_last(self, x: str, axes: int) -> str:
        """(N, C, axes) as (N, axes, C)."""
        return self.permuted(x, (0, *range(2, 2 + axes), 1))

    def channels_first(self, x: str, axes: int) -> str:
        """(N, axes, C) as (N, C, axes)."""
        return self.permuted(x, (0, 1 + axes, *range(1, 1 + axes)))

    def sliced(self, x: str, spans: Sequence[tuple[int, int, int, int]]) -> str:
        """Parts of dimensions: of each the dimension, the first index, the one past the last, the step."""
        if not spans:
            return x
        places, starts, stops, steps = zip(*spans, strict=True)
        return self.node("Slice", x, *map(self.integers, (starts, stops, places, steps)))


def _without_ones(lengths: Sequence[int]) -> tuple[int, ...]:
    """A size without the dimensions of length 1 at its end; two stay."""
    found = tuple(lengths)
    while len(found) > 2 and found[-1] == 1:
        found = found[:-1]
    return found


LayerWriter: TypeAlias = Callable[[LayerNodes], str]
