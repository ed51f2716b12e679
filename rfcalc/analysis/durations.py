"""Figures of fields as durations, along an axis that is time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from rfcalc.analysis.field_values import Span, Unsure
from rfcalc.symbolic.polynomial import exact_quotient

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import AxisView, FieldFigure
    from rfcalc.symbolic.polynomial import Exact


class NoRate(Unsure):
    """It is not said how many positions are a second."""


def duration(figure: FieldFigure, views: Sequence[AxisView]) -> Span:
    """A figure in seconds, along the first axis of an input; raises Unsure."""
    view = views[0]
    if view.rate is None:
        raise NoRate("it is not said how many positions are a second")
    low, high, at_most, whole = figure.value(view)
    rate = Fraction(view.rate)
    return Span(_quotient(low, rate), _quotient(high, rate), at_most, whole)


def _quotient(positions: Exact, rate: Fraction) -> Exact:
    return exact_quotient(positions * rate.denominator, rate.numerator)
