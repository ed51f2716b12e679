"""What each format loads: a run of a moment pays for its own output alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROBE = """
import sys
from rfcalc.errors import Position, Source
from rfcalc.lint.finding import Finding
from rfcalc.lint.outcome import Checked, Outcome
import rfcalc.render.finding_formats, rfcalc.report.findings.presentation
before = set(sys.modules)
source = Source("net.yaml", "layers: []")
finding = Finding("RF501", "cancelled-bias", "warning", "a bias", Position(source, 1, 1, 2))
outcome = Outcome((Checked("net.yaml", source, (finding,), 0, 1),), (), "warning")
rfcalc.render.finding_formats.render_outcome(outcome, sys.argv[1])
print(*(set(sys.modules) - before))
"""
_FOR_PROGRAMS = {
    "json",
    "hashlib",
    "rfcalc.report.findings.data",
    "rfcalc.report.findings.sarif",
    "rfcalc.lint.registry",
}


def loaded(format_name: str) -> set[str]:
    command = (sys.executable, "-c", _PROBE, format_name)
    return set(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split())


@pytest.mark.parametrize("name", ["full", "concise", "github", "markdown", "junit"])
def test_text_for_people_loads_nothing_of_the_formats_for_programs(name: str) -> None:
    assert not loaded(name) & (_FOR_PROGRAMS | {"rich", "tabulate", "xml"})


@pytest.mark.parametrize("name", ["json", "gitlab"])
def test_records_of_findings_load_no_rules(name: str) -> None:
    found = loaded(name)
    assert "json" in found
    assert not {module for module in found if module.startswith("rfcalc.lint.rules.")}


def test_sarif_loads_the_rules_that_fired_alone() -> None:
    rules = {module for module in loaded("sarif") if module.startswith("rfcalc.lint.rules.rf")}
    assert rules == {"rfcalc.lint.rules.rf501_cancelled_bias"}
