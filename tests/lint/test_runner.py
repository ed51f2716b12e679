"""Running rules: what the runner makes of what their functions report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rfcalc.library import analyze, read_text
from rfcalc.lint.checking import run_rules
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
