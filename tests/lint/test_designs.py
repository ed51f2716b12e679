"""How precise the check is on designs that their field holds up as good, by verdicts of readers.

`python benchmarks/designs.py` prints the rates; tests/data/designs/README.md says how a finding is judged.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache

import designs
import pytest

from rfcalc.library import load, shipped_names
from rfcalc.lint.registry import MODULE_OF, find_rule
from rfcalc.spec.formatter import format_text

LEAST = Fraction(9, 10)
HELD_OUT = 10
# Fewer verdicts say little about a rule.
FEWEST = 5
# Nothing is published of its figures that a description can promise.
WITHOUT_FIGURES = {"sincnet"}

WRITTEN = [name for name, found_by in designs.designs().items() if found_by != name]


@cache
def found() -> tuple[designs.Remark, ...]:
    return tuple(designs.all_remarks())


def test_the_corpus_is_large_and_ten_of_it_are_held_out() -> None:
    names = list(designs.designs())
    assert len(names) == len(set(names))
    assert len(names) - HELD_OUT >= 45
    assert sum(name.startswith(designs.HELD_OUT) for name in names) == HELD_OUT


def test_a_shipped_network_is_named_and_not_copied() -> None:
    assert {name.removeprefix(designs.HELD_OUT) for name in WRITTEN} & set(shipped_names()) == set()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_design_is_in_canonical_form_names_its_source_and_keeps_its_promises(name: str) -> None:
    network = load(designs.designs()[name]).network
    text = (designs.FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert format_text(network) == text
    assert "\nsource: " in text
    assert network.checks or name in WITHOUT_FIGURES
    assert [each for each in found() if each.design == name and each.code.startswith("RF3")] == []


def test_every_verdict_is_one_of_three_and_has_a_reason() -> None:
    for remark, judgement in designs.judgements():
        assert judgement.verdict in designs.VERDICTS, remark
        assert len(judgement.reason.split()) >= 4, remark


def test_the_judgements_are_in_order_and_each_finding_has_one() -> None:
    remarks = [remark for remark, _ in designs.judgements()]
    assert remarks == sorted(set(remarks))


def test_every_finding_is_judged() -> None:
    assert set(found()) - {remark for remark, _ in designs.judgements()} == set()


def test_every_judgement_is_about_something_that_is_found() -> None:
    assert {remark for remark, _ in designs.judgements()} - set(found()) == set()


def test_a_rule_earns_its_default() -> None:
    verdicts: dict[str, Counter[str]] = {}
    for remark, judgement in designs.judgements():
        verdicts.setdefault(remark.code, Counter())[judgement.verdict] += 1
    useless = {
        code
        for code, given in verdicts.items()
        if given.total() >= FEWEST and given["useful"] * 2 < given.total()
    }
    assert useless == {code for code in MODULE_OF if find_rule(code).asked}


@pytest.mark.parametrize("part", designs.PARTS)
def test_nine_of_ten_warnings_would_be_accepted_in_a_review(part: str) -> None:
    judged = dict(designs.judgements())
    pairs = [(remark, judged.get(remark, designs.UNJUDGED)) for remark in found()]
    verdicts = designs.warnings_by_verdict(pairs, designs.PARTS[part])
    share = designs.rate(verdicts)
    assert share is None or share >= LEAST, verdicts
