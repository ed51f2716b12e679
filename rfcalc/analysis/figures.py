"""The figures of a network, one record each: name, unit, meaning and value.

Whatever speaks of a figure of a whole network by name finds it here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.layer_figures import find_count
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import total
from rfcalc.units import DEFAULT_BYTES

if TYPE_CHECKING:
    from typing import TypeAlias

    from rfcalc.analysis.fields.figures import AxisField
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.graph.ir import Node

    # A count; the shapes of the outputs; the field of the network along each axis; None is unknown.
    Value: TypeAlias = "Size | tuple[Shape, ...] | tuple[AxisField, ...] | None"


class Figure(NamedTuple):
    """One figure of a network.

    unit: what is counted, in the plural; "" for what is no count.  about: its meaning, one sentence.
    value: the figure of an analysed network whose numbers take so many bytes each; None when a part of
    it is not known.
    """

    name: str
    unit: str
    about: str
    value: Callable[[NetworkAnalysis, int], Value]

    @property
    def is_count(self) -> bool:
        """Whether it is one number: it can be compared with an amount."""
        return bool(self.unit)


def weighted(node: Node) -> bool:
    """Whether a layer has weights of two or more dimensions: a convolution, a fully connected layer."""
    return any(len(dimensions) > 1 for dimensions in (node.facts.weights or {}).values())


def depth(network: NetworkAnalysis) -> int:
    """The most layers with weights on one path to an output, which is what papers count.

    VGG-16 has 16, ResNet-34 34, GoogLeNet 22 (projections of shortcuts lie on shorter paths).
    """
    return len(longest_path(network))


def longest_path(network: NetworkAnalysis) -> tuple[int, ...]:
    """The layers with weights on one of the paths to an output that have most of them, by index, in order."""
    nodes = network.graph.nodes
    depths: list[int] = []
    before: list[int | None] = []
    for node in nodes:
        longest = max(node.inputs, key=depths.__getitem__, default=None)
        before.append(longest)
        depths.append((0 if longest is None else depths[longest]) + weighted(node))
    found: list[int] = []
    place = max(network.graph.outputs, key=depths.__getitem__, default=None)
    while place is not None:
        if weighted(nodes[place]):
            found.append(place)
        place = before[place]
    return tuple(reversed(found))


def _total(figures: Sequence[Size | None]) -> Size | None:
    """The sum; None when a part of it is not known."""
    known = [figure for figure in figures if figure is not None]
    return total(known) if len(known) == len(figures) else None


def _over_layers(name: str) -> Callable[[NetworkAnalysis, int], Size | None]:
    """The sum of a count of the layers."""
    count = find_count(name)
    assert count is not None
    return lambda network, size: _total([count.value(layer, size) for layer in network.layers])


def _field(network: NetworkAnalysis) -> tuple[AxisField, ...] | None:
    """The field over the first input that is seen."""
    field = network.fields.nodes[network.fields.network]
    return next((axes for axes in field.inputs if axes is not None), None)


FIGURES: tuple[Figure, ...] = (
    Figure(
        "params",
        "parameters",
        "Learned parameters; those shared with an earlier layer are counted there.",
        _over_layers("params"),
    ),
    Figure(
        "macs",
        "MACs",
        "Multiply-adds of convolutions, fully connected layers and matrix products, of the whole batch.",
        _over_layers("macs"),
    ),
    Figure(
        "flops",
        "FLOPs",
        "Floating-point operations: twice the MACs, exactly.",
        _over_layers("flops"),
    ),
    Figure(
        "other_ops",
        "operations",
        "All operations that are no MACs: biases, normalisation, activation, pooling, joins.",
        _over_layers("other_ops"),
    ),
    Figure(
        "activations",
        "elements",
        "Elements of the outputs of all layers, of the whole batch.",
        _over_layers("activations"),
    ),
    Figure(
        "params_bytes",
        "bytes",
        "Bytes of the parameters in the number format --dtype names.",
        _over_layers("params_bytes"),
    ),
    Figure(
        "activations_bytes",
        "bytes",
        "Bytes of the outputs of all layers in the number format --dtype names.",
        _over_layers("activations_bytes"),
    ),
    Figure(
        "memory",
        "bytes",
        "Bytes of parameters and activations together.",
        _over_layers("memory"),
    ),
    Figure("layers", "layers", "Layers of all kinds.", lambda network, size: len(network.layers)),
    Figure(
        "depth",
        "layers",
        "The most convolutions and fully connected layers on one path to an output.",
        lambda network, size: depth(network),
    ),
    Figure("output", "", "The sizes of the outputs.", lambda network, size: network.outputs),
    Figure(
        "receptive_field",
        "",
        "The field of the network: that of the last layer before the first collapsed axis.",
        lambda network, size: _field(network),
    ),
)


def find_figure(name: str) -> Figure | None:
    """The figure of this name; None when there is none."""
    return next((figure for figure in FIGURES if figure.name == name), None)


def count_of(name: str, network: NetworkAnalysis, size: int = DEFAULT_BYTES) -> Size | None:
    """A count by its name, for numbers of `size` bytes; None when a part of it is not known.

    Raises KeyError for a name that no count has.
    """
    figure = find_figure(name)
    if figure is None or not figure.is_count:
        raise KeyError(name)
    value = figure.value(network, size)
    assert not isinstance(value, tuple)
    return value
