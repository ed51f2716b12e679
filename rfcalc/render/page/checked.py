"""What a check found as a page of one file: for the artifacts of a CI run, or to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.page.elements import Markup, element, fragment
from rfcalc.render.page.single_file import single_file
from rfcalc.report.findings.presentation import (
    gravest_first,
    one_line,
    place_text,
    printable_lines,
    rule_counts,
    summary,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.errors import Related
    from rfcalc.lint.finding import Finding
    from rfcalc.lint.outcome import Outcome
    from rfcalc.render.layout import Layout

# Where a finding has several other places, so many of them are shown with their source lines.
_MOST_EXCERPTS = 4


def render_html(outcome: Outcome, _layout: Layout) -> str:
    """The summary, what could not be checked, how often each rule fired, and each description's findings."""
    header = element("header", element("h1", "rfcalc check"), element("p", summary(outcome)))
    problems = [element("li", one_line(problem)) for problem in outcome.problems]
    told = [("Not checked", element("ul", problems, class_="problems"))] if problems else []
    counts = rule_counts(outcome)
    if counts:
        told.append(("Rules", _rules(counts)))
    told += [
        (f"{checked.name}", _findings(checked.findings)) for checked in outcome.checked if checked.findings
    ]
    if outcome.further:
        told.append(("Elsewhere", _findings(outcome.further)))
    clean = [one_line(checked.name) for checked in outcome.checked if not checked.findings]
    if clean:
        told.append((f"Without findings: {len(clean):,}", element("p", ", ".join(clean), class_="aside")))
    sections = [
        element("section", element("h2", one_line(title)), content, class_="part") for title, content in told
    ]
    return single_file(f"rfcalc check: {summary(outcome)}", [header, *sections], "en")


def _rules(counts: Sequence[tuple[str, str, int]]) -> Markup:
    rows = [
        element(
            "tr",
            element("th", code, scope="row"),
            element("td", rule),
            element("td", f"{times:,}", class_="n"),
        )
        for code, rule, times in counts
    ]
    heads = [
        element("th", "code", scope="col"),
        element("th", "rule", scope="col"),
        element("th", "findings", scope="col", class_="n"),
    ]
    table = element("table", element("thead", element("tr", heads)), element("tbody", rows))
    return element("div", table, class_="scroll rules")


def _findings(findings: Sequence[Finding]) -> Markup:
    return element("ul", map(_finding, gravest_first(findings)), class_="findings")


def _finding(finding: Finding) -> Markup:
    head = element(
        "p",
        element("b", finding.severity, class_=finding.severity),
        " ",
        element("code", f"{finding.code} {finding.rule}"),
        " ",
        element("span", place_text(finding), class_="aside"),
    )
    excerpt = finding.position.excerpt() if finding.position else ()
    hint = element("p", one_line(finding.hint), class_="hint") if finding.hint else None
    return element(
        "li",
        head,
        [element("p", line) for line in printable_lines(finding.message)],
        _source(excerpt),
        [_related(other, number) for number, other in enumerate(finding.related)],
        hint,
    )


def _related(other: Related, number: int) -> Markup:
    excerpt = other.position.excerpt() if number < _MOST_EXCERPTS else ()
    place = element("span", f"{other.position}: ", class_="aside")
    return fragment(element("p", place, one_line(other.message)), _source(excerpt))


def _source(lines: Sequence[str]) -> Markup | None:
    """A source line with what is meant below it."""
    parts = [part for line in lines for part in (line, Markup("\n"))]
    return element("pre", element("code", parts)) if parts else None
