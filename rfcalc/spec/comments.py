"""The comments of a description, read from the gaps between its scalars and never from inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rfcalc.errors import Position, Source
from rfcalc.records import NamedTuple
from rfcalc.spec.document import scalar_spans

_COMMENT = re.compile(r"#[^\r\n]*")


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
    first = next((start for start, end in spans if end > start), len(text))
    # A byte order mark is no part of the text.
    mark = len(source.text) - len(text)
    found = []
    for start, end in _in_gaps(text, spans):
        place = source.at(start + mark, end + mark)
        alone = not text[max(start - place.column + 1, 0) : start].strip()
        found.append(Comment(text[start:end], place, alone, alone and start < first))
    return tuple(found)


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
