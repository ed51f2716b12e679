"""Running rules over one network."""

from __future__ import annotations

from collections.abc import Iterable

from rfcalc.lint.finding import Finding
from rfcalc.lint.registry import find_rule
from rfcalc.lint.rule import Subject, as_finding


def applying(subject: Subject, codes: Iterable[str]) -> tuple[str, ...]:
    """Those of some rules that can judge a subject, by code."""
    return tuple(code for code in sorted(codes) if find_rule(code).applies(subject))


def run_rules(subject: Subject, codes: Iterable[str]) -> tuple[Finding, ...]:
    """What the rules of these codes find in a network, in the order of the text, each finding once."""
    found: dict[tuple[object, ...], Finding] = {}
    for code in codes:
        rule = find_rule(code)
        for report in rule.find(subject):
            finding = as_finding(rule, report, subject)
            # A line that is built many times is one place to mend.
            found.setdefault((finding.code, finding.position, finding.message), finding)
    return tuple(sorted(found.values(), key=place))


def place(finding: Finding) -> tuple[str, int, int, str]:
    """The order of findings: by file, line, column and code."""
    position = finding.position
    if position is None:
        return "", 0, 0, finding.code
    return position.source.name, position.line, position.column, finding.code
