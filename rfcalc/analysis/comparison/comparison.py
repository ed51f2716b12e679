"""Two analysed networks compared: their layers side by side, the edits, and what these account for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rfcalc.analysis.comparison.attribution import Attribution, Deltas, attribute, together
from rfcalc.analysis.comparison.causes import PATH, Causes, find_causes
from rfcalc.analysis.comparison.course import Amount
from rfcalc.analysis.comparison.entries import Change, Entries, Entry, aligned_entries
from rfcalc.analysis.comparison.field_difference import FieldDifference, field_differences
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.errors import UsageError

KEPT, CHANGED, INSERTED, REMOVED = "kept", "changed", "inserted", "removed"


class Edit(NamedTuple):
    """A layer in both networks, or in one of them.

    kind: "kept", "changed", "inserted" or "removed".  changes: what was changed in the layer itself.
    resized: whether what it reads or passes on has another size by edits elsewhere.
    deltas: second network less first.  causes: the numbers of the causes of all that differs.
    """

    kind: str
    left: LayerAnalysis | None
    right: LayerAnalysis | None
    changes: tuple[Change, ...]
    resized: bool
    deltas: Deltas
    causes: tuple[int, ...]


class Cause(NamedTuple):
    """One edit in the reader's sense, in one or several places, and what it accounts for.

    kind: "input" (another input size), "changed", "moved" (a value from one layer to another), "inserted",
    "removed", or "path" (no edit: another branch sets the field).
    edits: the numbers of the layers it was made in; of a move the one the value left, then the one it
    came to, place by place.  scopes: the blocks that came or went as a whole.
    changes: those of its first layer; of an input its name and its sizes, None for one there is not.
    field: by how much it changes the field of the network along each axis of the first input; None
    where that is not known.
    """

    kind: str
    edits: tuple[int, ...]
    scopes: tuple[str, ...]
    changes: tuple[Change, ...]
    deltas: Deltas
    field: tuple[Amount, ...] | None


class Comparison(NamedTuple):
    """Two networks side by side.

    edits: every layer of both, in an order that is both networks' order of execution.
    causes: what was done to the first to get the second; their deltas add up to `differences`, and their
    fields to the difference of the two fields.
    fields: that difference along each axis; None for an axis along which it is not known.
    unaligned: how many layers have no counterpart since looking for one was too much.
    """

    left: NetworkAnalysis
    right: NetworkAnalysis
    edits: tuple[Edit, ...]
    causes: tuple[Cause, ...]
    differences: Deltas
    fields: tuple[FieldDifference | None, ...]
    unaligned: int

    @property
    def equal(self) -> bool:
        """Whether nothing differs but names."""
        return not self.causes


def compare(left: NetworkAnalysis, right: NetworkAnalysis) -> Comparison:
    """Compare a network with a first one; raises UsageError when they are analysed for other batches."""
    if left.batch != right.batch:
        raise UsageError(f"batches of {left.batch} and {right.batch} examples cannot be compared")
    entries = aligned_entries(left, right)
    causes = find_causes(entries)
    attribution = attribute(entries, causes, left.batch)
    fields = field_differences(entries, causes, left, right)
    edits = [
        _edit(entries, attribution, number, left, right)
        for number, entry in enumerate(entries.entries)
        if not _is_input(entries, entry)
    ]
    first = len(entries.entries) - len(edits)
    return Comparison(
        left,
        right,
        tuple(edits),
        tuple(_causes(entries, causes, attribution, fields, first)),
        together(attribution.causes),
        fields,
        entries.unaligned,
    )


def _is_input(entries: Entries, entry: Entry) -> bool:
    if entry.left is not None:
        return entry.left in entries.left.graph.inputs
    return entry.right in entries.right.graph.inputs


def _edit(
    entries: Entries,
    attribution: Attribution,
    number: int,
    left: NetworkAnalysis,
    right: NetworkAnalysis,
) -> Edit:
    entry = entries.entries[number]
    one = None if entry.left is None else left.layers[entry.left - len(left.graph.inputs)]
    two = None if entry.right is None else right.layers[entry.right - len(right.graph.inputs)]
    kind = INSERTED if one is None else REMOVED if two is None else CHANGED if entry.changes else KEPT
    return Edit(
        kind,
        one,
        two,
        entry.changes,
        attribution.resized[number],
        attribution.entries[number],
        attribution.reasons[number],
    )


def _causes(
    entries: Entries,
    causes: Causes,
    attribution: Attribution,
    fields: Sequence[FieldDifference | None],
    first: int,
) -> list[Cause]:
    known = [field for field in fields if field is not None]
    complete = len(known) == len(fields) and bool(fields)
    found = [
        Cause(
            cause.kind,
            tuple(entry - first for entry in cause.entries if entry >= first),
            cause.scopes,
            _changes(entries, entries.entries[cause.entries[0]]),
            attribution.causes[number],
            tuple(field.causes.get(number, 0) for field in known) if complete else None,
        )
        for number, cause in enumerate(causes.causes)
    ]
    if complete and any(field.elsewhere for field in known):
        found.append(Cause(PATH, (), (), (), together(()), tuple(field.elsewhere for field in known)))
    return found


def _changes(entries: Entries, entry: Entry) -> tuple[Change, ...]:
    """What was changed in an entry; of an input its name and its sizes, None where a network has none."""
    if not _is_input(entries, entry):
        return entry.changes
    one = None if entry.left is None else entries.left.graph.nodes[entry.left]
    two = None if entry.right is None else entries.right.graph.nodes[entry.right]
    named = one or two
    assert named is not None
    return (
        Change(
            named.name,
            None if one is None else one.facts.output,
            None if two is None else two.facts.output,
        ),
    )
