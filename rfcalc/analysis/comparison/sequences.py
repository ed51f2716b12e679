"""What two sequences have in common: their equal ends and runs, and their best alignment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

# The most items removed and added that are looked for.
MOST_DIFFERENCES = 600
# What it adds to a similarity that the pair before is a pair too.
IN_SEQUENCE = 6

# A run of equal items: where it begins on either side, and its length.
EqualRun = tuple[int, int, int]
# Some runs, the last one and a chain of those before it.
RunChain: TypeAlias = tuple["RunChain", EqualRun] | None
# Two items that correspond, by index; None where one side has no counterpart.
IndexPair = tuple[int | None, int | None]


def common_ends(left: Sequence[object], right: Sequence[object]) -> tuple[int, int]:
    """How many items both begin with, and how many of the others both end with."""
    start, ends, shorter = 0, 0, min(len(left), len(right))
    while start < shorter and left[start] == right[start]:
        start += 1
    while ends < shorter - start and left[-1 - ends] == right[-1 - ends]:
        ends += 1
    return start, ends


def equal_runs(left: Sequence[object], right: Sequence[object], shortest: int = 1) -> list[EqualRun] | None:
    """What a shortest way from one sequence to the other, by removing and adding items, leaves as it is.

    Runs shorter than `shortest` are left out.  None when the way is longer than MOST_DIFFERENCES.  Time and
    memory are proportional to length times difference (Myers 1986, An O(ND) difference algorithm).
    """
    height, width = len(left), len(right)
    # How far ways of so many differences lead along each diagonal, and the runs on these ways.
    furthest = {1: 0}
    runs: dict[int, RunChain] = {1: None}
    for differences in range(MOST_DIFFERENCES + 1):
        for diagonal in range(-differences, differences + 1, 2):
            down = diagonal == -differences or (
                diagonal != differences and furthest[diagonal - 1] < furthest[diagonal + 1]
            )
            before = diagonal + 1 if down else diagonal - 1
            start = row = furthest[before] + (not down)
            column = row - diagonal
            while row < height and column < width and left[row] == right[column]:
                row += 1
                column += 1
            way = runs[before]
            furthest[diagonal] = row
            runs[diagonal] = way if row - start < shortest else (way, (start, start - diagonal, row - start))
            if row >= height and column >= width:
                return unwound(runs[diagonal])
    return None


def unwound(chain: RunChain) -> list[EqualRun]:
    """The runs of a chain, the first one first."""
    runs: list[EqualRun] = []
    while chain:
        chain, run = chain
        runs.append(run)
    return runs[::-1]


def best_pairs(scores: Iterable[Sequence[int]], height: int, width: int) -> Iterator[IndexPair]:
    """The alignment of two sequences with the highest sum of similarities (Needleman and Wunsch 1970).

    scores: for each of the `height` items on the left its similarities with the `width` on the right; 0 where
    two cannot correspond.  Pairs that follow each other count IN_SEQUENCE more.  Every item is in one pair,
    in the order of both.  Time and memory are proportional to height times width.
    """
    rows = _choices(scores, width)
    path: list[IndexPair] = []
    row, column = height, width
    paired = False
    while row or column:
        choice = rows[row][column] if row and column else 0
        if paired or choice & _PAIR:
            # A pair that was counted as following a pair does follow one.
            paired = bool(choice & _AFTER_PAIR)
            row, column = row - 1, column - 1
            path.append((row, column))
        elif column and (not row or choice & _RIGHT_ALONE):
            column -= 1
            path.append((None, column))
        else:
            row -= 1
            path.append((row, None))
    return reversed(path)


_PAIR, _AFTER_PAIR, _RIGHT_ALONE = 1, 2, 4
_IMPOSSIBLE = -(2**62)


def _choices(scores: Iterable[Sequence[int]], width: int) -> list[bytearray]:
    """How the best alignment of each two beginnings ends.

    scores: the similarities, a row for each layer on the left.  In row i, column j of the result: of
    the first i and the first j layers, whether their best alignment ends in a pair, whether that pair
    follows another, and otherwise whether it ends in the layer on the right.
    """
    rows = [bytearray(width + 1)]
    above = [0] * (width + 1)
    pairs_above = [_IMPOSSIBLE] * (width + 1)
    for similarities in scores:
        choices = bytearray(width + 1)
        best = [0] * (width + 1)
        pairs = [_IMPOSSIBLE] * (width + 1)
        before = 0
        for column, score in enumerate(similarities, 1):
            top = above[column]
            choice = 0
            if before > top:
                top = before
                choice = _RIGHT_ALONE
            if score:
                pair = above[column - 1]
                following = pairs_above[column - 1] + IN_SEQUENCE
                if following > pair:
                    pair = following
                    choice |= _AFTER_PAIR
                pair += score
                pairs[column] = pair
                if pair >= top:
                    top = pair
                    choice |= _PAIR
            choices[column] = choice
            best[column] = before = top
        rows.append(choices)
        above, pairs_above = best, pairs
    return rows
