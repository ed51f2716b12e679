"""Which layers stand in the table: those at which something happens."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfcalc.report.growth.points import Growth, GrowthPoint, InputGrowth

# So many rows has the table of one network, and of one of several.
MOST_ROWS = 24
MOST_OF_SEVERAL = 10


def chosen_points(growth: Growth, along: InputGrowth, most: int) -> tuple[GrowthPoint, ...]:
    """The steps of the trunk, if they are few; else those that end something.

    They are the last of each block, of blocks as deep as leaves at most so many, and of each stride that
    holds no such end; where even the outermost blocks are too many, the last of these of each stride.  All
    layers at which a field reaches the input are among them.
    """
    steps = [point for point in along.steps if point.node != along.trunk[0].node]
    names = [growth.node(point).name.split(".") for point in steps]
    strides = [(point.whole, tuple([axis.stride for axis in point.axes])) for point in steps]
    kept, last = list[int](), list[int]()
    for level in range(max(map(len, names), default=0), 0, -1):
        ends, start = _ends([name[:level] for name in names]), -1
        kept, last = [], []
        for end in _ends(strides):
            inside = [place for place in ends if start < place <= end] or [end]
            kept += inside
            last.append(inside[-1])
            start = end
        if len(kept) <= most:
            last = kept
            break
    chosen = {steps[place].node: steps[place] for place in last}
    for each in along.reached:
        if each.where is not None and each.where.node != along.trunk[0].node:
            chosen.setdefault(each.where.node, each.where)
    return tuple([chosen[node] for node in sorted(chosen)])


def _ends(keys: Sequence[object]) -> list[int]:
    """The places whose successor has another key."""
    return [
        place for place, (key, after) in enumerate(pairwise([*keys, None])) if after is None or key != after
    ]
