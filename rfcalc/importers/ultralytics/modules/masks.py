"""Heads that leave a map: masks of objects, classes or depths of positions; and the classes of images."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.importers.ultralytics.registry import OneOrMore, PaddingSize, module
from rfcalc.importers.ultralytics.scope import RowScope, conv_parameters
from rfcalc.ops.attributes import PerAxis


def proto(at: RowScope, x: int, inner: int, c2: int) -> int:
    """Masks at twice the size of a map."""
    y = at.conv("cv1", x, inner, 3)
    if at.conventions.original:
        y = at.part("upsample", "Upsample").add("upsample", y, scale=2)
    else:
        y = at.deconv("upsample", y, inner, 2, 2)
    return at.conv("cv3", at.conv("cv2", y, inner, 3), c2)


def proto26(at: RowScope, maps: Sequence[int], inner: int, c2: int, nc: int) -> int:
    """Masks of all maps together, brought to the size of the first."""
    x = maps[0]
    c1 = at.channels(x)
    refined = x
    for number, one in enumerate(maps[1:]):
        y = at.conv(f"feat_refine.{number}", one, c1)
        y = at.add("upsample", y, size=PerAxis(at.axes(x)))
        refined = at.add("add", refined, y)
    at.idle(
        "semseg",
        "Sequential",
        conv_parameters(c1, inner, 3) + conv_parameters(inner, inner, 3) + (inner + 1) * nc,
    )
    return proto(at, at.conv("feat_fuse", refined, inner, 3), inner, c2)


@module("SemanticSegment", width="kept", several=True, original=False)
def semantic_segment(at: RowScope, maps: Sequence[int], nc: OneOrMore = 19) -> int:
    """A class for each position of the first map."""
    c1 = at.channels(maps[0])
    if len(maps) > 1:
        at.idle("aux_classifier", "Sequential", conv_parameters(at.channels(maps[1]), c1, 3) + (c1 + 1) * nc)
    return at.plain("classifier.1", at.conv("classifier.0", maps[0], c1, 3), nc)


@module("Depth", width="kept", several=True, original=False)
def depth(at: RowScope, maps: Sequence[int], c_mid: OneOrMore = 256) -> int:
    """How far away positions are, from the coarsest map to the finest."""
    found = [at.conv(f"proj.{place}", x, c_mid) for place, x in enumerate(maps)]
    y = found.pop()
    for place in range(len(found) - 1, -1, -1):
        y = at.add("upsample", y, size=PerAxis(at.axes(found[place])), mode="bilinear")
        y = at.add("add", found[place], y)
        y = at.conv(f"refine.{place}.1", at.conv(f"refine.{place}.0", y, c_mid, 3), c_mid, 3)
    y = at.conv("head.0", y, c_mid // 2, 3)
    y = at.deconv("head.1", y, c_mid // 2, 2, 2)
    return at.plain("head.3", at.conv("head.2", y, c_mid // 4, 3), 1)


@module("Classify", width="stated", original=None)
def classify(
    at: RowScope,
    x: int,
    c2: OneOrMore,
    k: OneOrMore = 1,
    s: OneOrMore = 1,
    p: PaddingSize = None,
    g: OneOrMore = 1,
) -> int:
    """A class for the whole image."""
    y = at.conv("conv", x, 1280, k, s, p, g)
    y = at.part("pool", "AdaptiveAvgPool2d").add("globalavgpool", y)
    y = at.part("linear", "Linear").add("fc", y, out_channels=c2)
    return at.add("softmax", y)
