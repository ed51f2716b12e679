"""The smallest field of every layer: what its units see along the one path that shows them least.

Shortcuts and narrow branches hand on what small fields saw.  A layer sees nothing new only when even the
smallest of the fields that enter it covers the input (Richter et al. 2021), so beside the field, a union
over paths, stands its minimum over them.

One pass, in execution order, carries the distance from the first to the last position and the stride.
On windows alone it is exact: Σ(f − 1)·r·stride.  Upsampling has units that see less than their neighbours;
there the distance is a lower bound, since the part of the shift that the phases disagree on is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest
from math import ceil
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_state import Reads, is_identity
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.axis_maps import AxisMap, count_of, extent_of
from rfcalc.ops.reads import local_taps
from rfcalc.records import NamedTuple
from rfcalc.shapes import LARGEST_SIZE, Size

if TYPE_CHECKING:
    from fractions import Fraction
    from typing import TypeAlias

    # Input positions, or a part of one: behind upsampling units stand closer than positions of the input.
    SmallestDistance: TypeAlias = "int | Fraction"

# An operator with more phases than this is not looked through.
MOST_PHASES = 2**13


class SmallestField(NamedTuple):
    """The smallest field of a layer along one axis of one input, over all paths and all units.

    axis: the axis of the layer it runs along; None where none is left or it is not known.
    span: how many positions lie between the first and the last, at least; None when that is unknown.
    stride: input positions from one unit to the next; 0 when all units see the same, the whole map.
    """

    axis: int | None
    span: SmallestDistance | None
    stride: SmallestDistance

    @property
    def size(self) -> int | None:
        """The positions from end to end, at least; None when unknown."""
        return None if self.span is None else max(ceil(self.span), 0) + 1


# One entry for each axis of each input of the network, None where the layer does not depend on it.
SmallestFields = tuple[SmallestField | None, ...]

_UNKNOWN = SmallestField(None, None, 0)


def smallest_fields(graph: Graph) -> tuple[SmallestFields, ...]:
    """The smallest fields of every node, along the axes of the first input, then of the second, and so on.

    A path through attention, or through a gate of the whole map, sees everything, so it never is the
    smallest.  Unknown from where branches that advance at different rates meet, and behind operators that do
    not say what they read.
    Source: Richter, Schöning, Wiedenroth and Krumnack 2021, Should you go deeper?
    """
    slots = [(i, axis) for i in graph.inputs for axis in range(len(graph.nodes[i].facts.output.axes))]
    found: list[SmallestFields] = []
    for index, node in enumerate(graph.nodes):
        if not node.inputs:
            found.append(tuple(SmallestField(a, 0, 1) if i == index else None for i, a in slots))
            continue
        reads = node.facts.reads or ()
        views = []
        for operand, read in zip_longest(node.inputs, reads if len(reads) == len(node.inputs) else ()):
            fields, source = found[operand], graph.nodes[operand].facts.output.axes
            if read is None or len(read) != len(source):
                views.append(tuple([field and _UNKNOWN for field in fields]))
            elif is_identity(read):
                views.append(fields)
            else:
                views.append(tuple([field and _moved(field, read, source) for field in fields]))
        found.append(views[0] if len(views) == 1 else tuple(map(_smallest, zip(*views, strict=True))))
    return tuple(found)


def reached_axes(node: Node) -> list[int] | None:
    """Along which axes of its operand a layer reads several positions; None where it reads the whole map."""
    reads = node.facts.reads
    if not reads or len(reads) != 1:
        return None
    taps = [local_taps(read) for read in reads[0]]
    if not taps or None in taps:
        return None
    return [axis for axis, each in enumerate(taps) if each is not None and extent_of(each)]


def _moved(field: SmallestField, reads: Reads, source: tuple[Size, ...]) -> SmallestField:
    """The field of an operand as its reader sees it."""
    axis, span, stride = field
    if span is None or axis is None:
        return field
    read = reads[axis]
    if read is None:
        return _UNKNOWN
    if stride == 0:
        return SmallestField(read.axis, span, 0)
    taps = local_taps(read)
    if taps is None:
        size = source[axis]
        return SmallestField(read.axis, span + stride * (size - 1), 0) if isinstance(size, int) else _UNKNOWN
    gain = _gain(taps)
    if gain is None:
        return _UNKNOWN
    return _bounded(read.axis, span + stride * gain, _ratio(stride * taps.shift, taps.period))


# Few kinds of window occur in a network, each often.
@lru_cache(typed=True)
def _gain(taps: AxisMap) -> SmallestDistance | None:
    """By how many operand positions the distance grows, at least; None where a unit reads nothing.

    Output o reads from o·shift/period + t − φ·shift/period on for its phase φ, so all of them see at least
    what lies between the largest first tap and the smallest last one.
    """
    period, shift = taps.period, taps.shift
    if period > MOST_PHASES:
        return None
    firsts, lasts = [], []
    for phase in range(period):
        pattern = taps.taps(phase)
        count = count_of(pattern)
        if not count:
            return None
        firsts.append(pattern.start * period - phase * shift)
        lasts.append((pattern.start + (count - 1) * pattern.step) * period - phase * shift)
    return _ratio(min(lasts) - max(firsts), period)


def _smallest(fields: Sequence[SmallestField | None]) -> SmallestField | None:
    """The smallest of the fields of the operands of a join."""
    present = [field for field in fields if field is not None]
    if not present:
        return None
    first = present[0]
    if all(field == first for field in present):
        return first
    # Beside a map, an operand that sees everything is never the smallest.
    running = [field for field in present if field.stride or field.span is None] or present
    axes = {field.axis for field in running}
    if len(axes) > 1 or len({field.stride for field in running}) > 1:
        return _UNKNOWN
    spans = [field.span for field in running if field.span is not None]
    if len(spans) < len(running):
        return _UNKNOWN
    return SmallestField(running[0].axis, min(spans), running[0].stride)


def _bounded(axis: int | None, span: SmallestDistance, stride: SmallestDistance) -> SmallestField:
    """The field, as long as its numbers are those of tensors: later layers would double them again."""
    numbers = (abs(span.numerator), span.denominator, stride.numerator, stride.denominator)
    return SmallestField(axis, span, stride) if max(numbers) <= LARGEST_SIZE else _UNKNOWN


def _ratio(numerator: SmallestDistance, denominator: int) -> SmallestDistance:
    if denominator == 1:
        return numerator
    from fractions import Fraction

    found = Fraction(numerator) / denominator
    return found.numerator if found.denominator == 1 else found
