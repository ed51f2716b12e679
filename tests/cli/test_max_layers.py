"""`--max-layers`: on every command that builds a network, and in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from rfcalc import analyze, check, read_text, solve
from rfcalc.cli.main import main
from rfcalc.errors import DescriptionError
from rfcalc.graph.effort import MOST_LAYERS

TEXT = "input: 8x8x8\nlayers:\n  - {repeat: 20, do: [conv f=3 p=1 d=8]}\n"
REFUSED = "the description expands past the limit of 19 layers"
COMMANDS = {
    "show": ("show", "{net}"),
    "json": ("show", "{net}", "--format", "json"),
    "explain": ("explain", "{net}"),
    "locate": ("locate", "{net}", "repeat1"),
    "tile": ("tile", "{net}"),
    "compare": ("compare", "{net}", "vgg16"),
    "field": ("field", "{net}"),
    "report": ("report", "{net}"),
    "check": ("check", "{net}", "--no-config", "--select", "RF202"),
}


@pytest.fixture
def net(tmp_path: Path) -> str:
    path = tmp_path / "net.yaml"
    path.write_text(TEXT)
    return str(path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_builds_a_network_takes_the_limit(
    command: str, net: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(net=net) for word in COMMANDS[command]]
    enough = "60" if command == "compare" else "20"
    assert main([*words, "--max-layers", enough]) == 0
    assert main([*words, "--max-layers", "19"]) == (1 if command == "check" else 2)
    captured = capsys.readouterr()
    assert REFUSED in captured.out + captured.err


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_the_limit_is_a_whole_number(value: str, net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([net, "--max-layers", value]) == 2
    assert "'--max-layers': expected a whole number of at least 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["show", "explain", "locate", "tile", "compare", "field", "report", "check"]
)
def test_help_tells_the_limit(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"default: {MOST_LAYERS}" in " ".join(capsys.readouterr().out.split())


def test_the_limit_is_part_of_the_command_that_accepts_figures(
    net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline = str(tmp_path / "baseline.json")
    words = ("check", net, "--no-config", "--baseline", baseline)
    assert main([*words]) == 2
    assert "--max-layers" not in capsys.readouterr().err
    assert main([*words, "--max-layers", "30"]) == 2
    assert f"--baseline {baseline} --max-layers 30 --update-baseline" in capsys.readouterr().err


def test_python_takes_the_limit_as_a_keyword() -> None:
    symbolic = TEXT.replace("d=8", "d=C")
    enough, few = read_text(TEXT, max_layers=20), read_text(TEXT, max_layers=19)
    assert len(analyze(enough).layers) == 20
    assert check(enough, select="RF202") == ()
    assert solve(read_text(symbolic, max_layers=20), "params <= 1M", params={"C": "C"}).symbol == "C"
    with pytest.raises(DescriptionError, match=REFUSED):
        analyze(few)
    with pytest.raises(DescriptionError, match=REFUSED):
        check(few)
    with pytest.raises(DescriptionError, match=REFUSED):
        solve(read_text(symbolic, max_layers=19), "params <= 1M", params={"C": "C"})


@pytest.mark.parametrize("first", ["nonsense", "conv f=3", "conv f=3 p=1 d=8 -> 9x9x9"])
@pytest.mark.parametrize("behind", ["relu", "sum from=first", "nonsense -> 8x8x8", "conv g=7"])
def test_layers_behind_a_mistake_count(first: str, behind: str) -> None:
    text = f"input: 8x8x8\nlayers:\n  - {first} as first\n  - {{repeat: 20, do: [{behind}]}}\n"
    with pytest.raises(DescriptionError) as enough:
        analyze(read_text(text, max_layers=30))
    assert "the limit" not in str(enough.value)
    with pytest.raises(DescriptionError, match=REFUSED):
        analyze(read_text(text, max_layers=19))
