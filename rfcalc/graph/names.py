"""The names of layers: given, looked up from where a line stands, suggested when wrong."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.errors import Position, Related, nearest, quoted
from rfcalc.graph.effort import Effort
from rfcalc.graph.findings import Fail
from rfcalc.graph.scope import MOST_CANDIDATES, POISON, Scope
from rfcalc.spec.syntax import Body, Join, Line, Loop, Network, Reference, When
from rfcalc.wildcards import is_glob, name_glob


class LayerNames:
    """Every name given so far, by its full path, with the node it means."""

    def __init__(self, network: Network, fail: Fail, effort: Effort) -> None:
        self.network = network
        self.fail = fail
        self.effort = effort
        self.nodes: dict[str, int] = {}
        self.places: dict[str, Position] = {}
        self._given: dict[str, list[_Given]] = {}
        self._missed: set[Position] = set()
        self.poisoned = False

    def give(self, path: str, node: int, place: Position) -> None:
        """Let a path mean a node; a path that already means one is a mistake."""
        self.effort.charge("characters of names", len(path))
        if self.nodes.get(path, POISON) != POISON:
            first = Related(f"{quoted(path)} is first given here", self.places[path])
            self.fail(
                f"{quoted(path)} is already the name of a layer",
                place,
                "choose another name",
                (first,),
            )
            return
        self.nodes[path] = node
        self.places[path] = place
        self.poisoned = self.poisoned or node == POISON

    def find(self, reference: Reference, scope: Scope) -> int | None:
        """The node a reference means here; None, the mistake noted, when it means none."""
        for prefix in _prefixes(scope):
            node = self.nodes.get(prefix + reference.text)
            if node is not None:
                return node
        if self._within_poison(reference, scope):
            return POISON
        self.missing(reference, scope)
        return None

    def find_all(self, reference: Reference, scope: Scope) -> list[int]:
        """The nodes a reference means, in the order they were named: several for a glob.

        Empty, the mistake noted, when it means none.
        """
        if not is_glob(reference.text):
            node = self.find(reference, scope)
            return [] if node is None else [node]
        fits = name_glob(reference.text)
        for prefix in _prefixes(scope):
            self.effort.charge("names compared with a pattern", len(self.nodes))
            found = [
                node
                for path, node in self.nodes.items()
                if path.startswith(prefix) and fits(path[len(prefix) :])
            ]
            if found:
                return list(dict.fromkeys(found))
        if self._within_poison(reference, scope):
            return [POISON]
        self.missing(reference, scope)
        return []

    def _within_poison(self, reference: Reference, scope: Scope) -> bool:
        """Whether a reference goes into a call or repeat that could not be built, which has been noted."""
        if not self.poisoned:
            return False
        parts, prefixes = reference.text.split("."), list(_prefixes(scope))
        self.effort.charge("characters of names", len(prefixes) * (len(parts) - 1) * len(reference.text))
        return any(
            self.nodes.get(prefix + ".".join(parts[:count])) == POISON
            for prefix in prefixes
            for count in range(1, len(parts))
        )

    def missing(self, reference: Reference, scope: Scope) -> None:
        """Note that a reference means nothing, with the reason where one can be found."""
        if reference.position in self._missed:
            # A line in a repeat is looked at once; looking through all names in each turn would take hours.
            return
        self._missed.add(reference.position)
        text, place = reference.text, reference.position
        prefixes = list(_prefixes(scope))
        # They are kept, which takes more than comparing them.
        self.effort.charge("names compared with a pattern", 2 * len(prefixes) * len(self.nodes))
        visible = [
            path[len(prefix) :] for prefix in prefixes for path in self.nodes if path.startswith(prefix)
        ]
        deeper = next((name for name in reversed(visible) if name.endswith("." + text)), "")
        given = () if deeper else self._in_description(text.rpartition(".")[2])
        for condition, where in given:
            if condition:
                note = Related("it is named here", where)
                message = f"{quoted(text)} is only there when {condition}, which does not hold here"
                self.fail(message, place, "", (note,))
                return
        hint = f"did you mean {deeper!r}?" if deeper else nearest(text, visible[-MOST_CANDIDATES:])
        later = [Related("it is named here, after this line", where) for _, where in given if where > place]
        if text in self.nodes:
            later = []
            hint = "a block sees the layers within it and `input`, not those around its call"
        elif not hint and 0 < len(visible) <= 12:
            hint = f"named so far: {', '.join(visible)}"
        self.fail(f"no layer before this line is called {quoted(text)}", place, hint, tuple(later[:1]))

    def _in_description(self, name: str) -> list[_Given]:
        """Where the description gives a name, and under which conditions."""
        if not self._given:
            for given_name, condition, place in _given_names(self.network):
                self._given.setdefault(given_name, []).append((condition, place))
        return sorted(self._given.get(name, []), key=lambda given: given[1])


def explicit_names(body: Body) -> Iterator[str]:
    """The names a body itself gives with `as`, those in branches and conditions included."""
    for item in body:
        if isinstance(item, Line | Loop | Join) and item.name:
            yield item.name
        if isinstance(item, Join):
            for branch in item.branches:
                yield from explicit_names(branch)
        elif isinstance(item, When):
            yield from explicit_names(item.then)
            yield from explicit_names(item.otherwise)


def _prefixes(scope: Scope) -> Iterator[str]:
    """The paths under which a name is looked for: the scope's own, then those around a turn."""
    around: Scope | None = scope
    while around is not None:
        yield around.path
        around = around.enclosing


# Where a name is given: the condition it depends on ("" for none), and the place.
_Given = tuple[str, Position]


def _given_names(network: Network) -> Iterator[tuple[str, str, Position]]:
    """Every name the description gives with `as`, with the innermost condition it depends on, and where."""
    bodies = [network.layers, *(block.body for block in network.blocks)]
    pending = [(item, "") for body in bodies for item in body]
    while pending:
        item, condition = pending.pop()
        if isinstance(item, Line | Loop | Join) and item.name:
            yield item.name, condition, item.position
        if isinstance(item, Join):
            pending += [(inner, condition) for branch in item.branches for inner in branch]
        elif isinstance(item, Loop):
            pending += [(inner, condition) for inner in item.body]
        elif isinstance(item, When):
            written = item.condition.scalar.text.strip()
            pending += [(inner, written) for inner in item.then]
            pending += [(inner, f"not ({written})") for inner in item.otherwise]
