"""The formats that `rfcalc check` prints its findings in, each a record; a module is loaded on use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.render.layout import Layout

if TYPE_CHECKING:
    from rfcalc.lint.outcome import Outcome


_PLAIN = Layout()


class Format(NamedTuple):
    """A format of findings.

    about: what it is for.  function: `module:name` of the function from an Outcome and a Layout to a text
    that ends in a line break.  suffix: that of the files that mean it.  summed: whether people read it, and
    it ends in, or begins with, the sentence that counts the findings.
    """

    about: str
    function: str
    suffix: str = ""
    summed: bool = False


# In the order that help texts give them.
FORMATS = {
    "full": Format(
        "each finding with its source line and what to do instead",
        "rfcalc.render.findings_text:render_full",
        summed=True,
    ),
    "concise": Format("one line for each finding", "rfcalc.render.findings_text:render_concise", summed=True),
    "json": Format(
        "everything, for programs; `rfcalc schema check` prints its schema",
        "rfcalc.render.findings_data:render_json_findings",
        ".json",
    ),
    "github": Format(
        "annotations of a pull request, as workflow commands",
        "rfcalc.render.annotations:render_annotations",
        summed=True,
    ),
    "sarif": Format("SARIF 2.1.0, for code scanning", "rfcalc.render.findings_data:render_sarif", ".sarif"),
    "junit": Format(
        "JUnit XML, for the test reports of a CI system", "rfcalc.render.junit:render_junit", ".xml"
    ),
    "markdown": Format(
        "a table, for a comment on a pull request",
        "rfcalc.render.findings_markdown:render_markdown",
        ".md",
        summed=True,
    ),
    "gitlab": Format("a Code Quality report of GitLab", "rfcalc.render.findings_data:render_gitlab"),
}

FORMAT_OF_SUFFIX = {entry.suffix: name for name, entry in FORMATS.items() if entry.suffix}


def render_outcome(outcome: Outcome, format_name: str, layout: Layout = _PLAIN) -> str:
    """A run as text that ends in a line break, in one of FORMATS."""
    if format_name not in FORMATS:
        raise ValueError(f"there is no format {format_name!r}")
    module, _, function = FORMATS[format_name].function.partition(":")
    text: str = getattr(import_module(module), function)(outcome, layout)
    return text
