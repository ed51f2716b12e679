"""Where the names of guides stand beside a panel, so that none lies over another, in pixels or characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfcalc.report.chart import Guide

# Beyond so many above each other names are left out.
_MOST_ROWS = 8


class GuideFlag(NamedTuple):
    """The name of a guide across x: where its line is, its left end, its row from the panel up."""

    guide: Guide
    at: float
    text: str
    left: float
    row: int


class Lettering(NamedTuple):
    """How texts are measured: the width of one, one cut to a width, blanks beside a line and between two."""

    width: Callable[[str], float]
    cut: Callable[[str, float], str]
    beside: float
    between: float


def flags(
    guides: Sequence[tuple[float, Guide]], ends: tuple[float, float], letters: Lettering
) -> list[GuideFlag]:
    """The flags of guides, each with the place of its line; of those that stand between the ends.

    A name stands behind its line like a flag, or before it where it would go beyond the end.  The last comes
    first, so that no line on its way up to a name crosses another.  Of very many some have none.
    """
    placed: list[GuideFlag] = []
    for at, guide in sorted(guides, key=lambda each: -each[0]):
        if not ends[0] <= at <= ends[1]:
            continue
        text = letters.cut(guide.label, 0.9 * (ends[1] - ends[0]))
        wide = letters.width(text)
        behind = at + letters.beside
        left = behind if behind + wide <= ends[1] else max(ends[0], at - letters.beside - wide)
        tried = (GuideFlag(guide, at, text, left, row) for row in range(_MOST_ROWS))
        fitting = (flag for flag in tried if not any(_collide(flag, other, letters) for other in placed))
        if flag := next(fitting, None):
            placed.append(flag)
    return placed


def _collide(one: GuideFlag, two: GuideFlag, letters: Lettering) -> bool:
    """Whether the names lie over each other, or the line of the higher one crosses the lower."""
    if one.row == two.row:
        first, second = sorted((one, two), key=lambda flag: flag.left)
        return first.left + letters.width(first.text) + letters.between > second.left
    higher, lower = (one, two) if one.row > two.row else (two, one)
    blank = letters.beside / 2
    return lower.left - blank <= higher.at <= lower.left + letters.width(lower.text) + blank


def pushed_apart(places: Sequence[float], distance: float, last: float) -> list[float]:
    """Places in rising order, moved to be so far apart, the last no further than `last`."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + distance) if found else place)
    for number in range(len(found) - 1, -1, -1):
        found[number] = min(found[number], last)
        last = found[number] - distance
    return found
