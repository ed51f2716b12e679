"""How much a description expands to at least: known before anything is built, as it may be far too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rfcalc.ops.registry import MODULE_OF
from rfcalc.spec.syntax import Block, Body, Item, Join, Line, Loop, When
from rfcalc.spec.trees import Number


class Extent(NamedTuple):
    """At least so many layers, and so many items carried out."""

    layers: int
    items: int


# Far past every limit; longer numbers say no more and take time.
_MOST = 10**12
_DEEPEST = 64


class Expansion:
    """The least extent of items, whatever conditions and counts decide; each block is worked out once."""

    def __init__(self, blocks: Mapping[str, Block]) -> None:
        self.blocks = blocks
        # A block being worked out counts as nothing, so that one which calls itself has an extent too.
        self._known: dict[str, Extent] = {}
        self._depth = 0

    def within(self, items: Body, most: Extent) -> int:
        """The index of the first item with which a limit is passed, whatever conditions decide.

        The number of items when none passes it.
        """
        layers = carried_out = 0
        for index, item in enumerate(items):
            extent = self.of(item)
            layers, carried_out = layers + extent.layers, carried_out + extent.items
            if layers > most.layers or carried_out > most.items:
                return index
        return len(items)

    def of(self, item: Item) -> Extent:
        """The least extent of one item."""
        if isinstance(item, Line):
            if item.op not in self.blocks:
                return Extent(int(item.op in MODULE_OF), 1)
            inner = self._of_block(item.op)
            return Extent(inner.layers, 1 + inner.items)
        if isinstance(item, Join):
            parts = [self._of_body(branch) for branch in item.branches]
            return Extent(1 + sum(part.layers for part in parts), 1 + sum(part.items for part in parts))
        if isinstance(item, Loop):
            inner = self._of_body(item.body)
            turns = _turns(item)
            return Extent(min(turns * inner.layers, _MOST), min(1 + turns * (1 + inner.items), _MOST))
        if isinstance(item, When):
            branches = self._of_body(item.then), self._of_body(item.otherwise)
            return Extent(min(b.layers for b in branches), 1 + min(b.items for b in branches))
        return Extent(0, 1)

    def _of_body(self, body: Body) -> Extent:
        if self._depth >= _DEEPEST:
            # Building refuses what nests so deeply.
            return Extent(0, 0)
        self._depth += 1
        extents = [self.of(item) for item in body]
        self._depth -= 1
        return Extent(
            min(sum(extent.layers for extent in extents), _MOST),
            min(sum(extent.items for extent in extents), _MOST),
        )

    def _of_block(self, name: str) -> Extent:
        if name not in self._known:
            self._known[name] = Extent(0, 0)
            self._known[name] = self._of_body(self.blocks[name].body)
        return self._known[name]


def _turns(item: Loop) -> int:
    """How often a loop turns at least: as often as it says, where it says so with a number."""
    if item.turns is None:
        return len(item.variables[0][1])
    number = item.turns.tree.value if isinstance(item.turns.tree, Number) else 0
    return max(number, 0) if isinstance(number, int) else 0
