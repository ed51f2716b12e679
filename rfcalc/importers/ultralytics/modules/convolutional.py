"""Modules that are a convolution or two."""

from __future__ import annotations

from itertools import pairwise
from math import gcd

from rfcalc.importers.ultralytics.registry import KernelSize, OneOrMore, OneOrMoreEach, PaddingSize, module
from rfcalc.importers.ultralytics.scope import CONV, Activation, RowScope
from rfcalc.ops.attributes import PerAxis, SpanValue


@module("Conv")
def conv(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: KernelSize = 1,
    s: OneOrMore = 1,
    p: PaddingSize = None,
    g: OneOrMore = 1,
    d: OneOrMore = 1,
    act: bool = True,
) -> int:
    """A convolution without bias, a normalisation and an activation."""
    return at.conv("", x, c2, k, s, p, g, d, act)


@module("DWConv")
def depthwise(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: OneOrMore = 1,
    s: OneOrMore = 1,
    d: OneOrMore = 1,
    act: bool = True,
) -> int:
    """A Conv in as many groups as both numbers of channels have in common."""
    return at.conv("", x, c2, k, s, None, gcd(at.channels(x), c2), d, act)


@module("ConvTranspose")
def conv_transpose(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: OneOrMore = 2,
    s: OneOrMore = 2,
    p: int = 0,
    bn: bool = True,
    act: bool = True,
) -> int:
    """A transposed convolution, a normalisation and an activation."""
    y = at.deconv("conv_transpose", x, c2, k, s, p, bias=not bn)
    if bn:
        y = at.part("bn", "BatchNorm2d").add("bn", y)
    return at.activated(y) if act else y


@module("nn.ConvTranspose2d")
def plain_conv_transpose(
    at: RowScope, x: int, c2: OneOrMore, k: OneOrMore, s: OneOrMore = 1, p: int = 0
) -> int:
    """A transposed convolution."""
    return at.deconv("", x, c2, k, s, p)


@module("DWConvTranspose2d")
def depthwise_conv_transpose(
    at: RowScope, x: int, c2: OneOrMore, k: OneOrMore = 1, s: OneOrMore = 1, p1: int = 0, p2: int = 0
) -> int:
    """A transposed convolution in as many groups as both numbers of channels have in common."""
    values = {"padding": p1} if p1 else {}
    if p2:
        values["output_padding"] = p2
    groups = gcd(at.channels(x), c2)
    return at.add("deconv", x, kernel=k, out_channels=c2, stride=s, groups=groups, **values)


@module("Focus")
def focus(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: KernelSize = 1,
    s: OneOrMore = 1,
    p: PaddingSize = None,
    g: OneOrMore = 1,
    act: bool = True,
) -> int:
    """Every second position, with the four starts there are, side by side as channels."""
    quarters = [
        at.add("slice", x, h=SpanValue(row, None, 2), w=SpanValue(column, None, 2))
        for column in (0, 1)
        for row in (0, 1)
    ]
    return at.conv("conv", at.concat(*quarters), c2, k, s, p, g, 1, act)


@module("GhostConv")
def ghost_conv(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: OneOrMore = 1,
    s: OneOrMore = 1,
    g: OneOrMore = 1,
    act: bool = True,
) -> int:
    """A Conv of half the channels, and a depthwise 5x5 of these beside it."""
    half = c2 // 2
    y = at.conv("cv1", x, half, k, s, None, g, 1, act)
    return at.concat(y, at.conv("cv2", y, half, 5, 1, None, half, 1, act))


def ghost_bottleneck(at: RowScope, x: int, c2: int, k: int = 3, s: int = 1) -> int:
    """Two GhostConvs with what they read added; at stride 2 a depthwise convolution between."""
    inner = c2 // 2
    y = ghost_conv(at.part("conv.0", "GhostConv"), x, inner)
    if s == 2:
        y = at.conv("conv.1", y, inner, k, s, None, inner, 1, False)
    y = ghost_conv(at.part("conv.2", "GhostConv"), y, c2, act=False)
    beside = x
    if s == 2:
        c1 = at.channels(x)
        beside = at.conv("shortcut.0", x, c1, k, s, None, c1, 1, False)
        beside = at.conv("shortcut.1", beside, c2, 1, 1, None, 1, 1, False)
    return at.add("add", y, beside)


@module("GhostBottleneck")
def ghost_bottleneck_row(at: RowScope, x: int, c2: OneOrMore, k: OneOrMore = 3, s: OneOrMore = 1) -> int:
    """Two GhostConvs with what they read added; at stride 2 a depthwise convolution between."""
    return ghost_bottleneck(at, x, c2, k, s)


