"""Prototxt files that are damaged, or meant to do harm: each is read or refused with its place, soon."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import caffe_networks as networks
import pytest

from rfcalc.errors import DescriptionError, RfcalcError
from rfcalc.importers.caffe import text_format
from rfcalc.importers.caffe.importing import imported
from rfcalc.importers.writing.flat import flat

WRONG = Path(__file__).parents[1] / "data" / "models" / "caffe" / "wrong"
TEXTS = [
    networks.squeezenet(),
    networks.lenet_train(),
    networks.alexnet(first=True),
    networks.ssd300(),
    networks.fcn8s(),
    *[path.read_text() for path in sorted(WRONG.glob("*.prototxt"))],
]
# What means something to the reader, or to layers.
MEANT = (
    *("{", "}", "<", ">", "[", "]", ":", '"', "'", "#", "\\", "\0", "é", "\n"),
    *("dim: 0", "dim: -1", "axis: 99", "axis: -1", "kernel_size: 2000000", "num_output: 2000000000"),
    *("layer {", 'top: "data"', 'bottom: "data"', "group: 3", "true", "1e308", "nan"),
)
NUMBERS = ("0", "1", "2", "3", "7", "16", "-1", "-3", "1000000", "2147483647", "4294967296", "3.5")


def _exchanged(pattern: str) -> Callable[[str, Random], str]:
    def change(text: str, random: Random) -> str:
        found = list(re.finditer(pattern, text))
        if not found:
            return text
        one, two = random.choice(found), random.choice(found)
        return text[: one.start()] + two[0] + text[one.end() :]

    return change


def _number(text: str, random: Random) -> str:
    found = list(re.finditer(r"\d+", text))
    if not found:
        return text
    one = random.choice(found)
    return text[: one.start()] + random.choice(NUMBERS) + text[one.end() :]


def _inserted(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    return f"{text[:at]}{random.choice(MEANT)}{text[at:]}"


def _cut(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + text[at + random.randrange(1, 40) :]


CHANGES = (
    *[_number] * 5,
    *[_exchanged(r'"[^"\n]*"')] * 3,
    *[_exchanged(r"[^\n]*\n")] * 2,
    *[_exchanged(r"\b[a-z_]+(?=[: ])")] * 2,
    _inserted,
    _cut,
)


@pytest.mark.parametrize("seed", range(8))
def test_damaged_files_are_read_or_refused(seed: int) -> None:
    random = Random(seed)
    for _ in range(40):
        text = random.choice(TEXTS)
        for _ in range(random.choice((1, 1, 2, 3, 8))):
            text = random.choice(CHANGES)(text, random)
        try:
            flat(imported(text, "damaged", {}, {}))
        except RfcalcError as error:
            assert str(error)


BOMBS = {
    "depth": ("layer {" * 100_000, "messages nest more than 32 deep"),
    "fields": ("a: 1 " * (text_format.MOST_FIELDS + 1), "more than 200,000 fields"),
    "list": (f"a: [{'1, ' * text_format.MOST_FIELDS}1, 1]", "more than 200,000 fields"),
    "digits": (f"input_dim: {'9' * 100_000}", "is a whole number below"),
    "string": (f'name: "{chr(92)}a' * 1000, "expected"),
    "product": (
        'input: "x" input_dim: 1 input_dim: 2147483647 input_dim: 2147483647 input_dim: 2147483647\n'
        'layer { name: "y" type: "Flatten" bottom: "x" top: "y" }\n'
        'layer { name: "z" type: "Flatten" bottom: "y" top: "z" }',
        "passes 9,223,372,036,854,775,808",
    ),
    "doubling": (
        'input: "x0" input_dim: 1 input_dim: 3 input_dim: 1 input_dim: 1\n'
        + "".join(
            f'layer {{ type: "Concat" bottom: "x{n}" bottom: "x{n}" top: "x{n + 1}" }}\n' for n in range(500)
        ),
        "passes 9,223,372,036,854,775,808",
    ),
    "tiles": (
        'input: "x" input_dim: 1 input_dim: 3 input_dim: 1 input_dim: 1\n'
        + 'layer { type: "Tile" bottom: "x" top: "y" tile_param { tiles: 2147483647 } }\n',
        "tiles is a number from 1 to 10,000",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_is_absurd_is_refused_soon(bomb: str) -> None:
    text, message = BOMBS[bomb]
    with pytest.raises(DescriptionError) as raised:
        flat(imported(text, "bomb", {}, {}))
    assert message in str(raised.value)
