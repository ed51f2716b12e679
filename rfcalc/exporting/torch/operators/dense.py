"""Layers of matrices: fully connected, tables, recurrent layers, attention."""

from __future__ import annotations

from rfcalc.exporting.torch.layer import Exporter, WrittenLayer, made, number
from rfcalc.exporting.torch.program import Export, Literal


def _fully_connected(layer: WrittenLayer) -> Export:
    options: dict[str, Literal] = {} if layer.has("bias") else {"bias": False}
    module = made("nn.Linear", number(layer.inputs[0].elements), layer.integer("out_channels"), **options)
    return Export(module, "{module}({0})" if layer.flat[0] else "{module}({0}.flatten(1))", flat=True)


def _embedding(layer: WrittenLayer) -> Export:
    if layer.rank != 1:
        layer.refuse("indices that do not stand along one axis")
    module = made("nn.Embedding", layer.integer("words"), layer.integer("out_channels"))
    return Export(module, "{module}({0}[:, 0].long()).movedim(-1, 1)")


def _lstm(layer: WrittenLayer) -> Export:
    if layer.integer("biases") != 2:
        layer.refuse("PyTorch's has two biases or none: say biases=2")
    options: dict[str, Literal] = (
        {"num_layers": layer.integer("layers")} if layer.integer("layers") > 1 else {}
    )
    if layer.has("bidirectional"):
        options["bidirectional"] = True
    if layer.rank != 1:
        layer.refuse("a plain vector has no axis to run along")
    module = made("nn.LSTM", layer.channels, layer.integer("out_channels"), batch_first=True, **options)
    return Export(module, "{module}({0}.mT)[0].mT")


def _learned(layer: WrittenLayer) -> Export:
    if layer.has("training") or not layer.has("learned"):
        layer.refuse("a tensor that is not learned, or that training alone uses")
    *axes, channels = layer.output.sizes()
    if not axes:
        layer.refuse("a plain vector that is learned")
    return Export(made("Learned", (channels, *axes)), "{module}()")


def _attention(layer: WrittenLayer) -> Export:
    if len(layer.inputs) != 1 or not layer.has("projections"):
        layer.refuse("attention to other tensors, or without projections")
    if layer.arguments["window"] is not None or layer.arguments["position_bias"] is not None:
        layer.refuse("attention in windows, or with a bias by position")
    channels, inner = layer.channels, layer.integer("key_channels")
    value = layer.arguments["value_channels"]
    if (value is not None and value != inner) or layer.flat[0]:
        layer.refuse("values of other channels than the keys")
    options: dict[str, Literal] = {"heads": layer.integer("heads")}
    if (inner, layer.integer("out_channels")) != (channels, channels):
        options |= {"inner_channels": inner, "out_channels": layer.integer("out_channels")}
    if not layer.has("bias"):
        options["bias"] = False
    return Export(made("SelfAttention", channels, **options))


def _product(layer: WrittenLayer) -> Export:
    if layer.integer("batch") != 0:
        layer.refuse("a product of one matrix for each position")
    if layer.rank != 1:
        return Export(made("MapProduct", layer.has("transposed")), "{module}({0}, {1})")
    # Channels first a matrix is transposed, and (A · B)ᵀ is Bᵀ · Aᵀ.
    other = "{1}.flatten(2)" if len(layer.inputs[1].axes) > 1 else "{1}"
    return Export(None, f"{other}.mT @ {{0}}" if layer.has("transposed") else f"{other} @ {{0}}")


EXPORTERS: dict[str, Exporter] = {
    "fc": _fully_connected,
    "embedding": _embedding,
    "lstm": _lstm,
    "learned": _learned,
    "attention": _attention,
    "matmul": _product,
}
