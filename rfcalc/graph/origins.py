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


class _Frame(NamedTuple):
    """The names of one scope; closed: those of the scopes around it are not visible but the top level's."""

    names: BoundNames
    closed: bool


def given_for(graph: Graph, layer: str, written: Formula) -> tuple[WrittenFor, ...]:
    """What was written for the names in a formula of a layer's line, the line's own call first.

    Each name is followed through the arguments of calls, defaults and named values to where it is a number.
    A name that is a symbol or a word of the language leads nowhere.
    """
    frames = [*_frames(graph, layer)]
    found: dict[WrittenFor, None] = {}
    pending = [(name, 0) for name in _names(written)]
    for name, place in pending:
        at = _found_at(frames, name, place)
        if at is None or len(found) == _MOST_STEPS:
            continue
        bound = frames[at].names[name]
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


def _frames(graph: Graph, layer: str) -> Iterator[_Frame]:
    """The scopes that a layer stands in, the innermost first, the top level last."""
    for path in reversed([*graph.scopes_around(layer)]):
        group = graph.scopes[path]
        for number, names in enumerate(group.names):
            yield _Frame(names, closed=group.is_call and number == 0)
    for names in graph.names:
        yield _Frame(names, closed=False)


def _found_at(frames: list[_Frame], name: str, place: int) -> int | None:
    """The place of the frame in which a name has its value, seen from the one at `place`."""
    while place < len(frames):
        if name in frames[place].names:
            return place
        # A block sees the top level's parameters and symbols, which are the last frame.
        place = len(frames) - 1 if frames[place].closed and place < len(frames) - 1 else place + 1
    return None
