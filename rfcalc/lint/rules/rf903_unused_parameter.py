"""RF903: a parameter or symbol that nothing uses.

Finds: A parameter or symbol of the network, or a parameter of a block, that no expression mentions.
Why: Whoever sets it expects figures to change, and none does; often a number is written out where the
parameter was meant.
Source: common to linters
Instead: Use it where its value is written out, or remove it.
"""

from __future__ import annotations

import re

from rfcalc.conditions.text import read_condition
from rfcalc.lint.network.mentions import called_blocks, names_in
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.spec.tokens import ExpressionError


@rule(
    "warning",
    fires="input: 32x32x3\nparams: {classes: 10}\nlayers:\n  - globalavgpool\n  - fc d=10\n",
    silent="input: 32x32x3\nparams: {classes: 10}\nlayers:\n  - globalavgpool\n  - fc d=classes\n",
)
def find(subject: Subject) -> Reported:
    network = subject.network
    used = names_in(
        (network.inputs, network.parameters, network.object_sizes, network.layers, network.blocks)
    )
    for symbol in network.symbols:
        # That it is defined as itself is no use of it.
        used |= names_in(symbol.value) - {symbol.name}
    declared = frozenset(binding.name for binding in (*network.parameters, *network.symbols))
    for check in network.checks:
        # Figures and layers are no names; where a promise does not read, every word may be one.
        try:
            used |= names_in(read_condition(check.text, declared).tree)
        except ExpressionError:
            used.update(re.findall(r"[A-Za-z_]\w*", check.text))
    for kind, bindings in (("parameter", network.parameters), ("symbol", network.symbols)):
        for binding in bindings:
            if binding.name not in used:
                yield Found(
                    f"nothing uses the {kind} {binding.name}: setting it changes nothing",
                    position=binding.position,
                    hint="use it, or remove it",
                )
    called = called_blocks(network)
    for block in network.blocks:
        # A block that is never called is one finding.
        names = names_in(block) if block.name in called else None
        for parameter in block.parameters:
            if names is not None and parameter.name not in names:
                yield Found(
                    f"nothing in the block {block.name} uses its parameter {parameter.name}",
                    position=parameter.position,
                    hint="use it, or remove it here and in the calls",
                )
