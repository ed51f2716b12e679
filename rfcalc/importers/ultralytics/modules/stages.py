"""Bottlenecks, and stages of them that bring what they make together."""

from __future__ import annotations

from collections.abc import Callable

from rfcalc.importers.ultralytics.modules.attention import area_block, psa_block, transformer_block
from rfcalc.importers.ultralytics.modules.convolutional import crossed, ghost_bottleneck, rep_conv
from rfcalc.importers.ultralytics.modules.pyramids import spp
from rfcalc.importers.ultralytics.registry import (
    OneOrMore,
    OneOrMoreEach,
    WrongArgument,
    module,
)
from rfcalc.importers.ultralytics.scope import AxisLengths, RowScope

# What a stage has several of: adds one, from what it reads.
_Make = Callable[[RowScope, int], int]


def bottleneck(
    at: RowScope,
    x: int,
    c2: int,
    shortcut: bool = True,
    g: int = 1,
    k: tuple[AxisLengths, AxisLengths] = (3, 3),
    e: float = 0.5,
) -> int:
    """Two convolutions, with what they read added where the channels stay."""
    y = at.conv("cv1", x, int(c2 * e), k[0])
    return at.joined(x, at.conv("cv2", y, c2, k[1], 1, None, g), shortcut)


@module("Bottleneck")
def bottleneck_row(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    shortcut: bool = True,
    g: OneOrMore = 1,
    k: OneOrMoreEach = (3, 3),
    e: float = 0.5,
) -> int:
    """Two convolutions, with what they read added where the channels stay."""
    kernels = (1, 3) if at.conventions.original else (k[0], k[-1])
    return bottleneck(at, x, c2, shortcut, g, kernels, e)


def _chained(at: RowScope, x: int, n: int, kind: str, make: _Make) -> int:
    for number in range(n):
        x = make(at.part(f"m.{number}", kind), x)
    return x


def c3_of(at: RowScope, x: int, c2: int, inner: int, chain: Callable[[int], int]) -> int:
    """Two ways of 1x1 convolutions, of which one goes through more, side by side."""
    y = chain(at.conv("cv1", x, inner))
    return at.conv("cv3", at.concat(y, at.conv("cv2", x, inner)), c2)


@module("C3")
def c3(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    shortcut: bool = True,
    g: OneOrMore = 1,
    e: float = 0.5,
    *,
    n: int = 1,
) -> int:
    """Two ways, of which one goes through bottlenecks, side by side before a 1x1 convolution."""
    inner = int(c2 * e)

    def make(part: RowScope, y: int) -> int:
        return bottleneck(part, y, inner, shortcut, g, (1, 3), 1.0)

    return c3_of(at, x, c2, inner, lambda y: _chained(at, y, n, "Bottleneck", make))


def c3k_of(at: RowScope, x: int, c2: int, shortcut: bool, g: int, n: int = 2, e: float = 0.5) -> int:
    """A C3 whose bottlenecks have two kernels of 3x3."""
    inner = int(c2 * e)

    def make(part: RowScope, y: int) -> int:
        return bottleneck(part, y, inner, shortcut, g, (3, 3), 1.0)

    return c3_of(at, x, c2, inner, lambda y: _chained(at, y, n, "Bottleneck", make))


@module("C3x")
def c3x(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    shortcut: bool = True,
    g: OneOrMore = 1,
    e: float = 0.5,
    *,
    n: int = 1,
) -> int:
    """A C3 whose bottlenecks have kernels of a row and of a column."""
    inner = int(c2 * e)

    def make(part: RowScope, y: int) -> int:
        if at.conventions.original:
            return crossed(part, y, inner, 3, 1, g, 1.0, shortcut)
        return bottleneck(part, y, inner, shortcut, g, ((1, 3), (3, 1)), 1.0)

    return c3_of(at, x, c2, inner, lambda y: _chained(at, y, n, "Bottleneck", make))


@module("C3TR")
def c3tr(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    shortcut: bool = True,
    g: OneOrMore = 1,
    e: float = 0.5,
    *,
    n: int = 1,
) -> int:
    """A C3 with layers of a transformer in place of bottlenecks."""
    inner = int(c2 * e)
    return c3_of(
        at, x, c2, inner, lambda y: transformer_block(at.part("m", "TransformerBlock"), y, inner, 4, n)
    )


@module("C3Ghost")
def c3ghost(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    shortcut: bool = True,
    g: OneOrMore = 1,
    e: float = 0.5,
    *,
    n: int = 1,
) -> int:
    """A C3 with GhostBottlenecks in place of bottlenecks."""
    inner = int(c2 * e)

    def make(part: RowScope, y: int) -> int:
        return ghost_bottleneck(part, y, inner)

    return c3_of(at, x, c2, inner, lambda y: _chained(at, y, n, "GhostBottleneck", make))


