"""`rfcalc report` on the command line: where the page goes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rfcalc.cli.main import main


def test_a_page_goes_to_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "lenet5"]) == 0
    out = capsys.readouterr().out
    assert out.startswith('<!doctype html>\n<html lang="en">')
    assert out.endswith("</html>\n")


def test_a_terminal_is_told_to_name_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rfcalc.cli.report.is_terminal", lambda output: output is None)
    assert main(["report", "lenet5"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "write it to a file, -o page.html" in captured.err


def test_a_page_is_never_written_over_what_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = tmp_path / "net.html"
    net.write_text("input: 8x8x3\nlayers:\n  - conv f=3 d=4\n", encoding="utf-8")
    before = net.read_bytes()
    assert main(["report", str(net), "-o", str(net)]) == 2
    assert net.read_bytes() == before


def test_nothing_is_written_where_a_network_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.html"
    assert main(["report", "vgg16", "vgg17", "-o", str(file)]) == 2
    assert not file.exists()
    assert "vgg17" in capsys.readouterr().err


def test_another_suffix_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "lenet5", "-o", str(tmp_path / "page.pdf")]) == 2
    assert "it writes .html" in capsys.readouterr().err


def test_without_a_network_it_says_what_to_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 2
    assert "which network?" in capsys.readouterr().err


def test_sizes_and_values_go_to_the_networks_that_are_named(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    words = ["report", "vgg16", "vgg16", "--input", "B=64x64x3", "--set", "classes=10", "-o", str(file)]
    assert main(words) == 0
    text = file.read_text("utf-8")
    assert "224x224x3 → 1x1x10" in text
    assert "64x64x3 → 1x1x10" in text
