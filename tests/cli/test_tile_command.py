"""`rfcalc tile` as it is used: halos, tiles of a size or for a memory, formats, languages, mistakes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from effort import lines_run

import rfcalc
from rfcalc.cli.main import main

SCHEMA = json.loads((Path(rfcalc.__file__).parent / "report" / "tile.schema.json").read_text("utf-8"))
UNET = ("unet", "--image", "1004x1100x1")


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(["tile", *arguments]) == 0
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    record = json.loads(shown(capsys, *arguments, "--format", "json"))
    jsonschema.validate(record, SCHEMA)
    return record


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(["tile", *arguments]) == 2
    output = capsys.readouterr()
    assert not output.out
    return output.err


def test_sizes_are_shown_to_choose_from(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, *UNET)
    assert text.splitlines()[0] == "U-Net in tiles: image 1004x1100x1"
    assert "tiles of several sizes" in text
    # The last is the whole image, of which nothing is computed twice.
    assert "1004x1100" in text
    record = told(capsys, *UNET)
    assert record["tiles"] is None
    assert [each["size"] for each in record["options"]][-1] == [1004, 1100]
    assert record["options"][-1]["computed_twice"] == 0
    memory = [each["peak_memory"] for each in record["options"]]
    assert memory == sorted(memory)


def test_tiles_of_a_size_say_where_they_lie(capsys: pytest.CaptureFixture[str]) -> None:
    record = told(capsys, *UNET, "--tile", "300x412")
    assert [axis["step"] for axis in record["axes"]] == [16, 16]
    assert record["proof"]["holds"] is True
    for along, image in zip(record["tiles"]["along"], (1004, 1100), strict=True):
        places = along["places"]
        assert places[0]["begin"] == 0
        assert places[-1]["end"] == image
        assert all(place["begin"] % 16 == 0 for place in places)
        written = [place["outputs"][0] for place in places]
        assert [each["begin"] for each in written] == [0, *(each["end"] for each in written[:-1])]
        assert written[-1]["end"] == image - 184
        assert all(each["to"] - each["from"] == each["end"] - each["begin"] for each in written)


def test_rows_for_programs_are_the_places(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(shown(capsys, *UNET, "--tile", "300x412", "--format", "csv"))))
    record = told(capsys, *UNET, "--tile", "300x412")
    assert len(rows) == sum(along["number"] for along in record["tiles"]["along"])
    assert rows[0]["begins"] == "0"
    sizes = list(csv.DictReader(io.StringIO(shown(capsys, *UNET, "--format", "csv"))))
    assert [row["tiles"] for row in sizes][-1] == "1"
    assert all(row["memory"].isdigit() for row in sizes)


def test_the_memory_decides(capsys: pytest.CaptureFixture[str]) -> None:
    record = told(capsys, *UNET, "--memory", "200MiB")
    assert record["memory"] == 200 * 2**20
    assert record["tiles"]["peak_memory"] <= record["memory"]
    half = told(capsys, *UNET, "--memory", "200MiB", "--dtype", "fp16")
    assert half["dtype"] == "fp16"
    assert half["largest"] > record["largest"]
    assert "has room in 200 MiB" in shown(capsys, *UNET, "--memory", "200MiB")
    assert "one tile: the whole image" in shown(capsys, *UNET, "--memory", "1TB")


def test_several_outputs_each_have_a_halo(capsys: pytest.CaptureFixture[str]) -> None:
    record = told(capsys, "yolov3", "--image", "4096x4096x3", "--tile", "2048")
    assert record["outputs"] == ["y5", "y4", "y3"]
    assert len(record["axes"][0]["halos"]) == 3
    # A place in the coarsest output is 32 positions, in the finest 8.
    place = record["tiles"]["along"][0]["places"][1]["outputs"]
    sizes = [each["end"] - each["begin"] for each in place]
    assert sizes[2] == 2 * sizes[1] == 4 * sizes[0]


def test_a_part_of_a_classifier_has_positions(capsys: pytest.CaptureFixture[str]) -> None:
    # 3x3 convolutions and poolings as far as conv5_3: a field of 196, around a block of 16.
    record = told(capsys, "vgg16", "--output", "conv5_3", "--image", "2048x2048x3", "--tile", "512")
    assert (
        record["axes"][0]["halos"][0]["before"] == record["axes"][0]["halos"][0]["after"] == (196 - 16) // 2
    )


def test_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, *UNET, "--tile", "300x412", "--lang", "zh")
    assert "U-Net分块运行" in text
    assert not any(word in text for word in ("halo", "tile ", "overlap", "proved"))


def test_what_is_not_exact_is_refused_with_the_layers(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("deeplabv3-resnet50", "--image", "1024x1024x3")
    text = refused(capsys, *words)
    assert "aspp.globalavgpool1 (globalavgpool): each unit sees the whole image" in text
    assert "--ignore-global" in text
    record = told(capsys, *words, "--ignore-global")
    assert record["exact"] is False
    assert record["left_out"] == [{"layer": "aspp.globalavgpool1", "op": "globalavgpool"}]
    assert "fc6 (fc): each unit sees the whole image" in refused(capsys, "vgg16")
    # With what is global left out, nothing is left.
    assert "--output takes an earlier layer" in refused(capsys, "vgg16", "--ignore-global")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--image", "8x8"), "input"),
        (
            ("--image", "1004x1004x1", "--tile", "500"),
            "--tile 500: along axis 0 the image has 1004 positions",
        ),
        (("--image", "1004x1004x1", "--tile", "16x"), "expected lengths joined by x"),
        (("--image", "1004x1004x1", "--tile", "500x500x1"), "has 3 lengths"),
        (("--image", "1004x1004x1", "--memory", "8Gi"), "unknown unit"),
        (("--image", "1004x1004x1", "--memory", "-1"), "is negative"),
        (("--image", "1004x1004x1", "--memory", "1kB"), "no tile has room in 1000 B: the smallest, 204x204"),
        (("--image", "1004x1004x1", "--image", "1004x1004x1"), "--image is given twice"),
        (("--image", "(16*h+12)x(16*w+12)x1"), "say the size of the image in numbers with --image"),
        (("--input", "100x100x1"), "error"),
    ],
)
def test_mistakes(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in refused(capsys, "unet", *words)


def test_a_network_with_symbols_is_asked_for_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("conv7x7", "--image", "100x100x3")
    assert "has symbols" in refused(capsys, *words)
    assert told(capsys, *words, "--set", "C=8")["exact"] is True


def test_huge_images_take_no_longer(capsys: pytest.CaptureFixture[str]) -> None:
    def tiled(network: str, *words: str) -> int:
        return lines_run(lambda: told(capsys, network, *words), 20_000_000)[1]

    record = told(capsys, "unet", "--image", "99996x99996x1", "--tile", "204")
    assert record["tiles"]["number"] == 6238**2
    # 2000 times the samples, and a few halvings more to find what has room.
    long = tiled("wavenet", "--image", "1000000000x256", "--memory", "100MiB")
    assert long < 3 * tiled("wavenet", "--image", "500000x256", "--memory", "100MiB") + 10_000_000
    many = told(capsys, "wavenet", "--image", "1000000000x256", "--tile", "2048")
    assert many["tiles"]["along"][0]["places"] is None
    assert many["tiles"]["number"] > 900_000
    assert "more than 65,536 are not listed" in refused(
        capsys, "wavenet", "--image", "1000000000x256", "--tile", "2048", "--format", "csv"
    )


def test_python_has_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    tiled = rfcalc.analyze("unet").tile(image=(1004, 1100, 1), memory="200MiB")
    assert tiled.to_dict() == told(capsys, *UNET, "--memory", "200MiB")
    assert f"{tiled}\n" == shown(capsys, *UNET, "--memory", "200MiB", "--format", "simple")
    assert tiled.rows()[0]["begins"] == 0
    assert "tiles>" in repr(tiled)
    assert tiled._repr_html_().count("<table") == 2
    assert "5 sizes of tiles" not in repr(tiled)


def test_a_model_is_read_at_the_sizes_of_tiles(capsys: pytest.CaptureFixture[str]) -> None:
    model = Path(__file__).parents[1] / "data" / "onnx" / "alexnet-legacy.onnx"
    assert "each unit sees the whole image" in refused(capsys, str(model))
    # A U-Net of depth 3 with nearest upsampling, exported at 48x48.
    record = told(capsys, str(model.with_name("unet3-dynamo.onnx")), "--image", "256x320x2", "--tile", "128")
    assert [(each["before"], each["after"]) for each in record["axes"][0]["halos"]] == [(51, 51)]
    assert record["tiles"]["number"] == 35
    assert record["exact"]
    assert record["proof"]["holds"]


def test_numpy_is_not_loaded() -> None:
    code = "import sys; from rfcalc.cli.main import main; main(sys.argv[1:]); print('numpy' in sys.modules)"
    command = (sys.executable, "-c", code, "tile", *UNET, "--tile", "300x412")
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.endswith("False\n")


def test_sizes_that_a_description_states_are_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = "input: 256x256x3\nlayers:\n  - conv f=3 p=1 d=8{}\n  - maxpool f=2 s=2{}\n"
    stated, silent = tmp_path / "stated.yaml", tmp_path / "silent.yaml"
    stated.write_text(layers.format(" -> 256x256x8", " -> 128x128x8"), "utf-8")
    silent.write_text(layers.format("", ""), "utf-8")
    for asked in ([], ["--tile", "66"], ["--image", "512x768x3"]):
        one, other = (told(capsys, str(path), *asked) for path in (stated, silent))
        assert one | {"network": ""} == other | {"network": ""}
    options = told(capsys, str(stated))["options"]
    assert len(options) > 1


def test_tiles_of_several_outputs_lie_as_close_as_the_widest_field_asks() -> None:
    layers = "layers:\n  - conv f=3 p=1 d=4 as near\n  - conv f=9 p=4 d=4 as far\noutputs: [near, far]\n"
    network = rfcalc.analyze(rfcalc.read_text(f"input: 64x64x4\n{layers}"))
    chosen = network.tile(tile=32).tiling.chosen
    assert chosen is not None
    # 1 + 4 positions at either side of a tile are not exact of `far`, 1 of `near`.
    assert [along.advance for along in chosen.axes] == [32 - 2 * 5] * 2