@module("C3SPP", original=True)
def c3spp(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: OneOrMoreEach = (5, 9, 13),
    n: OneOrMore = 1,
    shortcut: bool = True,
    g: OneOrMore = 1,
    e: float = 0.5,
) -> int:
    """A C3 with an SPP in place of bottlenecks."""
    inner = int(c2 * e)
    return c3_of(at, x, c2, inner, lambda y: spp(at.part("m", "SPP"), y, inner, k))


@module("BottleneckCSP")
def bottleneck_csp(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    shortcut: bool = True,
    g: OneOrMore = 1,
    e: float = 0.5,
    *,
    n: int = 1,
) -> int:
    """Two ways, of which one goes through bottlenecks, side by side before a normalisation."""
    inner = int(c2 * e)
    kernels = (1, 3) if at.conventions.original else (3, 3)

    def make(part: RowScope, y: int) -> int:
        return bottleneck(part, y, inner, shortcut, g, kernels, 1.0)

    y = _chained(at, at.conv("cv1", x, inner), n, "Bottleneck", make)
    y = at.plain("cv3", y, inner, bias=False)
    z = at.concat(y, at.plain("cv2", x, inner, bias=False))
    z = at.activated(at.part("bn", "BatchNorm2d").add("bn", z))
    return at.conv("cv4", z, c2)


@module("C1", original=False)
def c1(at: RowScope, x: int, c2: OneOrMore, *, n: int = 1) -> int:
    """A 1x1 convolution with what several 3x3 convolutions make of it added."""
    y = at.conv("cv1", x, c2)
    return at.add("add", _chained(at, y, n, "Conv", lambda part, z: part.conv("", z, c2, 3)), y)


@module("C2", original=False)
def c2(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    shortcut: bool = True,
    g: OneOrMore = 1,
    e: float = 0.5,
    *,
    n: int = 1,
) -> int:
    """Half of the channels go through bottlenecks, and the other half beside them."""
    inner = int(c2 * e)
    one, two = at.halves(at.conv("cv1", x, 2 * inner))

    def make(part: RowScope, y: int) -> int:
        return bottleneck(part, y, inner, shortcut, g, (3, 3), 1.0)

    return at.conv("cv2", at.concat(_chained(at, one, n, "Bottleneck", make), two), c2)


def c2f_of(at: RowScope, x: int, c2: int, inner: int, n: int, kind: str, make: _Make) -> int:
    """Half of the channels go through one part after the other; all that these leave is brought together."""
    found = list(at.halves(at.conv("cv1", x, 2 * inner)))
    for number in range(n):
        found.append(make(at.part(f"m.{number}", kind), found[-1]))
    return at.conv("cv2", at.concat(*found), c2)


@module("C2f", original=False)
def c2f(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    shortcut: bool = False,
    g: OneOrMore = 1,
    e: float = 0.5,
    *,
    n: int = 1,
) -> int:
    """Half of the channels go through bottlenecks, and all that these leave is brought together."""
    inner = int(c2 * e)

    def make(part: RowScope, y: int) -> int:
        return bottleneck(part, y, inner, shortcut, g, (3, 3), 1.0)

    return c2f_of(at, x, c2, inner, n, "Bottleneck", make)


