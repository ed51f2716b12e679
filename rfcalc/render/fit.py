"""Fitting a table into a width: names are shortened first, then columns left out; numbers are never cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rfcalc.render.characters import cells_of
from rfcalc.report.table import Heading

GAP = 2
ELLIPSIS = "…"

# No column is shortened below this; what is shorter already stays as it is.
_SHORTEST = {"name": 12, "items": 10, "words": 16}


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
    headings: Sequence[Heading], rows: Sequence[Sequence[str]], width: int, *, droppable: bool = True
) -> Fitted:
    """Columns no wider together than `width` where shortening and dropping can reach that.

    Only columns that say how may be shortened, and only those with a drop rank be dropped, in its
    order, when `droppable`.  Where even that is not enough the table stays wider than asked.
    """
    heads = [heading.title.replace(" ", "\n", 1) for heading in headings]
    natural = [_width(index, heads[index], rows) for index in range(len(headings))]
    ranked = sorted(
        (index for index, heading in enumerate(headings) if droppable and heading.drop),
        key=lambda index: headings[index].drop,
    )
    kept: list[int] = []
    for count in range(len(ranked) + 1):
        kept = [index for index in range(len(headings)) if index not in ranked[:count]]
        least = [_least(headings[index], heads[index], natural[index]) for index in kept]
        if sum(least) + GAP * (len(kept) - 1) <= width:
            break
    widths = _shrunk({index: natural[index] for index in kept}, headings, heads, width)
    cells = tuple(
        tuple(shortened(row[index], widths[index], headings[index].shorten) for index in kept) for row in rows
    )
    return Fitted(
        tuple(kept),
        tuple(heads[index] for index in kept),
        cells,
        tuple(widths[index] for index in kept),
        tuple(heading.title for index, heading in enumerate(headings) if index not in kept),
        tuple(headings[index].title for index in kept if widths[index] < natural[index]),
    )


def shortened(text: str, width: int, how: str) -> str:
    """The text in at most `width` cells, shortened in the way its column allows.

    name: the middle goes, the end, which tells layers apart, stays.  items: whole `key=value` items go,
    and the first word stays whole.  words: the end goes.  Any other text stays as it is.
    """
    if not how or cells_of(text) <= width:
        return text
    if how == "items":
        words = text.split(" ")
        while len(words) > 1 and cells_of(" ".join(words)) + 2 > width:
            words.pop()
        return f"{' '.join(words)} {ELLIPSIS}"
    if how == "words":
        return _cut(text, width - 1) + ELLIPSIS
    head = (width - 1) // 3
    return _cut(text, head) + ELLIPSIS + _cut(text[::-1], width - 1 - head)[::-1]


def _cut(text: str, width: int) -> str:
    while cells_of(text) > width:
        text = text[:-1]
    return text


def _width(index: int, head: str, rows: Sequence[Sequence[str]]) -> int:
    return max([*map(cells_of, head.split("\n")), *(cells_of(row[index]) for row in rows)])


def _least(heading: Heading, head: str, natural: int) -> int:
    """The width the column can be shortened to."""
    if not heading.shorten:
        return natural
    return min(natural, max(_SHORTEST[heading.shorten], *map(cells_of, head.split("\n"))))


def _shrunk(
    widths: dict[int, int], headings: Sequence[Heading], heads: Sequence[str], width: int
) -> dict[int, int]:
    """The widths, with names giving way first, then free words, then items, and none more than needed."""
    excess = sum(widths.values()) + GAP * (len(widths) - 1) - width
    for how in ("name", "words", "items"):
        for index, natural in widths.items():
            if excess > 0 and headings[index].shorten == how:
                given = min(excess, natural - _least(headings[index], heads[index], natural))
                widths[index] = natural - given
                excess -= given
    return widths
