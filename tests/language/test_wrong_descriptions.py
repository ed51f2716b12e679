"""Every kind of mistake: what is said of it, in full."""

from __future__ import annotations

import pytest
from wrong_descriptions import NAMES, expectation, findings, text_of

from rfcalc.library import shipped_names, shipped_text


@pytest.mark.parametrize("name", shipped_names())
def test_nothing_is_found_in_a_shipped_network(name: str) -> None:
    assert findings(shipped_text(name), name) == ""


@pytest.mark.parametrize("name", NAMES)
def test_the_findings_are_those_on_file(name: str) -> None:
    assert findings(text_of(name), f"{name}.yaml") + "\n" == expectation(name).read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_findings_stand_in_the_order_of_the_text(name: str) -> None:
    heads = [line.split(":") for line in findings(text_of(name), "net").splitlines() if ": error: " in line]
    places = [(int(line), int(column)) for source, line, column, *_ in heads if source == "net"]
    assert places == sorted(places)


def test_the_corpus_has_a_case_for_every_part_of_the_language() -> None:
    kinds = {name.partition("-")[0] for name in NAMES}
    assert kinds >= {"yaml", "key", "line", "expression", "block", "repeat", "each", "when", "let", "join"}
    assert kinds >= {"name", "input", "promise", "weights", "size", "symbols", "notes", "outputs", "several"}
    assert len(NAMES) >= 75


def test_a_file_and_its_expectation_belong_together() -> None:
    folder = expectation("x").parent
    assert {path.stem for path in folder.glob("*.expected")} == set(NAMES)
