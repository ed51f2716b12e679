"""Which names the expressions of a description mention, whatever its conditions decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rfcalc.conditions.text import read_condition
from rfcalc.spec.syntax import Block, Body, Formula, Item, Join, Let, Line, Loop, Network, When
from rfcalc.spec.tokens import ExpressionError
from rfcalc.spec.trees import Name, names_in


def items_of(bodies: Iterable[Body]) -> Iterator[Item]:
    """Every item of some bodies, those within branches, repeats and conditions included."""
    pending: list[Body] = list(bodies)
    while pending:
        for item in pending.pop():
            yield item
            if isinstance(item, Join):
                pending += item.branches
            elif isinstance(item, Loop):
                pending.append(item.body)
            elif isinstance(item, When):
                pending += [item.then, item.otherwise]


def called_blocks(network: Network) -> frozenset[str]:
    """The names of the blocks that are called from the layers, directly or through others."""
    blocks = {block.name: block for block in network.blocks}
    called: set[str] = set()
    pending = [network.layers]
    while pending:
        for item in items_of([pending.pop()]):
            if isinstance(item, Line) and item.op in blocks and item.op not in called:
                called.add(item.op)
                pending.append(blocks[item.op].body)
    return frozenset(called)


def names_of_network(network: Network) -> frozenset[str]:
    """Every name that is mentioned anywhere, the definition of a symbol as itself left out."""
    formulas = [binding.value for binding in (*network.inputs, *network.parameters)]
    if network.object_size is not None:
        formulas.append(network.object_size)
    names = set(_names(formulas))
    for symbol in network.symbols:
        names |= set(_names([symbol.value])) - {symbol.name}
    for body in (network.layers, *(block.body for block in network.blocks)):
        names |= names_of_bodies([body])
    for block in network.blocks:
        names |= _defaults(block)
    declared = frozenset(binding.name for binding in (*network.parameters, *network.symbols))
    for check in network.checks:
        names |= _names_of_promise(check.text, declared)
    return frozenset(names)


def _names_of_promise(text: str, declared: frozenset[str]) -> set[str]:
    """The names that a promise mentions, figures and layers left out; every word where it does not read."""
    try:
        promise = read_condition(text, declared)
    except ExpressionError:
        return set(re.findall(r"[A-Za-z_]\w*", text))
    return {name.text for name in names_in(promise.tree)}


def names_of_block(block: Block) -> frozenset[str]:
    """Every name that a block mentions, in its body and in the defaults of its parameters."""
    return frozenset(names_of_bodies([block.body]) | _defaults(block))


def names_of_bodies(bodies: Iterable[Body]) -> set[str]:
    """Every name that some bodies mention."""
    return set(_names(formula for item in items_of(bodies) for formula in _formulas(item)))


def _defaults(block: Block) -> set[str]:
    return set(_names(entry.default for entry in block.parameters if entry.default is not None))


def _formulas(item: Item) -> Iterator[Formula]:
    if isinstance(item, Line):
        yield from (entry.value for entry in item.arguments if isinstance(entry.value, Formula))
        yield from filter(None, (item.expects, item.promises))
    elif isinstance(item, Join):
        yield from filter(None, (item.split, item.promises))
    elif isinstance(item, Loop):
        yield from filter(None, (item.turns,))
        for _, values, _ in item.variables:
            yield from values
    elif isinstance(item, When):
        yield item.condition
    elif isinstance(item, Let):
        yield from (value for _, value, _ in item.bindings)


def _names(formulas: Iterable[Formula]) -> Iterator[str]:
    """The names in some formulas, in both readings where one holds an x."""
    for formula in formulas:
        for name in names_in(formula.tree):
            yield name.text
            yield from (part.text for part in name.parts if isinstance(part, Name))
