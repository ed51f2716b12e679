"""Charts by matplotlib: files that are the same in every run, axes for those who go on with them."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from examples import all_charts, boxes, chinese, curves, energy, logarithmic

pytest.importorskip("matplotlib", reason="png and pdf need the extra `plot`")

from matplotlib import font_manager, rc_context, rcParams
from matplotlib.figure import Figure
from PIL import Image

from rfcalc.errors import UsageError
from rfcalc.render.charts.fonts import families_for
from rfcalc.render.charts.matplotlib import chart_file, draw_chart, draw_panel, without_glyphs
from rfcalc.render.charts.page import page_of
from rfcalc.render.charts.png import grey_png
from rfcalc.report.chart import Chart, Curve, Guide, Panel, Photo, Scale
from rfcalc.shown_pages import ShownChart

CHARTS = all_charts()
UNIT = Scale("x", 0, 1)


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_a_picture_and_a_page_without_a_warning(name: str) -> None:
    image = Image.open(BytesIO(chart_file(CHARTS[name], "png")))
    page = page_of(CHARTS[name])
    assert image.width == pytest.approx(2 * page.width, abs=2)
    assert image.height == pytest.approx(2 * page.height, abs=2)
    assert chart_file(CHARTS[name], "pdf").startswith(b"%PDF")


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_a_chart_is_the_same_file_whenever_it_is_drawn(kind: str) -> None:
    first = chart_file(curves(), kind)
    assert chart_file(curves(), kind) == first
    assert b"CreationDate" not in first
    # Nor does it depend on what the user has configured.
    with rc_context({"lines.linewidth": 9, "axes.facecolor": "red", "font.size": 30, "text.usetex": True}):
        assert chart_file(curves(), kind) == first
        assert rcParams["font.size"] == 30


def test_fonts_of_a_page_are_in_it_as_outlines_that_can_be_searched() -> None:
    content = chart_file(curves(), "pdf")
    assert b"/FontFile2" in content
    assert b"/Type3" not in content


@pytest.mark.parametrize("name", CHARTS)
def test_the_same_places_are_named_as_in_svg(name: str) -> None:
    chart = CHARTS[name]
    for ax, spot in zip(draw_chart(chart), page_of(chart).spots, strict=True):
        if spot.panel.framed:
            assert [text.get_text() for text in ax.get_xticklabels()] == [t.label for _, t in spot.x_ticks]
            assert [text.get_text() for text in ax.get_yticklabels()] == [t.label for _, t in spot.y_ticks]
            assert [*ax.get_xticks()] == pytest.approx([tick.value for _, tick in spot.x_ticks])


def test_a_panel_is_drawn_on_axes_that_somebody_has_and_returned() -> None:
    figure = Figure()
    one, two = figure.subplots(1, 2)
    assert draw_panel(one, curves()) is one
    assert one.get_xlabel() == "layer"
    assert not two.lines
    assert next(text.get_text() for text in one.get_legend().get_texts()) == "ResNet-18, theoretical"
    with pytest.raises(UsageError, match="the chart has 1 panels, numbered from 0; there is no 1"):
        draw_panel(two, curves(), 1)
    draw_panel(two, logarithmic(), 1)
    assert two.get_title(loc="left") == "memory"
    figure.savefig(BytesIO(), format="png")


def test_a_shown_chart_is_plotted_on_its_own_figure_or_on_given_axes() -> None:
    shown = ShownChart(boxes())
    ax = shown.plot()
    assert len(ax.figure.axes) == 2
    mine = Figure().subplots()
    assert shown.plot(mine) is mine


def test_scales_go_as_the_panel_says() -> None:
    first, second = draw_chart(boxes())
    low, high = first.get_ylim()
    # Rows grow from the top.
    assert (low, high) == (274, -50)
    assert first.get_aspect() == 1
    assert not second.axison
    assert draw_chart(logarithmic())[0].get_xscale() == "log"


def test_whatever_a_name_holds_is_text() -> None:
    name = r"$\frac{1}$ $_"
    panel = Panel(
        name, UNIT._replace(label=name, ticks=((0.5, name),)), UNIT, (Curve(((0, 0), (1, 1)), 0, name),)
    )
    chart = Chart(name, (panel,), name, notes=(name,))
    ax = draw_chart(chart)[0]
    assert [text.get_text() for text in ax.get_xticklabels()] == [name]
    chart_file(chart, "png")
    chart_file(chart, "pdf")


def test_pyplot_and_windows_are_left_alone() -> None:
    program = (
        "import sys; sys.path[:] = " + repr(sys.path) + "\n"
        "from examples import curves\n"
        "from rfcalc.render.charts.matplotlib import chart_file\n"
        "chart_file(curves(), 'png'); chart_file(curves(), 'pdf')\n"
        "print(*sys.modules)"
    )
    result = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    names = set(result.stdout.split())
    assert "matplotlib.figure" in names
    assert "matplotlib.pyplot" not in names
    assert not [name for name in names if name.partition(".")[0] in ("tkinter", "PyQt5", "PyQt6", "gi", "wx")]


def test_a_font_with_the_characters_is_looked_for_and_what_none_has_is_said() -> None:
    assert without_glyphs(curves()) == ""
    families, missing = families_for(curves())
    assert families == ["DejaVu Sans"]
    # The private use area has no character that a font could be expected to have.
    strange = curves()._replace(title="strange \U0010fffd")
    assert without_glyphs(strange) == "\U0010fffd"
    assert not missing
    chart_file(strange, "png")


def test_chinese_words_are_drawn_in_a_font_that_has_them_where_there_is_one() -> None:
    families, missing = families_for(chinese())
    assert bool(missing) != (len(families) > 1)
    chart_file(chinese(), "png")
    chart_file(chinese(), "pdf")


def test_the_first_chinese_font_that_is_installed_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    # DejaVu under the name of a font that has all characters: which one is chosen shows in the families.
    class Font:
        name = "Noto Sans CJK SC"
        fname = "noto.ttc"

    fonts = [*font_manager.fontManager.ttflist, Font()]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts)
    from rfcalc.render.charts import fonts as module

    real = module._characters
    monkeypatch.setattr(
        module,
        "_characters",
        lambda file: frozenset(map(chr, range(0x10000))) if file == "noto.ttc" else real(file),
    )
    assert families_for(chinese()) == (["DejaVu Sans", "Noto Sans CJK SC"], "")


def test_amounts_have_a_scale_of_shades() -> None:
    (ax,) = draw_chart(energy())
    (scale,) = ax.child_axes
    assert scale.get_ylabel() == "share of the largest"


def test_a_photo_lies_behind_the_marks_and_a_broken_one_is_refused() -> None:
    def of(content: bytes) -> Chart:
        photo = Photo(0, 0, 1, 1, content, "image/png")
        return Chart("photo", (Panel("", UNIT, UNIT, (photo, Curve(((0, 0), (1, 1)))), downwards=True),), "")

    (ax,) = draw_chart(of(grey_png([b"\0\xff"] * 2)))
    assert len(ax.images) == 1
    with pytest.raises(UsageError, match="the photo cannot be read"):
        draw_chart(of(b"\x89PNG no picture"))


def test_a_font_installed_since_matplotlib_listed_them_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import get_data_path

    from rfcalc.render.charts import fonts

    file = str(Path(get_data_path()) / "fonts" / "ttf" / "STIXNonUni.ttf")
    usual = fonts._characters(fonts._usual_file())
    character = min(fonts._characters(file) - usual)
    listed = [font for font in font_manager.fontManager.ttflist if font.name == "DejaVu Sans"]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", listed)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [file, __file__])
    fonts._are_new_fonts.cache_clear()
    try:
        assert fonts.families_for(Chart(character, (), "")) == (["DejaVu Sans", "STIXNonUnicode"], "")
    finally:
        fonts._are_new_fonts.cache_clear()


def test_the_title_on_ones_own_axes_stands_above_the_names_of_guides() -> None:
    guides = (Guide("x", 0.1, "written"), Guide("x", 0.15, "field"))
    panel = Panel("a title as long as it takes", UNIT, UNIT, (Curve(((0, 0), (1, 1))), *guides))
    figure = Figure()
    ax = draw_panel(figure.add_subplot(), Chart("", (panel,), ""))
    figure.draw_without_rendering()
    title = ax._left_title.get_window_extent()  # type: ignore[attr-defined]
    assert ax.texts
    assert not any(title.overlaps(name.get_window_extent()) for name in ax.texts)
