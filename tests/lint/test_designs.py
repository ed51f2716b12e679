"""How precise the check is on designs that their field holds up as good, by verdicts of readers.

`python benchmarks/designs.py` prints the rates; tests/data/designs/README.md says how a finding is judged.
"""

from __future__ import annotations

from functools import cache

import designs
import pytest

from rfcalc.library import load
from rfcalc.spec.formatter import format_text

HELD_OUT = 10
# Nothing is published of its figures that a description can promise.
WITHOUT_FIGURES = {"sincnet"}


WRITTEN = [name for name, found_by in designs.designs().items() if found_by != name]


@cache
def found() -> tuple[designs.Key, ...]:
    return tuple(key for key, _ in designs.all_findings())


def test_the_corpus_is_large_and_ten_of_it_are_held_out() -> None:
    names = list(designs.designs())
    assert len(names) == len(set(names))
    assert len(names) - HELD_OUT >= 45
    assert sum(name.startswith(designs.HELD_OUT) for name in names) == HELD_OUT


def test_a_shipped_network_is_named_and_not_copied() -> None:
    names = [name.removeprefix(designs.HELD_OUT) for name in designs.designs()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_design_is_in_canonical_form_names_its_source_and_keeps_its_promises(name: str) -> None:
    network = load(designs.designs()[name]).network
    text = (designs.FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert format_text(network) == text
    assert "\nsource: " in text
    assert network.checks or name in WITHOUT_FIGURES
    assert [key for key in found() if key.design == name and key.code.startswith("RF3")] == []
