"""A run of the check as data: what `--format json` prints, described by check.schema.json."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

from rfcalc.lint.finding import SEVERITIES
from rfcalc.report.findings.presentation import further_shown, rule_counts, shown_of
from rfcalc.report.findings.repository import well_formed
from rfcalc.report.network_table.data import data_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfcalc.errors import Related
    from rfcalc.lint.outcome import Checked, Outcome
    from rfcalc.report.findings.presentation import PlacedFinding
    from rfcalc.report.network_table.data import Json

SCHEMA = "rfcalc.check/1"


def findings_data(outcome: Outcome, *, version: str = "") -> dict[str, Json]:
    """Everything about a run: each description with its findings, the counts, and whether it fails."""
    return {
        "schema": SCHEMA,
        "version": version,
        "fails": outcome.fails,
        "fail_on": outcome.fail_on,
        "counts": {
            "descriptions": len(outcome.checked),
            "findings": sum(1 for _ in outcome.findings()),
            **{str(severity): outcome.count(severity) for severity in SEVERITIES},
            "ignored": sum(checked.silenced for checked in outcome.checked),
        },
        "statistics": {
            entry.code: {"rule": entry.rule, "count": entry.times} for entry in rule_counts(outcome)
        },
        "descriptions": [_description(checked) for checked in outcome.checked],
        "further": [_finding(shown) for shown in further_shown(outcome)],
        "problems": [well_formed(problem) for problem in outcome.problems],
    }


def _description(checked: Checked) -> dict[str, Json]:
    return {
        "name": well_formed(checked.name),
        "file": well_formed(checked.source.name),
        "layers": checked.layers,
        "ignored": checked.silenced,
        "findings": [_finding(shown) for shown in shown_of(checked)],
    }


def _finding(shown: PlacedFinding) -> dict[str, Json]:
    finding = shown.finding
    return {
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": well_formed(finding.message),
        "file": well_formed(shown.file) or None,
        "line": shown.line,
        "column": shown.column,
        "end_column": shown.end,
        "layer": well_formed(finding.layer) or None,
        "promise": well_formed(finding.promise) or None,
        "hint": well_formed(finding.hint) or None,
        "figures": figures_data(finding.figures),
        "related": [_related(other) for other in finding.related],
    }


def _related(related: Related) -> dict[str, Json]:
    place = related.position
    return {
        "message": well_formed(related.message),
        "file": well_formed(place.source.name),
        "line": place.line,
        "column": place.column,
        "end_column": max(place.end, place.column + 1),
    }


def figures_data(figures: Mapping[str, object]) -> dict[str, Json]:
    """Figures as data: numbers exact, polynomials with text and terms, what is no number as text."""
    return {well_formed(name): _figure(value) for name, value in figures.items()}


def _figure(value: object) -> Json:
    if isinstance(value, float):
        # There is no other text for an infinity in JSON.
        return value if isfinite(value) else str(value)
    if value is None or isinstance(value, Fraction):
        return data_of(value)
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list | tuple | set | frozenset):
        entries = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_figure(entry) for entry in entries]
    if isinstance(value, dict):
        return {well_formed(str(key)): _figure(entry) for key, entry in value.items()}
    return data_of(value)
