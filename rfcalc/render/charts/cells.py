"""The cells of a map as levels from 0 to 255, in no more rows and columns than can be told apart."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfcalc.report.chart import Cells

# How much is seen of a place that holds but one cell of many: that there is something is never lost.
_FAINTEST = 64
# So many cells are put together without arrays.
_FEW_CELLS = 20_000


class Levels(NamedTuple):
    """Rows of levels; size: the length of the side of the square that one stands for."""

    rows: list[bytes]
    size: float


class CellRun(NamedTuple):
    """A rectangle of equal levels: rows and columns, the last exclusive."""

    top: int
    bottom: int
    left: int
    right: int
    level: int


def levels_of(cells: Cells, most: int) -> Levels:
    """The levels of cells, with at most so many rows and columns.

    Where several cells become one, amounts are averaged; of others it is the share that is there, but never
    less than what can be seen.
    """
    height, width = len(cells.values), max(map(len, cells.values), default=0)
    factor = max(1, -(-max(height, width) // most))
    if factor == 1 and height * width <= _FEW_CELLS:
        rows = [bytes(_level(value) for value in row) for row in cells.values]
        return Levels([row.ljust(width, b"\0") for row in rows], cells.size)
    return Levels(_put_together(cells.values, factor, averaged=cells.scaled), cells.size * factor)


def _level(value: float) -> int:
    # No comparison holds for nan, which is no amount.
    return round(min(value, 1.0) * 255) if value > 0 else 0


def _put_together(values: Sequence[Sequence[float]], factor: int, *, averaged: bool) -> list[bytes]:
    import numpy as np

    array = np.nan_to_num(np.asarray(values, dtype=np.float32), nan=0.0).clip(0.0, 1.0)
    if factor > 1:
        height, width = array.shape
        tops, lefts = np.arange(0, height, factor), np.arange(0, width, factor)
        sums = np.add.reduceat(np.add.reduceat(array, tops, axis=0), lefts, axis=1)
        if averaged:
            tall = np.minimum(tops + factor, height) - tops
            wide = np.minimum(lefts + factor, width) - lefts
            array = sums / (tall[:, None] * wide[None, :])
        else:
            array = sums / factor**2
            faintest = _FAINTEST / 255
            array = np.where(array > 0, np.maximum(array, faintest), 0.0)
    levels = (array * 255 + 0.5).astype(np.uint8)
    return [row.tobytes() for row in levels]


def runs_of(rows: Sequence[bytes], steps: int) -> Iterator[CellRun]:
    """Rectangles that cover all levels but the faintest, equal ones side by side and below each other in one.

    steps: how many levels are told apart; those of a run are 1 to steps.
    """
    table = bytes(round(level * steps / 255) for level in range(256))
    open_runs: dict[tuple[int, int, int], int] = {}
    before = b""
    for number, row in enumerate((*rows, b"")):
        stepped = row.translate(table)
        if stepped == before and number < len(rows):
            continue
        before = stepped
        found = set(_runs_of_row(stepped))
        for key in [key for key in open_runs if key not in found]:
            left, right, level = key
            yield CellRun(open_runs.pop(key), number, left, right, level)
        for key in found:
            open_runs.setdefault(key, number)


def _runs_of_row(row: bytes) -> Iterator[tuple[int, int, int]]:
    """Beginning, end and level of all runs of a row above 0."""
    from itertools import groupby

    start = 0
    for level, run in groupby(row):
        end = start + len(bytes(run))
        if level:
            yield start, end, level
        start = end


def sampled(
    levels: Levels, across: tuple[float, float], down: tuple[float, float], size: tuple[int, int]
) -> list[list[float]]:
    """The mean level, 0 to 1, of what each of size = (columns, rows) pixels covers.

    across, down: where the first pixel begins and the last ends, in columns and in rows of the levels.
    """
    columns = [_averaged(row, across, size[0]) for row in levels.rows]
    turned = [_averaged(column, down, size[1]) for column in zip(*columns, strict=True)]
    return [[value / 255 for value in row] for row in zip(*turned, strict=True)]


def _averaged(values: Sequence[float], ends: tuple[float, float], count: int) -> list[float]:
    """The mean of a line of values within each of `count` equal stretches; what is beyond it counts as 0."""
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)

    def up_to(place: float) -> float:
        place = min(max(place, 0.0), float(len(values)))
        whole = int(place)
        return sums[whole] + (place - whole) * (values[whole] if whole < len(values) else 0.0)

    step = (ends[1] - ends[0]) / count
    edges = [up_to(ends[0] + number * step) for number in range(count + 1)]
    return [(after - before) / step for before, after in itertools.pairwise(edges)]
