"""What a notebook shows of a report and of tables: a part of somebody else's page."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from browsing import Browser
from images import png
from live_page import ParsedPage

import rfcalc
from rfcalc.cli.main import main


@pytest.fixture(scope="module")
def unet() -> rfcalc.AnalysedNetwork:
    return rfcalc.analyze("unet")


def test_the_page_in_python_is_that_of_the_command(
    unet: rfcalc.AnalysedNetwork, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "a.png"
    photo.write_bytes(png(32, 16))
    report = unet.report(image=str(photo), language="zh", dtype="int8", branch_weights="equal")
    options = ["--image", str(photo), "--lang", "zh", "--dtype", "int8", "--branch-weights", "equal"]
    assert main(["report", "unet", *options]) == 0
    # The command knows how it was called, and tells it.
    written = capsys.readouterr().out
    assert "rfcalc locate unet " in written
    assert _without_command(report.html()) == _without_command(written)


def _without_command(page: str) -> str:
    said = (
        r'<p class="aside unit-picture">.*?</p>|"command":"[^"]*"|U-Net|unet|--branch-weights|branch_weights'
    )
    return re.sub(said, "", page)


def test_several_networks_have_one_page(capsys: pytest.CaptureFixture[str]) -> None:
    report = rfcalc.compare("lenet5", "alexnet").report()
    page = ParsedPage(report.html())
    assert page.text_in("h1")[1:] == [
        f"A {rfcalc.analyze('lenet5').name}",
        f"B {rfcalc.analyze('alexnet').name}",
    ]
    assert {"A:F6", "B:conv1"} <= {tag.attributes.get("id") for tag in page.tags}
    assert repr(report) == "<ShownReport of LeNet-5 and AlexNet>"


def test_a_page_is_saved_as_its_suffix_says(unet: rfcalc.AnalysedNetwork, tmp_path: Path) -> None:
    report = unet.report()
    report.save(tmp_path / "unet.html")
    report.save(str(tmp_path / "unet.md"))
    assert (tmp_path / "unet.html").read_text("utf-8") == report.html()
    assert (tmp_path / "unet.md").read_text("utf-8") == report.markdown()
    with pytest.raises(rfcalc.UsageError, match="a report is written as .html or .md"):
        report.save("unet.pdf")
    with pytest.raises(rfcalc.UsageError, match="there is no folder .*; make it first"):
        report.save(tmp_path / "none" / "unet.html")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["unet.html", "unet.md"]


def test_what_is_shown_twice_has_no_name_twice(unet: rfcalc.AnalysedNetwork) -> None:
    report = unet.report()
    located = unet.locate()
    shown = [
        each._repr_html_() for each in (report, report, located, located, unet.draw(), unet.draw(), unet)
    ]
    page = ParsedPage("".join(shown))
    names = Counter(tag.attributes["id"] for tag in page.tags if "id" in tag.attributes)
    assert [name for name, count in names.items() if count > 1 or not name.startswith("rfcalc-")] == []
    links = {
        tag.attributes["href"][1:] for tag in page.tags if tag.attributes.get("href", "").startswith("#")
    }
    assert links
    assert links - names.keys() == set()
    groups = {tag.attributes["name"] for tag in page.named("input")}
    assert len(groups) == 2, "a choice in one output leaves the other as it is"


def test_nothing_shown_runs_or_loads(unet: rfcalc.AnalysedNetwork) -> None:
    page = ParsedPage(unet.report()._repr_html_())
    assert page.named("script") == []
    assert [name for tag in page.tags for name in tag.attributes if name.startswith("on")] == []
    assert {tag.attributes["href"][0] for tag in page.tags if "href" in tag.attributes} == {"#"}


HOST = (
    "<!doctype html><html><head><meta charset=utf-8><title>a notebook</title>"
    "<style>body{background:rgb(1,2,3);color:rgb(250,240,230);font:20px serif}h2{color:rgb(9,9,9)}</style>"
    "</head><body data-jp-theme-light='%s'><h2 id=host>before</h2>"
    "<table id=own><tr><td class='n l1 chosen part'>x</table>"
    "<svg class=rfcalc-chart id=theirs><rect class=fil-0 fill='rgb(7,7,7)' width=9 height=9 /></svg>"
    "%s<p id=after class='aside figures panel'>after</p></body></html>"
)
LOOKS = (
    "['#host', '#own', '#own td', '#after', '#theirs rect', 'body'].map((each) => {"
    " const look = getComputedStyle(document.querySelector(each));"
    " return [...look].map((name) => `${name}: ${look.getPropertyValue(name)}`).join('\\n'); })"
)


def test_the_style_changes_nothing_around(
    unet: rfcalc.AnalysedNetwork, browser: Browser, tmp_path: Path
) -> None:
    looks = []
    for shown in ("<div style='height:5000px'></div>", unet.report()._repr_html_(), unet._repr_html_()):
        file = tmp_path / "page.html"
        file.write_text(HOST % ("true", shown), encoding="utf-8")
        browser.open(file)
        looks.append(browser.evaluate(LOOKS))
        assert [each for each in browser.said() if not each.startswith("request: file:")] == []
    # But for how high the whole is.
    heights = re.compile(r"^(?:block-size|height|perspective-origin|transform-origin): .*$", re.MULTILINE)
    plain, *others = [[heights.sub("", each) for each in found] for found in looks]
    assert others == [plain, plain]


COLOURS = (
    "['.part-table td', '.growth .rfcalc-chart rect', '.rfcalc-shown .str-0'].map((each) => {"
    " const look = getComputedStyle(document.querySelector(each));"
    " return [look.color, look.fill, look.stroke]; })"
)


def test_colours_are_those_that_the_notebook_shows_whatever_the_reader_prefers_elsewhere(
    unet: rfcalc.AnalysedNetwork, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    shown = unet.report()._repr_html_()
    found = {}
    for light in ("true", "false"):
        file.write_text(HOST % (light, shown), encoding="utf-8")
        for scheme in ("light", "dark"):
            browser.open(file, scheme=scheme)
            found[light, scheme] = browser.evaluate(COLOURS)
    text, ground, _ = found["true", "light"]
    assert text[0] == "rgb(250, 240, 230)", "texts are those of the notebook"
    assert ground[1] == "rgba(0, 0, 0, 0)", "and so is the ground"
    assert found["true", "light"] == found["true", "dark"]
    assert found["false", "light"] == found["false", "dark"]
    assert found["true", "light"][2] != found["false", "light"][2]
