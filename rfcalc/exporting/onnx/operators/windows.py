"""Convolutions and pooling by windows."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfcalc.exporting.layer import number
from rfcalc.exporting.onnx.contents import fan_in
from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter

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


def _max_pool(nodes: LayerNodes) -> str:
    layer = nodes.layer
    kernel, pads, x = layer.lengths("kernel"), layer.pads(), nodes.x
    # No window of a node may lie in its padding alone.
    if any(max(pair) >= length for pair, length in zip(pads, kernel, strict=True)):
        x, pads = padded(nodes, x, over_axes(pads), value=float("-inf")), ((0, 0),) * len(pads)
    return nodes.node(
        "MaxPool",
        x,
        kernel_shape=kernel,
        strides=layer.lengths("stride"),
        pads=pad_numbers(pads),
        dilations=layer.lengths("dilation"),
        ceil_mode=int(layer.has("ceil")),
    )


def _average_pool(nodes: LayerNodes) -> str:
    layer = nodes.layer
    kernel, pads = layer.lengths("kernel"), layer.pads()
    inside = not layer.has("count_include_pad")
    x = nodes.x
    if any(max(pair) >= length for pair, length in zip(pads, kernel, strict=True)):
        if inside:
            layer.refuse("windows lie in the padding alone, which has no mean")
        x, pads = padded(nodes, x, over_axes(pads)), ((0, 0),) * len(pads)
    return nodes.node(
        "AveragePool",
        x,
        kernel_shape=kernel,
        strides=layer.lengths("stride"),
        pads=pad_numbers(pads),
        count_include_pad=int(not inside),
        ceil_mode=int(layer.has("ceil")),
    )


WRITERS: dict[str, LayerWriter] = {
    "conv": _conv,
    "dwconv": _depthwise,
    "deconv": _transposed,
    "deformconv": _deformed,
    "maxpool": _max_pool,
    "avgpool": _average_pool,
}
