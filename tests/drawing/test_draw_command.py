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
        ("a.tex", b"% The architecture of ResNet-18\n\\documentclass{article}\n"),
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


def test_volumes_are_drawn_where_they_are_asked_for(tmp_path: Path) -> None:
    for name in ("a.svg", "a.tex", "a.png", "a.pdf"):
        if name.endswith((".png", ".pdf")):
            pytest.importorskip("matplotlib")
        assert run("alexnet", "--style", "volumes", "-o", str(tmp_path / name)).exit_code == 0
        assert run("alexnet", "-o", str(tmp_path / f"boxes-{name}")).exit_code == 0
        assert (tmp_path / name).read_bytes() != (tmp_path / f"boxes-{name}").read_bytes()
    assert "55 × 55" in (tmp_path / "a.svg").read_text("utf-8")
    assert r"\pic[size1] (conv1)" in (tmp_path / "a.tex").read_text("utf-8")


def test_volumes_are_folded_as_boxes_are() -> None:
    assert "3x3 conv" not in run("resnet34", "--style", "volumes", "--format", "svg").output.split("desc")[2]
    assert run("resnet34", "--style", "volumes", "--all", "--format", "svg").output.count(">3x3 conv<") == 32
    found = run("resnet50", "--style", "volumes", "--block", "bottleneck", "--format", "svg").output
    assert found.count("<circle") == 3


def test_signs_that_latex_does_not_have_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    description = tmp_path / "net.yaml"
    description.write_text("name: a ☃ net\ninput: 8x8x3\nlayers: [conv f=3 d=4]\n", encoding="utf-8")
    assert main(["draw", str(description), "-o", str(tmp_path / "net.tex")]) == 0
    assert capsys.readouterr().err == "rfcalc: note: LaTeX's fonts do not have ☃: they are shown as ?\n"
    assert "{a ? net}" in (tmp_path / "net.tex").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("resnet18",),
            "a drawing is a file: name it with -o net.svg (.pdf, .png, .tex, .mmd, .dot), or say --format",
        ),
        (("resnet18", "-o", "x.csv"), "which this command does not write"),
        (("resnet18", "--all", "--depth", "1", "--format", "svg"), "leave out one"),
        (("resnet50", "--block", "botleneck", "--format", "svg"), "did you mean 'bottleneck'?"),
        (("resnet18", "--style", "cubes", "--format", "svg"), "'cubes' is none of boxes, volumes"),
        (
            ("resnet18", "--style", "volumes", "--format", "mermaid"),
            "mermaid has boxes and edges alone; --style volumes is drawn as svg, png, pdf or tikz",
        ),
        (("resnet18", "--style", "volumes", "-o", "x.dot"), "dot has boxes and edges alone"),
        ((), "which network?"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", *words]) == 2
    assert said in capsys.readouterr().err
