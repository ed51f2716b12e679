"""Drawings as SVG, Mermaid, png and pdf: whatever a name holds is text, and every format shows the same."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from shutil import which
from string import punctuation
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfcalc import analyze
from rfcalc.errors import printable
from rfcalc.render.diagrams.dot import diagram_dot
from rfcalc.render.diagrams.mermaid import diagram_mermaid
from rfcalc.render.diagrams.svg import diagram_svg
from rfcalc.report.diagram.building import diagram_of, overview_of
from rfcalc.report.diagram.diagram import Diagram

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script>\"' onload=x &amp; ]]> \x1b[31m \u202e \ud800 ${x} \0 `**a**`"
MERMAID = (
    '"]; click a0 "javascript:alert(1)"; %%{init: {"theme":"dark"}}%% #quot; <b>x</b> 1. a\nend\nb --> c'
)
NETWORKS = ("resnet18", "googlenet", "unet", "hrnet-w18", "siamese")


def named(diagram: Diagram, name: str) -> Diagram:
    """The diagram with all its texts replaced."""
    return diagram._replace(
        name=name,
        figures=(name,),
        about=name,
        boxes=tuple(box._replace(name=name, text=name, joined=(name,)) for box in diagram.boxes),
        edges=tuple(edge._replace(text=name) for edge in diagram.edges),
    )


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("text", ["name", HOSTILE])
def test_an_svg_is_well_formed_and_needs_nothing_from_elsewhere(name: str, text: str) -> None:
    diagram = named(overview_of(analyze(name)), text)
    written = diagram_svg([diagram, diagram], links=lambda box: f"#{box.name}")
    root = ElementTree.fromstring(written)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "path", "text", "a"}
    assert root.attrib["role"] == "img"
    assert "<script" not in written
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e\ud800]", written)
    assert "@import" not in written
    assert "url(" not in written


def test_an_svg_says_what_it_shows() -> None:
    root = ElementTree.fromstring(diagram_svg(overview_of(analyze("resnet152"))))
    found = {element.attrib["id"]: element.text for element in root if "id" in element.attrib}
    title, about = (found[each] for each in root.attrib["aria-labelledby"].split())
    assert title == "The architecture of ResNet-152"
    assert about == "ResNet-152: 13 boxes, from the input at the top to the output"
    # What a box is, for who points at it: 35 of 2 · 1024 · 256 + 9 · 256 · 256 weights at 14 · 14 places
    # each, and two numbers for each of 256 + 256 + 1024 channels.
    titles = [title.text or "" for group in root.iter(f"{SVG}g") for title in group.findall(f"{SVG}title")]
    assert "layer3.1: bottleneck × 35, 14x14x1024, 39.1 M parameters, 7.643 G MACs" in titles


def test_a_box_leads_where_it_is_said_to() -> None:
    diagram = overview_of(analyze("resnet152"))
    links = {"layer3.1": "#layer3.1", "fc1": 'x" onclick="alert(1)'}
    root = ElementTree.fromstring(diagram_svg(diagram, links=lambda box: links.get(box.name)))
    assert [each.attrib for each in root.iter(f"{SVG}a")] == [{"href": link} for link in links.values()]


def test_pictures_are_small() -> None:
    analysis = analyze("resnet152")
    assert len(diagram_svg(diagram_of(analysis))) < 200_000
    assert len(diagram_svg(overview_of(analysis))) < 12_000


def test_chinese_words() -> None:
    written = diagram_svg(diagram_of(analyze("resnet34"), language="zh"))
    assert 'lang="zh-Hans"' in written
    assert "ResNet-34的结构" in written
    assert "输出大小" in written
    assert "虚线：途中大小改变" in written
    assert "MACs" not in written


# What GitHub reads of a flowchart, in the forms that are written here.
STATEMENTS = (
    r"flowchart TD",
    r'  subgraph [a-z](?:\d+_)?\["[^"]*"\]',
    r"  end",
    r'  [a-z](?:\d+_)?\d+(?:\["[^"]*"\]|\(\["[^"]*"\]\)|\(\("[^"]*"\)\)|\[\["[^"]*"\]\])',
    r'  [a-z](?:\d+_)?\d+ (?:-->|-\.->)(?:\|"[^"]*"\|)? [a-z](?:\d+_)?\d+',
    r"  classDef s\d+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}",
    r"  class [a-z0-9_,]+ s\d+",
)


def texts_of(line: str) -> list[str]:
    """The texts in a line, their references replaced."""
    found = re.findall(r'"([^"]*)"', line)
    return [re.sub(r"#(\d+);", lambda each: chr(int(each[1])), text) for text in found]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("text", ["name", HOSTILE, MERMAID])
def test_whatever_a_name_holds_is_text_in_mermaid(name: str, text: str) -> None:
    diagram = named(overview_of(analyze(name)), text)
    plain = diagram_mermaid([named(diagram, "name")] * 2).splitlines()
    lines = diagram_mermaid([diagram] * 2).splitlines()
    assert len(lines) == len(plain)
    assert all(any(re.fullmatch(form, line) for form in STATEMENTS) for line in lines)


@given(st.text(alphabet=st.sampled_from(punctuation + " ab1\n"), min_size=1, max_size=20))
def test_a_text_of_mermaid_says_what_it_said(text: str) -> None:
    diagram = named(overview_of(analyze("lenet5")), text)
    (line,) = [line for line in diagram_mermaid([diagram]).splitlines() if line.startswith("  a1[")]
    (found,) = texts_of(line)
    assert found == f"{printable(text)}, {diagram.boxes[1].output}"
    inside = line.removeprefix('  a1["').removesuffix('"]')
    # References of numbers alone, and signs that mean nothing.
    assert re.fullmatch(r"(?:[\w ,/=×…?�]|#\d+;|[^\x00-\x7f])*", inside)


def test_mermaid_tells_boxes_of_any_number_of_networks_apart() -> None:
    diagram = overview_of(analyze("lenet5"))
    lines = diagram_mermaid([diagram] * 60).splitlines()
    names = [line.split("[")[0].split("(")[0].strip() for line in lines if re.match(r"  \w+[\[(]", line)]
    assert len(names) == len(set(names)) == 60 * len(diagram.boxes)
    groups = [line.split("[")[0] for line in lines if line.startswith("  subgraph")]
    assert len(groups) == len(set(groups)) == 60
    assert all(any(re.fullmatch(form, line) for form in STATEMENTS) for line in lines)


def test_what_an_edge_carries_stands_in_every_format() -> None:
    diagram = overview_of(analyze("hrnet-w18"))
    assert "7x7x144" in "".join(
        text for line in diagram_mermaid([diagram]).splitlines() if "--" in line for text in texts_of(line)
    )
    assert 'label="7x7x144"' in diagram_dot([diagram])
    assert ">7x7x144</text>" in diagram_svg([diagram])


def test_mermaid_has_all_boxes_and_edges() -> None:
    diagram = diagram_of(analyze("unet"))
    lines = diagram_mermaid([diagram]).splitlines()
    assert '  a1["3x3 conv, 64, 570x570x64"]' in lines
    assert [line for line in lines if "-.->" in line] == [
        '  a11 -.->|"crop"| a16',
        '  a8 -.->|"crop"| a20',
        '  a5 -.->|"crop"| a24',
        '  a2 -.->|"crop"| a28',
    ]
    assert len([line for line in lines if "->" in line]) == len(diagram.edges)


def test_png_and_pdf_have_the_page_of_the_svg() -> None:
    pytest.importorskip("matplotlib")
    from PIL import Image

    from rfcalc.render.diagrams.matplotlib import diagram_file

    diagrams = [overview_of(analyze("resnet152"))]
    root = ElementTree.fromstring(diagram_svg(diagrams))
    image = Image.open(BytesIO(diagram_file(diagrams, "png")))
    # 100 pixels of the layout are an inch of 200 dots.
    size = [2 * float(root.attrib[side]) for side in ("width", "height")]
    assert image.size == pytest.approx(size, abs=2)
    pdf = diagram_file(diagrams, "pdf")
    assert pdf.startswith(b"%PDF")
    assert pdf == diagram_file(diagrams, "pdf")


def test_the_colours_of_a_png_are_those_of_the_svg() -> None:
    pytest.importorskip("matplotlib")
    from PIL import Image

    from rfcalc.render.charts.palette import LIGHT, channels, mixed
    from rfcalc.render.diagrams.matplotlib import diagram_file
    from rfcalc.render.diagrams.page import TINT, page_of

    diagrams = [overview_of(analyze("resnet152"))]
    image = Image.open(BytesIO(diagram_file(diagrams, "png"))).convert("RGB")
    for box in page_of(diagrams).boxes:
        if box.lettered.box.kind in ("layer", "block"):
            place = 2 * (box.left + 4), 2 * (box.top + 4)
            tint = channels(mixed(LIGHT.colour(box.colour), LIGHT.ground, TINT))
            assert image.getpixel(place) == pytest.approx(tint, abs=3)


# What Graphviz reads, in the forms that are written here; quotation marks in texts stand behind backslashes.
_QUOTED = r'"(?:[^"\\]|\\[\\"])*"'
_VALUE = rf"(?:{_QUOTED}|[\w.]+)"
DOT_STATEMENTS = (
    r"digraph \{",
    r"  (?:graph|node|edge) \[.*\]",
    r"  subgraph cluster_\d+ \{",
    rf"  label={_QUOTED}",
    r"  \}",
    r"\}",
    rf"  n\d+_\d+ \[\w+={_VALUE}(?:,\w+={_VALUE})*\]",
    rf"  n\d+_\d+ -> n\d+_\d+(?: \[\w+={_VALUE}(?:,\w+={_VALUE})*\])?",
)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("text", ["name", HOSTILE, MERMAID, '\\" ]; n0_0 -> n0_1 [label="', "\\N \\l &lt;"])
def test_whatever_a_name_holds_is_text_in_dot(name: str, text: str) -> None:
    diagram = named(overview_of(analyze(name)), text)
    plain = diagram_dot([named(diagram, "name")] * 2).splitlines()
    lines = diagram_dot([diagram] * 2).splitlines()
    assert len(lines) == len(plain)
    assert [line for line in lines if not any(re.fullmatch(form, line) for form in DOT_STATEMENTS)] == []


@pytest.mark.skipif(which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_draws_all_boxes_with_their_texts() -> None:
    diagram = named(diagram_of(analyze("resnet18")), 'a "b" \\N &lt; <c>')
    made = subprocess.run(
        ["dot", "-Tsvg"], input=diagram_dot([diagram]).encode(), capture_output=True, check=True
    )
    root = ElementTree.fromstring(made.stdout)
    space = "{http://www.w3.org/2000/svg}"
    nodes = [each for each in root.iter(f"{space}g") if each.get("class") == "node"]
    edges = [each for each in root.iter(f"{space}g") if each.get("class") == "edge"]
    assert (len(nodes), len(edges)) == (len(diagram.boxes), len(diagram.edges))
    texts = {text.text for node in nodes for text in node.iter(f"{space}text")}
    assert any((text or "").startswith('a "b" \\N &lt; <c>, ') for text in texts)
