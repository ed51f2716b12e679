"""The architecture as diagrams: the whole with its blocks folded, and each form of block once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.report.diagram.building import diagram_of, overview_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
    from rfcalc.report.diagram.diagram import Diagram
    from rfcalc.report.page.blocks import BlockTree
    from rfcalc.report.words import Language

# More boxes than these nobody sees at once; more blocks nobody opens, and each of them takes kilobytes.
_MOST_BOXES, _MOST_BLOCKS = 250, 24


class BlockDiagram(NamedTuple):
    """A block, and those that look the same.

    name: of the block that is drawn.  label: what its block is called.  blocks: all that it stands for, it
    first.  alike: whether these have the same sizes.
    """

    name: str
    label: str
    blocks: tuple[str, ...]
    alike: bool
    diagram: Diagram


class PageGraph(NamedTuple):
    """The diagrams of a network.

    overview: None where too many boxes would be seen at once, so many as `boxes`.
    left_out: how many forms of blocks are not drawn.
    """

    overview: Diagram | None
    boxes: int
    blocks: tuple[BlockDiagram, ...]
    left_out: int


def page_graph(
    analysis: NetworkAnalysis, tree: BlockTree, kinds: Sequence[int], language: Language
) -> PageGraph:
    """The diagrams of a network; kinds: of each layer the number of its kind."""
    first = len(analysis.graph.inputs)
    scopes = [part for _, part in tree.walk() if part.entry.scope is not None and part.entry.scope.is_call]
    groups = _grouped(scopes, lambda layer: kinds[layer.place - first])
    alike = len(groups) <= _MOST_BLOCKS
    if not alike:
        groups = _grouped(scopes, lambda layer: layer.op)
    blocks = []
    for group in groups[:_MOST_BLOCKS]:
        name, scope = group[0].entry.name, group[0].entry.scope
        diagram = diagram_of(analysis, name, language=language)
        if len(diagram.boxes) <= _MOST_BOXES:
            names = tuple(part.entry.name for part in group)
            blocks.append(BlockDiagram(name, scope.label if scope else "", names, alike, diagram))
    overview = overview_of(analysis, language=language)
    boxes = len(overview.boxes)
    shown = overview if boxes <= _MOST_BOXES else None
    return PageGraph(shown, boxes, tuple(blocks), len(groups) - len(blocks))


def _grouped(
    scopes: Sequence[BlockTree], of_layer: Callable[[LayerAnalysis], object]
) -> list[list[BlockTree]]:
    """Blocks whose layers are the same, read each other in the same way and are called the same."""
    groups: dict[object, list[BlockTree]] = {}
    for part in scopes:
        layers = part.entry.layers
        inside = {layer.place: number for number, layer in enumerate(layers)}
        form = (
            part.entry.scope.label if part.entry.scope else "",
            *((of_layer(layer), *map(inside.get, layer.node.inputs)) for layer in layers),
        )
        groups.setdefault(form, []).append(part)
    return [*groups.values()]
