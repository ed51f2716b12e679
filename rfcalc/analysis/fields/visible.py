"""What units really see at this input size, and which units see a part of the input.

The visible field of a unit is clipped at the border of every layer: padding with zeros carries nothing, other
borders show the positions inside that they repeat.  It is the support of the gradient with positive weights.
Units whose field is a union of products are looked up in `SeenProducts`; others are swept back to the input.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import Field, OutOfReachError, Whole
from rfcalc.analysis.fields.figures import Status
from rfcalc.analysis.fields.patches import Patch, PatchEffort
from rfcalc.analysis.fields.products import (
    RowProducts,
    SeenProducts,
    blocks_at,
    box_of,
    count_of_union,
)
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.patches import Array
    from rfcalc.analysis.fields.plane import PositionSet
    from rfcalc.analysis.fields.receptive_field import FieldAnalysis
    from rfcalc.graph.ir import Graph

    # The first and last position along each axis.
    Box = tuple[tuple[int, int], ...]

# The entries of arrays that all sweeps back may take together: some seconds.
MOST_ENTRIES = 2**32
_NOT_SEEN = {
    Status.UNKNOWN: "the field is not known",
    Status.DATA_DEPENDENT: "the positions that are read depend on the data",
    Status.BOUND: "only a bound of the field is known",
}


class VisibleField(NamedTuple):
    """What one unit sees of one input.

    box: the smallest box around the positions that it sees; None where it sees none, or that is not known.
    positions: how many it sees; None where that is not known, and `reason` says why.
    theoretical: the ends of its theoretical field, where padding is part of the signal and nothing is
        clipped, along each axis of the input; None where there is no such field: it is not known, or by a
        global path it is the whole axis.
    size: of the input, along each axis.
    """

    box: Box | None
    positions: int | None
    theoretical: tuple[tuple[int, int] | None, ...]
    size: tuple[int, ...]
    reason: str = ""

    @property
    def whole(self) -> Box | None:
        """The ends of the theoretical field along all axes; None unless all are known."""
        ends = tuple([each for each in self.theoretical if each is not None])
        return ends if len(ends) == len(self.theoretical) else None

    @property
    def centre(self) -> tuple[float, ...] | None:
        """The middle of the theoretical field along each axis, where position 0 is the first pixel."""
        return None if self.whole is None else tuple([(low + high) / 2 for low, high in self.whole])

    @property
    def area(self) -> int | None:
        """The positions of the box of the theoretical field."""
        return None if self.whole is None else prod([high - low + 1 for low, high in self.whole])

    @property
    def padding(self) -> int | None:
        """How many of these lie outside the input."""
        if self.whole is None or self.area is None:
            return None
        sides = zip(self.whole, self.size, strict=True)
        return self.area - prod(
            [max(0, min(high, size - 1) - max(low, 0) + 1) for (low, high), size in sides]
        )


class AlongUnits(NamedTuple):
    """A theoretical field along an axis of an input, and the layer's axis by which units differ, if any."""

    axis: int | None
    field: Field | Whole

    def ends(self, unit: Sequence[int]) -> tuple[int, int] | None:
        """The first and the last position of one unit of the layer; None where it sees nothing."""
        support = self.field.at(0 if self.axis is None else unit[self.axis])
        return None if support is None else (support.low, support.high)


