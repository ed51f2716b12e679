"""`rfcalc sizes` as it is used: patterns, rows, formats, languages, mistakes; and what publications say."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import rfcalc
from rfcalc.cli.main import main
from rfcalc.errors import DescriptionError, UsageError

SCHEMA = json.loads((Path(rfcalc.__file__).parent / "report" / "sizes.schema.json").read_text("utf-8"))
PADDED = """
name: Padded
input: 512x512x3
blocks:
  double(d): [conv f=3 p=1 d=d, relu, conv f=3 p=1 d=d, relu]
layers:
  - double d=4 as enc0
  - {each: {i: [1, 2, 3, 4, 5]}, do: [maxpool f=2, double d=4*(i+1)], as: down}
  - {each: {i: [4, 3, 2, 1]}, do: [deconv f=2 s=2 d=4*(i+1), add: [[], [identity from=down.(i-1)]]], as: up}
  - deconv f=2 s=2 d=4
  - concat: [[], [identity from=enc0]]
  - conv f=1 d=2 -> 512x512x2
"""


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["sizes", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def data(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    found = json.loads(output_of(capsys, *arguments, "--format", "json"))
    jsonschema.validate(found, SCHEMA)
    return found


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(output_of(capsys, *arguments, "--format", "csv"))))


def mistake(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["sizes", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


@pytest.fixture
def padded(tmp_path: Path) -> str:
    path = tmp_path / "padded.yaml"
    path.write_text(PADDED)
    return str(path)


def test_a_unet_of_a_library_takes_multiples_of_32(padded: str, capsys: pytest.CaptureFixture[str]) -> None:
    (along,) = data(capsys, padded)["along"]
    pattern = {"start": 1, "period": 32, "rests": [0], "before": []}
    assert (along["legal"], along["even"], along["smallest"], along["shown"]) == (pattern, pattern, 32, True)
    assert "multiples of 32" in output_of(capsys, padded)


def test_the_unet_of_2015_divides_for_188_and_each_16_more(capsys: pytest.CaptureFixture[str]) -> None:
    """Ronneberger et al.: 572 becomes 388; poolings are to be applied to even maps."""
    found = data(capsys, "unet", "187", "188", "572")
    (along,) = found["along"]
    assert (along["smallest"], along["even"]["period"], along["even"]["rests"]) == (188, 16, [188 % 16])
    assert [row["legal"] for row in found["sizes"]] == [False, True, True]
    assert [row["even"] for row in found["sizes"]] == [False, True, True]
    assert [row["outputs"] for row in found["sizes"]] == [[], [[4, 4, 2]], [[388, 388, 2]]]


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_a_resnet_sees_both_borders_at_193_225_and_257(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = data(capsys, name, "193", "224", "225", "256", "257")
    assert [row["even"] for row in found["sizes"]] == [True, False, True, False, True]
    assert all(row["legal"] for row in found["sizes"])
    assert found["along"][0]["even"] == {"start": 1, "period": 32, "rests": [1], "before": []}


def test_vgg16_has_other_parameters_at_256(capsys: pytest.CaptureFixture[str]) -> None:
    found = data(capsys, "vgg16", "224", "256")
    (along,) = found["along"]
    assert (along["changing_layers"], along["same_parameters"]) == (["fc6"], [{"first": 224, "last": 255}])
    assert along["even"] == {"start": 1, "period": 32, "rests": [0], "before": []}
    assert [row["params"] for row in found["sizes"]] == [138_357_544, 169_814_824]
    assert [row["changed_layers"] for row in found["sizes"]] == [[], ["fc6"]]
    assert [row["params"] for row in rows(capsys, "vgg16", "256")] == ["169814824"]


def test_of_a_vit_only_the_sizes_with_its_number_of_patches_fit(capsys: pytest.CaptureFixture[str]) -> None:
    (along,) = data(capsys, "vit-b16")["along"]
    assert (along["legal"]["before"], along["legal"]["rests"]) == ([*range(224, 240)], [])
    assert (along["global"], along["field"]) == (True, None)


def test_an_axis_with_other_strides_has_its_own_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    """As nnU-Net plans it: the first axis is pooled less often than the others."""
    layers = "concat: [[maxpool f=1x2x2, maxpool f=2, upsample scale=2x4x4], []]"
    found = data(capsys, "-e", f"[{{{layers}}}]", "--input", "24x64x64x1")
    told = {(len(each["axes"]), each["legal"]["period"]) for each in found["along"]}
    assert told == {(1, 2), (2, 4)}
    alone = data(capsys, "-e", f"[{{{layers}}}]", "--input", "64x64x64x1", "--each")
    assert [each["legal"]["period"] for each in alone["along"]] == [2, 4, 4]
    together = data(capsys, "-e", f"[{{{layers}}}]", "--input", "64x64x64x1")
    assert [each["legal"]["period"] for each in together["along"]] == [4]


def test_a_size_that_does_not_fit_is_told_with_the_join_that_fails(
    padded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = data(capsys, padded, "500")["sizes"]
    message = "the branches added here are 30x30x20 and 31x31x20"
    assert row["refused"] == {"layer": "up.0.add1", "message": message}
    assert f"500x500: up.0.add1: {message}" in output_of(capsys, padded, "500")


def test_promises_of_sizes_are_set_aside_and_that_is_said(
    padded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = data(capsys, padded, "256")
    assert found["promises_set_aside"]
    assert found["sizes"][0]["outputs"] == [[256, 256, 2]]
    assert "set aside" in output_of(capsys, padded)


def test_a_network_that_cannot_be_built_as_it_is_written_has_sizes_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = output_of(capsys, "unet", "--input", "100x100x1", "--to", "200")
    assert "cannot be built at 100x100x1; fields are those at 188x188x1" in text


def test_every_size_of_a_range_is_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "lenet5", "--from", "30", "--to", "40", "--all")
    assert [row["size"] for row in found] == [f"{n}x{n}x1" for n in range(30, 41)]
    assert [row["state"] for row in found[:3]] == ["no", "no", "evenly"]


def test_chinese_has_no_english_words(capsys: pytest.CaptureFixture[str]) -> None:
    text = output_of(capsys, "vgg16", "--lang", "zh", "--to", "300")
    assert "32的倍数" in text
    assert "multiples" not in text
    assert "no rest" not in text


def test_a_batch_multiplies_work_and_no_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = data(capsys, "lenet5", "32")["sizes"]
    (four,) = data(capsys, "lenet5", "32", "--batch", "4")["sizes"]
    assert four["macs"] == 4 * one["macs"]
    assert four["activations"] == 4 * one["activations"]
    assert four["params"] == one["params"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("vgg16", "x"), "'x' is no size"),
        (("vgg16", "0"), "'0' is no size"),
        (("vgg16", "5x5x5x5"), "has 4 lengths"),
        (("vgg16", "64x64x1"), "has 1 channel; the input is 224x224x3"),
        (("vgg16", "--from", "64", "--to", "32"), "the lengths from 64 to 32 are none"),
        (("vgg16", "--to", "100000"), "not up to 100,000"),
        (("lenet5", "--to", "64", *["32"] * 4097), "4,097 sizes were asked for; with 11 layers no more than"),
        (("vgg16", "--input", "HxHx3"), "say an input size"),
        (("-e", "fc d=3", "--input", "7"), "has no spatial axis"),
        (("-e", "conv f=3 d=3; reshape to=7x7x7x7", "--input", "5x5x3"), "holds 2401 elements"),
    ],
)
def test_a_mistake_is_told(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in mistake(capsys, *words)


def test_from_python_it_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    network = rfcalc.analyze("unet")
    sizes = network.sizes(500, (512, 572))
    assert sizes.to_dict() == data(capsys, "unet", "500", "512x572")
    assert str(sizes) == output_of(capsys, "unet", "500", "512x572").rstrip("\n")
    assert [row["params"] for row in sizes.rows()] == [31_030_658] * 2
    assert repr(sizes) == "<NetworkSizes of U-Net: 2 sizes>"
    even = sizes.along[0].even
    assert even is not None
    assert even.near(500) == [492, 508]
    shown = sizes._repr_html_()
    assert shown.startswith("<svg")
    assert "<table" in shown
    assert network == rfcalc.analyze("unet")
    with pytest.raises(UsageError, match="is no size"):
        network.sizes("big")


def test_the_picture_marks_what_fits() -> None:
    chart = rfcalc.analyze("vgg16").sizes(last=400).chart().chart
    assert [panel.y.label for panel in chart.panels] == ["params", "MACs", "activations"]
    assert chart.notes == ("fits: any from 32; no rest: multiples of 32",)
    assert "<svg" in rfcalc.analyze("lenet5").sizes(last=64).chart().svg()


@pytest.mark.parametrize(
    ("promise", "found"),
    [
        ("legal(512x384)", ()),
        ("legal(64)", ()),
        ("not legal(500)", ()),
        ("not legal(500) and params >= 1", ()),
        ("legal(500)", ("RF301",)),
        ("not legal(512)", ("RF301",)),
        ("legal(500) or legal(512)", ()),
        ("legal(512x512x1)", ("RF302",)),
        ("legal(wide)", ("RF302",)),
        ("legal(512) == 1", ("RF302",)),
        ("legal()", ("RF302",)),
    ],
)
def test_a_size_that_fits_can_be_promised(promise: str, found: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "padded.yaml"
    path.write_text(f"{PADDED}check:\n  - {promise}\n")
    findings = rfcalc.check(path, select="RF3")
    assert tuple(finding.code for finding in findings) == found
    if promise == "legal(500)":
        assert "the branches" in findings[0].message


def test_a_promise_of_a_size_sets_other_promises_aside(tmp_path: Path) -> None:
    """The last line promises its output at 512; the network can be built at 256 all the same."""
    path = tmp_path / "padded.yaml"
    path.write_text(PADDED)
    with pytest.raises(DescriptionError, match="promises"):
        rfcalc.analyze(path, input="256x256x3")
    path.write_text(f"{PADDED}check: [legal(256)]\n")
    assert not rfcalc.check(path, select="RF3")


def of_model(path: Path, *sizes: int) -> Any:
    found = rfcalc.analyze(path).sizes(*sizes).to_dict()
    jsonschema.validate(found, SCHEMA)
    return found


def test_a_model_of_the_same_layers_at_every_size_is_judged_for_all() -> None:
    found = of_model(Path(__file__).parents[1] / "data" / "onnx" / "resnet50-legacy.onnx", 224, 225)
    assert found["read_again"] is False
    assert found["along"][0]["even"] == {"start": 1, "period": 32, "rests": [1], "before": []}
    assert [row["even"] for row in found["sizes"]] == [False, True]


DETECTOR = """\
nc: 4
backbone:
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 1, Conv, [32, 3, 2]]
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 0], 1, Concat, [1]]
head:
  - [[3], 1, Detect, [nc]]
"""


def test_a_model_that_computes_with_its_size_is_read_again_at_each(tmp_path: Path) -> None:
    # The boxes of all positions stand in one row; positions of two maps are joined, which fit for some sizes.
    path = tmp_path / "detector.yaml"
    path.write_text(DETECTOR)
    found = of_model(path, 64, 66, 128)
    assert found["read_again"] is True
    assert found["along"][0]["shown"] is False
    assert [row["legal"] for row in found["sizes"]] == [True, False, True]
    outputs = [[output[0] for output in row["outputs"]] for row in found["sizes"] if row["legal"]]
    assert [lengths[-1] for lengths in outputs] == [32 * 32, 64 * 64]
    assert "read again for each row" in str(rfcalc.analyze(path).sizes(64))
