"""Layers of matrices: fully connected, tables, products."""

from __future__ import annotations

from rfcalc.exporting.layer import WrittenLayer, number
from rfcalc.exporting.torch.layer import Exporter, made
from rfcalc.exporting.torch.operators.windows import last_first
from rfcalc.exporting.torch.program import Export, Literal


def _fully_connected(layer: WrittenLayer) -> Export:
    options: dict[str, Literal] = {} if layer.has("bias") else {"bias": False}
    module = made("nn.Linear", number(layer.inputs[0].elements), layer.integer("out_channels"), **options)
    return Export(module, "{module}({0})" if layer.flat[0] else "{module}({0}.flatten(1))", flat=True)


def _embedding(layer: WrittenLayer) -> Export:
    module = made("nn.Embedding", layer.integer("words"), layer.integer("out_channels"))
    return Export(module, "{module}({0}[:, 0].long())" + ".movedim(-1, 1)" * (not layer.flat[0]))


def _learned(layer: WrittenLayer) -> Export:
    *axes, channels = (number(length) for length in layer.output.sizes())
    options: dict[str, Literal] = {} if layer.has("learned") else {"learned": False}
    return Export(made("Learned", (channels, *axes), **options), "{module}()")


def _product(layer: WrittenLayer) -> Export:
    batch = layer.integer("batch")
    if not all(shape.axes for shape in layer.inputs):
        layer.refuse("a product with a plain vector")
    if layer.rank == 1 and not batch:
        # Channels first a matrix is transposed, and (A · B)ᵀ is Bᵀ · Aᵀ.
        other = "{1}.flatten(2)" if len(layer.inputs[1].axes) > 1 else "{1}"
        return Export(None, f"{other}.mT @ {{0}}" if layer.has("transposed") else f"{other} @ {{0}}")
    options: dict[str, Literal] = {"batch": batch} if batch else {}
    return Export(made("MapProduct", layer.has("transposed"), **options), "{module}({0}, {1})")


def _locally_connected(layer: WrittenLayer) -> Export:
    pads = layer.pads()
    options: dict[str, Literal] = {}
    if any(rate != 1 for rate in layer.lengths("dilation")):
        options["dilation"] = layer.lengths("dilation")
    if layer.integer("groups") != 1:
        options["groups"] = layer.integer("groups")
    if any(map(any, pads)):
        options["padding"] = last_first(pads)
    if not layer.has("bias"):
        options["bias"] = False
    places = tuple(number(length) for length in layer.output.axes)
    channels = layer.channels, layer.integer("out_channels")
    module = made(
        "LocallyConnected", *channels, places, layer.lengths("kernel"), layer.lengths("stride"), **options
    )
    return Export(module)


EXPORTERS: dict[str, Exporter] = {
    "fc": _fully_connected,
    "embedding": _embedding,
    "learned": _learned,
    "matmul": _product,
    "localconv": _locally_connected,
}
