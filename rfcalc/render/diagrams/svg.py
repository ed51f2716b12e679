"""Diagrams as SVG, for a file and within a page; like charts it needs nothing that is not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.charts.svg import svg_picture
from rfcalc.render.charts.svg_elements import SvgElements, escaped, number, sides
from rfcalc.render.diagrams.page import FONT, SMALL, DiagramPage, PageBox, PageEdge, page_of
from rfcalc.report.diagram.diagram import Diagram
from rfcalc.report.diagram.tooltip import about_box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfcalc.report.diagram.diagram import DiagramBox

_ROUND, _ARROW = 5.0, 5.0
_TINT = 0.15


def diagram_svg(
    diagram: Diagram | Sequence[Diagram], *, links: Callable[[DiagramBox], str | None] | None = None
) -> str:
    """One diagram, or several side by side, as one `svg` element; links: where a box leads to."""
    diagrams = [diagram] if isinstance(diagram, Diagram) else [*diagram]
    page = page_of(diagrams)
    drawing = _Drawing(page, links)
    return svg_picture(drawing.elements, (page.width, page.height), page.title, page.about, page.language)


class _Drawing:
    """The elements of a page."""

    def __init__(self, page: DiagramPage, links: Callable[[DiagramBox], str | None] | None) -> None:
        self.elements, self.page, self.links = SvgElements(), page, links
        width, height = number(page.width), number(page.height)
        ground = self.elements.paint("fill", "ground")
        self.elements.parts.append(f'<rect width="{width}" height="{height}" {ground}/>')
        for place, band in enumerate(page.bands):
            if place % 2 == 0:
                box = sides((0, band.top, page.width, band.bottom - band.top))
                self.elements.parts.append(
                    f'<rect {box} {self.elements.paint("fill", "grid")} fill-opacity="0.4"/>'
                )
        for dashed in (False, True):
            self.edges([edge for edge in page.edges if edge.dashed == dashed], dashed)
        for box in page.boxes:
            self.box(box)
        for text in page.texts:
            colour = "muted" if text.muted else "ink"
            self.elements.text(
                text.text, text.x, text.y, text.size, colour, anchor=text.anchor, bold=text.bold
            )

    def edges(self, edges: Sequence[PageEdge], dashed: bool) -> None:
        """Lines with round corners, and their arrows."""
        lines = "".join(map(_line, edges))
        style = 'stroke-width="1.2"' + (' stroke-dasharray="4 3"' if dashed else "")
        self.elements.path(lines, f'fill="none" {self.elements.paint("stroke", "muted")} {style}')
        self.elements.path("".join(map(_arrow, edges)), self.elements.paint("fill", "muted"))

    def box(self, box: PageBox) -> None:
        """A box with its texts, in a group that says all of it."""
        elements, lettered = self.elements, box.lettered
        href = self.links(lettered.box) if self.links is not None else None
        opening, closing = ("<g>", "</g>") if href is None else (f'<a href="{escaped(href)}">', "</a>")
        elements.parts.append(
            f"{opening}<title>{escaped(about_box(lettered.box, self.page.language))}</title>"
        )
        kind = lettered.box.kind
        colours = elements.paints({"fill": box.colour, "stroke": box.colour})
        if kind == "join" or kind == "input":
            colours = elements.paints({"fill": "ground", "stroke": "muted"})
        radius = lettered.height / 2 if kind in ("join", "input") else 3.0
        tint = f' fill-opacity="{_TINT}"' if kind in ("layer", "block") else ""
        extent = sides((box.left, box.top, lettered.width, lettered.height))
        if lettered.lift:
            behind = sides(
                (box.left + lettered.lift, box.top - lettered.lift, lettered.width, lettered.height)
            )
            ground = elements.paints({"fill": "ground", "stroke": box.colour})
            elements.parts.append(f'<rect {behind} rx="{number(radius)}" {ground}/>')
        if tint:
            elements.parts.append(
                f'<rect {extent} rx="{number(radius)}" {elements.paint("fill", "ground")}/>'
            )
        elements.parts.append(f'<rect {extent} rx="{number(radius)}" {colours}{tint}/>')
        if lettered.box.shortcut:
            right, top = box.left + lettered.width + lettered.lift, box.top - lettered.lift
            loop = f"M{number(right)} {number(top + 5)}c9 1 9 {number(lettered.height - 11)} 0 {number(lettered.height - 10)}"
            elements.path(loop, f'fill="none" {elements.paint("stroke", box.colour)}')
        base = box.top + (lettered.height if not lettered.second or kind == "join" else 23) / 2 + 4
        elements.text(lettered.text, box.middle, base, FONT, anchor="middle")
        if lettered.second and kind == "join":
            elements.text(lettered.second, box.left - 4, base - 0.5, SMALL, "muted", anchor="end")
        elif lettered.second:
            elements.text(lettered.second, box.middle, box.top + 28, SMALL, "muted", anchor="middle")
        elements.parts.append(closing)


def _line(edge: PageEdge) -> str:
    """The path of an edge, its corners rounded, up to where its arrow begins."""
    points = _shortened(edge.points)
    data = f"M{number(points[0][0])} {number(points[0][1])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near = [_towards(corner, other, _ROUND) for other in (before, after)]
        data += f"L{number(near[0][0])} {number(near[0][1])}Q{number(corner[0])} {number(corner[1])}"
        data += f" {number(near[1][0])} {number(near[1][1])}"
    return f"{data}L{number(points[-1][0])} {number(points[-1][1])}"


def _shortened(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    return (*points[:-1], _towards(points[-1], points[-2], _ARROW - 1))


def _towards(point: tuple[float, float], other: tuple[float, float], by: float) -> tuple[float, float]:
    """From a point so far towards another, at most half of the way."""
    wide, high = other[0] - point[0], other[1] - point[1]
    length = abs(wide) + abs(high)
    part = min(by / length, 0.5) if length else 0.0
    return point[0] + part * wide, point[1] + part * high


def _arrow(edge: PageEdge) -> str:
    (x, y), (from_x, _) = edge.points[-1], edge.points[-2]
    tip = f"M{number(x)} {number(y)}"
    if from_x > x:
        return f"{tip}l{number(_ARROW)} -3v6z"
    return f"{tip}l-3 -{number(_ARROW)}h6z"
