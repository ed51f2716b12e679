"""Recurrent layers."""

from __future__ import annotations

from rfcalc.exporting.onnx.contents import ZEROS, fan_in
from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter
from rfcalc.importers.onnx.model import AttributeValue


def _recurrent(operator: str, gates: int, **attributes: AttributeValue) -> LayerWriter:
    def writer(nodes: LayerNodes) -> str:
        layer = nodes.layer
        if nodes.axes != 1:
            layer.refuse("a plain vector has no axis to run along")
        if layer.integer("biases") > 2:
            layer.refuse(f"it has {layer.integer('biases')} biases for each unit, and ONNX two or none")
        count, hidden = layer.integer("layers"), layer.integer("out_channels")
        directions = 2 if layer.has("bidirectional") else 1
        # Steps, examples, channels.
        x, read = nodes.permuted(nodes.x, (2, 0, 1)), layer.channels
        for place in range(count):
            prefix = f"{place}." if count > 1 else ""
            operands = _weights(nodes, prefix, (directions, gates * hidden), read, hidden)
            x = nodes.node(
                operator,
                x,
                *operands,
                hidden_size=hidden,
                direction="bidirectional" if directions == 2 else "forward",
                **attributes,
            )
            read = directions * hidden
            # Steps, directions, examples, channels: the directions stand side by side.
            x = nodes.permuted(x, (0, 2, 1, 3))
            x = nodes.reshaped(x, (read,), batch=2)
        return nodes.permuted(x, (1, 2, 0))

    return writer


def _weights(nodes: LayerNodes, prefix: str, units: tuple[int, int], read: int, hidden: int) -> list[str]:
    """The weights of one of the layers, which read so many channels."""
    operands = [
        nodes.learned(f"{prefix}weight", (*units, read), fan_in(2 * read), "input"),
        nodes.learned(f"{prefix}recurrent_weight", (*units, hidden), fan_in(2 * hidden), "hidden"),
    ]
    biases = nodes.layer.integer("biases")
    if biases:
        directions, each = units
        bias = nodes.learned(f"{prefix}bias", (directions, biases * each), ZEROS, "bias")
        if biases == 1:
            # What ONNX adds to what the step before has left.
            bias = nodes.node("Concat", bias, nodes.fixed(0.0, units), axis=1)
        operands.append(bias)
    return operands


WRITERS: dict[str, LayerWriter] = {
    "lstm": _recurrent("LSTM", 4),
    "gru": _recurrent("GRU", 3, linear_before_reset=1),
    "rnn": _recurrent("RNN", 1),
}
