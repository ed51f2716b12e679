"""The tree a description is read into: scalars as text, sequences and mappings, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rfcalc.errors import Position, cut
from rfcalc.records import NamedTuple


class ScalarNode(NamedTuple):
    """One scalar, as text: nothing is resolved to a number, a truth value or null.

    position: the span of the text, quotes included, on its first line.
    plain: unquoted, so that words such as `null` have YAML's meaning.
    multiline: not written within one physical line (folded, literal, or continued).
    inset: the distance from the first column to that of the text's first character; None when
    characters and columns do not correspond (escapes, several lines).
    """

    text: str
    position: Position
    plain: bool = True
    multiline: bool = False
    inset: int | None = 0

    def at(self, start: int, end: int) -> Position:
        """The position of `text[start:end]`; the whole scalar's where columns do not correspond."""
        if self.inset is None:
            return self.position
        first = self.position.column + self.inset
        return self.position._replace(column=first + start, end=first + end)


class SequenceNode(NamedTuple):
    """A list; flow: written in brackets.  The position is the bracket's span, or the first dash."""

    items: tuple[DocumentValue, ...]
    position: Position
    flow: bool = False


class MappingNode(NamedTuple):
    """Keys, all different, with their values, in the order of the text; flow: written in braces."""

    entries: tuple[tuple[ScalarNode, DocumentValue], ...]
    position: Position
    flow: bool = False


DocumentValue = ScalarNode | SequenceNode | MappingNode


# YAML's null, unquoted.
NULLS = ("", "~", "null", "Null", "NULL")


def is_null(value: DocumentValue) -> bool:
    """Whether a value is YAML's null: nothing at all, `~`, `null`, `Null` or `NULL`, unquoted."""
    return isinstance(value, ScalarNode) and value.plain and value.text in NULLS


def unbalanced(scalar: ScalarNode) -> str:
    """The hint for an unquoted scalar whose parentheses do not balance, else an empty text.

    Within brackets or braces `read_document` refuses such a scalar itself.
    """
    if not scalar.plain or not balance(scalar.text):
        return ""
    return 'parentheses do not balance; where a comma split the item, quote all of it: "conv d=max(c,8)"'


def colon_hint(mapping: MappingNode) -> str:
    """The hint for a one-entry mapping that was meant as a layer line, else an empty text.

    `slice h=1:` and `pad p=0: 1` are mappings to YAML: a colon before a space or a line's end makes one.
    """
    if len(mapping.entries) != 1:
        return ""
    key, value = mapping.entries[0]
    if "=" not in key.text and " " not in key.text:
        return ""
    reason = "a colon before a space or the end of the line makes this a YAML mapping"
    if is_null(value):
        end = f"{key.text}:-1" if "=" in key.text else f"{key.text}:"
        return f"{reason}; write both ends, as in {quote(end)}, or quote the line: {quote(key.text + ':')}"
    if isinstance(value, ScalarNode) and not value.multiline:
        joined = f"{key.text}:{value.text}"
        if "=" in key.text and " " not in value.text:
            return f"{reason}; write it without the space: {cut(joined)}"
        return f"{reason}; quote the line: {quote(f'{key.text}: {value.text}')}"
    return f"{reason}; quote the line if it is a layer"


def spans_between(
    text: str, separates: Callable[[str], bool], start: int, end: int
) -> Iterator[tuple[int, int]]:
    """The spans of a part of a text between the characters outside parentheses that separate them."""
    depth = 0
    for place in range(start, end):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0 and separates(text[place]):
            yield start, place
            start = place + 1
    yield start, end


def balance(text: str) -> int:
    """How many more parentheses a text opens than it closes."""
    return text.count("(") - text.count(")")


def quote(text: str) -> str:
    """How to write a text as a quoted YAML scalar, for a message: cut when very long."""
    return in_quotes(cut(text))


def in_quotes(text: str) -> str:
    """A text of one line as a quoted YAML scalar."""
    return "'" + text.replace("'", "''") + "'" if '"' in text or "\\" in text else f'"{text}"'
