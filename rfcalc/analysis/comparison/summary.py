"""One network in a few figures: what stands in a column of the summary of a comparison."""

from __future__ import annotations

from typing import NamedTuple

from rfcalc.analysis.comparison.structure import is_nonlinearity
from rfcalc.analysis.fields.figures import AxisField
from rfcalc.analysis.figures import depth, weighted
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.shapes import Shape, Size


class Summary(NamedTuple):
    """The figures of a network.

    unknown: whether some of the counts miss layers whose figures are not known.
    layers: their number.  weighted: those with weights of two or more dimensions (convolutions, fully
    connected layers).  depth: the most of these on one path to an output.
    nonlinearities: element-wise layers that are neither additions nor multiplications, such as ReLU.
    field_layer, field: the layer whose receptive field is that of the network, and the field along each
    axis of the first input; () where it sees none.
    """

    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    params: Size
    macs: Size
    activations: Size
    other: Size
    unknown: bool
    layers: int
    weighted: int
    depth: int
    nonlinearities: int
    field_layer: str
    field: tuple[AxisField, ...]

    @property
    def flops(self) -> Size:
        """Twice the multiply-accumulates."""
        return self.macs * 2


def summary(network: NetworkAnalysis) -> Summary:
    """The figures of a network."""
    totals = network.totals
    other: Size = 0
    for count in totals.work:
        other = other + count
    graph = network.graph
    field = network.fields.nodes[network.fields.network]
    return Summary(
        network.inputs,
        network.outputs,
        totals.params,
        totals.macs,
        totals.activations,
        other,
        bool(totals.unknown),
        len(network.layers),
        sum(map(weighted, graph.layers)),
        depth(network),
        sum(map(is_nonlinearity, graph.layers)),
        graph.nodes[network.fields.network].name,
        next((axes for axes in field.inputs if axes is not None), ()),
    )
