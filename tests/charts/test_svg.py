"""Charts as SVG: well-formed whatever is in them, nothing over anything else, small."""

from __future__ import annotations

import re
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
import pytest
from effort import lines_run
from examples import all_charts, boxes, curves, energy, strip

from rfcalc.render.charts.cells import levels_of, runs_of
from rfcalc.render.charts.page import SMALL, page_of
from rfcalc.render.charts.png import grey_png
from rfcalc.render.charts.svg import chart_svg, in_encoding
from rfcalc.render.charts.text_width import cut, lines_within, text_width
from rfcalc.report.chart import Caption, Cells, Chart, Curve, Guide, Panel, Photo, Polygon, Scale

CHARTS = all_charts()
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script>\"' onload=x &amp; ]]> <!-- \x1b[31m \u202e \ud800 ${x} \0"
UNIT = Scale("x", 0, 1)


def named(chart: Chart, name: str) -> Chart:
    """The chart with all its texts replaced."""
    panels = tuple(
        panel._replace(
            title=name,
            x=panel.x._replace(label=name, ticks=((panel.x.low, name),)),
            y=panel.y._replace(label=name),
            marks=tuple(
                mark._replace(**{field: name for field in ("label", "text") if field in mark._fields})
                for mark in panel.marks
            ),
        )
        for panel in chart.panels
    )
    return chart._replace(title=name, about=name, notes=(name,), panels=panels)


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.left < other.right - 0.5
            and other.left < self.right - 0.5
            and self.top < other.bottom - 0.5
            and other.top < self.bottom - 0.5
        )


def box_of(text: ElementTree.Element) -> Box:
    """About where a text stands, by its anchor and the estimated width of its letters."""
    x, y, size = (float(text.attrib[key]) for key in ("x", "y", "font-size"))
    wide = text_width(text.text or "", size)
    before = wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[text.attrib.get("text-anchor", "start")]
    if "transform" in text.attrib:
        return Box(x - size * 0.75, y - wide + before, x + size * 0.2, y + before)
    return Box(x - before, y - size * 0.75, x - before + wide, y + size * 0.2)


def texts(root: ElementTree.Element) -> list[tuple[str, Box]]:
    # A halo is the same text once more.
    shown = (text for text in root.iter(f"{SVG}text") if text.attrib.get("fill") != "none")
    return [(text.text or "", box_of(text)) for text in shown]


def numbers_of(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d*\.?\d+", path)]


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_well_formed_and_says_what_it_shows(name: str) -> None:
    chart = CHARTS[name]
    root = ElementTree.fromstring(chart_svg(chart))
    assert root.tag == f"{SVG}svg"
    assert root.attrib["role"] == "img"
    named_by = root.attrib["aria-labelledby"].split()
    found = {element.attrib["id"]: element.text or "" for element in root if "id" in element.attrib}
    assert [found[each] for each in named_by] == [chart.title, chart.about]
    assert "nan" not in chart_svg(chart).casefold().replace(chart.title.casefold(), "")
    assert "inf" not in " ".join(element.attrib.get("d", "") for element in root.iter())


@pytest.mark.parametrize("name", CHARTS)
def test_whatever_a_name_holds_is_text(name: str) -> None:
    text = chart_svg(named(CHARTS[name], HOSTILE))
    root = ElementTree.fromstring(text)
    plain = ElementTree.fromstring(chart_svg(named(CHARTS[name], "name")))
    assert {element.tag for element in root.iter()} <= {element.tag for element in plain.iter()}
    assert "<script" not in text
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e\ud800]", text)


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_needs_nothing_from_elsewhere(name: str) -> None:
    text = chart_svg(CHARTS[name])
    addresses = [*re.findall(r'(?:href|src)="([^"]*)"', text), *re.findall(r"url\(([^)]*)\)", text)]
    assert all(address.startswith(("#", "data:image/")) for address in addresses)
    assert "@import" not in text
    assert "@font-face" not in text


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize(
    "words", ["", "denseblock4.16.conv2", "as long as nobody expected " * 6, "感受野" * 30]
)
def test_no_text_lies_over_another_or_leaves_the_page(name: str, words: str) -> None:
    root = ElementTree.fromstring(chart_svg(named(CHARTS[name], words) if words else CHARTS[name]))
    wide, high = float(root.attrib["width"]), float(root.attrib["height"])
    placed = texts(root)
    for text, box in placed:
        assert box.left >= -1 and box.right <= wide + 1, text
        assert box.top >= -1 and box.bottom <= high + 1, text
    over = [(one, two) for (one, first), (two, second) in combinations(placed, 2) if first.overlaps(second)]
    assert not over


@pytest.mark.parametrize("name", CHARTS)
def test_legend_and_names_of_guides_are_outside_of_the_marks(name: str) -> None:
    page = page_of(CHARTS[name])
    panels = [Box(s.left, s.top, s.left + s.width, s.top + s.height) for s in page.spots]
    captions = {m.text for s in page.spots for m in s.panel.marks if isinstance(m, Caption)}
    for text, box in texts(ElementTree.fromstring(chart_svg(CHARTS[name]))):
        assert text in captions or not any(box.overlaps(panel) for panel in panels), text
    assert not any(one.overlaps(two) for one, two in combinations(panels, 2))


