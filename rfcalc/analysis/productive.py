"""Up to how long an input layers are past the border where they stop to be productive.

Source: Richter, Schöning, Wiedenroth and Krumnack 2021, Should you go deeper?
"""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.analysis.depth import weighted
from rfcalc.analysis.fields.smallest import SmallestFields, reached_axes
from rfcalc.graph.ir import Graph


def covering(graph: Graph, smallest: Sequence[SmallestFields], slots: Sequence[int]) -> dict[str, int]:
    """The layers with weights and kernels, with the longest input that the smallest field of each spans.

    slots: the axes of inputs that are meant, counted as in `smallest_fields`.  A layer that does not read
    several positions along one of them, or of which that is not known, is left out.
    """
    found: dict[str, int] = {}
    for node in graph.layers:
        axes = reached_axes(node) if weighted(node) else None
        if not axes:
            continue
        spans = []
        for slot in slots:
            field = smallest[node.inputs[0]][slot]
            if field is not None and field.axis in axes:
                spans.append(field.size if field.stride else None)
        known = [span for span in spans if span is not None]
        if known and len(known) == len(spans):
            found[node.name] = min(known)
    return found
