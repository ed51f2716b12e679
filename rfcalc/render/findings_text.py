"""What a check found as text for people: with source lines and carets, or one line for each finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rfcalc.errors import Diagnostic, Related
from rfcalc.render.characters import transliterate
from rfcalc.report.findings.presentation import (
    one_line,
    place_text,
    printable_lines,
    rule_counts,
    summary,
)

if TYPE_CHECKING:
    from rfcalc.lint.finding import Finding, Severity
    from rfcalc.lint.outcome import Outcome
    from rfcalc.render.layout import Layout

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"
_COLOURS: dict[Severity, str] = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;36m"}


def render_full(outcome: Outcome, layout: Layout) -> str:
    """Every finding with its source line, a caret, related places and help; the summary at the end."""
    paragraphs = [
        _painted(_full(finding, layout), finding) if layout.colour else _full(finding, layout)
        for finding in outcome.findings()
    ]
    codes = list(dict.fromkeys(finding.code for finding in outcome.findings()))
    if layout.statistics and codes:
        paragraphs.append("\n".join(statistics_lines(outcome)))
    pointer = f"`rfcalc rule {codes[0]}` explains a rule\n" if codes else ""
    return transliterate("\n\n".join([*paragraphs, pointer + summary(outcome)]), layout.encoding) + "\n"


def render_concise(outcome: Outcome, layout: Layout) -> str:
    """One line for each finding, `file:line:column: CODE severity message`; the summary at the end."""
    lines = [_concise(finding) for finding in outcome.findings()]
    if layout.statistics:
        lines += statistics_lines(outcome)
    return transliterate("\n".join([*lines, summary(outcome)]), layout.encoding) + "\n"


def statistics_lines(outcome: Outcome) -> Iterator[str]:
    """How often each rule fired, one rule on a line."""
    counts = rule_counts(outcome)
    width = max((len(str(entry.times)) for entry in counts), default=0)
    for entry in counts:
        yield f"{entry.times:>{width}}  {entry.code}  {entry.rule}"


def _concise(finding: Finding) -> str:
    place = place_text(finding.file, finding.line or 1, finding.column or 1)
    text = f"{finding.code} {finding.severity} {one_line(finding.message)}"
    return f"{place}: {text}" if place else text


def _full(finding: Finding, layout: Layout) -> str:
    text = Diagnostic(
        # A message of several lines stands apart from the source line below it.
        "\n  ".join(printable_lines(finding.message)),
        finding.position,
        related=tuple(Related(one_line(other.message), other.position) for other in finding.related),
        hint=one_line(finding.hint),
    ).laid_out(layout.width, _label(finding), lambda part: transliterate(part, layout.encoding))
    if finding.position is None and finding.file:
        return f"{place_text(finding.file, None)}: {text}"
    return text


def _label(finding: Finding) -> str:
    return f"{finding.severity}[{finding.code}]"


def _painted(text: str, finding: Finding) -> str:
    """The text of a finding with its place in bold, and its severity and its first carets in colour."""
    colour = _COLOURS[finding.severity]
    place = place_text(finding.file, finding.line, finding.column)
    label = _label(finding)
    lines = text.split("\n")
    start = f"{place}: {label}" if place else label
    bold = f"{_BOLD}{place}{_PLAIN}: " if place else ""
    lines[0] = f"{bold}{colour}{label}{_PLAIN}{lines[0][len(start) :]}"
    if finding.position:
        carets = len(printable_lines(finding.message)) + 1
        before, bar, marks = lines[carets].partition("|")
        lines[carets] = f"{before}{bar}{colour}{marks}{_PLAIN}"
    return "\n".join(lines)
