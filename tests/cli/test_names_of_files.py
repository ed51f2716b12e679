"""`-o FILE`: a file holds what its name says, or is not written."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from rfcalc.cli.group import COMMANDS, program
from rfcalc.cli.main import main
from rfcalc.render.formats import CONTENT_OF_SUFFIX, PICTURES, WRITTEN_SUFFIXES

ROOT = Path(__file__).parents[2]
RUNS: dict[str, tuple[str, ...]] = {
    "show": ("show", "conv7x7"),
    "explain": ("explain", "conv7x7"),
    "compare": ("compare", "conv7x7", "conv3x3-stack"),
    "check": ("check", "conv7x7", "--no-config"),
    "rule": ("rule", "RF202"),
    "rules": ("rules",),
    "list": ("list", "conv7x7"),
    "spec": ("spec", "conv7x7"),
    "convert": ("convert", str(ROOT / "tests" / "data" / "onnx" / "alexnet-legacy.onnx")),
    "export": ("export", "lenet5", "--to", "torch"),
    "ops": ("ops", "relu"),
    "schema": ("schema",),
    "locate": ("locate", "lenet5", "C1", "--corners"),
    "tile": ("tile", "context-module", "--image", "128x128x21"),
    "sizes": ("sizes", "lenet5", "32", "36"),
    "field": ("field", "lenet5"),
    "report": ("report", "lenet5"),
    "draw": ("draw", "lenet5"),
}


def test_every_command_that_writes_a_file_is_among_these() -> None:
    context = click.Context(program)
    commands = {name: program.get_command(context, name) for name in COMMANDS}
    writing = {
        name
        for name, command in commands.items()
        if command and any("-o" in parameter.opts for parameter in command.params)
    }
    assert writing == RUNS.keys()


@pytest.mark.parametrize("command", RUNS)
@pytest.mark.parametrize(
    "suffix", ["", ".log", ".txt", ".json", ".md", ".yaml", ".png", ".PDF", ".svg", ".gif", ".xlsx", ".pt2"]
)
def test_no_command_writes_text_under_another_suffix(
    command: str, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"out{suffix}"
    code = main([*RUNS[command], "-o", str(file)])
    said = capsys.readouterr().err
    content = CONTENT_OF_SUFFIX.get(suffix.casefold())
    if not file.exists():
        assert code == 2
        if "rfcalc[plot]" in said:
            # It would, with matplotlib.
            assert content in PICTURES
            return
        if command == "export":
            # What it writes has to be said, and is contradicted.
            assert f"does not write what {suffix} says, {content}; call it out.py" in said
            return
        if command == "draw" and content in (None, "text"):
            assert "a drawing is a file: name it with -o net.svg (.pdf, .png, .tex, .mmd, .dot)" in said
            return
        assert f"{suffix} is {content}, which this command does not write" in said
        # What it does write is named.
        assert "it writes ." in said
        return
    assert code == 0
    if content in PICTURES:
        assert file.read_bytes().startswith((b"\x89PNG", b"%PDF", b"<svg"))
        return
    # Nothing of another name than these was written.
    assert content in (None, "text", "json", "markdown", "yaml", "python", "html")
    text = file.read_text("utf-8")
    if content == "json":
        json.loads(text)
    elif command != "schema":
        assert not text.startswith("{")


@pytest.mark.parametrize("suffix", CONTENT_OF_SUFFIX)
def test_a_table_is_written_as_the_suffix_says_or_not_at_all(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"out{suffix}"
    written = main(["conv7x7", "-o", str(file)]) == 0
    unwritten = (None, "yaml", "sarif", "xml", "python", "a model (onnx)", "mermaid", "dot", *PICTURES)
    assert written == file.exists() == (WRITTEN_SUFFIXES.get(suffix) not in unwritten)


def test_a_table_is_no_picture_and_the_nearest_to_it_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["vgg16", "-o", str(tmp_path / "vgg16.svg")]) == 2
    said = capsys.readouterr().err
    assert (
        ".svg is a picture (svg), which this command does not write; vgg16.html is the nearest to it" in said
    )


def test_what_stands_nearest_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vgg16", "-o", str(tmp_path / "vgg16.xlsx")]) == 2
    assert (
        ".xlsx is a spreadsheet, which this command does not write; vgg16.csv is" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("vgg16", "--format", "csv", "-o", "out.txt"),
        ("vgg16", "-o", "out.md", "--format", "pipe"),
        ("vgg16", "--format", "latex_booktabs", "-o", "out.tex"),
        ("vgg16", "--format", "csv", "-o", "out.2026"),
        ("check", "vgg16", "--no-config", "--format", "sarif", "-o", "out.sarif.json"),
        ("check", "vgg16", "--no-config", "--format", "gitlab", "-o", "gl-code-quality-report.json"),
        ("check", "vgg16", "--no-config", "--format", "junit", "-o", "out.xml"),
    ],
)
def test_a_format_may_be_named_where_the_suffix_agrees(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 0
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "better"),
    [
        # In whichever order they are given.
        (("vgg16", "--format", "csv", "-o", "out.json"), "call it out.csv"),
        (("vgg16", "-o", "out.json", "--format", "csv"), "call it out.csv"),
        (("vgg16", "--format", "grid", "-o", "out.png"), "call it out.txt"),
        (("check", "vgg16", "--no-config", "--format", "gitlab", "-o", "out.xml"), "call it out.json"),
        (("rule", "RF202", "--format", "markdown", "-o", "out.json"), "call it out.md"),
    ],
)
def test_a_format_that_contradicts_the_suffix_is_refused(
    arguments: tuple[str, ...],
    better: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert better in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
