"""Maxima of windows of several sizes side by side."""

from __future__ import annotations

from rfcalc.importers.ultralytics.registry import OneOrMore, OneOrMoreEach, OneOrMoreOrNone, module
from rfcalc.importers.ultralytics.scope import RowScope


@module("SPP")
def spp(at: RowScope, x: int, c2: OneOrMore, k: OneOrMoreEach = (5, 9, 13)) -> int:
    """Maxima of several sizes side by side."""
    y = at.conv("cv1", x, at.channels(x) // 2)
    pooled = [at.maxpool(f"m.{place}", y, size) for place, size in enumerate(k)]
    return at.conv("cv2", at.concat(y, *pooled), c2)


@module("SPPF")
def sppf(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: OneOrMore = 5,
    n: OneOrMoreOrNone = None,
    shortcut: bool = False,
) -> int:
    """Maxima of maxima side by side."""
    # A row that says how often is of models whose first convolution has no activation.
    found = [at.conv("cv1", x, at.channels(x) // 2, act=n is None)]
    for _ in range(3 if n is None else n):
        found.append(at.maxpool("m", found[-1], k))
    return at.joined(x, at.conv("cv2", at.concat(*found), c2), shortcut)


@module("SPPELAN", original=False)
def sppelan(at: RowScope, x: int, c2: OneOrMore, c3: OneOrMore, k: OneOrMore = 5) -> int:
    """Three maxima of maxima side by side."""
    found = [at.conv("cv1", x, c3)]
    for number in (2, 3, 4):
        found.append(at.maxpool(f"cv{number}", found[-1], k))
    return at.conv("cv5", at.concat(*found), c2)