def rep_conv(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: OneOrMore = 3,
    s: OneOrMore = 1,
    p: int = 1,
    g: OneOrMore = 1,
    d: OneOrMore = 1,
    act: bool = True,
) -> int:
    """Two convolutions of one tensor, their outputs added."""
    wide = at.conv("conv1", x, c2, k, s, p, g, 1, False)
    narrow = at.conv("conv2", x, c2, 1, s, p - k // 2, g, 1, False)
    y = at.add("add", wide, narrow)
    return at.activated(y) if act else y


@module("AConv", original=False)
def aconv(at: RowScope, x: int, c2: OneOrMore) -> int:
    """Means of 2x2 positions, then a Conv of stride 2."""
    return at.conv("cv1", at.add("avgpool", x, kernel=2, stride=1), c2, 3, 2, 1)


@module("ADown", original=False)
def adown(at: RowScope, x: int, c2: OneOrMore) -> int:
    """Means of 2x2 positions; of their halves one through a Conv of stride 2, one through a maximum."""
    one, two = at.halves(at.add("avgpool", x, kernel=2, stride=1))
    y = at.conv("cv1", one, c2 // 2, 3, 2, 1)
    z = at.add("maxpool", two, kernel=3, stride=2, padding=1)
    return at.concat(y, at.conv("cv2", z, c2 // 2))


@module("SCDown", original=False)
def scdown(at: RowScope, x: int, c2: OneOrMore, k: OneOrMore, s: OneOrMore) -> int:
    """A pointwise convolution, then a depthwise one that has the stride."""
    y = at.conv("cv1", x, c2)
    return at.conv("cv2", y, c2, k, s, None, c2, 1, False)


def light_conv(at: RowScope, x: int, c2: int, k: int, act: Activation) -> int:
    """A pointwise and a depthwise convolution, an activation behind both."""
    y = at.conv("conv1", x, c2, act=False)
    return at.conv("conv2", y, c2, k, 1, None, c2, 1, act)


@module("Contract", width="kept", original=True)
def contract(at: RowScope, x: int, gain: OneOrMore = 2) -> int:
    """Positions to channels."""
    return at.add("pixelunshuffle", x, factor=gain)


@module("Expand", width="kept", original=True)
def expand(at: RowScope, x: int, gain: OneOrMore = 2) -> int:
    """Channels to positions."""
    return at.add("pixelshuffle", x, factor=gain)


def crossed(at: RowScope, x: int, c2: int, k: int, s: int, g: int, e: float, shortcut: bool) -> int:
    """A convolution along the columns, then one along the rows."""
    y = _strided(at.part("cv1", CONV), x, int(c2 * e), (1, k), (1, s), 1)
    y = _strided(at.part("cv2", CONV), y, c2, (k, 1), (s, 1), g)
    return at.joined(x, y, shortcut)


@module("CrossConv", original=True)
def cross_conv(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: OneOrMore = 3,
    s: OneOrMore = 1,
    g: OneOrMore = 1,
    e: float = 1.0,
    shortcut: bool = False,
) -> int:
    """A convolution along the columns, then one along the rows."""
    return crossed(at, x, c2, k, s, g, e, shortcut)


def _strided(at: RowScope, x: int, c2: int, k: tuple[int, int], s: tuple[int, int], g: int) -> int:
    values = {"groups": g} if g != 1 else {}
    y = at.part("conv", "Conv2d").add(
        "conv",
        x,
        kernel=PerAxis(k),
        stride=PerAxis(s),
        padding=PerAxis([one // 2 for one in k]),
        out_channels=c2,
        bias=False,
        **values,
    )
    return at.activated(at.part("bn", "BatchNorm2d").add("bn", y))


@module("MixConv2d", original=True)
def mix_conv(at: RowScope, x: int, c2: OneOrMore, k: OneOrMoreEach = (1, 3), s: OneOrMore = 1) -> int:
    """Convolutions of several kernels, each of as many channels, side by side."""
    number = len(k)
    # Channel i of c is of kernel floor(i n / (c - 1)), of which the last is one too far.
    starts = [*[-(-place * (c2 - 1) // number) for place in range(number)], c2]
    shares = [stop - start for start, stop in pairwise(starts)]
    each = [
        at.plain(f"m.{place}", x, share, size, s, size // 2, 1, gcd(at.channels(x), share), bias=False)
        for place, (size, share) in enumerate(zip(k, shares, strict=True))
    ]
    y = at.part("bn", "BatchNorm2d").add("bn", at.concat(*each))
    return at.activated(y)
