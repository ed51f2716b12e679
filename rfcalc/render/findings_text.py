"""What a check found as text for people: with source lines and carets, or one line for each finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rfcalc.errors import Diagnostic, Related, width_of
from rfcalc.render.characters import transliterate, wrapped
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
    paragraphs = [_full(finding, layout) for finding in outcome.findings()]
    codes = list(dict.fromkeys(finding.code for finding in outcome.findings()))
    if layout.statistics and codes:
        paragraphs.append("\n".join(statistics_lines(outcome)))
    end = [f"`rfcalc rule {codes[0]}` explains a rule"] if codes else []
    end += [_broken(summary(outcome), "", layout.width, indent=0)]
    return transliterate("\n\n".join([*paragraphs, "\n".join(end)]), layout.encoding) + "\n"


def render_concise(outcome: Outcome, layout: Layout) -> str:
    """One line for each finding, `file:line:column: CODE severity message`; the summary at the end."""
    lines = [_concise(finding) for finding in outcome.findings()]
    if layout.statistics:
        lines += statistics_lines(outcome)
    return transliterate("\n".join([*lines, summary(outcome)]), layout.encoding) + "\n"


def statistics_lines(outcome: Outcome) -> Iterator[str]:
    """How often each rule fired, one rule on a line."""
    counts = rule_counts(outcome)
    width = max((len(str(times)) for _, _, times in counts), default=0)
    for code, rule, times in counts:
        yield f"{times:>{width}}  {code}  {rule}"


def _concise(finding: Finding) -> str:
    # Editors look for numbers behind every name of a file.
    place = place_text(finding) + (":1:1" if finding.file and not finding.position else "")
    text = f"{finding.code} {finding.severity} {one_line(finding.message)}"
    return f"{place}: {text}" if place else text


def _broken(text: str, lead: str, width: int | None, *, indent: int = 2) -> str:
    """A text behind `lead`, broken at words into lines of at most `width` cells, where that is given."""
    whole = lead + text
    if width is None or width_of(whole) <= width:
        return text
    first = wrapped(whole, width)[0]
    if len(first) <= len(lead):
        # What stands before it is as wide as the terminal, such as the path of a file.
        first = lead + text.partition(" ")[0]
    others = wrapped(whole[len(first) :].lstrip(), max(width - indent, 1))
    return f"\n{' ' * indent}".join([first[len(lead) :], *others])


def _full(finding: Finding, layout: Layout) -> str:
    label, place, width = f"{finding.severity}[{finding.code}]", place_text(finding), layout.width
    start = f"{place}: {label}" if place else label
    first, *others = printable_lines(finding.message) or ("",)
    # A message of several lines stands apart from the source line below it.
    message = "\n  ".join(
        [_broken(first, f"{start}: ", width), *(_broken(each, "  ", width) for each in others)]
    )
    text = Diagnostic(
        message,
        finding.position,
        related=tuple(
            Related(_broken(one_line(other.message), f"{other.position}: note: ", width), other.position)
            for other in finding.related
        ),
        hint=_broken(one_line(finding.hint), "  help: ", width, indent=8),
    ).laid_out(width, label, lambda part: transliterate(part, layout.encoding), str)
    if finding.position is None and place:
        text = f"{place}: {text}"
    if not layout.colour:
        return text
    # The place in bold, the severity and the first carets in colour.
    colour = _COLOURS[finding.severity]
    lines = text.split("\n")
    bold = f"{_BOLD}{place}{_PLAIN}: " if place else ""
    lines[0] = f"{bold}{colour}{label}{_PLAIN}{lines[0][len(start) :]}"
    if finding.position and finding.position.written.source.text:
        carets = len(message.split("\n")) + 1
        before, bar, marks = lines[carets].partition("|")
        lines[carets] = f"{before}{bar}{colour}{marks}{_PLAIN}"
    return "\n".join(lines)
