"""Which names a description mentions, whatever its conditions decide."""

from __future__ import annotations

from rfcalc.lint.rule import reached
from rfcalc.spec.syntax import Line, Network
from rfcalc.spec.trees import Name, within


def names_in(record: object) -> set[str]:
    """What the lines of a record call, and the names in its expressions, all that a name with an x may be."""
    return {name.text for name in within(record, Name)} | {line.op for line in within(record, Line)}


def called_blocks(network: Network) -> frozenset[str]:
    """The names of the blocks that the layers call, directly, through others, or by a parameter's value."""
    blocks = {block.name: block for block in network.blocks}
    calls = {name: names_in(block) & blocks.keys() for name, block in blocks.items()}
    return frozenset(reached(names_in(network.layers) & blocks.keys(), calls.__getitem__))
