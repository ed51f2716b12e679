"""Two analysed networks compared: their layers side by side, the edits, and what these account for."""

from __future__ import annotations

from rfcalc.analysis.comparison.attribution import Deltas, attribute, together
from rfcalc.analysis.comparison.causes import PATH, SharedEdit, find_causes
from rfcalc.analysis.comparison.entries import Change, aligned_entries
from rfcalc.analysis.comparison.field_difference import FieldDifference, field_differences
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.errors import UsageError
from rfcalc.records import NamedTuple

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

    @property
    def layer(self) -> LayerAnalysis:
        """The layer as the first network has it, where that does."""
        layer = self.left or self.right
        assert layer is not None
        return layer


class Comparison(NamedTuple):
    """Two networks side by side.

    edits: every layer of both, in an order that is both networks' order of execution.
    causes: what was done to the first to get the second; their deltas add up to `differences`, and their
    fields to the difference of the two fields.
    fields: that difference along each axis; () where it is not known along one of them.
    unaligned: how many layers have no counterpart since looking for one was too much.
    """

    left: NetworkAnalysis
    right: NetworkAnalysis
    edits: tuple[Edit, ...]
    causes: tuple[SharedEdit, ...]
    differences: Deltas
    fields: tuple[FieldDifference, ...]
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
    deltas, effects = attribute(entries, causes, left.batch)
    fields = field_differences(entries, causes)
    edits = []
    for entry, effect in list(zip(entries.entries, effects, strict=True))[entries.inputs :]:
        one, two = entries.left.layer(entry.left), entries.right.layer(entry.right)
        kind = INSERTED if one is None else REMOVED if two is None else CHANGED if entry.changes else KEPT
        edits.append(Edit(kind, one, two, entry.changes, *effect))
    told = [
        cause._replace(deltas=amounts, field=tuple(each.causes.get(number, 0) for each in fields) or None)
        for number, (cause, amounts) in enumerate(zip(causes.causes, deltas, strict=True))
    ]
    if any(field.elsewhere for field in fields):
        told.append(SharedEdit(PATH, deltas=together(()), field=tuple(field.elsewhere for field in fields)))
    return Comparison(left, right, tuple(edits), tuple(told), together(deltas), fields, entries.unaligned)
