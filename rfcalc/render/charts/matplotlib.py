"""A chart by matplotlib, for png and pdf and for those who go on with its axes in a notebook.

Everything stands where `page` puts it, so that a picture looks as its SVG does.  Neither pyplot nor a
backend of a window is touched: figures are made without, and nothing stays when they are gone.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from rfcalc.errors import UsageError, printable
from rfcalc.render.charts.cells import levels_of
from rfcalc.render.charts.legend import has_photo, legend_of, marked, shades_of
from rfcalc.render.charts.page import FONT, LINE, SMALL, TITLE, marked_places, page_of
from rfcalc.render.charts.palette import LIGHT, channels, marker_of
from rfcalc.render.charts.shapes import is_inside
from rfcalc.report.chart import Caption, Cells, Curve, Guide, Photo, Polygon

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rfcalc.render.charts.legend import LegendEntry
    from rfcalc.render.charts.page import LegendSample, Page, PlacedText, Spot
    from rfcalc.report.chart import Chart


# Pixels of the layout in an inch: a chart of one column is 4.8 inches wide.
PIXELS = 100
POINTS = 72 / PIXELS
_DOTS_PER_INCH = 200
_MOST_CELLS = 1024
_MOST_PHOTO = 1600
_DASHES: dict[str, Any] = {"solid": "-", "dashed": (0, (3.2, 2.2)), "dotted": (0, (0.8, 1.9)), "none": ""}
_MARKERS = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "cross": "X",
    "plus": "P",
    "down": "v",
}


def chart_file(chart: Chart, format: str) -> bytes:
    """The file of the chart, "png" or "pdf"; the same bytes in every run.

    Raises UsageError where matplotlib is not installed.
    """
    return figure_file(lambda: _figure(chart, page_of(chart))[0], chart.title, format)


def figure_file(make: Callable[[], Figure], title: str, format: str) -> bytes:
    """The file of a figure, "png" or "pdf"; make: what draws it, with the settings that hold for its file."""
    matplotlib = loaded_matplotlib()
    kinds: dict[str, Any] = {
        "png": {"dpi": _DOTS_PER_INCH, "metadata": {"Software": None}},
        "pdf": {
            "metadata": {
                "CreationDate": None,
                "Producer": None,
                "Creator": None,
                "Title": printable(title),
            }
        },
    }
    buffer = BytesIO()
    with matplotlib.rc_context():
        # Whatever the user's configuration says; fonts are embedded as what they are, so that text is found.
        matplotlib.rcdefaults()
        matplotlib.rcParams["pdf.fonttype"] = 42
        make().savefig(buffer, format=format, **kinds[format])
    return buffer.getvalue()


def draw_chart(chart: Chart) -> list[Axes]:
    """The axes of all panels, on a new figure; raises UsageError where matplotlib is not installed."""
    loaded_matplotlib()
    return _figure(chart, page_of(chart))[1]


def draw_panel(ax: Axes, chart: Chart, number: int = 0) -> Axes:
    """The axes, with a panel of the chart on them and its legend below.

    Raises UsageError where there is no such panel.
    """
    if not 0 <= number < len(chart.panels):
        raise UsageError(f"the chart has {len(chart.panels)} panels, numbered from 0; there is no {number}")
    alone = chart._replace(panels=(chart.panels[number],))
    pen = _Pen(alone, marked(alone))
    spot = page_of(alone).spots[0]
    pen.panel(ax, spot)
    if title := chart.panels[number].title or chart.title:
        # Above the names of guides.
        rows = len({named.base for named in spot.guides if named.guide.along == "x" and named.text})
        above = 1 + rows * LINE / spot.height
        ax.set_title(pen.characters(title), loc="left", y=above, pad=6, **pen.style(FONT, bold=True))
    entries = legend_of(alone)
    if entries:
        below = -0.22 if chart.panels[number].framed else -0.04
        handles = [pen.handle(entry) for entry in entries]
        found = ax.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0, below), frameon=False, borderpad=0
        )
        for text in found.get_texts():
            text.set(**pen.style(SMALL))
    return ax


def without_glyphs(chart: Chart) -> str:
    """The characters of the chart that no font has; raises UsageError where matplotlib is not installed."""
    loaded_matplotlib()
    from rfcalc.render.charts.fonts import families_for

    return families_for(chart)[1]


def loaded_matplotlib() -> Any:
    """The package; raises UsageError where it is not installed."""
    try:
        import matplotlib
    except ImportError:
        raise UsageError("this needs matplotlib: pip install 'rfcalc[plot]'; svg needs nothing") from None
    return matplotlib


def _figure(chart: Chart, page: Page) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    pen = _Pen(chart, marked(chart))
    figure = Figure(figsize=(page.width / PIXELS, page.height / PIXELS), facecolor=f"#{LIGHT.ground}")
    for line in page.title:
        pen.text(figure, page, line, TITLE, bold=True)
    for sample in page.legend:
        pen.sample(figure, page, sample)
    axes = []
    for spot in page.spots:
        rectangle = (
            spot.left / page.width,
            1 - (spot.top + spot.height) / page.height,
            spot.width / page.width,
            spot.height / page.height,
        )
        ax = figure.add_axes(rectangle)
        pen.panel(ax, spot)
        for line in spot.title:
            pen.text(figure, page, line, FONT, bold=True)
        axes.append(ax)
    for line in page.notes:
        pen.text(figure, page, line, SMALL, colour=LIGHT.muted)
    return figure, axes


def _halo(width: float) -> list[Any]:
    """A line of the ground's colour below another, or below letters."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=f"#{LIGHT.ground}")]


