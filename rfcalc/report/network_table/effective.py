"""The notes of a table that shows effective fields: what they hold of, and where they are not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rfcalc.errors import spoken
from rfcalc.report.words import say

if TYPE_CHECKING:
    from rfcalc.report.network_table.columns import Context
    from rfcalc.report.network_table.entries import RowEntry

# A smaller share of the energy is not worth a note.
_LEAST_SHARE = 0.0005


def effective_convention(context: Context, rows: Sequence[RowEntry]) -> Iterable[str]:
    """What effective fields are, and what of the energy they leave out."""
    language, weights = context.view.language, context.view.branch_weights
    option = spoken("--branch-weights", "branch_weights")
    said = say(f"weights {weights}", language, option=option)
    yield say("effective convention", language, weights=said)
    shares = {
        entry.name: along.elsewhere or 0.0
        for entry in rows
        if entry.seen
        for along in context.views.effective_along(entry.layers[-1].place, entry.seen.input)
        if along.figures
    }
    name = max(shares, key=shares.__getitem__, default="")
    if name and shares[name] >= _LEAST_SHARE:
        yield say("effective elsewhere", language, share=f"{100 * shares[name]:.1f} %", layer=name)


def effective_gaps(context: Context, rows: Sequence[RowEntry]) -> dict[str, list[str]]:
    """Of which rows they are not known, by reason."""
    reasons: dict[str, list[str]] = {}
    for entry in rows:
        if entry.seen:
            found = context.views.effective_along(entry.layers[-1].place, entry.seen.input)
            for reason in dict.fromkeys(along.reason for along in found if along.figures is None):
                reasons.setdefault(reason, []).append(entry.name)
    return reasons
