"""Models as networks like any other: every command takes them and names places in their files."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rfcalc import DescriptionError, UsageError, analyze, check, load
from rfcalc.cli.main import main
from rfcalc.errors import in_file, mistake
from rfcalc.importers import formats
from rfcalc.importers.steps import ImportedNetwork, ImportedStep
from rfcalc.library import is_callable, is_path
from rfcalc.shapes import Shape

DATA = Path(__file__).parents[1] / "data" / "onnx"
MAGIC = b"\0small\0"
SCHEMAS = {
    name: json.loads(files("rfcalc.report").joinpath(f"{name}.schema.json").read_text("utf-8"))
    for name in ("report", "explain", "check")
}


def _read(
    path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    """A format of this test: its files hold the name of a mistake, or nothing."""
    content = Path(path).read_bytes().removeprefix(MAGIC).decode()
    if content:
        raise mistake(content, in_file("", "node 'stem'"))
    if strange := set(inputs) - {""}:
        raise UsageError(f"it has no input {strange.pop()!r}")
    height, width, channels = inputs.get("", (16, 16, 3))
    size = Shape((-(-height // 2), -(-width // 2)), 8)
    steps = (
        ImportedStep("input", (), {}, Shape((height, width), channels), "input"),
        ImportedStep(
            "conv",
            (0,),
            {"kernel": 4, "stride": 2, "padding": 1, "out_channels": 8},
            size,
            "stem",
            place="node 'stem'",
        ),
        ImportedStep("bn", (1,), {}, size, "norm", place="node 'norm'"),
    )
    return ImportedNetwork(name, steps, (2,), "", (("the size is supposed", ""),) * (not inputs))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The path of a model in a format that this test defines."""
    module = ModuleType("small_format")
    module.read = _read  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "small_format", module)
    importer = formats.Importer(
        "a small model", (".small",), lambda head: head.startswith(MAGIC), "small_format"
    )
    monkeypatch.setattr(formats, "IMPORTERS", (*formats.IMPORTERS, importer))
    monkeypatch.chdir(tmp_path)
    Path("net.small").write_bytes(MAGIC)
    return "net.small"


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(arguments)
    return (code, *capsys.readouterr())


def test_a_model_is_a_network_like_any_other(small: str) -> None:
    description = load(small)
    assert description.source.name == small
    analysis = analyze(description)
    assert [(layer.node.name, str(layer.output)) for layer in analysis.layers] == [
        ("stem", "8x8x8"),
        ("norm", "8x8x8"),
    ]
    place = analysis.layers[0].node.position
    assert (str(place), place.number, place.place) == ("net.small: node 'stem'", None, "node 'stem'")


@pytest.mark.parametrize("size", ["32x24x4", "4,32,24", "chw:4x32x24"])
def test_a_size_is_what_the_model_is_read_at(small: str, size: str) -> None:
    for description in (load(small), load(small, input=size)):
        analysis = analyze(description, input=size)
        assert [str(shape) for shape in analysis.inputs] == ["32x24x4"]
        assert [str(shape) for shape in analysis.outputs] == ["16x12x8"]
    assert [str(shape) for shape in analyze(load(small, input=size)).inputs] == ["32x24x4"]


