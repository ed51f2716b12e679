"""`rfcalc draw` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rfcalc.cli.group import program
from rfcalc.cli.main import main


def run(*words: str) -> Result:
    return CliRunner().invoke(program, ["draw", *words], prog_name="rfcalc")


def test_a_drawing_is_written_as_what_its_name_says(tmp_path: Path) -> None:
    for name, start in (
        ("a.svg", b"<svg"),
        ("a.mmd", b"flowchart TD"),
        ("a.png", b"\x89PNG"),
        ("a.pdf", b"%PDF"),
    ):
        if name.endswith((".png", ".pdf")):
            pytest.importorskip("matplotlib")
        assert run("resnet18", "-o", str(tmp_path / name)).exit_code == 0
        assert (tmp_path / name).read_bytes().startswith(start)


def test_formats_go_to_a_pipe() -> None:
    assert run("resnet18", "--format", "svg").output.startswith("<svg")
    assert run("resnet18", "--format", "mermaid").output.startswith("flowchart TD\n")


def test_depth_folds_and_all_does_not() -> None:
    assert "bottleneck × 36" in run("resnet152", "--depth", "1", "--format", "svg").output
    assert "bottleneck × 35" in run("resnet152", "--format", "svg").output
    assert "bottleneck" not in run("resnet152", "--all", "--format", "mermaid").output


def test_several_networks_stand_side_by_side() -> None:
    found = run(
        "vgg19", "plain34", "-e", "conv f=3 d=4", "--input", "224x224x3", "--format", "mermaid"
    ).output
    assert [line.split('"')[1] for line in found.splitlines() if "subgraph" in line][:2] == [
        "VGG#45;19",
        "Plain#45;34",
    ]


def test_a_block_is_drawn_alone() -> None:
    found = run("resnet50", "--block", "bottleneck", "--format", "mermaid").output
    assert '  a0(["maxpool1 56x56x64"])' in found
    assert found.count("conv") == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("resnet18",),
            "a drawing is a file: name it with -o net.svg (.pdf, .png, .mmd, .dot), or say --format svg",
        ),
        (("resnet18", "-o", "x.csv"), "which this command does not write"),
        (("resnet18", "--all", "--depth", "1", "--format", "svg"), "leave out one"),
        (("resnet50", "--block", "botleneck", "--format", "svg"), "did you mean 'bottleneck'?"),
        ((), "which network?"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", *words]) == 2
    assert said in capsys.readouterr().err
