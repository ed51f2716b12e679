"""The same elements in other places, and other sizes of maps."""

from __future__ import annotations

import struct
from fractions import Fraction

from rfcalc.exporting.layer import number
from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter
from rfcalc.importers.onnx.model import AttributeValue
from rfcalc.ops.rearrangement import Rearrangement


def _rearranged(nodes: LayerNodes) -> str:
    """Whatever the operator: its indices taken apart into digits, and put together otherwise."""
    order = nodes.layer.node.facts.rearranged
    return _by_digits(nodes, order) if order is not None else _in_row_order(nodes)


def _by_digits(nodes: LayerNodes, order: Rearrangement) -> str:
    # Channels stand in front of the axes; a digit of one value is none.
    source = [
        (at, place, number(size))
        for at in (len(order.source) - 1, *range(len(order.source) - 1))
        for place, size in enumerate(order.source[at])
        if size != 1
    ]
    target = [each for made in (order.target[-1], *order.target[:-1]) for each in made]
    places = {(at, place): index for index, (at, place, _) in enumerate(source)}
    lengths = [size for _, _, size in source]
    moved = [places[each] for each in target if each in places]
    shape, left = nodes.layer.inputs[0], nodes.layer.output
    given = [number(length) for length in (shape.channels, *(shape.axes if nodes.axes else ()))]
    wanted = [number(length) for length in (left.channels, *left.axes)]
    x = nodes.x
    if moved != sorted(moved):
        x = nodes.reshaped(x, lengths) if lengths != given else x
        x = nodes.permuted(x, (0, *(1 + place for place in moved)))
        given = [lengths[place] for place in moved]
    return nodes.reshaped(x, wanted) if given != wanted else x


def _in_row_order(nodes: LayerNodes) -> str:
    """Sizes that do not divide each other: elements in row order, the channels last."""
    layer = nodes.layer
    x = nodes.channels_last(nodes.x, nodes.axes)
    if layer.arguments.get("order") is not None:
        if layer.arguments["split"] is not None:
            x = nodes.reshaped(x, layer.lengths("split"))
        x = nodes.permuted(x, (0, *(1 + place for place in layer.lengths("order"))))
    x = nodes.reshaped(x, [number(length) for length in layer.output.sizes()])
    return nodes.channels_first(x, len(layer.output.axes))


def _pixel_shuffle(nodes: LayerNodes) -> str:
    if nodes.axes != 2:
        return _rearranged(nodes)
    return nodes.node("DepthToSpace", nodes.x, blocksize=nodes.layer.integer("factor"), mode="CRD")


def _upsample(nodes: LayerNodes) -> str:
    layer = nodes.layer
    mode, exact = str(layer.arguments["mode"]), "half_pixel"
    attributes: dict[str, AttributeValue]
    if mode == "nearest":
        attributes = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    elif mode == "nearest_exact":
        attributes = {"coordinate_transformation_mode": exact, "nearest_mode": "round_prefer_ceil"}
    else:
        where = "align_corners" if layer.has("align_corners") else exact
        attributes = {"coordinate_transformation_mode": where}
    attributes["mode"] = {"nearest": "nearest", "nearest_exact": "nearest", "bicubic": "cubic"}.get(
        mode, "linear"
    )
    if attributes["mode"] == "cubic" and layer.rank != 2:
        layer.refuse("bicubic interpolation of other maps than images")
    axes = tuple(range(2, 2 + nodes.axes))
    wanted = [number(length) for length in layer.output.axes]
    factors = layer.arguments["scale"]
    if isinstance(factors, tuple) and _same_sizes(factors, nodes.spatial, wanted):
        lengths = nodes.graph.constant("float32", (len(axes),), tuple(map(float, factors)))
        return nodes.node("Resize", nodes.x, "", lengths, axes=axes, **attributes)
    return nodes.node("Resize", nodes.x, "", "", nodes.integers(wanted), axes=axes, **attributes)


def _same_sizes(factors: tuple[Fraction | int, ...], sizes: tuple[int, ...], wanted: list[int]) -> bool:
    """Whether factors that are rounded to floats of 32 bits make the sizes that the exact ones do."""
    rounded = [struct.unpack("<f", struct.pack("<f", float(factor)))[0] for factor in factors]
    return [int(size * factor) for size, factor in zip(sizes, rounded, strict=True)] == wanted


WRITERS: dict[str, LayerWriter] = {
    "flatten": _rearranged,
    "reshape": _rearranged,
    "permute": _rearranged,
    "pixelshuffle": _pixel_shuffle,
    "pixelunshuffle": _rearranged,
    "channelshuffle": _rearranged,
    "upsample": _upsample,
}
