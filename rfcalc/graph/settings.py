"""The order in which the names of the top level get their values, where settings name others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from rfcalc.errors import Related, listed, mistake
from rfcalc.spec.syntax import Formula, Network
from rfcalc.spec.trees import names_in


def in_order(wanted: Iterable[str], network: Network, given: Mapping[str, Formula]) -> list[str]:
    """Some names and all that their values name, each behind those that its own value names.

    given: the values from outside.  They may name any other, and by their own name a symbol; a value of the
    description names what stands before it.  Raises DescriptionError where they name each other in a circle.
    """
    stated = {binding.name: binding.value for binding in (*network.symbols, *network.parameters)}
    written = {name: given[name] for name in given if name not in stated} | stated | dict(given)
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
