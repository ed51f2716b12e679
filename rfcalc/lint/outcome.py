"""What a run of the check found: every description with its findings, and whether it passes."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.errors import Source
from rfcalc.lint.finding import SEVERITIES, Finding, Severity
from rfcalc.records import NamedTuple


class Checked(NamedTuple):
    """One description, checked.

    name: what the user calls it: a path, `<stdin>`, the name of a shipped network.
    source: its text.  findings: in the order of the text.  silenced: how many comments ignore.
    layers: how many it has; None when it cannot be built.
    """

    name: str
    source: Source
    findings: tuple[Finding, ...]
    silenced: int
    layers: int | None


class Outcome(NamedTuple):
    """A whole run.

    checked: every description, in the order they were checked.
    further: findings that belong to no description, such as entries of a baseline whose file is gone.
    fail_on: the least severity that makes the check fail.
    problems: what kept something from being checked, such as a file that cannot be read, each a sentence.
    """

    checked: tuple[Checked, ...]
    further: tuple[Finding, ...]
    fail_on: Severity
    problems: tuple[str, ...] = ()

    def findings(self) -> Iterator[Finding]:
        """Every finding, in a fixed order."""
        for description in self.checked:
            yield from description.findings
        yield from self.further

    def count(self, severity: Severity) -> int:
        """The number of findings of one severity."""
        return sum(finding.severity == severity for finding in self.findings())

    def is_grave(self, finding: Finding) -> bool:
        """Whether this finding makes the check fail."""
        return SEVERITIES.index(finding.severity) <= SEVERITIES.index(self.fail_on)

    @property
    def fails(self) -> bool:
        """Whether a finding is grave enough."""
        return any(map(self.is_grave, self.findings()))
