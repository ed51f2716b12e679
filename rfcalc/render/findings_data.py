"""What a check found in the formats that are JSON: in ASCII, so that no encoding can harm them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.render.data import render_json

if TYPE_CHECKING:
    from rfcalc.lint.outcome import Outcome
    from rfcalc.render.layout import Layout


def render_json_findings(outcome: Outcome, layout: Layout) -> str:
    """Everything about a run, for programs; a finding is a line."""
    from rfcalc.report.findings.data import findings_data

    return render_json(findings_data(outcome, version=__version__), "ascii", levels=4)


def render_sarif(outcome: Outcome, layout: Layout) -> str:
    """A log of SARIF 2.1.0."""
    from rfcalc.report.findings.sarif import sarif_data

    data = sarif_data(outcome, version=__version__, checkout=layout.checkout)
    return render_json(data, "ascii", levels=6)


def render_gitlab(outcome: Outcome, layout: Layout) -> str:
    """A Code Quality report of GitLab."""
    from rfcalc.report.findings.gitlab import gitlab_data

    return render_json(gitlab_data(outcome, checkout=layout.checkout), "ascii", levels=2)
