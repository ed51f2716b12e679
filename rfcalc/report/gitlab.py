"""A run of the check as a Code Quality report of GitLab.

The format is a list of issues (docs.gitlab.com, "Code Quality", "Code Quality report format").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.report.findings import every_shown
from rfcalc.report.repository import fingerprints, repository_path, well_formed

if TYPE_CHECKING:
    from rfcalc.lint.outcome import Outcome
    from rfcalc.report.data import Json

# GitLab knows blocker, critical, major, minor and info; these are the words other linters choose.
_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}
# An issue must name a path; what stands in no file is an issue of the repository's root.
_ROOT = "."


def gitlab_data(outcome: Outcome, *, folder: str = "") -> list[Json]:
    """One issue for each finding, in the run's order; folder: see `repository_path`."""
    shown = tuple(every_shown(outcome))
    return [
        {
            "description": well_formed(_description(each.finding.message, each.finding.hint)),
            "check_name": f"{each.finding.code} {each.finding.rule}",
            "fingerprint": identity,
            "severity": _SEVERITIES[each.finding.severity],
            "location": {
                "path": well_formed(repository_path(each.file, folder)) or _ROOT,
                "lines": {"begin": each.line or 1},
            },
        }
        for each, identity in zip(shown, fingerprints(shown, folder), strict=True)
    ]


def _description(message: str, hint: str) -> str:
    return f"{message}; {hint}" if hint else message