def test_it_is_read_again_where_another_size_is_asked_for_and_only_there(
    small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[object] = []
    monkeypatch.setattr(
        sys.modules["small_format"], "read", lambda *given: sizes.append(given[2]) or _read(*given)
    )
    description = load(small, input="32x32x3")
    analyze(description)
    analyze(description, input="3,32,32", params={})
    assert sizes == [{"": (32, 32, 3)}]
    analyze(description, input="64x64x3")
    assert sizes[1:] == [{"": (64, 64, 3)}]


def test_sizes_and_parameters_that_a_model_cannot_have_are_refused(small: str) -> None:
    with pytest.raises(UsageError, match=r"^.*small: it has no input 'mask'$"):
        load(small, input={"mask": "8x8x3"})
    with pytest.raises(
        DescriptionError, match=r"(?s)read at a size in numbers, and 'H' is none.*rfcalc convert"
    ):
        load(small, input="HxHx3")
    with pytest.raises(DescriptionError, match="a length is from 1 to"):
        load(small, input="0x8x3")
    with pytest.raises(UsageError, match=r"params=\{'width': '…'\}.*a small model has no parameters"):
        analyze(load(small), params={"width": 2})


def test_remarks_are_said_once_and_not_where_they_do_not_hold(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "rfcalc: net.small: note: the size is supposed\n"
    for arguments in ((small,), ("explain", small, "stem"), ("check", small), ("spec", small)):
        assert run(*arguments, capsys=capsys)[2].count(said) == 1
        assert said not in run(*arguments, "--input", "8x8x3", capsys=capsys)[2]
    assert run("compare", small, small, "--input", "B=8x8x3", capsys=capsys)[2].count(said) == 1


def test_remarks_are_in_json_and_not_below_tables(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(run(small, "--format", "json", "--output", "stem", capsys=capsys)[1])
    Draft202012Validator(SCHEMAS["report"]).validate(data)
    (warning,) = data["warnings"]
    assert (warning["severity"], warning["message"]) == ("note", "the size is supposed")
    assert (warning["file"], warning["line"]) == (small, None)
    assert "supposed" not in run(small, capsys=capsys)[1]


def test_a_mistake_names_its_place_in_the_file(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(small).write_bytes(MAGIC + b"no kernel")
    assert run(small, capsys=capsys) == (2, "", "net.small: node 'stem': error: no kernel\n1 error\n")
    code, out, _ = run("check", small, "--format", "full", capsys=capsys)
    assert code == 1
    assert out.startswith("net.small: node 'stem': error[RF900]: no kernel\n\n")
    code, out, _ = run("check", small, "--format", "sarif", capsys=capsys)
    (result,) = json.loads(out)["runs"][0]["results"]
    (location,) = result["locations"]
    assert "region" not in location["physicalLocation"]
    assert location["logicalLocations"] == [{"name": "node 'stem'"}]


class TestPlaces:
    """What every consumer of places makes of one that has no line."""

    @pytest.fixture
    def found(self, small: str, capsys: pytest.CaptureFixture[str]) -> Any:
        def of(*options: str) -> str:
            return run("check", small, "--select", "RF501", "--no-config", *options, capsys=capsys)[1]

        return of

    WHERE = "net.small: node 'stem'"

    def test_full_shows_the_printed_line_without_a_number(self, found: Any) -> None:
        first, excerpt, carets = found("--format", "full").splitlines()[:3]
        assert first.startswith(f"{self.WHERE}: warning[RF501]: the bias is cancelled")
        assert excerpt.startswith("   |   - conv ")
        assert carets.startswith("   |     ^")

    def test_concise_and_markdown_name_the_place(self, found: Any) -> None:
        assert found("--format", "concise").startswith(f"{self.WHERE}: RF501 warning the bias")
        assert f"| {self.WHERE} |" in found("--format", "markdown")

    def test_json_has_the_place_in_place_of_lines(self, found: Any) -> None:
        data = json.loads(found("--format", "json"))
        Draft202012Validator(SCHEMAS["check"]).validate(data)
        (finding,) = data["descriptions"][0]["findings"]
        assert (finding["line"], finding["column"], finding["place"]) == (None, None, "node 'stem'")
        assert [other["place"] for other in finding["related"]] == ["node 'norm'"]

    def test_hosts_get_the_file_and_a_message_that_names_the_place(self, found: Any) -> None:
        annotation = found("--format", "github").splitlines()[0]
        assert annotation.startswith(
            "::warning file=net.small,title=RF501 cancelled-bias::node 'stem': the bias"
        )
        (issue,) = json.loads(found("--format", "gitlab"))
        assert issue["description"].startswith("node 'stem': the bias")
        assert issue["location"] == {"path": "net.small", "lines": {"begin": 1}}
        case = next(line for line in found("--format", "junit").splitlines() if "<testcase" in line)
        assert 'file="net.small"' in case
        assert "line=" not in case

    def test_sarif_has_the_place_as_a_logical_location(self, found: Any) -> None:
        (result,) = json.loads(found("--format", "sarif"))["runs"][0]["results"]
        (location,) = result["locations"]
        assert location["physicalLocation"] == {
            "artifactLocation": {"uri": "net.small", "uriBaseId": "%SRCROOT%"}
        }
        assert location["logicalLocations"] == [{"name": "node 'stem'"}, {"fullyQualifiedName": "stem"}]

    def test_explanations_and_reports_name_the_place(
        self, small: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "node 'stem'" in run("explain", small, "stem", capsys=capsys)[1]
        data = json.loads(run("explain", small, "stem", "--format", "json", capsys=capsys)[1])
        Draft202012Validator(SCHEMAS["explain"]).validate(data)
        assert data["line"]["line"] is None
        assert data["line"]["place"] == "node 'stem'"


def test_findings_of_a_model_are_known_again(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    def prints(*options: str) -> list[str]:
        out = run("check", small, "--format", "gitlab", "--no-config", *options, capsys=capsys)[1]
        return [issue["fingerprint"] for issue in json.loads(out)]

    assert prints("--select", "RF501")
    assert prints("--select", "RF501") == prints("--select", "RF501", "--input", "32x32x3")


def test_budgets_and_baselines_hold_for_models(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("rfcalc.toml").write_text(
        'select = ["RF3"]\nbaseline = "figures.json"\n\n[[budgets]]\nnetwork = "*.small"\nmax_increase = 0\n'
        'require = ["params <= 300"]\n'
    )
    assert run("check", small, "--update-baseline", capsys=capsys)[0] == 1
    assert list(json.loads(Path("figures.json").read_text("utf-8"))["networks"]) == [small]
    out = run("check", small, "--format", "concise", capsys=capsys)[1]
    assert (out.count(" RF"), out.count(" RF303 ")) == (1, 1)
    _, out, _ = run("check", small, "--format", "concise", "--input", "32x32x3", capsys=capsys)
    assert "RF304" in out
    Path(small).unlink()
    Path("net.yaml").write_text("input: 8x8x3\nlayers: [relu]\n")
    assert "RF305" in run("check", "net.yaml", "--format", "concise", capsys=capsys)[1]


def test_a_command_that_accepts_figures_says_at_which_size(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("rfcalc.toml").write_text(
        'select = ["RF3"]\nbaseline = "figures.json"\n\n[[budgets]]\nnetwork = "*"\nmax_increase = 0\n'
    )
    run("check", small, "--update-baseline", capsys=capsys)
    out = run("check", small, "--input", "32x32x3", capsys=capsys)[1]
    assert "rfcalc check net.small --input 32x32x3 --update-baseline" in out


def test_a_folder_is_searched_for_descriptions_and_a_pattern_for_models_too(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("net.yaml").write_text("input: 8x8x3\nlayers: [relu]\n")
    for words, names in ((["."], {"net.yaml"}), (["*"], {"net.yaml", small}), ([small], {small})):
        out = run("check", *words, "--format", "json", "--no-config", capsys=capsys)[1]
        assert {one["name"] for one in json.loads(out)["descriptions"]} == names
    # Neither is a formatter's business.
    assert "1 file already formatted" in run("fmt", "*", "--check", capsys=capsys)[2]


def test_a_formatter_refuses_a_model_and_says_what_writes_a_description(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run("fmt", small, capsys=capsys)
    assert (code, out) == (2, "")
    assert (
        "'net.small' is a small model, no description: `rfcalc convert net.small -o net.yaml` writes one"
        in err
    )
    assert Path(small).read_bytes() == MAGIC


def test_a_model_is_not_replaced_by_the_output_of_a_command(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run("spec", small, "-o", small, capsys=capsys)
    assert code == 2
    assert "is read by this command" in err


def test_what_is_compared_is_read_at_its_own_size(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = run("compare", small, small, "--input", "A=32x32x3", capsys=capsys)[1]
    assert "A: net: input 32x32x3" in out
    assert "B: net: input 16x16x3" in out


def test_models_are_not_taken_from_git(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run("compare", "--git", "HEAD", small, capsys=capsys)
    assert code == 2
    assert f"git show HEAD:{small} > old.small" in err


class TestCallables:
    """Which words are callables in Python, and how they are run."""

    @pytest.fixture
    def calls(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[object, ...]]:
        """The captures that are asked for, each answered by a network."""
        asked: list[tuple[object, ...]] = []

        def capture(
            target: str, settings: Mapping[str, str], inputs: Mapping[str, tuple[int, ...]], python: str
        ) -> ImportedNetwork:
            asked.append((target, dict(settings), dict(inputs), python))
            height, width, channels = inputs[""]
            steps = (
                ImportedStep("input", (), {}, Shape((height, width), channels), "input"),
                ImportedStep("relu", (0,), {}, Shape((height, width), channels), "act", place="call 1"),
            )
            return ImportedNetwork(target, steps, (1,))

        module = ModuleType("rfcalc.importers.torch.capture")
        module.capture = capture  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.chdir(tmp_path)
        return asked

    @pytest.mark.parametrize(
        "word", ["nets:build", "torchvision.models:resnet50", "a.b:C.build", "nets:build(w=1)"]
    )
    def test_a_dotted_name_a_colon_and_a_name_are_one(self, word: str) -> None:
        assert is_callable(word)
        assert not is_path(word)

    @pytest.mark.parametrize(
        "word",
        [
            "vgg16",
            "net.onnx",
            "C:\\nets\\a.onnx",
            "https://host/a.onnx",
            "./nets:build",
            "a:b:c",
            "nets:",
            ":build",
            "a b:c",
            "3d:net",
            "nets/a:b",
            "nets:build.",
            "-e:x",
        ],
    )
    def test_other_words_are_none(self, word: str) -> None:
        assert not is_callable(word)

    def test_a_file_of_that_name_is_never_run(self, calls: list[tuple[object, ...]]) -> None:
        Path("nets:build").write_text("input: 8x8x3\nlayers: [relu]\n")
        assert not is_callable("nets:build")
        assert main(["./nets:build"]) == 0
        assert main(["check", "nets:build", "--no-config"]) == 0
        load(Path("nets:build"))
        with pytest.raises(UsageError):
            load(Path("gone:build"))
        assert calls == []

    def test_every_command_runs_it_with_what_is_given(
        self, calls: list[tuple[object, ...]], capsys: pytest.CaptureFixture[str]
    ) -> None:
        given = ("--input", "3,16,8", "--set", "width=32", "--python", "/usr/bin/python3")
        for command in ("show", "explain", "spec", "check"):
            assert main([command, "nets:build", *given]) == 0, capsys.readouterr()
        assert main(["compare", "nets:build", "nets:build", *given, "--set", "B:width=64"]) == 0
        once = ("nets:build", {"width": "32"}, {"": (16, 8, 3)}, "/usr/bin/python3")
        assert calls == [*[once] * 5, ("nets:build", {"width": "64"}, *once[2:])]

    def test_the_library_runs_it_with_values_as_python_writes_them(
        self, calls: list[tuple[object, ...]]
    ) -> None:
        load("nets:build", input="8x8x3", params={"deep": True, "rate": 0.5, "act": "relu"})
        assert calls == [("nets:build", {"deep": "True", "rate": "0.5", "act": "relu"}, {"": (8, 8, 3)}, "")]

    @pytest.mark.parametrize(
        "word", ["nets:build(width=32)", "nets:build()", "nets:build(width=32, deep=True)"]
    )
    def test_an_expression_is_refused_with_the_option(
        self, word: str, calls: list[tuple[object, ...]], capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, out, err = run(word, "--input", "3,8,8", capsys=capsys)
        assert (code, out) == (2, "")
        assert "nets:build --set " in err
        assert ("width=32" in err) == ("width" in word)
        assert calls == []

    def test_completion_runs_nobodys_code(
        self, calls: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("_RFCALC_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", "rfcalc explain nets:build --input 3,8,8 a")
        monkeypatch.setenv("COMP_CWORD", "5")
        with pytest.raises(SystemExit):
            main([])
        assert calls == []

    def test_a_baseline_keeps_it_by_its_name(
        self, calls: list[tuple[object, ...]], capsys: pytest.CaptureFixture[str]
    ) -> None:
        given = ("check", "nets:build", "--input", "3,8,8", "--baseline", "figures.json")
        assert main([*given, "--update-baseline"]) == 0
        assert list(json.loads(Path("figures.json").read_text("utf-8"))["networks"]) == ["nets:build"]
        assert main([*given]) == 0


def test_a_place_has_no_control_characters_and_stays_on_its_line(
    small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*given: Any) -> ImportedNetwork:
        network = _read(*given)
        steps = [step._replace(place=f"node '\x1b[31m\n\u2028{step.name}'") for step in network.steps]
        return network._replace(steps=tuple(steps))

    monkeypatch.setattr(sys.modules["small_format"], "read", read)
    (finding,) = check(load(small), select="RF501")
    assert finding.place.startswith("node '")
    assert finding.place.endswith("stem'")
    assert finding.place.isprintable()


@pytest.mark.parametrize("name", ["onnx/alexnet-dynamo.onnx", "onnx/alexnet-legacy.onnx", "pt2/alexnet.pt2"])
def test_files_of_every_format_are_read_by_their_suffix_alone_and_by_their_content(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes((DATA.parent / name).read_bytes())
    for path in (DATA.parent / name, file):
        out = run(str(path), "--format", "json", capsys=capsys)[1]
        totals = json.loads(out)["totals"]
        # As torchvision says, and as PyTorch's own counter has it.
        assert (totals["params"], totals["macs"]) == (61_100_840, 714_188_480)
