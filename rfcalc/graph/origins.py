"""Where a number in a layer's line comes from: through the calls of blocks to what was written for it."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.errors import Position
from rfcalc.graph.ir import Bound, BoundNames, Graph
from rfcalc.records import NamedTuple
from rfcalc.spec.syntax import Formula
from rfcalc.spec.trees import Name, within

# Of long chains, and of expressions of many names, so many steps are followed.
_MOST_STEPS = 8


class WrittenFor(NamedTuple):
    """What is written for a name: `d=512`, or what a counter stands at; and where."""

    text: str
    position: Position


def given_for(graph: Graph, layer: str, written: Formula) -> tuple[WrittenFor, ...]:
    """What was written for the names in a formula of a layer's line, the line's own call first.

    Each name is followed through the arguments of calls, defaults and named values to where it is a number.
    A name that is a symbol or a word of the language leads nowhere.
    """
    scopes = [*_names_around(graph, layer)]
    found: dict[WrittenFor, None] = {}
    pending = [(name, 0) for name in _names(written)]
    for name, place in pending:
        # Nothing takes a name of the top level, so that what stands between is never found in its place.
        at = next((at for at in range(place, len(scopes)) if name in scopes[at]), None)
        if at is None or len(found) == _MOST_STEPS:
            continue
        bound = scopes[at][name]
        found[_given(name, bound)] = None
        if isinstance(bound.written, Formula) and len(pending) < 2 * _MOST_STEPS:
            inner = at if bound.own else at + 1
            # A parameter may be set to a symbol of its own name.
            pending += [(other, inner) for other in _names(bound.written) if (other, inner) != (name, at)]
    return tuple(found)


def _given(name: str, bound: Bound) -> WrittenFor:
    value = bound.written if isinstance(bound.written, int) else bound.written.text.strip()
    return WrittenFor(f"{name}={value}", bound.position)


def _names(written: Formula) -> Iterator[str]:
    return (name.text for name in within(written.tree, Name))


def _names_around(graph: Graph, layer: str) -> Iterator[BoundNames]:
    """The names of the scopes that a layer stands in, the innermost first, those of the top level last."""
    for path in reversed([*graph.scopes_around(layer)]):
        yield from graph.scopes[path].names
    yield from graph.names
