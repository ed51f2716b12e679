"""Which names a description mentions, whatever its conditions decide."""

from __future__ import annotations

import re

from rfcalc.conditions.text import read_condition
from rfcalc.lint.rule import reached
from rfcalc.spec.syntax import Line, Network
from rfcalc.spec.tokens import ExpressionError
from rfcalc.spec.trees import Name, within


def names_in(record: object) -> set[str]:
    """What the lines of a record call, and the names in its expressions, all that a name with an x may be."""
    return {name.text for name in within(record, Name)} | {line.op for line in within(record, Line)}


def called_blocks(network: Network) -> frozenset[str]:
    """The names of the blocks that the layers call, directly, through others, or by a parameter's value."""
    blocks = {block.name: block for block in network.blocks}
    calls = {name: names_in(block) & blocks.keys() for name, block in blocks.items()}
    return frozenset(reached(names_in(network.layers) & blocks.keys(), calls.__getitem__))


def names_of_network(network: Network) -> set[str]:
    """Every name that is mentioned anywhere, the definition of a symbol as itself left out."""
    names = names_in(
        (network.inputs, network.parameters, network.object_size, network.layers, network.blocks)
    )
    for symbol in network.symbols:
        names |= names_in(symbol.value) - {symbol.name}
    declared = frozenset(binding.name for binding in (*network.parameters, *network.symbols))
    for check in network.checks:
        # Figures and layers are no names; every word is one where a promise does not read.
        try:
            names |= names_in(read_condition(check.text, declared).tree)
        except ExpressionError:
            names.update(re.findall(r"[A-Za-z_]\w*", check.text))
    return names
