"""Tiles of one size that cover an image: where they begin, what each is the exact output of, what they cost.

All tiles have the size n of the image less a multiple of the step, so that every division along the way
leaves the rest that it leaves of the image, every join fits, and a tile that begins where the image begins,
or ends where it ends, is padded there as the image is.  The first begins with the image, the last ends with
it, and one follows the other by the most that leaves no output out.  Of each output a tile keeps what stands
before the part of the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from rfcalc.analysis.liveness import peak_activations
from rfcalc.analysis.tiling.exact import ExactUnits, ImageEnds, exact_units
from rfcalc.errors import DescriptionError
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.tiling.translation import MovedAxis, Translation
    from rfcalc.graph.ir import Graph
    from rfcalc.units import NumberFormats

# The network at another size of its input, along each axis; raises DescriptionError where it cannot be built.
AtSize = Callable[[Sequence[int]], "Graph"]


# Lengths that are built to find the shortest one that can be.
_MOST_TRIED = 16
# A tile that neither begins nor ends with the image.
_INSIDE = ImageEnds(first=False, last=False)


class KeptOutput(NamedTuple):
    """What a tile gives of an output along one axis: `number` units from `start` of the output of the tile.

    first: where they stand in the output for the whole image.
    """

    start: int
    first: int
    number: int


class AxisTiles(NamedTuple):
    """Tiles along one axis of the input.

    axis: of the input.  image, length: the positions of the image and of a tile.  step: what each begins at a
    multiple of.  number: how many there are.  advance: from the beginning of one to that of the next; the
    last one ends with the image and so may begin earlier.
    runs: for each output the axis that runs along this one.  sizes: its units for the whole image.
    exact: for each output the exact units of a tile that neither begins nor ends with the image.
    """

    axis: int
    image: int
    length: int
    step: int
    number: int
    advance: int
    runs: tuple[MovedAxis, ...]
    sizes: tuple[int, ...]
    exact: tuple[ExactUnits, ...]

    @property
    def overlap(self) -> int:
        """The positions that a tile has in common with the next, but for the last."""
        return self.length - self.advance if self.number > 1 else 0

    def begins(self, tile: int) -> int:
        """The first position of a tile, by its number from 0."""
        return min(tile * self.advance, self.image - self.length)

    def kept(self, tile: int, output: int) -> KeptOutput:
        """What is kept of a tile, for an output by its number."""
        run, exact = self.runs[output], self.exact[output]
        moved = run.at(self.begins(tile))
        first = moved + exact.first if tile else 0
        behind = self.sizes[output]
        if tile + 1 < self.number:
            behind = run.at(self.begins(tile + 1)) + exact.first
        return KeptOutput(first - moved, first, behind - first)


class TilePlan(NamedTuple):
    """Tiles of one size.

    axes: along each axis of the input.  macs, whole_macs: multiply-accumulates of one tile and of the whole
    image; None where they are not known.  peak: the most elements of activations held at once.  memory: bytes
    of these and of the parameters; None where these are not known.
    """

    axes: tuple[AxisTiles, ...]
    graph: Graph
    macs: int | None
    whole_macs: int | None
    peak: int
    memory: int | None

    @property
    def lengths(self) -> tuple[int, ...]:
        """The positions of a tile along each axis."""
        return tuple([along.length for along in self.axes])

    @property
    def number(self) -> int:
        """How many tiles there are."""
        found = 1
        for along in self.axes:
            found *= along.number
        return found

    @property
    def macs_of_all(self) -> int | None:
        """The multiply-accumulates of all tiles."""
        return None if self.macs is None else self.macs * self.number


class TooSmallError(Exception):
    """Tiles of a size of which no unit is exact, or fewer than lie between two tiles."""


class Planner:
    """Plans for one image.

    translation: of the network for the whole image, each output of which runs along all axes of the input.
    at: the network at other sizes.
    """

    def __init__(
        self, translation: Translation, source: int, batch: int, formats: NumberFormats, at: AtSize
    ) -> None:
        self.translation = translation
        self.graph = translation.graph
        self.formats = formats
        self.batch = batch
        self._at = at
        self.image = _whole(self.graph.nodes[self.graph.inputs[source]].facts.output.axes)
        self.outputs = self.graph.outputs
        self._graphs: dict[tuple[int, ...], Graph] = {self.image: self.graph}
        self._overlaps: dict[int, int | None] = {}
        self._least: dict[int, int] = {}

    def graph_at(self, lengths: Sequence[int]) -> Graph:
        """The network on a tile; raises DescriptionError where it cannot be built."""
        key = tuple(lengths)
        if key not in self._graphs:
            if len(self._graphs) > 64:
                self._graphs = {self.image: self.graph}
            self._graphs[key] = self._at(key)
        return self._graphs[key]

    def runs(self, axis: int) -> tuple[tuple[int, MovedAxis], ...]:
        """For each output its axis that runs along one of the input, by its number, and how."""
        found = []
        for output in self.outputs:
            along = self.translation.along[output] or ()
            found += [(place, run) for place, run in enumerate(along) if run is not None and run.axis == axis]
        return tuple(found)

    def overlap(self, axis: int) -> int | None:
        """What neighbouring tiles have in common, whatever their size; None for an image no longer."""
        if axis not in self._overlaps:
            advance = self._advance(self.graph, axis)
            self._overlaps[axis] = self.image[axis] - advance if advance > 0 else None
        return self._overlaps[axis]

    def least(self, axis: int) -> int:
        """The shortest tile along an axis, or the image.

        It is one step longer than the overlap, or some more where a layer could not mirror that little.
        """
        if axis not in self._least:
            self._least[axis] = self._shortest_built(axis)
        return self._least[axis]

    def _shortest_built(self, axis: int) -> int:
        overlap, step, image = self.overlap(axis), self.translation.step[axis], self.image[axis]
        if overlap is None:
            return image
        for length in range(overlap + step, min(image, overlap + _MOST_TRIED * step), step):
            lengths = [*self.image[:axis], length, *self.image[axis + 1 :]]
            with suppress(DescriptionError, TooSmallError):
                self._along(self.graph_at(lengths), axis, length)
                return length
        return min(image, overlap + step)

    def length(self, axis: int, most: int) -> int:
        """The longest tile along an axis of at most so many positions; the shortest where that is longer."""
        step, image = self.translation.step[axis], self.image[axis]
        return max(self.least(axis), image - -(-(image - min(most, image)) // step) * step)

    def shortest(self, axis: int, number: int) -> int:
        """The shortest tile along an axis of which there are at most so many."""
        overlap, step, image = self.overlap(axis), self.translation.step[axis], self.image[axis]
        if overlap is None or number <= 1:
            return image
        enough = -(-(image + (number - 1) * overlap) // number)
        return max(self.least(axis), image - (image - enough) // step * step)

    def number(self, axis: int, length: int) -> int:
        """How many tiles of a length there are along an axis."""
        overlap, image = self.overlap(axis), self.image[axis]
        return 1 if overlap is None or length >= image else 1 - (length - image) // (length - overlap)

    def plan(self, lengths: Sequence[int]) -> TilePlan:
        """Tiles of these lengths, each that of the image less a multiple of the step.

        Raises DescriptionError where the network cannot be built, TooSmallError.
        """
        graph = self.graph_at(lengths)
        axes = tuple([self._along(graph, axis, length) for axis, length in enumerate(lengths)])
        peak = self.peak(lengths)
        return TilePlan(axes, graph, self._macs(graph), self._macs(self.graph), peak, self.memory(lengths))

    def peak(self, lengths: Sequence[int]) -> int:
        """The most elements held at once for a tile."""
        found = peak_activations(self.graph_at(lengths), self.batch)
        assert isinstance(found, int)
        return found

    def memory(self, lengths: Sequence[int]) -> int | None:
        """The bytes of the parameters and of the peak of activations; None where these are not known."""
        own = [node.own_params for node in self.graph.nodes]
        known = [each for each in own if isinstance(each, int)]
        if len(known) < len(own):
            return None
        formats = self.formats
        return sum(known) * formats.length("params") + self.peak(lengths) * formats.length("activations")

    def _along(self, graph: Graph, axis: int, length: int) -> AxisTiles:
        step, image = self.translation.step[axis], self.image[axis]
        runs = tuple([run for _, run in self.runs(axis)])
        sizes = tuple(
            [
                _whole(self.graph.nodes[output].facts.output.axes)[place]
                for (place, _), output in zip(self.runs(axis), self.outputs, strict=True)
            ]
        )
        advance, number = 0, 1
        if length < image:
            advance = self._advance(graph, axis)
            if advance <= 0 or not self._exact_at_the_border(graph, axis):
                raise TooSmallError
            number = 1 - (length - image) // advance
        return AxisTiles(
            axis=axis,
            image=image,
            length=length,
            step=step,
            number=number,
            advance=advance,
            runs=runs,
            sizes=sizes,
            exact=self._exact(graph, axis, _INSIDE),
        )

    def _advance(self, graph: Graph, axis: int) -> int:
        """By how much tiles may lie apart that leave out no unit of any output; 0 where none is exact."""
        step = self.translation.step[axis]
        exact, runs = self._exact(graph, axis, _INSIDE), self.runs(axis)
        apart = [
            (each.end - each.first) * run.positions // run.units
            for each, (_, run) in zip(exact, runs, strict=True)
        ]
        return min(apart) // step * step

    def _exact_at_the_border(self, graph: Graph, axis: int) -> bool:
        """Whether tiles that begin, or end, with the image are exact as far as its border."""
        inside = self._exact(graph, axis, _INSIDE)
        first = self._exact(graph, axis, ImageEnds(first=True, last=False))
        last = self._exact(graph, axis, ImageEnds(first=False, last=True))
        for (place, _), output, within, one, two in zip(
            self.runs(axis), self.outputs, inside, first, last, strict=True
        ):
            size = _whole(graph.nodes[output].facts.output.axes)[place]
            if one.first or one.end < within.end or two.first > within.first or two.end < size:
                return False
        return True

    def _exact(self, graph: Graph, axis: int, ends: ImageEnds) -> tuple[ExactUnits, ...]:
        """The exact units of each output."""
        found = exact_units(self.translation, graph, axis, ends)
        return tuple([each for output in self.outputs if (each := found[output]) is not None])

    def _macs(self, graph: Graph) -> int | None:
        known = [macs for node in graph.nodes if isinstance(macs := node.facts.macs, int)]
        return sum(known) * self.batch if len(known) == len(graph.nodes) else None


def _whole(axes: Sequence[object]) -> tuple[int, ...]:
    lengths = tuple([length for length in axes if isinstance(length, int)])
    assert len(lengths) == len(axes)
    return lengths
