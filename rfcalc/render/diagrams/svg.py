"""Diagrams as SVG, for a file and within a page; like charts it needs nothing that is not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.charts.svg import svg_picture
from rfcalc.render.charts.svg_elements import SvgElements, escaped, number, point, sides
from rfcalc.render.diagrams.column import FONT, SMALL
from rfcalc.render.diagrams.page import BEAM, TINT, UNIT, DiagramPage, PageBox, PageEdge
from rfcalc.render.diagrams.styles import page_in
from rfcalc.report.diagram.box_texts import about_box
from rfcalc.report.diagram.diagram import Diagram

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfcalc.render.diagrams.cuboid import PageBeam, PagePoint, PageVolume
    from rfcalc.report.diagram.diagram import DiagramBox, DrawingStyle


def diagram_svg(
    diagram: Diagram | Sequence[Diagram],
    *,
    style: DrawingStyle = "boxes",
    links: Callable[[DiagramBox], str | None] | None = None,
) -> str:
    """One diagram, or several on one page, as one `svg` element; links: where a box leads to."""
    diagrams = [diagram] if isinstance(diagram, Diagram) else [*diagram]
    page = page_in(style, diagrams)
    drawing = _DiagramDrawing(page, links)
    return svg_picture(drawing.elements, (page.width, page.height), page.title, page.about, page.language)


class _DiagramDrawing:
    """The elements of a page."""

    def __init__(self, page: DiagramPage, links: Callable[[DiagramBox], str | None] | None) -> None:
        self.elements, self.page, self.links = SvgElements(), page, links
        width, height = number(page.width), number(page.height)
        ground = self.elements.paint("fill", "ground")
        self.elements.parts.append(f'<rect width="{width}" height="{height}" {ground}/>')
        for place, band in enumerate(page.bands):
            if place % 2 == 0:
                extent = sides((0, band.top, page.width, band.bottom - band.top))
                self.elements.parts.append(
                    f'<rect {extent} {self.elements.paint("fill", "grid")} fill-opacity="0.4"/>'
                )
        for dashed in (False, True):
            self.edges([edge for edge in page.edges if edge.dashed == dashed], dashed)
        for box in page.boxes:
            self.box(box)
        for volume, beam in page.volumes:
            self.volume(volume)
            if beam is not None:
                self.beam(beam)
        for text in page.texts:
            self.elements.text(
                text.text, text.x, text.y, text.size, text.colour, anchor=text.anchor, bold=text.bold
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
        closing = self.opened(lettered.box)
        radius = f'rx="{number(lettered.radius)}"'
        plain = lettered.box.kind in ("join", "input")
        colours = elements.paints({"fill": "ground", "stroke": "muted" if plain else box.colour})
        for by in dict.fromkeys((lettered.lift, 0.0)):
            extent = sides((box.left + by, box.top - by, lettered.width, lettered.height))
            elements.parts.append(f"<rect {extent} {radius} {colours}/>")
        if not plain:
            colour = elements.paint("fill", box.colour)
            elements.parts.append(f'<rect {extent} {radius} {colour} fill-opacity="{TINT}"/>')
        if lettered.box.shortcut:
            first, *others = map(point, box.loop())
            elements.path(
                f"M{first}C{' '.join(others)}", f'fill="none" {elements.paint("stroke", box.colour)}'
            )
        elements.text(lettered.text, *box.text_place(), FONT, anchor="middle")
        if lettered.second:
            side = "end" if plain else "middle"
            elements.text(lettered.second, *box.second_place(), SMALL, "muted", anchor=side)
        elements.parts.append(closing)

    def opened(self, box: DiagramBox) -> str:
        """Begin the group of a box, which says all of it, or its link; what ends it is returned."""
        href = self.links(box) if self.links is not None else None
        opening, closing = ("<g>", "</g>") if href is None else (f'<a href="{escaped(href)}">', "</a>")
        self.elements.parts.append(f"{opening}<title>{escaped(about_box(box, self.page.language))}</title>")
        return closing

    def volume(self, volume: PageVolume) -> None:
        """A cuboid, and in it what a unit of the next one reads, in a group that says all of it."""
        closing = self.opened(volume.box)
        colours = self.elements.paints({"fill": volume.colour, "stroke": volume.colour})
        look = f'{colours} stroke-width="0.8" stroke-linejoin="round"'
        for cuboid, shade in volume.cuboids():
            for face in cuboid.faces():
                opacity = number(face.shade * shade, 2)
                self.elements.path(_closed(face.corners), f'{look} fill-opacity="{opacity}"')
        self.elements.parts.append(closing)

    def beam(self, beam: PageBeam) -> None:
        """What is read, on its way into the next volume, with the unit that reads it."""
        muted = self.elements.paint("fill", "muted")
        self.elements.path(_closed(beam.outline), f'{muted} fill-opacity="{BEAM}"')
        lines = "".join(f"M{point(start)}L{point(end)}" for start, end in beam.rays)
        self.elements.path(lines, f'fill="none" {self.elements.paint("stroke", "muted")} stroke-width="0.5"')
        if beam.tip is not None:
            x, y = map(number, beam.tip)
            self.elements.parts.append(f'<circle cx="{x}" cy="{y}" r="{number(UNIT)}" {muted}/>')


def _closed(corners: Sequence[PagePoint]) -> str:
    return f"M{'L'.join(map(point, corners))}z"


def _line(edge: PageEdge) -> str:
    return "".join(kind + " ".join(map(point, places)) for kind, *places in edge.drawn())


def _arrow(edge: PageEdge) -> str:
    return "M" + "L".join(map(point, edge.arrow())) + "z"
