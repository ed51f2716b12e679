"""`rfcalc NETWORK`: options, where descriptions come from, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from rfcalc.cli.main import main

NET = """
name: Mine
input: 8x8x3
params: {width: 4}
layers:
  - conv f=3 p=1 d=width
  - relu
"""


class Result:
    """What one run of the command line left."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> dict[str, dict[str, object]]:
        loaded: dict[str, dict[str, object]] = json.loads(self.out)
        return loaded

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


class Runner:
    """Runs the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Result:
        code = main(arguments)
        captured = self._capsys.readouterr()
        return Result(code, captured.out, captured.err)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


def test_a_shipped_network_needs_nothing_but_its_name(run: Runner) -> None:
    result = run("vgg16")
    assert result.code == 0
    assert result.err == ""
    assert "138,357,544" in result.out
    assert "15,470,264,320" in result.out


def test_show_is_what_runs_without_a_command(run: Runner) -> None:
    assert run("show", "vgg16").out == run("vgg16").out


def test_a_note_is_on_what_a_row_shows(run: Runner) -> None:
    layers = "conv f=3 d=8; deconv f=3 s=2 d=8; attention heads=1"
    spread = "a field 3–4 depends on the position"
    assert spread in run("-e", layers, "--input", "12x12x3").out
    # Here the cell says `all`.
    alone = run("-e", layers, "--input", "12x12x3", "--only", "attention*").out
    assert "all: attention or a branch" in alone
    assert spread not in alone


def test_options_may_stand_before_the_network(run: Runner) -> None:
    assert run("--format", "csv", "vgg16").out == run("vgg16", "--format", "csv").out


def test_a_file_is_read_from_its_path(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(NET, "utf-8")
    result = run(str(path))
    assert result.code == 0
    assert result.out.startswith("Mine: input 8x8x3, output 8x8x4\n")


def test_standard_input_is_a_dash(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(NET.encode())))
    assert run("-").out.startswith("Mine: ")


def test_layers_come_from_the_command_line(run: Runner) -> None:
    result = run("-e", "conv f=3 d=64; relu; maxpool f=2 s=2", "--input", "224x224x3", "--format", "csv")
    assert [row["name"] for row in result.rows] == ["conv1", "relu1", "maxpool1"]
    assert result.rows[-1]["output"] == "111x111x64"


def test_another_input_size_changes_work_and_not_parameters(run: Runner) -> None:
    small = run("resnet18", "--input", "112x112x3", "--format", "json").json["totals"]
    large = run("resnet18", "--format", "json").json["totals"]
    assert small["params"] == large["params"] == 11_689_512
    assert int(str(small["macs"])) < int(str(large["macs"]))


def test_a_parameter_is_set_to_a_number_or_a_symbol(run: Runner) -> None:
    assert run("vgg16", "--set", "classes=10", "--format", "csv").rows[-2]["output"] == "1x1x10"
    assert run("vgg16", "--set", "classes=C", "--format", "csv").rows[-2]["output"] == "1x1xC"


def test_a_batch_multiplies_work(run: Runner) -> None:
    totals = run("vgg16", "--batch", "2", "--format", "json").json["totals"]
    assert (totals["params"], totals["macs"]) == (138_357_544, 2 * 15_470_264_320)


def test_columns_are_shown_in_the_order_asked_for(run: Runner) -> None:
    assert run("vgg16", "--columns", "macs,name,rf", "--format", "csv").out.startswith(
        "macs,name,receptive_field\n"
    )


def test_columns_help_lists_them_without_a_network(run: Runner) -> None:
    result = run("--columns", "help")
    assert result.code == 0
    for name in ("receptive_field", "params_share", "activations_bytes"):
        assert name in result.out


def test_depth_folds_blocks(run: Runner) -> None:
    rows = run("resnet50", "--depth", "1", "--format", "csv").rows
    assert [row["name"] for row in rows][4:8] == ["layer1", "layer2", "layer3", "layer4"]


def test_only_sort_and_top_work_together(run: Runner) -> None:
    rows = run("resnet50", "--only", "layer3.*", "--sort", "macs", "--top", "3", "--format", "csv").rows
    assert len(rows) == 3
    assert all(row["name"].startswith("layer3.") for row in rows)
    assert [int(row["macs"]) for row in rows] == sorted((int(row["macs"]) for row in rows), reverse=True)


def test_short_units(run: Runner) -> None:
    assert "15.47 G" in run("vgg16", "--units", "si").out


def test_chinese_is_asked_for(run: Runner) -> None:
    out = run("vgg16", "--lang", "zh").out
    assert "感受野" in out
    assert "合计" in out


def test_the_books_table_is_chinese_and_leaves_the_classes_open(run: Runner) -> None:
    out = run("alexnet", "--table", "book").out
    assert "操作类型" in out
    assert "1x1xC" in out
    english = run("alexnet", "--table", "book", "--lang", "en").out
    assert "fully connected" in english
    assert "1x1xC" in english


def test_the_books_table_prints_the_classes_the_user_sets(run: Runner) -> None:
    rows = run("alexnet", "--table", "book", "--set", "classes=10", "--format", "csv").rows
    assert rows[-1]["input"] == "1x1x10"


def test_the_books_table_works_for_a_network_without_classes(run: Runner) -> None:
    assert run("unet", "--table", "book").code == 0


@pytest.mark.parametrize(
    "option", [("--columns", "name"), ("--depth", "1"), ("--top", "3"), ("--only", "c*")]
)
def test_the_books_table_refuses_what_would_change_its_form(run: Runner, option: tuple[str, str]) -> None:
    result = run("alexnet", "--table", "book", *option)
    assert result.code == 2
    assert option[0] in result.err


def test_json_holds_leaf_layers_whatever_the_depth(run: Runner) -> None:
    folded = run("resnet18", "--format", "json", "--depth", "1")
    assert folded.code == 0
    assert "--depth has no effect on json" in folded.err
    assert folded.json == run("resnet18", "--format", "json").json


def test_wrong_names_are_answered_with_the_nearest(run: Runner) -> None:
    for arguments, expected in (
        (("vgg61",), "did you mean 'vgg1"),
        (("vgg16", "--columns", "name,parms"), "did you mean 'params'?"),
        (("vgg16", "--sort", "mac"), "did you mean 'macs'?"),
        (("vgg16", "--format", "markdwn"), "did you mean 'markdown'?"),
        (("vgg16", "--dtype", "fp23"), "did you mean 'fp32'?"),
        (("vgg16", "--dtype", "int8/fp17"), "did you mean 'fp16'?"),
        (("vgg16", "--only", "convv1_1"), "did you mean 'conv1_1'?"),
        (("vgg16", "--fromat", "csv"), "--format"),
        (("ops", "cnv"), "did you mean 'conv'?"),
        (("vgg16", "--columns", "rff"), "did you mean 'rf'?"),
        (("vgg16", "--columns", "name,,rf"), "--columns 'name,,rf': a name is missing; "),
        (("vgg16", "--columns", "name, "), "--columns 'name, ': a name is missing; "),
        (("vgg",), "; names with it: vgg11, vgg13, vgg16, vgg16-bn, vgg19\n"),
        (
            ("ResNet5",),
            "; names with it: resnet50, resnet50-cbam, resnet50-eca, resnet50-v1, resnet56, "
            "deeplabv3-resnet50, fcn-resnet50\n",
        ),
        # Of many the first, and of one letter none.
        (("resnet",), "; names with it: resnet101, "),
        (("resnet",), ", …\n"),
        (("r",), "; `rfcalc list` shows the shipped networks; "),
        ((".",), "'.'; it is a folder: name a file in it, or check all of them with `rfcalc check .`\n"),
        (("lsit",), "did you mean 'list'?"),
        (("shcema", "vgg16"), "did you mean 'schema'?"),
    ):
        result = run(*arguments)
        assert result.code == 2, arguments
        assert result.out == ""
        assert result.err.startswith("rfcalc: error: "), arguments
        assert expected in result.err, arguments


@pytest.mark.parametrize(
    "arguments",
    [
        ("vgg16", "--depth", "0"),
        ("vgg16", "--depth", "-1"),
        ("vgg16", "--top", "0"),
        ("vgg16", "--batch", "0"),
        ("vgg16", "--batch", "many"),
        ("vgg16", "--batch", "1.5"),
        ("vgg16", "--batch", "9" * 5000),
        ("vgg16", "--top", "٣"),
        ("vgg16", "--columns", ""),
        ("vgg16", "--columns", ","),
        ("vgg16", "--set", "classes"),
        ("vgg16", "--set", "=3"),
        ("vgg16", "--set", "classes=1", "--set", "classes=2"),
        ("vgg16", "--input", "8x8x3", "--input", "9x9x3"),
        ("vgg16", "--input", "=8x8x3"),
        ("vgg16", "-e", "relu"),
        ("vgg16", "resnet18"),
        ("show",),
        ("--format", "csv"),
        ("no/such/file.yaml",),
        (".",),
        ("./",),
        ("vgg16", "--lang", "fr"),
        ("vgg16", "--units", "iec"),
        ("vgg16", "--table", "page"),
        ("alexnet", "--table", "book", "--format", "json"),
    ],
)
def test_what_cannot_be_done_is_refused_with_exit_code_2(run: Runner, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith("rfcalc: error: ")
    assert "Traceback" not in result.err


def test_a_wrong_description_shows_every_mistake_and_their_number(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("input: 8x8x3\nlayers:\n  - cnv f=3 d=4\n  - maxpol f=2\n", "utf-8")
    result = run(str(path))
    assert result.code == 2
    assert result.out == ""
    assert f"{path}:3:5: error: " in result.err
    assert f"{path}:4:5: error: " in result.err
    assert "^^^" in result.err
    assert result.err.endswith("2 errors\n")


def test_a_line_that_is_no_line_does_not_hide_what_is_wrong_with_the_others(
    run: Runner, tmp_path: Path
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("input: 8x8x3\nlayers:\n  - conv f = 3 d=4\n  - conv2d f=3\n  - fc d=clases\n", "utf-8")
    result = run(str(path))
    assert [f"{path}:{line}:" in result.err for line in (3, 4, 5)] == [True] * 3
    assert result.err.endswith("3 errors\n")


def test_one_mistake_is_one_error(run: Runner) -> None:
    result = run("-e", "conv f=3 d=4; relou", "--input", "8x8x3")
    assert result.code == 2
    assert result.err.endswith("\n1 error\n")


ONE = "input: 32x32x3\nlayers:\n  - conv f=7 d=4\n  - conv f=3 d=4 g=2\n"
TWO = "input: {left: 8x8x3, right: 8x8x3}\nlayers:\n  - add from=left+right\n  - conv f=7 d=8\n"


@pytest.mark.parametrize(
    ("text", "sizes", "note"),
    [
        (ONE, ["5x5x3"], "note: input is 5x5x3 here"),
        (ONE, ["8x8x3"], "note: input is 8x8x3 here"),
        (ONE, ["3"], "note: 3 comes from input here"),
        (TWO, ["left=9x9x3"], "note: this one is 9x9x3"),
        (TWO, ["left=5x5x3", "right=5x5x3"], "note: left is 5x5x3 here"),
    ],
)
def test_a_size_that_does_not_fit_is_shown_where_it_was_given(
    run: Runner, tmp_path: Path, text: str, sizes: list[str], note: str
) -> None:
    (tmp_path / "net.yaml").write_text(text)
    options = [word for size in sizes for word in ("--input", size)]
    result = run(str(tmp_path / "net.yaml"), *options)
    assert result.code == 2
    lines = result.err.splitlines()
    (place,) = [number for number, line in enumerate(lines) if line.endswith(note)]
    assert lines[place].startswith("<command line>:1:")
    assert lines[place + 1].endswith(f"--input {sizes[0]}")
    # The carets stand under the size.
    assert lines[place + 2].split() == ["|", "^" * len(sizes[0].removeprefix("left="))]


def test_a_wrong_size_on_the_command_line_is_shown_as_it_was_given(run: Runner) -> None:
    result = run("vgg16", "--input", "224x")
    assert result.code == 2
    assert "--input 224x" in result.err
