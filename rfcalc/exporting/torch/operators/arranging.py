"""Other sizes and other places of the same elements."""

from __future__ import annotations

from rfcalc.exporting.torch.layer import Exporter, WrittenLayer, made, number
from rfcalc.exporting.torch.operators.windows import last_first
from rfcalc.exporting.torch.program import Export, Literal
from rfcalc.ops.attributes import SpanValue


def _flatten(layer: WrittenLayer) -> Export:
    if layer.flat[0]:
        return Export(None, "{0}", True)
    return Export(None, "{0}.movedim(1, -1).flatten(1)", True)


def _reshape(layer: WrittenLayer) -> Export:
    *axes, channels = (number(size) for size in layer.output.sizes())
    if not axes:
        return _flatten(layer)
    source = layer.inputs[0].sizes()
    if all(length == 1 for length in (*source[:-1], *axes)):
        # There is one position, before and after.
        return Export(made("nn.Unflatten", 1, (channels, *axes)), "{module}({0}.flatten(1))")
    # Channels stand last while the elements are put in another size.
    return Export(made("Reshape", (*axes, channels)))


def _permute(layer: WrittenLayer) -> Export:
    if layer.arguments["split"] is not None or layer.arguments["to"] is not None:
        layer.refuse("an order of axes that are taken apart")
    order = layer.lengths("order")
    rank = len(order) - 1
    # Places of ours, axes then channels, as dimensions of (N, C, axes).
    dims = [place + 2 if place < rank else 1 for place in order]
    return Export(None, f"{{0}}.permute({', '.join(map(str, (0, dims[-1], *dims[:-1])))})")


def _pad(layer: WrittenLayer) -> Export:
    given = layer.arguments["padding"]
    pads = layer.pads() if given else ()
    if len(pads) < layer.rank:
        pads = pads * layer.rank
    before, after = layer.lengths("channels")
    mode = str(layer.arguments["mode"])
    if mode == "zeros":
        amounts = last_first(pads)
        if before or after:
            amounts = (*amounts, before, after)
        return Export(made("Pad", amounts))
    if before or after:
        layer.refuse(f"channels of zeros beside padding by {mode}")
    return Export(made("Pad", last_first(pads), mode))


def _crop(layer: WrittenLayer) -> Export:
    removed = layer.arguments["padding"]
    if removed is not None:
        pads = layer.pads()
    else:
        lengths = zip(layer.inputs[0].axes, layer.output.axes, strict=True)
        past = [number(size) - number(left) for size, left in lengths]
        pads = tuple((extra // 2, extra - extra // 2) for extra in past)
    return Export(made("Pad", tuple(-amount for amount in last_first(pads))))


def _slice(layer: WrittenLayer) -> Export:
    spans: list[str] = []
    named = ("channels", *("t", "h", "w")[-layer.rank :]) if layer.rank > 1 else ("channels", "t")
    if layer.rank == 1 and layer.arguments["w"] is not None:
        named = ("channels", "w")
    if layer.rank == 0:
        named = ("channels",)
    given = {name for name in ("channels", "t", "h", "w") if layer.arguments[name] is not None}
    if not given <= set(named):
        layer.refuse("axes of other names")
    for name in named:
        value = layer.arguments[name]
        if value is None:
            spans.append(":")
            continue
        if not isinstance(value, SpanValue):
            layer.refuse("a slice of one position")
        ends = ["" if end is None else str(number(end)) for end in (value.start, value.stop)]
        step = "" if value.step in (None, 1) else f":{number(value.step)}"
        if step.startswith(":-"):
            layer.refuse("a step backwards")
        spans.append(":".join(ends) + step)
    while len(spans) > 1 and spans[-1] == ":":
        del spans[-1]
    return Export(None, f"{{0}}[:, {', '.join(spans)}]", layer.flat[0])


def _upsample(layer: WrittenLayer) -> Export:
    mode = str(layer.arguments["mode"])
    if mode == "nearest_exact":
        mode = "nearest-exact"
    if mode in ("bilinear", "linear", "trilinear"):
        mode = ("linear", "bilinear", "trilinear")[layer.rank - 1]
    if mode == "bicubic" and layer.rank != 2:
        layer.refuse("bicubic interpolation of other maps than images")
    options: dict[str, Literal] = {}
    scale = layer.arguments["scale"]
    if isinstance(scale, tuple) and all(factor == int(factor) for factor in scale):
        options["scale_factor"] = int(scale[0]) if len(set(scale)) == 1 else tuple(map(int, scale))
    else:
        options["size"] = tuple(number(size) for size in layer.output.axes)
    options["mode"] = mode
    if layer.has("align_corners"):
        options["align_corners"] = True
    return Export(made("nn.Upsample", **options))


def _images(layer: WrittenLayer) -> int:
    if layer.rank != 2:
        layer.refuse("PyTorch has it for images alone")
    factor = layer.arguments["factor"]
    return number(factor)


def _reduce(function: str) -> Exporter:
    def exporter(layer: WrittenLayer) -> Export:
        taken = layer.over
        dims = (*((1,) if taken.channels else ()), *(2 + axis for axis in taken.axes))
        if len(layer.output.axes) != layer.rank or not dims:
            layer.refuse("a reduction that leaves axes out")
        return Export(None, f"{{0}}.{function}(dim={dims[0] if len(dims) == 1 else dims}, keepdim=True)")

    return exporter


def _roll(layer: WrittenLayer) -> Export:
    by = layer.lengths("by")
    dims = tuple(range(2, 2 + len(by)))
    return Export(None, f"torch.roll({{0}}, {by!r}, {dims!r})")


EXPORTERS: dict[str, Exporter] = {
    "flatten": _flatten,
    "reshape": _reshape,
    "permute": _permute,
    "pad": _pad,
    "crop": _crop,
    "slice": _slice,
    "upsample": _upsample,
    "pixelshuffle": lambda layer: Export(made("nn.PixelShuffle", _images(layer))),
    "pixelunshuffle": lambda layer: Export(made("nn.PixelUnshuffle", _images(layer))),
    "channelshuffle": lambda layer: Export(made("nn.ChannelShuffle", layer.integer("groups"))),
    "reducemean": _reduce("mean"),
    "reducesum": _reduce("sum"),
    "reducemax": _reduce("amax"),
    "roll": _roll,
}
