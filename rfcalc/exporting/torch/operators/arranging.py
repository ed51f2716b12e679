"""Other sizes and other places of the same elements."""

from __future__ import annotations

from rfcalc.exporting.layer import WrittenLayer, number
from rfcalc.exporting.torch.layer import Exporter, made
from rfcalc.exporting.torch.operators.windows import last_first, same
from rfcalc.exporting.torch.program import Export, Literal


def _flatten(layer: WrittenLayer) -> Export:
    if layer.flat[0]:
        return Export(None, "{0}", True)
    if all(length == 1 for length in layer.inputs[0].axes) or layer.channels == 1:
        return Export(None, "{0}.flatten(1)", True)
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
    order = layer.lengths("order")
    if layer.arguments["split"] is None and layer.arguments["to"] is None:
        rank = len(order) - 1
        # Places of ours, axes then channels, as dimensions of (N, C, axes).
        dims = [place + 2 if place < rank else 1 for place in order]
        return Export(None, f"{{0}}.permute({', '.join(map(str, (0, dims[-1], *dims[:-1])))})")
    sizes = layer.inputs[0].sizes() if layer.arguments["split"] is None else layer.lengths("split")
    split = tuple(number(length) for length in sizes)
    to = tuple(number(length) for length in layer.output.sizes())
    return Export(made("Rearranged", split, tuple(1 + place for place in order), to))


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


def _shuffle(layer: WrittenLayer, images: str, others: str) -> Export:
    return Export(made(f"nn.{images}" if layer.rank == 2 else others, layer.integer("factor")))


def _channel_shuffle(layer: WrittenLayer) -> Export:
    if layer.rank == 2 and not layer.flat[0]:
        return Export(made("nn.ChannelShuffle", layer.integer("groups")))
    call = f"{{0}}.unflatten(1, ({layer.integer('groups')}, -1)).transpose(1, 2).flatten(1, 2)"
    return Export(None, call, layer.flat[0])


def _reduce(function: str) -> Exporter:
    def exporter(layer: WrittenLayer) -> Export:
        taken = layer.over
        dims = (*((1,) if taken.channels else ()), *(2 + axis for axis in taken.axes))
        if not dims:
            # A plain vector has no positions to reduce.
            return Export(None, "{0}", layer.flat[0])
        return Export(None, f"{{0}}.{function}(dim={dims[0] if len(dims) == 1 else dims}, keepdim=True)")

    return exporter


def _matrices(layer: WrittenLayer) -> tuple[Literal, ...]:
    """Kernel, dilation and stride of unfold and fold as images have them; PyTorch knows no others."""
    if layer.rank > 2:
        layer.refuse("PyTorch has it for images alone")
    return tuple(
        same((*layer.lengths(name), *(1,) * (2 - layer.rank))) for name in ("kernel", "dilation", "stride")
    )


def _unfold(layer: WrittenLayer) -> Export:
    kernel, dilation, stride = _matrices(layer)
    padding = last_first((*layer.pads(), *((0, 0),) * (2 - layer.rank)))
    axes = tuple(number(length) for length in layer.output.axes)
    return Export(made("Windows", kernel, dilation, stride, padding, axes))


def _fold(layer: WrittenLayer) -> Export:
    kernel, dilation, stride = _matrices(layer)
    pads = (*layer.pads(), *((0, 0),) * (2 - layer.rank))
    size = (*layer.lengths("size"), *(1,) * (2 - layer.rank))
    padded = tuple(length + sum(pair) for length, pair in zip(size, pads, strict=True))
    cut = tuple(-amount for amount in last_first(pads))
    axes = tuple(number(length) for length in layer.output.axes)
    return Export(made("FoldedWindows", padded, kernel, dilation, stride, cut, axes))


EXPORTERS: dict[str, Exporter] = {
    "flatten": _flatten,
    "reshape": _reshape,
    "permute": _permute,
    "upsample": _upsample,
    "pixelshuffle": lambda layer: _shuffle(layer, "PixelShuffle", "ChannelsToSpace"),
    "pixelunshuffle": lambda layer: _shuffle(layer, "PixelUnshuffle", "SpaceToChannels"),
    "channelshuffle": _channel_shuffle,
    "reducemean": _reduce("mean"),
    "reducesum": _reduce("sum"),
    "reducemax": _reduce("amax"),
    "unfold": _unfold,
    "fold": _fold,
}
