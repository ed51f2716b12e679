"""What a check found as markdown: a table for a comment on a pull request, and the summary of a step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rfcalc.render.characters import transliterate
from rfcalc.report.findings.presentation import (
    every_shown,
    gravest_first,
    one_line,
    place_text,
    printable_lines,
    related_lines,
    rule_counts,
    summary,
)
from rfcalc.report.findings.repository import repository_path

if TYPE_CHECKING:
    from rfcalc.lint.outcome import Outcome
    from rfcalc.render.finding_formats import Layout
    from rfcalc.report.findings.presentation import Shown
    from rfcalc.report.findings.repository import Checkout

# A comment on GitHub holds 65,536 characters, the summary of a step 1 MiB; what does not fit is counted.
_LONGEST_COMMENT = 60_000
_LONGEST_SUMMARY = 1_000_000
# So many of what could not be checked are told one by one.
_MOST_PROBLEMS = 20
# The signs that mean something to markdown or its tables within a line, and those of HTML.
_SIGNS = re.compile(r"[\\`*_\[\]|~$]")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What a host makes a link of: a person who would be told, an issue (#12, GH-12), a merge request, a site, a
# commit by seven or more digits of its name; and what it makes a picture of: `:tada:`, `:100:`, `:1234:`.
_LINKS = re.compile(
    r"@|[#!](?=\d)|(?<=:)//|www(?=\.)|GH(?=-\d)|[0-9a-f]{6}(?=[0-9a-f])"
    r"|:(?=(?:\d*[a-z_+\\-][a-z0-9_+\\-]*|100|1234):)",
    re.IGNORECASE,
)


def render_markdown(outcome: Outcome, layout: Layout) -> str:
    """The summary and a table of the findings, the gravest first, within what a comment holds."""
    text = _document(outcome, _LONGEST_COMMENT, layout.statistics, layout.checkout)
    return transliterate(text, layout.encoding)


def render_step_summary(outcome: Outcome, layout: Layout) -> str:
    """The same under a heading and with statistics, within what the summary of a step holds, as UTF-8."""
    text = _document(outcome, _LONGEST_SUMMARY, True, layout.checkout)
    return transliterate(f"## rfcalc check\n\n{text}", "utf-8")


def _document(outcome: Outcome, longest: int, counted: bool, checkout: Checkout) -> str:
    parts = [f"**{escaped(summary(outcome))}**\n"]
    if outcome.problems:
        told = "".join(f"- {escaped(one_line(problem))}\n" for problem in outcome.problems[:_MOST_PROBLEMS])
        more = len(outcome.problems) - _MOST_PROBLEMS
        parts.append(f"Not checked:\n\n{told}" + (f"- and {more:,} more\n" if more > 0 else ""))
        longest -= len(parts[-1].encode("utf-8", "replace"))
    shown = gravest_first(every_shown(outcome))
    if shown:
        statistics_part = "".join(f"{line}\n" for line in _statistics(outcome)) if counted else ""
        rows, left = _rows(shown, longest - len(statistics_part.encode()) - 500, checkout)
        parts.append("| Severity | Rule | Where | Finding |\n|---|---|---|---|\n" + "".join(rows))
        if left:
            parts.append(f"{left:,} more do not fit here.\n")
        if counted:
            parts.append(statistics_part)
    return "\n".join(parts)


def _rows(shown: list[Shown], longest: int, checkout: Checkout) -> tuple[list[str], int]:
    """The rows that fit into so many bytes, and how many findings are left out."""
    rows: list[str] = []
    for number, each in enumerate(shown):
        row = _row(each, checkout)
        longest -= len(row.encode("utf-8", "replace"))
        if longest < 0:
            return rows, len(shown) - number
        rows.append(row)
    return rows, 0


def _row(shown: Shown, checkout: Checkout) -> str:
    finding = shown.finding
    lines = [*printable_lines(finding.message), *related_lines(finding, checkout)]
    cells = (
        finding.severity,
        f"{finding.code} {escaped(finding.rule)}",
        escaped(place_text(repository_path(shown.file, checkout), shown.line)),
        "<br>".join(map(escaped, lines)),
    )
    return f"| {' | '.join(cells)} |\n"


def _statistics(outcome: Outcome) -> Iterator[str]:
    yield "| Count | Rule |"
    yield "|---:|---|"
    for entry in rule_counts(outcome):
        yield f"| {entry.times} | {entry.code} {escaped(entry.rule)} |"


def escaped(text: str) -> str:
    """One line of plain text as markdown: no sign is markup, nobody is called, and nothing becomes a link."""
    text = "".join(_REFERENCES.get(character, character) for character in text)
    text = _SIGNS.sub(r"\\\g<0>", text)
    # A comment ends what a host looks for, and nobody sees it.
    return _LINKS.sub(r"\g<0><!-- -->", text)
