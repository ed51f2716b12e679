"""A layer's receptive field as table cells: which input it is over, and its marks."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.figures import worst_status
from rfcalc.records import NamedTuple
from rfcalc.report.cells import (
    ABSENT,
    AT_MOST,
    BLANK,
    DASH,
    AxisValue,
    EachAxis,
    Extremes,
    Fractional,
    Sortable,
    Worded,
)
from rfcalc.report.words import Language, say
from rfcalc.symbolic.polynomial import Polynomial, format_number
from rfcalc.units import format_decimal

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import Span
    from rfcalc.analysis.fields.receptive_field import AxisField, NodeField
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.shapes import Size


class SeenField(NamedTuple):
    """The field a table shows for a layer: over the first input it sees.

    input: the index of that input; axes: its axes.
    """

    input: int
    axes: tuple[AxisField, ...]

    @property
    def status(self) -> str:
        """The status of the least sure axis."""
        return worst_status(self.axes)


def seen_field(field: NodeField | None) -> SeenField | None:
    """The field over the first input a layer sees; None where it sees none."""
    seen = field.seen if field else None
    return seen and SeenField(*seen)


def network_field(network: NetworkAnalysis) -> SeenField | None:
    """The field of a network."""
    return seen_field(network.fields.nodes[network.fields.network])


def size_cell(seen: SeenField | None, input_names: tuple[str, ...], language: Language) -> Sortable:
    """The size, with the marks the notes explain, and the input's name where that is not the first."""
    if seen is None:
        return BLANK
    statuses = {axis.status for axis in seen.axes}
    before = "~" if "data-dependent" in statuses else AT_MOST if "bound" in statuses else ""
    after = "#" if "per-position" in statuses else ""
    if any(axis.path == "side" and axis.size is not None for axis in seen.axes):
        after += "*"
    if seen.input:
        after += f" ({input_names[seen.input]})"
    return EachAxis(tuple(_size(axis, language) for axis in seen.axes), before, after)


def known_holes(axis: AxisField) -> tuple[int, int] | None:
    """Fewest and most positions between the ends that are not seen, where an axis alone can say it."""
    return None if axis.status == "extent" else axis.holes


def _strict(axis: AxisField) -> AxisValue:
    return _plain(axis.strict)


def _plain(value: Size | None) -> AxisValue:
    return value if value is None or isinstance(value, int) else Worded(format_number(value), value)


def _size(axis: AxisField, language: Language) -> AxisValue:
    reported = axis.reported
    if isinstance(reported, float):
        return Worded(say("everything", language), reported)
    # Of a global path the size is no difference of two ends, which comparisons could subtract.
    return _strict(axis) if axis.path == "main" else axis.size and Extremes(*axis.size)


def _stride(axis: AxisField) -> AxisValue:
    if axis.stride is None:
        return ABSENT if axis.size or axis.collapsed else None
    return axis.stride if isinstance(axis.stride, int) else Fractional(*axis.stride)


# What cells show of figures of the field along one axis: more than what is sure.
AXIS_VALUES: dict[str, Callable[[AxisField], AxisValue]] = {
    "effective_stride": _stride,
    "effective_padding": lambda axis: axis.padding,
    "centre": lambda axis: axis.centre,
    "holes": lambda axis: None if (holes := known_holes(axis)) is None else Extremes(*holes),
    "phases": lambda axis: axis.phases,
    # Without global paths, of any kind.
    "local_field": lambda axis: None if axis.size is None else Extremes(*axis.size),
    "strict_field": _strict,
}


def field_cell(seen: SeenField | None, figure: str) -> Sortable:
    """A figure of AXIS_VALUES; absent along an axis where there is none."""
    if seen is None:
        return BLANK
    return EachAxis(tuple(known_or_absent(axis, AXIS_VALUES[figure](axis)) for axis in seen.axes))


def known_or_absent(axis: AxisField, known: AxisValue) -> AxisValue:
    """A value along an axis; where nothing is left without a global path it is not unknown: there is none."""
    return ABSENT if known is None and axis.size is None and axis.everything else known


def milliseconds(seconds: Span, language: Language) -> AxisValue:
    """The cell of a duration; unknown where only a bound is known."""
    if seconds.at_most:
        return None
    if seconds.whole:
        return Worded(say("everything", language), inf)
    low, high = seconds.low * 1000, seconds.high * 1000
    if isinstance(low, Polynomial) or isinstance(high, Polynomial):
        same = isinstance(low, Polynomial) and low == high
        return Worded(format_number(low), low) if same and isinstance(low, Polynomial) else None
    if low == high:
        return Worded(format_decimal(low), float(low))
    return Worded(f"{format_decimal(low)}{DASH}{format_decimal(high)}", (float(low), float(high)))
