"""Model files of Ultralytics: what can be said beside them, what is said of them, and where."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from damaged_rows import damaged
from wrong_rows import FOLDER

from rfcalc import UsageError, analyze, check, load
from rfcalc.cli.main import main
from rfcalc.errors import RfcalcError
from rfcalc.importers.ultralytics import importing

TEXT = """\
nc: 4
scales: # [depth, width, max_channels]
  n: [0.50, 0.50, 64]
  s: [1.00, 1.00, 512]
backbone:
  - [-1, 1, Conv, [32, 3, 2]]
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 3, C2f, [64, True]]
  - [-1, 1, Conv, [100, 3, 2]]
  - [-1, 1, SPPF, [128, 5]]
head:
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 2], 1, Concat, [1]]
  - [-1, 1, C2f, [64]]
  - [[7, 4], 1, Detect, [nc]]
"""


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.chdir(tmp_path)
    Path("detector.yaml").write_text(TEXT)
    return "detector.yaml"


def outputs(target: str, **given: str) -> list[str]:
    return [str(shape) for shape in analyze(load(target, params=given)).outputs]


def channels(target: str, layer: str, **given: str) -> object:
    network = analyze(load(target, params=given))
    return next(one.output.channels for one in network.layers if one.name == layer and one.output)


def test_a_scale_decides_depth_width_and_most_channels(detector: str) -> None:
    # ceil(100 / 8) * 8, and ceil(min(100, 64) / 2 / 8) * 8: always up to a multiple of 8.
    assert channels(detector, "model.3.conv", scale="s") == 104
    assert channels(detector, "model.3.conv", scale="n") == 32
    # Three times a half is 1.5, which Python rounds to the even number: a stage of two bottlenecks.
    names = {one.name.split(".")[3] for one in analyze(load(detector)).layers if ".2.m." in one.name}
    assert names == {"0", "1"}


def test_classes_and_channels_of_the_input_are_settings(detector: str) -> None:
    assert outputs(detector) == ["160x160x68", "80x80x68", "32000x8"]
    assert outputs(detector, nc="20") == ["160x160x84", "80x80x84", "32000x24"]
    gray = analyze(load(detector, params={"ch": "1"}))
    assert gray.layers[0].params == 16 * 9
    assert analyze(load(detector, input="1,64,64")).layers[0].params == 16 * 9


def test_the_name_of_a_file_says_its_scale(detector: str) -> None:
    Path("yolo11s.yaml").write_text(TEXT)
    assert channels("yolo11s.yaml", "model.3.conv") == 104
    Path("yolo11m.yaml").write_text(TEXT)
    with pytest.raises(RfcalcError, match="says scale m, which scales does not have; there are n and s"):
        load("yolo11m.yaml")


def test_the_first_scale_is_taken_where_nothing_says_one_and_that_is_said(
    detector: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([detector, "--depth", "1"]) == 0
    note = "detector.yaml:2:1: note: scale n is taken, the first of n and s; --scale says another"
    assert note in capsys.readouterr().err
    assert main([detector, "--depth", "1", "--scale", "n"]) == 0
    assert "note" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scale": "q"}, "the file has no such scale; there are n and s"),
        ({"nc": "none"}, "nc is a whole number of at least 1"),
        ({"classes": "3"}, "no parameter of a model of Ultralytics is called so"),
    ],
)
def test_settings_that_a_file_does_not_have_are_refused(
    detector: str, given: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        load(detector, params=given)


def test_sizes_that_contradict_each_other_are_refused(detector: str) -> None:
    with pytest.raises(UsageError, match="has 1 channel, and .* says 3"):
        load(detector, input="1,64,64", params={"ch": "3"})
    with pytest.raises(UsageError, match="rows, columns and channels"):
        load(detector, input="64x3")


@pytest.mark.parametrize(
    "command",
    [["show"], ["explain", "--what", "size"], ["convert"], ["check"], ["spec"]],
    ids=lambda command: str(command[0]),
)
def test_scale_is_short_for_a_setting(
    detector: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, *options = command
    if name == "spec":
        Path("net.yaml").write_text("input: 8x8x3\nparams: {scale: 4}\nlayers:\n  - conv f=3 d=scale\n")
        words = ["net.yaml"]
    else:
        words = [detector, *(["model.3.conv"] if name == "explain" else [])]
    printed = []
    scale = "5" if name == "spec" else "s"
    for said in (["--scale", scale], ["--set", f"scale={scale}"]):
        main([name, *words, *options, *said])
        printed.append(capsys.readouterr())
    assert printed[0] == printed[1]
    assert printed[0].out


def test_a_scale_is_for_all_networks_of_a_comparison_or_for_one(
    detector: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", detector, detector, "--scale", "s", "--summary"]) == 0
    assert "scale s" in (both := capsys.readouterr().out)
    assert "scale n" not in both
    assert main(["compare", detector, detector, "--scale", "A:n", "--scale", "B:s", "--summary"]) == 0
    apart = capsys.readouterr().out
    assert "A: detector (Ultralytics, scale n)" in apart
    assert "B: detector (Ultralytics, scale s)" in apart


def test_each_map_of_a_head_has_its_field(detector: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([detector, "--scale", "n", "--depth", "2"]) == 0
    out = capsys.readouterr().out
    assert "receptive field of the network, at model.8.P2: " in out
    assert "receptive field of the network, at model.8.P3: " in out
    # Kernels of 3 at strides 1 and 2, four at 4, one at 4; three maxima of 5 and the head's two kernels at 8.
    network = analyze(load(detector))
    fields = {one.name: one.receptive_field for one in network.layers}
    assert str(fields["model.4.cv2.act"]) == str(1 + 2 + 4 + 4 * 2 * 4 + 8 + 12 * 8)
    assert str(fields["model.8.P3"]) == str(1 + 2 + 4 + 4 * 2 * 4 + 8 + 12 * 8 + 4 * 8)


def test_findings_stand_at_the_row(detector: str) -> None:
    Path("mine.yaml").write_text(TEXT.replace("[7, 4]", "[7]"))
    lines = TEXT.splitlines()
    found = {finding.code: finding for finding in check("mine.yaml", select="RF905")}
    assert not found
    Path("mine.yaml").write_text(TEXT.replace("[-1, 2], 1, Concat", "[2], 1, Concat"))
    found = {finding.code: finding for finding in check("mine.yaml", select="RF905")}
    assert found["RF905"].line == 1 + next(n for n, line in enumerate(lines) if "nn.Upsample" in line)
    assert found["RF905"].file == "mine.yaml"


def test_patterns_find_models_and_folders_descriptions_alone(
    detector: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "*.yaml", "--select", "RF900"]) == 0
    assert "no findings in 1 description" in capsys.readouterr().out
    assert main(["check", "."]) == 2
    assert "holds no description" in capsys.readouterr().err


def test_a_file_of_one_scale_that_is_not_there_is_answered_with_that_of_all(detector: str) -> None:
    Path("yolo11-seg.yaml").write_text(TEXT)
    with pytest.raises(UsageError, match=r"'yolo11-seg.yaml' is there, of all scales"):
        load("yolo11n-seg.yaml")


def test_a_head_with_anchors_is_of_yolov5s_own_code(detector: str) -> None:
    text = TEXT.replace("nc: 4\n", "nc: 4\nanchors: 3\ndepth_multiple: 0.33\nwidth_multiple: 0.5\n")
    text = text[: text.index("scales")] + text[text.index("backbone") :]
    Path("old.yaml").write_text(text.replace("C2f", "C3").replace("[nc]", "[nc, anchors]"))
    # Three boxes of four sides, one score and four classes.
    assert outputs("old.yaml") == ["160x160x27", "80x80x27"]


def test_a_description_is_no_model_whatever_its_layers_are_called(detector: str) -> None:
    Path("net.yaml").write_text(
        "input: 8x8x3\nblocks:\n  backbone: [relu]\n  head: [relu]\nlayers: [backbone, head]\n"
    )
    assert outputs("net.yaml") == ["8x8x3"]


BASES = [TEXT, *[path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml"))]]


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_damaged_files_are_read_or_refused(first: int, tmp_path: Path) -> None:
    path = tmp_path / "damaged.yaml"
    for seed in range(first, first + 50):
        text = damaged(random.Random(seed).choice(BASES), seed)
        path.write_text(text, "utf-8")
        try:
            importing.read(str(path), "damaged", {"": (64, 64, 3)} if seed % 3 else {}, {})
        except RfcalcError as error:
            assert str(error)


def test_comments_may_be_in_any_encoding_as_the_package_reads_them(detector: str) -> None:
    path = Path(detector)
    known = load(detector).imported
    path.write_bytes("# 我的检测模型\n".encode("gbk") + path.read_bytes())
    again = load(detector).imported
    assert known is not None and again is not None
    assert [step.shape for step in again.network.steps] == [step.shape for step in known.network.steps]
