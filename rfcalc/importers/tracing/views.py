"""Tensors of other programs as views of a layer's output: the digits of its indices in each dimension.

A description knows spatial axes and channels, other programs any number of dimensions in any order, the
examples of a batch among them.  An index below n·m is written in mixed radix, by a digit below n and a
digit below m; reshaping, transposing, splitting into heads or windows and putting together again only
take such digits apart and arrange them otherwise (the notation of einops).  So these calls are no layers: a
tensor is the output of a step and for each of its dimensions the digits of that dimension, and what
reads it sees whether they stand as it needs them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import count, pairwise
from typing import Literal

from rfcalc.records import NamedTuple


class IndexDigit(NamedTuple):
    """One digit of an index: it counts to `size`.

    kind: "own" is one of the output's indices; "batch" counts examples, which a description does not
    have; "repeated": the elements are the same for each of its values.
    """

    number: int
    size: int
    kind: Literal["own", "batch", "repeated"] = "own"


Dimension = tuple[IndexDigit, ...]

_numbers = count()


def digit(size: int, kind: Literal["own", "batch", "repeated"] = "own") -> Dimension:
    """A new dimension of one digit; () for one of size 1, which needs none."""
    return (IndexDigit(next(_numbers), size, kind),) if size != 1 else ()


def length(dimension: Iterable[IndexDigit]) -> int:
    """The size of a dimension."""
    return math.prod(one.size for one in dimension)


class Caller(NamedTuple):
    """A call that is followed.

    place: as messages name it.  path: the module it stands in, and classes of the modules of that path.
    decided: see `ImportedStep`.
    """

    place: str
    path: str = ""
    classes: tuple[str, ...] = ()
    decided: tuple[tuple[str, str], ...] = ()


class TensorView(NamedTuple):
    """A tensor: the output of a step, and what its dimensions are made of.

    base: the digits of each axis of the step's output and of its channels, the leading ones first.
    dimensions: those of each dimension of the tensor.
    caller: the call that arranged them last; None where they stand as the step has left them.
    """

    step: int
    base: tuple[Dimension, ...]
    dimensions: tuple[Dimension, ...]
    caller: Caller | None = None

    @property
    def lengths(self) -> tuple[int, ...]:
        """The sizes of its dimensions."""
        return tuple([length(each) for each in self.dimensions])

    @property
    def channels(self) -> Dimension:
        """The digits of the output's channels."""
        return self.base[-1]

    def own(self, dimension: int) -> Dimension:
        """The digits of a dimension that are the output's own."""
        return own(self.dimensions[dimension])

    def permuted(self, order: Sequence[int]) -> TensorView:
        """Its dimensions in another order."""
        return self._replace(dimensions=tuple([self.dimensions[place] for place in order]))

    def exchanged(self) -> TensorView:
        """Its last two dimensions exchanged."""
        rank = len(self.dimensions)
        return self.permuted([*range(rank - 2), rank - 1, rank - 2])

    def without(self, dimension: int) -> TensorView:
        """A dimension of size 1 left out."""
        return self._replace(dimensions=self.dimensions[:dimension] + self.dimensions[dimension + 1 :])

    def with_one(self, dimension: int) -> TensorView:
        """A dimension of size 1 put in before a dimension."""
        return self._replace(dimensions=(*self.dimensions[:dimension], (), *self.dimensions[dimension:]))

    def renewed(self) -> TensorView:
        """The same with digits of its own, which no other tensor has."""
        fresh = {one: digit(one.size) for group in self.base for one in group}
        base = [tuple([part for one in group for part in fresh[one]]) for group in self.base]
        dimensions = [
            tuple([part for one in each for part in fresh.get(one, (one,))]) for each in self.dimensions
        ]
        return self._replace(base=tuple(base), dimensions=tuple(dimensions))

    def reshaped(self, lengths: Sequence[int]) -> TensorView | None:
        """Its elements in row order with other dimensions; None where no digits are made of its own."""
        return self._cut(lengths) or self._together()._cut(lengths)

    def _together(self) -> TensorView:
        """The same in one dimension, with digits made one that stand together in it and in the output."""
        behind = {one: two for group in self.base for one, two in pairwise(group)}
        base = self.base
        found: list[IndexDigit] = []
        for one in [one for dimension in self.dimensions for one in dimension]:
            if found and behind.get(found[-1]) == one:
                whole = IndexDigit(next(_numbers), found[-1].size * one.size, one.kind)
                base = tuple([_made_one(group, found[-1], one, whole) for group in base])
                behind = {first: second for group in base for first, second in pairwise(group)}
                found[-1] = whole
            else:
                found.append(one)
        return self._replace(base=base, dimensions=(tuple(found),))

    def _cut(self, lengths: Sequence[int]) -> TensorView | None:
        view = self
        pending = [one for dimension in view.dimensions for one in dimension]
        pending.reverse()
        dimensions: list[Dimension] = []
        for wanted in lengths:
            dimension: list[IndexDigit] = []
            left = wanted
            while left > 1:
                if not pending:
                    return None
                one = pending.pop()
                if left % one.size == 0:
                    dimension.append(one)
                    left //= one.size
                elif one.size % left == 0:
                    first, second = _halves(one, left)
                    view = view._replace(base=_taken_apart(view.base, one, (first, second)))
                    dimension.append(first)
                    pending.append(second)
                    left = 1
                else:
                    return None
            dimensions.append(tuple(dimension))
        return None if pending else view._replace(dimensions=tuple(dimensions))

    def split(self, dimension: int, sizes: Sequence[int]) -> TensorView | None:
        """A dimension made several of these sizes, the leading one first; see `reshaped`."""
        lengths = self.lengths
        return self.reshaped((*lengths[:dimension], *sizes, *lengths[dimension + 1 :]))


def own(dimension: Dimension) -> Dimension:
    """The digits of a dimension that are the output's own."""
    return tuple([one for one in dimension if one.kind == "own"])


def _halves(one: IndexDigit, size: int) -> tuple[IndexDigit, IndexDigit]:
    return IndexDigit(next(_numbers), size, one.kind), IndexDigit(next(_numbers), one.size // size, one.kind)


def _made_one(group: Dimension, one: IndexDigit, two: IndexDigit, whole: IndexDigit) -> Dimension:
    """A group with two neighbouring digits of it replaced by one."""
    if one not in group:
        return group
    place = group.index(one)
    return (*group[:place], whole, *group[place + 2 :]) if two in group else group


def _taken_apart(
    groups: tuple[Dimension, ...], one: IndexDigit, parts: tuple[IndexDigit, ...]
) -> tuple[Dimension, ...]:
    """The groups with one digit replaced by those that it is made of."""
    return tuple(
        [
            tuple([part for each in group for part in (parts if each is one else (each,))])
            if one in group
            else group
            for group in groups
        ]
    )


def refined(view: TensorView, sizes: Sequence[Sequence[int]]) -> TensorView | None:
    """The view with the digits of each dimension taken apart to sizes; None where they do not divide."""
    lengths = [size for dimension in sizes for size in dimension]
    flat = view.reshaped(lengths)
    if flat is None:
        return None
    dimensions: list[Dimension] = []
    place = 0
    for dimension in sizes:
        parts = flat.dimensions[place : place + len(dimension)]
        dimensions.append(tuple([one for part in parts for one in part]))
        place += len(dimension)
    return flat._replace(dimensions=tuple(dimensions))
