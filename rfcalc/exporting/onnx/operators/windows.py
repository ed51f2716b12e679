"""Convolutions and pooling by windows."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfcalc.exporting.layer import number
from rfcalc.exporting.onnx.contents import fan_in
from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter
from rfcalc.importers.onnx.model import AttributeValue

PAD_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad_numbers(pads: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Amounts of padding as ONNX has them: those before each axis, then those after."""
    return (*(before for before, _ in pads), *(after for _, after in pads))


def padded(
    nodes: LayerNodes, x: str, pads: Sequence[tuple[int, int]], mode: str = "zeros", value: float = 0.0
) -> str:
    """A tensor with padding of its dimensions, examples first; value: what zeros are instead."""
    operands = [x, nodes.integers(pad_numbers(pads))]
    if value:
        operands.append(nodes.real(value))
    return nodes.node("Pad", *operands, mode=PAD_MODES[mode])


def over_axes(pads: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Padding of the axes as that of all dimensions."""
    return ((0, 0), (0, 0), *pads)


def _convolution(nodes: LayerNodes, out_channels: int, groups: int) -> str:
    layer = nodes.layer
    kernel, pads, x = layer.lengths("kernel"), layer.pads(), nodes.x
    mode = str(layer.arguments["padding_mode"])
    if mode != "zeros" and any(map(any, pads)):
        x, pads = padded(nodes, x, over_axes(pads), mode), ((0, 0),) * len(pads)
    each = layer.channels // groups
    lengths = (out_channels, each, *kernel)
    read = each * prod(kernel)
    # Fixed kernels are not said; means are what most of them are like.
    learned = layer.has("learned")
    weight = nodes.learned("weight", lengths, fan_in(read)) if learned else nodes.fixed(1 / read, lengths)
    return nodes.node(
        "Conv",
        x,
        weight,
        *nodes.bias(out_channels),
        kernel_shape=kernel,
        strides=layer.lengths("stride"),
        pads=pad_numbers(pads),
        dilations=layer.lengths("dilation"),
        group=groups,
    )


def _conv(nodes: LayerNodes) -> str:
    return _convolution(nodes, nodes.layer.integer("out_channels"), nodes.layer.integer("groups"))


def _depthwise(nodes: LayerNodes) -> str:
    channels = nodes.layer.channels
    return _convolution(nodes, channels * nodes.layer.integer("multiplier"), channels)


def _transposed(nodes: LayerNodes) -> str:
    layer = nodes.layer
    kernel, groups, out_channels = (
        layer.lengths("kernel"),
        layer.integer("groups"),
        layer.integer("out_channels"),
    )
    extra = layer.lengths("output_padding")
    extra = extra * layer.rank if len(extra) == 1 else extra
    steps = layer.lengths("stride")
    # Each output is made of one tap in as many as the stride is long.
    read = layer.channels // groups * max(prod(kernel) // prod(steps), 1)
    weight = nodes.learned("weight", (layer.channels, out_channels // groups, *kernel), fan_in(read))
    return nodes.node(
        "ConvTranspose",
        nodes.x,
        weight,
        *nodes.bias(out_channels),
        kernel_shape=kernel,
        strides=steps,
        pads=pad_numbers(layer.pads()),
        output_padding=extra,
        dilations=layer.lengths("dilation"),
        group=groups,
    )


def _deformed(nodes: LayerNodes) -> str:
    layer = nodes.layer
    if len(nodes.operands) == 1:
        layer.refuse("where its offsets come from is not said")
    if layer.rank != 2:
        layer.refuse("ONNX Runtime has it for images alone")
    kernel, groups, out_channels = (
        layer.lengths("kernel"),
        layer.integer("groups"),
        layer.integer("out_channels"),
    )
    offset_groups = layer.integer("offset_groups")
    each = layer.channels // groups
    offsets, mask = nodes.operands[1], ""
    if layer.has("modulated"):
        count = 2 * offset_groups * prod(kernel)
        mask = nodes.sliced(offsets, [(1, count, number(layer.inputs[1].channels), 1)])
        offsets = nodes.sliced(offsets, [(1, 0, count, 1)])
    weight = nodes.learned("weight", (out_channels, each, *kernel), fan_in(each * prod(kernel)))
    operands = [nodes.x, weight, offsets, *(nodes.bias(out_channels) or [""]), mask]
    while not operands[-1]:
        del operands[-1]
    return nodes.node(
        "DeformConv",
        *operands,
        kernel_shape=kernel,
        strides=layer.lengths("stride"),
        pads=pad_numbers(layer.pads()),
        dilations=layer.lengths("dilation"),
        group=groups,
        offset_group=offset_groups,
    )


def _rounded_up(nodes: LayerNodes, dilation: tuple[int, ...]) -> tuple[tuple[tuple[int, int], ...], int]:
    """Padding and `ceil_mode` with which a node has as many windows as the layer.

    Rounding up, ONNX counts a window that starts in the padding behind the input too, which is dropped here:
    along an axis where that is so there is no more padding than the windows before it read.
    """
    layer = nodes.layer
    pads = layer.pads()
    counts = [number(length) for length in layer.output.axes]
    found, wrong, hanging = [], False, False
    for n, m, f, s, r, (before, after) in zip(
        nodes.spatial, counts, layer.lengths("kernel"), layer.lengths("stride"), dilation, pads, strict=True
    ):
        read = (m - 1) * s + r * (f - 1) + 1
        hangs = read > n + before + after
        kept = after if hangs else max(min(after, read - n - before), 0)
        hanging = hanging or hangs
        wrong = wrong or -(-(n + before + kept - r * (f - 1) - 1) // s) + 1 != m
        found.append((before, kept))
    if not hanging:
        return pads, 0
    if wrong:
        layer.refuse("its windows hang over along one axis, and leave something out along another")
    return tuple(found), 1


def _pool(nodes: LayerNodes, operator: str, **attributes: AttributeValue) -> str:
    """Pooling by windows; what is padded in front of a node has its numbers, for max pooling the least."""
    layer, x = nodes.layer, nodes.x
    kernel, most = layer.lengths("kernel"), operator == "MaxPool"
    dilation = layer.lengths("dilation") if most else (1,) * len(kernel)
    pads, rounding = _rounded_up(nodes, dilation)
    # Windows that lie in padding alone are none for a node.
    if any(max(pair) >= length for pair, length in zip(pads, kernel, strict=True)):
        if attributes.get("count_include_pad") == 0:
            layer.refuse("windows may lie in the padding alone, which has no mean")
        x = padded(nodes, x, over_axes(pads), value=float("-inf") if most else 0.0)
        pads = ((0, 0),) * len(pads)
    if most:
        attributes["dilations"] = dilation
    return nodes.node(
        operator,
        x,
        kernel_shape=kernel,
        strides=layer.lengths("stride"),
        pads=pad_numbers(pads),
        ceil_mode=rounding,
        **attributes,
    )


def _average_pool(nodes: LayerNodes) -> str:
    return _pool(nodes, "AveragePool", count_include_pad=int(nodes.layer.has("count_include_pad")))


WRITERS: dict[str, LayerWriter] = {
    "conv": _conv,
    "dwconv": _depthwise,
    "deconv": _transposed,
    "deformconv": _deformed,
    "maxpool": lambda nodes: _pool(nodes, "MaxPool"),
    "avgpool": _average_pool,
}
