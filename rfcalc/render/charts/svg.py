"""A chart as SVG, for a file and within a page or a notebook alike.

It needs nothing that is not in it: no script, no font, no address.  Colours stand as attributes, those for
light ground, and a style sheet replaces them where a reader prefers dark; whoever ignores style sheets still
has a picture.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zlib import crc32

from rfcalc.render.charts.cells import levels_of, runs_of
from rfcalc.render.charts.legend import has_photo, marked, shades_of
from rfcalc.render.charts.page import FONT, LINE, SMALL, TITLE, marked_places, page_of
from rfcalc.render.charts.palette import marker_of
from rfcalc.render.charts.png import grey_png
from rfcalc.render.charts.shapes import area_of, is_inside, lines_of, outline_of
from rfcalc.render.charts.svg_elements import (
    NAME,
    SvgElements,
    escaped,
    image_data,
    number,
    opaque,
    photo_symbol,
    sides,
)
from rfcalc.render.charts.text_width import cut, text_width
from rfcalc.report.chart import PHOTO_MEDIA, Caption, Cells, Curve, Photo, Polygon

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfcalc.render.charts.cells import CellRun, Levels
    from rfcalc.render.charts.page import LegendSample, NamedGuide, Spot
    from rfcalc.render.charts.palette import Marker
    from rfcalc.report.chart import Chart, ChartMark, Point

_FONTS = (
    "system-ui,-apple-system,'Segoe UI','Helvetica Neue',Arial,'Noto Sans','Noto Sans CJK SC','Noto Sans SC',"
    "'PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"
)
# More rectangles than these are a picture of pixels instead.
_MOST_RECTANGLES = 1_200
_MOST_CELLS = 512
_SHADES = 24


def chart_svg(chart: Chart) -> str:
    """The picture as one `svg` element, which as a file is a picture by itself."""
    drawing = _Drawing(marked(chart))
    elements, page = drawing.elements, page_of(chart)
    width, height = number(page.width), number(page.height)
    elements.parts.append(f'<rect width="{width}" height="{height}" {elements.paint("fill", "ground")}/>')
    for text in page.title:
        elements.text(text.text, text.left, text.base, TITLE, bold=True)
    for sample in page.legend:
        drawing.sample(sample)
    for spot in page.spots:
        drawing.panel(spot)
    for text in page.notes:
        elements.text(text.text, text.left, text.base, SMALL, "muted")
    return svg_picture(elements, (page.width, page.height), chart.title, chart.about, chart.language)


def svg_picture(
    elements: SvgElements, size: tuple[float, float], title: str, about: str, language: str
) -> str:
    """Elements as one `svg` element of this width and height."""
    body = "\n".join(
        (
            f'<title id="{NAME}t">{escaped(title)}</title>',
            f'<desc id="{NAME}d">{escaped(about)}</desc>',
            f"<style>{elements.style()}</style>",
            *elements.parts,
        )
    )
    # Two pictures of one page have the same names only where they are the same picture.
    name = f"rfcalc-{crc32(body.encode()):08x}-"
    lang, (width, height) = "zh-Hans" if language == "zh" else language, map(number, size)
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="rfcalc-chart" role="img" lang="{lang}"'
        f' aria-labelledby="{name}t {name}d" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family="{_FONTS}" style="max-width:100%;height:auto">'
    )
    return f"{start}\n{body.replace(NAME, name)}\n</svg>\n"


def in_page(svg: str, name: str = "", photo: str = "") -> str:
    """A picture without its own style, for a page that gives colours and width to what it has classes for.

    name: what the names in it begin with, which no other picture of the page has; else equal pictures have
    equal ones.  photo: what the page calls the photo that lies behind, which it has by itself.
    """
    # No text of a picture holds these: its quotation marks and angles are escaped.
    found = re.sub(r'<style>.*?</style>\n?| style="[^"]*"', "", svg.strip())
    if photo:
        own = re.findall(r'<symbol id="([^"]*)"', found)
        found = re.sub(r"<symbol .*?</symbol>\n?", "", found)
        for each in own:
            found = found.replace(f'href="#{each}"', f'href="#{photo}"')
    return renamed(found, f"{name}-") if name else found


def renamed(svg: str, begin: str) -> str:
    """A picture in which all names begin so: equal pictures of one page have none in common then."""
    found = re.search(r'aria-labelledby="(rfcalc-[0-9a-f]{8}-)t ', svg)
    return re.sub(rf'(?<=["# ]){found[1]}(?=\w+["\s)])', begin, svg) if found else svg


def in_encoding(svg: str, encoding: str) -> str:
    """The picture in characters that an encoding holds, others as references; UTF-8 has all."""
    if re.fullmatch("(?i)utf-?8", encoding):
        return svg
    return svg.encode("ascii", "xmlcharrefreplace").decode()


class _Drawing:
    """Draws the parts of a page; markers: whether curves have those of their series."""

    def __init__(self, markers: bool) -> None:
        self.elements = SvgElements()
        self.markers = markers
        # What the photos are called that are there already.
        self.photos: dict[bytes, str] = {}

    def marker(self, series: int) -> Marker:
        return marker_of(series) if self.markers else "circle"

    def sample(self, sample: LegendSample) -> None:
        """An entry of the legend."""
        entry, x, y = sample.entry, sample.left, sample.middle
        if entry.kind == "line":
            if entry.stroke != "none":
                self.elements.line([[(x, y), (x + 24, y)]], entry.series, entry.stroke)
            if (self.markers and entry.series >= 0) or entry.dots or entry.stroke == "none":
                self.elements.markers([(x + 12, y)], entry.series, self.marker(entry.series))
        else:
            corners = [(x + 3, y - 6), (x + 21, y - 6), (x + 21, y + 6), (x + 3, y + 6)]
            self.elements.shape(corners, entry.series, entry.fill)
            if entry.stroke != "none":
                self.elements.line([[*corners, corners[0]]], entry.series, entry.stroke, 1.8)
        self.elements.text(sample.label, x + 30, y + 4.5, FONT)

    def panel(self, spot: Spot) -> None:
        """A panel with its marks, its scales and what stands beside it."""
        for text in spot.title:
            self.elements.text(text.text, text.left, text.base, FONT, bold=True)
        if spot.panel.framed and not spot.panel.square:
            self.grid(spot)
        for mark in spot.panel.marks:
            self.mark(spot, mark)
        # Above the marks, which end there.
        if spot.panel.framed:
            self.scales(spot)
        for named in spot.guides:
            self.guide(spot, named)
        shades = shades_of(spot.panel)
        if shades:
            self.shades(spot, shades)

    def grid(self, spot: Spot) -> None:
        """Thin lines at the places that are named."""
        across = "".join(f"M{number(spot.left)} {number(at)}h{number(spot.width)}" for at, _ in spot.y_ticks)
        down = "".join(f"M{number(at)} {number(spot.top)}v{number(spot.height)}" for at, _ in spot.x_ticks)
        self.elements.path(across + down, self.elements.paint("stroke", "grid"))

    def scales(self, spot: Spot) -> None:
        """Frame, names of places and labels."""
        elements, left, bottom = self.elements, spot.left, spot.top + spot.height
        wide, high = number(spot.width), number(spot.height)
        data = f"M{number(left)} {number(spot.top)}h{wide}v{high}h-{wide}z"
        data += "".join(f"M{number(at)} {number(bottom)}v4" for at, _ in spot.x_ticks)
        data += "".join(f"M{number(left)} {number(at)}h-4" for at, _ in spot.y_ticks)
        elements.path(data, f'fill="none" {elements.paint("stroke", "muted")}')
        for at, tick in spot.x_ticks:
            elements.text(tick.label, at, bottom + 16, SMALL, "muted", anchor="middle")
        for at, tick in spot.y_ticks:
            elements.text(tick.label, left - 7, at + 4, SMALL, "muted", anchor="end")
        for text, turned in ((spot.x_label, False), (spot.y_label, True)):
            if text.text:
                elements.text(text.text, text.x, text.y, FONT, anchor="middle", turned=turned)

    def mark(self, spot: Spot, mark: ChartMark) -> None:
        """Whatever lies in a panel, but for guides."""
        if isinstance(mark, Curve):
            self.curve(spot, mark)
        elif isinstance(mark, Polygon):
            self.elements.shape([*map(spot.at, area_of(spot.plane, mark.corners))], mark.series, mark.fill)
            if mark.stroke != "none":
                border = outline_of(spot.plane, mark.corners, int(spot.width))
                runs, halo = [[*map(spot.at, run)] for run in border], has_photo(spot.panel)
                self.elements.line(runs, mark.series, mark.stroke, 1.8, halo=halo)
        elif isinstance(mark, Cells):
            self.cells(spot, mark)
        elif isinstance(mark, Photo):
            self.photo(spot, mark)
        elif isinstance(mark, Caption):
            self.word(spot, mark)

    def curve(self, spot: Spot, curve: Curve) -> None:
        runs = [[*map(spot.at, run)] for run in lines_of(spot.plane, curve, max(8, int(spot.width)))]
        if curve.stroke != "none":
            self.elements.line(runs, curve.series, curve.stroke, halo=has_photo(spot.panel))
        dots = marked_places(spot, curve, spread=self.markers and curve.series >= 0)
        self.elements.markers(map(spot.at, dots), curve.series, self.marker(curve.series))

    def cells(self, spot: Spot, cells: Cells) -> None:
        """Squares as rectangles, or as a picture of pixels where they are many."""
        levels = levels_of(cells, _MOST_CELLS)
        place = _extent(spot, cells, levels)
        if place is None:
            return
        clip = self.elements.clip((spot.left, spot.top, spot.width, spot.height))
        runs = _first(runs_of(levels.rows, _SHADES), _MOST_RECTANGLES + 1)
        paint = self.elements.paint("fill", cells.series)
        if len(runs) > _MOST_RECTANGLES:
            # How opaque the colour is stands in the picture, so that the colour can follow the ground.
            name, box = self.elements.name(), sides(place)
            self.elements.parts.append(
                f'<mask id="{name}"><image {box} preserveAspectRatio="none" style="image-rendering:pixelated"'
                f' href="{image_data(grey_png(levels.rows), "image/png")}"/></mask>'
                f'<g {clip}><rect {box} {paint} mask="url(#{name})"/></g>'
            )
            return
        left, top = place[:2]
        wide, high = place[2] / len(levels.rows[0]), place[3] / len(levels.rows)
        by_level: dict[int, list[str]] = {}
        for run in runs:
            start, end = number(left + wide * run.left, 2), number(left + wide * run.right, 2)
            upper, lower = number(top + high * run.top, 2), number(top + high * run.bottom, 2)
            by_level.setdefault(run.level, []).append(f"M{start} {upper}H{end}V{lower}H{start}z")
        self.elements.parts.append(f'<g {clip} shape-rendering="crispEdges">')
        for level, found in sorted(by_level.items()):
            self.elements.path("".join(found), f"{paint}{opaque(level / _SHADES)}")
        self.elements.parts.append("</g>")

    def photo(self, spot: Spot, photo: Photo) -> None:
        place = _box(spot, (photo.left, photo.top), (photo.right, photo.bottom))
        if place is None or photo.media not in PHOTO_MEDIA:
            return
        if photo.content not in self.photos:
            # However many panels it lies behind, the file is there once.
            name = self.photos[photo.content] = self.elements.name()
            self.elements.parts.append(photo_symbol(name, photo.content, photo.media))
        clip = self.elements.clip((spot.left, spot.top, spot.width, spot.height))
        self.elements.parts.append(
            f'<g {clip}><use {sides(place)} href="#{self.photos[photo.content]}"/></g>'
        )

    def word(self, spot: Spot, word: Caption) -> None:
        """A word, moved to where all of it is within its panel."""
        place = spot.plane.place(word.at)
        if not is_inside(place):
            return
        text = cut(word.text, SMALL, spot.width)
        x, y = spot.at(place)
        wide = text_width(text, SMALL)
        before = wide * {"start": 0, "middle": 0.5, "end": 1}[word.anchor]
        x = min(max(x, spot.left + before), spot.left + spot.width - wide + before)
        y = min(max(y + 4, spot.top + SMALL), spot.top + spot.height - 3)
        self.elements.text(text, x, y, SMALL, word.series, anchor=word.anchor, halo=True)

    def guide(self, spot: Spot, named: NamedGuide) -> None:
        """A straight line across a panel, that goes on to its name above it."""
        if named.guide.along == "x":
            top = named.base - LINE + 6 if named.text else spot.top
            ends = [(named.at, top), (named.at, spot.top + spot.height)]
        else:
            ends = [(spot.left, named.at), (spot.left + spot.width, named.at)]
        self.elements.line([ends], "muted", "dashed", 1.2)
        if named.text:
            self.elements.text(named.text, named.left, named.base, SMALL, "muted")

    def shades(self, spot: Spot, cells: Cells) -> None:
        """The scale of shades at the right of a panel, behind the names of guides."""
        elements, name = self.elements, self.elements.name()
        colour = elements.paint("stop-color", cells.series)
        elements.parts.append(
            f'<linearGradient id="{name}" x2="0" y1="1" y2="0"><stop {colour} stop-opacity="0"/>'
            f'<stop offset="1" {colour}/></linearGradient>'
        )
        ends = [each.left + text_width(each.text, SMALL) for each in spot.guides if each.guide.along == "y"]
        x, high = max(ends, default=spot.left + spot.width) + 10, min(spot.height, 160.0)
        frame = elements.paint("stroke", "muted")
        elements.parts.append(f'<rect {sides((x, spot.top, 10, high))} fill="url(#{name})" {frame}/>')
        for label, y in (("1", SMALL - 2), ("0.5", high / 2 + 4), ("0", high)):
            elements.text(label, x + 14, spot.top + y, SMALL, "muted")
        if cells.label:
            label = cut(cells.label, SMALL, max(high, spot.height))
            half = text_width(label, SMALL) / 2
            elements.text(
                label, x + 46, spot.top + max(high / 2, half), SMALL, "muted", anchor="middle", turned=True
            )


def _extent(spot: Spot, cells: Cells, levels: Levels) -> tuple[float, float, float, float] | None:
    """The box of all cells on the page; None where there are none."""
    if not levels.rows or not levels.rows[0]:
        return None
    down = len(levels.rows) * levels.size * (1 if spot.panel.downwards else -1)
    right = cells.left + len(levels.rows[0]) * levels.size
    return _box(spot, (cells.left, cells.top), (right, cells.top + down))


def _box(spot: Spot, start: Point, end: Point) -> tuple[float, float, float, float] | None:
    """Left, top, width and height on the page; None where an end has no place."""
    left, top = spot.at(spot.plane.place(start))
    right, bottom = spot.at(spot.plane.place(end))
    # No comparison holds for what has no place.
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def _first(runs: Iterable[CellRun], most: int) -> list[CellRun]:
    """So many of the runs, or all."""
    return [run for run, _ in zip(runs, range(most), strict=False)]
