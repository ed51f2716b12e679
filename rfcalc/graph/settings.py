"""The order in which the names of the top level get their values, where settings name others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from rfcalc.errors import Related, listed, mistake
from rfcalc.spec.syntax import Formula
from rfcalc.spec.trees import names_in


def in_order(wanted: Iterable[str], written: Mapping[str, Formula], given: Collection[str]) -> list[str]:
    """Some names and all that their values name, each behind those that its own value names.

    written: the value of each name, in the order of the description; given: those whose value comes from
    outside.  That may name any other, and by its own name a symbol; one of the description names what stands
    before it.  Raises DescriptionError where values from outside name each other in a circle.
    """
    place = {name: number for number, name in enumerate(written)}
    needs: dict[str, list[str]] = {}
    pending = list(wanted)
    for name in pending:
        if name not in needs:
            named = dict.fromkeys(names_in(written[name].tree))
            needs[name] = [
                each
                for each in named
                if each in place and each != name and (name in given or place[each] < place[name])
            ]
            pending += needs[name]
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = [name for name in written if name in error.args[1]]
        first, *others = [written[name].position for name in circle if name in given]
        related = tuple(Related("so is this one", other) for other in others)
        raise mistake(f"{listed(circle)} are given by each other", first, related=related) from None
