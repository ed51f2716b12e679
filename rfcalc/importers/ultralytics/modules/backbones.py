"""Stems and stages of other networks: PP-HGNet, ResNet, those of torchvision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from rfcalc.errors import listed
from rfcalc.importers.ultralytics.modules.convolutional import light_conv
from rfcalc.importers.ultralytics.registry import OneOrMore, WrongArgument, module
from rfcalc.importers.ultralytics.scope import Activation, RowScope
from rfcalc.ops.attributes import PerAxis, SpanValue
from rfcalc.records import NamedTuple

RELU = Activation("ReLU", "relu")


def _padded(at: RowScope, x: int) -> int:
    """A row and a column more, behind."""
    return at.add("pad", x, padding=PerAxis((SpanValue(0, 1), SpanValue(0, 1))))


@module("HGStem", width="kept", original=False)
def hgstem(at: RowScope, x: int, cm: OneOrMore, c2: OneOrMore) -> int:
    """The stem of PP-HGNet."""
    x = _padded(at, at.conv("stem1", x, cm, 3, 2, act=RELU))
    y = _padded(at, at.conv("stem2a", x, cm // 2, 2, 1, 0, act=RELU))
    y = at.conv("stem2b", y, cm, 2, 1, 0, act=RELU)
    x = at.maxpool("pool", x, 2, 1, 0, ceil=True)
    return at.conv("stem4", at.conv("stem3", at.concat(x, y), cm, 3, 2, act=RELU), c2, act=RELU)


@module("HGBlock", width="kept", original=False)
def hgblock(
    at: RowScope,
    x: int,
    cm: OneOrMore,
    c2: OneOrMore,
    k: OneOrMore = 3,
    light: bool = False,
    shortcut: bool = False,
    *,
    n: int = 6,
) -> int:
    """Convolutions one behind the other; all that they leave is brought together."""
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
    at: RowScope,
    x: int,
    c1: OneOrMore,
    c2: OneOrMore,
    s: OneOrMore = 1,
    is_first: bool = False,
    n: OneOrMore = 1,
    e: OneOrMore = 4,
) -> int:
    """The stem of a ResNet, or one of its stages of bottlenecks."""
    if at.channels(x) != c1:
        raise WrongArgument(f"ResNetLayer reads {at.channels(x)} channels here, and its row says {c1}", 0)
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


class _ResNet(NamedTuple):
    """A ResNet of torchvision: blocks of each stage, groups, and channels of a group where 64 are usual."""

    blocks: tuple[int, ...]
    bottlenecks: bool = True
    groups: int = 1
    base: int = 64


_RESNETS = {
    "resnet18": _ResNet((2, 2, 2, 2), bottlenecks=False),
    "resnet34": _ResNet((3, 4, 6, 3), bottlenecks=False),
    "resnet50": _ResNet((3, 4, 6, 3)),
    "resnet101": _ResNet((3, 4, 23, 3)),
    "resnet152": _ResNet((3, 8, 36, 3)),
    "resnext50_32x4d": _ResNet((3, 4, 6, 3), groups=32, base=4),
    "resnext101_32x8d": _ResNet((3, 4, 23, 3), groups=32, base=8),
    "resnext101_64x4d": _ResNet((3, 4, 23, 3), groups=64, base=4),
    "wide_resnet50_2": _ResNet((3, 4, 6, 3), base=128),
    "wide_resnet101_2": _ResNet((3, 4, 23, 3), base=128),
}
_CHILDREN = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc")


@module("TorchVision", width="kept", original=False)
def torchvision(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    model: str,
    weights: object = "DEFAULT",
    unwrap: bool = True,
    truncate: int = 2,
    split: bool = False,
) -> int | tuple[int, ...]:
    """A ResNet of torchvision without its last children, or what each of its children leaves."""
    if model not in _RESNETS:
        raise WrongArgument(
            f"of torchvision's networks its ResNets are read here, and {model!r} is none",
            1,
            f"there are {listed(_RESNETS)}",
        )
    if at.channels(x) != 3:
        raise WrongArgument(f"networks of torchvision read 3 channels, and {at.channels(x)} enter here", 1)
    last = len(_CHILDREN) - (truncate if unwrap else 0)
    if not 1 <= last <= len(_CHILDREN):
        raise WrongArgument(
            f"{model} has {len(_CHILDREN)} children, of which {truncate} cannot be left out", 4
        )
    paths = [f"m.{place if unwrap else own}" for place, own in enumerate(_CHILDREN)]
    found = [x, *islice(_left(at, x, _RESNETS[model], paths), last)]
    if split:
        return tuple(found)
    if at.channels(found[-1]) != c2:
        raise WrongArgument(
            f"{model} leaves {at.channels(found[-1])} channels here, and the row says {c2}", 0
        )
    return found[-1]


def _left(at: RowScope, y: int, net: _ResNet, paths: Sequence[str]) -> Iterator[int]:
    """What each child of a ResNet leaves; paths: what they are called here."""
    y = at.plain(paths[0], y, 64, 7, 2, 3, bias=False)
    yield y
    y = at.part(paths[1], "BatchNorm2d").add("bn", y)
    yield y
    y = at.activated(y, RELU, paths[2])
    yield y
    y = at.maxpool(paths[3], y, 3, 2, 1)
    yield y
    for stage, blocks in enumerate(net.blocks):
        width = 64 * 2**stage
        for number in range(blocks):
            part = at.part(f"{paths[4 + stage]}.{number}", "Bottleneck" if net.bottlenecks else "BasicBlock")
            y = _residual(part, y, net, width, 2 if stage and not number else 1)
        yield y
    y = at.part(paths[8], "AdaptiveAvgPool2d").add("globalavgpool", y)
    yield y
    yield at.linear(paths[9], y, 1000)


def _residual(at: RowScope, x: int, net: _ResNet, width: int, stride: int) -> int:
    """One block: two convolutions, or three of which the one in the middle has groups."""
    out, inner = 4 * width, width * net.base // 64 * net.groups
    shape = [(inner, 1, 1, 1), (inner, 3, stride, net.groups), (out, 1, 1, 1)]
    if not net.bottlenecks:
        out = width
        shape = [(width, 3, stride, 1), (width, 3, 1, 1)]
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
