"""Which names the expressions of a description mention, whatever its conditions decide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rfcalc.conditions.text import read_condition
from rfcalc.lint.rule import reached
from rfcalc.spec.syntax import Body, Line, Network
from rfcalc.spec.tokens import ExpressionError
from rfcalc.spec.trees import Name, within


def names_in(record: object) -> set[str]:
    """Every name that the expressions of a record mention, in both readings where one holds an x."""
    return {name.text for name in within(record, Name)}


def called_blocks(network: Network) -> frozenset[str]:
    """The names of the blocks that are called from the layers, directly or through others."""
    bodies = {block.name: block.body for block in network.blocks}

    def calls(body: Body) -> Iterator[str]:
        return (line.op for line in within(body, Line) if line.op in bodies)

    return frozenset(reached(calls(network.layers), lambda name: calls(bodies[name])))


def names_of_network(network: Network) -> set[str]:
    """Every name that is mentioned anywhere, the definition of a symbol as itself left out."""
    names = names_in(
        (network.inputs, network.parameters, network.object_size, network.layers, network.blocks)
    )
    for symbol in network.symbols:
        names |= names_in(symbol.value) - {symbol.name}
    declared = frozenset(binding.name for binding in (*network.parameters, *network.symbols))
    for check in network.checks:
        names |= _names_of_promise(check.text, declared)
    return names


def _names_of_promise(text: str, declared: frozenset[str]) -> set[str]:
    """The names that a promise mentions, figures and layers left out; every word where it does not read."""
    try:
        return names_in(read_condition(text, declared).tree)
    except ExpressionError:
        return set(re.findall(r"[A-Za-z_]\w*", text))
