"""Recurrent layers."""

from __future__ import annotations

from rfcalc.exporting.layer import WrittenLayer
from rfcalc.exporting.torch.layer import Exporter, made
from rfcalc.exporting.torch.program import Construction, Export, Literal, NamedValue


def _recurrent(callee: str) -> Exporter:
    def exporter(layer: WrittenLayer) -> Export:
        if layer.rank != 1:
            layer.refuse("a plain vector has no axis to run along")
        options: dict[str, Literal] = {"batch_first": True}
        if layer.integer("layers") > 1:
            options["num_layers"] = layer.integer("layers")
        biases = layer.integer("biases")
        if biases == 0:
            options["bias"] = False
        if layer.has("bidirectional"):
            options["bidirectional"] = True
        if biases > 2:
            layer.refuse(f"it has {biases} biases for each unit, and PyTorch's two or none")
        module = made(callee, layer.channels, layer.integer("out_channels"), **options)
        if biases == 1:
            module = Construction("OneBias", (NamedValue("", module),))
        return Export(module, "{module}({0}.mT)[0].mT")

    return exporter


EXPORTERS: dict[str, Exporter] = {
    "lstm": _recurrent("nn.LSTM"),
    "gru": _recurrent("nn.GRU"),
    "rnn": _recurrent("nn.RNN"),
}
