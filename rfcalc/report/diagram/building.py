"""The diagram of an analysed network, or of one of its blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, nearest, option, quoted, spoken
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple
from rfcalc.report.diagram.diagram import Diagram, DiagramBox, DrawingStyle
from rfcalc.report.diagram.main_way import is_chain, main_way
from rfcalc.report.diagram.parts import DiagramPart, parts_of
from rfcalc.report.diagram.readings import positions_read
from rfcalc.report.diagram.shortcuts import connected, in_order, is_join
from rfcalc.report.diagram.stretches import stretch, stretches_of
from rfcalc.report.diagram.texts import layer_lines, layer_text, sign_of, states_channels
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


class Overview(NamedTuple):
    """What is seen at once: a diagram, and by its name what is within each box that is a stretch."""

    diagram: Diagram
    stretches: Mapping[str, tuple[DiagramPart, ...]]


def diagram_of(
    analysis: NetworkAnalysis, scope: str = "", *, depth: int | None = None, language: Language = "en"
) -> Diagram:
    """The boxes and edges of a network, or of one of its scopes.

    depth: scopes so many levels below are one box each, and equal ones in a row are one together; None shows
    every layer.  Raises UsageError for a scope without layers.
    """
    return _drawn(analysis, scope, parts_of(analysis.graph, scope, depth), language)


def overview_of(analysis: NetworkAnalysis, scope: str = "", *, language: Language = "en") -> Diagram:
    """The diagram with the most detail that is still seen at once: see `network_overview`."""
    return network_overview(analysis, scope, language=language).diagram


def network_overview(analysis: NetworkAnalysis, scope: str = "", *, language: Language = "en") -> Overview:
    """The diagram with the most detail that is still seen at once.

    That is every layer, or the deepest that folds; where even the first has too many boxes, stretches.
    """
    graph = analysis.graph
    deepest = max((path.count(".") + 1 for path in graph.scopes), default=0)
    # From the outside in, as a network of thousands of layers is not laid out to be thrown away.
    first, *deeper = (*range(1, deepest + 1), None)
    found = parts_of(graph, scope, first)
    if (count := _box_count(graph, found, scope)) > _MOST_BOXES:
        parts = in_order(found)
        runs = stretches_of(graph, parts, max(2, _MOST_BOXES - max(0, count - len(parts))))
        inside = {graph.nodes[stretch(run).layers[0]].name: run for run in runs if len(run) > 1}
        return Overview(_drawn(analysis, scope, tuple(map(stretch, runs)), language), inside)
    for depth in deeper:
        more = parts_of(graph, scope, depth)
        if _box_count(graph, more, scope) > _MOST_BOXES:
            break
        found = more
    return Overview(_drawn(analysis, scope, found, language), {})


def stretch_diagram(analysis: NetworkAnalysis, parts: Sequence[DiagramPart], language: Language) -> Diagram:
    """The inside of a stretch."""
    name = stretch_name(analysis.graph, stretch(parts))
    return _drawn(analysis, "", parts, language)._replace(name=name)


def _box_count(graph: Graph, parts: Sequence[DiagramPart], scope: str) -> int:
    return len(connected(graph, parts, detailed=bool(scope))[0])


def _drawn(
    analysis: NetworkAnalysis, scope: str, parts: Sequence[DiagramPart], language: Language
) -> Diagram:
    graph = analysis.graph
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
    if len(main_way(found)) > _MOST_VOLUMES:
        # Where nothing folds, stretches of one map size do.
        return overview_of(analysis, scope, language=language)
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
            outputs=(node.facts.output,),
            params=None,
            macs=None,
            lines=(node.name,),
        )
    layers = [analysis.layer_at(index) for index in part.layers]
    params, macs = total(layer.params for layer in layers), total(layer.macs for layer in layers)
    outputs = tuple(graph.nodes[index].facts.output for index in part.results)
    if part.head < 0:
        # What has no scope is a stretch of layers in a row.
        name = (
            _name_of(graph, part.scope)
            if part.scope
            else say("stretch", language, count=f"{len(part.layers):,}")
        )
        return DiagramBox(
            name=part.scope or graph.nodes[part.layers[0]].name,
            kind="block",
            text=name,
            outputs=outputs,
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
        outputs=outputs,
        params=params,
        macs=macs,
        joined=tuple(op for index, op in others if not _is_silent(graph, index)),
        before=sum(index < part.head and not _is_silent(graph, index) for index, _ in others),
        states_channels=not join and states_channels(node),
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
    *_, around, own = ("", *path.split("."))
    if own.isdecimal() and around:
        # A number says nothing without what it counts.
        own = f"{around}.{own}"
    return (first.label if group.kind == "repeat" and first is not None else "") or own


def stretch_name(graph: Graph, part: DiagramPart) -> str:
    """What a stretch is called: from which layer to which."""
    return f"{graph.nodes[part.layers[0]].name} … {graph.nodes[part.layers[-1]].name}"


def total(values: Iterable[Size | None]) -> Size | None:
    """The sum of counts; None where one of them is not known."""
    found: list[Size] = []
    for value in values:
        if value is None:
            return None
        found.append(value)
    return sum_of(found)


def _figures(layers: Sequence[LayerAnalysis], language: Language) -> tuple[str, str]:
    params, macs = total(layer.params for layer in layers), total(layer.macs for layer in layers)
    return say("of params", language, count=amount(params)), say("of macs", language, count=amount(macs))


def amount(value: Size | None) -> str:
    """A count with a unit; ? where it is not known."""
    return "?" if value is None else format_si(value)
