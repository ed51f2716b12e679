"""Attention: of a map to itself, in windows, or to other tensors."""

from __future__ import annotations

from rfcalc.exporting.layer import WrittenLayer, number
from rfcalc.exporting.torch.layer import Exporter, made
from rfcalc.exporting.torch.program import Export, Literal


def _attention(layer: WrittenLayer) -> Export:
    if layer.arguments["position_bias"] is not None:
        layer.refuse("how its numbers become a bias by position is not said")
    if not all(shape.axes for shape in layer.inputs):
        layer.refuse("attention of or to a plain vector")
    windows = layer.arguments["window"] is not None
    if windows and (len(layer.inputs) > 1 or not layer.has("projections")):
        layer.refuse("attention in windows to other tensors, or without projections")
    operands = ", ".join(f"{{{place}}}" for place in range(len(layer.inputs)))
    if not layer.has("projections"):
        return Export(made("ProductAttention", layer.integer("heads")), f"{{module}}({operands})")
    channels, inner, outer = layer.channels, layer.integer("key_channels"), layer.integer("out_channels")
    given = layer.arguments["value_channels"]
    value = inner if given is None else number(given)
    options: dict[str, Literal] = {"heads": layer.integer("heads")}
    widths = {
        "inner_channels": (inner, channels),
        "value_channels": (value, inner),
        "out_channels": (outer, channels),
    }
    options |= {name: width for name, (width, default) in widths.items() if width != default}
    if len(layer.inputs) > 1:
        keys, values = number(layer.inputs[1].channels), number(layer.inputs[-1].channels)
        options |= {"keys_from": keys} if keys != channels else {}
        options |= {"values_from": values} if values != keys else {}
    if not layer.has("bias"):
        options["bias"] = False
    if not windows:
        callee = "SelfAttention" if len(layer.inputs) == 1 else "CrossAttention"
        return Export(made(callee, channels, **options), f"{{module}}({operands})")
    shift = layer.lengths("shift")
    shift = shift * layer.rank if len(shift) == 1 else shift
    options["window"] = layer.lengths("window")
    if any(shift):
        options["shift"] = shift
    if layer.has("relative_bias"):
        options["relative_bias"] = True
    return Export(made("WindowAttention", channels, **options))


EXPORTERS: dict[str, Exporter] = {"attention": _attention}
