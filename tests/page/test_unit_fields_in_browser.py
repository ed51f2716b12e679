"""What units see, on the page in a real browser: the numbers are those that `locate` tells."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser
from images import png

import rfcalc
from rfcalc.cli.main import main

PageOf = Callable[..., Path]
LAYERS = ".part-field .bar select"
TOLD = (
    "Object.fromEntries([...document.querySelectorAll('.unit-facts dd')]"
    ".map((each) => [each.className, each.dataset.value]))"
)
COMMAND = "document.querySelector('.unit-facts code').textContent"


@pytest.fixture(autouse=True)
def _no_word_of_complaint(browser: Browser) -> Iterator[None]:
    yield
    # An image that stands in the page is a request, too.
    own = re.compile(r"request: (file:///\S+/page\.html|data:image/png;base64,\S+)$")
    assert [each for each in browser.said() if not own.match(each)] == []


def box(field: dict[str, Any], key: str) -> list[list[int]] | None:
    ends = field[key]
    return ends and [list(each) for each in zip(ends["first"], ends["last"], strict=True)]


def without_script(browser: Browser) -> list[str]:
    return browser.texts(".part-field")


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "unet", "unet-3d", "siamese", "context-module"])
def test_any_unit_sees_what_it_is_located_to_see(name: str, browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of(name))
    network = rfcalc.analyze(name)
    generator = random.Random(name)
    layers = browser.evaluate(
        f"[...document.querySelector('{LAYERS}').options].map((each) => each.textContent)"
    )
    for layer in [*generator.sample(layers, 6), layers[-1]]:
        browser.choose(LAYERS, layer)
        lengths = browser.evaluate(
            "[...document.querySelectorAll('.places input')].map((each) => Number(each.max))"
        )
        unit = [generator.randint(0, last) for last in lengths]
        for axis, place in enumerate(unit, 1):
            browser.fill(f".places label:nth-of-type({axis}) input", str(place))
        (located,) = network.locate(layer, units=[unit]).to_dict()["layers"]
        field = next(each for each in located["units"] if each["unit"] == unit)["fields"][0]
        told = browser.evaluate(TOLD)
        if not told["of-visible"]:
            assert field["positions"] is None
            continue
        assert json.loads(told["of-visible"]) == (box(field, "visible") or [])
        assert int(told["of-positions"]) == field["positions"]
        assert json.loads(told["of-theoretical"] or "null") == box(field, "theoretical")
        if unit:
            assert browser.evaluate(COMMAND) == f"rfcalc locate {name} {layer} {','.join(map(str, unit))}"


def test_arrow_keys_and_the_pointer_choose_a_unit(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("vgg16"))
    assert browser.evaluate(COMMAND) == "rfcalc locate vgg16 pool5 3,3"
    browser.evaluate("document.querySelectorAll('svg.plane')[1].focus()")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        browser.press(key)
    assert browser.evaluate(COMMAND) == "rfcalc locate vgg16 pool5 4,5"
    for _ in range(9):
        browser.press("ArrowUp")
    # There is no unit before the first.
    assert browser.evaluate(COMMAND) == "rfcalc locate vgg16 pool5 0,5"
    browser.click(".units figure:nth-of-type(2) svg")
    assert browser.evaluate(COMMAND) == "rfcalc locate vgg16 pool5 3,3"


def test_a_position_of_the_input_tells_which_units_see_it(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("vgg16"))
    browser.choose(LAYERS, "pool3")
    browser.click(".units figure:nth-of-type(1) svg")
    command = browser.evaluate(COMMAND)
    row, column = map(int, command.split("--pixel ")[1].split(","))
    (located,) = rfcalc.analyze("vgg16").locate("pool3", pixel=(row, column)).to_dict()["layers"]
    assert int(browser.evaluate(TOLD)["of-seeing"]) == located["regions"][0]["number"]


def test_a_layer_that_is_followed_is_the_one_whose_units_are_shown(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("vgg16"), "conv3_1")
    assert browser.evaluate(COMMAND).startswith("rfcalc locate vgg16 conv3_1 ")


def test_what_is_not_known_says_why_and_where_to_ask(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("swin-t"))
    # The page begins with a layer of which there is something to see.
    assert browser.texts(".unit-facts dd.of-positions")
    browser.choose(LAYERS, "ln2")
    told = browser.texts(".unit-facts dd.of-visible")
    assert told[0].startswith("? (")
    assert browser.evaluate(COMMAND).startswith("rfcalc locate swin-t ")


def test_without_script_there_is_a_picture_and_a_command(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("vgg16"), script=False)
    assert "rfcalc locate vgg16 pool5" in "".join(without_script(browser))
    assert browser.texts(".part-field figure svg")


def test_of_sizes_that_are_symbols_there_is_no_picture(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("conv7x7"))
    assert "No picture" in "".join(without_script(browser))


def test_an_image_lies_behind_what_a_unit_sees(browser: Browser, tmp_path: Path) -> None:
    photo, file = tmp_path / "a.png", tmp_path / "page.html"
    photo.write_bytes(png(64, 32))
    assert main(["report", "vgg16", "--image", str(photo), "-o", str(file)]) == 0
    browser.open(file, "conv4_1")
    drawn = browser.evaluate("[...document.querySelectorAll('.plane use')].map((each) => each.href.baseVal)")
    assert drawn == ["#~photo"]
    # It is drawn, where the whole input is.
    boxes = browser.evaluate(
        "['use', '.whole-input'].map((each) => { const box = document.querySelector(`.plane ${each}`)"
        ".getBBox(); return [box.x, box.y, box.width, box.height].map(Math.round); })"
    )
    assert boxes[0] == boxes[1]
    assert (
        browser.texts(".unit-facts > p")[0] == "a.png, 64x32 pixels, is stretched to the 224x224 of the input"
    )
