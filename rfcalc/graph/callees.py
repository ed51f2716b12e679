"""What lines call: operators and blocks, those of lines that are never built included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from rfcalc.errors import nearest, quoted
from rfcalc.graph.arguments import ArgumentReader
from rfcalc.graph.findings import Poisoned
from rfcalc.graph.scope import MOST_CANDIDATES
from rfcalc.ops.registry import MODULE_OF, find_operator, suggest_operator
from rfcalc.spec.syntax import Block, Body, Join, Line, Loop, Network, When


class Callees:
    """The blocks and the operators of one network.

    built: the bodies that have been built, by their identity; the syntax tree keeps them all.
    """

    def __init__(self, network: Network, arguments: ArgumentReader) -> None:
        self.network = network
        self.arguments = arguments
        self.blocks = {block.name: block for block in network.blocks}
        self.built: set[int] = set()

    def find(self, item: Line) -> Block | None:
        """The block that a line calls, None for an operator; for neither raises Poisoned, which is noted."""
        block = self.blocks.get(item.op)
        if block is None and item.op not in MODULE_OF:
            hint = nearest(item.op, list(self.blocks)[:MOST_CANDIDATES]) or suggest_operator(item.op)
            message = f"no operator or block is called {quoted(item.op)}"
            raise self.arguments.fail(message, item.op_position, hint)
        return block

    def look_through_unbuilt(self) -> None:
        """Note which lines that were never built name an operator, an attribute or a parameter that is none.

        They are in a repeat of 0 turns, under a condition that never holds, in a block without a call: their
        values are not known, but what they name is.
        """
        bodies = (self.network.layers, *(block.body for block in self.network.blocks))
        for item in (line for body in bodies for line in self._unbuilt(body)):
            with suppress(Poisoned):
                block = self.find(item)
                if block is None:
                    self.arguments.named(item, find_operator(item.op))
                else:
                    self.arguments.fits(item, block)

    def _unbuilt(self, body: Body) -> Iterator[Line]:
        parts: tuple[Body, ...]
        for item in body:
            parts = ()
            if isinstance(item, Line):
                # One without an operator could not be read, which has been noted.
                if item.op and id(body) not in self.built:
                    yield item
            elif isinstance(item, When):
                parts = item.then, item.otherwise
            elif isinstance(item, Loop):
                parts = (item.body,)
            elif isinstance(item, Join):
                parts = item.branches
            for part in parts:
                yield from self._unbuilt(part)
