"""Which layer is meant by a name, a glob, a scope, or by nothing at all; and what its line says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, nearest, quoted
from rfcalc.records import NamedTuple
from rfcalc.wildcards import deeper_hint, is_glob, name_glob

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph, Node

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
            raise UsageError(f"{quoted(text)} matches {matched}; one is explained at a time")
        hint, called = deeper_hint(text, known), "matches"
    hint = hint or nearest(text, known, within=not is_glob(text))
    hint = hint or f"the layers are {', '.join(known[:_MOST_NAMES])}, …; `--columns name` lists them"
    raise UsageError(f"no layer of {graph.name} {called} {quoted(text)}; {hint}")


def line_of(node: Node) -> str:
    """The line that made a layer, as it is written."""
    position = node.position
    return position.source.line(position.line)[position.column - 1 : position.end - 1].strip()
