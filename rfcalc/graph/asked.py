"""Which layer is meant by a name, a glob or a scope, and the part of a network that some layers need."""

from __future__ import annotations

from collections.abc import Iterable

from rfcalc.errors import UsageError, nearest, quoted, spoken
from rfcalc.graph.ir import Graph
from rfcalc.records import NamedTuple
from rfcalc.wildcards import deeper_hint, is_glob, name_glob

# Of the layers that a glob matches this many are named.
_MOST_NAMES = 5


class AskedLayer(NamedTuple):
    """A layer that was asked for.

    node: its index.  how: "name", "glob", "scope" (it is the last layer of one), or "network" (it is
    the one whose field is the field of the network).  text: what was asked for.
    """

    node: int
    how: str
    text: str


def find_layer(graph: Graph, text: str) -> AskedLayer:
    """The layer of this name; the only one a glob matches; or the last one of the scope of this name.

    Raises UsageError, with the nearest name, when there is none, and for a glob that matches several.
    """
    for index, node in enumerate(graph.nodes):
        if node.name == text:
            if index in graph.inputs:
                raise UsageError(f"{text!r} is an input of the network: {node.facts.output}; name a layer")
            return AskedLayer(index, "name", text)
    layers = dict(enumerate((node.name for node in graph.layers), len(graph.inputs)))
    inside = [index for index, name in layers.items() if name.startswith(f"{text}.")]
    if text in graph.scopes and inside:
        return AskedLayer(inside[-1], "scope", text)
    known = [*layers.values()] if is_glob(text) else [*layers.values(), *graph.scopes]
    hint, called = "", "is called"
    if is_glob(text):
        found = list(filter(name_glob(text), known))
        if len(found) == 1:
            return AskedLayer(len(graph.inputs) + known.index(found[0]), "glob", text)
        if found:
            rest = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
            matched = f"{len(found)} layers, {', '.join(found[:_MOST_NAMES])}{rest}"
            raise UsageError(f"{quoted(text)} matches {matched}; one is meant")
        hint, called = deeper_hint(text, known), "matches"
    hint = hint or nearest(text, known, within=not is_glob(text))
    every = spoken("`--columns name` lists them", "`layers` has them")
    hint = hint or (
        f"the layers are {', '.join(known[:_MOST_NAMES])}, …; {every}"
        if len(known) > _MOST_NAMES
        else f"there is {', '.join(known)}"
    )
    raise UsageError(f"no layer of {graph.name} {called} {quoted(text)}; {hint}")


def part_for(graph: Graph, layers: Iterable[str]) -> Graph:
    """What some layers need of a network, and nothing else: they are its outputs.

    A layer whose parameters were another's has its own where that one is left out.  layers: as for
    `find_layer`, whose errors are raised.
    """
    ends = list(dict.fromkeys(find_layer(graph, layer).node for layer in layers))
    kept = sorted({index for end in ends for index in graph.ancestors(end)})
    place = {index: number for number, index in enumerate(kept)}
    nodes = []
    owners: dict[int, int] = {}
    for index in kept:
        node = graph.nodes[index]
        shared = node.shared
        if shared is not None:
            # The first that is left has the parameters, the others share its.
            owner = shared if shared in place else owners.setdefault(shared, index)
            shared = None if owner == index else place[owner]
        inputs = tuple([place[operand] for operand in node.inputs])
        shares = frozenset[str]() if shared is None else node.shares
        nodes.append(node._replace(inputs=inputs, shared=shared, shares=shares))
    names = {node.name for node in nodes}
    scopes = {scope for name in names for scope in graph.scopes_around(name)}
    places = {node.position for node in nodes}
    return graph._replace(
        nodes=tuple(nodes),
        inputs=tuple([place[index] for index in graph.inputs if index in place]),
        outputs=tuple([place[end] for end in ends]),
        output_names=tuple([graph.nodes[end].name for end in ends]),
        scopes={name: group for name, group in graph.scopes.items() if name in scopes},
        notes=tuple([note for note in graph.notes if not note.layer or note.layer in names]),
        warnings=tuple([each for each in graph.warnings if each.position is None or each.position in places]),
    )
