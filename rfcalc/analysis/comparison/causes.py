"""The edits that turn one network into another: changes, insertions and removals, equal ones together.

A cause is what a reader would call one edit: the stride moved from one layer to another in three
blocks, batch normalisation inserted behind every convolution, six blocks more in a stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING

from rfcalc.analysis.comparison.entries import Change, Entries, LayerPair, Side
from rfcalc.graph.ir import Node
from rfcalc.ops.attributes import CountKind, SizeReference
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

# Two changes that exchange a value are one move where they stand this near to each other, in one scope.
NEAR = 12

INPUT, CHANGED, MOVED, INSERTED, REMOVED = "input", "changed", "moved", "inserted", "removed"
# Not an edit: the field is set by another branch, or at another phase, than it was.
PATH = "path"


class SharedEdit(NamedTuple):
    """One edit in the reader's sense, in one or several places, and what it accounts for.

    kind: "input" (another input size), "changed", "moved" (a value from one layer to another), "inserted",
    "removed", or "path" (no edit: another branch sets the field).
    edits: the numbers of the layers it was made in; of a move the one the value left, then the one it
    came to, place by place.  scopes: the blocks that came or went as a whole.
    changes: those of its first layer; of an input its name and its sizes, None for one there is not.
    deltas: of every cost, and field: by how much it changes the field of the network along each axis of the
    first input, None where that is not known; both as far as they have been worked out.
    """

    kind: str
    edits: tuple[int, ...] = ()
    scopes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    deltas: Mapping[str, Size] = MappingProxyType({})
    field: tuple[Exact, ...] | None = None


class Causes(NamedTuple):
    """All causes in the order of their first entries, and the cause of each entry that was edited."""

    causes: tuple[SharedEdit, ...]
    of_entry: dict[int, int]


def find_causes(entries: Entries) -> Causes:
    """The causes of all that differs."""
    groups: dict[tuple[object, ...], list[tuple[str, tuple[int, ...]]]] = {}
    for key, scope, numbers in _edits(entries):
        groups.setdefault(key, []).append((scope, numbers))
    found = []
    for key, places in groups.items():
        members = tuple(number for _, numbers in places for number in numbers)
        cause = SharedEdit(
            str(key[0]),
            tuple(number - entries.inputs for number in members if number >= entries.inputs),
            tuple(scope for scope, _ in places if scope),
            _changes(entries, members[0]),
        )
        found.append((members, cause))
    found.sort(key=lambda each: min(each[0]))
    return Causes(
        tuple(cause for _, cause in found),
        {entry: number for number, (members, _) in enumerate(found) for entry in members},
    )


def _changes(entries: Entries, number: int) -> tuple[Change, ...]:
    """What was changed in an entry; of an input its name and its sizes, None where a network has none."""
    entry = entries.entries[number]
    if number >= entries.inputs:
        return entry.changes
    sides = (entries.left, entry.left), (entries.right, entry.right)
    nodes = [None if index is None else side.graph.nodes[index] for side, index in sides]
    named = next(filter(None, nodes))
    return (Change(named.name, *(node and node.facts.output for node in nodes)),)


# An edit: a key that equal ones share, the scope that came or went, and the entries it consists of.
_EditKey = tuple[tuple[object, ...], str, tuple[int, ...]]


def _edits(entries: Entries) -> Iterator[_EditKey]:
    numbered = list(enumerate(entries.entries))
    # The inputs that both networks have, where their sizes differ.
    for number, entry in numbered[: entries.inputs]:
        if not entry.alone:
            old, new = (node.facts.output for node in entries.both(entry))
            if old != new:
                yield (INPUT, number, old, new), "", (number,)
    moves = dict(_moves(entries, numbered))
    arrived = set(moves.values())
    for number, entry in numbered:
        if number in moves:
            yield _move(entries, number, moves[number])
        elif number not in arrived and entry.changes:
            yield _change(entries, entry), "", (number,)
    yield from _whole(REMOVED, entries.left, [e.left for e in entries.entries if e.right is None])
    yield from _whole(INSERTED, entries.right, [e.right for e in entries.entries if e.left is None])


def _change(entries: Entries, entry: LayerPair) -> tuple[object, ...]:
    """What changes have in common that are the same edit: the two values, or for counts their ratio."""
    op = entries.both(entry)[1].op
    key: list[object] = [CHANGED, op]
    for name, old, new in entry.changes:
        attribute = find_operator(op).attributes.get(name)
        if attribute is None:
            # Other layers read, other weights used: each is an edit of its own, except the operator's name.
            key.append((name, old, new))
        elif type(attribute.kind) is CountKind and type(old) is int and type(new) is int and old and new:
            key.append((name, Fraction(new, old)))
        else:
            key.append((name, _plain(old), _plain(new)))
    return tuple(key)


def _plain(value: object) -> object:
    # 1 and yes are equal in Python.
    return (type(value), value.name if isinstance(value, SizeReference) else value)


def _moves(entries: Entries, numbered: Sequence[tuple[int, LayerPair]]) -> Iterator[tuple[int, int]]:
    """Pairs of changed layers in one scope of which one gave up the value that the other took."""
    free: dict[tuple[str, ...], list[tuple[int, LayerPair]]] = {}
    for number, entry in numbered:
        if not entry.changes:
            continue
        scope = tuple(node.name.rpartition(".")[0] for node in entries.both(entry))
        waiting = free.setdefault(scope, [])
        for place, (other_number, other) in enumerate(waiting):
            moved = _exchanged(entries, other, entry) if number - other_number <= NEAR else None
            if moved is not None:
                del waiting[place]
                yield (other_number, number) if moved else (number, other_number)
                break
        else:
            waiting.append((number, entry))
            del waiting[:-NEAR]


def _exchanged(entries: Entries, one: LayerPair, two: LayerPair) -> bool | None:
    """Whether the first gave its value to the second (or the second to the first); None where neither did."""
    # Something else than an attribute may have been changed.
    attributes, others = (find_operator(entries.both(entry)[0].op).attributes for entry in (one, two))
    for mine, theirs in product(one.changes, two.changes):
        name = mine.attribute
        if (
            name == theirs.attribute
            and name in attributes
            and name in others
            and _plain(mine.old) == _plain(theirs.new)
            and _plain(mine.new) == _plain(theirs.old)
        ):
            return not attributes[name].is_default(mine.old)
    return None


def _move(entries: Entries, source: int, target: int) -> _EditKey:
    keys: list[object] = [MOVED]
    for number in (source, target):
        entry = entries.entries[number]
        name = entries.both(entry)[1].name
        keys += [name.rpartition(".")[2], _change(entries, entry)]
    return tuple(keys), "", (source, target)


def _whole(kind: str, side: Side, alone: Sequence[int | None]) -> Iterator[_EditKey]:
    """The layers that one network alone has, those of a whole block together."""
    graph = side.graph
    lonely = [index for index in alone if index is not None]
    sizes = Counter(scope for node in graph.nodes for scope in graph.scopes_around(node.name))
    left = sizes - Counter(
        scope for index in lonely for scope in graph.scopes_around(graph.nodes[index].name)
    )
    blocks: dict[str, list[int]] = {}
    for index in lonely:
        node = graph.nodes[index]
        # The outermost block or turn, not a repeat of several, of which nothing is left.
        scope = next(
            (
                scope
                for scope in graph.scopes_around(node.name)
                if scope not in left and graph.scopes[scope].kind in ("block", "turn")
            ),
            "",
        )
        if scope:
            blocks.setdefault(scope, []).append(index)
        else:
            # Inputs have names and sizes of their own.
            form = _form(node) if node.inputs else (node.name,)
            yield (kind, *form), "", (side.entry_of[index],)
    for scope, members in blocks.items():
        nodes = [graph.nodes[index] for index in members]
        key = (kind, graph.scopes[scope].label, tuple(map(_form, nodes)))
        yield key, scope, tuple(side.entry_of[index] for index in members)


def _form(node: Node) -> tuple[object, ...]:
    return (node.op, tuple((name, _plain(value)) for name, value in node.arguments.items()))
