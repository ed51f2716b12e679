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
    that ends in a line break; of a format that is JSON, from an Outcome to the data.  content: what the
    suffix of a file says that means it (render/formats.py).  summed: whether people read it, and it ends in,
    or begins with, the sentence that counts the findings.  levels: of JSON, how many levels of nesting are
    broken over lines.
    """

    about: str
    function: str
    content: str = "text"
    summed: bool = False
    levels: int = 0


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
        "rfcalc.report.findings.data:findings_data",
        "json",
        levels=4,
    ),
    "github": Format(
        "annotations of a pull request, as workflow commands",
        "rfcalc.render.annotations:render_annotations",
        summed=True,
    ),
    "sarif": Format(
        "SARIF 2.1.0, for code scanning", "rfcalc.report.findings.sarif:sarif_data", "sarif", levels=6
    ),
    "junit": Format(
        "JUnit XML, for the test reports of a CI system", "rfcalc.render.junit:render_junit", "xml"
    ),
    "markdown": Format(
        "a table, for a comment on a pull request",
        "rfcalc.render.findings_markdown:render_markdown",
        "markdown",
        summed=True,
    ),
    "html": Format(
        "a page of one file that loads nothing, for the artifacts of a run",
        "rfcalc.render.page.checked:render_html",
        "html",
    ),
    "gitlab": Format(
        "a Code Quality report of GitLab", "rfcalc.report.findings.gitlab:gitlab_data", "json", levels=2
    ),
}

# Where files have the names that the command was given; the others are for the host of a repository.
_AS_CALLED = frozenset({"full", "concise", "json"})
CONTENTS = {name: entry.content for name, entry in FORMATS.items()}


def render_outcome(outcome: Outcome, format_name: str, layout: Layout = _PLAIN) -> str:
    """A run as text that ends in a line break, in one of FORMATS."""
    if format_name not in FORMATS:
        raise ValueError(f"there is no format {format_name!r}")
    entry = FORMATS[format_name]
    module, _, name = entry.function.partition(":")
    function = getattr(import_module(module), name)
    if format_name not in _AS_CALLED:
        from rfcalc.report.findings.repository import from_root

        outcome = from_root(outcome, layout.checkout)
    if not entry.levels:
        return str(function(outcome, layout))
    from rfcalc.render.data import render_json

    # In ASCII, so that no encoding can harm it.
    return render_json(function(outcome), "ascii", levels=entry.levels)
