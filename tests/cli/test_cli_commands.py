"""The commands beside the table, help, version and completion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

from rfcalc import __version__, analyze, load, read_text, shipped_names
from rfcalc.cli.group import COMMANDS, program
from rfcalc.cli.init import template
from rfcalc.cli.main import main
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_a_network_with_other_values_does_not_promise_what_it_was_with_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "params == 15742104" in output_of(capsys, "spec", "dla34")
    assert "check:" not in output_of(capsys, "spec", "dla34", "--set", "classes=10")


def test_no_shipped_network_is_called_like_a_command() -> None:
    assert not set(COMMANDS) & set(shipped_names())


def test_list_shows_every_shipped_network(capsys: pytest.CaptureFixture[str]) -> None:
    lines = output_of(capsys, "list").splitlines()
    for name in shipped_names():
        assert any(line.split()[:1] == [name] for line in lines), name


def test_list_shows_published_figures(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "list")
    row = next(line for line in out.splitlines() if line.startswith("vgg16 "))
    assert row.split()[1:5] == ["224x224x3", "138,357,544", "15,470,264,320", "212"]


def test_list_takes_words_of_names_and_sources(capsys: pytest.CaptureFixture[str]) -> None:
    def listed(*words: str) -> list[str]:
        data = json.loads(output_of(capsys, "list", *words, "--format", "json"))
        return [network["name"] for network in data["networks"]]

    assert listed("ResNet") == [
        name for name in shipped_names() if "resnet" in f"{name} {load(name).network.citation}".casefold()
    ]
    assert listed("vgg", "bn") == ["vgg16-bn"]
    assert "zfnet" in listed("zeiler")
    assert output_of(capsys, "list", "vgg16-bn").startswith("1 network\n")


@pytest.mark.parametrize(
    ("words", "hint"), [(("resnte50",), "did you mean 'resnet50'?"), (("zzzz", "a"), "shows all")]
)
def test_a_list_of_nothing_is_a_mistake(
    words: tuple[str, ...], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", *words]) == 2
    assert hint in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [("vgg",), ("spec", "vgg"), ("explain", "vgg"), ("compare", "vgg", "vgg16")]
)
def test_a_part_of_several_names_offers_them_all(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "names with it: vgg11, vgg13, vgg16, vgg16-bn, vgg19" in capsys.readouterr().err


def test_list_is_data_too(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(output_of(capsys, "list", "--format", "json"))
    assert data["schema"] == "rfcalc.list/1"
    assert [network["name"] for network in data["networks"]] == list(shipped_names())
    vgg16 = next(network for network in data["networks"] if network["name"] == "vgg16")
    assert vgg16["totals"]["params"] == 138_357_544
    assert vgg16["network"]["receptive_field"]["size"] == [212, 212]


def test_spec_prints_a_description_that_reads_as_the_network(capsys: pytest.CaptureFixture[str]) -> None:
    text = output_of(capsys, "spec", "resnet50")
    assert analyze(read_text(text)).totals == analyze(load("resnet50")).totals


@pytest.mark.parametrize(
    "arguments",
    [
        ("vgg16",),
        ("vgg16", "--input", "64x64x3", "--set", "classes=10"),
        ("vgg16", "--input", "chw:3x64x64", "--set", "classes=K"),
        ("vgg16", "--set", "classes=2*K+1"),
        ("vgg16", "--set", "classes=classes"),
        ("resnet50", "--input", "(32*h)x(32*w)x3"),
        ("resnet50", "--input", "HxWx3", "--set", "H=32*h", "--set", "W=64"),
        ("conv3x3-stack", "--set", "C=4*c"),
        ("conv3x3-stack", "--input", "8xWxC", "--set", "C=7"),
        ("highway19", "--set", "classes=5"),
        ("-e", "conv f=3 d=K; relu; fc d=n", "--input", "9xWx3", "--set", "K=4*k", "--set", "n=10"),
        ("-e", "[{add: [[conv f=3 p=1 d=cin], []]}, 'conv f=1 d=max(cin, 8)']", "--input", "3,8,8"),
    ],
)
def test_spec_prints_what_is_given_beside_a_description_in_it(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.yaml"
    assert main(["spec", *arguments, "-o", str(path)]) == 0
    # The name of a network of -e is not in its description.
    expected = output_of(capsys, *arguments, "--format", "csv")
    assert output_of(capsys, str(path), "--format", "csv") == expected
    assert main(["fmt", "--check", str(path)]) == 0


def test_spec_prints_json_as_yaml_and_yaml_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = {
        "input": "8x8x3",
        "blocks": {"unit(d)": ["conv f=1 d=d", {"when": "d > 3", "do": ["relu"]}]},
        "layers": ["unit d=4 as one", {"concat": [[], ["tanh"]], "from": "one.conv1"}],
        "notes": [{"layer": "one", "text": "a: b"}],
    }
    (tmp_path / "net.json").write_text(json.dumps(whole), encoding="utf-8")
    assert output_of(capsys, "spec", str(tmp_path / "net.json")) == (
        "input: 8x8x3\n"
        "blocks:\n"
        "  unit(d): [conv f=1 d=d, {when: d > 3, do: [relu]}]\n"
        "layers:\n"
        "  - unit d=4 as one\n"
        "  - {concat: [[], [tanh]], from: one.conv1}\n"
        "notes:\n"
        '  - {layer: one, text: "a: b"}\n'
    )
    text = "input:   8x8x3\n# a comment\nlayers: [relu]\n"
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    assert output_of(capsys, "spec", str(tmp_path / "net.yaml")) == text


def test_spec_of_no_network_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "gogglenet"]) == 2
    assert "did you mean 'googlenet'?" in capsys.readouterr().err


def test_init_writes_a_description_that_can_be_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert main(["./network.yaml"]) == 0
    assert "MyNet" in capsys.readouterr().out


def test_the_template_states_sizes_that_hold() -> None:
    analysis = analyze(read_text(template("x.yaml")))
    assert str(analysis.outputs[0]) == "1x1x1000"


# As it is, and with what its comments propose.
@pytest.mark.parametrize("given", [(), ("--input", "96x96x3"), ("--set", "classes=10")])
def test_of_what_init_writes_the_check_finds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...]
) -> None:
    path = str(tmp_path / "net.yaml")
    assert main(["init", path]) == 0
    assert main(["check", "--no-config", path, *given]) == 0
    assert capsys.readouterr().out.startswith("no findings in 1 description")


def test_init_prints_to_standard_output_for_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    assert output_of(capsys, "init", "-").startswith("# A network description.")


def test_init_overwrites_only_when_told_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("precious", "utf-8")
    assert main(["init", str(path)]) == 2
    assert path.read_text("utf-8") == "precious"
    assert "--force" in capsys.readouterr().err
    assert main(["init", str(path), "--force"]) == 0
    assert path.read_text("utf-8") != "precious"


def test_ops_lists_every_operator(capsys: pytest.CaptureFixture[str]) -> None:
    lines = output_of(capsys, "ops").splitlines()
    for name in OPERATOR_NAMES:
        assert any(line.split()[:1] == [name] for line in lines), name


def test_ops_explains_one_with_every_attribute(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "ops", "conv")
    for name in find_operator("conv").attributes:
        assert f"`{name}`" in out
    assert "Source:" in out
    assert all(len(line) <= 100 for line in out.splitlines())


def test_ops_explains_several(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "ops", "relu", "maxpool")
    assert "## relu" in out
    assert "## maxpool" in out


def test_ops_of_some_in_a_format_of_tables_is_a_table_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    heading, *every = output_of(capsys, "ops", "--format", "csv").splitlines()
    some = output_of(capsys, "ops", "maxpool", "conv", "--format", "csv").splitlines()
    assert some == [heading, every[OPERATOR_NAMES.index("maxpool")], every[OPERATOR_NAMES.index("conv")]]
    assert r"\begin{tabular}" in output_of(capsys, "ops", "conv", "--format", "latex")
    # A page is Markdown as it is.
    assert output_of(capsys, "ops", "conv", "--format", "markdown") == output_of(capsys, "ops", "conv")


def test_ops_is_data_too(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(output_of(capsys, "ops", "--format", "json"))
    assert [operator["name"] for operator in data["operators"]] == list(OPERATOR_NAMES)


def test_schema_prints_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    Draft202012Validator.check_schema(json.loads(output_of(capsys, "schema")))


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself_with_examples_that_run(
    command: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = output_of(capsys, *filter(None, [command]), option)
    assert out.startswith("Usage: rfcalc")
    examples = out.partition("Examples:")[2]
    assert "rfcalc" in examples


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_the_terminal(
    command: str, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = output_of(capsys, *filter(None, [command]), "-h").splitlines()
    # No example is broken, for it is to be copied.
    longest = max(len(line) for line in lines if not line.startswith("  rfcalc "))
    assert longest <= width


def test_help_after_a_network_is_that_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--columns" in output_of(capsys, "vgg16", "-h")


def test_nothing_at_all_prints_the_help_and_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert "Usage: rfcalc" in captured.out + captured.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert output_of(capsys, "--version") == f"rfcalc {__version__}\n"


def test_every_option_has_a_help_text() -> None:
    context = click.Context(program)
    for name in COMMANDS:
        command = program.get_command(context, name)
        assert command is not None
        assert command.short_help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "_RFCALC_COMPLETE" in output_of(capsys, "completion", shell)


def test_no_completion_for_an_unknown_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bsh"]) == 2
    assert "did you mean 'bash'?" in capsys.readouterr().err


def completions(*words: str) -> set[str]:
    """What the shell is offered after these words, the last of them unfinished."""
    result = subprocess.run(
        [sys.executable, "-m", "rfcalc"],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "_RFCALC_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(["rfcalc", *words]),
            "COMP_CWORD": str(len(words)),
        },
    )
    assert result.stderr == ""
    return {line.partition(",")[2] for line in result.stdout.splitlines()}


def test_completion_offers_networks_commands_files_columns_formats_operators_and_rules() -> None:
    assert {"resnet50", "resnet152"} <= completions("res")
    assert "schema" in completions("sch")
    assert {"vgg16", "vgg19"} <= completions("show", "vgg1")
    assert completions("convert", "vgg1") == {"vgg1"}
    assert {"resnet18"} <= completions("spec", "resnet1")
    assert {"--columns", "--format"} <= completions("vgg16", "--")
    assert "--format" in completions("--fo")
    assert {"markdown", "mediawiki"} <= completions("vgg16", "--format", "m")
    assert {"macs", "macs_share"} <= completions("vgg16", "--columns", "macs")
    assert "name,macs" in completions("vgg16", "--columns", "name,mac")
    assert {"maxpool"} <= completions("ops", "maxp")
    assert {"RF202", "RF206"} <= completions("rule", "rf20")
    assert "checkerboard" in completions("rule", "check")
    assert "RF4" not in completions("rule", "RF4")
    assert {"RF4", "RF401"} <= completions("check", "--select", "RF4")
    assert "RF202,RF501" in completions("check", "--ignore", "RF202,RF501")
    assert {"sarif"} == completions("check", "--format", "s")
    assert {"vgg16", "vgg19"} <= completions("check", "vgg1")


def test_completion_falls_back_to_files() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "rfcalc"],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "_RFCALC_COMPLETE": "bash_complete",
            "COMP_WORDS": "rfcalc ./s",
            "COMP_CWORD": "1",
        },
    )
    assert "file,./s" in result.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (("RF105",), ["RF105"]),
        (("off-centre-join,rf202",), ["RF105", "RF202"]),
        (("RF3", "RF105"), ["RF105", "RF301", "RF302", "RF303", "RF304", "RF305", "RF306"]),
    ],
)
def test_rules_of_some_codes_are_listed_alone(
    words: tuple[str, ...], codes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(output_of(capsys, "rules", *words, "--format", "json"))
    assert [rule["code"] for rule in found["rules"]] == codes
