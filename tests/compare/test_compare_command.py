"""`rfcalc compare`: operands, options, formats, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rfcalc.cli.main import main
from rfcalc.library import analyze, load, shipped_names
from rfcalc.render.data import render_json
from rfcalc.report.network_table import data

NET = "input: 8x8x3\nparams: {width: 4}\nlayers:\n  - conv f=3 p=1 d=width\n  - relu\n"


class Result:
    """What one run of the command line left."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


class Runner:
    """Runs `rfcalc compare` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Result:
        code = main(("compare", *arguments))
        captured = self._capsys.readouterr()
        return Result(code, captured.out, captured.err)


@pytest.fixture
def compare(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(result: Result) -> list[str]:
    return [network["name"] for network in result.json["networks"]]


# Operands


def test_expressions_keep_their_place_among_the_operands(compare: Runner) -> None:
    size = ("--input", "64x64x3", "--format", "json")
    one, two = "conv f=3 d=8", "conv f=5 d=8"
    assert names(compare("-e", one, "vgg11", "--expression", two, *size)) == [one, "vgg11", two]
    assert names(compare("vgg11", f"-e{one}", *size)) == ["vgg11", one]
    assert names(compare(*size, "vgg11", f"--expression={one}")) == ["vgg11", one]


def test_the_value_of_an_option_is_no_expression(compare: Runner, folder: Path) -> None:
    assert compare("conv7x7", "conv3x3-stack", "--output-file", "-e", "--summary").code == 0
    assert "49C²" in (folder / "-e").read_text(encoding="utf-8")


def test_files_and_names_can_be_mixed(compare: Runner, folder: Path) -> None:
    (folder / "net.yaml").write_text(NET, encoding="utf-8")
    result = compare("net.yaml", "basic-block", "--format", "json")
    assert names(result) == ["net.yaml", "basic-block"]


def test_one_description_may_come_from_standard_input(
    compare: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    standard = io.TextIOWrapper(io.BytesIO(NET.encode()))
    monkeypatch.setattr("sys.stdin", standard)
    assert names(compare("basic-block", "-", "--format", "json")) == ["basic-block", "stdin"]


def test_sizes_and_parameters_are_for_all_networks_or_for_one(compare: Runner, folder: Path) -> None:
    (folder / "net.yaml").write_text(NET, encoding="utf-8")
    for options, sizes, widths in (
        (("--input", "16x16x3"), [16, 16], [4, 4]),
        (("--input", "B=16x16x3"), [8, 16], [4, 4]),
        (("--input", "16x16x3", "--input", "A=32x32x3"), [32, 16], [4, 4]),
        (("--set", "width=6"), [8, 8], [6, 6]),
        (("--set", "B:width=6"), [8, 8], [4, 6]),
        (("--set", "width=6", "--set", "A:width=5"), [8, 8], [5, 6]),
    ):
        networks = compare("net.yaml", "net.yaml", *options, "--format", "json").json["networks"]
        assert [network["network"]["inputs"][0][0] for network in networks] == sizes
        assert [network["network"]["outputs"][0][2] for network in networks] == widths


def test_a_parameter_goes_to_the_networks_that_have_it(compare: Runner) -> None:
    result = compare("vgg11", "basic-block", "--set", "classes=7", "--set", "C=8", "--format", "json")
    assert [network["network"]["outputs"] for network in result.json["networks"]] == [
        [[1, 1, 7]],
        [[56, 56, 8]],
    ]


def test_one_of_several_inputs_is_named(compare: Runner, folder: Path) -> None:
    text = "input: {left: 8x8x3, right: 8x8x3}\nlayers: [identity from=left as a, add from=right]\n"
    (folder / "two.yaml").write_text(text, encoding="utf-8")
    sizes = ("--input", "left=4x4x3", "--input", "right=4x4x3")
    result = compare(
        "two.yaml",
        "two.yaml",
        *sizes,
        "--input",
        "B:left=6x6x3",
        "--input",
        "B:right=6x6x3",
        "--format",
        "json",
    )
    assert [network["network"]["inputs"] for network in result.json["networks"]] == [
        [[4, 4, 3], [4, 4, 3]],
        [[6, 6, 3], [6, 6, 3]],
    ]


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "comparing takes two networks or more"),
        (("vgg16",), "two networks or more, got 'vgg16'"),
        (("vgg16", "resnet5"), "no shipped network is called 'resnet5'; names with it: resnet50, "),
        (("vgg16",) * 27, "at most 26 networks"),
        (("-", "-"), "standard input can be read once"),
        (("vgg16", "-e"), "requires an argument"),
        (("vgg16", "vgg19", "--input", "C=8x8x3"), "no network is 'C'; they are A to B"),
        (("vgg16", "vgg19", "--input", "D:x=8x8x3"), "no network is 'D'; they are A to B"),
        (("vgg16", "vgg19", "--input", "left=8x8x3"), "none of the networks has an input with a name"),
        (("vgg16", "vgg19", "--input", "8x8x3", "--input", "9x9x3"), "given twice"),
        (("vgg16", "vgg19", "--input", "="), "expected SIZE"),
        (("vgg16", "vgg19", "--set", "clases=3"), "the parameter 'clases'; did you mean 'classes'?"),
        (("vgg16", "vgg19", "--set", "classes"), "expected NAME=VALUE or A:NAME=VALUE"),
        (("vgg16", "vgg19", "--set", ":classes=3"), "the letter of a network before the colon"),
        (("vgg16", "vgg19", "--set", "AB:classes=3"), "no network is 'AB'"),
        (("vgg16", "vgg19", "--columns", "parms"), "no column is called 'parms'; did you mean 'params'?"),
        (("vgg16", "vgg19", "--columns", "param_difference"), "did you mean 'params_difference'?"),
        (("vgg16", "vgg19", "--columns", ","), "--columns ',': a name is missing"),
        (("vgg11", "vgg13", "vgg16", "--format", "csv"), "--summary gives the figures of more"),
        (("--git", "HEAD"), "name that file"),
        (("--git", "HEAD", "vgg16"), "--git takes the path of a file, got 'vgg16'"),
    ],
)
def test_a_mistake_is_told(compare: Runner, arguments: tuple[str, ...], message: str) -> None:
    result = compare(*arguments)
    assert result.code == 2
    assert not result.out
    assert message in result.err


def test_the_mistakes_of_all_descriptions_are_told_at_once(compare: Runner, folder: Path) -> None:
    (folder / "one.yaml").write_text(NET.replace("relu", "rely"), encoding="utf-8")
    (folder / "two.yaml").write_text(NET.replace("f=3", "f=33"), encoding="utf-8")
    (folder / "three.yaml").write_text(NET.replace("p=1", "p=x"), encoding="utf-8")
    result = compare("two.yaml", "one.yaml", "three.yaml")
    assert result.code == 2
    assert "one.yaml:5" in result.err
    result = compare("two.yaml", "three.yaml")
    assert "two.yaml:4" in result.err
    assert "three.yaml:4" in result.err


# Revisions


@pytest.fixture
def repository(folder: Path) -> Iterator[Path]:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
        subprocess.run(("git", *identity, *arguments), check=True, cwd=folder, capture_output=True)

    (folder / "nets").mkdir()
    git("init", "--quiet")
    (folder / "nets" / "net.yaml").write_text(NET, encoding="utf-8")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    (folder / "nets" / "net.yaml").write_text(NET.replace("width: 4", "width: 6"), encoding="utf-8")
    git("commit", "--quiet", "-a", "-m", "second")
    (folder / "nets" / "net.yaml").write_text(NET.replace("width: 4", "width: 8"), encoding="utf-8")
    yield folder


@pytest.mark.parametrize(("revision", "width"), [("HEAD", 6), ("HEAD~1", 4), ("HEAD~1^{commit}", 4)])
def test_a_file_is_compared_with_what_it_was(
    compare: Runner, repository: Path, revision: str, width: int
) -> None:
    result = compare("--git", revision, "nets/net.yaml", "--format", "json")
    outputs = [network["network"]["outputs"][0][2] for network in result.json["networks"]]
    assert outputs == [width, 8]


def test_a_file_of_another_name_is_compared_with_what_it_was_called_then(
    compare: Runner, repository: Path
) -> None:
    (repository / "nets" / "net.yaml").rename(repository / "other.yaml")
    assert compare("--git", "HEAD", "other.yaml", "--summary").out.startswith(
        "B other.yaml against A net.yaml@HEAD\n"
    )


def test_three_dots_mean_the_merge_base(compare: Runner, repository: Path) -> None:
    # HEAD comes from HEAD~1, which is the base of both; two dots are the revision itself.
    for revision in ("HEAD~1...", "HEAD~1...HEAD", "HEAD~1.."):
        result = compare("--git", revision, "nets/net.yaml", "--format", "json")
        assert [network["network"]["outputs"][0][2] for network in result.json["networks"]] == [4, 8]


def test_a_revision_is_looked_up_from_where_the_file_is(
    compare: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "nets")
    assert compare("--git", "HEAD", "net.yaml").code == 0
    monkeypatch.chdir("/")
    assert compare("--git", "HEAD", str(repository / "nets" / "net.yaml")).code == 0


@pytest.mark.parametrize(
    ("revision", "file", "message"),
    [
        ("HEAD~9", "nets/net.yaml", "has no revision 'HEAD~9'"),
        ("--help", "nets/net.yaml", "'--help' is no revision"),
        ("-p", "nets/net.yaml", "'-p' is no revision"),
        ("HEAD:nets", "nets/net.yaml", "'HEAD:nets' is no revision"),
        ("HEAD", "nets/ne\0.yaml", "git cannot be run"),
        ("HEAD\0", "nets/net.yaml", "'HEAD\\x00' is no revision"),
        ("HEAD", "nets/other.yaml", "there is no file 'nets/other.yaml' at revision 'HEAD'"),
        ("HEAD", "nets/", "is a folder, not a file"),
        ("HEAD", "nowhere/net.yaml", "there is no folder 'nowhere'"),
    ],
)
def test_a_revision_that_cannot_be_had_is_told(
    compare: Runner, repository: Path, revision: str, file: str, message: str
) -> None:
    result = compare("--git", revision, file)
    assert result.code == 2
    assert message in result.err


def test_a_file_outside_of_a_repository_is_told(compare: Runner, folder: Path) -> None:
    (folder / "net.yaml").write_text(NET, encoding="utf-8")
    result = compare("--git", "HEAD", "net.yaml")
    assert (result.code, "no git repository can be read around 'net.yaml'" in result.err) == (2, True)


def test_a_mistake_in_the_past_is_placed_there(compare: Runner, repository: Path) -> None:
    (repository / "nets" / "net.yaml").write_text("layers: [rely]\n", encoding="utf-8")
    subprocess.run(
        ("git", "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qam", "wrong"),
        check=True,
        cwd=repository,
    )
    (repository / "nets" / "net.yaml").write_text(NET, encoding="utf-8")
    result = compare("--git", "HEAD", "nets/net.yaml")
    assert "nets/net.yaml@HEAD:1:" in result.err


def test_without_git_the_rest_still_works(
    compare: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository))
    result = compare("--git", "HEAD", "nets/net.yaml")
    assert (result.code, "needs git, which is not installed" in result.err) == (2, True)
    assert compare("nets/net.yaml", "nets/net.yaml").code == 0


# Output


def test_summary_leaves_edits_and_layers_out(compare: Runner) -> None:
    assert "edit by edit" in compare("vgg11", "vgg13").out
    assert "edit by edit" not in compare("vgg11", "vgg13", "--summary").out


def test_rows_alone_are_the_layers_of_two_networks(compare: Runner) -> None:
    rows = compare("resnet50", "resnet50-v1", "--format", "csv").rows
    assert len(rows) == 174
    assert sum(int(row["macs_difference"]) for row in rows) == -231_211_008
    assert [row["name_b"] for row in rows if row["change"] == "changed"] == [
        f"layer{stage}.0.conv{number}" for stage in (2, 3, 4) for number in (1, 2)
    ]


def test_rows_alone_of_a_summary_are_figures(compare: Runner) -> None:
    rows = compare("plain20", "plain56", "resnet56", "--summary", "--format", "csv").rows
    figures = {row["figure"]: row for row in rows}
    assert figures["params"] == {"figure": "params", "A": "269722", "B": "853018", "C": "853018"}
    assert figures["params_difference"]["B"] == "583296"
    assert figures["depth_ratio"]["B"] == "2.8"


def test_columns_are_shown_for_both_networks_or_as_their_difference(compare: Runner) -> None:
    result = compare(
        "conv7x7", "conv3x3-stack", "--columns", "params,rf,activations_difference", "--format", "csv"
    )
    assert result.rows[0] == {
        "change": "changed",
        "edits": "1",
        "name_a": "conv1",
        "name_b": "conv1",
        "params": "49C² → 9C²",
        "receptive_field": "7 → 3",
        "activations_difference": "0",
    }


def test_all_shows_every_layer(compare: Runner) -> None:
    folded, every = (compare("resnet50", "resnet50-v1", *options).out for options in ((), ("--all",)))
    assert "… 36 equal" in folded
    assert "layer1.2.conv3" not in folded
    assert "layer1.2.conv3" in every
    assert "equal\n" not in every.partition("Layers of")[2]


def test_layers_whose_shown_columns_differ_are_not_equal(compare: Runner) -> None:
    """Behind a larger kernel every field is larger, though nothing else is."""
    seen = compare("resnet50", "resnet50-v1", "--columns", "name,rf").out
    assert "483" in seen
    assert "… 36 equal" in seen
    assert "… 38 equal" not in seen


@pytest.mark.parametrize("format_name", ["markdown", "latex", "html", "rst", "simple", "tsv"])
def test_every_kind_of_format_holds_the_figures(compare: Runner, format_name: str) -> None:
    options = () if format_name != "tsv" else ("--summary",)
    assert "231" in compare("resnet50", "resnet50-v1", "--format", format_name, *options).out


def test_markdown_fits_a_comment_on_a_pull_request(compare: Runner) -> None:
    assert len(compare("resnet101", "resnet152", "--format", "markdown").out) < 10_000
    assert len(compare("vgg19", "densenet121", "--format", "markdown").out) < 65_536


def test_ascii_is_enough_where_an_output_has_nothing_else(tmp_path: Path) -> None:
    import os
    import sys

    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    command = (sys.executable, "-m", "rfcalc", "compare", "conv7x7", "conv3x3-stack")
    output = subprocess.run(command, check=True, env=environment, capture_output=True).stdout.decode("ascii")
    assert "-22C^2" in output
    assert "smaller for every C >= 1" in output
    assert "kernel 7 -> 3" in output


def test_chinese_says_the_same(compare: Runner) -> None:
    output = compare("conv7x7", "conv3x3-stack", "--lang", "zh").out
    assert "对任意C ≥ 1均较小" in output
    assert "新增：2 x relu" in output


# JSON


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(files("rfcalc.report").joinpath("compare.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize(
    "arguments",
    [
        ("resnet50", "resnet50-v1"),
        ("conv7x7", "conv3x3-stack"),
        ("vgg19", "plain34", "resnet34"),
        ("unet", "fcn-resnet50"),
        ("vgg16", "resnet50", "--set", "classes=K"),
        ("resnet18", "resnet18"),
        ("googlenet", "googlenet-bn", "--batch", "8", "--dtype", "fp16"),
        ("wavenet", "r3d-18"),
        ("-e", "slice channels=0:2", "-e", "slice channels=1:3", "--input", "8x8x4"),
    ],
)
def test_json_keeps_to_its_schema(
    compare: Runner, validator: Draft202012Validator, arguments: tuple[str, ...]
) -> None:
    result = compare(*arguments, "--format", "json")
    assert result.code == 0, result.err
    validator.validate(result.json)


@pytest.mark.slow
def test_json_of_any_two_shipped_networks_keeps_to_its_schema(
    compare: Runner, validator: Draft202012Validator
) -> None:
    shipped = shipped_names()
    for base, other in zip(shipped, shipped[7:], strict=False):
        result = compare(base, other, "--format", "json")
        assert result.code == 0, result.err
        validator.validate(result.json)


def test_json_holds_what_the_stride_accounts_for(compare: Runner) -> None:
    (comparison,) = compare("resnet50", "resnet50-v1", "--format", "json").json["comparisons"]
    (edit,) = comparison["edits"]
    assert (edit["kind"], edit["macs"], edit["receptive_field"]) == ("moved", -231_211_008, [56, 56])
    assert comparison["figures"]["macs"]["difference"] == -231_211_008


def test_json_tells_where_a_symbolic_amount_is_smaller(compare: Runner) -> None:
    (comparison,) = compare("conv7x7", "conv3x3-stack", "--format", "json").json["comparisons"]
    params = comparison["figures"]["params"]
    assert params["ratio"] == {"numerator": 27, "denominator": 49, "value": 27 / 49}
    assert params["sign"] == -1
    (comparison,) = compare(
        "-e",
        "conv f=1 d=C bias=no",
        "-e",
        "conv f=1 d=10 bias=no",
        "--input",
        "8x8x4",
        "--set",
        "A:C=C",
        "--format",
        "json",
    ).json["comparisons"]
    assert comparison["figures"]["params"]["stretches"] == [
        {"first": 1, "last": 9, "sign": 1},
        {"first": 10, "last": 10, "sign": 0},
        {"first": 11, "last": None, "sign": -1},
    ]


def test_the_schema_is_printed_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("schema", "compare")) == 0
    assert json.loads(capsys.readouterr().out)["$id"] == "rfcalc.compare/1"


# Fields that are everything

GLOBAL = "conv f=3 p=1 d=4; attention heads=2; conv f={} p={} d=4"


def test_no_difference_is_told_with_a_field_that_is_all(compare: Runner) -> None:
    for base, other in (
        ("conv f=3 p=1 d=4", GLOBAL.format(3, 1)),
        (GLOBAL.format(3, 1), GLOBAL.format(5, 2)),
    ):
        operands = ("-e", base, "-e", other, "--input", "8x8x3")
        told = compare(*operands)
        (row,) = [line for line in told.out.splitlines() if line.startswith("receptive field")]
        assert not re.search(r"[+−%]", row)
        assert "all: attention or a branch over the whole map" in told.out
        assert "field ?: one of the two is not known, only bounded, or everything" in told.out
        (comparison,) = compare(*operands, "--format", "json").json["comparisons"]
        assert comparison["receptive_field"] is None
        assert {edit["receptive_field"] for edit in comparison["edits"]} == {None}


def test_local_fields_have_their_difference_and_no_legend(compare: Runner) -> None:
    operands = ("-e", "conv f=3 p=1 d=4", "-e", "conv f=5 p=2 d=4", "--input", "8x8x3")
    assert "+2" in compare(*operands).out
    assert "all:" not in compare(*operands).out
    assert compare(*operands, "--format", "json").json["comparisons"][0]["receptive_field"] == [2, 2]


def test_a_comparison_as_data_makes_no_records_of_layers(
    compare: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(data, "_layer", lambda layer, *_: asked.append(layer.name))
    assert compare("vgg16", "vgg19", "--format", "json").code == 0
    assert asked == []
    render_json(data.report_data(analyze(load("vgg16"))))
    assert "conv1_1" in asked
