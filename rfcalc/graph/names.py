"""The names of layers: given, looked up from where a line stands, suggested when wrong."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.errors import Position, Related, nearest, quoted
from rfcalc.graph.findings import Fail
from rfcalc.graph.scope import Scope
from rfcalc.spec.syntax import Body, Join, Line, Loop, Network, Reference, When


class LayerNames:
    """Every name given so far, by its full path, with the node it means."""

    def __init__(self, network: Network, fail: Fail) -> None:
        self.network = network
        self.fail = fail
        self.nodes: dict[str, int] = {}
        self.places: dict[str, Position] = {}

    def give(self, path: str, node: int, place: Position) -> None:
        """Let a path mean a node; a path that already means one is a mistake."""
        if path in self.nodes:
            first = Related(f"{quoted(path)} is first given here", self.places[path])
            self.fail(
                f"{quoted(path)} is already the name of a layer",
                place,
                "give the repeat around it a name (`as: stage`), or choose another name",
                (first,),
            )
            return
        self.nodes[path] = node
        self.places[path] = place

    def find(self, reference: Reference, scope: Scope) -> int | None:
        """The node a reference means here; None, the mistake noted, when it means none."""
        for prefix in _prefixes(scope):
            node = self.nodes.get(prefix + reference.text)
            if node is not None:
                return node
        self.missing(reference, scope)
        return None

    def find_all(self, reference: Reference, scope: Scope) -> list[int]:
        """The nodes a reference means, in the order they were named: several for a glob.

        Empty, the mistake noted, when it means none.
        """
        if not any(mark in reference.text for mark in "*?"):
            node = self.find(reference, scope)
            return [] if node is None else [node]
        import re
        from fnmatch import translate

        # A star stands for one part of a path, as it does in file names.
        pattern = re.compile(translate(reference.text).replace(".*", "[^.]*").replace("(?s:.", "(?s:[^.]"))
        for prefix in _prefixes(scope):
            found = [
                node
                for path, node in self.nodes.items()
                if path.startswith(prefix) and pattern.fullmatch(path[len(prefix) :])
            ]
            if found:
                return list(dict.fromkeys(found))
        self.missing(reference, scope)
        return []

    def missing(self, reference: Reference, scope: Scope) -> None:
        """Note that a reference means nothing, with the reason where one can be found."""
        hidden = _hidden(self.network, reference.text.rpartition(".")[2])
        if hidden is not None:
            condition, place = hidden
            note = Related("it is named here", place)
            message = f"{quoted(reference.text)} is only there when {condition}, which does not hold here"
            self.fail(message, reference.position, "", (note,))
            return
        visible = [
            path[len(prefix) :]
            for prefix in _prefixes(scope)
            for path in self.nodes
            if path.startswith(prefix)
        ]
        hint = nearest(reference.text, visible[-2000:])
        if not hint and reference.text in self.nodes:
            hint = "a block sees the layers within it and `input`, not those around its call"
        self.fail(
            f"no layer before this line is called {quoted(reference.text)}", reference.position, hint, ()
        )


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


def _hidden(network: Network, name: str) -> tuple[str, Position] | None:
    """The condition that a name depends on, and where the name is given; None when no `when` holds it."""
    bodies = [network.layers, *(block.body for block in network.blocks)]
    pending = [(item, "") for body in bodies for item in body]
    while pending:
        item, condition = pending.pop()
        if isinstance(item, Line | Loop | Join) and item.name == name and condition:
            return condition, item.position
        if isinstance(item, Join):
            pending += [(inner, condition) for branch in item.branches for inner in branch]
        elif isinstance(item, Loop):
            pending += [(inner, condition) for inner in item.body]
        elif isinstance(item, When):
            written = item.condition.scalar.text.strip()
            pending += [(inner, written) for inner in item.then]
            pending += [(inner, f"not ({written})") for inner in item.otherwise]
    return None
