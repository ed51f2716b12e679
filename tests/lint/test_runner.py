"""Running rules: what the runner makes of what their functions report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rfcalc.library import analyze, read_text
from rfcalc.lint.checking import check_data, run_rules
from rfcalc.lint.outcome import Outcome
from rfcalc.lint.registry import find_rule
from rfcalc.lint.rule import Found, Subject

TEXT = "input: 8x8x4\nlayers:\n  - {repeat: 3, do: [conv f=1 d=4]}\n  - relu\n"


def found(monkeypatch: pytest.MonkeyPatch, *messages: str) -> list[tuple[int | None, str]]:
    """The lines and messages that are left of a rule that says these of the layers in turn."""

    def find(subject: Subject) -> Iterator[Found]:
        for (index, _), message in zip(subject.layers(), messages, strict=True):
            yield Found(message, index)

    rule = find_rule("RF401")._replace(find=find)
    monkeypatch.setattr("rfcalc.lint.checking.find_rule", lambda code: rule)
    description = read_text(TEXT, "net.yaml")
    subject = Subject(description.network, analyze(description))
    return [(one.position and one.position.line, one.message) for one in run_rules(subject, ["RF401"])]


def test_what_differs_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, "a", "b", "c", "a") == [(3, "a"), (3, "b"), (3, "c"), (4, "a")]


def test_the_same_of_a_line_that_is_built_many_times_is_one_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, "a", "a", "a", "a") == [(3, "a"), (4, "a")]


def test_a_rule_that_fails_is_a_finding_and_costs_no_other_rule_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(subject: Subject) -> Iterator[Found]:
        yield Found("before it failed", 1)
        raise ZeroDivisionError("of a size")

    broken = find_rule("RF401")._replace(find=fail)
    monkeypatch.setattr(
        "rfcalc.lint.checking.find_rule", lambda code: broken if code == "RF401" else find_rule(code)
    )
    text = b"input: 8x8x4\nlayers:\n  - conv f=3 p=1 d=4\n  - bn\n"
    checked = check_data(text, "net.yaml", ["RF401", "RF501"])
    assert [(one.code, one.severity) for one in checked.findings] == [
        ("RF909", "error"),
        ("RF401", "info"),
        ("RF501", "warning"),
    ]
    failed = checked.findings[0]
    assert failed.message == (
        "the rule RF401 failed on this network (ZeroDivisionError: of a size): what it would have found is "
        "not known"
    )
    assert "--ignore RF401" in failed.hint
    assert Outcome((checked,), (), "error").fails
