"""`rfcalc report` on the command line: where the page goes, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from images import png
from live_page import ParsedPage

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
    assert "a page is a file: name it with -o net.html" in captured.err
    # As of a drawing, what is asked for by its name is printed.
    assert main(["report", "lenet5", "--format", "html"]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>")


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
    assert "it writes .html and .md" in capsys.readouterr().err


def test_without_a_network_it_says_what_to_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 2
    assert "which network?" in capsys.readouterr().err


def test_what_is_missing_is_told_by_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    description = tmp_path / "one.yaml"
    description.write_text("input: 8x8x3\nlayers: [conv f=3 d=4]\n", encoding="utf-8")
    assert main(["report", str(description), "--input", "C=8x8x3"]) == 2
    assert "no network is 'C'; the only one is A" in capsys.readouterr().err
    assert main(["report", str(description), "--input", "C:x=8x8x3"]) == 2
    assert "no network is 'C'; the only one is A" in capsys.readouterr().err
    assert main(["report", str(description), "--output", "zzz"]) == 2
    assert "'zzz'; there is conv1\n" in capsys.readouterr().err


def test_sizes_and_values_go_to_the_networks_that_are_named(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    words = ["report", "vgg16", "vgg16", "--input", "B=64x64x3", "--set", "classes=10", "-o", str(file)]
    assert main(words) == 0
    text = file.read_text("utf-8")
    assert "224x224x3 → 1x1x10" in text
    assert "64x64x3 → 1x1x10" in text


def test_a_page_of_markdown_has_figures_a_diagram_and_a_short_table(tmp_path: Path) -> None:
    """Parameters and field of ResNet-152: torchvision; 1451 by the sum over its windows."""
    file = tmp_path / "page.md"
    assert main(["report", "resnet152", "-o", str(file)]) == 0
    text = file.read_text("utf-8")
    assert text.startswith("# ResNet-152\n\n")
    assert "| 60.19 M | 11.51 G | 1451 |" in " ".join(text.split())
    assert "```mermaid\nflowchart TD\n" in text
    assert "| layer3 " in text or "| layer3.0 " in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) < 70
    # The rows are a whole: their parameters sum up to those of the network.
    counts = [
        line.split("|")[-3].strip().replace(",", "")
        for line in rows
        if line.startswith(("| layer", "| conv1", "| bn1", "| fc"))
    ]
    assert sum(int(count) for count in counts if count.isdecimal()) == 60_192_808


def test_markdown_is_shown_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rfcalc.cli.report.is_terminal", lambda output: output is None)
    assert main(["report", "lenet5", "--format", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("# LeNet-5")


@pytest.mark.parametrize(
    ("words", "content", "said"),
    [
        (("vgg16",), None, "cannot read"),
        (("vgg16",), b"%PDF-1.7", "'a.png' is no image: expected PNG, JPEG or WebP"),
        (("vgg16",), png(32, 32)[:60], "'a.png' begins as PNG, but is damaged or cut off"),
        (("vgg16",), bytes(2**24 + 1), "'a.png' is larger than 16 MiB, the limit for an image"),
        (("vgg16", "--format", "markdown"), png(32, 32), "as Markdown there are none"),
        (("-e", "conv f=3 d=4", "--input", "32x16"), png(32, 32), "an image lies behind an input of 2 axes"),
    ],
)
def test_an_image_that_cannot_be_shown_is_answered_in_words(
    words: tuple[str, ...],
    content: bytes | None,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    photo, file = tmp_path / "a.png", tmp_path / "page.out"
    if content is not None:
        photo.write_bytes(content)
    assert main(["report", *words, "--image", str(photo), "-o", str(file)]) == 2
    assert said in capsys.readouterr().err
    assert not file.exists()


def test_a_page_is_never_written_over_its_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = tmp_path / "a.html"
    photo.write_bytes(png(32, 32))
    assert main(["report", "vgg16", "--image", str(photo), "-o", str(photo)]) == 2
    assert photo.read_bytes() == png(32, 32)


def _findings_of_page(file: Path) -> list[str]:
    page = ParsedPage(file.read_text("utf-8"))
    return [text for text in page.text_in("code") if re.fullmatch("RF[0-9]+", text)]


@pytest.mark.parametrize(
    ("configuration", "what"),
    [
        (None, "what rules find unasked"),
        ('ignore = ["RF1"]\n', "rules that are left out"),
        ('select = ["RF501"]\n', "rules that are chosen"),
        ('extend-select = ["ALL"]\n', "rules that are asked for"),
        ('show = "error"\nfail-on = "error"\n', "what is shown"),
        ('per-path-ignores = { "net*" = ["RF1"] }\n', "ignores by path"),
        ('[[budgets]]\nnetwork = "*.yaml"\nrequire = ["params <= 100"]\n', "budgets"),
    ],
)
def test_the_findings_of_a_page_are_those_of_the_check(
    configuration: str | None,
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    nets, file = tmp_path / "nets", tmp_path / "page.html"
    nets.mkdir()
    # It is the configuration beside the description that holds, not that of the current folder.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.rfcalc]\nignore = ["ALL"]\n', encoding="utf-8")
    (nets / "rfcalc.toml").write_text(configuration or "", encoding="utf-8")
    (nets / "net.yaml").write_text(
        "input: 65x65x3\nlayers:\n  - conv f=3 d=8 bias=yes\n  - bn\n  - relu\n"
        "  - conv f=2 s=3 d=9\n  - maxpool f=2 s=3\n  - conv f=5 d=4\n",
        encoding="utf-8",
    )
    main(["check", "nets/net.yaml", "--format", "json"])
    told = [each["code"] for each in json.loads(capsys.readouterr().out)["descriptions"][0]["findings"]]
    assert main(["report", "nets/net.yaml", "-o", str(file)]) == 0
    assert sorted(_findings_of_page(file)) == sorted(told)
    assert (len(told) > 0) == (what != "what is shown")
