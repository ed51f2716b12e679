"""Which layers of a comparison share a line: runs of equal layers, whole blocks, blocks edited alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.comparison import Comparison, Edit
    from rfcalc.graph.ir import Graph

# How a line differs: "" for what is kept and may only see a larger field.
EQUAL, RESIZED, KEPT, CHANGED, INSERTED, REMOVED = "equal", "resized", "", "changed", "inserted", "removed"

# A table of no more lines than this is shown whole.
SHORT = 16
# Runs of fewer equal layers, and shorter turns that are edited alike, are shown.
_FEWEST_EQUAL = 3
_FEWEST_ALIKE = 3


class Fold(NamedTuple):
    """A line of the table, for the edits first … last − 1.

    kind: "layer"; "equal" for a run of equal layers; "block" for whole blocks with the same fate; "like"
    for turns of a repeat that were edited as the turn `like` was.
    names: of the blocks or turns; label: what such a block is called.
    """

    kind: str
    first: int
    last: int
    status: str
    names: tuple[str, ...] = ()
    label: str = ""
    like: str = ""


def folds(
    comparison: Comparison, statuses: Sequence[str], signature: Callable[[int], object], *, every: bool
) -> tuple[Fold, ...]:
    """The lines of the table; statuses: of each edit; signature: what lines edited alike have in common."""
    layers = tuple(Fold("layer", place, place + 1, status) for place, status in enumerate(statuses))
    if every or len(layers) <= SHORT:
        return layers
    folder = _Folder(comparison, statuses, signature)
    return tuple(_merged(folder.run()))


class _Folder:
    """Folds from the first edit to the last."""

    def __init__(
        self, comparison: Comparison, statuses: Sequence[str], signature: Callable[[int], object]
    ) -> None:
        self._edits = comparison.edits
        self._statuses = statuses
        self._signature = signature
        self._graphs = comparison.left.graph, comparison.right.graph
        self._sizes = [_scope_sizes(graph) for graph in self._graphs]
        self._alike = {fold.first: fold for fold in self._turns_alike()}

    def run(self) -> Iterator[Fold]:
        """The lines, blocks one by one."""
        place = 0
        while place < len(self._edits):
            fold = self._alike.get(place) or self._block(place) or self._equal(place)
            fold = fold or Fold("layer", place, place + 1, self._statuses[place])
            yield fold
            place = fold.last

    def _equal(self, place: int) -> Fold | None:
        last = place
        while last < len(self._edits) and self._statuses[last] == EQUAL and last not in self._alike:
            last += 1
        return Fold("equal", place, last, EQUAL) if last - place >= _FEWEST_EQUAL else None

    def _block(self, place: int) -> Fold | None:
        """The largest block that begins here all of whose layers came, went, or got other sizes."""
        status = self._statuses[place]
        if status not in (RESIZED, INSERTED, REMOVED):
            return None
        for scope, graph in self._scopes(place):
            last = place + self._sizes[1 if self._edits[place].right is not None else 0][scope]
            if all(self._statuses[edit] == status for edit in range(place, last)):
                return Fold("block", place, last, status, (scope,), graph.scopes[scope].label)
        return None

    def _turns_alike(self) -> Iterator[Fold]:
        """The turns of repeats that were edited as the turn before was, each by its first edit."""
        turns = {scope: graph.scopes[scope] for graph in self._graphs for scope in graph.scopes}
        stretches: dict[str, tuple[int, int]] = {}
        for place, edit in enumerate(self._edits):
            parts = _any_name(edit).split(".")
            for length in range(1, len(parts)):
                scope = ".".join(parts[:length])
                if scope in turns and turns[scope].kind == "turn":
                    first, last = stretches.get(scope, (place, place))
                    stretches[scope] = (first, place + 1) if last == place else (-1, -1)
        for scope, (first, last) in stretches.items():
            before = turn_before(scope)
            length = last - first
            if first < 0 or length < _FEWEST_ALIKE or stretches.get(before) != (first - length, first):
                continue
            if len({self._statuses[edit] for edit in range(first, last)}) == 1 and not self._changed(first):
                # Blocks that are one line anyhow.
                continue
            if all(self._signature(edit) == self._signature(edit - length) for edit in range(first, last)):
                yield Fold("like", first, last, CHANGED, (scope,), turns[scope].label, before)

    def _changed(self, place: int) -> bool:
        return self._statuses[place] == CHANGED

    def _scopes(self, place: int) -> Iterator[tuple[str, Graph]]:
        """The blocks and turns whose layers stand here one after the other, the largest first."""
        edit = self._edits[place]
        side = 1 if edit.right is not None else 0
        graph = self._graphs[side]
        name = _name(edit, side)
        if edit.left is not None and edit.right is not None and edit.left.name != name:
            return
        parts = name.split(".")
        for length in range(1, len(parts)):
            scope = ".".join(parts[:length])
            if scope not in graph.scopes or graph.scopes[scope].kind not in ("block", "turn"):
                continue
            size = self._sizes[side].get(scope, 0)
            edits = self._edits[place : place + size]
            if len(edits) == size and all(_is_in(other, side, scope, edit) for other in edits):
                yield scope, graph


def _merged(lines: Iterator[Fold]) -> Iterator[Fold]:
    """The lines, blocks of one kind that follow each other together."""
    waiting: Fold | None = None
    for line in lines:
        if waiting is not None and _continues(waiting, line):
            waiting = waiting._replace(last=line.last, names=waiting.names + line.names)
            continue
        if waiting is not None:
            yield waiting
        waiting = line
    if waiting is not None:
        yield waiting


def _continues(one: Fold, two: Fold) -> bool:
    if one.kind != two.kind or one.kind not in ("block", "like") or one.label != two.label:
        return False
    if one.kind == "like":
        return two.like == one.names[-1]
    return one.status == two.status and turn_before(two.names[0]) == one.names[-1]


def turn_before(scope: str) -> str:
    """The name of the turn before this one; "" where it is the first, or no turn."""
    parent, _, number = scope.rpartition(".")
    if not number.isdecimal() or len(number) > 9 or int(number) == 0:
        return ""
    return f"{parent}.{int(number) - 1}"


def _scope_sizes(graph: Graph) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for node in graph.layers:
        parts = node.name.split(".")
        for length in range(1, len(parts)):
            scope = ".".join(parts[:length])
            sizes[scope] = sizes.get(scope, 0) + 1
    return sizes


def _is_in(edit: Edit, side: int, scope: str, like: Edit) -> bool:
    """Whether an edit is of a layer in a scope, and of as many networks as another one."""
    if (edit.left is None, edit.right is None) != (like.left is None, like.right is None):
        return False
    return _name(edit, side).startswith(f"{scope}.")


def _name(edit: Edit, side: int) -> str:
    layer = edit.right if side else edit.left
    return "" if layer is None else layer.name


def _any_name(edit: Edit) -> str:
    return _name(edit, 1) or _name(edit, 0)