@module("C3k2", original=False)
def c3k2(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    c3k: bool = False,
    e: float = 0.5,
    attn: bool = False,
    g: OneOrMore = 1,
    shortcut: bool = True,
    *,
    n: int = 1,
) -> int:
    """A C2f of bottlenecks, of C3 modules, or of bottlenecks with attention."""
    inner = int(c2 * e)
    # Whatever the row says, the larger models have the deeper kind.
    deeper = c3k or at.conventions.scale in ("m", "l", "x")

    def make(part: RowScope, y: int) -> int:
        if attn:
            y = bottleneck(part.part("0", "Bottleneck"), y, inner, shortcut, g)
            return psa_block(part.part("1", "PSABlock"), y, max(inner // 64, 1))
        if deeper:
            return c3k_of(part, y, inner, shortcut, g)
        return bottleneck(part, y, inner, shortcut, g)

    kind = "Sequential" if attn else "C3k" if deeper else "Bottleneck"
    return c2f_of(at, x, c2, inner, n, kind, make)


@module("C2fCIB", original=False)
def c2fcib(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    shortcut: bool = False,
    lk: bool = False,
    g: OneOrMore = 1,
    e: float = 0.5,
    *,
    n: int = 1,
) -> int:
    """A C2f of depthwise convolutions between pointwise ones."""
    inner = int(c2 * e)

    def make(part: RowScope, y: int) -> int:
        return _cib(part, y, inner, shortcut, lk)

    return c2f_of(at, x, c2, inner, n, "CIB", make)


def _cib(at: RowScope, x: int, c2: int, shortcut: bool, lk: bool) -> int:
    """Depthwise convolutions between pointwise ones, of two branches in the middle where lk is set."""
    c1, inner = at.channels(x), 2 * c2
    y = at.conv("cv1.0", x, c1, 3, 1, None, c1)
    y = at.conv("cv1.1", y, inner)
    if lk:
        rep = at.part("cv1.2", "RepVGGDW")
        wide = rep.conv("conv", y, inner, 7, 1, 3, inner, 1, False)
        narrow = rep.conv("conv1", y, inner, 3, 1, 1, inner, 1, False)
        y = rep.activated(rep.add("add", wide, narrow))
    else:
        y = at.conv("cv1.2", y, inner, 3, 1, None, inner)
    y = at.conv("cv1.3", y, c2)
    y = at.conv("cv1.4", y, c2, 3, 1, None, c2)
    return at.joined(x, y, shortcut)


@module("RepC3", original=False)
def repc3(at: RowScope, x: int, c2: OneOrMore, e: float = 1.0, *, n: int = 3) -> int:
    """Two ways, of which one goes through convolutions of two branches, added."""
    inner = int(c2 * e)
    y = at.conv("cv1", x, inner)
    y = _chained(at, y, n, "RepConv", lambda part, z: rep_conv(part, z, inner))
    y = at.add("add", y, at.conv("cv2", x, inner))
    return at.conv("cv3", y, c2) if inner != c2 else y


@module("ELAN1", original=False)
def elan1(at: RowScope, x: int, c2: OneOrMore, c3: OneOrMore, c4: OneOrMore) -> int:
    """Half of the channels goes through two convolutions; all that these leave is brought together."""
    found = list(at.halves(at.conv("cv1", x, c3)))
    found.append(at.conv("cv2", found[-1], c4, 3))
    found.append(at.conv("cv3", found[-1], c4, 3))
    return at.conv("cv4", at.concat(*found), c2)


@module("RepNCSPELAN4", original=False)
def repncspelan4(at: RowScope, x: int, c2: OneOrMore, c3: OneOrMore, c4: OneOrMore, n: OneOrMore = 1) -> int:
    """Half of the channels goes through two C3s of two-branched bottlenecks and 3x3 convolutions."""
    found = list(at.halves(at.conv("cv1", x, c3)))
    for name in ("cv2", "cv3"):
        y = _repcsp(at.part(f"{name}.0", "RepCSP"), found[-1], c4, n)
        found.append(at.conv(f"{name}.1", y, c4, 3))
    return at.conv("cv4", at.concat(*found), c2)


def _repcsp(at: RowScope, x: int, c2: int, n: int) -> int:
    inner = int(c2 * 0.5)

    def make(part: RowScope, y: int) -> int:
        z = rep_conv(part.part("cv1", "RepConv"), y, inner)
        return part.joined(y, part.conv("cv2", z, inner, 3))

    return c3_of(at, x, c2, inner, lambda y: _chained(at, y, n, "RepBottleneck", make))


@module("A2C2f", original=False)
def a2c2f(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    a2: bool = True,
    area: int = 1,
    residual: bool = False,
    mlp_ratio: float = 2.0,
    e: float = 0.5,
    g: OneOrMore = 1,
    shortcut: bool = True,
    *,
    n: int = 1,
) -> int:
    """Layers of attention within bands of positions, or C3 modules, whose outputs are brought together."""
    if at.conventions.scale in ("l", "x"):
        residual, mlp_ratio = True, 1.2
    inner = int(c2 * e)
    if inner % 32:
        raise WrongArgument(
            f"A2C2f has heads of 32 channels, of which its {inner} inner channels are no multiple", 0
        )
    found = [at.conv("cv1", x, inner)]
    for number in range(n):
        y = found[-1]
        if a2:
            for half in (0, 1):
                y = area_block(at.part(f"m.{number}.{half}", "ABlock"), y, inner // 32, area, mlp_ratio)
        else:
            y = c3k_of(at.part(f"m.{number}", "C3k"), y, inner, shortcut, g)
        found.append(y)
    y = at.conv("cv2", at.concat(*found), c2)
    if a2 and residual:
        return at.add("add", x, at.part("gamma", "Parameter").add("scale", y))
    return y
