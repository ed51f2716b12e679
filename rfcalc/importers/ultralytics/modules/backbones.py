"""Stems and stages of other networks: PP-HGNet, ResNet, those of torchvision."""

from __future__ import annotations

from rfcalc.errors import listed
from rfcalc.importers.ultralytics.modules.convolutional import light_conv
from rfcalc.importers.ultralytics.registry import Count, Misfit, module
from rfcalc.importers.ultralytics.scope import Activation, Scope
from rfcalc.ops.attributes import PerAxis, SpanValue

RELU = Activation("ReLU", "relu")


def _padded(at: Scope, x: int) -> int:
    """A row and a column more, behind."""
    return at.add("pad", x, padding=PerAxis((SpanValue(0, 1), SpanValue(0, 1))))


@module("HGStem", width="kept", original=False)
def hgstem(at: Scope, x: int, cm: Count, c2: Count) -> int:
    x = _padded(at, at.conv("stem1", x, cm, 3, 2, act=RELU))
    y = _padded(at, at.conv("stem2a", x, cm // 2, 2, 1, 0, act=RELU))
    y = at.conv("stem2b", y, cm, 2, 1, 0, act=RELU)
    x = at.maxpool("pool", x, 2, 1, 0, ceil=True)
    return at.conv("stem4", at.conv("stem3", at.concat(x, y), cm, 3, 2, act=RELU), c2, act=RELU)


@module("HGBlock", width="kept", original=False)
def hgblock(
    at: Scope,
    x: int,
    cm: Count,
    c2: Count,
    k: Count = 3,
    light: bool = False,
    shortcut: bool = False,
    *,
    n: int = 6,
) -> int:
    found = [x]
    for number in range(n):
        y = found[-1]
        if light:
            found.append(light_conv(at.part(f"m.{number}", "LightConv"), y, cm, k, RELU))
        else:
            found.append(at.conv(f"m.{number}", y, cm, k, act=RELU))
    y = at.conv("sc", at.concat(*found), c2 // 2, act=RELU)
    return at.joined(x, at.conv("ec", y, c2, act=RELU), shortcut)


@module("ResNetLayer", width="kept", original=False)
def resnet_layer(
    at: Scope, x: int, c1: Count, c2: Count, s: Count = 1, is_first: bool = False, n: Count = 1, e: Count = 4
) -> int:
    if at.channels(x) != c1:
        raise Misfit(f"ResNetLayer reads {at.channels(x)} channels here, and its row says {c1}", 0)
    if is_first:
        y = at.conv("layer.0", x, c2, 7, 2, 3)
        return at.maxpool("layer.1", y, 3, 2, 1)
    for number in range(n):
        block = at.part(f"layer.{number}", "ResNetBlock")
        stride = 1 if number else s
        y = block.conv("cv1", x, c2)
        y = block.conv("cv2", y, c2, 3, stride, 1)
        y = block.conv("cv3", y, e * c2, act=False)
        if stride != 1 or at.channels(x) != e * c2:
            x = block.conv("shortcut.0", x, e * c2, 1, stride, act=False)
        x = block.add("relu", block.add("add", y, x))
    return x


# Of torchvision's ResNets: whether they have bottlenecks, blocks of each stage, and groups and channels of a
# group where that is not one of 64.
_RESNETS = {
    "resnet18": (False, (2, 2, 2, 2), 1, 64),
    "resnet34": (False, (3, 4, 6, 3), 1, 64),
    "resnet50": (True, (3, 4, 6, 3), 1, 64),
    "resnet101": (True, (3, 4, 23, 3), 1, 64),
    "resnet152": (True, (3, 8, 36, 3), 1, 64),
    "resnext50_32x4d": (True, (3, 4, 6, 3), 32, 4),
    "resnext101_32x8d": (True, (3, 4, 23, 3), 32, 8),
    "resnext101_64x4d": (True, (3, 4, 23, 3), 64, 4),
    "wide_resnet50_2": (True, (3, 4, 6, 3), 1, 128),
    "wide_resnet101_2": (True, (3, 4, 23, 3), 1, 128),
}


@module("TorchVision", width="kept", original=False)
def torchvision(
    at: Scope,
    x: int,
    c2: Count,
    model: str,
    weights: object = "DEFAULT",
    unwrap: bool = True,
    truncate: int = 2,
    split: bool = False,
) -> int | tuple[int, ...]:
    """A ResNet of torchvision without its last children, or what each of its children leaves."""
    if model not in _RESNETS:
        raise Misfit(
            f"of torchvision's networks its ResNets are read here, and {model!r} is none",
            1,
            f"there are {listed(_RESNETS)}; `rfcalc torchvision.models:{model} --input 3,224,224` reads it alone",
        )
    if at.channels(x) != 3:
        raise Misfit(f"networks of torchvision read 3 channels, and {at.channels(x)} enter here", 1)
    bottlenecks, stages, groups, base = _RESNETS[model]
    last = 10 - truncate if unwrap else 10
    if not 1 <= last <= 10:
        raise Misfit(f"{model} has 10 children, of which {truncate} cannot be left out", 4)

    def name(child: int, own: str) -> str:
        return f"m.{child}" if unwrap else f"m.{own}"

    y = at.plain(name(0, "conv1"), x, 64, 7, 2, 3, bias=False)
    found = [x, y]
    steps = [
        lambda y: at.part(name(1, "bn1"), "BatchNorm2d").add("bn", y),
        lambda y: at.activated(y, RELU, name(2, "relu")),
        lambda y: at.maxpool(name(3, "maxpool"), y, 3, 2, 1),
    ]
    for step in steps[: last - 1]:
        found.append(step(found[-1]))
    for stage, blocks in enumerate(stages[: max(last - 4, 0)]):
        width = 64 * 2**stage
        out = 4 * width if bottlenecks else width
        y = found[-1]
        for number in range(blocks):
            stride = 2 if stage and not number else 1
            part = at.part(f"{name(4 + stage, f'layer{stage + 1}')}.{number}", "Bottleneck" if bottlenecks else "BasicBlock")
            inner = width * base // 64 * groups if bottlenecks else width
            y = _residual(part, y, inner, out, stride, groups, bottlenecks)
        found.append(y)
    if last > 8:
        found.append(at.part(name(8, "avgpool"), "AdaptiveAvgPool2d").add("globalavgpool", found[-1]))
    if last > 9:
        found.append(at.linear(name(9, "fc"), found[-1], 1000))
    if split:
        return tuple(found)
    if at.channels(found[-1]) != c2:
        raise Misfit(f"{model} leaves {at.channels(found[-1])} channels here, and the row says {c2}", 0)
    return found[-1]


def _residual(at: Scope, x: int, inner: int, out: int, stride: int, groups: int, bottleneck: bool) -> int:
    shape = [(inner, 1, 1, 1), (inner, 3, stride, groups), (out, 1, 1, 1)]
    if not bottleneck:
        shape = [(inner, 3, stride, 1), (out, 3, 1, 1)]
    y = x
    for number, (channels, k, s, g) in enumerate(shape, 1):
        y = at.plain(f"conv{number}", y, channels, k, s, k // 2, 1, g, bias=False)
        y = at.part(f"bn{number}", "BatchNorm2d").add("bn", y)
        if number < len(shape):
            y = at.activated(y, RELU, "relu")
    if stride != 1 or at.channels(x) != out:
        x = at.plain("downsample.0", x, out, 1, stride, bias=False)
        x = at.part("downsample.1", "BatchNorm2d").add("bn", x)
    return at.activated(at.add("add", y, x), RELU, "relu")
