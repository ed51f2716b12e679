"""Where units stand over an input, and where most of the energy of their gradients lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfcalc.analysis.effective import EffectiveAlong
    from rfcalc.analysis.fields.densities import DensityFigures
    from rfcalc.analysis.fields.figures import NodeField
    from rfcalc.analysis.fields.visible import Box


def own_place(known: NodeField, unit: Sequence[int], source: int) -> tuple[tuple[float, float], ...] | None:
    """The positions that stand for a unit, stride by stride, from edge to edge along each axis of an input.

    None where the layer does not advance evenly along each of them.
    """
    axes = known.axes[source] if source < len(known.axes) else None
    ends = []
    for along, axis in zip(known.inputs[source] or (), axes or (), strict=False):
        if along.stride is None or axis is None:
            return None
        above, below = along.stride if isinstance(along.stride, tuple) else (along.stride, 1)
        ends.append((unit[axis] * above / below - 0.5, (unit[axis] + 1) * above / below - 0.5))
    return tuple(ends) or None


def effective_box(
    known: NodeField, along: Sequence[EffectiveAlong], unit: Sequence[int], source: int, share: int
) -> Box:
    """Along each axis the positions that hold a share of the energy, given by its place among SHARES.

    along: figures of which are known for all axes.
    """
    own = own_place(known, unit, source)
    moved = [low + 0.5 for low, _ in own] if own else [0.0] * len(along)
    figures = [each.figures for each in along if each.figures is not None]
    return tuple([effective_ends(each, by, share) for each, by in zip(figures, moved, strict=True)])


def effective_ends(figures: DensityFigures, moved: float, share: int) -> tuple[int, int]:
    """The first and last position that hold a share of the energy of the unit so far from unit 0."""
    low = round(figures.firsts[share] + moved)
    return low, low + figures.widths[share][1] - 1
