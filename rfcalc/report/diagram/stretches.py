"""An overview of what has no blocks that say where to fold it: stretches of layers with maps of one size."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from rfcalc.report.diagram.parts import DiagramPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.graph.ir import Graph

# A stretch of so few boxes is shown whole, where there is room.
_SHORT = 4


def stretches_of(
    graph: Graph, parts: Sequence[DiagramPart], most: int
) -> tuple[tuple[DiagramPart, ...], ...]:
    """Parts, given in order, in at most so many stretches, each to be one box; one of one part is that part.

    A stretch ends where the size of maps changes.  Where that is too often, where nothing but one tensor goes
    on and its size has changed; and where that is too often as well, after equally many parts.
    """
    axes = [graph.nodes[part.layers[-1]].facts.output.axes for part in parts]
    cuts = [place for place in range(1, len(parts)) if axes[place] != axes[place - 1]]
    if len(cuts) >= most:
        across = _tensors_across(graph, parts)
        cuts = [place for place in cuts if across[place] == 1]
    if len(cuts) >= most:
        step = -(-len(parts) // most)
        cuts = [*range(step, len(parts), step)]
    bounds = [0, *cuts, len(parts)]
    runs = [tuple(parts[start:end]) for start, end in pairwise(bounds)]
    short = [run for run in runs if len(run) <= _SHORT]
    if len(runs) + sum(len(run) - 1 for run in short) > most:
        return tuple(runs)
    whole = ([run] if len(run) > _SHORT else [(part,) for part in run] for run in runs)
    return tuple(run for found in whole for run in found)


def stretch(parts: Sequence[DiagramPart]) -> DiagramPart:
    """Several parts as one, which stands where the first does; one stays what it is."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0].head if parts[0].head >= 0 else parts[0].layers[0]
    others = sorted(index for part in parts for index in part.layers if index != first)
    return DiagramPart((first, *others))


def _tensors_across(graph: Graph, parts: Sequence[DiagramPart]) -> list[int]:
    """How many parts before each place are read at it or behind; also what enters, where it is read again."""
    place_of = {index: place for place, part in enumerate(parts) for index in part.layers}
    last_read: dict[int, int] = {}
    for index, place in place_of.items():
        for operand in graph.nodes[index].inputs:
            source = place_of.get(operand, ~operand)
            last_read[source] = max(last_read.get(source, 0), place)
    steps = [0] * (len(parts) + 1)
    for source, last in last_read.items():
        first = max(source, -1) + 1
        if last >= first:
            steps[first] += 1
            steps[last + 1] -= 1
    across, count = [], 0
    for step in steps[:-1]:
        count += step
        across.append(count)
    return across
