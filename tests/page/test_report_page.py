"""`rfcalc report`: what a page holds, read by a parser that runs no script."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from images import png
from live_page import ParsedPage, live
from payloads import PAYLOADS

from rfcalc import analyze
from rfcalc.cli.main import main
from rfcalc.spec.document_text import first_refused

PageOf = Callable[..., Path]
NETWORKS = ("vgg16", "googlenet", "unet", "conv7x7")


@pytest.mark.parametrize("network", NETWORKS)
def test_nothing_in_a_page_loads_or_runs_but_its_own_style_and_script(network: str, page_of: PageOf) -> None:
    assert live(page_of(network).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "words", [*((name,) for name in NETWORKS), ("resnet18", "resnet34"), ("lenet5", "lenet5", "lenet5")]
)
def test_every_link_leads_to_a_place_and_no_two_places_have_a_name(
    words: tuple[str, ...], page_of: PageOf
) -> None:
    page = ParsedPage(page_of(*words).read_text("utf-8"))
    places = Counter(tag.attributes["id"] for tag in page.tags if "id" in tag.attributes)
    assert [name for name, count in places.items() if count > 1] == []
    links = {
        tag.attributes["href"][1:] for tag in page.tags if tag.attributes.get("href", "").startswith("#")
    }
    assert links - places.keys() == set()
    referred = [
        name
        for tag in page.tags
        for attribute in ("aria-labelledby", "for")
        for name in tag.attributes.get(attribute, "").split()
    ]
    assert set(referred) - places.keys() == set()


def test_the_published_numbers_of_vgg16_are_seen_first(page_of: PageOf) -> None:
    """Parameters: Simonyan and Zisserman 2015, table 2 (138 million); counts: torchvision; field: by hand."""
    text = page_of("vgg16").read_text("utf-8")
    values = re.findall(r'<dt>([^<]*)<dd class="value">([^<]*)<dd class="aside">([^<]*)', text)
    assert values[0] == ("parameters", "138.4 M", "138,357,544")
    assert values[1] == ("MACs", "15.47 G", "15,470,264,320")
    assert values[2] == ("receptive field", "212", "input 224x224")


def test_the_table_has_every_layer_and_every_block_with_its_sums(page_of: PageOf) -> None:
    """The figures of one bottleneck, by hand: 2·64·256 + 9·64·64 weights, 2·(64 + 64 + 256) of norms."""
    text = page_of("resnet50").read_text("utf-8")
    table = re.search(r"<table[^>]*layers[^>]*>.*?(<tbody>.*?<tfoot>)", text, re.DOTALL)
    assert table
    rows = {row[0]: row for row in (re.findall(r">([^<>]+)", part) for part in table[1].split("<tr")[1:])}
    network = analyze("resnet50")
    assert rows.keys() == {layer.name for layer in network.layers} | network.graph.scopes.keys()
    assert rows["layer1.1"][1:] == ["bottleneck", "56x56x256", "27", "4", "70,400", "218,365,952"]
    assert rows["layer1"][1] == "3 x bottleneck"


def test_a_page_is_small(page_of: PageOf) -> None:
    assert page_of("resnet152").stat().st_size < 400_000


def test_a_page_of_many_layers_stays_small(tmp_path: Path) -> None:
    net = tmp_path / "deep.yaml"
    lines = [
        f"        - {line}" for line in ("conv f=3 p=1 d=16", "bn", "relu", "conv f=1 d=16", "bn", "relu")
    ]
    net.write_text(
        "input: 32x32x16\nlayers:\n  - repeat: 500\n    do:\n" + "\n".join(lines) + "\n", encoding="utf-8"
    )
    file = tmp_path / "deep.html"
    assert main(["report", str(net), "-o", str(file)]) == 0
    text = file.read_text("utf-8")
    assert len(re.findall(r'<table[^>]* class="layers\b', text)) == 1
    assert text.count("<tr") > 3_000
    assert file.stat().st_size < 1_500_000


def test_of_many_unlike_layers_the_first_are_worked_out_and_the_gravest_findings_told(tmp_path: Path) -> None:
    net = tmp_path / "unlike.yaml"
    # A bias before a normalisation is told of each layer that has one (RF501).
    lines = [f"  - conv f=3 p=1 bias=yes d={width}\n  - bn" for width in range(16, 1516)]
    net.write_text("input: 32x32x16\nlayers:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    file = tmp_path / "unlike.html"
    assert main(["report", str(net), "-o", str(file)]) == 0
    assert file.stat().st_size < 1_500_000
    text = file.read_text("utf-8")
    links = set(re.findall(r'href="#(~kind[^"]*)"', text))
    assert len(links) == 150
    assert links <= set(re.findall(r' id="([^"]*)"', text))
    # Every layer is of a kind of its own: 1,500 convolutions, 1,500 normalisations.
    assert f"{3_000 - 150:,} more kinds are not worked out here" in text
    assert len(re.findall("<li><p><b class=", text)) == 200
    assert f"{1_500 - 200:,} more are not told here" in text


def test_blocks_of_one_form_are_drawn_once_with_the_sizes_that_they_have(page_of: PageOf) -> None:
    """The nine pairs of convolutions of U-Net (Ronneberger et al., figure 1; 37,568 parameters first)."""
    text = page_of("unet").read_text("utf-8")
    blocks = re.findall(
        r"<details><summary>(.*?)</summary>", text.split('id="~graph"')[1].split("</section>")[0]
    )
    assert len(blocks) == 1
    assert "in 9 sizes" in blocks[0]
    (sizes,) = re.findall(r'<div class="sizes"><table>(.*?)</table>', text)
    rows = [re.findall(r">([^<>]+)", row) for row in sizes.split("<tr>")[2:]]
    assert rows[0] == ["enc1", "572x572x1", "568x568x64", "37.57 k", "12.08 G"]
    assert [row[2] for row in rows[3:6]] == ["64x64x512", "28x28x1024", "52x52x512"]
    assert len(rows) == 9


def test_blocks_with_another_kernel_or_stride_are_another_form(tmp_path: Path) -> None:
    net = tmp_path / "net.yaml"
    net.write_text(
        'input: 32x32x4\nblocks: {"b(f, s, d)": [conv f=f p=f//2 s=s d=d, conv f=1 d=d]}\n'
        "layers: [b f=3 s=1 d=4, b f=3 s=1 d=8, b f=5 s=1 d=8, b f=3 s=2 d=8]\n",
        encoding="utf-8",
    )
    file = tmp_path / "net.html"
    assert main(["report", str(net), "-o", str(file)]) == 0
    graph = file.read_text("utf-8").split('id="~graph"')[1].split("</section>")[0]
    assert len(re.findall(r"<details><summary>", graph)) == 3


def test_many_unlike_layers_without_blocks_are_few_boxes_that_open(tmp_path: Path) -> None:
    net = tmp_path / "net.yaml"
    lines = "".join(
        f"- conv f=3 p=1 d={4 + number % 5}{' s=2' if number % 60 == 59 else ''}\n" for number in range(240)
    )
    net.write_text(f"input: 32x32x4\nlayers:\n{lines}", encoding="utf-8")
    file = tmp_path / "net.html"
    assert main(["report", str(net), "-o", str(file)]) == 0
    graph = file.read_text("utf-8").split('id="~graph"')[1].split("</section>")[0]
    overview = graph.split('<div class="blocks">')[0]
    assert overview.count("<a href=") < 10
    assert len(re.findall(r'<a href="#~block\d"', overview)) == len(re.findall("<details>", graph)) == 4
    assert len(graph) < 300_000


def test_equal_networks_have_pictures_of_different_names(page_of: PageOf) -> None:
    names = [
        tag.attributes["id"]
        for tag in ParsedPage(page_of("lenet5", "lenet5").read_text("utf-8")).tags
        if "id" in tag.attributes
    ]
    assert len([name for name in names if "whole" in name]) > 2
    assert len(names) == len(set(names))


def test_words_are_chinese_where_that_is_asked_for(page_of: PageOf) -> None:
    text = page_of("vgg16", "--lang", "zh").read_text("utf-8")
    page = ParsedPage(text)
    assert page.named("html")[0].attributes["lang"] == "zh-Hans"
    titles = [*page.text_in("h2"), *page.text_in("dt"), *page.text_in("caption"), *page.text_in("h3")]
    assert titles
    assert [title for title in titles if not re.search("[\u4e00-\u9fff]", title)] == []
    data = json.loads(next(text for name, text in page.texts if name == "script" and text.startswith("{")))
    # What says nothing by itself has no word in it.
    told = [word for word in data["words"].values() if re.search(r"\w", re.sub(r"\{\w+\}", "", word))]
    assert [word for word in told if not re.search("[\u4e00-\u9fff]", word)] == []


def test_a_network_of_symbols_has_a_page_without_curves(page_of: PageOf) -> None:
    text = page_of("conv7x7").read_text("utf-8")
    assert "No curves: " in text
    assert "49C²" in text


def test_several_networks_are_held_against_the_first(page_of: PageOf) -> None:
    """What moves the stride from a 1x1 to a 3x3 convolution costs: 3 · 77,070,336 multiply-adds."""
    text = page_of("resnet50", "resnet50-v1").read_text("utf-8")
    assert "−231,211,008" in text
    assert "stride 2 moves from conv2 to conv1" in text
    page = ParsedPage(text)
    assert page.text_in("h1") == ["resnet50 and resnet50-v1", "A ResNet-50", "B ResNet-50 (2016 paper)"]
    places = {tag.attributes.get("id") for tag in page.tags}
    assert {"A:layer2.0.conv1", "B:layer2.0.conv1"} <= places


# Control characters, and what ends a line unseen, cannot stand in a description.
HOSTILE = [
    text
    for text in (
        *PAYLOADS,
        "</script><script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        "</style><img src=x onerror=alert(1)>",
        "]]><svg onload=alert(1)>",
        "a\u2028b\u2029c",
        "\u202egpj.exe\u2066",
        "--><img src=x onerror=alert(1)>",
        "{{constructor.constructor('alert(1)')()}}",
    )
    if first_refused(text) is None
]


def hostile(texts: list[str]) -> str:
    """A description whose name, source, notes and comments are these texts."""
    content = {
        "name": texts[0],
        "source": texts[1],
        "input": "8x8x3",
        "blocks": {"evil(d)": ["conv f=1 d=d as constructor", "relu as __proto__"]},
        "layers": [
            "conv f=3 p=1 d=4 as __init__",
            "evil d=4 as toString",
            "slice h=0:7 w=0:7",
            "fc d=2 as out",
        ],
        "notes": [{"text": text} for text in texts]
        + [{"layer": "out", "column": "operation", "text": text} for text in texts],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)


@pytest.mark.parametrize("part", range(4))
def test_no_text_of_a_description_becomes_markup(part: int, tmp_path: Path) -> None:
    name = ("x&y<b>.yaml", "'\"><svg onload=alert(1)>.yaml", "a\u202eb\nc.yaml", "=1+1.yaml")[part].replace(
        "/", ""
    )
    texts = HOSTILE[part::4]
    net, file = tmp_path / name, tmp_path / "page.html"
    net.write_text(hostile(texts), encoding="utf-8")
    for others in ([], [str(net)]):
        assert main(["report", str(net), *others, "-o", str(file)]) == 0
        text = file.read_text("utf-8")
        assert live(text) == []
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\u2029\u200b]", text)
    # They are there, as text.
    shown = " ".join(text for _, text in ParsedPage(text).texts)
    assert all(text in shown for text in texts if re.fullmatch("[!-~]+", text))


def test_an_image_lies_behind_the_fields_and_is_in_the_page_once(tmp_path: Path) -> None:
    photo, file = tmp_path / "a <b>&.png", tmp_path / "page.html"
    photo.write_bytes(png(32, 16))
    # Of two networks each has five pictures of units.
    assert main(["report", "vgg16", "resnet18", "--image", str(photo), "-o", str(file)]) == 0
    text = file.read_text("utf-8")
    assert live(text) == []
    page = ParsedPage(text)
    assert len(page.named("image")) == 1
    assert page.named("image")[0].attributes["href"].startswith("data:image/png;base64,iVBOR")
    assert len(page.named("use")) == 10
    assert {tag.attributes["href"] for tag in page.named("use")} == {"#~photo"}
    told = "a <b>&.png, 32x16 pixels, is stretched to the 224x224 of the input"
    assert told in [text for name, text in page.texts if name == "text"]
    data = json.loads(next(text for name, text in page.texts if name == "script" and text.startswith("{")))
    assert [network["field"]["photos"] for network in data["networks"]] == [[told], [told]]


def test_what_a_camera_tells_and_what_stands_in_a_hostile_file_is_not_in_the_page(tmp_path: Path) -> None:
    photo, file = tmp_path / "a.png", tmp_path / "page.html"
    photo.write_bytes(png(32, 32) + b"<script>alert(1)</script>")
    assert main(["report", "lenet5", "--image", str(photo), "-o", str(file)]) == 0
    text = file.read_text("utf-8")
    assert live(text) == []
    (image,) = ParsedPage(text).named("image")
    content = b64decode(image.attributes["href"].partition(",")[2])
    assert b"alert" not in content
    assert b"tEXt" not in content


def test_an_image_of_the_size_of_the_input_is_not_scaled(tmp_path: Path) -> None:
    photo, file = tmp_path / "a.png", tmp_path / "page.html"
    photo.write_bytes(png(32, 32))
    assert main(["report", "lenet5", "--input", "32x32x1", "--image", str(photo), "-o", str(file)]) == 0
    assert "pixels, is s" not in file.read_text("utf-8")
