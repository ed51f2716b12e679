"""A run of the check as data: what `--format json` prints, described by check.schema.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.lint.finding import SEVERITIES
from rfcalc.report.findings.presentation import rule_counts
from rfcalc.report.network_table.data import data_of

if TYPE_CHECKING:
    from rfcalc.errors import Related
    from rfcalc.lint.finding import Finding
    from rfcalc.lint.outcome import Checked, Outcome
    from rfcalc.report.network_table.data import Json

SCHEMA = "rfcalc.check/1"


def findings_data(outcome: Outcome) -> dict[str, Json]:
    """Everything about a run: each description with its findings, the counts, and whether it fails."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "fails": outcome.fails,
        "fail_on": outcome.fail_on,
        "counts": {
            "descriptions": len(outcome.checked),
            "findings": sum(1 for _ in outcome.findings()),
            **{str(severity): outcome.count(severity) for severity in SEVERITIES},
            "ignored": sum(checked.silenced for checked in outcome.checked),
            "not_shown": outcome.hidden,
        },
        "statistics": {code: {"rule": rule, "count": times} for code, rule, times in rule_counts(outcome)},
        "descriptions": [_description(checked) for checked in outcome.checked],
        "further": [_finding(finding) for finding in outcome.further],
        "problems": list(outcome.problems),
    }


def _description(checked: Checked) -> dict[str, Json]:
    return {
        "name": checked.name,
        "file": checked.source.name,
        "layers": checked.layers,
        "ignored": checked.silenced,
        "findings": [_finding(finding) for finding in checked.findings],
    }


def _finding(finding: Finding) -> dict[str, Json]:
    return {
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "file": finding.file or None,
        "line": finding.line,
        "column": finding.column,
        "end_column": finding.end,
        **({"place": finding.place} if finding.place else {}),
        "layer": finding.layer or None,
        "promise": finding.promise or None,
        "hint": finding.hint or None,
        "figures": data_of(finding.figures),
        "related": [_related(other) for other in finding.related],
    }


def _related(related: Related) -> dict[str, Json]:
    place = related.position.written
    return {
        "message": related.message,
        "file": place.source.name,
        "line": place.number,
        "column": place.number and place.column,
        "end_column": place.number and place.past,
        **({"place": place.place} if place.place else {}),
    }
