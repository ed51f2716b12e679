"""What lines call: operators and blocks, those of lines that are never built included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from rfcalc.errors import nearest, quoted
from rfcalc.graph.arguments import ArgumentReader
from rfcalc.graph.findings import Mistakes, Poisoned
from rfcalc.graph.scope import MOST_CANDIDATES, Scope
from rfcalc.ops.attributes import Word
from rfcalc.ops.operator import Operator
from rfcalc.ops.registry import MODULE_OF, find_operator, suggest_operator
from rfcalc.spec.syntax import Block, Body, Let, Line, Loop, Network, bodies_of
from rfcalc.spec.trees import within


class Callees:
    """The blocks and the operators of one network.

    built: the bodies that have been built, by their identity; the syntax tree keeps them all.
    """

    def __init__(self, network: Network, findings: Mistakes) -> None:
        self.network = network
        self.fail = findings.fail
        self.blocks = {block.name: block for block in network.blocks}
        self.built: set[int] = set()

    def is_known(self, op: str) -> bool:
        """Whether there is an operator or a block of this name."""
        return op in self.blocks or op in MODULE_OF

    def called(self, item: Line, scope: Scope) -> Line:
        """A line with what it calls: where its first word is a parameter, what that holds."""
        if self.is_known(item.op):
            return item
        held = scope.lookup(item.op)
        return item._replace(op=str(held)) if isinstance(held, Word) and self.is_known(held) else item

    def find(self, item: Line) -> Block | Operator:
        """What a line calls; raises Poisoned, which is noted, where that is neither block nor operator."""
        if item.op in self.blocks:
            return self.blocks[item.op]
        if item.op in MODULE_OF:
            return find_operator(item.op)
        hint = nearest(item.op, list(self.blocks)[:MOST_CANDIDATES]) or suggest_operator(item.op)
        raise self.fail(f"no operator or block is called {quoted(item.op)}", item.op_position, hint)

    def look_through_unbuilt(self, arguments: ArgumentReader) -> None:
        """Note which lines that were never built name an operator, an attribute or a parameter that is none.

        They are in a repeat of 0 turns, under a condition that never holds, in a block without a call: their
        values are not known, but what they name is, unless a value may be it.
        """
        bodies = (self.network.layers, *(block.body for block in self.network.blocks))
        lines = [line for body in bodies for line in self._unbuilt(body)]
        values = set(_values(self.network)) if lines else set()
        for item in lines:
            if item.op in values and not self.is_known(item.op):
                continue
            with suppress(Poisoned):
                found = self.find(item)
                if isinstance(found, Block):
                    arguments.fits(item, found)
                else:
                    arguments.named(item, found)

    def _unbuilt(self, body: Body) -> Iterator[Line]:
        for item in body:
            # One without an operator could not be read, which has been noted.
            if isinstance(item, Line) and item.op and id(body) not in self.built:
                yield item
            for part in bodies_of(item):
                yield from self._unbuilt(part)


def _values(network: Network) -> Iterator[str]:
    """The names that values have somewhere."""
    yield from (binding.name for binding in (*network.parameters, *network.symbols))
    yield from (parameter.name for block in network.blocks for parameter in block.parameters)
    yield from (name for let in within(network, Let) for name, _, _ in let.bindings)
    yield from (name for loop in within(network, Loop) for name, _, _ in loop.variables)
