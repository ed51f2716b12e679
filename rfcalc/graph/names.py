"""The names of layers: given, looked up from where a line stands, suggested when wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter

from rfcalc.errors import Position, Related, nearest, quoted
from rfcalc.graph.effort import BuildEffort
from rfcalc.graph.findings import Mistakes, Poisoned
from rfcalc.graph.ir import Group
from rfcalc.graph.scope import MOST_CANDIDATES, POISON, Scope, Tensors
from rfcalc.spec.syntax import Body, Item, Join, Let, Loop, NamedPart, Network, Reference, Split, When


class LayerNames:
    """Every name given so far, by its full path, with what it means.

    groups: the scopes among them.
    """

    def __init__(self, network: Network, findings: Mistakes, effort: BuildEffort) -> None:
        self.network = network
        self.fail = findings.fail
        self.effort = effort
        self.nodes: dict[str, Tensors] = {}
        self.places: dict[str, Position] = {}
        self.groups: dict[str, Group] = {}
        self._given: dict[str, list[tuple[str, Position]]] = {}
        self._missed: set[Position] = set()
        # By the identity of bodies, of which the syntax tree keeps each, however often it is built.
        self._explicit: dict[int, frozenset[str]] = {}
        self._dotted: dict[int, Mapping[int, tuple[str, ...]]] = {}
        self.poisoned = False

    def explicit(self, body: Body) -> frozenset[str]:
        """The names a body gives itself, which unnamed layers in it leave free."""
        found = self._explicit.get(id(body))
        if found is None:
            names = given_names(body, in_turns=False)
            found = self._explicit[id(body)] = frozenset(name.partition(".")[0] for name, _, _ in names)
        return found

    def dotted(self, body: Body) -> Mapping[int, tuple[str, ...]]:
        """The names of those items of a body, by their place, that have a name of several parts."""
        found = self._dotted.get(id(body))
        if found is None:
            named = enumerate(map(own_names, body))
            found = {place: names for place, names in named if any("." in name for name in names)}
            self._dotted[id(body)] = found
        return found

    def give(self, path: str, tensors: Tensors, place: Position) -> None:
        """Let a path mean a node, or several; a path that already means one is a mistake.

        Of several each can be named too, with its number: `path.0`.
        """
        self.effort.charge("characters of names", len(path) * len(tensors))
        if path in self.nodes and POISON not in self.nodes[path]:
            first = Related(f"{quoted(path)} is first given here", self.places[path])
            message = f"{quoted(path)} is already the name of a layer"
            self.fail(message, place, "choose another name", (first,))
            return
        self.nodes[path] = tensors
        self.places[path] = place
        if POISON in tensors:
            self.poisoned = True
        if len(tensors) > 1:
            for number, node in enumerate(tensors):
                # A turn of a repeat has its number already.
                self.nodes.setdefault(f"{path}.{number}", (node,))
                self.places.setdefault(f"{path}.{number}", place)

    def give_around(self, names: tuple[str, ...], within: str, left: Tensors, place: Position) -> None:
        """Let the scopes that are parts of an item's names mean what their last item leaves.

        within: the path, "" or ending in a dot, of the scope that the item stands in.  left: what it leaves.
        """
        for name in names:
            path = within + name
            # The parts of a split have names of their own.
            tensors = left if len(names) == 1 else self.nodes[path]
            end = path.find(".", len(within))
            while end >= 0:
                scope = path[:end]
                self.effort.charge("characters of names", end)
                if scope not in self.groups:
                    self.groups[scope] = Group(scope, "part", scope.rpartition(".")[2], place)
                    self.give(scope, tensors, place)
                self.nodes[scope] = tensors
                end = path.find(".", end + 1)

    def forget(self, item: Item, within: str) -> None:
        """Give the names of an item that cannot be built to nothing, so that no use of them is an error."""
        for name, _, _ in given_names((item,), in_turns=False):
            self.effort.charge("items")
            if within + name not in self.nodes:
                self.give(within + name, (POISON,), item.position)

    def find_all(self, reference: Reference, scope: Scope, missing: str = "") -> list[int]:
        """The nodes a reference means, in the order they were named: several for a glob.

        missing: what to say where it means none, for what stands behind all layers; else that no layer before
        its line has the name.  Raises Poisoned, the mistake noted, then.
        """
        text = reference.text
        first, _, number = text.partition(".")
        if first == "input" and "input" not in self.nodes:
            if not scope.entering:
                raise self.fail("there are several inputs; name one of them", reference.position)
            entering = dict(enumerate(scope.entering))
            if not number:
                return list(scope.entering)
            if number.isdecimal() and int(number) in entering:
                return [entering[int(number)]]
            count = len(entering)
            message = f"there is no {text}: {count} tensor{'s' * (count > 1)} entered, counted from 0"
            raise self.fail(message, reference.position)
        for prefix in scope.prefixes:
            if prefix + text in self.nodes:
                return list(self.nodes[prefix + text])
        # Loaded late, for what is no name as it stands.
        from rfcalc.wildcards import compared_characters, is_glob, name_glob

        for prefix in scope.prefixes if is_glob(text) else ():
            names = self._under(prefix)
            self.effort.charge("characters compared with a pattern", compared_characters(text, names))
            fits = filter(name_glob(text), names)
            found = [node for name in fits for node in self.nodes[prefix + name]]
            if found:
                return list(dict.fromkeys(found))
        if self._within_poison(reference, scope):
            return [POISON]
        raise self._missing(reference, scope, missing)

    def find(self, reference: Reference, scope: Scope, missing: str = "") -> int:
        """The node a reference means, of several the first; as `find_all` for none."""
        return self.find_all(reference, scope, missing)[0]

    def _under(self, prefix: str) -> list[str]:
        """The names that begin with a prefix, without it."""
        self.effort.charge("names compared with a pattern", len(self.nodes))
        return [path[len(prefix) :] for path in self.nodes if path.startswith(prefix)]

    def _within_poison(self, reference: Reference, scope: Scope) -> bool:
        """Whether a reference goes into a call or repeat that could not be built, which has been noted."""
        if not self.poisoned:
            return False
        parts, prefixes = reference.text.split("."), scope.prefixes
        self.effort.charge("characters of names", len(prefixes) * (len(parts) - 1) * len(reference.text))
        return any(
            POISON in self.nodes.get(prefix + ".".join(parts[:count]), ())
            for prefix in prefixes
            for count in range(1, len(parts))
        )

    def _missing(self, reference: Reference, scope: Scope, missing: str) -> Poisoned:
        """Note that a reference means nothing, with the reason where one can be found."""
        text, place = reference.text, reference.position
        if place in self._missed:
            # A line in a repeat is looked at once; looking through all names in each turn would take hours.
            return Poisoned()
        self._missed.add(place)
        visible = [name for prefix in scope.prefixes for name in self._under(prefix)]
        deeper = next((name for name in reversed(visible) if name.endswith("." + text)), "")
        given = () if deeper else self._in_description(text.rpartition(".")[2])
        for condition, where in given:
            if condition:
                note = Related("it is named here", where)
                message = f"{quoted(text)} is only there when {condition}, which does not hold here"
                return self.fail(message, place, "", (note,))
        hint = f"did you mean {deeper!r}?" if deeper else nearest(text, visible[-MOST_CANDIDATES:])
        later = [Related("it is named here, after this line", where) for _, where in given if where > place]
        if text in self.nodes:
            later = []
            hint = "a block sees the layers within it and `input`, not those around its call"
        elif not hint and 0 < len(visible) <= 12:
            hint = f"{'the layers are' if missing else 'named so far:'} {', '.join(visible)}"
        if missing:
            otherwise = "if the layer is gone, take the note out"
            hint = f"{hint}{'' if hint.endswith('?') else ';'} {otherwise}".removeprefix("; ")
        message = missing or f"no layer before this line is called {quoted(text)}"
        return self.fail(message, place, hint, tuple(later[:1]))

    def _in_description(self, name: str) -> list[tuple[str, Position]]:
        """Where the description gives a name, and under which conditions."""
        if not self._given:
            bodies = (self.network.layers, *(block.body for block in self.network.blocks))
            for body in bodies:
                for given, condition, place in given_names(body, in_turns=True):
                    last = given.rpartition(".")[2]
                    self._given.setdefault(last, []).append((condition, place))
        return sorted(self._given.get(name, []), key=itemgetter(1))


def own_names(item: Item) -> tuple[str, ...]:
    """The names that an item gives by itself."""
    if isinstance(item, Let | When):
        return ()
    names = (*item.names, item.name) if isinstance(item, Split) else (item.name,)
    return tuple(filter(None, names))


def given_names(body: Body, *, in_turns: bool, condition: str = "") -> Iterator[tuple[str, str, Position]]:
    """The names that a body gives with `as`, those in branches and conditions included.

    Each with the innermost condition it depends on, "" for none, and its place.  in_turns: those within
    repeats as well, which are names of the turns.
    """
    for item in body:
        parts: list[tuple[Body, str]] = []
        if isinstance(item, When):
            written = item.condition.scalar.text.strip()
            parts = [(item.then, written), (item.otherwise, f"not ({written})")]
        elif isinstance(item, Join):
            branches = item.branches
            if isinstance(branches, Loop):
                yield from given_names((branches,), in_turns=in_turns, condition=condition)
            else:
                parts = [
                    (each.body, each.condition.scalar.text.strip() if each.condition else condition)
                    for each in branches
                ]
        elif isinstance(item, Loop | NamedPart) and in_turns:
            parts = [(item.body, condition)]
        yield from ((name, condition, item.position) for name in own_names(item))
        for part, holds in parts:
            yield from given_names(part, in_turns=in_turns, condition=holds)
