"""What a check found as JUnit XML, the test report that nearly every CI system shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rfcalc.render.escapes import html
from rfcalc.report.findings.presentation import (
    one_line,
    place_text,
    printable_lines,
    related_lines,
    summary,
)

if TYPE_CHECKING:
    from rfcalc.lint.finding import Finding
    from rfcalc.lint.outcome import Outcome
    from rfcalc.render.layout import Layout

_SUITE = "rfcalc check"


def render_junit(outcome: Outcome, layout: Layout) -> str:
    """One test case for each description without findings, else one for each rule that fires in it.

    A case fails where a finding is grave enough to make the check fail; findings below that are the
    output of a case that passes.  What could not be checked is a case with an error.  The text is ASCII;
    other characters are references.
    """
    groups = [(checked.source.name, checked.findings) for checked in outcome.checked]
    groups += [("configuration", outcome.further)] if outcome.further else []
    cases = [case for path, found in groups for case in _cases(path, found, outcome)]
    failures = sum(failed for failed, _ in cases)
    errors = [_error(problem) for problem in outcome.problems]
    tests = len(cases) + len(errors)
    counts = f'tests="{tests}" failures="{failures}" errors="{len(errors)}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="{_SUITE}" {counts}>',
        f'  <testsuite name="{_SUITE}" {counts} skipped="0">',
        *(text for _, text in cases),
        *errors,
        f"    <system-out>{html(summary(outcome))}</system-out>",
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines).encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n"


def _error(problem: str) -> str:
    """The case of what could not be checked."""
    attributes = _attributes(classname=_SUITE, name=problem)
    error = _attributes(type="error", message=problem)
    return f"    <testcase {attributes}>\n      <error {error}/>\n    </testcase>"


def _cases(path: str, findings: Iterable[Finding], outcome: Outcome) -> Iterator[tuple[bool, str]]:
    """The cases of a description, each with whether it fails."""
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault((finding.code, finding.rule), []).append(finding)
    if not by_rule:
        yield False, f"    <testcase {_attributes(classname=path, name='check', file=path)}/>"
    for (code, rule), group in by_rule.items():
        first = group[0]
        numbered = {} if first.position and not first.line else {"line": str(first.line or 1)}
        attributes = _attributes(classname=path, name=f"{code} {rule}", file=first.file or path, **numbered)
        grave = [finding for finding in group if outcome.is_grave(finding)]
        mild = [finding for finding in group if not outcome.is_grave(finding)]
        parts = []
        if grave:
            message = one_line(grave[0].message)
            if len(grave) > 1:
                message = f"{len(grave)} findings, the first: {message}"
            kind = _attributes(type=grave[0].severity, message=message)
            parts.append(f"      <failure {kind}>{html(_text(grave))}</failure>")
        if mild:
            parts.append(f"      <system-out>{html(_text(mild))}</system-out>")
        yield bool(grave), "\n".join([f"    <testcase {attributes}>", *parts, "    </testcase>"])


def _text(findings: Iterable[Finding]) -> str:
    """The findings one after the other, as a report shows them below a case."""
    paragraphs = []
    for finding in findings:
        place = place_text(finding)
        message = "\n  ".join(printable_lines(finding.message))
        start = f"{place}: " if place else ""
        paragraphs.append("\n".join([f"{start}{finding.severity}: {message}", *related_lines(finding)]))
    return "\n\n".join(paragraphs)


def _attributes(**values: str) -> str:
    return " ".join(f'{name}="{html(one_line(value))}"' for name, value in values.items())
