"""The tree of a network's blocks, in the order in which their first layers are executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.report.network_table.entries import RowEntry, layer_entry, summed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis


class BlockTree(NamedTuple):
    """A block with what it is made of, or a layer, which has no parts.

    entry: what a row of a table says of it; that of the whole network is called "".
    """

    entry: RowEntry
    parts: tuple[BlockTree, ...] = ()

    def walk(self, level: int = 0) -> Iterator[tuple[int, BlockTree]]:
        """It and all below it, each block before its parts, with how deep it stands."""
        # Without recursion: names may have any number of parts.
        waiting = [(level, self)]
        while waiting:
            at, tree = waiting.pop()
            yield at, tree
            waiting += [(at + 1, part) for part in reversed(tree.parts)]


class _Opened:
    """A block whose parts are still being collected."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[_Opened | LayerAnalysis] = []


def block_tree(analysis: NetworkAnalysis) -> BlockTree:
    """The tree of a network; layers of a block that others stand between are brought together."""
    graph = analysis.graph
    root = _Opened("")
    opened: dict[str, _Opened] = {}
    for layer in analysis.layers:
        around = root
        for scope in graph.scopes_around(layer.name):
            if scope not in opened:
                opened[scope] = _Opened(scope)
                around.parts.append(opened[scope])
            around = opened[scope]
        around.parts.append(layer)
    closed: dict[str, BlockTree] = {}
    # Inner blocks are opened after those around them.
    for block in [root, *opened.values()][::-1]:
        parts = tuple(
            closed[part.name] if isinstance(part, _Opened) else BlockTree(layer_entry(part))
            for part in block.parts
        )
        entry = summed(block.name, (part.entry for part in parts), graph.scopes.get(block.name))
        # What repeats a single block knows that block's name.
        first = graph.scopes.get(f"{block.name}.0")
        if entry.scope is not None and entry.scope.kind == "repeat" and first is not None:
            entry = entry._replace(turns=first.label)
        closed[block.name] = BlockTree(entry, parts)
    return closed[""]
