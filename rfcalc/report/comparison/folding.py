"""Which layers of a comparison share a line: runs of equal layers, whole blocks, blocks edited alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.comparison import Comparison

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
    blocks = {fold.first: fold for fold in _blocks(comparison, statuses, signature)}
    merged: list[Fold] = []
    for line in _lines(layers, blocks):
        if merged and _continues(merged[-1], line):
            merged[-1] = merged[-1]._replace(last=line.last, names=merged[-1].names + line.names)
        else:
            merged.append(line)
    return tuple(merged)


def _lines(layers: Sequence[Fold], blocks: Mapping[int, Fold]) -> Iterator[Fold]:
    """The lines one after the other: blocks, runs of equal layers, and single layers."""
    place = 0
    while place < len(layers):
        last = place
        while last < len(layers) and layers[last].status == EQUAL and last not in blocks:
            last += 1
        equal = Fold("equal", place, last, EQUAL) if last - place >= _FEWEST_EQUAL else layers[place]
        fold = blocks.get(place, equal)
        yield fold
        place = fold.last


def _blocks(
    comparison: Comparison, statuses: Sequence[str], signature: Callable[[int], object]
) -> Iterator[Fold]:
    """Blocks whose layers all came, went or got other sizes; then turns edited as the turn before was.

    Of those that begin in one place the last is the one to take: the largest block, but before any the turn.
    """
    graphs = comparison.left.graph, comparison.right.graph
    around = [
        list(graphs[edit.right is not None].scopes_around(layer.name))
        for edit in comparison.edits
        if (layer := edit.right or edit.left)
    ]
    sizes = [
        Counter(scope for node in graph.layers for scope in graph.scopes_around(node.name))
        for graph in graphs
    ]
    # A layer of another name stays visible as one.
    alike = _stretches(
        []
        if edit.left and edit.right and edit.left.name != edit.right.name
        else [(s, status) for s in scopes]
        for edit, status, scopes in zip(comparison.edits, statuses, around, strict=True)
    )
    for (name, status), (first, last) in reversed(alike.items()):
        side = status != REMOVED
        if status in (RESIZED, INSERTED, REMOVED) and sizes[side][name] == last - first:
            scope = graphs[side].scopes[name]
            if scope.kind in ("block", "turn"):
                yield Fold("block", first, last, status, (name,), scope.label)
    turns = _stretches(around)
    for name, (first, last) in turns.items():
        scope = graphs[1].scopes.get(name) or graphs[0].scopes[name]
        before = turn_before(name)
        length = last - first
        if scope.kind != "turn" or length < _FEWEST_ALIKE or turns.get(before) != (first - length, first):
            continue
        if len({*statuses[first:last]}) == 1 and statuses[first] != CHANGED:
            # Blocks that are one line anyhow.
            continue
        if all(signature(edit) == signature(edit - length) for edit in range(first, last)):
            yield Fold("like", first, last, CHANGED, (name,), scope.label, before)


Key = TypeVar("Key")


def _stretches(keys: Iterable[Iterable[Key]]) -> dict[Key, tuple[int, int]]:
    """The lines first … last − 1 that have a key; none (0, 0) where these do not follow each other."""
    found: dict[Key, tuple[int, int]] = {}
    for place, each in enumerate(keys, 1):
        for key in each:
            first, last = found.get(key, (place - 1, place - 1))
            found[key] = (first, place) if last == place - 1 else (0, 0)
    return found


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
