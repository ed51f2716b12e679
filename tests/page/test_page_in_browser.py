"""The page in a real browser: with and without its script, by pointer and by keys, narrow and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import Browser

from rfcalc.cli.main import main

PageOf = Callable[..., Path]
ROWS = "table.layers tbody tr"
NAMES = f"{ROWS} > th"


@pytest.fixture(autouse=True)
def _no_word_of_complaint(browser: Browser) -> Iterator[None]:
    yield
    said = [each for each in browser.said() if not re.match(r"request: file:///\S+/page\.html$", each)]
    assert said == []


def names(browser: Browser) -> list[str]:
    """The names in the rows of the table that are seen."""
    return browser.texts(NAMES)


def column(browser: Browser, place: int) -> list[str]:
    """The texts of a column, from 1, in the rows that are seen."""
    return browser.texts(f"{ROWS} > :nth-child({place})")


@pytest.mark.parametrize("network", ["resnet18", "vgg16", "unet"])
def test_without_script_everything_can_be_read(network: str, browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of(network), script=False)
    text = "".join(browser.texts("body"))
    for word in ("parameters", "Findings", "Graph", "Layers", "How the figures come about"):
        assert word in text
    assert len(names(browser)) > 20
    # Of two maps one is seen, until the other is asked for.
    seen = "[...document.querySelectorAll('figure.map')].map((map) => map.checkVisibility())"
    assert browser.evaluate(seen) == [True, False]
    browser.click(".maps label:nth-of-type(2)")
    assert browser.evaluate(seen) == [False, True]


def test_without_script_a_link_leads_to_a_layer_and_opens_what_is_folded(
    browser: Browser, page_of: PageOf
) -> None:
    browser.open(page_of("resnet18"), "layer2.0.conv1", script=False)
    browser.click("table.layers tr[id='layer2.0.conv1'] a")
    opened = browser.texts(".kinds details[open] .equation")
    # 3 · 3 · 64 · 128 weights.
    assert any("73,728" in text for text in opened)


def test_blocks_are_folded_where_the_table_is_long_and_open_by_a_click(
    browser: Browser, page_of: PageOf
) -> None:
    browser.open(page_of("resnet152"))
    assert len(names(browser)) <= 60
    assert "layer1.0.conv1" not in names(browser)
    browser.click("tr[id='layer1.0'] .toggle")
    assert "layer1.0.conv1" in names(browser)
    browser.click("tr[id='layer1'] .toggle")
    assert not [name for name in names(browser) if name.startswith("layer1.")]
    browser.click("text=open blocks")
    assert "layer3.35.conv3" in names(browser)
    browser.click("text=fold blocks")
    assert names(browser)[-1] == "fc1"
    assert "layer3.35.conv3" not in names(browser)


def test_a_column_sorts_from_the_largest_then_the_other_way_then_as_it_was(
    browser: Browser, page_of: PageOf
) -> None:
    browser.open(page_of("vgg16"))
    before = names(browser)
    browser.click("thead button:text('params')")
    counts = [int(text.replace(",", "")) for text in column(browser, 6)]
    assert counts == sorted(counts, reverse=True)
    assert names(browser)[:2] == ["fc6", "fc7"]
    browser.click("thead button:text('params')")
    counts = [int(text.replace(",", "")) for text in column(browser, 6)]
    assert counts == sorted(counts)
    assert browser.evaluate("document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "ascending"
    browser.click("thead button:text('params')")
    assert names(browser) == before
    assert browser.evaluate("document.querySelector('[aria-sort]')") is None


def test_sorted_rows_are_layers_without_the_sums_of_blocks(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("resnet18"))
    browser.click("thead button:text('MACs')")
    assert "layer1" not in names(browser)
    assert names(browser)[0] == "conv1"


def test_the_table_is_filtered_by_text_and_operator(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("resnet18"))
    browser.fill(".part-table .bar input[type=search]", "layer3 conv1")
    assert names(browser) == ["layer3.0.conv1", "layer3.0.downsample.conv1", "layer3.1.conv1"]
    browser.fill(".part-table .bar input[type=search]", "")
    browser.choose(".part-table .bar select", "maxpool")
    assert names(browser) == ["maxpool1"]
    # 20 conv, 20 bn, 17 relu, 8 add, two poolings, one fc.
    assert browser.texts(".shown") == ["1 of 68 layers"]


def test_columns_are_chosen(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("vgg16"))
    browser.click(".menu summary:text('columns')")
    browser.click(".menu label:text('params %')")
    browser.click(".menu label:text('stride')")
    heads = browser.texts("thead th")
    assert "stride" not in heads
    # 102,764,544 of 138,357,544.
    browser.click("thead button:text('params %')")
    assert names(browser)[0] == "fc6"
    assert column(browser, heads.index("params %") + 2)[0] == "74.3"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("Markdown", ["| layer | operation |", "| fc6 | fc f=7 s=1 d=4096 |", "102,764,544 |"]),
        ("CSV", ["layer,operation,output", "fc6,", ",102764544,"]),
        ("LaTeX", [r"\begin{tabular}{llrrrrr}", "fc6 & ", r"102,764,544 & 102,760,448 \\", r"\end{tabular}"]),
    ],
)
def test_what_is_seen_is_copied(form: str, expected: list[str], browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("vgg16"))
    browser.fill(".part-table .bar input[type=search]", "fc")
    browser.click(".menu summary:text('copy as')")
    browser.click(f".menu button:text('{form}')")
    browser.evaluate("new Promise((done) => setTimeout(done, 100))")
    copied = browser.evaluate("navigator.clipboard.readText()")
    for part in expected:
        assert part in copied, copied
    assert "conv1_1" not in copied


def test_a_deep_link_opens_the_blocks_around_a_layer_and_shows_what_is_known_of_it(
    browser: Browser, page_of: PageOf
) -> None:
    browser.open(page_of("resnet152"), "layer3.0.conv2")
    assert "layer3.0.conv2" in names(browser)
    assert browser.texts(".panel h2") == ["layer3.0.conv2"]
    panel = browser.texts(".panel")[0]
    # 3 · 3 · 256 · 256 weights; the field of its operand is 155, whose stride is 8.
    assert "589,824" in panel
    assert "155 + 2 · 8 = 171" in panel
    assert "layer3.0.relu1" in panel


def test_keys_find_a_layer_go_on_and_close(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("resnet18"))
    browser.press("/")
    for key in "layer3.0.conv2":
        browser.press(key)
    browser.press("Enter")
    assert browser.texts(".panel h2") == ["layer3.0.conv2"]
    browser.evaluate("document.activeElement.blur()")
    browser.press("ArrowRight")
    assert browser.texts(".panel h2") == ["layer3.0.bn2"]
    browser.press("ArrowLeft")
    browser.press("ArrowLeft")
    assert browser.texts(".panel h2") == ["layer3.0.relu1"]
    browser.press("Escape")
    assert browser.texts(".panel") == []
    assert browser.evaluate("document.activeElement.textContent") == "layer3.0.relu1"


def test_a_row_that_is_clicked_is_shown_and_marked_in_the_graph(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("vgg16"))
    browser.click("tr[id='conv3_2'] td:nth-child(3)")
    assert browser.texts(".panel h2") == ["conv3_2"]
    assert browser.evaluate("location.hash") == "#conv3_2"
    marked = "[...document.querySelectorAll('.diagram a.chosen')].map((box) => box.getAttribute('href'))"
    assert browser.evaluate(marked) == ["#conv3_2"]
    browser.click(".diagram a[href='#conv1_1']")
    assert browser.texts(".panel h2") == ["conv1_1"]


def test_a_block_of_the_graph_opens(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("resnet152"))
    assert browser.texts(".blocks details .diagram") == []
    browser.click(".diagram a[href='#~block0']")
    assert len(browser.texts(".blocks details .diagram")) == 1


def test_a_stretch_of_the_graph_opens(browser: Browser, tmp_path: Path) -> None:
    net, file = tmp_path / "net.yaml", tmp_path / "page.html"
    net.write_text("input: 32x32x4\nlayers:\n" + "- conv f=3 p=1 d=4\n" * 120, encoding="utf-8")
    assert main(["report", str(net), "-o", str(file)]) == 0
    browser.open(file)
    browser.click(".diagram a[href='#~block0']")
    assert len(browser.texts(".blocks details .diagram")) == 1
    browser.click(".blocks .diagram a[href='#conv3']")
    assert browser.texts(".panel h2") == ["conv3"]


def test_a_layer_of_the_graph_is_reached_by_keys(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("vgg16"))
    browser.evaluate("document.querySelector('.diagram a[href=\"#conv2_1\"]').focus()")
    browser.press("Enter")
    assert browser.texts(".panel h2") == ["conv2_1"]
    assert browser.evaluate(
        "document.querySelector('.part-field select').selectedOptions[0].textContent"
    ) == ("conv2_1")
    browser.press("ArrowRight")
    assert browser.texts(".panel h2") == ["relu3"]


def test_a_diagram_that_is_cut_off_fades_and_is_seen_whole_at_its_ends(
    browser: Browser, page_of: PageOf
) -> None:
    # The fade lies over what is cut off, and at the end over the room behind the picture.
    frame = "const frame = document.querySelector('.diagram'), picture = frame.querySelector('svg');"
    room = (
        "const inner = frame.getBoundingClientRect(), shown = picture.getBoundingClientRect();"
        "return [inner.left + frame.clientWidth - shown.right, inner.top + frame.clientHeight - shown.bottom]"
    )
    for width in (390, 1200):
        browser.open(page_of("googlenet"), width=width)
        assert browser.evaluate(f"(() => {{{frame} return frame.scrollHeight > frame.clientHeight}})()")
        # What is wider than its frame begins where its input stands.
        middle = (
            f"(() => {{{frame} const name = picture.querySelector('text').getBoundingClientRect(),"
            "inner = frame.getBoundingClientRect();"
            "return (name.left + name.right - inner.left - inner.right) / 2})()"
        )
        assert abs(browser.evaluate(middle)) < 60
        end = f"(() => {{{frame} frame.scrollTo(9999, 9999); {room}}})()"
        right, below = browser.evaluate(end)
        assert right >= 15
        assert below >= 30
        look = "getComputedStyle(document.querySelector('.diagram'), '::after').position"
        assert browser.evaluate(look) == "sticky"


def test_the_treemap_is_gone_into_block_by_block(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("resnet50"))

    def named() -> set[str]:
        found = browser.evaluate(
            "[...document.querySelector('.treemap').querySelectorAll('a')].map((name) => name.textContent)"
        )
        return set(found)

    assert {"layer1", "layer2", "layer3", "layer4"} <= named()
    browser.evaluate(
        "[...document.querySelectorAll('.treemap a')].find((a) => a.textContent === 'layer3')"
        ".dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))"
    )
    assert named() == {"0", "1", "2", "3", "4", "5"}
    # What is gone into fills the picture.
    areas = browser.evaluate(
        "[...document.querySelector('.treemap').children].filter((tile) => tile.dataset.l === '2' &&"
        " tile.getAttribute('display') !== 'none').map((tile) => parseFloat(tile.getAttribute('width'))"
        " * parseFloat(tile.getAttribute('height')))"
    )
    assert sum(areas) == pytest.approx(10_000, rel=0.01)
    browser.click(".crumbs button")
    assert "layer3" in named()


@pytest.mark.parametrize("network", ["resnet152", "vgg16", "densenet121"])
@pytest.mark.parametrize("width", [320, 400])
def test_no_page_moves_sideways_on_a_telephone(
    network: str, width: int, browser: Browser, page_of: PageOf
) -> None:
    for script in (False, True):
        browser.open(page_of(network), script=script, width=width, height=700)
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
    browser.open(page_of(network), "~arithmetic", width=width, height=700)
    browser.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_a_long_name_does_not_move_the_page_sideways(
    browser: Browser, page_of: PageOf, tmp_path: Path
) -> None:
    # The command that tells a field has the path and the layer's name, which have no space to break at.
    description = tmp_path / "a.yaml"
    description.write_text(f"input: 8x8x3\nlayers:\n  - conv f=3 d=4 as {'a' * 500}\n", encoding="utf-8")
    for script in (False, True):
        browser.open(page_of(str(description)), script=script, width=320, height=700)
        assert browser.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_summary_of_a_check_stands_apart_from_the_line_below_it(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert main(["check", "vgg16", "--format", "html", "-o", str(page)]) == 0
    browser.open(page, width=800, height=700)
    gap = (
        "document.querySelector('.part').getBoundingClientRect().top"
        " - document.querySelector('header p').getBoundingClientRect().bottom"
    )
    assert browser.evaluate(gap) >= 16


def test_several_networks_have_tables_and_links_of_their_own(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("resnet18", "resnet34"), "B:layer3.5.conv2")
    assert browser.texts(".panel h2") == ["layer3.5.conv2"]
    assert browser.evaluate("document.querySelector('tr.chosen').id") == "B:layer3.5.conv2"


def test_the_page_prints_with_all_that_is_seen_and_no_controls(
    browser: Browser, page_of: PageOf, tmp_path: Path
) -> None:
    file = tmp_path / "page.pdf"
    browser.open(page_of("vgg16"))
    browser.pdf(file)
    data = file.read_bytes()
    assert data.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b", data))
    assert 2 <= pages <= 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_ground(scheme: str, browser: Browser, page_of: PageOf) -> None:
    """WCAG 2.1, level AA: a contrast of 4.5 to 1."""
    browser.open(page_of("googlenet"), "inception3a.reduce", scheme=scheme)
    colours = browser.evaluate(
        "[...document.querySelectorAll('p,dt,dd,th,td,a,button,summary,li,label,h1,h2,h3,code,small')]"
        ".filter((each) => each.checkVisibility()).map((each) => getComputedStyle(each).color)"
    )
    ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len(colours) > 100
    for colour in set(colours):
        assert contrast(colour, ground) >= 4.5, (colour, ground)


def contrast(one: str, other: str) -> float:
    """The ratio of the luminances of two colours, as WCAG 2.1 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_controls_have_names_for_a_screen_reader(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("resnet18"), "layer1.0.conv1")
    nameless = browser.evaluate(
        "[...document.querySelectorAll('button,input,select,summary,a,[role=region],[role=group]')]"
        ".filter((each) => each.checkVisibility() && !each.textContent.trim() && !each.ariaLabel"
        " && !(each.labels && each.labels.length) && !each.getAttribute('aria-labelledby'))"
        ".map((each) => each.outerHTML.slice(0, 80))"
    )
    assert nameless == []


CUT = (
    "[...document.querySelectorAll('.treemap text')].filter((each) => each.checkVisibility())"
    ".filter((each) => {"
    " const name = each.getBoundingClientRect(), tile = each.closest('[data-l]').getBoundingClientRect();"
    " return name.right > tile.right + 1 || name.bottom > tile.bottom + 1; })"
    ".map((each) => each.textContent)"
)


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_names_in_a_treemap_are_whole(width: int, script: bool, browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("googlenet"), width=width, script=script)
    assert len(browser.texts(".treemap text")) >= 3 or not script
    assert browser.evaluate(CUT) == []
    browser.click(".switch:nth-of-type(2) + label")
    assert browser.evaluate(CUT) == []


def test_the_table_has_room_beside_a_layer(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("resnet152"), "layer3.0.conv2", width=1400)
    wide, room = browser.evaluate(
        "(() => { const box = document.querySelector('.part-table .scroll');"
        " return [box.scrollWidth, box.clientWidth]; })()"
    )
    assert wide <= room
    assert "11,513,626,624" in browser.texts(".layers tfoot td")
