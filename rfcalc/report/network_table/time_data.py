"""How far layers look ahead and how long they see, as data."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from rfcalc.analysis.durations import duration
from rfcalc.analysis.field_values import FieldFigure, Unsure
from rfcalc.analysis.figures import FIGURES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfcalc.analysis.field_values import AxisView
    from rfcalc.report.network_table.data import Json

# Those of them that are worked out from effective fields are not told unless these are.
_EFFECTIVE = ("effective_field", "effective_sigma")


def time_data(
    views: Sequence[AxisView], data_of: Callable[[object], Json], *, effective: bool
) -> dict[str, Json]:
    """The look-ahead along each axis, null with its reason where it is not known; durations in milliseconds.

    effective: with those of the effective field.
    """
    lookahead = FIGURES["lookahead"]
    assert isinstance(lookahead, FieldFigure)
    ahead: list[Json] = []
    reasons: list[Json] = []
    for view in views:
        try:
            found = lookahead.value(view)
        except Unsure as reason:
            ahead.append(None)
            reasons.append(str(reason))
        else:
            ahead.append(None if found.at_most else data_of(found.high))
            reasons.append(f"only known to be at most {found.high}" if found.at_most else None)
    data: dict[str, Json] = {"lookahead": {"positions": ahead, "reasons": reasons}}
    if views and views[0].rate is not None:
        data["milliseconds"] = {
            figure.column or figure.name: _milliseconds(figure, views, data_of)
            for figure in FIGURES.values()
            if isinstance(figure, FieldFigure)
            and figure.lasting
            and (effective or figure.name not in _EFFECTIVE)
        }
    return data


def _milliseconds(figure: FieldFigure, views: Sequence[AxisView], data_of: Callable[[object], Json]) -> Json:
    try:
        found = duration(figure, views)
    except Unsure:
        return None
    if found.at_most:
        return None
    ends = [
        float(end * 1000) if isinstance(end, int | Fraction) else data_of(end * 1000) for end in found[:2]
    ]
    return ends[0] if found.low == found.high else ends
