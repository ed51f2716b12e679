"""Which layers of two networks correspond: a sequence alignment over their layers in execution order.

What both begin and end with is taken first.  What is left between is aligned by dynamic programming
for the highest sum of similarities (`best_pairs`), pairs that follow each other counting a little more,
since a layer then also reads what its counterpart reads.  Where that would be too much,
runs of equal layers are found first (`equal_runs`), and only what stands between these is aligned so.
Time and memory are bounded; past the bounds layers are left without counterparts, and the result says so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from rfcalc.analysis.comparison.sequences import (
    EqualRun,
    IndexPair,
    RunChain,
    best_pairs,
    common_ends,
    equal_runs,
    unwound,
)
from rfcalc.analysis.comparison.structure import SAME_LAST_PART, SAME_NAME, LayerToken, similarity
from rfcalc.records import NamedTuple

# Cells of the largest table that is filled, and of all tables of one alignment: half a microsecond each.
LARGEST_TABLE = 500_000
MOST_CELLS = 1_000_000
# A run of equal layers shorter than this may be a coincidence, and separates nothing.
SHORTEST_RUN = 8


class Alignment(NamedTuple):
    """Every layer of both networks once, in an order that is both networks' order of execution.

    unaligned: how many layers were left without a counterpart because looking for one was too much.
    """

    pairs: tuple[IndexPair, ...]
    unaligned: int = 0


def align(left: Sequence[LayerToken], right: Sequence[LayerToken]) -> Alignment:
    """The alignment of two networks' layers."""
    aligner = _Aligner(left, right)
    named = ([(token.form.number, token.name) for token in tokens] for tokens in (left, right))
    start, ends = common_ends(*named)
    if start < len(left) or start < len(right):
        # What comes next to these counts as following a pair.
        start, ends = max(start - 1, 0), max(ends - 1, 0)
    pairs: list[IndexPair] = [(index, index) for index in range(start)]
    pairs += aligner.between(start, len(left) - ends, start, len(right) - ends)
    pairs += [(len(left) - back, len(right) - back) for back in range(ends, 0, -1)]
    return Alignment(tuple(pairs), aligner.unaligned)


class _Aligner:
    """Aligns parts of two sequences, and keeps account of what that costs."""

    def __init__(self, left: Sequence[LayerToken], right: Sequence[LayerToken]) -> None:
        self.left = left
        self.right = right
        self.unaligned = 0
        self._cells = MOST_CELLS
        self._places = {token.name: index for index, token in enumerate(right)}
        self._similarities: dict[tuple[int, int, bool], int] = {}

    def between(self, top: int, bottom: int, first: int, last: int) -> Iterator[IndexPair]:
        """The pairs of left[top:bottom] and right[first:last]."""
        runs: Sequence[EqualRun] = ()
        if not self._affordable(bottom - top, last - first):
            left, right = self.left[top:bottom], self.right[first:last]
            found = equal_runs(_numbers(left), _numbers(right), shortest=SHORTEST_RUN)
            runs = _namesakes(left, right) if found is None else found
        done_left, done_right = top, first
        for one, two, length in (*runs, (bottom - top, last - first, 0)):
            yield from self._gap(done_left, top + one, done_right, first + two)
            yield from ((top + one + place, first + two + place) for place in range(length))
            done_left, done_right = top + one + length, first + two + length

    def _affordable(self, height: int, width: int) -> bool:
        return height * width <= min(LARGEST_TABLE, self._cells)

    def _gap(self, top: int, bottom: int, first: int, last: int) -> Iterator[IndexPair]:
        if self._affordable(bottom - top, last - first):
            yield from self._aligned(top, bottom, first, last)
            return
        self.unaligned += bottom - top + last - first
        yield from ((index, None) for index in range(top, bottom))
        yield from ((None, index) for index in range(first, last))

    def _aligned(self, top: int, bottom: int, first: int, last: int) -> Iterator[IndexPair]:
        """The pairs of two short stretches, by dynamic programming."""
        self._cells -= (bottom - top) * (last - first)
        scores = self._scores(top, bottom, first, last)
        for one, two in best_pairs(scores, bottom - top, last - first):
            yield None if one is None else top + one, None if two is None else first + two

    def _scores(self, top: int, bottom: int, first: int, last: int) -> Iterator[Sequence[int]]:
        """For each layer of a stretch on the left its similarities with those of a stretch on the right."""
        others = self.right[first:last]
        rows: dict[tuple[int, str], list[int]] = {}
        for token in self.left[top:bottom]:
            key = token.form.number, token.last_part
            row = rows.get(key)
            if row is None:
                row = rows[key] = [self._score(token, other, False) for other in others]
            place = self._places.get(token.name, -1)
            if first <= place < last:
                row = row.copy()
                row[place - first] = self._score(token, others[place - first], True)
            yield row

    def _score(self, one: LayerToken, two: LayerToken, same_name: bool) -> int:
        key = one.form.number, two.form.number, same_name
        score = self._similarities.get(key)
        if score is None:
            score = self._similarities[key] = similarity(one.form, two.form, same_name)
        if not score:
            return 0
        return score + (SAME_NAME if same_name else 0) + SAME_LAST_PART * (one.last_part == two.last_part)


def _numbers(tokens: Sequence[LayerToken]) -> list[int]:
    """The forms alone: unnamed layers are numbered, so that one insertion renames all that follow."""
    return [token.form.number for token in tokens]


def _namesakes(left: Sequence[LayerToken], right: Sequence[LayerToken]) -> list[EqualRun]:
    """Runs of one: layers of the same name and operator, as many as stand in the same order."""
    places = {(token.name, token.form.op): index for index, token in enumerate(right)}
    # The longest increasing subsequence, by patience: tails[n] ends the best one of length n + 1.
    tails: list[int] = []
    chains: list[RunChain] = [None]
    for index, token in enumerate(left):
        place = places.get((token.name, token.form.op))
        if place is not None:
            length = bisect_left(tails, place)
            tails[length : length + 1] = [place]
            chains[length + 1 : length + 2] = [(chains[length], (index, place, 1))]
    return unwound(chains[-1])
