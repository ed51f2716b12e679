"""Charts in characters: in their width and height, with and without colours, braille and wide characters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from examples import all_charts, boxes, chinese, curves, energy, many, strip

from rfcalc.errors import width_of
from rfcalc.render.charts.scales import ticks_of
from rfcalc.render.charts.terminal import chart_text
from rfcalc.report.chart import Cells, Chart, Curve, Guide, Panel, Photo, Polygon, Scale, box

CHARTS = all_charts()
UNIT = Scale("x", 0, 1)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
GOLDEN = Path(__file__).parent / "golden"


def plain(chart: Chart, width: int = 80, height: int | None = None, encoding: str = "utf-8") -> str:
    return chart_text(chart, width, height, colour=False, encoding=encoding)


def coloured(chart: Chart, width: int = 80, encoding: str = "utf-8") -> str:
    return chart_text(chart, width, None, colour=True, encoding=encoding)


@pytest.fixture(autouse=True)
def _true_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "gb2312"])
def test_every_line_fits_and_is_in_the_encoding(name: str, width: int, encoding: str) -> None:
    for text in (
        plain(CHARTS[name], width, None, encoding),
        ESCAPE.sub("", coloured(CHARTS[name], width, encoding)),
    ):
        text.encode(encoding)
        assert all(width_of(line) <= width for line in text.splitlines())


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize(("width", "height"), [(80, 40), (140, 50), (100, 60)])
def test_a_chart_is_no_higher_than_the_terminal(name: str, width: int, height: int) -> None:
    assert plain(CHARTS[name], width, height).count("\n") < height


@pytest.mark.parametrize("name", ["curves", "boxes", "strip", "energy"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_pictures_are_as_somebody_looked_at_them(name: str, encoding: str) -> None:
    """`python tests/charts/test_terminal.py` writes them anew; look at what has changed."""
    kept = GOLDEN / f"{name}-{encoding}.txt"
    assert plain(CHARTS[name], 80, 30, encoding) == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CHARTS)
def test_colours_change_no_place_of_a_text(name: str) -> None:
    assert "\x1b" not in plain(CHARTS[name])
    words = re.compile(r"[A-Za-z一-龥]{3,}")
    assert words.findall(ESCAPE.sub("", coloured(CHARTS[name]))) == words.findall(plain(CHARTS[name]))


def test_colours_are_what_the_terminal_has(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[38;2;0;114;178m" in coloured(curves())
    monkeypatch.delenv("COLORTERM")
    text = coloured(curves())
    assert "38;2;" not in text
    assert "\x1b[38;5;" in text


def test_all_marks_of_a_panel_with_pixels_are_legible_on_its_dark_ground() -> None:
    text = coloured(boxes())
    body = text.partition("224 x 224 input")[2]
    # The light blue of dark grounds, though the box stands before the pixels among the marks.
    assert "38;2;79;176;232" in body
    assert "38;2;0;114;178" not in body


def test_lines_have_letters_where_there_are_several_and_the_legend_says_which() -> None:
    text = plain(curves())
    head, _, body = text.partition("field (positions)")
    for letter, name in zip(
        "abcd", ("ResNet-18, th", "ResNet-18, ef", "VGG-16, th", "VGG-16, ef"), strict=True
    ):
        assert re.search(rf"\b{letter} \S+ .*{name}", head)
        assert re.search(rf"[^A-Za-z]{letter}(?![A-Za-z])", body)
    alone = curves().panels[0]._replace(marks=curves().panels[0].marks[:1])
    assert re.match(r"⠒+ ResNet", plain(curves()._replace(panels=(alone,))).split("\n")[2])


def test_ten_series_are_told_apart_without_colour() -> None:
    for text in (plain(many()), plain(many(), encoding="ascii")):
        body = text.rpartition("number 9")[2]
        assert set("abcdefghij") <= set(body)


def test_the_same_places_are_named_as_in_other_renderers() -> None:
    text = plain(curves())
    panel = curves().panels[0]
    rows = re.findall(r"^ *([\d,]+)┤", text, re.MULTILINE)
    assert rows == [tick.label for tick in reversed(ticks_of(panel.y))]
    (below,) = re.findall(r"└.*\n(.*)", text)
    assert below.split() == [tick.label for tick in ticks_of(panel.x)]


def test_a_line_stands_where_its_values_are() -> None:
    panel = Panel("", UNIT, UNIT, (Curve(((0, 0), (1, 1))),))
    rows = [
        line[line.index("│" if "│" in line else "┤") + 1 :]
        for line in plain(Chart("", (panel,), "")).splitlines()
        if "│" in line or "┤" in line
    ]
    assert rows[0].strip() and rows[0].rstrip()[-1] != " "
    # It rises from the first column of the last row to the last column of the first.
    firsts = [len(row) - len(row.lstrip()) for row in rows]
    assert firsts == sorted(firsts, reverse=True)
    assert firsts[-1] == 0
    assert "⠀" not in "".join(rows)


def test_panels_stand_side_by_side_as_far_as_there_is_room() -> None:
    wide, narrow = plain(boxes(), 80), plain(boxes(), 50)
    assert re.search("224 x 224 input +support with holes", wide)
    assert not re.search("224 x 224 input +support with holes", narrow)
    assert re.search("conv3: 3 +conv2: 7 +conv1: 15 +input: 31", plain(strip(), 80))
    # On a wide terminal more than a page of one column has.
    panels = tuple(Panel(name, UNIT, UNIT, (Curve(((0, 0), (1, 1))),)) for name in ("one", "two", "three"))
    assert re.search("one +two +three", plain(Chart("", panels, ""), 140))
    assert not re.search("one +two", plain(Chart("", panels, ""), 80))


def test_long_names_of_places_are_not_cut_to_have_panels_side_by_side() -> None:
    scale = Scale("", 0, 2, ticks=((0.5, "theoretical field, 1024"), (1.5, "the unit's own place")))
    panels = tuple(Panel(name, UNIT, scale, (Curve(((0, 0), (1, 1))),)) for name in ("one", "two", "three"))
    chart = Chart("", panels, "", columns=2)
    assert "…" not in plain(chart, 80)
    assert not re.search("one +two", plain(chart, 80))
    assert re.search("one +two", plain(chart, 140))


def test_what_is_thinner_than_a_pixel_is_not_painted_here_and_there() -> None:
    slanted = Polygon(((0.1, 0.1), (0.9, 0.8), (0.9, 0.801), (0.1, 0.101)), 0, "", "none", 1.0)
    wide = Polygon(((0.1, 0.1), (0.9, 0.8), (0.9, 0.9), (0.1, 0.2)), 0, "", "none", 1.0)
    thin, thick = (coloured(Chart("", (Panel("", UNIT, UNIT, (each,)),), "")) for each in (slanted, wide))
    assert "▀" not in thin
    assert "▀" in thick


def test_a_map_is_painted_no_further_than_the_line_around_it() -> None:
    cells = Cells(0.05, 0.05, ((1.0,) * 9,) * 9, 0.1)
    around = Polygon(box(0.05, 0.05, 0.95, 0.95))
    text = coloured(Chart("", (Panel("", UNIT, UNIT, (cells, around), downwards=True),), ""))
    assert text.count("48;2;") > 10
    for line in re.sub("\x1b[^m]*m", "", text).splitlines():
        found = re.search("[⠀-⣿▀]", line)
        assert found is None or found.group() != "▀"


def test_wide_characters_are_counted_as_two() -> None:
    text = plain(chinese(), 44)
    assert all(width_of(line) <= 44 for line in text.splitlines())
    assert "a ⠒⠒⠒⠒ 理论感受野" in text
    panel = Panel("", UNIT, UNIT, (Curve(((0, 0), (1, 1))), Guide("y", 0.5, "输入大小" * 20)))
    assert all(width_of(line) <= 60 for line in plain(Chart("", (panel,), ""), 60).splitlines())


def test_amounts_are_shades_with_a_scale_of_them() -> None:
    text = plain(energy())
    assert set("░▒▓█") <= set(text)
    assert re.search(r"0  ?░+▒+▓+█+ 1  share of the largest", text)
    assert set("░▒▓█").isdisjoint(plain(energy(), encoding="ascii"))


def test_cells_of_several_series_differ_without_colour() -> None:
    text = plain(strip())
    assert "░" in text.split("conv3")[1]
    assert "██ seen" in text


def test_a_photo_that_cannot_be_shown_is_said_to_be_missing() -> None:
    photo = Photo(0, 0, 1, 1, b"", "image/png")
    chart = Chart("", (Panel("", UNIT, UNIT, (photo,)),), "")
    assert "the photo is not shown" in plain(chart)
    assert "未显示照片" in plain(chart._replace(language="zh"))
    assert "photo" not in plain(curves())


def test_a_photo_is_shown_in_half_blocks() -> None:
    pytest.importorskip("PIL", reason="photos are decoded by what comes with the extra `plot`")
    from rfcalc.render.charts.png import grey_png

    photo = Photo(0, 0, 1, 1, grey_png([b"\0\0", b"\xff\xff"]), "image/png")
    text = coloured(Chart("", (Panel("", UNIT, UNIT, (photo,), downwards=True),), ""))
    assert "photo" not in text
    assert "48;2;0;0;0" in text
    assert "48;2;255;255;255" in text


def test_names_command_no_terminal() -> None:
    name = "\x1b[31mred\x1b]0;title\x07\nnext"
    panel = Panel(
        name, UNIT._replace(label=name, ticks=((0.5, name),)), UNIT, (Curve(((0, 0), (1, 1)), 0, name),)
    )
    text = plain(Chart(name, (panel,), name, notes=(name,)))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert not re.search("^next", text, re.MULTILINE)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for golden in ("curves", "boxes", "strip", "energy"):
        for name in ("utf-8", "ascii"):
            (GOLDEN / f"{golden}-{name}.txt").write_text(
                plain(CHARTS[golden], 80, 30, name), encoding="utf-8"
            )
