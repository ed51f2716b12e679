"""Diagrams as png and pdf by matplotlib, everything where the page has it, as in SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfcalc.render.charts.fonts import FontLetters, families_of
from rfcalc.render.charts.matplotlib import PIXELS, POINTS, figure_file, loaded_matplotlib
from rfcalc.render.charts.palette import LIGHT, mixed
from rfcalc.render.diagrams.column import FONT, SMALL
from rfcalc.render.diagrams.page import BEAM, TINT, UNIT, DiagramPage, PageBox, PageEdge
from rfcalc.render.diagrams.styles import page_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rfcalc.render.diagrams.cuboid import PageBeam, PageVolume
    from rfcalc.report.diagram.diagram import Diagram, DrawingStyle


def diagram_file(diagrams: Sequence[Diagram], format: str, style: DrawingStyle = "boxes") -> bytes:
    """The file of diagrams on one page, "png" or "pdf"; raises UsageError without matplotlib."""
    page = page_in(style, diagrams)
    return figure_file(lambda: _figure(page), page.title, format)


def diagram_without_glyphs(diagrams: Sequence[Diagram], style: DrawingStyle = "boxes") -> str:
    """The characters that no font has; raises UsageError where matplotlib is not installed."""
    loaded_matplotlib()
    return families_of(_texts(page_in(style, diagrams)))[1]


def _texts(page: DiagramPage) -> Iterator[str]:
    yield from (text.text for text in page.texts)
    for box in page.boxes:
        yield box.lettered.text
        yield box.lettered.second


def _figure(page: DiagramPage) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    figure = Figure(figsize=(page.width / PIXELS, page.height / PIXELS), facecolor=f"#{LIGHT.ground}")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, page.width), ylim=(page.height, 0))
    ax.set_axis_off()
    stripe = f"#{mixed(LIGHT.grid, LIGHT.ground, 0.4)}"
    for band in page.bands[::2]:
        ax.add_patch(Rectangle((0, band.top), page.width, band.bottom - band.top, facecolor=stripe))
    letters = FontLetters(_texts(page))
    for edge in page.edges:
        _edge(ax, edge)
    for box in page.boxes:
        _box(ax, box, letters)
    for volume, beam in page.volumes:
        _volume(ax, volume)
        if beam is not None:
            _beam(ax, beam)
    for text in page.texts:
        style = letters.style(text.size * POINTS, bold=text.bold, colour=LIGHT.colour(text.colour))
        place = {"start": "left", "middle": "center", "end": "right"}[text.anchor]
        ax.text(text.x, text.y, letters.characters(text.text), ha=place, va="baseline", **style)
    return figure


def _edge(ax: Axes, edge: PageEdge) -> None:
    """A line with round corners and its arrow, as in SVG."""
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    points, codes = [], []
    for kind, *places in edge.drawn():
        points += places
        codes += {"M": [Path.MOVETO], "L": [Path.LINETO], "Q": [Path.CURVE3, Path.CURVE3]}[kind]
    look: dict[str, Any] = {"edgecolor": f"#{LIGHT.muted}", "facecolor": "none", "linewidth": 1.2 * POINTS}
    if edge.dashed:
        look["linestyle"] = (0, (4, 3))
    ax.add_patch(PathPatch(Path(points, codes), **look))
    ax.add_patch(Polygon(edge.arrow(), closed=True, facecolor=f"#{LIGHT.muted}", edgecolor="none"))


def _box(ax: Axes, box: PageBox, letters: FontLetters) -> None:
    from matplotlib.patches import FancyBboxPatch, PathPatch
    from matplotlib.path import Path

    lettered = box.lettered
    border, inside = (LIGHT.colour(box.colour),) * 2
    if lettered.box.kind in ("join", "input"):
        border, inside = LIGHT.muted, LIGHT.ground
    else:
        inside = mixed(inside, LIGHT.ground, TINT)
    lift = lettered.lift
    for by, colour in ((lift, LIGHT.ground), (0.0, inside)) if lift else ((0.0, inside),):
        corner = (box.left + by, box.top - by)
        ax.add_patch(
            FancyBboxPatch(
                corner,
                lettered.width,
                lettered.height,
                boxstyle=f"round,pad=0,rounding_size={lettered.radius}",
                facecolor=f"#{colour}",
                edgecolor=f"#{border}",
                linewidth=POINTS,
            )
        )
    if lettered.box.shortcut:
        codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
        ax.add_patch(PathPatch(Path(box.loop(), codes), facecolor="none", edgecolor=f"#{border}"))
    for text, (x, y), size, colour in (
        (lettered.text, box.text_place(), FONT, LIGHT.ink),
        (lettered.second, box.second_place(), SMALL, LIGHT.muted),
    ):
        side = "right" if text == lettered.second and lettered.box.kind == "join" else "center"
        style = letters.style(size * POINTS, colour=colour)
        ax.text(x, y, letters.characters(text), ha=side, va="baseline", **style)


def _volume(ax: Axes, volume: PageVolume) -> None:
    """A cuboid, and in it what a unit of the next one reads."""
    from matplotlib.patches import Polygon

    colour = f"#{LIGHT.colour(volume.colour)}"
    look: dict[str, Any] = {
        "closed": True,
        "edgecolor": colour,
        "linewidth": 0.8 * POINTS,
        "joinstyle": "round",
    }
    for cuboid, shade in volume.cuboids():
        for face in cuboid.faces():
            ax.add_patch(Polygon(face.corners, facecolor=(colour, round(face.shade * shade, 2)), **look))


def _beam(ax: Axes, beam: PageBeam) -> None:
    """What is read, on its way into the next volume, with the unit that reads it."""
    from matplotlib.patches import Circle, Polygon

    colour = f"#{LIGHT.muted}"
    ax.add_patch(Polygon(beam.outline, closed=True, facecolor=(colour, BEAM), edgecolor="none"))
    for ray in beam.rays:
        ax.add_patch(Polygon(ray, closed=False, edgecolor=colour, linewidth=0.5 * POINTS))
    if beam.tip is not None:
        ax.add_patch(Circle(beam.tip, UNIT, facecolor=colour, edgecolor="none"))
