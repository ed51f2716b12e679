"""What is said where a command, a network or a figure is called by another word."""

from __future__ import annotations

import pytest

from rfcalc.cli.command_words import COMMAND_OF
from rfcalc.cli.group import COMMANDS
from rfcalc.cli.main import main
from rfcalc.library import shipped_names


def test_no_other_word_is_a_command_or_a_network() -> None:
    assert set(COMMAND_OF.values()) <= set(COMMANDS)
    assert not set(COMMAND_OF) & {*COMMANDS, *shipped_names()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "model.onnx"), "did you mean the command 'convert'?"),
        (("analyse", "vgg16"), "did you mean the command 'show'?"),
        (("Lint", "net.yaml"), "did you mean the command 'check'?"),
        (("diff", "vgg16", "vgg19"), "did you mean the command 'compare'?"),
        (("explian", "vgg16"), "did you mean 'explain'?"),
        (("version",), "did you mean the option '--version'?"),
        (("help", "shwo"), "no command is called 'shwo'; did you mean 'show'?"),
        (("vgg16", "resnet50"), "`rfcalc compare vgg16 resnet50` compares them"),
        (("vgg16", "conv1_1"), "`rfcalc explain vgg16 conv1_1` explains a layer"),
        (("vgg", "conv1_1"), "no shipped network is called 'vgg', names with it: vgg11"),
        (
            ("explain", "vgg16", "--what", "field", "params"),
            "each figure has a --what of its own: --what params",
        ),
        (("vgg16", "--input", "(224, 224, 3)"), "by commas first: 224,224,3"),
    ],
)
def test_the_right_word_is_said(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err


@pytest.mark.parametrize(("arguments", "first"), [(("help",), "NETWORK"), (("help", "explain"), "explain")])
def test_help_is_a_word_for_the_option(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], first: str
) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith(f"Usage: rfcalc {first}")


def test_a_size_of_another_rank_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("vgg16", "--input", "224x224x1")) == 0
    assert "warning" not in capsys.readouterr().out
    assert main(("vgg16", "--input", "224x224")) == 0
    assert "224x224 is a sequence; the description states 224x224x3" in capsys.readouterr().out
