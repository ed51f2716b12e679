"""What is computed element by element."""

from __future__ import annotations

from math import prod

from rfcalc.exporting.layer import number
from rfcalc.exporting.onnx.contents import ONES, ZEROS, Filling
from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter
from rfcalc.exporting.onnx.operators.pooling import dims_of
from rfcalc.importers.onnx.model import AttributeValue

_SLOPE = Filling(0.25)


def _plain(operator: str, **attributes: AttributeValue) -> LayerWriter:
    return lambda nodes: nodes.node(operator, nodes.x, **attributes)


def _unchanged(nodes: LayerNodes) -> str:
    return nodes.x


def _softmax(nodes: LayerNodes) -> str:
    dims = dims_of(nodes)
    if not dims:
        nodes.layer.refuse("there is nothing that is taken together")
    if len(dims) == 1:
        return nodes.node("Softmax", nodes.x, axis=dims[0])
    shape = nodes.layer.inputs[0]
    lengths = [number(length) for length in (shape.channels, *shape.axes)]
    kept = [dim for dim in range(1, 1 + len(lengths)) if dim not in dims]
    order = (0, *kept, *dims)
    taken = prod(lengths[dim - 1] for dim in dims)
    x = nodes.reshaped(nodes.permuted(nodes.x, order), (*(lengths[dim - 1] for dim in kept), taken))
    x = nodes.node("Softmax", x, axis=-1)
    x = nodes.reshaped(x, [lengths[dim - 1] for dim in order[1:]])
    return nodes.permuted(x, [order.index(dim) for dim in range(len(order))])


def _silu(nodes: LayerNodes) -> str:
    return nodes.node("Mul", nodes.x, nodes.node("Sigmoid", nodes.x))


def _slopes(nodes: LayerNodes) -> str:
    shared = nodes.layer.has("shared")
    slope = nodes.learned("weight", nodes.by_channel(1 if shared else nodes.layer.channels), _SLOPE)
    return nodes.node("PRelu", nodes.x, slope)


def _scale(nodes: LayerNodes) -> str:
    lengths = nodes.by_channel(1 if nodes.layer.has("shared") else nodes.layer.channels)
    x = nodes.node("Mul", nodes.x, nodes.learned("weight", lengths, ONES))
    return nodes.node("Add", x, nodes.learned("bias", lengths, ZEROS)) if nodes.layer.has("bias") else x


WRITERS: dict[str, LayerWriter] = {
    "relu": _plain("Relu"),
    "relu6": lambda nodes: nodes.node("Clip", nodes.x, nodes.real(0), nodes.real(6)),
    "elu": lambda nodes: nodes.node("Elu", nodes.x, alpha=float(nodes.layer.real("alpha"))),
    "gelu": _plain("Gelu"),
    "silu": _silu,
    "hardswish": _plain("HardSwish"),
    "hardsigmoid": _plain("HardSigmoid", alpha=1 / 6, beta=0.5),
    "sigmoid": _plain("Sigmoid"),
    "tanh": _plain("Tanh"),
    "softplus": _plain("Softplus"),
    "softmax": _softmax,
    "oneminus": lambda nodes: nodes.node("Sub", nodes.real(1), nodes.x),
    "leakyrelu": lambda nodes: nodes.node("LeakyRelu", nodes.x, alpha=float(nodes.layer.real("slope"))),
    "prelu": _slopes,
    "dropout": lambda nodes: nodes.node("Dropout", nodes.x, nodes.real(nodes.layer.real("rate"))),
    # What training alone does is no part of a model that is run.
    "droppath": _unchanged,
    "softmaxloss": _unchanged,
    "identity": _unchanged,
    "scale": _scale,
}
