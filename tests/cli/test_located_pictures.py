"""The pictures of `rfcalc locate`: what is drawn, where, and what is said instead where nothing can be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from images import png

import rfcalc
from rfcalc.cli.main import main
from rfcalc.report.chart import Caption, Cells, Chart, Curve, Panel, Photo, Polygon
from rfcalc.report.location.kinds import PICTURES


def network(size: str, *lines: str) -> rfcalc.AnalysedNetwork:
    return rfcalc.analyze(
        rfcalc.read_text(f"input: {size}\nlayers:\n" + "".join(f"  - {line}\n" for line in lines))
    )


def chart_of(
    found: rfcalc.AnalysedNetwork,
    layer: str | tuple[str, ...],
    *units: str,
    kind: str = "fields",
    **more: object,
) -> Chart:
    return found.locate(layer, units=units).chart(kind, **more).chart  # type: ignore[arg-type]


def boxes(panel: Panel, label: str) -> list[tuple[float, float, float, float]]:
    """The left, upper, right and lower edge of each box whose entry in the legend begins so."""
    return [
        (mark.corners[0][0], mark.corners[0][1], mark.corners[2][0], mark.corners[2][1])
        for mark in panel.marks
        if isinstance(mark, Polygon) and mark.label.startswith(label)
    ]


def captions(panel: Panel) -> list[str]:
    return [mark.text for mark in panel.marks if isinstance(mark, Caption)]


def test_the_boxes_of_a_corner_unit_lie_where_the_table_says() -> None:
    (panel,) = chart_of(rfcalc.analyze("vgg16"), "pool5", "0,0").panels
    # A position is a square around its number.
    assert boxes(panel, "theoretical field, 212x212") == [(-90.5, -90.5, 121.5, 121.5)]
    assert boxes(panel, "visible field, 122x122") == [(-0.5, -0.5, 121.5, 121.5)]
    assert boxes(panel, "the unit's own place") == [(-0.5, -0.5, 31.5, 31.5)]
    (centre,) = (mark.points for mark in panel.marks if isinstance(mark, Curve) and mark.dots)
    assert centre == ((15.5, 15.5),)
    # The width of docs/columns.md, around the same middle.
    assert boxes(panel, "effective field, 95 %: 108x108") == [(-38.5, -38.5, 69.5, 69.5)]
    assert panel.downwards
    assert panel.square
    assert panel.x.low <= -90.5
    assert panel.x.high >= 223.5


def test_several_units_have_a_panel_each_with_the_same_sides() -> None:
    chart = chart_of(rfcalc.analyze("vgg16"), "pool5")
    assert [panel.title for panel in chart.panels] == [
        f"unit {unit}" for unit in ("3,3", "0,0", "0,6", "6,0", "6,6")
    ]
    assert len({(panel.x, panel.y) for panel in chart.panels}) == 1
    assert all(boxes(panel, "visible field") for panel in chart.panels)
    every = rfcalc.analyze("vgg16").locate("pool5", every=True).chart().chart
    assert (len(every.panels), every.columns) == (49, 7)


def test_heads_of_a_detector_stand_side_by_side_by_their_names() -> None:
    chart = rfcalc.analyze("yolov3").locate().chart().chart
    assert [panel.title for panel in chart.panels] == [
        "y5.conv1, unit 9,9",
        "y4.conv1, unit 19,19",
        "y3.conv1, unit 38,38",
    ]
    assert chart.title == "YOLOv3: fields over the input"


def test_each_layer_on_the_way_has_its_map_and_what_is_seen_of_it() -> None:
    three = network("7x7x1", "conv f=3 d=2", "conv f=3 d=2", "conv f=3 d=2")
    (panel,) = chart_of(three, "conv3", "0,0", kind="layers").panels
    assert captions(panel) == [
        *("conv3 1x1", "the unit"),
        *("conv2 3x3", "sees 3x3"),
        *("conv1 5x5", "sees 5x5"),
        *("input 7x7", "sees 7x7"),
    ]
    # Four lines of sight from each map to the one below it.
    assert sum(isinstance(mark, Curve) and len(mark.points) == 2 for mark in panel.marks) == 12
    strip = chart_of(three, "conv3", "0,0", kind="strip").panels
    assert [panel.title for panel in strip] == [
        "conv3 1x1: unit 0,0",
        "conv2 3x3: sees 3x3",
        "conv1 5x5: sees 5x5",
        "input 7x7: sees 7x7",
    ]


def test_of_many_layers_those_are_shown_at_which_the_map_changes_or_the_next_ones() -> None:
    vgg = rfcalc.analyze("vgg16")
    chart = chart_of(vgg, "pool5", "3,3", kind="layers")
    names = [text.split()[0] for text in captions(chart.panels[0])[::2]]
    assert names == ["pool5", "pool4", "pool3", "pool2", "pool1", "input"]
    assert chart.notes[0].startswith("shown are the layers at which the map changes its size; down shows")
    next_ones = chart_of(vgg, "pool5", "3,3", kind="layers", down=3)
    names = [text.split()[0] for text in captions(next_ones.panels[0])[::2]]
    assert names == ["pool5", "conv5_3", "conv5_2", "conv5_1"]


def test_holes_are_drawn_position_by_position() -> None:
    dilated = network("9x9x1", "conv f=3 r=3 p=3 d=2 as wide")
    (panel,) = chart_of(dilated, "wide", "4,4", kind="support").panels
    (cells,) = (mark for mark in panel.marks if isinstance(mark, Cells))
    seen = {
        (round(cells.top + 0.5) + row, round(cells.left + 0.5) + column)
        for row, line in enumerate(cells.values)
        for column, value in enumerate(line)
        if value
    }
    assert seen == {(row, column) for row in (1, 4, 7) for column in (1, 4, 7)}
    assert cells.label == "positions seen, 9"
    layers = chart_of(dilated, "wide", "4,4", kind="layers")
    assert captions(layers.panels[0])[-1] == "sees 9 in 7x7"
    assert layers.notes == ("inside the boxes of input some positions are not seen",)


def test_the_energy_has_boxes_that_hold_its_shares() -> None:
    (panel,) = chart_of(rfcalc.analyze("vgg16"), "pool5", "3,3", kind="energy").panels
    (cells,) = (mark for mark in panel.marks if isinstance(mark, Cells))
    assert cells.scaled
    amounts = [value**2 for line in cells.values for value in line]
    assert max(amounts) == pytest.approx(1)
    polygons = [mark for mark in panel.marks if isinstance(mark, Polygon) and mark.series == 0]
    assert len(polygons) == 4
    for share, polygon in zip((50, 68, 95, 99), polygons, strict=True):
        left, right = polygon.corners[0][0], polygon.corners[1][0]
        inside = [
            sum(value**2 for at, value in enumerate(line) if left < cells.left + at + 0.5 < right)
            for line in cells.values
        ]
        assert sum(inside) / sum(amounts) >= share / 100 - 1e-6
    assert captions(panel) == ["50 %", "68 %", "95 %", "99 %"]


def test_a_signal_has_bars_and_three_axes_a_panel_for_each_pair() -> None:
    signal = network("64x1", "conv f=5 s=2 p=2 d=2 as a", "conv f=5 p=2 d=2 as b")
    (panel,) = chart_of(signal, "b", "8").panels
    # Windows of 5 at stride 2, then of 5 two apart: 5 + 4 * 2 positions.
    names = [name for _, name in panel.y.ticks]
    assert names[:3] == ["input", "visible field, 13", "theoretical field, 13"]
    assert [name.split(":")[0] for name in names[3:]] == [
        "effective field, 95 %",
        "effective field, 50 %",
        "the unit's own place",
    ]
    for kind in PICTURES:
        assert chart_of(signal, "b", "3", kind=kind).panels
    solid = network("6x8x10x1", "conv f=3x3x3 p=1 d=2 as a")
    titles = [panel.title for panel in chart_of(solid, "a", "0,4,9").panels]
    assert titles == [f"unit 0,4,9, axes {pair}" for pair in ("1 and 2", "1 and 3", "2 and 3")]
    for kind in PICTURES:
        assert len(chart_of(solid, "a", "0,4,9", kind=kind).panels) == (6 if kind == "strip" else 3)


def test_what_cannot_be_drawn_is_said() -> None:
    # A unit of padding alone, beside one that sees something.
    padded = network("4x4x1", "conv f=1 p=2 d=2 as a")
    chart = chart_of(padded, "a", "0,0", "3,3")
    assert "unit 0,0 sees nothing of the input" in chart.notes
    assert not boxes(chart.panels[0], "visible field")
    for kind in ("layers", "strip", "support", "energy"):
        with pytest.raises(rfcalc.UsageError, match="no picture of a: unit 0,0 sees nothing of the input"):
            chart_of(padded, "a", "0,0", kind=kind)
    unknown = network("8x8x4", "opaque type=Mystery size=8x8x4 as what")
    chart = chart_of(unknown, "what", "0,0")
    assert "unit 0,0: what it sees is not known: the field is not known" in chart.notes
    assert any(note.startswith("theoretical field: not known along row and column") for note in chart.notes)
    attention = rfcalc.analyze("vit-b16")
    notes = attention.locate("encoder.0", units=["5"]).chart().chart.notes
    assert "theoretical field: by a global path it is the whole of row and column" in notes
    (tokens,) = attention.locate("encoder.0", units=["5"]).chart("layers").chart.panels
    assert captions(tokens)[-2:] == ["input 224x224", "sees 224x224"]
    vector = network("16", "fc d=4 as a")
    with pytest.raises(rfcalc.UsageError, match="a picture shows positions, and input has none"):
        chart_of(vector, "a")


def test_words_of_a_picture_are_there_in_chinese() -> None:
    found = rfcalc.analyze("vgg16").locate("pool5", (0, 0), language="zh")
    for kind in PICTURES:
        chart = found.chart(kind).chart
        assert chart.language == "zh"
        words = [chart.title, *chart.notes, *(panel.title for panel in chart.panels)]
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in words[:-1]), words


def test_an_image_lies_behind_the_fields_and_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, out = tmp_path / "photo.png", tmp_path / "out.svg"
    photo.write_bytes(png(4, 2))
    words = ["locate", "vgg16", "pool5", "0,0", "--image", str(photo)]
    assert main([*words, "-o", str(out)]) == 0
    assert "data:image/png;base64," in out.read_text("utf-8")
    found = rfcalc.analyze("vgg16").locate("pool5", (0, 0)).chart(image=str(photo)).chart
    (behind,) = (mark for mark in found.panels[0].marks if isinstance(mark, Photo))
    assert (behind.left, behind.bottom) == (-0.5, 223.5)
    assert "photo.png, 4x2 pixels, is stretched to the 224x224 of the input" in found.notes
    # What is read is not written over.
    named = tmp_path / "photo.svg"
    named.write_bytes(png(4, 2))
    assert main([*words[:-1], str(named), "-o", str(named)]) == 2
    assert "is read by this command" in capsys.readouterr().err
    photo.write_bytes(png(4, 2)[:-5])
    assert main([*words, "-o", str(out)]) == 2
    assert "'photo.png' begins as PNG, but is damaged or cut off" in capsys.readouterr().err


@pytest.mark.parametrize("kind", PICTURES)
def test_every_picture_is_well_formed_and_the_same_from_python(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.svg"
    assert main(["locate", "resnet18", "layer4", "3,3", "--picture", kind, "-o", str(out)]) == 0
    ElementTree.fromstring(out.read_text("utf-8"))
    shown = rfcalc.analyze("resnet18").locate("layer4", (3, 3)).chart(kind)
    assert shown.chart.title in out.read_text("utf-8")
    assert "<svg" in shown._repr_html_()
    assert main(["locate", "resnet18", "layer4", "3,3", "--picture", kind]) == 0
    assert shown.chart.title in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pool5", "--picture", "field"), "'field'"),
        (
            ("pool5", "--picture", "layers", "--format", "csv"),
            "csv has no pictures; the formats are chart, pdf",
        ),
        (("pool5", "--picture", "fields", "--down", "2"), "--down belongs to the pictures layers and strip"),
        (("pool5", "--down", "0"), "--down 0: expected 1 to 12 layers"),
        (("pool5", "--picture", "layers", "--image", "x.png"), "cannot read 'x.png'"),
        (
            ("pool5", "--pixel", "0,0", "--format", "svg"),
            "a picture shows units: name some, beside the regions",
        ),
        (
            ("pool4", "--all", "--format", "svg"),
            "196 units were asked for, and a picture has room for 64: name some, or use --corners",
        ),
        (("fc8", "--picture", "fields", "--image", "x.png"), "cannot read 'x.png'"),
    ],
)
def test_a_mistake_is_answered(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["locate", "vgg16", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err


def test_without_a_picture_no_module_of_charts_is_loaded() -> None:
    code = "import sys; from rfcalc.cli.main import main; main(sys.argv[1:]); print(*sys.modules)"
    command = (sys.executable, "-c", code, "locate", "resnet50", "layer4", "--format", "csv")
    loaded = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    assert not [name for name in loaded if name.endswith("chart") or name.startswith("rfcalc.render.charts")]
    assert "rfcalc.analysis.energy_map" not in loaded


def test_a_notebook_shows_a_picture_above_the_table() -> None:
    shown = rfcalc.analyze("vgg16").locate("pool5", (0, 0))._repr_html_()
    assert shown.index("<svg") < shown.index("<table")
    # Of what cannot be drawn it shows the table alone.
    assert "<svg" not in rfcalc.analyze("vgg16").locate("pool4", every=True)._repr_html_()


def test_of_an_input_that_is_much_larger_than_the_fields_the_surroundings_are_shown() -> None:
    chart = chart_of(rfcalc.analyze("vgg16"), "conv1_2", "0,0", "100,7")
    assert "a part of the input of 224x224 is shown" in chart.notes
    for panel, (row, column) in zip(chart.panels, ((0, 0), (100, 7)), strict=True):
        (left, top, right, bottom) = boxes(panel, "theoretical field")[0]
        assert (left, top, right, bottom) == (column - 2.5, row - 2.5, column + 2.5, row + 2.5)
        assert panel.x.low < left < right < panel.x.high
        assert panel.y.low < top < bottom < panel.y.high
        assert panel.x.high - panel.x.low < 20
