"""The diagram of an analysed network, or of one of its blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, nearest, option, quoted, spoken
from rfcalc.ops.registry import find_operator
from rfcalc.report.diagram.diagram import Diagram, DiagramBox, DrawingStyle
from rfcalc.report.diagram.main_way import is_chain, main_way
from rfcalc.report.diagram.parts import DiagramPart, parts_of
from rfcalc.report.diagram.readings import positions_read
from rfcalc.report.diagram.shortcuts import connected, is_join
from rfcalc.report.diagram.texts import layer_lines, layer_text, sign_of
from rfcalc.report.diagram.words import say
from rfcalc.symbolic.polynomial import sum_of
from rfcalc.units import format_si

if TYPE_CHECKING:
    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
    from rfcalc.graph.ir import Graph
    from rfcalc.report.words import Language
    from rfcalc.shapes import Size

# What is drawn layer by layer where nobody says how much is folded.
_MOST_BOXES = 100
# As many volumes can be told apart in one row.
_MOST_VOLUMES = 32


def diagram_of(
    analysis: NetworkAnalysis, scope: str = "", *, depth: int | None = None, language: Language = "en"
) -> Diagram:
    """The boxes and edges of a network, or of one of its scopes.

    depth: scopes so many levels below are one box each, and equal ones in a row are one together; None shows
    every layer.  Raises UsageError for a scope without layers.
    """
    graph = analysis.graph
    parts = parts_of(graph, scope, depth)
    if not parts:
        raise UsageError(f"there is nothing to draw: {quoted(scope or analysis.name)} has no layers")
    boxes, edges = connected(graph, parts, detailed=bool(scope))
    made = tuple(_box(analysis, box, language) for box in boxes)
    layers = [analysis.layer_at(index) for part in parts for index in part.layers]
    name = _name_of(graph, scope) if scope else analysis.name
    place = (say("of network", language, name=scope, network=analysis.name),) if scope else ()
    return Diagram(
        name,
        (*place, *_figures(layers, language)),
        say("about", language, boxes=len(made), name=name),
        made,
        tuple(edges),
        bool(scope),
        language,
    )


def overview_of(analysis: NetworkAnalysis, scope: str = "", *, language: Language = "en") -> Diagram:
    """The diagram with the most detail that is still seen at once: every layer, or the deepest that folds."""
    deepest = max((path.count(".") + 1 for path in analysis.graph.scopes), default=0)
    # From the outside in, as a network of thousands of layers is not laid out to be thrown away.
    first, *deeper = (*range(1, deepest + 1), None)
    found = diagram_of(analysis, scope, depth=first, language=language)
    for depth in deeper:
        more = diagram_of(analysis, scope, depth=depth, language=language)
        if len(more.boxes) > _MOST_BOXES:
            break
        found = more
    return found


def chain_of(analysis: NetworkAnalysis, scope: str = "", *, language: Language = "en") -> Diagram:
    """The diagram to be drawn one box behind the other: the deepest that is a chain of few, else of few."""
    deepest = max((path.count(".") + 1 for path in analysis.graph.scopes), default=0)
    found: Diagram | None = None
    in_chain = False
    for depth in (*range(1, deepest + 1), None):
        diagram = diagram_of(analysis, scope, depth=depth, language=language)
        way = main_way(diagram)
        if found is not None and len(way) > _MOST_VOLUMES:
            break
        if found is None or not in_chain or is_chain(diagram, way):
            found, in_chain = diagram, is_chain(diagram, way)
    assert found is not None
    return found


def chosen_diagram(
    analysis: NetworkAnalysis,
    depth: int | None,
    every: bool,
    block: str | None,
    language: Language,
    style: DrawingStyle = "boxes",
) -> Diagram:
    """The diagram that is asked for: folded so deep, or every layer, or what is seen at once in this style.

    block: the inside of a part, see `find_scope`.  Raises UsageError for both of depth and every.
    """
    if every and depth is not None:
        raise UsageError(
            f"{spoken('--all', 'every')} shows every layer and {option('depth')} folds: leave out one"
        )
    scope = find_scope(analysis.graph, block) if block is not None else ""
    if every or depth is not None:
        return diagram_of(analysis, scope, depth=depth, language=language)
    unasked = overview_of if style == "boxes" else chain_of
    return unasked(analysis, scope, language=language)


def find_scope(graph: Graph, name: str) -> str:
    """The path of a scope, or of the first call of a block, by its name; raises UsageError for no such."""
    if name in graph.scopes:
        return name
    order: dict[str, None] = {}
    for node in graph.layers:
        order.update(dict.fromkeys(graph.scopes_around(node.name)))
    calls = [path for path in order if graph.scopes[path].is_call]
    found = next((path for path in calls if graph.scopes[path].label == name), None)
    if found is None:
        known = dict.fromkeys([*(graph.scopes[path].label for path in calls), *order])
        hint = nearest(name, known) or (f"there is {next(iter(known))}" if known else "it has no blocks")
        raise UsageError(f"{quoted(graph.name)} has no block or part {quoted(name)}; {hint}")
    return found


def _box(analysis: NetworkAnalysis, part: DiagramPart, language: Language) -> DiagramBox:
    graph = analysis.graph
    if part.times == 0:
        # What is read from outside.
        node = graph.nodes[part.head]
        return DiagramBox(
            name=node.name,
            kind="input",
            text=node.name,
            output=node.facts.output,
            params=None,
            macs=None,
            lines=(node.name,),
        )
    layers = [analysis.layer_at(index) for index in part.layers]
    params, macs = _sum(layer.params for layer in layers), _sum(layer.macs for layer in layers)
    if part.head < 0:
        name = _name_of(graph, part.scope)
        return DiagramBox(
            name=part.scope,
            kind="block",
            text=name,
            output=graph.nodes[part.layers[-1]].facts.output,
            params=params,
            macs=macs,
            times=part.times,
            shortcut=any(is_join(graph.nodes[index]) and _meet_again(graph, index) for index in part.layers),
            lines=(f"{name} × {part.times}" if part.times > 1 else name,),
        )
    node = graph.nodes[part.head]
    join = is_join(node)
    others = [(index, graph.nodes[index].op) for index in part.layers if index != part.head]
    return DiagramBox(
        name=node.name,
        kind="join" if join else "layer",
        text=sign_of(node) if join else layer_text(node),
        output=graph.nodes[part.layers[-1]].facts.output,
        params=params,
        macs=macs,
        joined=tuple(op for index, op in others if not _is_silent(graph, index)),
        before=sum(index < part.head and not _is_silent(graph, index) for index, _ in others),
        reads=positions_read(node),
        lines=(sign_of(node),) if join else layer_lines(node, language),
    )


def _is_silent(graph: Graph, index: int) -> bool:
    return "unchanged" in find_operator(graph.nodes[index].op).traits


def _meet_again(graph: Graph, index: int) -> bool:
    """Whether one operand of a join has an edge that passes by a layer: what is read was read before."""
    inputs = graph.nodes[index].inputs
    return len(inputs) > 1 and min(inputs) < index - 2


def _name_of(graph: Graph, path: str) -> str:
    """What a folded scope is called: its block, that of its turns, or its own name."""
    group, first = graph.scopes[path], graph.scopes.get(f"{path}.0")
    if group.is_call:
        return group.label
    own = ".".join(path.split(".")[-2:]) if group.kind == "turn" else path.rpartition(".")[2]
    return (first.label if group.kind == "repeat" and first is not None else "") or own


def _sum(values: Iterable[Size | None]) -> Size | None:
    found: list[Size] = []
    for value in values:
        if value is None:
            return None
        found.append(value)
    return sum_of(found)


def _figures(layers: Sequence[LayerAnalysis], language: Language) -> tuple[str, str]:
    params, macs = _sum(layer.params for layer in layers), _sum(layer.macs for layer in layers)
    return say("of params", language, count=amount(params)), say("of macs", language, count=amount(macs))


def amount(value: Size | None) -> str:
    """A count with a unit; ? where it is not known."""
    return "?" if value is None else format_si(value)
