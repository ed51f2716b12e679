"""What is said of the marks of a chart: its legend, once for all panels, and its scales of shades.

A legend stands between title and panels, the names of guides and scales of shades beside their panel: nothing
that names a mark lies over another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rfcalc.records import NamedTuple
from rfcalc.report.chart import Cells, Curve, Guide, Photo, Polygon

if TYPE_CHECKING:
    from rfcalc.report.chart import Chart, ChartMark, Panel, Stroke


class LegendEntry(NamedTuple):
    """A mark with a name; fill: how opaque it is inside, for a line 0."""

    label: str
    series: int
    kind: Literal["line", "area", "cells"]
    stroke: Stroke = "solid"
    fill: float = 0.0
    dots: bool = False


def legend_of(chart: Chart) -> tuple[LegendEntry, ...]:
    """The named marks of all panels in their order; the same mark once."""
    found = (entry_of(mark) for panel in chart.panels for mark in panel.marks)
    return tuple(dict.fromkeys(entry for entry in found if entry.label))


def entry_of(mark: ChartMark) -> LegendEntry:
    """The entry of a mark, with no label for what has none."""
    if isinstance(mark, Curve):
        return LegendEntry(mark.label, mark.series, "line", mark.stroke, 0.0, mark.dots)
    if isinstance(mark, Polygon):
        return LegendEntry(mark.label, mark.series, "area", mark.stroke, mark.fill)
    if isinstance(mark, Cells) and not mark.scaled:
        return LegendEntry(mark.label, mark.series, "cells", "none", 1.0)
    return LegendEntry("", -1, "line")


def shades_of(panel: Panel) -> Cells | None:
    """The last amounts of a panel, which its scale of shades stands for; None where it shows none."""
    return next((mark for mark in reversed(panel.marks) if isinstance(mark, Cells) and mark.scaled), None)


def has_photo(panel: Panel) -> bool:
    """Whether lines of a panel lie on a photo, of any colours, and need a rim to be seen."""
    return any(isinstance(mark, Photo) for mark in panel.marks)


def guides_of(panel: Panel, along: Literal["x", "y"]) -> list[Guide]:
    """The guides across one side."""
    return [mark for mark in panel.marks if isinstance(mark, Guide) and mark.along == along]


def marked(chart: Chart) -> bool:
    """Whether curves carry the markers of their series: where there are several to be told apart."""
    series = {mark.series for panel in chart.panels for mark in panel.marks if isinstance(mark, Curve)}
    return len(series - {-1}) > 1
