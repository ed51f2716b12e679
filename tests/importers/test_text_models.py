"""Models that are text: places in the user's file, settings, and parts of a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from rfcalc import analyze, check, load
from rfcalc.cli.main import main
from rfcalc.errors import DescriptionError, Source, UsageError, mistake
from rfcalc.importers import formats
from rfcalc.importers.steps import ImportedNetwork, ImportedStep
from rfcalc.shapes import Shape

# Networks by name, each a line of widths; the first is meant where none is named.
TEXT = "# widths\nsmall: 8 12\n\nlarge: 64 softmax\n"


def _read(
    path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    source = Source("", Path(path).read_text())
    steps = [ImportedStep("input", (), {}, Shape((32, 32), 3), "input")]
    times = int(settings.get("times", "1"))
    at = source.text.index(settings.get("net", "small"))
    line = source.text[at:].split("\n")[0]
    for word in line.split()[1:]:
        begins = at + line.index(word)
        place = source.at(begins, begins + len(word))
        if not word.isdigit():
            raise mistake(f"{word!r} is no width", place, "write a number")
        width = int(word) * times
        values = {"kernel": 3, "out_channels": width}
        steps.append(
            ImportedStep("conv", (len(steps) - 1,), values, Shape((30, 30), width), place=place.span)
        )
    remarks = (("widths are taken as they are", source.at(2, 8).span), ("nothing else is said", ""))
    return ImportedNetwork(name, tuple(steps), (len(steps) - 1,), remarks=remarks, text=source.text)


@pytest.fixture
def widths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    module = ModuleType("widths_format")
    module.read = _read  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "widths_format", module)
    importer = formats.Importer(
        "a list of widths",
        (".widths",),
        lambda head: head.startswith(b"small: "),
        "widths_format",
        {"net": "the network", "times": "a factor"},
        "net",
    )
    monkeypatch.setattr(formats, "IMPORTERS", (*formats.IMPORTERS, importer))
    monkeypatch.chdir(tmp_path)
    Path("net.widths").write_text(TEXT)
    return "net.widths"


def outputs(target: str, **given: str) -> list[str]:
    return [str(shape) for shape in analyze(load(target, params=given)).outputs]


def test_a_part_of_a_file_and_settings_are_what_it_is_read_with(widths: str) -> None:
    assert outputs(widths) == ["28x28x12"]
    assert outputs(widths, times="2") == ["28x28x24"]
    assert outputs(f"{widths}:small", times="2") == outputs(widths, times="2", net="small")


@pytest.mark.parametrize(
    ("target", "given", "message"),
    [
        ("net.widths", {"time": "2"}, "no parameter of a list of widths is called so; did you mean 'times'?"),
        ("net.widths", {"zzz": "2"}, "what can be said is net (the network), times (a factor)"),
        ("net.widths:small", {"net": "large"}, ":small is one net, and params={'net': 'large'} another"),
        ("net.onnx:main", {}, "'net.onnx' is an ONNX model, which has no parts; leave out ':main'"),
        ("net.yaml:main", {}, "'net.yaml' is a description, which has no parts; leave out ':main'"),
    ],
)
def test_what_a_format_does_not_know_is_refused(
    widths: str, target: str, given: dict[str, str], message: str
) -> None:
    Path("net.onnx").write_bytes(b"\x08\x07\x12\x00")
    Path("net.yaml").write_text("layers: [relu]")
    with pytest.raises(UsageError) as refused:
        load(target, params=given)
    assert message in str(refused.value)


def test_a_mistake_stands_in_the_users_file(widths: str) -> None:
    with pytest.raises(DescriptionError) as found:
        load(f"{widths}:large")
    assert str(found.value) == (
        "net.widths:4:11: error: 'softmax' is no width\n"
        "  4 | large: 64 softmax\n"
        "    |           ^^^^^^^\n"
        "  help: write a number"
    )


def test_findings_stand_in_the_users_file(widths: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = [finding for finding in check(widths, select="ALL") if finding.position]
    assert {(finding.file, finding.line) for finding in found} == {(widths, 2)}
    assert {(finding.column, finding.end, finding.place) for finding in found} == {(10, 12, "")}
    main(["check", widths, "--select", "ALL"])
    assert "  2 | small: 8 12\n    |          ^^" in capsys.readouterr().out


def test_the_line_of_a_layer_is_explained_with_its_place(
    widths: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", widths, "conv2", "--what", "size"]) == 0
    captured = capsys.readouterr()
    assert "(net.widths:2)" in captured.out
    assert "net.widths:1:3: note: widths are taken as they are" in captured.err
    assert "net.widths: note: nothing else is said" in captured.err
