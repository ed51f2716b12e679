"""What a check found as markdown: a table for a comment on a pull request, and the summary of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.characters import written
from rfcalc.report.findings.presentation import (
    gravest_first,
    one_line,
    place_text,
    printable_lines,
    related_lines,
    rule_counts,
    summary,
)
from rfcalc.report.findings.repository import from_root

if TYPE_CHECKING:
    from rfcalc.lint.finding import Finding
    from rfcalc.lint.outcome import Outcome
    from rfcalc.render.layout import Layout

# A comment on GitHub holds 65,536 characters, the summary of a step 1 MiB; what does not fit is counted.
_LONGEST_COMMENT = 60_000
_LONGEST_SUMMARY = 1_000_000
# So many of what could not be checked are listed one by one.
_MOST_PROBLEMS = 20


def render_markdown(outcome: Outcome, layout: Layout) -> str:
    """The summary and a table of the findings, the gravest first, within what a comment holds."""
    return _document(outcome, _LONGEST_COMMENT, layout)


def render_step_summary(outcome: Outcome, layout: Layout) -> str:
    """The same under a heading and with statistics, within what the summary of a step holds, as UTF-8."""
    outcome = from_root(outcome, layout.checkout)
    text = _document(outcome, _LONGEST_SUMMARY, layout._replace(statistics=True, encoding="utf-8"))
    return f"## rfcalc check\n\n{text}"


def _document(outcome: Outcome, longest: int, layout: Layout) -> str:
    parts = [f"**{written(summary(outcome), 'github', layout.encoding)}**\n"]
    if outcome.problems:
        told = "".join(
            f"- {written(one_line(problem), 'github', layout.encoding)}\n"
            for problem in outcome.problems[:_MOST_PROBLEMS]
        )
        more = len(outcome.problems) - _MOST_PROBLEMS
        parts.append(f"Not checked:\n\n{told}" + (f"- and {more:,} more\n" if more > 0 else ""))
        longest -= len(parts[-1].encode())
    found = gravest_first(outcome.findings())
    if found:
        statistics_part = ""
        if layout.statistics:
            counts = (
                f"| {times} | {written(f'{code} {rule}', 'github')} |\n"
                for code, rule, times in rule_counts(outcome)
            )
            statistics_part = "| Count | Rule |\n|---:|---|\n" + "".join(counts)
        rows, left = _rows(found, longest - len(statistics_part.encode()) - 500, layout)
        parts.append("| Severity | Rule | Where | Finding |\n|---|---|---|---|\n" + "".join(rows))
        if left:
            parts.append(f"{left:,} more do not fit here.\n")
        if statistics_part:
            parts.append(statistics_part)
    return "\n".join(parts)


def _rows(found: list[Finding], longest: int, layout: Layout) -> tuple[list[str], int]:
    """The rows that fit into so many bytes, and how many findings are left out."""
    rows: list[str] = []
    for number, each in enumerate(found):
        row = _row(each, layout)
        longest -= len(row.encode())
        if longest < 0:
            return rows, len(found) - number
        rows.append(row)
    return rows, 0


def _row(finding: Finding, layout: Layout) -> str:
    place = place_text(finding, columns=False)
    lines = [*printable_lines(finding.message), *related_lines(finding)]
    cells = (
        finding.severity,
        written(f"{finding.code} {finding.rule}", "github", layout.encoding),
        written(place, "github", layout.encoding),
        "<br>".join(written(line, "github", layout.encoding) for line in lines),
    )
    return f"| {' | '.join(cells)} |\n"
