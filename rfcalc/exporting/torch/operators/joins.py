"""Several tensors that become one."""

from __future__ import annotations

from rfcalc.exporting.layer import WrittenLayer
from rfcalc.exporting.torch.layer import Exporter
from rfcalc.exporting.torch.program import Export


def _between(sign: str) -> Exporter:
    def exporter(layer: WrittenLayer) -> Export:
        return Export(None, sign.join(f"{{{place}}}" for place in range(len(layer.inputs))), all(layer.flat))

    return exporter


def _nested(function: str) -> Exporter:
    def exporter(layer: WrittenLayer) -> Export:
        call = "{0}"
        for place in range(1, len(layer.inputs)):
            call = f"{function}({call}, {{{place}}})"
        return Export(None, call, all(layer.flat))

    return exporter


def _concat(layer: WrittenLayer) -> Export:
    axis = layer.arguments["axis"]
    flat = all(layer.flat)
    dim = 1 if axis is None else 2 + layer.integer("axis")
    operands = ", ".join(f"{{{place}}}" for place in range(len(layer.inputs)))
    call = f"torch.cat(({operands}), dim={dim})" if len(layer.inputs) > 1 else "{0}"
    return Export(None, call, flat)


EXPORTERS: dict[str, Exporter] = {
    "add": _between(" + "),
    "sub": _between(" - "),
    "mul": _between(" * "),
    "div": _between(" / "),
    "max": _nested("torch.maximum"),
    "min": _nested("torch.minimum"),
    "concat": _concat,
}
