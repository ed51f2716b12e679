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
    hidden: how many findings are not reported.
    """

    checked: tuple[Checked, ...]
    further: tuple[Finding, ...]
    fail_on: Severity
    problems: tuple[str, ...] = ()
    hidden: int = 0

    def showing(self, least: Severity) -> Outcome:
        """The same with those findings alone that are so grave, or make the check fail."""

        def shown(finding: Finding) -> bool:
            return SEVERITIES.index(finding.severity) <= SEVERITIES.index(least) or self.is_grave(finding)

        checked = tuple(each._replace(findings=tuple(filter(shown, each.findings))) for each in self.checked)
        found = self._replace(checked=checked, further=tuple(filter(shown, self.further)))
        hidden = sum(1 for _ in self.findings()) - sum(1 for _ in found.findings())
        return found._replace(hidden=self.hidden + hidden)

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
