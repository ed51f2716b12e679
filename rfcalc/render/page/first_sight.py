"""What is seen first: the name, the figures that matter, and what a check finds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rfcalc.lint.finding import SEVERITIES
from rfcalc.render.page.elements import Markup, element, fragment
from rfcalc.report.findings.presentation import one_line, place_text
from rfcalc.report.page.words import listed_in, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfcalc.lint.finding import Finding
    from rfcalc.report.page.record import PageFigure, PageOfNetwork
    from rfcalc.report.words import Language


def figures_list(page: PageOfNetwork) -> Markup:
    """The figures, each with what is said beside it."""
    return element("dl", map(_figure, page.figures), class_="figures")


def _figure(figure: PageFigure) -> Markup:
    asides = [element("dd", aside, class_="aside") for aside in figure.asides]
    return element("div", element("dt", figure.title), element("dd", figure.value, class_="value"), asides)


def findings_part(page: PageOfNetwork, anchors: Mapping[str, str], language: Language) -> Markup:
    """What the check finds, the gravest first; of none that there is none."""
    if not page.findings:
        return element("p", say("no findings", language), class_="clean")
    counts = Counter(finding.severity for finding in page.findings)
    told = [
        say("severities", language, count=counts[severity], severity=say(severity, language))
        for severity in SEVERITIES
        if counts[severity]
    ]
    found = [_finding(finding, anchors, language) for finding in page.gravest_findings]
    rest = f"{len(page.findings) - len(found):,}"
    return fragment(
        element("p", listed_in(told, language), class_="counts"),
        element("ul", found, class_="findings"),
        element("p", say("findings left out", language, count=rest))
        if len(found) < len(page.findings)
        else None,
    )


def _finding(finding: Finding, anchors: Mapping[str, str], language: Language) -> Markup:
    anchor = anchors.get(finding.layer)
    layer = element("a", finding.layer, href=f"#{anchor}") if anchor else finding.layer
    place = place_text(finding)
    head = element(
        "p",
        element("b", say(finding.severity, language), class_=finding.severity),
        " ",
        element("code", finding.code),
        " ",
        element("span", layer, " · " if layer and place else "", place, class_="aside"),
    )
    message = element("p", one_line(finding.message))
    hint = element("p", one_line(finding.hint), class_="hint") if finding.hint else None
    return element("li", head, message, hint)
