"""Running rules: what the runner makes of what their functions report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from effort import lines_run

from rfcalc.library import analyze, read_text
from rfcalc.lint.checking import MOST_PLACES, check_data, run_rules
from rfcalc.lint.finding import Finding
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


# Three lines, each of which makes layers whose bias is cancelled; `@` marks the ends of the lines.
PLACES = """input: 8x8x4
blocks:
  unit(d): [conv f=3 p=1 d=d, bn, relu] @
layers:
  - conv f=1 d=8 as first @
  - bn
  - unit d=16
  - unit d=16
  - conv f=1 d=32 as last @
  - bn
"""
IGNORE = "# rfcalc: ignore[RF501] as published"


@pytest.mark.parametrize(
    ("ignored", "lines", "params"),
    [
        ((), [5, 3, 9], 72),
        ((0,), [5, 9], 40),
        ((1,), [3, 9], 64),
        ((2,), [5, 3], 40),
        ((1, 2), [3], 32),
        ((0, 2), [5], 8),
        ((0, 1, 2), [], 0),
    ],
)
def test_a_rule_that_speaks_once_says_what_ignores_have_left(
    ignored: tuple[int, ...], lines: list[int], params: int
) -> None:
    head, *ends = PLACES.split("@")
    marks = (IGNORE if number in ignored else "" for number in range(len(ends)))
    text = head + "".join(mark + end for mark, end in zip(marks, ends, strict=True))
    checked = check_data(text.encode(), "net.yaml", ["RF501", "RF901"])
    assert checked.silenced == len(ignored)
    assert len(checked.findings) == (1 if lines else 0)
    for finding in checked.findings:
        assert finding.position is not None
        cancelled = [other for other in finding.related if "cancelled" in other.message]
        assert [finding.position.line, *(other.position.line for other in cancelled)] == lines
        assert finding.figures["params"] == params
        assert f"{params} parameters without effect" in finding.message


def test_an_ignore_of_a_place_that_is_not_among_those_of_the_finding_is_told() -> None:
    text = PLACES.replace("@", "").replace("- bn\n  - unit", f"- bn  {IGNORE}\n  - unit", 1)
    found = check_data(text.encode(), "net.yaml", ["RF501", "RF901"]).findings
    assert [(one.code, one.position and one.position.line) for one in found] == [("RF501", 5), ("RF901", 6)]


def test_of_very_many_places_the_rest_are_counted() -> None:
    lines = "  - conv f=1 d=4\n  - bn\n" * (MOST_PLACES + 30)
    (finding,) = check_data(f"input: 8x8x4\nlayers:\n{lines}".encode(), "net.yaml", ["RF501"]).findings
    assert finding.figures == {"params": 4 * (MOST_PLACES + 30), "layers": MOST_PLACES + 30}
    assert len(finding.related) == 1 + MOST_PLACES
    assert finding.related[-1].message.endswith("without effect; 29 more places are not listed")


def test_a_rule_that_cannot_say_what_its_places_come_to_leaves_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(found: Sequence[Finding]) -> Finding:
        raise KeyError("params")

    broken = find_rule("RF501")._replace(together=fail)
    monkeypatch.setattr(
        "rfcalc.lint.checking.find_rule", lambda code: broken if code == "RF501" else find_rule(code)
    )
    found = check_data(PLACES.replace("@", "").encode(), "net.yaml", ["RF501"]).findings
    assert [(one.code, one.position and one.position.line) for one in found] == [
        ("RF501", 3),
        ("RF909", 4),
        ("RF501", 5),
        ("RF501", 9),
    ]


@pytest.mark.slow
def test_the_cost_of_putting_together_is_linear_in_the_places() -> None:
    def cost(count: int) -> int:
        lines = f"  - conv f=1 d=4\n  - bn  {IGNORE}\n  - conv f=1 d=4  {IGNORE}\n  - bn\n" * count
        text = f"input: 8x8x4\nlayers:\n{lines}".encode()
        return lines_run(lambda: check_data(text, "net.yaml", ["RF201", "RF403", "RF501", "RF901"]))[1]

    assert cost(800) < 5.5 * cost(200)


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
