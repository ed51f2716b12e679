"""A chart: what a picture shows, in its own units and words, before anybody draws it.

    report ─► `Chart` ─► render ─► a terminal's characters, SVG, matplotlib

Whoever makes one decides what is seen and in which words; whoever draws it decides on colours, fonts, sizes
in pixels and on round numbers beside an axis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rfcalc.records import NamedTuple
from rfcalc.report.words import Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    Point = tuple[float, float]
    # Rows of numbers, from the top; a numpy array is one.
    Rows = Sequence[Sequence[float]]

Stroke = Literal["solid", "dashed", "dotted", "none"]


class Scale(NamedTuple):
    """One side of a panel, from `low` to `high`; label: what it measures, with the unit.

    logarithmic: equal ratios are equally long; low is then above 0.  whole: between two whole numbers there
    is nothing to name.  ticks: the places with a name, and their names; none leaves it to whoever draws.
    bare: no places are named.
    """

    label: str
    low: float
    high: float
    logarithmic: bool = False
    whole: bool = False
    ticks: tuple[tuple[float, str], ...] = ()
    bare: bool = False


class Curve(NamedTuple):
    """Points joined in their order.

    series: whose colour it has, a number from 0; the same number is the same colour in all panels; -1 for
    the colour of frames and text.  label: its entry in the legend, none for "".  steps: each value holds
    until the next point.  dots: whether the points themselves are marked.
    """

    points: tuple[Point, ...]
    series: int = 0
    label: str = ""
    stroke: Stroke = "solid"
    steps: bool = False
    dots: bool = False


class Polygon(NamedTuple):
    """A closed shape with corners, such as the four of a box.  fill: how opaque its inside is, 0 to 1."""

    corners: tuple[Point, ...]
    series: int = 0
    label: str = ""
    stroke: Stroke = "solid"
    fill: float = 0.0


class Guide(NamedTuple):
    """A straight line across the panel at a value along one side, with its name beside it."""

    along: Literal["x", "y"]
    value: float
    label: str = ""


class Cells(NamedTuple):
    """Squares side by side, such as the positions of a map; the first has its corner at (left, top).

    values: 0 to 1 each; 0 is drawn as nothing.  size: the length of a square.  scaled: whether the values
    are amounts, shown by a scale of shades beside the panel that is called `label`; else they are 0 or 1,
    drawn in the colour of the series.
    """

    left: float
    top: float
    values: Rows
    size: float = 1.0
    series: int = 0
    label: str = ""
    scaled: bool = False


# The most pixels of a photo that a viewer is asked to unpack.
MOST_PIXELS = 2**26
PhotoMedia = Literal["image/png", "image/jpeg", "image/webp"]
PHOTO_MEDIA: tuple[PhotoMedia, ...] = ("image/png", "image/jpeg", "image/webp")


class Photo(NamedTuple):
    """An image behind the marks, from (left, top) to (right, bottom); content: a file of this media type."""

    left: float
    top: float
    right: float
    bottom: float
    content: bytes
    media: PhotoMedia


class Caption(NamedTuple):
    """A text at a point.  anchor: which end of the text, or its middle, is there."""

    text: str
    at: Point
    anchor: Literal["start", "middle", "end"] = "middle"
    series: int = -1


ChartMark = Curve | Polygon | Guide | Cells | Photo | Caption


class Panel(NamedTuple):
    """A rectangle with two scales and what lies in it; later marks lie above earlier ones.

    square: a unit is as long along both sides.  downwards: y grows from the top, as the rows of an image do.
    framed: whether the scales are drawn.
    """

    title: str
    x: Scale
    y: Scale
    marks: tuple[ChartMark, ...]
    square: bool = False
    downwards: bool = False
    framed: bool = True


class Chart(NamedTuple):
    """Panels, in rows of `columns`, under a title.

    about: what is to be seen, for those who cannot see it.  notes: sentences below the picture.
    """

    title: str
    panels: tuple[Panel, ...]
    about: str
    columns: int = 1
    notes: tuple[str, ...] = ()
    language: Language = "en"


def box(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    """The corners of a box."""
    return ((left, top), (right, top), (right, bottom), (left, bottom))
