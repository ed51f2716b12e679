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
    return in_seconds(figure.value(views[0]), views[0].rate)


def in_seconds(positions: Span, rate: int | Fraction | None) -> Span:
    """What so many positions last, of which `rate` are a second; raises NoRate where that is not known."""
    if rate is None:
        raise NoRate("it is not said how many positions are a second")
    low, high = (_quotient(end, Fraction(rate)) for end in positions[:2])
    return positions._replace(low=low, high=high)


def _quotient(positions: Exact, rate: Fraction) -> Exact:
    return exact_quotient(positions * rate.denominator, rate.numerator)
