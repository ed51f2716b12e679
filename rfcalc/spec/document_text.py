"""The text of a document: its characters' positions, and what is found wrong with them."""

from __future__ import annotations

import re
from typing import NoReturn

from rfcalc.errors import DescriptionError, Diagnostic, Position, Related, Source
from rfcalc.spec.characters import first_refused, named

LONGEST_TEXT = 8 * 1024 * 1024
MOST_FINDINGS = 50


class DocumentText:
    """One source as it is given to a parser, and the findings so far, up to a limit."""

    def __init__(self, source: Source) -> None:
        self.source = source
        # A byte order mark is no part of the text but takes a column of its first line.
        self.mark_width = int(source.text.startswith("\ufeff"))
        # The parsers disagree on tabs, so they are given a space for each.
        self.text = source.text[self.mark_width :].replace("\t", " ")
        self.tab_lines: set[int] = set()
        self.findings: list[Diagnostic] = []

    def check_text(self) -> None:
        """Refuses what is too long, and characters that parsers and line counts treat differently."""
        if len(self.text) > LONGEST_TEXT:
            message = f"the description has {len(self.text):,} characters; at most {LONGEST_TEXT:,} are read"
            self.stop(message, Position(self.source, 1, 1, 1))
        if (index := first_refused(self.text)) is not None:
            hint = "is this a text file?" if self.text[index] == "\0" else ""
            self.stop(f"{named(self.text[index])} cannot stand in a description", self.locate(index), hint)
        if "\t" in self.source.text:
            for number, line in enumerate(self.source.text[self.mark_width :].splitlines()):
                if "\t" in line[: len(line) - len(line.lstrip(" \t"))]:
                    self.tab_lines.add(number)

    def span(self, line: int, column: int, end: int) -> Position:
        """The position of a span given by the parser's 0-based line and columns."""
        shift = 1 + (self.mark_width if line == 0 else 0)
        return Position(self.source, line + 1, column + shift, end + shift)

    def locate(self, index: int) -> Position:
        """The position of the character at an index."""
        before = re.split(r"\r\n|\r|\n", self.text[:index])
        return self.span(len(before) - 1, len(before[-1]), len(before[-1]) + 1)

    def point(self, index: int) -> Position:
        """The position of the character at an index; of the last one when only space follows."""
        if not self.text[index:].strip():
            index = max(len(self.text[:index].rstrip()) - 1, 0)
        return self.locate(index)

    def report(
        self, message: str, position: Position, hint: str = "", related: tuple[Related, ...] = ()
    ) -> None:
        """Notes a finding after which reading can go on."""
        self.note(Diagnostic(message, position, related=related, hint=hint))

    def note(self, finding: Diagnostic) -> None:
        """Keeps a finding; past the limit, raises all of them."""
        self.findings.append(finding)
        if len(self.findings) >= MOST_FINDINGS:
            self.raise_findings()

    def stop(
        self, message: str, position: Position, hint: str = "", related: tuple[Related, ...] = ()
    ) -> NoReturn:
        """Raises a finding after which reading cannot go on, with those before it."""
        self.findings.append(Diagnostic(message, position, related=related, hint=hint))
        raise DescriptionError(self.in_order())

    def raise_findings(self) -> None:
        """Raises DescriptionError when there is a finding."""
        if self.findings:
            raise DescriptionError(self.in_order())

    def in_order(self) -> list[Diagnostic]:
        """The findings in the order of the text."""
        return sorted(self.findings, key=lambda finding: (finding.position or ())[1:3])
