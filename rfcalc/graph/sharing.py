"""Shared parameters: `weights=NAME` on a layer, and on a block call for all layers in it."""

from __future__ import annotations

from rfcalc.errors import Position, Related, nearest, quoted
from rfcalc.graph.findings import Mistakes
from rfcalc.graph.names import LayerNames
from rfcalc.graph.scope import MOST_CANDIDATES, Scope
from rfcalc.spec.syntax import Reference


class Sharing:
    """Which layers use the parameters of which others."""

    def __init__(self, names: LayerNames, findings: Mistakes) -> None:
        self.names = names
        self.groups = names.groups
        self.fail = findings.fail

    def counterpart(self, name: str, scope: Scope) -> tuple[int, Position] | None:
        """The layer that this one shares with because it is in a sharing call, and where that is said.

        None outside such calls.  Raises Poisoned, the mistake noted, when the other call has no such layer.
        """
        for mine, theirs, place in scope.shares:
            if name.startswith(mine):
                layer = self.names.nodes.get(theirs + name[len(mine) :])
                if layer is not None:
                    return layer[0], place
                message = f"{quoted(theirs[:-1])} has no layer {quoted(name[len(mine) :])} to share with"
                raise self.fail(message, place)
        return None

    def find_call(self, reference: Reference, block: str, scope: Scope) -> str:
        """The path, with its dot, of an earlier call of a block; raises Poisoned, the mistake noted."""
        for prefix in scope.prefixes:
            path = prefix + reference.text
            group = self.groups.get(path)
            if group is not None and group.label == block:
                return path + "."
            if group is not None or path in self.names.nodes:
                what = f"a call of {group.label}" if group and group.kind == "block" else "no call of a block"
                message = (
                    f"{quoted(reference.text)} is {what}; {block} shares the parameters of an earlier {block}"
                )
                first = Related(f"{quoted(reference.text)} stands here", self.names.places[path])
                raise self.fail(message, reference.position, "", (first,))
        self.names.effort.charge("names compared with a pattern", len(self.groups))
        calls = [path for path, group in self.groups.items() if group.label == block]
        hint = nearest(reference.text, calls[-MOST_CANDIDATES:])
        message = f"no call of {block} before this line is called {quoted(reference.text)}"
        raise self.fail(message, reference.position, hint)
