"""Which units of a part of an image are those of the whole image, layer by layer.

A unit is exact where all that it reads is: positions of the part that are exact themselves, or what lies
outside of the map where the part ends with the image, since the layer pads there as it does for the whole.
Elsewhere a part ends in padding where the image goes on, and what reads that is not exact.  Along each axis
the exact units are an interval, and together they are the product of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.analysis.tiling.translation import Translation, taps_read
from rfcalc.ops.axis_maps import Window, count_of
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph
    from rfcalc.ops.axis_maps import AxisMap


class ExactUnits(NamedTuple):
    """The exact units along an axis: from `first` to before `end`."""

    first: int
    end: int


class ImageEnds(NamedTuple):
    """Whether a part of an image begins, and ends, where the image does."""

    first: bool
    last: bool


def exact_units(translation: Translation, part: Graph, axis: int, ends: ImageEnds) -> list[ExactUnits | None]:
    """The exact units of each node along the one of its axes that runs along an axis of the input.

    part: the network on the part.  None for nodes that have no such axis.
    How layers read is taken from the whole image: a part may be so short that one position is left of a map,
    which tells nothing of that.
    """
    found: list[ExactUnits | None] = []
    for index, node in enumerate(part.nodes):
        runs = translation.along[index] or ()
        place = next((place for place, run in enumerate(runs) if run is not None and run.axis == axis), None)
        if place is None:
            found.append(None)
            continue
        length = node.facts.output.axes[place]
        assert isinstance(length, int)
        exact = ExactUnits(0, length)
        patterns = translation.graph.nodes[index].facts.reads
        for operand, reads in zip(node.inputs, patterns or (), strict=False):
            before = found[operand]
            if before is None:
                continue
            sizes = part.nodes[operand].facts.output.axes
            for read, size, run in zip(reads, sizes, translation.along[operand] or (), strict=True):
                taps = taps_read(read)
                if run is None or run.axis != axis or taps is None:
                    continue
                assert isinstance(size, int)
                exact = _both(exact, _through(taps, before, size, length, ends))
        found.append(exact)
    return found


def _both(one: ExactUnits, two: ExactUnits) -> ExactUnits:
    first = max(one.first, two.first)
    return ExactUnits(first, max(first, min(one.end, two.end)))


def _through(taps: AxisMap, before: ExactUnits, size: int, length: int, ends: ImageEnds) -> ExactUnits:
    """The exact ones of `length` units that read a map of `size` positions, some of which are exact."""
    at_first, at_last = ends.first and before.first == 0, ends.last and before.end == size
    first, end = 0, length
    for phase in range(min(taps.period, length)):
        pattern = taps.taps(phase)
        count = count_of(pattern)
        if not count:
            continue
        low, high = pattern.start, pattern.start + (count - 1) * pattern.step
        if not at_first:
            # The last unit of this phase that reads a position before those that are exact.
            first = max(first, (-((low - before.first) // taps.shift) - 1) * taps.period + phase + 1)
        if not at_last:
            end = min(end, ((before.end - 1 - high) // taps.shift + 1) * taps.period + phase)
    if isinstance(taps, Window) and taps.border != "zero":
        # Padding repeats positions as far inside as it goes outside.
        past = (length - 1) * taps.stride - taps.before + (taps.kernel - 1) * taps.dilation - (size - 1)
        inside_first, inside_last = taps.before, past
        if taps.border == "replicate":
            # Those at the ends, however far outside.
            inside_first = inside_last = 0
        if (at_first and inside_first >= before.end) or (at_last and inside_last > size - 1 - before.first):
            return ExactUnits(0, 0)
    return ExactUnits(first, max(first, end))
