"""Positions that are added, left out or moved."""

from __future__ import annotations

from rfcalc.exporting.layer import number
from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter
from rfcalc.exporting.onnx.operators.windows import over_axes, padded
from rfcalc.ops.attributes import SpanValue


def _pad(nodes: LayerNodes) -> str:
    layer, x = nodes.layer, nodes.x
    pads = layer.pads()
    channels = layer.lengths("channels")
    mode = str(layer.arguments["mode"])
    if mode != "zeros":
        # What is cut off goes first: what is left is what is reflected.
        cut = tuple((max(-before, 0), max(-after, 0)) for before, after in pads)
        spans = zip(cut, nodes.spatial, strict=True)
        x = nodes.sliced(
            x,
            [
                (2 + axis, before, size - after, 1)
                for axis, ((before, after), size) in enumerate(spans)
                if before or after
            ],
        )
        added = tuple((max(before, 0), max(after, 0)) for before, after in pads)
        x = padded(nodes, x, over_axes(added), mode) if any(map(any, added)) else x
        pads = ((0, 0),) * len(pads)
    every = ((0, 0), (channels[0], channels[1]), *pads)
    return padded(nodes, x, every) if any(map(any, every)) else x


def _crop(nodes: LayerNodes) -> str:
    layer, sizes = nodes.layer, nodes.spatial
    if layer.arguments["padding"] is not None:
        pads = layer.pads()
    else:
        past = [size - number(left) for size, left in zip(sizes, layer.output.axes, strict=True)]
        pads = tuple((extra // 2, extra - extra // 2) for extra in past)
    return nodes.sliced(
        nodes.x,
        [
            (2 + axis, before, size - after, 1)
            for axis, ((before, after), size) in enumerate(zip(pads, sizes, strict=True))
            if before or after
        ],
    )


def _slice(nodes: LayerNodes) -> str:
    layer = nodes.layer
    names = ("t", "h", "w")[3 - layer.rank :]
    if layer.rank == 1 and layer.arguments["t"] is not None:
        names = ("t",)
    sizes = (layer.channels, *nodes.spatial)
    spans = []
    for place, (name, size) in enumerate(zip(("channels", *names), sizes, strict=True)):
        value = layer.arguments[name]
        if isinstance(value, SpanValue):
            start, stop, step = (None if end is None else number(end) for end in value)
            spans.append((1 + place, *slice(start, stop, step).indices(size)))
    return nodes.sliced(nodes.x, spans)


def _roll(nodes: LayerNodes) -> str:
    x = nodes.x
    by = (amount for amount, _ in nodes.layer.pads("by"))
    for axis, (amount, size) in enumerate(zip(by, nodes.spatial, strict=True)):
        x = rolled(nodes, x, 2 + axis, amount, size)
    return x


def rolled(nodes: LayerNodes, x: str, dim: int, amount: int, size: int) -> str:
    """A tensor moved along a dimension of this size; what leaves one end comes back at the other."""
    cut = -amount % size
    if not cut:
        return x
    ends = [nodes.sliced(x, [(dim, start, stop, 1)]) for start, stop in ((cut, size), (0, cut))]
    return nodes.node("Concat", *ends, axis=dim)


WRITERS: dict[str, LayerWriter] = {"pad": _pad, "crop": _crop, "slice": _slice, "roll": _roll}
