"""The text of a document: its characters' positions, and what is found wrong with them."""

from __future__ import annotations

from rfcalc.errors import DescriptionError, Position, Source, UsageError
from rfcalc.files import head_of, is_given
from rfcalc.problems import Problems

# What the names of descriptions end in.
YAML_SUFFIXES = (".yaml", ".yml")
SUFFIXES = (*YAML_SUFFIXES, ".json")
# What no description holds near its beginning, and some model does that may be called like one: what is no
# text, and keys of models that are text, where a description has its own.  Whether it is such a model its
# importer says.
_FOREIGN = (
    b"\0",
    b"\nbackbone:",
    b"\nhead:",
    b'"class_name"',
    b'"plans_name"',
    b'"configurations"',
    b'"channel_names"',
    b'"numTraining"',
    b"\ntrain:",
    b"\n[net]",
    b"\n[convolutional]",
    b"\nlayer {",
    b"\nlayers {",
)

LONGEST_TEXT = 8 * 1024 * 1024
DEEPEST_NESTING = 64

# What is refused, found by us or by a parser, and what to write instead.
TOO_DEEP = f"lists and mappings nest more than {DEEPEST_NESTING} deep"
QUOTE = "quote the whole text if it is meant as written"
TIGHT_COLON = "a colon at the end of an item makes a YAML key of it"
BOTH_ENDS = "write both ends, as in h=1:-1, or quote the item"
TAG = "'!' starts a YAML tag, which a description does not use"
DIRECTIVE = "a line that starts with '%' is a YAML directive; a description has none"
NO_CHARACTER = "an escape that is no character"
WRITE_IT = "write the character itself"


class ReportRead(DescriptionError):
    """What is to be a description was printed by rfcalc: nothing in it was typed."""


class DocumentText:
    """One source as it is given to a parser, and the mistakes found so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        # A byte order mark is no part of the text but takes a column of its first line.
        self.mark_width = int(source.text.startswith("\ufeff"))
        # The parsers disagree on tabs, so they are given a space for each.
        self.text = source.text[self.mark_width :].replace("\t", " ")
        self.tab_lines: set[int] = set()
        self.problems = Problems()

    def check_text(self) -> None:
        """Refuses what is too long, and characters that parsers and line counts treat differently."""
        if len(self.text) > LONGEST_TEXT:
            message = f"the description has {len(self.text):,} characters; at most {LONGEST_TEXT:,} are read"
            self.problems.stop(message, Position(self.source, 1, 1, 1))
        if (index := first_refused(self.text)) is not None:
            hint = "is this a text file?" if self.text[index] == "\0" else ""
            place = self.source.at(index + self.mark_width)
            self.problems.stop(f"{named(self.text[index])} cannot stand in a description", place, hint)
        if "\t" in self.source.text:
            for number, line in enumerate(self.source.text[self.mark_width :].splitlines()):
                if "\t" in line[: len(line) - len(line.lstrip(" \t"))]:
                    self.tab_lines.add(number)

    def span(self, line: int, column: int, end: int) -> Position:
        """The position of a span given by the parser's 0-based line and columns."""
        shift = 1 + (self.mark_width if line == 0 else 0)
        return Position(self.source, line + 1, column + shift, end + shift)

    def point(self, index: int) -> Position:
        """The position of the character at an index; of the last one when only space follows."""
        if not self.text[index:].strip():
            index = max(len(self.text[:index].rstrip()) - 1, 0)
        return self.source.at(index + self.mark_width)


def first_refused(text: str) -> int | None:
    """The index of the first character that no description holds; None when there is none."""
    # A set has few members whatever the text's length; a pattern of these ranges takes 5 ms to compile.
    refused = {character for character in set(text) if not _allowed(character)}
    return next(i for i, character in enumerate(text) if character in refused) if refused else None


def _allowed(character: str) -> bool:
    """Whether YAML allows a character, and neither parsers nor line counts disagree about it."""
    if character <= "~":
        return character >= " " or character in "\t\n\r"
    # Not C1 controls, halves of surrogate pairs, other ends of line, byte order marks.
    return character >= "\xa0" and not (
        "\ud800" <= character <= "\udfff" or character in "\u2028\u2029\ufeff\ufffe\uffff"
    )


def named(character: str) -> str:
    """A refused character, as an error names it."""
    code = f"U+{ord(character):04X}"
    if "\ud800" <= character <= "\udfff":
        return f"half a character ({code})"
    return f"the invisible character {code}"


def is_foreign(path: str) -> bool:
    """Whether a file that is called like a description may be something else.

    What cannot be looked at is reported by whoever reads it.
    """
    try:
        head = b"" if is_given(path) else head_of(path)
    except UsageError:
        return False
    return may_be_foreign(head)


def may_be_foreign(head: bytes) -> bool:
    """Whether what begins so may be something else than a description."""
    return any(mark in b"\n" + head for mark in _FOREIGN)
