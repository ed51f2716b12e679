"""Characters that look like those of the language: named wherever they stand, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rfcalc.description import build_graph
from rfcalc.errors import RfcalcError
from rfcalc.library import read_expression, read_text

GOOD = "input: 8x8x3\nlayers:\n  - conv f=3 d=4 as c\n"


def findings(text: str) -> list[str]:
    try:
        build_graph(read_text(text, "net"))
    except RfcalcError as error:
        return [line for line in str(error).splitlines() if ": error: " in line]
    return []


@pytest.mark.parametrize(
    "text",
    [
        f"name: 网络：一，（二）×三\n{GOOD}",
        f"source: “quoted” – and so on　\n{GOOD}",
        f"{GOOD}# 注释：一，二\n",
        f"{GOOD}notes:\n  - text: 你好：世界\n    zh: |\n      全角：字符\n      （二）\n",
        f"{GOOD}notes:\n  - {{layer: c, text: 你好：世界}}\n",
    ],
)
def test_free_text_and_comments_hold_any_character(text: str) -> None:
    assert findings(text) == []
    # Also where something else is wrong.
    (only,) = findings(f"{text}check: []\nwrong: 1\n")
    assert "unknown key 'wrong'" in only


def test_another_mistake_beside_a_lookalike_is_kept() -> None:
    found = findings("input: 8x8x3\nlayers:\n  - conw f=3\n  - conv f＝3 d=4\n  - rellu\n")
    assert ["conw" in found[0], "'＝' (U+FF1D" in found[1], "rellu" in found[2]] == [True] * 3
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("input：8x8x3\nlayers:\n  - relu\n", "1:6"),
        ("input: 8x8x3\nlayers:\n  - repeat：3\n    do: [relu]\n", "3:11"),
        ("input: 8x8x3\nlayers: 【relu,\n  relu]\n", "2:9"),
        ("input: 8x8x3\nlayers:\n  – relu\n  - relu\n", "3:3"),
    ],
)
def test_what_yaml_makes_of_it_in_the_next_line_is_not_told(text: str, place: str) -> None:
    (only,) = findings(text)
    assert only.startswith(f"net:{place}: error: ")
    assert "stands where" in only


@pytest.mark.parametrize(
    ("wrong", "code", "meant"),
    [
        ("：", "U+FF1A", "':'"),
        ("，", "U+FF0C", "','"),
        ("＝", "U+FF1D", "'='"),
        ("（", "U+FF08", "'('"),
        ("）", "U+FF09", "')'"),
        ("\u3000", "U+3000", "a space"),
        ("\u00a0", "U+00A0", "a space"),
        ("“", "U+201C", "'\"'"),
        ("’", "U+2019", '"\'"'),
        ("－", "U+FF0D", "'-'"),
        ("−", "U+2212", "'-'"),
        ("＊", "U+FF0A", "'*'"),
        ("Ｘ", "U+FF38", "'X'"),
        ("７", "U+FF17", "'7'"),
        ("с", "U+0441", "'c'"),
    ],
)
@pytest.mark.parametrize("place", range(10))
def test_each_is_named_wherever_it_stands_in_a_line(wrong: str, code: str, meant: str, place: int) -> None:
    line = "conv f=3 d=4"
    (found,) = findings(
        f"input: 8x8x3\nlayers:\n  - {line[: place + 1]}{wrong}{line[place + 1 :]}\n  - relu\n"
    )
    assert found.startswith(f"net:3:{6 + place}: error: ")
    assert code in found and found.endswith(f"stands where {meant} is meant")


def test_the_sign_of_multiplication_is_an_x_in_sizes_and_a_star_in_counts() -> None:
    (size,) = findings("input: 8×8×3\nlayers:\n  - relu\n")
    assert size.endswith("stands where the letter 'x' is meant")
    (count,) = findings("input: 8x8x3\nlayers:\n  - conv f=3 d=2×cin\n")
    assert count.endswith("stands where '*' is meant")


def test_bare_layers_and_options_are_looked_at_too() -> None:
    with pytest.raises(RfcalcError, match=r"U\+FF1D.*\n.*\n.*\n.*write: conv f=3 d=4"):
        read_expression("conv f＝3 d=4")
    with pytest.raises(RfcalcError, match=r"U\+00D7"):
        build_graph(read_expression("relu"), input="8×8×3")
    with pytest.raises(RfcalcError, match=r"U\+FF13"):
        build_graph(read_expression("conv f=K d=4"), input="8x8x3", params={"K": "３"})


@pytest.mark.parametrize("line", ["conv f=3，p=1，d=8", "conv f＝3，p=1, d=8", "conv f=3 ， p=1 d=8"])
def test_the_line_that_is_proposed_on_the_command_line_can_be_read(line: str) -> None:
    with pytest.raises(RfcalcError) as raised:
        read_expression(line)
    proposed = str(raised.value).partition("write: ")[2].splitlines()[0]
    assert proposed == "conv f=3 p=1 d=8"
    assert read_expression(proposed)


@pytest.mark.parametrize(
    "line", ["repeat: 2×3", "{repeat: 2×3, do: [relu]}", "{when: 2 > 1×3, branch: [relu]}"]
)
def test_the_sign_of_multiplication_is_a_star_where_a_count_follows_a_blank(line: str) -> None:
    (found, *_) = findings(
        f"input: 8x8x3\nlayers:\n  - {line}\n    do: [relu]\n".replace("}\n    do: [relu]", "}")
    )
    assert found.endswith("stands where '*' is meant")


@pytest.mark.parametrize(
    "line",
    [
        lambda count: "conv f＝3" + " " * count + "d=4",
        lambda count: "conv f=3 d=" + "×" * count,
        lambda count: "{repeat: " + "2×" * count + "2, do: [relu]}",
        lambda count: "conv f=3×3" + ")" + " " * count + "z",
        lambda count: "nn.Conv2d(3)" + " " * count + "z",
        lambda count: "nn.Conv2d(3)" + ") " * count + "z",
    ],
)
def test_a_long_line_is_answered_in_the_time_of_reading_it(line: Callable[[int], str]) -> None:
    # It takes ten seconds to hours where the square of its length is taken.
    assert findings(f"input: 8x8x3\nlayers:\n  - {line(100_000)}\n")
