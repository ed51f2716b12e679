"""Convolutions and pooling."""

from __future__ import annotations

from rfcalc.exporting.layer import WrittenLayer, number
from rfcalc.exporting.torch.layer import Exporter, made
from rfcalc.exporting.torch.program import Construction, Export, Literal, NamedValue


def same(lengths: tuple[int, ...]) -> Literal:
    """Lengths as PyTorch's users write them: one number where all are equal."""
    return lengths[0] if len(set(lengths)) == 1 else lengths


def last_first(pads: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    """Amounts of padding as torch.nn.functional.pad takes them: those of the last axis first."""
    return tuple(amount for pair in reversed(pads) for amount in pair)


def _padding(layer: WrittenLayer, most: tuple[int, ...] | None = None) -> tuple[Literal, tuple[int, ...]]:
    """What the module pads by itself, and what must be padded before it.

    most: what the module may pad along each axis; None for any.
    """
    pads = layer.pads()
    even = all(before == after for before, after in pads)
    if even and (most is None or all(pad[0] <= limit for pad, limit in zip(pads, most, strict=True))):
        return same(tuple(before for before, _ in pads)), ()
    return 0, last_first(pads)


def _behind(padding: Construction, module: Construction) -> Export:
    """A module behind padding of its own."""
    return Export(Construction("nn.Sequential", (NamedValue("", padding), NamedValue("", module))))


def _convolution(layer: WrittenLayer, out_channels: int, groups: int, kernel: tuple[int, ...]) -> Export:
    rank = layer.rank
    padding, before = _padding(layer)
    mode = str(layer.arguments["padding_mode"]) if "padding_mode" in layer.arguments else "zeros"
    # The stride is said in any case, as blocks often differ in it alone.
    options: dict[str, Literal] = {"kernel_size": same(kernel), "stride": same(layer.lengths("stride"))}
    if padding != 0:
        options["padding"] = padding
    if any(rate != 1 for rate in layer.lengths("dilation")):
        options["dilation"] = same(layer.lengths("dilation"))
    if groups != 1:
        options["groups"] = groups
    if not layer.has("bias") or not layer.has("learned"):
        options["bias"] = False
    if mode != "zeros" and padding != 0:
        options["padding_mode"] = mode
    module = made(f"nn.Conv{rank}d", layer.channels, out_channels, **options)
    if not layer.has("learned"):
        module = Construction("Fixed", (NamedValue("", module),))
    if not before:
        return Export(module)
    kind = {"zeros": "Zero", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}
    return _behind(made(f"nn.{kind[mode]}Pad{rank}d", before), module)


def _conv(layer: WrittenLayer) -> Export:
    return _convolution(
        layer, layer.integer("out_channels"), layer.integer("groups"), layer.lengths("kernel")
    )


def _depthwise(layer: WrittenLayer) -> Export:
    channels = layer.channels
    return _convolution(layer, channels * layer.integer("multiplier"), channels, layer.lengths("kernel"))


def _transposed(layer: WrittenLayer) -> Export:
    pads = layer.pads()
    dilation, kernel = layer.lengths("dilation"), layer.lengths("kernel")
    options: dict[str, Literal] = {"kernel_size": same(kernel)}
    for name, value, default in (
        ("stride", layer.lengths("stride"), 1),
        ("padding", tuple(map(min, pads)), 0),
        ("output_padding", layer.lengths("output_padding"), 0),
        ("dilation", dilation, 1),
    ):
        if any(each != default for each in value):
            options[name] = same(value)
    if layer.integer("groups") != 1:
        options["groups"] = layer.integer("groups")
    if not layer.has("bias"):
        options["bias"] = False
    module = made(f"nn.ConvTranspose{layer.rank}d", layer.channels, layer.integer("out_channels"), **options)
    # PyTorch cuts as many off at both ends.
    rest = tuple((min(pad) - pad[0], min(pad) - pad[1]) for pad in pads)
    if not any(map(any, rest)):
        return Export(module)
    return Export(
        Construction("nn.Sequential", (NamedValue("", module), NamedValue("", made("Pad", last_first(rest)))))
    )


def _pool(layer: WrittenLayer, kind: str) -> Export:
    rank, kernel = layer.rank, layer.lengths("kernel")
    padding, before = _padding(layer, tuple(length // 2 for length in kernel))
    options: dict[str, Literal] = {"kernel_size": same(kernel), "stride": same(layer.lengths("stride"))}
    if padding != 0:
        options["padding"] = padding
    dilation = layer.lengths("dilation") if kind == "Max" else (1,) * rank
    if any(rate != 1 for rate in dilation):
        options["dilation"] = same(dilation)
    inside = kind == "Avg" and not layer.has("count_include_pad")
    if not before:
        if layer.has("ceil"):
            options["ceil_mode"] = True
        if inside:
            options["count_include_pad"] = False
        return Export(made(f"nn.{kind}Pool{rank}d", **options))
    pads = _filled(layer, dilation) if layer.has("ceil") else layer.pads()
    if kind == "Avg" and not inside and pads != layer.pads():
        layer.refuse("it rounds up, with padding of unequal amounts that counts in the mean")
    module = made(f"nn.{kind}Pool{rank}d", **options)
    if inside:
        return Export(Construction("MeanInside", (NamedValue("", module), NamedValue("", last_first(pads)))))
    if kind == "Max":
        return _behind(made(f"nn.ConstantPad{rank}d", last_first(pads), float("-inf")), module)
    return _behind(made(f"nn.ZeroPad{rank}d", last_first(pads)), module)


def _filled(layer: WrittenLayer, dilation: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Padding with which the last window, which would hang over, is whole."""
    found = []
    for (first, last), n, m, f, s, r in zip(
        layer.pads(),
        layer.inputs[0].axes,
        layer.output.axes,
        layer.lengths("kernel"),
        layer.lengths("stride"),
        dilation,
        strict=True,
    ):
        missing = (number(m) - 1) * s + r * (f - 1) + 1 - (number(n) + first + last)
        found.append((first, last + max(missing, 0)))
    return tuple(found)


def _adaptive(layer: WrittenLayer, kind: str, size: tuple[int, ...]) -> Export:
    return Export(made(f"nn.Adaptive{kind}Pool{layer.rank}d", same(size)))


def _to_one(layer: WrittenLayer) -> tuple[int, ...]:
    return tuple(number(length) for length in layer.output.axes)


EXPORTERS: dict[str, Exporter] = {
    "conv": _conv,
    "dwconv": _depthwise,
    "deconv": _transposed,
    "maxpool": lambda layer: _pool(layer, "Max"),
    "avgpool": lambda layer: _pool(layer, "Avg"),
    "adaptiveavgpool": lambda layer: _adaptive(layer, "Avg", layer.lengths("size")),
    "adaptivemaxpool": lambda layer: _adaptive(layer, "Max", layer.lengths("size")),
    "globalavgpool": lambda layer: _adaptive(layer, "Avg", _to_one(layer)),
    "globalmaxpool": lambda layer: _adaptive(layer, "Max", _to_one(layer)),
}
