"""Arithmetic and equality of a number with a list per axis, through what a description makes of it."""

from __future__ import annotations

import pytest

from rfcalc.description import build_graph
from rfcalc.errors import DescriptionError
from rfcalc.library import read_text


def kernel(given: str, expression: str, other: str = "1") -> object:
    """The kernel that an expression of a block's parameters f and g makes of what the call gives."""
    size = "x".join(["32"] * (given.count("x") + 1))
    text = (
        f"input: {size}x1\nblocks:\n  unit(f, g): [conv f={expression} d=1]\n"
        f"layers:\n  - unit f={given} g={other}\n"
    )
    return build_graph(read_text(text)).layers[0].arguments["kernel"]


def is_three(given: str, condition: str) -> bool:
    text = (
        "input: 32x32x32x1\nblocks:\n"
        f"  unit(f): [{{when: {condition}, do: [conv f=1 d=1], else: [relu]}}]\nlayers:\n  - unit f={given}\n"
    )
    return build_graph(read_text(text)).layers[0].op == "conv"


@pytest.mark.parametrize(
    ("given", "expression", "expected"),
    [
        ("3", "2*f", (6,)),
        ("1x3", "2*f", (2, 6)),
        ("1x3x5", "2*f", (2, 6, 10)),
        ("1x3x5", "f+1", (2, 4, 6)),
        ("1x3x5", "7-f", (6, 4, 2)),
    ],
)
def test_a_number_takes_part_in_every_entry(given: str, expression: str, expected: tuple[int, ...]) -> None:
    assert kernel(given, expression) == expected


def test_lists_are_added_entry_by_entry() -> None:
    assert kernel("1x3x5", "f+g", "2x1x0") == (3, 4, 5)


def test_lists_of_different_lengths_are_not_added() -> None:
    with pytest.raises(DescriptionError, match="1x3x5 and 1x3 have different numbers of entries"):
        kernel("1x3x5", "f+g", "1x3")


@pytest.mark.parametrize(
    ("given", "equal"), [("3x3x3", True), ("3", True), ("3x3x5", False), ("5x3x3", False), ("3x5x3", False)]
)
def test_a_list_equals_a_number_when_every_entry_does(given: str, equal: bool) -> None:
    assert is_three(given, "f == 3") is equal
    assert is_three(given, "3 == f") is equal
    assert is_three(given, "f != 3") is not equal
