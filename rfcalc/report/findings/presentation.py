"""Findings as every format shows them: the place of each, the counts, and the sentence at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rfcalc.errors import counted, printable
from rfcalc.lint.finding import SEVERITIES, Finding, Severity
from rfcalc.lint.outcome import Outcome

_PLURAL: dict[Severity, str] = {"error": "errors", "warning": "warnings", "info": "info"}


def rule_counts(outcome: Outcome) -> list[tuple[str, str, int]]:
    """The code and the name of each rule that fired and how often, the most frequent first, then by code."""
    counts = Counter((finding.code, finding.rule) for finding in outcome.findings())
    return [(*rule, times) for rule, times in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]


def summary(outcome: Outcome) -> str:
    """One line about a run: `3 findings (1 error, 2 warnings) in 2 of 14 descriptions; 1 ignored`."""
    total = sum(1 for _ in outcome.findings())
    silenced = sum(checked.silenced for checked in outcome.checked)
    rest = f"; {silenced:,} ignored" if silenced else ""
    if outcome.hidden:
        rest += f"; {outcome.hidden:,} not shown (--show info)"
    if outcome.problems and not outcome.checked and not total:
        return f"nothing could be checked ({counted(len(outcome.problems), 'problem')})"
    if outcome.problems:
        rest += f"; not everything could be checked ({counted(len(outcome.problems), 'problem')})"
    if not total:
        shown = " shown" if outcome.hidden else ""
        return f"no findings{shown} in {counted(len(outcome.checked), 'description')}{rest}"
    counts = ((severity, outcome.count(severity)) for severity in SEVERITIES)
    told = (f"{n:,} {severity if n == 1 else _PLURAL[severity]}" for severity, n in counts if n)
    parts = [f"{counted(total, 'finding')} ({', '.join(told)})"]
    bad = sum(bool(checked.findings) for checked in outcome.checked)
    if bad:
        of = "" if bad == len(outcome.checked) else f"{bad:,} of "
        parts.append(f"in {of}{counted(len(outcome.checked), 'description')}")
    if outcome.further:
        parts.append("and elsewhere" if bad else "outside the descriptions")
    tolerated = "" if outcome.fails else f"; none is as grave as --fail-on {outcome.fail_on}"
    return " ".join(parts) + rest + tolerated


def printable_lines(text: str) -> tuple[str, ...]:
    """The lines of a text without characters that command a terminal or that XML forbids."""
    return tuple(map(printable, text.splitlines()))


def one_line(text: str) -> str:
    """The text on one line, whatever it holds."""
    return " ".join(printable_lines(text))


def place_text(finding: Finding, columns: bool = True) -> str:
    """The place of a finding as `file:line:column`, or with its name in a file that is no text.

    It is the file alone for a finding about all of one, and "" for one about none.
    """
    if finding.position is None:
        return printable(finding.file)
    return finding.position.called(columns=columns)


def placed_message(finding: Finding) -> str:
    """The message with the place before it that no line and column of a format can say."""
    return ": ".join(filter(None, (finding.place, finding.message)))


def related_lines(finding: Finding) -> Iterator[str]:
    """The other places of a finding, and its hint, each on a line."""
    for other in finding.related:
        yield f"note: {other.position}: {one_line(other.message)}"
    if finding.hint:
        yield f"help: {one_line(finding.hint)}"


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by severity; those of one severity stay in order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
