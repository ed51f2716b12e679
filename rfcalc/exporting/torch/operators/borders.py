"""Positions that are added, left out or moved."""

from __future__ import annotations

from rfcalc.exporting.layer import WrittenLayer, number
from rfcalc.exporting.torch.layer import Exporter, made
from rfcalc.exporting.torch.operators.windows import last_first
from rfcalc.exporting.torch.program import Construction, Export, NamedValue
from rfcalc.ops.attributes import SpanValue


def _pad(layer: WrittenLayer) -> Export:
    pads = layer.pads()
    before, after = layer.lengths("channels")
    mode = str(layer.arguments["mode"])
    steps: list[Construction] = []
    if mode == "zeros":
        amounts = (*last_first(pads), *((before, after) if before or after else ()))
        steps.append(made("Pad", amounts))
    else:
        # What is cut off goes first: what is left is what is reflected.
        cut = tuple(min(amount, 0) for amount in last_first(pads))
        if any(cut):
            steps.append(made("Pad", cut))
        steps.append(made("Pad", tuple(max(amount, 0) for amount in last_first(pads)), mode))
        if before or after:
            steps.append(made("Pad", (0, 0) * layer.rank + (before, after)))
    if len(steps) == 1:
        return Export(steps[0])
    return Export(Construction("nn.Sequential", tuple(NamedValue("", step) for step in steps)))


def _crop(layer: WrittenLayer) -> Export:
    if layer.arguments["padding"] is not None:
        pads = layer.pads()
    else:
        lengths = zip(layer.inputs[0].axes, layer.output.axes, strict=True)
        past = [number(size) - number(left) for size, left in lengths]
        pads = tuple((extra // 2, extra - extra // 2) for extra in past)
    return Export(None, _indexed([_span(before or "", -after or "") for before, after in pads]))


def _span(start: object, stop: object, step: object = "") -> str:
    return f"{start}:{stop}" + (f":{step}" if step not in ("", 1) else "")


def _indexed(axes: list[str], channels: str = ":") -> str:
    """An operand by indices; those at the end that leave everything are left out."""
    spans = [":", channels, *axes]
    while spans and spans[-1] == ":":
        del spans[-1]
    return f"{{0}}[{', '.join(spans)}]" if spans else "{0}"


def _slice(layer: WrittenLayer) -> Export:
    names = ("t", "h", "w")[3 - layer.rank :]
    if layer.rank == 1 and layer.arguments["t"] is not None:
        names = ("t",)
    channels, *axes = (_kept(layer, name) for name in ("channels", *names))
    return Export(None, _indexed(axes, channels), layer.flat[0])


def _kept(layer: WrittenLayer, name: str) -> str:
    value = layer.arguments[name]
    if not isinstance(value, SpanValue):
        return ":"
    start, stop, step = ("" if end is None else number(end) for end in value)
    return _span(start, stop, step)


def _roll(layer: WrittenLayer) -> Export:
    by = tuple(amount for amount, _ in layer.pads("by"))
    dims = tuple(range(2, 2 + len(by)))
    return Export(None, f"torch.roll({{0}}, {by!r}, {dims!r})")


EXPORTERS: dict[str, Exporter] = {"pad": _pad, "crop": _crop, "slice": _slice, "roll": _roll}
