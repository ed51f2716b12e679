"""The architecture as diagrams: the whole with its blocks folded, and each form of block once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.ops.attributes import CountKind, Dimensions, LayerReference
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple
from rfcalc.report.diagram.box_texts import sizes_text
from rfcalc.report.diagram.building import amount, diagram_of, network_overview, stretch_diagram, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.graph.ir import Graph, Node
    from rfcalc.report.diagram.diagram import Diagram
    from rfcalc.report.page.blocks import BlockTree
    from rfcalc.report.words import Language

# More boxes than these nobody sees at once; more forms nobody opens, and each of them takes kilobytes.
_MOST_BOXES, _MOST_FORMS = 250, 24
# So many boxes are drawn of all stretches together, and so many sizes are told of one form.
_MOST_IN_STRETCHES, _MOST_SIZES = 300, 24


class BlockSizes(NamedTuple):
    """Blocks of one form and one size: what enters, what leaves, and the figures of each of them."""

    blocks: tuple[str, ...]
    entering: str
    leaving: str
    params: str
    macs: str


class BlockDiagram(NamedTuple):
    """A form of block: those that are the same but for their numbers of channels and the sizes of their maps.

    name: of the block that is drawn.  label: what its block is called.  blocks: all that it stands for, it
    first.  sizes: those that they have, that of the drawn one first; left_out: how many more there are.
    """

    name: str
    label: str
    blocks: tuple[str, ...]
    sizes: tuple[BlockSizes, ...]
    left_out: int
    diagram: Diagram


class PageGraph(NamedTuple):
    """The diagrams of a network: all of it, and what it folds.

    left_out: how many forms of blocks, or stretches of layers, are not drawn.
    """

    overview: Diagram
    blocks: tuple[BlockDiagram, ...]
    left_out: int


def page_graph(
    analysis: NetworkAnalysis, tree: BlockTree, kinds: Sequence[int], language: Language
) -> PageGraph:
    """The diagrams of a network; kinds: of each layer the number of its kind."""
    scopes = [part for _, part in tree.walk() if part.entry.scope is not None and part.entry.scope.is_call]
    forms: dict[object, list[BlockTree]] = {}
    for part in scopes:
        forms.setdefault(_form(part), []).append(part)
    last_read = _last_read(analysis.graph)
    blocks = []
    for group in [*forms.values()][:_MOST_FORMS]:
        name, scope = group[0].entry.name, group[0].entry.scope
        diagram = diagram_of(analysis, name, language=language)
        if len(diagram.boxes) <= _MOST_BOXES:
            names = tuple(part.entry.name for part in group)
            sizes = [*_sizes(analysis, group, kinds, last_read, language)]
            label = scope.label if scope else ""
            shown = tuple(sizes[:_MOST_SIZES])
            blocks.append(BlockDiagram(name, label, names, shown, len(sizes) - len(shown), diagram))
    overview = network_overview(analysis, language=language)
    room, folded = _MOST_IN_STRETCHES, 0
    for name, parts in overview.stretches.items():
        if len(parts) > min(room, _MOST_BOXES):
            folded += 1
            continue
        room -= len(parts)
        diagram = stretch_diagram(analysis, parts, language)
        blocks.append(BlockDiagram(name, diagram.name, (name,), (), 0, diagram))
    left_out = len(forms) + len(overview.stretches) - len(blocks)
    return PageGraph(overview.diagram, tuple(blocks), left_out)


def _form(part: BlockTree) -> tuple[object, ...]:
    """What blocks of one form have in common: their layers but for counts, and which of them these read."""
    inside = {layer.place: number for number, layer in enumerate(part.entry.layers)}
    return (
        part.entry.scope.label if part.entry.scope else "",
        *((*_layer_form(layer.node), *map(inside.get, layer.node.inputs)) for layer in part.entry.layers),
    )


def _layer_form(node: Node) -> tuple[object, ...]:
    """An operator with its attributes: of numbers of channels, groups and the like whether these are one.

    Sizes that are given as such, and the names of other layers, are no part of it.
    """
    kinds = {name: attribute.kind for name, attribute in find_operator(node.op).attributes.items()}
    return node.op, *(
        (name, value == 1 if isinstance(kinds[name], CountKind) else value)
        for name, value in node.arguments.items()
        if name not in node.arguments.decided and not isinstance(kinds[name], Dimensions | LayerReference)
    )


def _last_read(graph: Graph) -> dict[int, int]:
    """The last layer that reads each; behind all of them for an output."""
    found: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        found.update(dict.fromkeys(node.inputs, index))
    found.update(dict.fromkeys(graph.outputs, len(graph.nodes)))
    return found


def _sizes(
    analysis: NetworkAnalysis,
    blocks: Sequence[BlockTree],
    kinds: Sequence[int],
    last_read: dict[int, int],
    language: Language,
) -> Iterator[BlockSizes]:
    """The sizes that blocks of one form have, each once."""
    nodes, first = analysis.graph.nodes, len(analysis.graph.inputs)
    alike: dict[tuple[int, ...], list[BlockTree]] = {}
    for part in blocks:
        alike.setdefault(tuple(kinds[layer.place - first] for layer in part.entry.layers), []).append(part)
    for same in alike.values():
        layers = same[0].entry.layers
        inside = [layer.place for layer in layers]
        within, end = set(inside), max(inside)
        read = dict.fromkeys(
            operand for place in inside for operand in nodes[place].inputs if operand not in within
        )
        results = [place for place in inside if last_read.get(place, 0) > end] or inside[-1:]
        yield BlockSizes(
            tuple(part.entry.name for part in same),
            sizes_text([nodes[place].facts.output for place in read], language),
            sizes_text([nodes[place].facts.output for place in results], language),
            amount(total(layer.params for layer in layers)),
            amount(total(layer.macs for layer in layers)),
        )