class VisibleFields:
    """The visible fields of the units of one network whose sizes are numbers, all from one budget.

    strict: global paths count too (gates, statistics of normalisation); else, as in the receptive field, they
    do where a main path is global, as in attention, and are left out where none but side paths are.
    """

    def __init__(self, fields: FieldAnalysis, *, strict: bool = False) -> None:
        self._fields = fields
        self._strict = strict
        self._effort = PatchEffort(MOST_ENTRIES)
        self._products: dict[tuple[int, bool], SeenProducts] = {}

    def everything(self, node: int, source: int) -> bool:
        """Whether global paths count in what the units of a layer see of an input."""
        axes = self._fields.nodes[node].inputs[source] or ()
        return self._strict or any(axis.path == "main" or axis.size is None for axis in axes)

    def of(self, node: int, unit: Sequence[int], source: int) -> VisibleField:
        """What the unit at some place of a layer sees of input number `source`, which it depends on."""
        size = self._lengths(source)
        theoretical = tuple([along and along.ends(unit) for along in self.theoretical(node, source)])
        try:
            box, positions = self._seen(node, unit, source)
        except OutOfReachError as reason:
            return VisibleField(None, None, theoretical, size, str(reason))
        return VisibleField(box, positions, theoretical, size)

    def positions(self, node: int, unit: Sequence[int], source: int) -> PositionSet:
        """The positions that a unit sees, one by one.  Raises OutOfReachError where they are not known."""
        self._refuse_unknown(node, source)
        return self._swept(node, unit, source)

    def seeing(self, node: int, region: Box, source: int) -> PositionSet:
        """The units of a layer that see any position of a box of input number `source`.

        Raises OutOfReachError where that is not known.
        """
        return _trimmed(self._touching(node, self._along(region, source), source))

    def within(self, node: int, region: Box, source: int) -> PositionSet:
        """The units of a layer that see something of an input, and all of that inside a box.

        Raises OutOfReachError where that is not known.
        """
        inner = self._along(region, source)
        whole = self._along([(0, length - 1) for length in self._lengths(source)], source)
        found = self._touching(node, inner, source)
        for axis, along in enumerate(inner):
            if not along.all():
                # What lies outside of a box lies outside of it along some axis.
                outside = [*whole[:axis], ~along, *whole[axis + 1 :]]
                found = found & ~self._touching(node, outside, source)
        return _trimmed(found)

    def _along(self, region: Iterable[tuple[int, int]], source: int) -> list[Array]:
        """Along each axis of an input, whether each of its positions belongs to a box."""
        import numpy as np

        along = []
        for (low, high), length in zip(region, self._lengths(source), strict=True):
            inside = np.zeros(length, dtype=np.bool_)
            inside[low : high + 1] = True
            along.append(inside)
        return along

    def products(self, node: int, source: int) -> RowProducts | None:
        """What all units of a layer see of an input, as unions of products; None where it is none of few.

        Raises OutOfReachError where it is not known.
        """
        self._refuse_unknown(node, source)
        everything = self.everything(node, source)
        products = self._products.get((source, everything))
        if products is None:
            products = SeenProducts(self._fields, source, everything=everything)
            self._products[source, everything] = products
        return products.of(node)

    def theoretical(self, node: int, source: int) -> tuple[AlongUnits | None, ...]:
        """The theoretical field along each axis of an input; None where there is none: see VisibleField."""
        found: list[AlongUnits | None] = []
        for axis, known in enumerate(self._fields.nodes[node].inputs[source] or ()):
            state = self._fields.state(node, source, axis)
            spread = known.path == "main" or (known.path and self._strict)
            if state is None or state.field is None or state.digits or spread or known.status in _NOT_SEEN:
                found.append(None)
            else:
                found.append(AlongUnits(state.axis, state.field))
        return tuple(found)

    def _seen(self, node: int, unit: Sequence[int], source: int) -> tuple[Box | None, int]:
        terms = self.products(node, source)
        if terms is not None:
            blocks = blocks_at(terms, unit)
            return box_of(blocks), count_of_union(blocks)
        found = self._swept(node, unit, source)
        return found.box, found.size

    def _refuse_unknown(self, node: int, source: int) -> None:
        for axis in self._fields.nodes[node].inputs[source] or ():
            if axis.status in _NOT_SEEN:
                raise OutOfReachError(_NOT_SEEN[axis.status])

    def _swept(self, node: int, unit: Sequence[int], source: int) -> PositionSet:
        # Imported late: only what is no union of products needs arrays.
        from rfcalc.analysis.fields.plane import support

        everything = self.everything(node, source)
        # Most of a budget may be left when one sweep would take too much of it.
        effort = PatchEffort(min(self._effort.entries, PatchEffort().entries))
        before = effort.entries
        found = support(
            self._fields, node, [unit], source, clipped=True, everything=everything, effort=effort
        )
        self._effort.take(before - effort.entries)
        return found

    def _touching(self, node: int, positions: Sequence[Array], source: int) -> Array:
        """Whether each unit of a layer sees any of a product of positions."""
        # Imported late: single units of most networks need no arrays.
        from rfcalc.analysis.fields.seeing import units_seeing

        self._refuse_unknown(node, source)
        return units_seeing(self._fields, node, positions, source, everything=self.everything(node, source))

    def _lengths(self, source: int) -> tuple[int, ...]:
        return whole_numbers(self._fields.graph, self._fields.graph.inputs[source])


def whole_numbers(graph: Graph, node: int) -> tuple[int, ...]:
    """The lengths of the map of a node.  Raises ValueError where one is symbolic."""
    axes = graph.nodes[node].facts.output.axes
    lengths = tuple([length for length in axes if isinstance(length, int)])
    if len(lengths) < len(axes):
        raise ValueError(f"{graph.nodes[node].name} has a symbolic size")
    return lengths


def _trimmed(units: Array) -> PositionSet:
    import numpy as np

    from rfcalc.analysis.fields.plane import trimmed

    return trimmed(Patch((0,) * units.ndim, np.asarray(units[..., None])))
