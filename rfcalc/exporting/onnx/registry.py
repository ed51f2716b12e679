"""Which function writes the layers of an operator."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from rfcalc.exporting.onnx.layer import LayerWriter

_FOLDER = "rfcalc.exporting.onnx.operators"
# Which module has the function of an operator; what is not here is refused by name.
_MODULES = {
    "windows": "conv dwconv deconv deformconv maxpool avgpool",
    "pooling": "adaptiveavgpool adaptivemaxpool globalavgpool globalmaxpool reducemean reducesum reducemax",
    "elements": "relu relu6 elu gelu silu hardswish hardsigmoid sigmoid tanh softplus softmax oneminus "
    "leakyrelu prelu dropout droppath softmaxloss identity scale",
    "functions": "function",
    "normalisation": "bn gn ln in grn lrn",
    "dense": "fc embedding matmul learned localconv unfold fold",
    "recurrent": "lstm gru rnn",
    "attention": "attention",
    "arranging": "flatten reshape permute pixelshuffle pixelunshuffle channelshuffle upsample",
    "borders": "pad crop slice roll",
    "joins": "add sub mul div max min concat",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}


@cache
def writer_of(op: str) -> LayerWriter | None:
    """The function that writes layers of an operator; None where there is none."""
    module = _MODULE_OF.get(op)
    if module is None:
        return None
    functions: Mapping[str, LayerWriter] = vars(import_module(f"{_FOLDER}.{module}"))["WRITERS"]
    return functions[op]
