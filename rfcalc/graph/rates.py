"""The rates of inputs: how many positions along the first axis of each are a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, nearest, option, quoted
from rfcalc.graph.ir import Graph, Node
from rfcalc.problems import Problems
from rfcalc.spec.syntax import StatedRate

if TYPE_CHECKING:
    from fractions import Fraction

# By the names of inputs; "" is all of them.
Rates = Mapping[str, "int | Fraction"]


def rates_of_inputs(stated: Sequence[StatedRate], inputs: Sequence[Node], problems: Problems) -> Rates:
    """The rates of inputs; a wrong name among what is stated is noted."""
    names = [node.name for node in inputs]
    for each in stated:
        if each.name and each.name not in names:
            hint = nearest(each.name, names) or f"the inputs are {', '.join(names)}"
            problems.add(f"no input is called {quoted(each.name)}", each.position, hint)
    return _by_input({each.name: each.value for each in stated}, names)


def with_rates(graph: Graph, given: Rates) -> Graph:
    """A network with these rates of inputs, "" for all, in place of its own; UsageError for a wrong name."""
    names = [graph.nodes[index].name for index in graph.inputs]
    for name in given:
        if name and name not in names:
            hint = nearest(name, names) or f"the inputs are {', '.join(names)}"
            raise UsageError(f"{option('rate')}: no input is called {quoted(name)}; {hint}")
    return graph._replace(rates={**graph.rates, **_by_input(given, names)})


def _by_input(stated: Rates, names: Sequence[str]) -> Rates:
    found = {name: stated.get(name, stated.get("")) for name in names}
    return {name: rate for name, rate in found.items() if rate is not None}
