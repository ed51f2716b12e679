"""What is said of wrong rows in model files of Ultralytics, word for word."""

from __future__ import annotations

import pytest
from wrong_rows import NAMES, expectation, messages


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_row_is_told_where_it_stands(name: str) -> None:
    assert messages(name) == expectation(name).read_text("utf-8").rstrip("\n")


def test_many_mistakes_are_among_them() -> None:
    assert len(NAMES) >= 40
