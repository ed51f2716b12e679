"""The order in which a network is written: what stands in one scope is together, as far as it can be.

Exporters and other programs put steps in any order that can be carried out, so that those of a module need
not follow each other.  At each level the scopes and layers are sorted by what they read, the first ones
first; where two scopes read each other, that level stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import groupby

from rfcalc.importers.steps import ImportedNetwork

ScopePath = tuple[str, ...]


def together(
    network: ImportedNetwork, places: Mapping[int, ScopePath], owners: Mapping[int, int]
) -> list[int]:
    """The numbers of the steps that have a place, in an order in which scopes are together where they can.

    places: the scope of each step.  owners: the steps that use what others learn, which stand before them.
    """
    needs = {
        number: [*network.steps[number].operands, *([owners[number]] if number in owners else [])]
        for number in places
    }
    return _sorted(list(places), 0, places, needs)


def _sorted(
    numbers: list[int], depth: int, places: Mapping[int, ScopePath], needs: Mapping[int, Sequence[int]]
) -> list[int]:
    def scope(number: int) -> str:
        return places[number][depth] if len(places[number]) > depth else ""

    runs = [(name, list(run)) for name, run in groupby(numbers, scope)]
    names = [name for name, _ in runs if name]
    if len(names) > len(set(names)):
        runs = _gathered(runs, needs)
    found: list[int] = []
    for name, run in runs:
        found += _sorted(run, depth + 1, places, needs) if name else run
    return found


def _gathered(
    runs: list[tuple[str, list[int]]], needs: Mapping[int, Sequence[int]]
) -> list[tuple[str, list[int]]]:
    """Runs of one name made one, sorted by what they read; as they are where that cannot be."""
    units: list[tuple[str, list[int]]] = []
    known: dict[str, int] = {}
    for name, run in runs:
        if name in known:
            units[known[name]][1].extend(run)
        elif name:
            known[name] = len(units)
            units.append((name, list(run)))
        else:
            units += [("", [number]) for number in run]
    unit_of = {number: place for place, (_, run) in enumerate(units) for number in run}
    before = [
        {unit_of[one] for number in run for one in needs[number] if one in unit_of} - {place}
        for place, (_, run) in enumerate(units)
    ]
    behind: list[list[int]] = [[] for _ in units]
    for place, wanted in enumerate(before):
        for one in wanted:
            behind[one].append(place)
    ready = [place for place, wanted in enumerate(before) if not wanted]
    heapify(ready)
    order: list[int] = []
    while ready:
        place = heappop(ready)
        order.append(place)
        for one in behind[place]:
            before[one].discard(place)
            if not before[one]:
                heappush(ready, one)
    return [units[place] for place in order] if len(order) == len(units) else runs
