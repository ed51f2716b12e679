"""What looks like a number and is none is answered, wherever a number is read: `²` is a digit to Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_runs import write

from rfcalc.cli.main import main
from rfcalc.cli.output import terminal_width

# Superscripts, digits of other scripts (which `int` reads and isdecimal takes), more digits than `int` reads.
WORDS = {
    "superscript": "²",
    "with a superscript": "1²",
    "superscript exponent": "1e²",
    "Arabic": "٣",
    "fullwidth": "１２",
    "5000 digits": "9" * 5000,
    "exponent of 5000 digits": "1e" + "9" * 5000,
    "underscore": "1_0",
}

NET = "input: 32x32x3\nparams: {k: 3}\nlayers:\n"
OPTIONS = [
    ("vgg16", "--batch={}"),
    ("vgg16", "--depth={}"),
    ("vgg16", "--top={}"),
    ("vgg16", "--input={}"),
    ("vgg16", "--input={0}x{0}x3"),
    ("vgg16", "--set=classes={}"),
    ("vgg16", "--set=classes=2*{}"),
    ("vgg16", "--set=classes=K", "--solve=params <= {}"),
    ("compare", "vgg16", "resnet18", "--input=A={0}x{0}x3"),
    ("compare", "vgg16", "resnet18", "--set=A:classes={}"),
    ("compare", "vgg16", "resnet18", "--set={}:classes=3"),
    ("explain", "vgg16", "conv{}"),
    ("check", "vgg16", "--no-config", "--select=RF{}"),
    ("check", "vgg16", "--no-config", "--fail-on={}"),
    ("rule", "RF{}"),
]
LINES = [
    "  - conv f={} d=3",
    "  - conv f={0}x{0} d=3",
    "  - conv f=3 d=2*{}",
    "  - {{repeat: {}, do: [relu]}}",
    "  - relu -> {0}x{0}x3",
    "  - relu as act.{}",
    "  - {}",
    "  - relu\ncheck: ['params <= {}']",
    "  - relu\ncheck: ['receptive_field == {0}x{0}']",
    "  - relu\ncheck: ['share(relu1, params) < {}%']",
]
CONFIGURATIONS = [
    "max_increase = '{}'",
    "max_increase = '{}%'",
    "max_increase = {}",
    "require = ['params <= {}']",
]
BASELINE = (
    '{"schema": "rfcalc.baseline/1", "networks": {"net.yaml": {"figures": {"params": NUMBER}, "layers": {}}}}'
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_no_option_takes_for_a_number_what_is_none(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in OPTIONS:
        assert main([argument.format(word) for argument in arguments]) == 2, arguments
        assert "error" in capsys.readouterr().err


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_no_description_takes_for_a_number_what_is_none(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in LINES:
        write({"net.yaml": NET + line.format(word) + "\n"})
        assert main(["check", "net.yaml", "--no-config"]) == 1, line
        assert "error[RF" in capsys.readouterr().out
        if "check:" not in line:
            for command in ("show", "explain"):
                assert main([command, "net.yaml"]) == 2
            assert "error" in capsys.readouterr().err


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_no_configuration_and_no_baseline_takes_for_a_number_what_is_none(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"net.yaml": NET + "  - relu\n", "figures.json": BASELINE.replace("NUMBER", word)})
    assert main(["check", "net.yaml", "--no-config", "--baseline", "figures.json"]) == 2
    assert "figures.json" in capsys.readouterr().err
    for text in CONFIGURATIONS:
        if (word, text) == ("1_0", CONFIGURATIONS[2]):
            # This is how TOML writes ten.
            continue
        write({"rfcalc.toml": f'[[budgets]]\nnetwork = "*.yaml"\n{text.format(word)}\n'})
        assert main(["check", "net.yaml"]) == 2, text
        assert "rfcalc.toml:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("columns", "width"),
    [
        ("120", 120),
        ("1", 1),
        ("0060", 60),
        ("65535", 65535),
        # 80: there is no terminal here to ask.
        *((text, 80) for text in ("", "0", "-5", "+60", " 60", "6_0", "65536", "²", "١٢٠", "0" * 5000)),
        *((text, 80) for text in ("9" * 4000, "9" * 5000, "1e3", "60.0")),
    ],
)
def test_the_width_of_a_terminal_is_a_number_that_one_can_have(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal_width() == width


@pytest.mark.parametrize("variable", ["COLUMNS", "LINES"])
@pytest.mark.parametrize("value", ["²", "١٢", "-5", "0", "1", "65535", "9" * 4000, "9" * 5000])
def test_no_size_of_a_terminal_in_the_environment_stops_a_command(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr("rfcalc.cli.tables.is_terminal", lambda output: True)
    monkeypatch.setattr("rfcalc.cli.explain.is_terminal", lambda output: True)
    monkeypatch.setattr("rfcalc.cli.check.is_terminal", lambda output: True)
    for command in (
        "lenet5",
        "compare lenet5 alexnet",
        "explain lenet5",
        "check lenet5 --no-config --fail-on error",
        "-h",
        "show -h",
    ):
        assert main(command.split()) == 0, command
        assert capsys.readouterr().out
