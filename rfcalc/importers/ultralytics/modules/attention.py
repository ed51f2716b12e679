"""Modules in which positions look at each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rfcalc.importers.ultralytics.registry import OneOrMore, WrongArgument, module
from rfcalc.importers.ultralytics.scope import RowScope
from rfcalc.ops.attributes import PerAxis, Value


def attention(at: RowScope, x: int, heads: int) -> int:
    """Attention of all positions whose keys have half the channels of the values, a depthwise 3x3 beside it.

    In which order qkv has its channels makes no difference: its kernels are learned.
    """
    c = at.channels(x)
    key = int(c // heads * 0.5) * heads
    qkv = at.conv("qkv", x, c + 2 * key, act=False)
    q, k, v = (
        at.channels_of(qkv, start, stop) for start, stop in ((0, key), (key, 2 * key), (2 * key, 2 * key + c))
    )
    y = _weighted(at, (q, k, v), heads)
    y = at.add("add", y, at.conv("pe", v, c, 3, 1, None, c, 1, False))
    return at.conv("proj", y, c, act=False)


def _weighted(at: RowScope, qkv: Sequence[int], heads: int, **values: Value) -> int:
    """The mean of values, weighted by the softmax of products of queries and keys."""
    q, _, v = qkv
    if heads > 1:
        values["heads"] = heads
    if at.channels(v) != at.channels(q):
        values["value_channels"] = values["out_channels"] = at.channels(v)
    return at.add("attention", *qkv, projections=False, **values)


def psa_block(at: RowScope, x: int, heads: int) -> int:
    """Attention and two 1x1 convolutions, each with what it reads added."""
    c = at.channels(x)
    y = at.add("add", x, attention(at.part("attn", "Attention"), x, heads))
    return _fed(at, "ffn", y, 2 * c)


def _fed(at: RowScope, name: str, x: int, inner: int) -> int:
    """A tensor with what two 1x1 convolutions make of it."""
    c = at.channels(x)
    y = at.conv(f"{name}.1", at.conv(f"{name}.0", x, inner), c, act=False)
    return at.add("add", x, y)


def _same(at: RowScope, x: int, c2: int, kind: str) -> int:
    c1 = at.channels(x)
    if c1 != c2:
        raise WrongArgument(
            f"{kind} leaves as many channels as it reads: it reads {c1}, and its row says {c2}", 0
        )
    return int(c1 * 0.5)


@module("PSA", original=False)
def psa(at: RowScope, x: int, c2: OneOrMore, e: float = 0.5) -> int:
    """Half of the channels through attention, the other half beside it."""
    inner = int(_same(at, x, c2, "PSA") * 2 * e)
    one, two = at.halves(at.conv("cv1", x, 2 * inner))
    y = psa_block(at, two, max(inner // 64, 1))
    return at.conv("cv2", at.concat(one, y), c2)


@module("C2PSA", original=False)
def c2psa(at: RowScope, x: int, c2: OneOrMore, e: float = 0.5, *, n: int = 1) -> int:
    """Half of the channels through several layers of attention, the other half beside them."""
    inner = int(_same(at, x, c2, "C2PSA") * 2 * e)
    one, y = at.halves(at.conv("cv1", x, 2 * inner))
    for number in range(n):
        y = psa_block(at.part(f"m.{number}", "PSABlock"), y, max(inner // 64, 1))
    return at.conv("cv2", at.concat(one, y), c2)


@module("C2fPSA", original=False)
def c2fpsa(at: RowScope, x: int, c2: OneOrMore, e: float = 0.5, *, n: int = 1) -> int:
    """A C2f of layers of attention."""
    inner = int(_same(at, x, c2, "C2fPSA") * 2 * e)
    found = list(at.halves(at.conv("cv1", x, 2 * inner)))
    for number in range(n):
        found.append(psa_block(at.part(f"m.{number}", "PSABlock"), found[-1], max(inner // 64, 1)))
    return at.conv("cv2", at.concat(*found), c2)


def area_block(at: RowScope, x: int, heads: int, area: int, mlp_ratio: float) -> int:
    """Attention within bands of positions and two 1x1 convolutions, each with what it reads added."""
    y = at.add("add", x, _area_attention(at.part("attn", "AAttn"), x, heads, area))
    return _fed(at, "mlp", y, int(at.channels(x) * mlp_ratio))


def _area_attention(at: RowScope, x: int, heads: int, area: int) -> int:
    """Attention within bands of positions; area: how many bands there are."""
    c, axes = at.channels(x), at.axes(x)
    qkv = at.conv("qkv", x, 3 * c, act=False)
    parts = [at.channels_of(qkv, place * c, (place + 1) * c) for place in range(3)]
    positions = math.prod(axes)
    if area <= 1:
        y = _weighted(at, parts, heads)
    elif positions % area:
        raise WrongArgument(
            f"{' x '.join(map(str, axes))} positions cannot be divided into {area} areas of equal size", 2
        )
    elif axes[0] % area == 0:
        y = _weighted(at, parts, heads, window=PerAxis((axes[0] // area, *axes[1:])))
    else:
        rows = [at.tokens(one) for one in parts]
        y = _weighted(at, rows, heads, window=positions // area)
        y = at.add("reshape", y, to=PerAxis((*axes, c)))
    y = at.add("add", y, at.conv("pe", parts[2], c, 7, 1, 3, c, 1, False))
    return at.conv("proj", y, c, act=False)


def transformer_block(at: RowScope, x: int, c2: int, heads: int, n: int) -> int:
    """Positions in a row, with a learned map of themselves added, through attention and linear layers."""
    if at.channels(x) != c2:
        x = at.conv("conv", x, c2)
    x = at.add("add", x, at.linear("linear", x, c2))
    for number in range(n):
        layer = at.part(f"tr.{number}", "TransformerLayer")
        q, k, v = (layer.linear(name, x, c2, bias=False) for name in "qkv")
        x = layer.add("add", layer.part("ma", "MultiheadAttention").add("attention", q, k, v, heads=heads), x)
        y = layer.linear("fc2", layer.linear("fc1", x, c2, bias=False), c2, bias=False)
        x = layer.add("add", y, x)
    return x


def _waves(at: RowScope, axes: tuple[int, ...], c: int) -> int:
    """Sines and cosines of where a position is along each axis, in several frequencies."""
    number = math.prod(axes)
    found = []
    for _ in axes:
        place, frequencies = (
            at.add("learned", size=PerAxis(size), learned=False) for size in ((number, 1), (1, c // 4))
        )
        phase = at.add("matmul", place, frequencies)
        found += [at.add("function", phase, of=of) for of in ("sin", "cos")]
    return at.add("reshape", at.concat(*found), to=PerAxis((*axes, c)))


@module("AIFI", width="kept", original=False)
def aifi(at: RowScope, x: int, cm: OneOrMore = 2048, heads: OneOrMore = 8, dropout: float = 0) -> int:
    """A layer of a transformer whose positions are told apart by waves that are added to them."""
    c = at.channels(x)
    if c % 4:
        raise WrongArgument(f"AIFI adds waves of four kinds: its {c} channels are no multiple of 4")
    q = at.add("add", x, _waves(at, at.axes(x), c))
    y = at.part("ma", "MultiheadAttention").add("attention", q, q, x, heads=heads)
    x = at.part("norm1", "LayerNorm").add("ln", at.add("add", x, y))
    y = at.part("act", "GELU").add("gelu", at.linear("fc1", x, cm))
    y = at.linear("fc2", y, c)
    return at.part("norm2", "LayerNorm").add("ln", at.add("add", x, y))
