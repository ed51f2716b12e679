"""Normalisation."""

from __future__ import annotations

from rfcalc.exporting.layer import number
from rfcalc.exporting.onnx.contents import ONES, ZEROS
from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter
from rfcalc.exporting.onnx.operators.pooling import dims_of, reduced

_EPSILON = 1e-5
_RESPONSE_EPSILON = 1e-6


def _affine(nodes: LayerNodes, lengths: tuple[int, ...]) -> list[str]:
    """The factors and offsets of a normalisation, those that are not learned as fixed ones."""
    learned = nodes.layer.node.facts.weights or {}
    return [
        nodes.learned(name, lengths, filling) if name in learned else nodes.fixed(filling.mean, lengths)
        for name, filling in (("weight", ONES), ("bias", ZEROS))
    ]


def _batch(nodes: LayerNodes) -> str:
    lengths = (nodes.layer.channels,)
    statistics = [nodes.fixed(mean, lengths) for mean in (0.0, 1.0)]
    return nodes.node("BatchNormalization", nodes.x, *_affine(nodes, lengths), *statistics, epsilon=_EPSILON)


def _group(nodes: LayerNodes) -> str:
    affine = _affine(nodes, (nodes.layer.channels,))
    groups = nodes.layer.integer("groups")
    return nodes.node("GroupNormalization", nodes.x, *affine, num_groups=groups, epsilon=_EPSILON)


def _instance(nodes: LayerNodes) -> str:
    if not nodes.axes:
        nodes.layer.refuse("a plain vector has no map")
    affine = _affine(nodes, (nodes.layer.channels,))
    return nodes.node("InstanceNormalization", nodes.x, *affine, epsilon=_EPSILON)


def _layer_norm(nodes: LayerNodes) -> str:
    dims = dims_of(nodes)
    if not dims:
        nodes.layer.refuse("there is nothing that is taken together")
    shape = nodes.layer.inputs[0]
    lengths = [number(length) for length in (shape.channels, *shape.axes)]
    order = (0, *(dim for dim in range(1, 2 + nodes.axes) if dim not in dims), *dims)
    affine = _affine(nodes, tuple(lengths[dim - 1] for dim in dims))
    x = nodes.permuted(nodes.x, order)
    x = nodes.node("LayerNormalization", x, *affine, axis=-len(dims), epsilon=_EPSILON)
    return nodes.permuted(x, [order.index(dim) for dim in range(len(order))])


def _response(nodes: LayerNodes) -> str:
    if not nodes.axes:
        nodes.layer.refuse("a plain vector has no map")
    # Channels stand last, as where it comes from.
    x = nodes.channels_last(nodes.x, nodes.axes)
    norm = reduced(nodes, "ReduceL2", x, tuple(range(1, 1 + nodes.axes)))
    mean = nodes.node(
        "Add", reduced(nodes, "ReduceMean", norm, (1 + nodes.axes,)), nodes.real(_RESPONSE_EPSILON)
    )
    weight, bias = (nodes.learned(name, (nodes.layer.channels,), ZEROS) for name in ("weight", "bias"))
    scaled = nodes.node("Mul", nodes.node("Mul", x, nodes.node("Div", norm, mean)), weight)
    moved = nodes.node("Add", nodes.node("Add", scaled, bias), x)
    return nodes.channels_first(moved, nodes.axes)


def _local_response(nodes: LayerNodes) -> str:
    layer, x = nodes.layer, nodes.x
    size = layer.integer("n")
    if size % 2 == 0:
        layer.refuse(f"{size} neighbours are not as many on both sides")
    missing = tuple(range(2 + nodes.axes, 4))
    if missing:
        x = nodes.node("Unsqueeze", x, nodes.integers(missing))
    # ONNX divides its factor by the number of neighbours.
    x = nodes.node(
        "LRN",
        x,
        size=size,
        alpha=float(layer.real("alpha") * size),
        beta=float(layer.real("beta")),
        bias=float(layer.real("k")),
    )
    return nodes.node("Squeeze", x, nodes.integers(missing)) if missing else x


WRITERS: dict[str, LayerWriter] = {
    "bn": _batch,
    "gn": _group,
    "in": _instance,
    "ln": _layer_norm,
    "grn": _response,
    "lrn": _local_response,
}
