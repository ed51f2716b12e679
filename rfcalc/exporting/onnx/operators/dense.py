"""Layers of matrices: fully connected, tables, products, windows that are products."""

from __future__ import annotations

from math import prod

from rfcalc.exporting.layer import number
from rfcalc.exporting.onnx.contents import TABLE, ZEROS, fan_in
from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter
from rfcalc.exporting.onnx.operators.windows import over_axes, pad_numbers, padded
from rfcalc.importers.onnx.tensors import element_number


def _fully_connected(nodes: LayerNodes) -> str:
    nodes.without_axes = True
    x = nodes.node("Flatten", nodes.x) if nodes.axes else nodes.x
    count, read = nodes.layer.integer("out_channels"), number(nodes.layer.inputs[0].elements)
    weight = nodes.learned("weight", (count, read), fan_in(read))
    return nodes.node("Gemm", x, weight, *nodes.bias(count), transB=1)


def _embedding(nodes: LayerNodes) -> str:
    layer = nodes.layer
    places = nodes.node("Squeeze", nodes.x, nodes.integers((1,)))
    if nodes.x not in nodes.graph.indices:
        places = nodes.node("Cast", places, to=element_number("int64"))
    table = nodes.learned("weight", (layer.integer("words"), layer.integer("out_channels")), TABLE)
    return nodes.channels_first(nodes.node("Gather", table, places), nodes.axes)


def _learned(nodes: LayerNodes) -> str:
    *axes, channels = (number(length) for length in nodes.layer.output.sizes())
    lengths = (1, channels, *axes)
    if not nodes.layer.has("learned"):
        return nodes.fixed(0.0, lengths)
    return nodes.node("Identity", nodes.learned("weight", lengths, TABLE))


def _matrices(nodes: LayerNodes, place: int, *, columns: bool) -> str:
    """An operand as a matrix of positions by channels for each position along the axes of the batch.

    columns: whether its positions are the columns.
    """
    shape, batch = nodes.layer.inputs[place], nodes.layer.integer("batch")
    rank = len(shape.axes)
    leading, rest = range(2, 2 + batch), range(2 + batch, 2 + rank)
    x = nodes.permuted(nodes.operands[place], (0, *leading, *((1, *rest) if columns else (*rest, 1))))
    if len(rest) == 1:
        return x
    positions = prod(number(length) for length in shape.axes[batch:])
    channels = number(shape.channels)
    return nodes.reshaped(x, (channels, positions) if columns else (positions, channels), batch=1 + batch)


def _product(nodes: LayerNodes) -> str:
    layer = nodes.layer
    if not all(shape.axes for shape in layer.inputs):
        layer.refuse("a product with a plain vector")
    rows = _matrices(nodes, 0, columns=False)
    x = nodes.node("MatMul", rows, _matrices(nodes, 1, columns=layer.has("transposed")))
    *axes, channels = (number(length) for length in layer.output.sizes())
    if len(axes) != layer.integer("batch") + 1:
        x = nodes.reshaped(x, (*axes, channels))
    return nodes.channels_first(x, len(axes))


def _windows(nodes: LayerNodes) -> str:
    """Every window: (N, C, taps along an axis, windows along it, and so for each axis)."""
    layer = nodes.layer
    x = nodes.x
    pads = layer.pads()
    if any(map(any, pads)):
        x = padded(nodes, x, over_axes(pads))
    geometry = zip(
        layer.lengths("kernel"),
        layer.lengths("stride"),
        layer.lengths("dilation"),
        _places(nodes),
        strict=True,
    )
    for axis, (kernel, stride, dilation, count) in enumerate(geometry):
        taken = [place * stride + tap * dilation for tap in range(kernel) for place in range(count)]
        indices = nodes.graph.constant("int64", (kernel, count), tuple(taken))
        x = nodes.node("Gather", x, indices, axis=2 + 2 * axis)
    return x


def _places(nodes: LayerNodes) -> tuple[int, ...]:
    return tuple(number(length) for length in nodes.layer.output.axes)


def _unfold(nodes: LayerNodes) -> str:
    if not nodes.axes:
        return nodes.x
    taps, places = range(2, 2 + 2 * nodes.axes, 2), range(3, 3 + 2 * nodes.axes, 2)
    x = nodes.permuted(_windows(nodes), (0, 1, *taps, *places))
    return nodes.reshaped(x, (number(nodes.layer.output.channels), *_places(nodes)))


def _fold(nodes: LayerNodes) -> str:
    layer = nodes.layer
    channels = layer.channels
    x = nodes.reshaped(nodes.x, (channels, prod(nodes.spatial))) if nodes.axes > 1 else nodes.x
    sizes = (nodes.integers(layer.lengths(name)) for name in ("size", "kernel"))
    return nodes.node(
        "Col2Im",
        x,
        *sizes,
        pads=pad_numbers(layer.pads()),
        strides=layer.lengths("stride"),
        dilations=layer.lengths("dilation"),
    )


def _locally_connected(nodes: LayerNodes) -> str:
    layer = nodes.layer
    kernel, groups, count = layer.lengths("kernel"), layer.integer("groups"), layer.integer("out_channels")
    places, each = _places(nodes), layer.channels // groups
    read = each * prod(kernel)
    taps, along = range(2, 2 + 2 * nodes.axes, 2), range(3, 3 + 2 * nodes.axes, 2)
    x = nodes.permuted(_windows(nodes), (0, *along, 1, *taps))
    # A product of its own at each place and in each group.
    x = nodes.reshaped(x, (prod(places), groups, 1, read))
    weight = nodes.learned("weight", (*places, count, each, *kernel), fan_in(read))
    matrices = nodes.node("Reshape", weight, nodes.integers((prod(places), groups, count // groups, read)))
    x = nodes.node("MatMul", x, nodes.permuted(matrices, (0, 1, 3, 2)))
    x = nodes.reshaped(x, (*places, count))
    if layer.has("bias"):
        x = nodes.node("Add", x, nodes.learned("bias", (*places, count), ZEROS))
    return nodes.channels_first(x, nodes.axes)


WRITERS: dict[str, LayerWriter] = {
    "fc": _fully_connected,
    "embedding": _embedding,
    "learned": _learned,
    "matmul": _product,
    "unfold": _unfold,
    "fold": _fold,
    "localconv": _locally_connected,
}
