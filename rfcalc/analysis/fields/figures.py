"""The receptive field as it is reported: sizes, stride, padding, centre, holes and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final, Literal, overload

from rfcalc.analysis.fields.axis_field import Field, Outer, Periodic, PositionTable, Whole, lowest_terms
from rfcalc.analysis.fields.axis_state import (
    BOUND,
    COLLAPSED,
    CROSS,
    CROSSED,
    DATA_DEPENDENT,
    GLOBAL,
    MAIN,
    PER_POSITION,
    UNKNOWN,
    State,
    States,
)
from rfcalc.analysis.fields.supports import Support
from rfcalc.graph.ir import Graph
from rfcalc.records import NamedTuple
from rfcalc.shapes import AlongAxis, Size

# How branches are weighted where they meet, for the effective field: by the masses that Kaiming's
# initialisation gives them, alike, or by these masses with the deepest operands of each sum alone.
BranchWeights = Literal["kaiming", "equal", "residual-only"]
BRANCH_WEIGHTS: tuple[BranchWeights, ...] = ("kaiming", "equal", "residual-only")


class Status:
    """How sure a field is, the weakest first (STATUSES): of several, the first that applies is reported.

    unknown: there is no number.  data-dependent: the undeformed grid; data moves it.  bound: the true
    field may be smaller, not larger.  per-position: exact ends at this input size, without a period.
    extent: exact ends, but branches of unequal shape have met, so what is not seen inside the box is not
    counted per axis.  global: a path sees the whole input; the numbers are what remains without it.
    """

    UNKNOWN: Final = "unknown"
    DATA_DEPENDENT: Final = "data-dependent"
    BOUND: Final = "bound"
    PER_POSITION: Final = "per-position"
    EXTENT: Final = "extent"
    GLOBAL: Final = "global"
    EXACT: Final = "exact"


class AxisField(NamedTuple):
    """The field of a layer along one axis of one input, in positions of that axis.

    size: fewest and most positions from end to end, over the phases (a phase that sees nothing: 0).
        None when unknown, or when nothing is left without the global path.
    stride: input positions from one unit to the next; a fraction in lowest terms as a pair.  None
        when collapsed, per-position, unknown or not the same from each unit to the next.
    padding: how far the field of unit 0 starts before the input.
    centre: the middle of the field of unit 0.
    holes: fewest and most positions between the ends that no unit at the same place along the other axes
        sees; None when unknown.  Where the status is `extent`, more than those are not seen in the plane.
    phases: the number of entries of offsets and sizes: one per phase, or one per position of the
        layer for a per-position field; 0 when there are no numbers.
    offsets: the first position unit φ sees; None where it sees nothing.
    path: whose global path there is: "main", "side" (a gate's, a normalisation's), or "" for none.
    strict: the most positions from end to end that a unit sees by any path, within the input where a
        global path sees it; None when unknown.  whole: that is the whole axis, by a global path.
    last: the last position of the input that global paths see; None where there are none.
    collapsed: an operator has covered the whole map; there is one position, without a rate.
    status: one of Status.
    mean_centre: the centre of unit 0 were all units spaced evenly, a fraction in lowest terms: the mean
        over the phases, so that an upsampled map stands where the map it came from does; None where
        `centre` is.
    """

    size: tuple[int, int] | None
    stride: int | tuple[int, int] | None
    padding: int | None
    centre: float | None
    holes: tuple[int, int] | None
    phases: int
    offsets: tuple[int | None, ...]
    sizes: tuple[int, ...]
    path: Literal["main", "side", ""]
    strict: Size | None
    collapsed: bool
    status: str
    mean_centre: tuple[int, int] | None = None
    whole: bool = False
    last: Size | None = None

    @property
    def everything(self) -> bool:
        """Whether there is a global path."""
        return bool(self.path)

    @property
    def reported(self) -> AlongAxis:
        """The size as it is reported: by all paths where the main one is global, by local ones otherwise."""
        if self.path == "main":
            return inf if self.whole else self.strict
        if self.size is None:
            return inf if self.everything else None
        low, high = self.size
        return low if low == high else self.size


class NodeField(NamedTuple):
    """The field of one layer.

    inputs: for each input of the network a field per axis of that input; None where the layer does
        not depend on it.
    axes: for each of these the axis of the layer that runs along each axis of the input; None where none
        does, or several do.
    misaligned: the layer joins branches whose centres differ.
    """

    inputs: tuple[tuple[AxisField, ...] | None, ...]
    axes: tuple[tuple[int | None, ...] | None, ...] = ()
    misaligned: bool = False

    @property
    def seen(self) -> tuple[int, tuple[AxisField, ...]] | None:
        """The first input that the layer sees, and the field over that one; None where it sees none."""
        for index, axes in enumerate(self.inputs):
            if axes is not None:
                return index, axes
        return None


# So many nodes' figures are kept once they have been asked for.
_MOST_KEPT = 2**12


class NodeFields(Sequence[NodeField]):
    """The figures of every node, worked out from its states when they are asked for."""

    def __init__(self, graph: Graph, states: Sequence[States], misaligned: frozenset[int]) -> None:
        self._graph = graph
        self._lengths = tuple(graph.nodes[index].facts.output.axes for index in graph.inputs)
        self._states = states
        self._misaligned = misaligned
        self._kept: dict[int, NodeField] = {}
        self._along: dict[tuple[object, ...], AxisField] = {}

    def __reduce__(self) -> tuple[object, ...]:
        # What is kept is found by identities, which in another process are those of other things.
        return type(self), (self._graph, self._states, self._misaligned)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, NodeFields)
            and (self._lengths, self._misaligned) == (other._lengths, other._misaligned)
            and self._states == other._states
        )

    def __hash__(self) -> int:
        return hash((self._lengths, self._misaligned, len(self._states)))

    def __len__(self) -> int:
        return len(self._states)

    @overload
    def __getitem__(self, index: int) -> NodeField: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[NodeField]: ...

    def __getitem__(self, index: int | slice) -> NodeField | Sequence[NodeField]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        number = index + len(self) if index < 0 else index
        # Layers that pass on what they see have the same states, and so the same figures.
        states = self._states[number]
        found = self._kept.get(id(states))
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[id(states)] = self._of(states, self._graph.nodes[number].facts.output.axes)
        return found._replace(misaligned=True) if number in self._misaligned else found

    def _of(self, states: States, axes: tuple[Size, ...]) -> NodeField:
        inputs: list[tuple[AxisField, ...] | None] = []
        running: list[tuple[int | None, ...] | None] = []
        place = 0
        for lengths in self._lengths:
            own = [state for state in states[place : place + len(lengths)] if state is not None]
            known = len(own) == len(lengths)
            along = tuple([_running(state, len(axes)) for state in own])
            alone = [axis is None or along.count(axis) == 1 for axis in along]
            inputs.append(tuple(map(self._axis, own, lengths, alone)) if known else None)
            running.append(along if known else None)
            place += len(lengths)
        return NodeField(tuple(inputs), tuple(running))

    def _axis(self, state: State, length: Size, alone: bool) -> AxisField:
        """The figures of a state, the same for all that see the same field: it may have many phases."""
        known = id(state.field), length, state.remarks, state.spread, state.holes, not state.digits, alone
        figures = self._along.get(known)
        if figures is None:
            if len(self._along) >= _MOST_KEPT:
                self._along.clear()
            figures = self._along[known] = axis_field(state, length, alone)
        return figures


def axis_field(state: State, length: Size, alone: bool) -> AxisField:
    """The figures of one state, along an axis of an input of so many positions.

    alone: whether the axis of the layer that runs along it runs along no other axis of the input.
    """
    field = state.field
    supports: tuple[Support | None, ...] = ()
    stride: int | tuple[int, int] | None = None
    mean: tuple[int, int] | None = None
    if isinstance(field, Periodic):
        supports, mean = field.supports, field.mean_centre
        # Along an axis of several put together, or along several, units do not advance evenly, unless they
        # stand whole rows apart.
        even = field.shift and not state.digits and (alone or field.period == 1)
        stride = _ratio(field.shift, field.period) if even else None
    elif isinstance(field, Outer):
        supports, stride = (
            (field.at(0),),
            _ratio(field.shift, field.period) if field.shift and alone else None,
        )
    elif isinstance(field, PositionTable):
        supports = tuple(map(field.at, range(len(field.ends))))
    elif isinstance(field, Whole):
        supports = (field.support,)
    sizes = tuple([0 if support is None else support.span for support in supports])
    first = supports[0] if supports else None
    strict = _strict(state, supports, length)
    return AxisField(
        size=(min(sizes), max(sizes)) if sizes else None,
        stride=stride,
        padding=None if first is None else -first.low,
        centre=None if first is None else (first.low + first.high) / 2,
        holes=(None if field is None else holes_of(field)) if state.holes is None else state.holes,
        phases=len(supports),
        offsets=tuple([None if support is None else support.low for support in supports]),
        sizes=sizes,
        path="main" if state.remarks & MAIN else "side" if state.remarks & GLOBAL else "",
        strict=strict,
        collapsed=bool(state.remarks & COLLAPSED),
        status=_status(state),
        whole=bool(state.remarks & GLOBAL) and strict == length,
        last=_last(state, length),
        mean_centre=mean or (None if first is None else lowest_terms(first.low + first.high, 2)),
    )


def _running(state: State, axes: int) -> int | None:
    """The one of so many axes of the layer that its field runs along."""
    if state.digits:
        found = {digit.axis for digit in state.digits}
        axis = found.pop() if len(found) == 1 else None
    else:
        axis = state.axis
    return axis if axis is not None and axis < axes else None


def holes_of(field: Field | Whole) -> tuple[int, int] | None:
    """Fewest and most positions missing between the ends, over the phases; None when unknown."""
    supports: Sequence[Support | None]
    if isinstance(field, Periodic):
        supports = field.supports
    elif isinstance(field, PositionTable):
        return None if any(field.ends) else (0, 0)
    else:
        supports = (field.at(0),)
    if len(supports) == 1 and supports[0] and supports[0].mask is None:
        return 0, 0
    counts = [0 if support is None else support.holes for support in supports]
    known = [count for count in counts if count is not None]
    return (min(known), max(known)) if len(known) == len(counts) else None


def _strict(state: State, supports: Sequence[Support | None], length: Size) -> Size | None:
    """The most positions that a unit sees from end to end, all paths together."""
    if state.remarks & UNKNOWN:
        return None
    if not state.remarks & GLOBAL:
        return max((support.span for support in supports if support), default=0)
    if state.spread is None:
        return length
    if not isinstance(length, int):
        return None
    low, high = state.spread
    ends = [(min(low, seen.low), max(high, seen.high)) for seen in supports if seen] or [(low, high)]
    return max(min(last, length - 1) - max(first, 0) + 1 for first, last in ends)


def _last(state: State, length: Size) -> Size | None:
    """The last position that global paths see."""
    if not state.remarks & GLOBAL:
        return None
    if state.spread is None or not isinstance(length, int):
        return length - 1
    return min(state.spread[1], length - 1)


# The statuses in their order, each with the remarks it is due to; without any a field is exact.
_REMARKS_OF = {
    Status.UNKNOWN: UNKNOWN,
    Status.DATA_DEPENDENT: DATA_DEPENDENT,
    Status.BOUND: BOUND,
    Status.PER_POSITION: PER_POSITION,
    Status.EXTENT: CROSSED,
    Status.GLOBAL: GLOBAL,
    Status.EXACT: 0,
}
STATUSES = tuple(_REMARKS_OF)


def _status(state: State) -> str:
    remarks = state.remarks
    if remarks & MAIN or state.field is None:
        # What is seen by a main path fills the box, unless the paths cross too.
        remarks = remarks & ~CROSSED | (CROSSED if remarks & CROSS else 0)
    if state.field is None:
        remarks = remarks & (UNKNOWN | CROSSED) | GLOBAL
    return next((status for status, due_to in _REMARKS_OF.items() if remarks & due_to), Status.EXACT)


def worst_status(axes: Sequence[AxisField]) -> str:
    """The status of the least sure axis; exact where there is no axis."""
    return min((axis.status for axis in axes), key=STATUSES.index, default=Status.EXACT)


def _ratio(numerator: int, denominator: int) -> int | tuple[int, int]:
    above, below = lowest_terms(numerator, denominator)
    return above if below == 1 else (above, below)
