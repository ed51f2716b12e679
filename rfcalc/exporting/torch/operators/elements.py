"""What is computed element by element, and normalisation."""

from __future__ import annotations

from rfcalc.exporting.torch.layer import Exporter, WrittenLayer, made
from rfcalc.exporting.torch.program import Export, Literal


def _plain(callee: str, *places: Literal, **named: Literal) -> Exporter:
    return lambda layer: Export(made(callee, *places, **named), flat=layer.flat[0])


def _softmax(layer: WrittenLayer) -> Export:
    taken = layer.over
    dims = [*([1] if taken.channels else []), *(2 + axis for axis in taken.axes)]
    if layer.flat[0] and dims != [1]:
        layer.refuse("a softmax over positions of a plain vector")
    if len(dims) == 1:
        return Export(made("nn.Softmax", dim=dims[0]), flat=layer.flat[0])
    if dims == list(range(dims[0], 2 + layer.rank)):
        return Export(made("SoftmaxOver", dims[0]))
    return layer.refuse("a softmax over axes that are not side by side")


def _batch(layer: WrittenLayer) -> Export:
    affine = layer.has("affine")
    kept = layer.has("weight"), layer.has("bias")
    if affine and kept != (True, True):
        layer.refuse("a batch normalisation with a factor or an offset alone")
    rank = 1 if layer.flat[0] else max(layer.rank, 1)
    options: dict[str, Literal] = {} if affine else {"affine": False}
    return Export(made(f"nn.BatchNorm{rank}d", layer.channels, **options), flat=layer.flat[0])


def _layer_norm(layer: WrittenLayer) -> Export:
    taken = layer.over
    options: dict[str, Literal] = {} if layer.has("affine") else {"elementwise_affine": False}
    if taken.channels and not taken.axes:
        callee = "nn.LayerNorm" if layer.flat[0] else "ChannelNorm"
        return Export(made(callee, layer.channels, **options), flat=layer.flat[0])
    if taken.channels and len(taken.axes) == layer.rank and not layer.flat[0]:
        return Export(made("nn.LayerNorm", (layer.channels, *layer.inputs[0].axes), **options))
    return layer.refuse("a layer normalisation over some of the axes")


def _group(layer: WrittenLayer) -> Export:
    options: dict[str, Literal] = {} if layer.has("affine") else {"affine": False}
    return Export(
        made("nn.GroupNorm", layer.integer("groups"), layer.channels, **options), flat=layer.flat[0]
    )


def _instance(layer: WrittenLayer) -> Export:
    options: dict[str, Literal] = {"affine": True} if layer.has("affine") else {}
    return Export(made(f"nn.InstanceNorm{layer.rank}d", layer.channels, **options))


def _scale(layer: WrittenLayer) -> Export:
    channels = 1 if layer.has("shared") else layer.channels
    bias: dict[str, Literal] = {"bias": True} if layer.has("bias") else {}
    return Export(made("Scale", channels, **bias), flat=layer.flat[0])


def _lrn(layer: WrittenLayer) -> Export:
    # PyTorch divides its factor by the number of neighbours.
    size = layer.integer("n")
    alpha = layer.real("alpha") * size
    options: dict[str, Literal] = {"alpha": alpha, "beta": layer.real("beta"), "k": layer.real("k")}
    return Export(made("nn.LocalResponseNorm", size, **options), flat=layer.flat[0])


def _prelu(layer: WrittenLayer) -> Export:
    number = 1 if layer.has("shared") else layer.channels
    return Export(made("nn.PReLU", number), flat=layer.flat[0])


def _unchanged(layer: WrittenLayer) -> Export:
    return Export(None, "{0}", layer.flat[0])


def _dropout(layer: WrittenLayer) -> Export:
    return Export(made("nn.Dropout", layer.real("rate")), flat=layer.flat[0])


def _drop_path(layer: WrittenLayer) -> Export:
    return Export(made("DropPath", layer.real("rate")), flat=layer.flat[0])


EXPORTERS: dict[str, Exporter] = {
    "relu": _plain("nn.ReLU"),
    "relu6": _plain("nn.ReLU6"),
    "elu": lambda layer: Export(made("nn.ELU", layer.real("alpha")), flat=layer.flat[0]),
    "gelu": _plain("nn.GELU"),
    "silu": _plain("nn.SiLU"),
    "hardswish": _plain("nn.Hardswish"),
    "hardsigmoid": _plain("nn.Hardsigmoid"),
    "sigmoid": _plain("nn.Sigmoid"),
    "tanh": _plain("nn.Tanh"),
    "softplus": _plain("nn.Softplus"),
    "softmax": _softmax,
    "oneminus": lambda layer: Export(None, "1 - {0}", layer.flat[0]),
    "leakyrelu": lambda layer: Export(made("nn.LeakyReLU", layer.real("slope")), flat=layer.flat[0]),
    "prelu": _prelu,
    "dropout": _dropout,
    "droppath": _drop_path,
    # The loss is a matter of training: what it is computed from is returned.
    "softmaxloss": _unchanged,
    "identity": _unchanged,
    "bn": _batch,
    "gn": _group,
    "ln": _layer_norm,
    "in": _instance,
    "grn": lambda layer: Export(made("GlobalResponseNorm", layer.channels)),
    "scale": _scale,
    "lrn": _lrn,
}
