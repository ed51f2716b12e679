"""Which function writes the layers of an operator."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from rfcalc.exporting.torch.layer import Exporter

_FOLDER = "rfcalc.exporting.torch.operators"
# Which module has the function of an operator; what is not here is refused by name.
_MODULES = {
    "windows": "conv dwconv deconv maxpool avgpool adaptiveavgpool adaptivemaxpool globalavgpool "
    "globalmaxpool",
    "elements": "relu relu6 elu gelu silu hardswish hardsigmoid sigmoid tanh softplus softmax oneminus "
    "leakyrelu prelu dropout droppath softmaxloss identity bn gn ln in grn scale lrn",
    "dense": "fc embedding matmul learned localconv",
    "recurrent": "lstm gru rnn",
    "attention": "attention",
    "arranging": "flatten reshape permute upsample pixelshuffle pixelunshuffle channelshuffle "
    "reducemean reducesum reducemax unfold fold",
    "borders": "pad crop slice roll",
    "functions": "function",
    "joins": "add sub mul div max min concat",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}


@cache
def exporter_of(op: str) -> Exporter | None:
    """The function that writes layers of an operator; None where there is none."""
    module = _MODULE_OF.get(op)
    if module is None:
        return None
    functions: Mapping[str, Exporter] = vars(import_module(f"{_FOLDER}.{module}"))["EXPORTERS"]
    return functions[op]
