"""A run of the check as a Code Quality report of GitLab.

The format is a list of issues (docs.gitlab.com, "Code Quality", "Code Quality report format").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.report.findings.fingerprints import digest, fingerprints
from rfcalc.report.findings.presentation import one_line, placed_message

if TYPE_CHECKING:
    from rfcalc.lint.finding import Severity
    from rfcalc.lint.outcome import Outcome
    from rfcalc.report.network_table.data import Json

# GitLab knows blocker, critical, major, minor and info; these are the words other linters choose.
_SEVERITIES: dict[Severity, str] = {"error": "major", "warning": "minor", "info": "info"}
# An issue must name a path; what stands in no file is an issue of the repository's root.
_ROOT = "."


def gitlab_data(outcome: Outcome) -> list[Json]:
    """One issue for each thing that could not be checked and for each finding, in the run's order."""
    every = tuple(outcome.findings())
    return [*map(_not_checked, dict.fromkeys(outcome.problems))] + [
        {
            "description": "; ".join(filter(None, (placed_message(each), each.hint))),
            "check_name": f"{each.code} {each.rule}",
            "fingerprint": identity,
            "severity": _SEVERITIES[each.severity],
            "location": {
                "path": each.file or _ROOT,
                "lines": {"begin": each.line or 1},
            },
        }
        for each, identity in zip(every, fingerprints(every), strict=True)
    ]


def _not_checked(problem: str) -> Json:
    return {
        "description": one_line(problem),
        "check_name": "rfcalc check",
        "fingerprint": digest("rfcalc check", problem),
        "severity": "blocker",
        "location": {"path": _ROOT, "lines": {"begin": 1}},
    }
