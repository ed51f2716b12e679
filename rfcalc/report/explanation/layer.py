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
    inside = [index for index, node in _layers(graph) if node.name.startswith(f"{text}.")]
    if text in graph.scopes and inside:
        return AskedLayer(inside[-1], "scope", text)
    if is_glob(text):
        return AskedLayer(_matched(graph, text), "glob", text)
    known = [*(node.name for _, node in _layers(graph)), *graph.scopes]
    hint = nearest(text, known, within=True) or _first_of(known)
    raise UsageError(f"no layer of {graph.name} is called {quoted(text)}; {hint}")


def _layers(graph: Graph) -> list[tuple[int, Node]]:
    return [(index, node) for index, node in enumerate(graph.nodes) if index not in graph.inputs]


def _matched(graph: Graph, pattern: str) -> int:
    """The node of the one layer a glob matches."""
    fits = name_glob(pattern)
    found = [(index, node.name) for index, node in _layers(graph) if fits(node.name)]
    if len(found) == 1:
        return found[0][0]
    if not found:
        known = [node.name for _, node in _layers(graph)]
        hint = deeper_hint(pattern, known) or nearest(pattern, known) or _first_of(known)
        raise UsageError(f"no layer of {graph.name} matches {quoted(pattern)}; {hint}")
    names = ", ".join(name for _, name in found[:_MOST_NAMES])
    rest = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    raise UsageError(
        f"{quoted(pattern)} matches {len(found)} layers, {names}{rest}; one is explained at a time"
    )


def _first_of(known: list[str]) -> str:
    return f"the layers are {', '.join(known[:_MOST_NAMES])}, …; `--columns name` lists them"


def line_of(node: Node) -> str:
    """The line that made a layer, as it is written."""
    position = node.position
    return position.source.line(position.line)[position.column - 1 : position.end - 1].strip()
