"""Fitting a table into a width: names are shortened first, then columns left out; numbers are never cut."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.errors import width_of
from rfcalc.records import NamedTuple
from rfcalc.render.characters import refuse_blanks, wrapped
from rfcalc.report.table import Heading

GAP = 2
ELLIPSIS = "…"

# The kinds of text that may be shortened, in the order in which they give way, and the width down to
# which; what is shorter already stays as it is.
_SHORTEST = {"name": 16, "wrap": 24, "items": 8}


class Fitted(NamedTuple):
    """A table as it fits: the headings' lines, the cells, and which columns had to give way.

    kept: indices of the columns shown.  dropped and shortened: titles, for the note.
    """

    kept: tuple[int, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    dropped: tuple[str, ...]
    shortened: tuple[str, ...]


def fit(
    headings: Sequence[Heading],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    droppable: bool = True,
    ellipsis: str = ELLIPSIS,
) -> Fitted:
    """Columns no wider together than `width` where shortening and dropping can reach that.

    Only columns that say how may be shortened, and only those with a drop rank be dropped, in its
    order, when `droppable`.  Where even that is not enough the table stays wider than asked.
    `ellipsis` stands for what is cut.
    """
    columns = [
        _FittedColumn(heading, [row[index] for row in rows], ellipsis)
        for index, heading in enumerate(headings)
    ]
    ranked = sorted(
        (index for index, heading in enumerate(headings) if droppable and heading.drop),
        key=lambda index: headings[index].drop,
    )
    kept: list[int] = []
    for count in range(len(ranked) + 1):
        kept = [index for index in range(len(headings)) if index not in ranked[:count]]
        if sum(columns[index].least for index in kept) + GAP * (len(kept) - 1) <= width:
            break
    shown = [columns[index] for index in kept]
    _shrink(shown, sum(column.width for column in shown) + GAP * (len(shown) - 1) - width)
    shortened_columns = [column.shortened() for column in shown]
    refuse_blanks(shortened_columns)
    return Fitted(
        tuple(kept),
        tuple(column.head for column in shown),
        tuple(zip(*shortened_columns, strict=True)),
        tuple(
            max([column.head_width, *(width_of(line) for text in texts for line in text.split("\n"))])
            for column, texts in zip(shown, shortened_columns, strict=True)
        ),
        tuple(heading.title for index, heading in enumerate(headings) if index not in kept),
        # What is wrapped is all there.
        tuple(column.title for column in shown if column.width < column.natural and column.how != "wrap"),
    )


class _FittedColumn:
    """One column while widths are handed out."""

    def __init__(self, heading: Heading, texts: Sequence[str], ellipsis: str) -> None:
        self.ellipsis = ellipsis
        self.title = heading.title
        self.how = heading.shorten
        self.texts = texts
        # A heading of two words takes two lines, so that numbers set the width of their column.
        self.head = heading.title.replace(" ", "\n", 1)
        self.head_width = max(map(width_of, self.head.split("\n")))
        self.natural = self.width = max([self.head_width, *map(width_of, texts)])
        self.least = self.natural
        if self.how:
            # Of a cell of items the first always stays.
            firsts = [text.partition(" ") for text in texts if self.how == "items"]
            wholes = [f"{first} {ellipsis}" if space else first for first, space, _ in firsts]
            least = max([_SHORTEST[self.how], self.head_width, *map(width_of, wholes)])
            self.least = min(self.natural, least)

    def shortened(self) -> list[str]:
        """The texts as they fit the width."""
        if self.width == self.natural:
            return list(self.texts)
        return [shortened(text, self.width, self.how, self.ellipsis) for text in self.texts]


def shortened(text: str, width: int, how: str, ellipsis: str = ELLIPSIS) -> str:
    """The text in at most `width` cells, shortened in the way its column allows.

    name: the middle goes, the end, which tells layers apart, stays.  items: whole `key=value` items go,
    and the first word stays whole.  wrap: nothing goes, it takes several lines.
    Any other text stays as it is.
    """
    if not how or width_of(text) <= width:
        return text
    if how == "wrap":
        return "\n".join(wrapped(text, width))
    if how == "items":
        words = text.split(" ")
        while len(words) > 1 and width_of(" ".join(words)) + 1 + len(ellipsis) > width:
            words.pop()
        return f"{' '.join(words)} {ellipsis}"
    left = width - len(ellipsis)
    head = left // 3
    return _cut(text, head) + ellipsis + _cut(text[::-1], left - head)[::-1]


def _cut(text: str, width: int) -> str:
    while width_of(text) > width:
        text = text[:-1]
    return text


def _shrink(columns: Sequence[_FittedColumn], excess: int) -> None:
    """Take the excess from names first, then from what is wrapped and from items, no more than needed."""
    for how in _SHORTEST:
        for column in columns:
            if excess > 0 and column.how == how:
                given = min(excess, column.width - column.least)
                column.width -= given
                excess -= given