@pytest.mark.parametrize("name", ["curves", "many", "outside", "10,000 points", "not finite", "boxes"])
def test_every_line_is_inside_its_panel(name: str) -> None:
    page = page_of(CHARTS[name])
    root = ElementTree.fromstring(chart_svg(CHARTS[name]))
    width = "2"
    lines = [p.attrib["d"] for p in root.iter(f"{SVG}path") if p.attrib.get("stroke-width") in (width, "1.8")]
    bottom = min(spot.top for spot in page.spots)
    inside = [line for line in lines if numbers_of(line)[1] >= bottom - 1]
    assert inside
    for line in inside:
        places = numbers_of(line)
        for x, y in zip(places[::2], places[1::2], strict=True):
            assert any(
                s.left - 0.1 <= x <= s.left + s.width + 0.1 and s.top - 0.1 <= y <= s.top + s.height + 0.1
                for s in page.spots
            )


def test_pictures_of_one_page_have_no_name_in_common() -> None:
    pages = [chart_svg(chart) for chart in CHARTS.values()]
    names = [set(re.findall(r' id="([^"]+)"', page)) for page in pages]
    assert all(
        len(re.findall(r' id="', page)) == len(found) for page, found in zip(pages, names, strict=True)
    )
    assert all(not one & two for one, two in combinations(names, 2))
    for page, found in zip(pages, names, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", page)) <= found


def test_the_same_class_means_the_same_in_all_pictures_of_a_page() -> None:
    rules: dict[str, set[str]] = {}
    for chart in CHARTS.values():
        style = chart_svg(chart).partition("<style>")[2].partition("</style>")[0]
        for selector, rule in re.findall(r"(\.rfcalc-chart \.[\w-]+)\{([^}]*)\}", style):
            rules.setdefault(selector, set()).add(rule)
    assert rules
    assert all(len(found) == 1 for found in rules.values())


def test_colours_stand_as_attributes_and_the_style_sheet_replaces_all_of_them_in_the_dark() -> None:
    text = chart_svg(curves())
    style = text.partition("<style>")[2].partition("</style>")[0]
    dark = style.partition("prefers-color-scheme:dark")[2]
    for what, colour, name in re.findall(
        r'class="((?:fil|str)-(\w+))" (?:fill|stroke)="(#[0-9a-f]{6})"', text
    ):
        assert f".{what}{{" in style
        assert f"--rfcalc-{colour}:#" in dark
        assert name
    # Whoever knows no properties of styles, or no queries, is left with the attributes.
    assert style.startswith("@supports (color:var(--a)){")


def test_texts_are_large_enough_to_be_read_in_a_column_of_eight_centimetres() -> None:
    root = ElementTree.fromstring(chart_svg(curves()))
    points = 80 / 25.4 * 72
    smallest = min(float(text.attrib["font-size"]) for text in root.iter(f"{SVG}text"))
    assert smallest == SMALL
    assert smallest * points / float(root.attrib["width"]) > 5.5


def test_few_cells_are_rectangles_and_many_a_picture_of_pixels() -> None:
    assert "<image" not in chart_svg(boxes())
    assert "<image" not in chart_svg(strip())
    # Forty rectangles of the board, in one path.
    assert len(chart_svg(boxes())) < 7_000
    text = chart_svg(energy(400))
    assert text.count("<image") == 1
    assert text.count("<mask") == 1


@pytest.mark.parametrize("kind", ["smooth", "noise", "holes"])
@pytest.mark.parametrize("scaled", [True, False])
def test_a_map_of_millions_is_small_and_quickly_drawn(kind: str, scaled: bool) -> None:
    size = 1451
    rows, columns = np.mgrid[:size, :size]
    values = {
        "smooth": np.exp(-((rows - 725) ** 2 + (columns - 725) ** 2) / 90_000),
        "noise": np.random.default_rng(1).random((size, size)),
        "holes": ((rows % 8 == 0) & (columns % 8 == 0)).astype(float),
    }[kind]
    scale = Scale("x", 0, size)
    panel = Panel("", scale, scale, (Cells(0, 0, values, scaled=scaled),), square=True, downwards=True)
    text, lines = lines_run(lambda: chart_svg(Chart("map", (panel,), "map")), 300_000)
    assert len(text) < 400_000
    assert lines < 200_000


def test_cells_put_together_keep_amounts_and_never_lose_what_is_there() -> None:
    values = np.zeros((1000, 1000))
    values[500, 500] = 1.0
    amounts = levels_of(Cells(0, 0, values, scaled=True), 100)
    assert (len(amounts.rows), amounts.size) == (100, 10.0)
    # A hundredth of one.
    assert max(map(max, amounts.rows)) == 3
    support = levels_of(Cells(0, 0, values), 100)
    assert support.rows[50][50] >= 64
    assert sum(map(sum, support.rows)) == support.rows[50][50]


def test_equal_cells_side_by_side_are_one_rectangle() -> None:
    runs = list(runs_of([b"\0\xff\xff", b"\0\xff\xff", b"\x80\0\0"], 24))
    assert sorted(runs) == [(0, 2, 1, 3, 24), (2, 3, 0, 1, 12)]
    assert sum((run.bottom - run.top) * (run.right - run.left) for run in runs) == 5


def test_rows_of_cells_and_an_array_of_them_are_drawn_alike() -> None:
    chart = energy()
    panel = chart.panels[0]
    cells = panel.marks[0]
    assert isinstance(cells, Cells)
    array = cells._replace(values=np.asarray(cells.values))
    assert chart_svg(chart) == chart_svg(
        chart._replace(panels=(panel._replace(marks=(array, *panel.marks[1:])),))
    )


def test_a_png_of_greys_is_read_by_others_as_it_was_meant() -> None:
    image = pytest.importorskip("PIL.Image")
    from io import BytesIO

    rows = [bytes(range(0, 250, 10)), bytes(25), b"\xff" * 25]
    read = image.open(BytesIO(grey_png(rows)))
    assert (read.mode, read.size) == ("L", (25, 3))
    assert read.tobytes() == b"".join(rows)


def test_a_photo_is_in_the_file_itself() -> None:
    content = grey_png([b"\0\xff"])
    panel = Panel("", UNIT, UNIT, (Photo(0, 0, 1, 1, content, "image/png"),), downwards=True)
    root = ElementTree.fromstring(chart_svg(Chart("photo", (panel,), "")))
    (image,) = root.iter(f"{SVG}image")
    assert image.attrib["href"].startswith("data:image/png;base64,iVBOR")


def test_lines_have_a_rim_over_a_photo_and_nowhere_else() -> None:
    content = grey_png([b"\0\xff"])
    marks = (Curve(((0, 0), (1, 1)), stroke="dotted"), Polygon(((0.2, 0.2), (0.8, 0.2), (0.5, 0.8)), 1))
    without = Chart("", (Panel("", UNIT, UNIT, marks),), "")
    photo = Photo(0, 0, 1, 1, content, "image/png")
    over = Chart("", (Panel("", UNIT, UNIT, (photo, *marks)),), "")
    assert 'class="str-ground"' not in chart_svg(without)
    rims = re.findall(
        '<path d="([^"]+)" fill="none" class="str-ground".*?stroke-width="([0-9.]+)"', chart_svg(over)
    )
    assert len(rims) == 2
    for data, width in rims:
        (line,) = re.findall(
            f'd="{data}" fill="none" class="str-[01]".*?stroke-width="([0-9.]+)"', chart_svg(over)
        )
        assert float(width) > float(line) + 2


def test_titles_are_measured_in_the_bold_letters_they_have() -> None:
    text = "layer4.1.relu2 of ResNet-18: effective field over the input"
    # Of DejaVu Sans Bold at 15, by the advance widths of its letters.
    bold = 486.2
    assert bold <= text_width(text, 15, bold=True) < 1.08 * bold
    titles = page_of(Chart(text, (), "")).title
    assert " ".join(line.text for line in titles) == text
    assert len(titles) == 2


def test_names_of_many_guides_stand_apart() -> None:
    guides = tuple(
        Guide(along, place / 50, f"name {place}") for along in ("x", "y") for place in range(20, 30)
    )
    panel = Panel("", UNIT, UNIT, (Curve(((0, 0), (1, 1))), *guides))
    placed = texts(ElementTree.fromstring(chart_svg(Chart("guides", (panel,), ""))))
    named = [text for text, _ in placed if text.startswith("name")]
    assert len(named) >= 18
    assert set(named) == {f"name {place}" for place in range(20, 30)}
    over = [(one, two) for (one, first), (two, second) in combinations(placed, 2) if first.overlaps(second)]
    assert not over


def test_an_output_without_chinese_gets_references_to_it() -> None:
    text = chart_svg(CHARTS["chinese"])
    plain = in_encoding(text, "ascii")
    assert plain.isascii()
    assert ElementTree.tostring(ElementTree.fromstring(plain)) == ElementTree.tostring(
        ElementTree.fromstring(text)
    )
    assert in_encoding(text, "UTF-8") == in_encoding(text, "utf8") == text


def test_long_texts_are_cut_or_broken() -> None:
    assert cut("layer4.2.conv3", 12, 1000) == "layer4.2.conv3"
    short = cut("layer4.2.conv3" * 9, 12, 100)
    assert short.endswith("…")
    assert text_width(short, 12) <= 100
    lines = lines_within("one two three four five six seven eight", 12, 80, 3)
    assert len(lines) == 3
    assert all(text_width(line, 12) <= 80 for line in lines)
    assert lines[-1].endswith("…")
