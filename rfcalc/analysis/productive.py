"""What even the smallest field of a layer spans: past the border where that is the input, none is productive.

Source: Richter, Schöning, Wiedenroth and Krumnack 2021, Should you go deeper?
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rfcalc.analysis.depth import weighted
from rfcalc.analysis.fields.smallest import SmallestFields, reached_axes
from rfcalc.graph.ir import Graph


def spanned(entering: SmallestFields, axes: Collection[int]) -> dict[int, int] | None:
    """How many positions of an input what enters a layer spans at least, whatever the path.

    axes: of the map that enters.  By the axes of inputs that run along these, counted as in
    `smallest_fields`.  None where that is not known of one of them, and where all units see the same.
    """
    found: dict[int, int] = {}
    met = set()
    for slot, field in enumerate(entering):
        if field is None:
            continue
        if field.axis is None or field.size is None:
            return None
        if field.axis in axes:
            if field.stride == 0:
                return None
            found[slot] = field.size
            met.add(field.axis)
    return found if met.issuperset(axes) else None


def covering(graph: Graph, smallest: Sequence[SmallestFields], slots: Collection[int]) -> dict[str, int]:
    """The layers with weights and kernels, with the longest input that the smallest field of each spans.

    slots: the axes of inputs that are meant, counted as in `smallest_fields`.  A layer that does not read
    several positions along one of them, or of which that is not known, is left out.
    """
    found: dict[str, int] = {}
    for node in graph.layers:
        axes = reached_axes(node) if weighted(node) else None
        spans = spanned(smallest[node.inputs[0]], axes) if axes else None
        along = [size for slot, size in (spans or {}).items() if slot in slots]
        if along:
            found[node.name] = min(along)
    return found
