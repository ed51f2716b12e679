"""What a check finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from rfcalc.errors import Position, Related, printable
from rfcalc.records import NamedTuple

# From the gravest to the least: a description that cannot be built and a broken promise are errors.
Severity: TypeAlias = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
# The least that makes a check fail where nobody says which.
DEFAULT_THRESHOLD: Severity = "warning"


class Finding(NamedTuple):
    """One finding.

    code and rule: the rule's code (RF101) and name.
    message: what is the case, with its numbers.  position: the line to mend, where there is one.
    layer: the hierarchical name of the layer it is about, "" for the whole network.
    related: other places that matter, the calls through which the line was reached included.
    hint: what to do instead, with the gain where it can be computed.  figures: the numbers, by name.
    promise: the promise or budget that it breaks, as written; "" for every other finding.  One budget
    for many networks is broken by many findings with the same text here.
    calls: the places of the calls through which the line was reached, the innermost first.
    text: the name of the text that it is about as a whole; "" where it has a position, or is about none.
    """

    code: str
    rule: str
    severity: Severity
    message: str
    position: Position | None
    layer: str = ""
    related: tuple[Related, ...] = ()
    hint: str = ""
    figures: Mapping[str, object] = {}
    promise: str = ""
    calls: tuple[Position, ...] = ()
    text: str = ""

    def __repr__(self) -> str:
        where = f"{self.position}: " if self.position else ""
        return f"<{where}{self.severity}[{self.code}]: {printable(self.message)}>"

    @property
    def file(self) -> str:
        """The name of the text that it stands in, "" for one that stands in none."""
        return self.position.source.name if self.position else self.text

    @property
    def line(self) -> int | None:
        """Its line, from 1; None for a finding about a whole file, or in one whose lines have no numbers."""
        return self.position.number if self.position else None

    @property
    def column(self) -> int | None:
        """The first column of its span, from 1."""
        return self.position.written.column if self.position and self.line else None

    @property
    def end(self) -> int | None:
        """The column past its span."""
        return self.position.written.past if self.position and self.line else None

    @property
    def place(self) -> str:
        """What it is about in a file of another kind, such as `node '/conv1/Conv'`; "" in a text."""
        return self.position.place if self.position else ""