class _Pen:
    """Draws the parts of a chart in its fonts."""

    def __init__(self, chart: Chart, markers: bool) -> None:
        from rfcalc.render.charts.fonts import FontLetters, texts_of

        self.markers = markers
        self.letters = FontLetters(texts_of(chart))
        self.characters = self.letters.characters

    def style(self, size: float, *, bold: bool = False, colour: str = LIGHT.ink) -> dict[str, Any]:
        """What is said of every text of a size in pixels."""
        return self.letters.style(size * POINTS, bold=bold, colour=colour)

    def text(
        self,
        figure: Figure,
        page: Page,
        line: PlacedText,
        size: float,
        *,
        bold: bool = False,
        colour: str = LIGHT.ink,
    ) -> None:
        """A line of text on the page."""
        place = line.left / page.width, 1 - line.base / page.height
        figure.text(
            *place, self.characters(line.text), va="baseline", **self.style(size, bold=bold, colour=colour)
        )

    def sample(self, figure: Figure, page: Page, sample: LegendSample) -> None:
        """An entry of the legend on the page."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Rectangle

        x, y = sample.left / page.width, 1 - sample.middle / page.height
        wide, high = 1 / page.width, 1 / page.height
        handle = self.handle(sample.entry)
        if isinstance(handle, Line2D):
            handle.set_data([x, x + 12 * wide, x + 24 * wide], [y, y, y])
            handle.set_markevery([1])
        elif isinstance(handle, Rectangle):
            handle.set_bounds(x + 3 * wide, y - 6 * high, 18 * wide, 12 * high)
        handle.set_transform(figure.transFigure)
        figure.add_artist(handle)
        from rfcalc.render.charts.page import PlacedText

        self.text(figure, page, PlacedText(sample.label, sample.left + 30, sample.middle + 4.5), FONT)

    def handle(self, entry: LegendEntry) -> Any:
        """What stands for an entry in a legend."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Rectangle

        colour = f"#{LIGHT.colour(entry.series)}"
        label = self.characters(entry.label)
        if entry.kind == "line":
            signed = (self.markers and entry.series >= 0) or entry.dots or entry.stroke == "none"
            return Line2D([], [], label=label, **self.line(entry.series, entry.stroke, signed=signed))
        return Rectangle(
            (0, 0),
            1,
            1,
            label=label,
            facecolor=(*(part / 255 for part in channels(LIGHT.colour(entry.series))), min(entry.fill, 1.0)),
            edgecolor=colour if entry.stroke != "none" else "none",
            linestyle=_DASHES[entry.stroke] or "-",
            linewidth=1.3,
        )

    def line(self, series: int, stroke: str, *, signed: bool) -> dict[str, Any]:
        """How a line looks; signed: with the marker of its series."""
        sign = _MARKERS[marker_of(series) if self.markers else "circle"]
        return {
            "color": f"#{LIGHT.colour(series)}",
            "linewidth": 1.5,
            "linestyle": _DASHES[stroke],
            "marker": sign if signed else "",
            "markersize": 4.5,
            "markeredgewidth": 0,
        }

    def panel(self, ax: Axes, spot: Spot) -> None:
        """A panel with its scales, marks, and what stands beside it."""
        panel, plane = spot.panel, spot.plane
        ax.set_xscale("log" if plane.x.logarithmic else "linear")
        ax.set_yscale("log" if plane.y.logarithmic else "linear")
        for order, mark in enumerate(panel.marks):
            self.mark(ax, spot, mark, 2 + order / 1000)
        ax.set_autoscale_on(False)
        ax.set_xlim(plane.x.low, plane.x.high)
        ends = (plane.y.low, plane.y.high)
        ax.set_ylim(*(ends[::-1] if plane.downwards else ends))
        if panel.square:
            ax.set_aspect("equal")
        self.scales(ax, spot)
        for named in spot.guides:
            self.guide(ax, spot, named.guide, named.text, named.left, named.base)
        if shades := shades_of(panel):
            self.shades(ax, spot, shades)

    def scales(self, ax: Axes, spot: Spot) -> None:
        """Frame, grid, names of places and labels."""
        from matplotlib.ticker import NullLocator

        panel = spot.panel
        if not panel.framed:
            ax.axis("off")
            return
        ax.set_axisbelow(True)
        for axis, places in ((ax.xaxis, spot.x_ticks), (ax.yaxis, spot.y_ticks)):
            labels = [self.characters(tick.label) for _, tick in places]
            axis.set_ticks([tick.value for _, tick in places], labels=labels)
            axis.set_minor_locator(NullLocator())
            for text in axis.get_ticklabels():
                text.set(**self.style(SMALL, colour=LIGHT.muted))
        ax.tick_params(color=f"#{LIGHT.muted}", width=0.7, length=3)
        for spine in ax.spines.values():
            spine.set(color=f"#{LIGHT.muted}", linewidth=0.7)
        if not panel.square:
            ax.grid(visible=True, color=f"#{LIGHT.grid}", linewidth=0.7)
        ax.set_xlabel(self.characters(spot.x_label.text), labelpad=3, **self.style(FONT))
        ax.set_ylabel(self.characters(spot.y_label.text), labelpad=4, **self.style(FONT))

    def guide(self, ax: Axes, spot: Spot, guide: Guide, text: str, left: float, base: float) -> None:
        """A straight line with its name outside of the panel."""
        line = {"color": f"#{LIGHT.muted}", "linewidth": 0.9, "linestyle": _DASHES["dashed"], "zorder": 3}
        if guide.along == "y":
            ax.axhline(guide.value, **line)
        else:
            ax.axvline(guide.value, **line)
        if not text:
            return
        place = ((left - spot.left) / spot.width, 1 - (base - spot.top) / spot.height)
        if guide.along == "x":
            up = 1 + (spot.top - base + SMALL - 3) / spot.height
            ax.plot([guide.value] * 2, [1, up], transform=ax.get_xaxis_transform(), clip_on=False, **line)
        style = self.style(SMALL, colour=LIGHT.muted)
        ax.text(*place, self.characters(text), transform=ax.transAxes, va="baseline", clip_on=False, **style)

    def mark(self, ax: Axes, spot: Spot, mark: object, order: float) -> None:
        if isinstance(mark, Curve):
            if mark.points:
                self.curve(ax, spot, mark, order)
        elif isinstance(mark, Polygon):
            from matplotlib.patches import Polygon as Patch

            colour = LIGHT.colour(mark.series)
            inside = (*(part / 255 for part in channels(colour)), min(mark.fill, 1.0))
            edge = f"#{colour}" if mark.stroke != "none" else "none"
            # Both apart: a rim belongs to the line alone.
            ax.add_patch(Patch(mark.corners, closed=True, facecolor=inside, edgecolor="none", zorder=order))
            border = Patch(
                mark.corners, closed=True, facecolor="none", edgecolor=edge, linewidth=1.3, zorder=order
            )
            border.set_linestyle(_DASHES[mark.stroke] or "-")
            border.set_path_effects(self.rim(spot))
            ax.add_patch(border)
        elif isinstance(mark, Cells):
            self.cells(ax, spot, mark, order)
        elif isinstance(mark, Photo):
            from rfcalc.render.charts.photos import decoded

            image = decoded(mark, _MOST_PHOTO, _MOST_PHOTO)
            ends = (mark.left, mark.right, mark.bottom, mark.top)
            ax.imshow(image, extent=ends, aspect="auto", zorder=order, origin="upper")
        elif isinstance(mark, Caption) and is_inside(spot.plane.place(mark.at)):
            side = {"start": "left", "middle": "center", "end": "right"}[mark.anchor]
            style = self.style(SMALL, colour=LIGHT.colour(mark.series))
            halo = _halo(2)
            text = self.characters(mark.text)
            ax.text(
                *mark.at, text, ha=side, va="center", path_effects=halo, zorder=order, clip_on=True, **style
            )

    def curve(self, ax: Axes, spot: Spot, mark: Curve, order: float) -> None:
        """A line, and the markers where its SVG has them."""
        look = self.line(mark.series, mark.stroke, signed=False)
        xs, ys = zip(*mark.points, strict=True)
        rim = self.rim(spot)
        drawn = "steps-post" if mark.steps else "default"
        ax.plot(xs, ys, drawstyle=drawn, zorder=order, path_effects=rim, **look)
        dots = marked_places(spot, mark, spread=self.markers and mark.series >= 0)
        # Not cut off where they stand at a border.
        look = self.line(mark.series, "none", signed=True) | {"clip_on": False}
        values = [(spot.plane.x.value(x), spot.plane.y.value(spot.plane.upright(y))) for x, y in dots]
        if values:
            ax.plot(*zip(*values, strict=True), zorder=order, **look)

    def rim(self, spot: Spot) -> list[Any]:
        """What a line has around it, so that it is seen on a photo."""
        return _halo(3) if has_photo(spot.panel) else []

    def cells(self, ax: Axes, spot: Spot, cells: Cells, order: float) -> None:
        import numpy as np

        levels = levels_of(cells, _MOST_CELLS)
        if not levels.rows or not levels.rows[0]:
            return
        rows, columns = len(levels.rows), len(levels.rows[0])
        image = np.empty((rows, columns, 4), np.uint8)
        image[..., :3] = channels(LIGHT.colour(cells.series))
        image[..., 3] = np.frombuffer(b"".join(levels.rows), np.uint8).reshape(rows, columns)
        down = rows * levels.size * (1 if spot.panel.downwards else -1)
        ends = (cells.left, cells.left + columns * levels.size, cells.top + down, cells.top)
        ax.imshow(image, extent=ends, aspect="auto", interpolation="nearest", origin="upper", zorder=order)

    def shades(self, ax: Axes, spot: Spot, cells: Cells) -> None:
        """The scale of shades at the right of a panel."""
        import numpy as np

        wide, high = 10 / spot.width, min(160 / spot.height, 1.0)
        left = 1 + 10 / spot.width
        scale = ax.inset_axes((left, 1 - high, wide, high))
        image = np.empty((256, 1, 4), np.uint8)
        image[..., :3] = channels(LIGHT.colour(cells.series))
        image[..., 0, 3] = range(255, -1, -1)
        scale.imshow(image, extent=(0, 1, 0, 1), aspect="auto")
        scale.set_xticks([])
        scale.yaxis.tick_right()
        scale.set_yticks([0, 0.5, 1], labels=["0", "0.5", "1"])
        for text in scale.get_yticklabels():
            text.set(**self.style(SMALL, colour=LIGHT.muted))
        scale.tick_params(length=2, width=0.6, color=f"#{LIGHT.muted}")
        for spine in scale.spines.values():
            spine.set(color=f"#{LIGHT.muted}", linewidth=0.6)
        if cells.label:
            scale.yaxis.set_label_position("right")
            scale.set_ylabel(self.characters(cells.label), **self.style(SMALL, colour=LIGHT.muted))
