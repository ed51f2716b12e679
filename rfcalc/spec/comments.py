"""The comments of a description, read from the gaps between its scalars and never from inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rfcalc.errors import Position, Source
from rfcalc.records import NamedTuple
from rfcalc.spec.document import scalar_spans

_COMMENT = re.compile(r"#[^\r\n]*")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Comment(NamedTuple):
    """One comment: its text from the `#` on, and where it stands.

    alone: nothing else stands on its line.  leading: no key stands before it in the text.
    """

    text: str
    position: Position
    alone: bool
    leading: bool


def comments(source: Source) -> tuple[Comment, ...]:
    """Every comment of a source that can be read as a document, in the order of the text."""
    if "#" not in source.text:
        return ()
    text, spans = scalar_spans(source)
    found = list(_in_gaps(text, spans))
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    first = next((start for start, end in spans if end > start), len(text))
    # A byte order mark is no part of the text but takes a column of its first line.
    mark = int(source.text.startswith("\ufeff"))
    result = []
    line = 0
    for start, end in found:
        while line + 1 < len(starts) and starts[line + 1] <= start:
            line += 1
        column = start - starts[line] + 1 + (mark if line == 0 else 0)
        place = Position(source, line + 1, column, column + end - start)
        alone = not text[starts[line] : start].strip()
        result.append(Comment(text[start:end], place, alone, alone and start < first))
    return tuple(result)


def _in_gaps(text: str, spans: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int]]:
    """The spans of the comments in what the scalars leave."""
    place = 0
    for start, end in (*spans, (len(text), len(text))):
        while found := _COMMENT.search(text, place, max(start, place)):
            # A sign that follows another character directly begins no comment.
            if found.start() == 0 or text[found.start() - 1].isspace():
                line_end = _COMMENT.match(text, found.start())
                assert line_end is not None
                yield line_end.span()
                place = line_end.end()
            else:
                place = found.start() + 1
        place = max(place, end)
