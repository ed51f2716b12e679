"""What a check found as workflow commands of GitHub Actions, which annotate the files of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rfcalc.errors import counted
from rfcalc.render.characters import legible
from rfcalc.render.findings_text import statistics_lines
from rfcalc.report.findings.presentation import (
    gravest_first,
    one_line,
    place_text,
    placed_message,
    printable_lines,
    related_lines,
    summary,
)

if TYPE_CHECKING:
    from rfcalc.lint.finding import Finding, Severity
    from rfcalc.lint.outcome import Outcome
    from rfcalc.render.layout import Layout

# GitHub shows ten annotations of each kind for a step, and drops the others without a word.
MOST_OF_A_KIND = 10
# Findings of one budget that its annotation names one by one.
_MOST_NAMED = 10
_KINDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def render_annotations(outcome: Outcome, layout: Layout) -> str:
    """One command on a line for each finding or budget, the gravest first; the summary at the end.

    What could not be checked comes before everything else.
    """
    lines: list[str] = []
    left: dict[str, int] = {}
    for kind, command in _annotations(outcome, layout):
        met = left[kind] = left.get(kind, 0) + 1
        if met <= MOST_OF_A_KIND:
            lines.append(command)
    over = {kind: met - MOST_OF_A_KIND for kind, met in left.items() if met > MOST_OF_A_KIND}
    if over:
        counts = " and ".join(counted(count, f"more {kind}") for kind, count in over.items())
        verb = "is" if list(over.values()) == [1] else "are"
        lines.append(
            f"{counts} {verb} listed in the summary of this step; GitHub shows {MOST_OF_A_KIND} of each kind"
        )
    if layout.statistics:
        lines += statistics_lines(outcome)
    return "\n".join([*lines, summary(outcome)]) + "\n"


def _annotations(outcome: Outcome, layout: Layout) -> Iterator[tuple[str, str]]:
    """The kind and the command of every annotation: one for each budget, and for each other finding."""
    for problem in outcome.problems:
        yield "error", f"::error title=rfcalc check::{_data([problem], layout.encoding)}"
    groups: dict[object, list[Finding]] = {}
    for number, each in enumerate(gravest_first(outcome.findings())):
        groups.setdefault(_budget(each) or number, []).append(each)
    for first, *others in groups.values():
        kind = _KINDS[first.severity]
        yield kind, _command(kind, first, others, layout)


def _budget(finding: Finding) -> object:
    """What findings of one budget have in common; None for a finding of none.

    A finding points to another text only where that states the budget.
    """
    if not finding.promise:
        return None
    for other in finding.related:
        place = other.position
        if place.source.name != finding.file:
            return finding.code, finding.promise, place.source.name, place.line, place.column
    return None


def _command(kind: str, finding: Finding, others: list[Finding], layout: Layout) -> str:
    lines = [*printable_lines(placed_message(finding)), *related_lines(finding)]
    if others:
        lines.append(f"{len(others):,} more of the same budget:")
        lines += (
            f"{place_text(other, columns=False)}: {one_line(other.message)}" for other in others[:_MOST_NAMED]
        )
        if len(others) > _MOST_NAMED:
            lines.append(f"and {len(others) - _MOST_NAMED:,} more")
    properties = {"title": f"{finding.code} {finding.rule}"}
    if finding.file:
        place = {"file": finding.file}
        if finding.line or not finding.position:
            place["line"] = str(finding.line or 1)
        if finding.column is not None:
            place |= {"col": str(finding.column), "endColumn": str(finding.end)}
        properties = place | properties
    escaped = {name: _data([value], layout.encoding) for name, value in properties.items()}
    written = ",".join(
        f"{name}={value.replace(':', '%3A').replace(',', '%2C')}" for name, value in escaped.items()
    )
    return f"::{kind} {written}::{_data(lines, layout.encoding)}"


def _data(lines: Iterable[str], encoding: str) -> str:
    """A message as the runner reads it back (actions/toolkit, core/src/command.ts)."""
    return "%0A".join(legible(line, encoding).replace("%", "%25") for line in lines)
