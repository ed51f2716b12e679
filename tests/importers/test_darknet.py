"""Configurations of darknet against what others count: files of the repository, and options one by one."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from rfcalc import analyze, load
from rfcalc.analysed import AnalysedNetwork
from rfcalc.cli.main import main
from rfcalc.errors import DescriptionError, UsageError
from rfcalc.files import begun
from rfcalc.importers.darknet.options import ACTIVATIONS
from rfcalc.importers.formats import importer_of

MODELS = Path(__file__).parents[1] / "data" / "models" / "darknet"
# Counted of the repository's files, recurrent layers left out.
EXPECTED: dict[str, dict[str, Any]] = json.loads((MODELS / "expected.json").read_text())
# Each layer run in PyTorch on a tensor: its kind, output, learned elements, multiply-adds.
OPTIONS: dict[str, list[tuple[str, list[int], int, int]]] = json.loads((MODELS / "options.json").read_text())
# The number of a layer as routes count, behind its kind.
_NUMBER = re.compile(r"(?:l2norm|3d|[A-Za-z_])+([0-9]+)")
NET = "[net]\nwidth=32\nheight=24\nchannels=4\n"


def text_file(folder: Path, text: str) -> str:
    path = folder / "net.cfg"
    path.write_text(text)
    return str(path)


def counts(net: AnalysedNetwork) -> tuple[object, object, object]:
    """Learned parameters, running statistics, multiply-adds."""
    return net.totals.params, sum(layer.buffers or 0 for layer in net.layers), net.totals.macs


@pytest.mark.parametrize("name", EXPECTED)
def test_every_file_of_the_repository_has_the_counts_and_the_size_that_others_give_it(name: str) -> None:
    net = analyze(load(MODELS / name))
    expected = EXPECTED[name]
    assert [*map(str, net.outputs)][-1] == "x".join(map(str, expected["out"]))
    if not expected["other"]:
        assert counts(net) == (expected["learnable"], expected["running_stats"], expected["macs"])


@pytest.mark.parametrize(
    ("name", "params", "stored", "bflops"),
    [
        # Parameters, the bytes of the published weights (float32 behind 20 bytes), and darknet's BFLOPS.
        ("yolov3.cfg", 61_949_149, 248_007_048, 140.7),
        ("yolov4.cfg", 64_363_101, 257_717_640, 128.5),
        ("yolov4-tiny.cfg", 6_056_606, 24_251_276, 6.91),
    ],
)
def test_the_published_weights_have_as_many_numbers(
    name: str, params: int, stored: int, bflops: float
) -> None:
    net = analyze(load(MODELS / name))
    learned, statistics, macs = counts(net)
    assert learned == params
    assert learned + statistics == (stored - 20) // 4
    assert macs * 2 / 1e9 == pytest.approx(bflops, rel=1e-3)


@pytest.mark.parametrize("name", OPTIONS)
def test_every_layer_has_the_size_and_the_counts_of_its_run_in_pytorch(name: str) -> None:
    found: dict[int, tuple[str, int, int]] = {}
    for layer in analyze(load(MODELS / name)).layers:
        matched = _NUMBER.match(layer.name or "")
        assert matched, layer.name
        number = int(matched[1])
        _, params, macs = found.get(number, ("", 0, 0))
        found[number] = (str(layer.output), params + layer.params, macs + layer.macs)
    for number, (kind, size, params, macs) in enumerate(OPTIONS[name]):
        if number in found:
            assert found[number] == ("x".join(map(str, size)), params, macs), (number, kind)
        else:
            # What passes on a tensor as it is has no layer.
            assert kind in ("route", "cost"), number


def test_layers_are_called_by_kind_and_number_and_their_parts_by_what_they_do() -> None:
    names = [layer.name for layer in analyze(load(MODELS / "yolov3-tiny.cfg")).layers]
    assert names[:4] == ["conv0.conv", "conv0.bn", "conv0.act", "maxpool1"]
    # One step alone is called like its layer, and a route to one layer is none.
    assert names[-10:] == [
        *("conv18.conv", "conv18.bn", "conv18.act", "upsample19", "route20"),
        *("conv21.conv", "conv21.bn", "conv21.act", "conv22", "yolo23"),
    ]


def test_the_heads_leave_the_network_wherever_they_stand() -> None:
    net = analyze(load(MODELS / "yolov4.cfg"))
    assert [*map(str, net.outputs)] == ["76x76x255", "38x38x255", "19x19x255"]


@pytest.mark.parametrize(("length", "windows"), [(7, 4), (8, 4), (9, 5)])
def test_max_pooling_takes_a_window_for_every_stride_which_same_does_not(
    length: int, windows: int, tmp_path: Path
) -> None:
    # Padding of size − 1 in all, (size − 1) // 2 in front: windows of size 3 at stride 2 begin at −1, 1, 3 …
    # TensorFlow's `same` has as many, but of 8 positions its first begins at 0.
    net = f"[net]\nwidth={length}\nheight={length}\nchannels=1\n[maxpool]\nsize=3\nstride=2\n"
    analysed = analyze(load(text_file(tmp_path, net)))
    assert str(analysed.outputs[0]) == f"{windows}x{windows}x1"
    assert re.search(
        r"^0,0 +2 +0,0 +1,1 +4 +3 +-1,-1 ", str(analysed.locate("maxpool0", (0, 0))), re.MULTILINE
    )


def test_the_overlap_of_a_shortcut_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conv = "[convolutional]\nfilters={}\nsize=3\nstride={}\npad=1\n"
    text = NET + conv.format(8, 1) + conv.format(16, 2) + "[shortcut]\nfrom=-2\n"
    path = text_file(tmp_path, text)
    assert main([path, "--columns", "operation,output"]) == 0
    captured = capsys.readouterr()
    assert "slice h=0:24:2 w=0:32:2" in captured.out
    assert "pad channels=0:8" in captured.out
    assert (
        f"{path}:16:6: note: the shortcut adds 24x32x8 to 12x16x16: every second position and the first 8 "
        "channels" in captured.err
    )


def test_defaults_are_darknets(tmp_path: Path) -> None:
    # filters, size and stride are 1, there is no padding, and what is not said is logistic.
    net = analyze(load(text_file(tmp_path, f"{NET}[convolutional]\n[connected]\n")))
    assert [(layer.op, str(layer.output)) for layer in net.layers] == [
        ("conv", "24x32x1"),
        ("sigmoid", "24x32x1"),
        ("fc", "1x1x1"),
        ("sigmoid", "1x1x1"),
    ]


@pytest.mark.parametrize("word", ACTIVATIONS)
def test_every_activation_is_of_each_element_by_itself(word: str, tmp_path: Path) -> None:
    text = f"{NET}[convolutional]\nfilters=8\nactivation={word}\n[activation]\nactivation={word}\n"
    net = analyze(load(text_file(tmp_path, text)))
    assert (str(net.outputs[0]), net.receptive_field) == ("24x32x8", 1)
    assert counts(net) == (4 * 8 + 8, 0, 24 * 32 * 4 * 8)


def test_a_ramp_is_a_leaky_one_times_a_number(tmp_path: Path) -> None:
    net = analyze(load(text_file(tmp_path, f"{NET}[activation]\nactivation=ramp\n")))
    assert [(layer.name, layer.op) for layer in net.layers] == [
        ("activation0_leakyrelu", "leakyrelu"),
        ("activation0", "function"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        # Blanks mean nothing, comments stand on lines of their own or behind numbers.
        f"# a comment\n; another\n\n{NET}[ convolutional ]\n filters = 8 # as many\n\tsize=3\npad = 1\n",
        f"\ufeff{NET}[conv]\r\nfilters=8\r\nsize=3\r\npad=1\r\n",
        f"{NET}[convolutional]\npadding=1\nsize=3\nfilters=8\nxnor=1\nbin_output=1\nfilters=8",
        f"{NET}learning_rate=.1\nsteps=1,2,\nsome_option=3\n[convolutional]\npadding=7\npad=1\nsize=3\nfilters=8",
    ],
)
def test_how_it_is_written_does_not_matter(text: str, tmp_path: Path) -> None:
    net = analyze(load(text_file(tmp_path, text)))
    assert str(net.outputs[0]) == "24x32x8"


def test_unknown_options_that_are_near_to_none_are_told_and_passed_over(tmp_path: Path) -> None:
    path = text_file(tmp_path, f"{NET}[convolutional]\nfrobnicate=1\nfilters=8\nfilters=8\n")
    assert [str(one).splitlines()[0].rpartition("cfg:")[2] for one in analyze(load(path)).warnings] == [
        "6:1: note: [convolutional] has no option 'frobnicate'; it is passed over",
        "8:1: note: 'filters' stands twice in this [convolutional], with the same value",
    ]


def test_another_size_is_read_in_place_of_the_one_of_the_file() -> None:
    net = analyze(load(MODELS / "yolov3-tiny.cfg"), input="608x608x3")
    assert [*map(str, net.outputs)] == ["19x19x255", "38x38x255"]
    with pytest.raises(UsageError, match="height, width and channels"):
        load(MODELS / "yolov3-tiny.cfg", input="32x3")


def test_shared_convolutions_are_counted_once(tmp_path: Path) -> None:
    conv = "[convolutional]\nfilters=4\nsize=3\npad=1\nactivation=linear\n"
    path = text_file(tmp_path, f"{NET}{conv}{conv}share_index=0\n")
    assert analyze(load(path)).totals.params == 4 * 4 * 9 + 4


def test_a_blur_stands_behind_what_slides_by_one(tmp_path: Path) -> None:
    convolution = "[convolutional]\nfilters=6\nsize=3\nstride=2\npad=1\nantialiasing=1\n"
    pooling = "[maxpool]\nsize=2\nstride=2\nantialiasing=1\n"
    net = analyze(load(text_file(tmp_path, NET + convolution + pooling)))
    assert [(layer.op, str(layer.output)) for layer in net.layers] == [
        ("conv", "24x32x6"),
        ("sigmoid", "24x32x6"),
        ("dwconv", "12x16x6"),
        ("maxpool", "12x16x6"),
        ("dwconv", "6x8x6"),
    ]
    assert net.totals.params == 4 * 6 * 9 + 6


@pytest.mark.parametrize(
    "name",
    [
        "yolov3-tiny.cfg",
        "yolov4-tiny.cfg",
        "resnet50.cfg",
        "rnn.cfg",
        "options-joins.cfg",
        "options-recurrent.cfg",
    ],
)
def test_a_converted_configuration_is_the_same_network(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "net.yaml"
    assert main(["convert", str(MODELS / name), "-o", str(written)]) == 0
    assert "each layer has its own line" not in capsys.readouterr().err
    one, other = analyze(load(MODELS / name)), analyze(load(written))
    assert counts(one) == counts(other)
    assert one.outputs == other.outputs
    assert sorted(str(layer.output) for layer in one.layers) == sorted(
        str(layer.output) for layer in other.layers
    )


def test_a_converted_configuration_reads_as_one_would_write_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(MODELS / "yolov4-tiny.cfg")]) == 0
    assert (
        "  - convolutional d=64 as conv2\n"
        "  - concat:\n"
        "      - []\n"
        "      - - slice channels=32:64 as route3\n"
        "        - convolutional d=32 as conv4\n"
        "        - {concat: [[convolutional d=32 as conv5], []], as: route6}\n"
        "        - convolutional d=64 f=1 as conv7\n"
        "    as: route8\n"
        "  - maxpool f=2 as maxpool9\n"
    ) in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "[net]\nwidth=3\n",
        "\ufeff# yolo\n\n[net]\n",
        "; c\r\n[network]\r\n",
        "width=416\n\n[convolutional]\nfilters=2\n",
        "[nett]\nwidth=416\n[conv]\n",
    ],
)
def test_it_is_known_by_its_sections(text: str) -> None:
    for name in ("net.cfg", "net", "net.yaml"):
        importer = importer_of(name, begun(text.encode()))
        assert importer is not None and importer.suffixes == (".cfg",)


def test_it_may_be_called_like_a_description_and_needs_a_path(tmp_path: Path) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_bytes((MODELS / "tiny.cfg").read_bytes())
    assert str(analyze(load(path)).outputs[0]) == "1x1x1000"
    with pytest.raises(UsageError, match="holds a configuration of darknet: give its path"):
        load("-", stdin=io.BytesIO(path.read_bytes()))


@pytest.mark.parametrize(
    "text", ["[metadata]\nname = x\n", "home = /usr/bin\n", "layers:\n  - [conv f=3 d=4]\n", "[net]: x\n"]
)
def test_other_files_of_sections_are_none(text: str) -> None:
    assert importer_of("setup", text.encode()) is None


def test_a_cfg_file_of_another_program_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "setup.cfg"
    path.write_text("[metadata]\nname = x\n[tool:pytest]\naddopts = -q\n")
    with pytest.raises(DescriptionError, match="no section of darknet stands in this file") as refused:
        load(path)
    (told,) = refused.value.diagnostics
    assert told.position is not None and told.position.line == 1
    assert "a .cfg file of another program?" in told.hint
