"""The elements of a picture in SVG, in colours for light and dark ground, all text escaped."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from rfcalc.errors import printable
from rfcalc.render.charts.palette import DARK, LIGHT
from rfcalc.render.escapes import html

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rfcalc.render.charts.palette import Colour, Marker
    from rfcalc.report.chart import Point, Stroke

# Stands for the name of the picture until all of it is known; no text of a chart holds it.
NAME = "\0"
_DASHES = {"solid": "", "dashed": "6 4", "dotted": "0 4", "none": ""}
_MARKERS: dict[Marker, str] = {
    "circle": "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
    "square": "m-3.2-3.2h6.4v6.4h-6.4z",
    "triangle": "m0-4.2 4 7h-8z",
    "diamond": "m0-4.6 4 4.6-4 4.6-4-4.6z",
    "cross": "m0-1.5 2-2 1.5 1.5-2 2 2 2-1.5 1.5-2-2-2 2-1.5-1.5 2-2-2-2 1.5-1.5z",
    "plus": "m-1.2-4.4h2.4v3.2h3.2v2.4h-3.2v3.2h-2.4v-3.2h-3.2v-2.4h3.2z",
    "down": "m0 4.2 4-7h-8z",
}


class SvgElements:
    """Elements in the order in which they lie above each other."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        # By the property of a style and the name of a colour.
        self._painted: dict[tuple[str, str], Colour] = {}
        self._named = 0

    def paint(self, what: str, colour: Colour) -> str:
        """The attributes that fill, stroke or stop in a colour: that for light ground, and its class."""
        return self.paints({what: colour})

    def paints(self, colours: Mapping[str, Colour]) -> str:
        """As `paint`, of one element in several ways."""
        classes, attributes = [], []
        for what, colour in colours.items():
            name = (
                colour
                if isinstance(colour, str)
                else f"{colour % len(LIGHT.series)}"
                if colour >= 0
                else "ink"
            )
            self._painted[what, name] = colour
            classes.append(f"{what[:3]}-{name}")
            attributes.append(f'{what}="#{LIGHT.colour(colour)}"')
        return f'class="{" ".join(classes)}" {" ".join(attributes)}'

    def style(self) -> str:
        """The style sheet for what has been painted.

        It replaces nothing where styles have no properties, or a page sets these itself.
        """
        rules = "".join(
            f".rfcalc-chart .{what[:3]}-{name}{{{what}:var(--rfcalc-{name},#{LIGHT.colour(colour)})}}"
            for (what, name), colour in sorted(self._painted.items())
        )
        colours = {name: DARK.colour(colour) for (_, name), colour in sorted(self._painted.items())}
        dark = "".join(f"--rfcalc-{name}:#{colour};" for name, colour in colours.items())
        return (
            f"@supports (color:var(--a)){{{rules}}}"
            f"@media screen and (prefers-color-scheme:dark){{.rfcalc-chart{{{dark}}}}}"
        )

    def name(self) -> str:
        """A name for an element, which no other has, also of another picture of the same page."""
        self._named += 1
        return f"{NAME}{self._named}"

    def text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        colour: Colour = -1,
        *,
        anchor: str = "start",
        bold: bool = False,
        turned: bool = False,
        halo: bool = False,
    ) -> None:
        """A line of text with one end, or its middle, at a point of its base line.

        turned: it goes upwards.  halo: it is read on whatever lies below.
        """
        place = f'x="{number(x)}" y="{number(y)}" font-size="{size}"'
        if anchor != "start":
            place += f' text-anchor="{anchor}"'
        if bold:
            place += ' font-weight="600"'
        if turned:
            place += f' transform="rotate(-90 {number(x)} {number(y)})"'
        if halo:
            around = f'fill="none" {self.paint("stroke", "ground")} stroke-width="3" stroke-linejoin="round"'
            self.parts.append(f"<text {place} {around}>{escaped(text)}</text>")
        self.parts.append(f"<text {place} {self.paint('fill', colour)}>{escaped(text)}</text>")

    def path(self, data: str, attributes: str) -> None:
        """A path, if it has anything."""
        if data:
            self.parts.append(f'<path d="{data}" {attributes}/>')

    def line(
        self,
        runs: Iterable[Sequence[Point]],
        colour: Colour,
        stroke: Stroke = "solid",
        width: float = 2,
        *,
        halo: bool = False,
    ) -> None:
        """Lines through points on the page; halo: they are seen on whatever lies below."""
        data = "".join("M" + "L".join(map(point, run)) for run in runs if len(run) > 1)
        attributes = 'stroke-linejoin="round"'
        if stroke == "dotted":
            attributes += ' stroke-linecap="round"'
        if _DASHES[stroke]:
            attributes += f' stroke-dasharray="{_DASHES[stroke]}"'
        rims: list[tuple[Colour, float]] = [("ground", width + 2.4)] if halo else []
        for paint, wide in (*rims, (colour, width)):
            self.path(
                data, f'fill="none" {self.paint("stroke", paint)} stroke-width="{number(wide)}" {attributes}'
            )

    def markers(self, points: Iterable[Point], colour: Colour, marker: Marker) -> None:
        """The same marker at several points."""
        self.path("".join(f"M{point(each)}{_MARKERS[marker]}" for each in points), self.paint("fill", colour))

    def shape(self, corners: Sequence[Point], colour: Colour, opacity: float) -> None:
        """The inside of a polygon."""
        if len(corners) > 2 and opacity > 0:
            data = "M" + "L".join(map(point, corners)) + "z"
            self.path(data, f"{self.paint('fill', colour)}{opaque(opacity)}")

    def clip(self, box: Sequence[float]) -> str:
        """The attribute that cuts off what is outside of a box: left, top, width, height."""
        name = self.name()
        self.parts.append(f'<clipPath id="{name}"><rect {sides(box)}/></clipPath>')
        return f'clip-path="url(#{name})"'


def number(value: float, digits: int = 1) -> str:
    """A coordinate with few digits."""
    return f"{round(value, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".")


def point(place: Point) -> str:
    """Both coordinates of a point."""
    return f"{number(place[0])} {number(place[1])}"


def sides(box: Sequence[float]) -> str:
    """The attributes of a box: left, top, width, height."""
    named = zip(("x", "y", "width", "height"), box, strict=True)
    return " ".join(f'{side}="{number(value, 2)}"' for side, value in named)


def opaque(opacity: float) -> str:
    """The attribute of a fill that is not wholly opaque."""
    return "" if opacity >= 1 else f' fill-opacity="{number(opacity, 3)}"'


def escaped(text: str) -> str:
    """Text as it stands in an element: nothing in it is markup, nothing is invisible."""
    return html(printable(text))


def photo_symbol(name: str, content: bytes, media: str) -> str:
    """The definition of an image of this name, which `use` lays into any box, stretched to its sides."""
    return (
        f'<symbol id="{name}" viewBox="0 0 1 1" preserveAspectRatio="none"><image width="1" height="1"'
        f' preserveAspectRatio="none" href="{image_data(content, media)}"/></symbol>'
    )


def image_data(content: bytes, media: str) -> str:
    """The address of an image that is in the file itself."""
    return f"data:{media};base64,{b64encode(content).decode()}"
