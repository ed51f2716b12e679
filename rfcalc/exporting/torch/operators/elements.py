"""What is computed element by element, and normalisation."""

from __future__ import annotations

from rfcalc.exporting.layer import WrittenLayer, number
from rfcalc.exporting.torch.layer import Exporter, made
from rfcalc.exporting.torch.program import Construction, Export, Literal, NamedValue


def _plain(callee: str, *places: Literal, **named: Literal) -> Exporter:
    return lambda layer: Export(made(callee, *places, **named), flat=layer.flat[0])


def _dims(layer: WrittenLayer) -> tuple[int, ...]:
    """What `over` takes together, as dimensions of (N, C, axes)."""
    taken = layer.over
    dims = (*((1,) if taken.channels else ()), *(2 + axis for axis in taken.axes))
    return dims or layer.refuse("there is nothing that is taken together")


def _softmax(layer: WrittenLayer) -> Export:
    dims = _dims(layer)
    if len(dims) == 1:
        return Export(made("nn.Softmax", dim=dims[0]), flat=layer.flat[0])
    return Export(made("SoftmaxOver", dims))


def _batch(layer: WrittenLayer) -> Export:
    flat = layer.flat[0]
    affine, weight, bias = (layer.has(name) for name in ("affine", "weight", "bias"))
    callee = f"nn.BatchNorm{1 if flat else max(layer.rank, 1)}d"
    if affine and weight and bias:
        return Export(made(callee, layer.channels), flat=flat)
    module = made(callee, layer.channels, affine=False)
    if not affine or not (weight or bias):
        return Export(module, flat=flat)
    # PyTorch learns a factor and an offset, or none of both.
    learned = made("Scale" if weight else "Offset", layer.channels)
    return Export(Construction("nn.Sequential", (NamedValue("", module), NamedValue("", learned))), flat=flat)


def _layer_norm(layer: WrittenLayer) -> Export:
    dims = _dims(layer)
    options: dict[str, Literal] = {} if layer.has("affine") else {"elementwise_affine": False}
    if dims == (1,):
        callee = "nn.LayerNorm" if layer.flat[0] else "ChannelNorm"
        return Export(made(callee, layer.channels, **options), flat=layer.flat[0])
    sizes = layer.channels, *(number(length) for length in layer.inputs[0].axes)
    if dims[-1] == 1 + layer.rank and len(dims) == dims[-1] - dims[0] + 1:
        return Export(made("nn.LayerNorm", tuple(sizes[dim - 1] for dim in dims), **options))
    return Export(made("NormOver", dims, tuple(sizes[dim - 1] for dim in dims), **options))


def _group(layer: WrittenLayer) -> Export:
    options: dict[str, Literal] = {} if layer.has("affine") else {"affine": False}
    return Export(
        made("nn.GroupNorm", layer.integer("groups"), layer.channels, **options), flat=layer.flat[0]
    )


def _response(layer: WrittenLayer) -> Export:
    if layer.rank == 0:
        layer.refuse("a plain vector has no map")
    return Export(made("GlobalResponseNorm", layer.channels))


def _instance(layer: WrittenLayer) -> Export:
    if layer.rank == 0:
        layer.refuse("a plain vector has no map")
    options: dict[str, Literal] = {"affine": True} if layer.has("affine") else {}
    return Export(made(f"nn.InstanceNorm{layer.rank}d", layer.channels, **options))


def _scale(layer: WrittenLayer) -> Export:
    channels = 1 if layer.has("shared") else layer.channels
    bias: dict[str, Literal] = {"bias": True} if layer.has("bias") else {}
    return Export(made("Scale", channels, **bias), flat=layer.flat[0])


def _lrn(layer: WrittenLayer) -> Export:
    if layer.rank == 0:
        layer.refuse("PyTorch's reads maps alone")
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
    "grn": _response,
    "scale": _scale,
    "lrn": _lrn,
}
