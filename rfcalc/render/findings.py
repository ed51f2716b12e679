"""What `rfcalc check` found as text, in every format; a format's module is loaded on use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfcalc.lint.outcome import Outcome


def render_outcome(
    outcome: Outcome,
    format_name: str,
    *,
    statistics: bool = False,
    colour: bool = False,
    encoding: str = "utf-8",
    folder: str = "",
) -> str:
    """A run as text that ends in a line break, in a format of `finding_formats.FORMATS`.

    statistics: with how often each rule fired, in the formats people read.  colour: with the codes of
    a terminal, in the format full.  encoding: that of the output; what it cannot hold is
    transliterated.  folder: the path from the root of the repository to the folder that the names of
    files start from, for the formats that a repository's host reads.
    """
    if format_name in ("full", "concise"):
        from rfcalc.render.findings_text import render_concise, render_full

        if format_name == "concise":
            return render_concise(outcome, statistics=statistics, encoding=encoding)
        return render_full(outcome, statistics=statistics, colour=colour, encoding=encoding)
    if format_name == "github":
        from rfcalc.render.annotations import render_annotations

        return render_annotations(outcome, statistics=statistics, encoding=encoding, folder=folder)
    if format_name == "markdown":
        from rfcalc.render.findings_markdown import render_markdown

        return render_markdown(outcome, statistics=statistics, encoding=encoding, folder=folder)
    if format_name == "junit":
        from rfcalc.render.junit import render_junit

        return render_junit(outcome, folder=folder)
    return _render_data(outcome, format_name, folder)


def step_summary(outcome: Outcome, *, folder: str = "") -> str:
    """A run as the summary of a step on GitHub: markdown, within the size that GitHub takes."""
    from rfcalc.render.findings_markdown import render_step_summary

    return render_step_summary(outcome, folder=folder)


def _render_data(outcome: Outcome, format_name: str, folder: str) -> str:
    """The formats that are JSON: in ASCII, so that no encoding can harm them."""
    from rfcalc import __version__
    from rfcalc.render.data import render_json

    if format_name == "json":
        from rfcalc.report.findings_data import findings_data

        return render_json(findings_data(outcome, version=__version__), ascii_only=True, levels=4)
    if format_name == "sarif":
        from rfcalc.report.sarif import sarif_data

        data = sarif_data(outcome, version=__version__, folder=folder)
        return render_json(data, ascii_only=True, levels=6)
    if format_name == "gitlab":
        from rfcalc.report.gitlab import gitlab_data

        return render_json(gitlab_data(outcome, folder=folder), ascii_only=True, levels=2)
    raise ValueError(f"there is no format {format_name!r}")
