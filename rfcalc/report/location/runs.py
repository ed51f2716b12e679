"""What all units of all layers see of the inputs, in runs of units that each see as the one before, moved.

A page can look up any unit in it without asking again.  Along an axis, units that lie next to each other
see the same positions but for a shift, which changes near the border alone; layers that see alike share rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import OutOfReachError, Periodic, Whole
from rfcalc.analysis.fields.visible import VisibleFields, whole_numbers
from rfcalc.records import NamedTuple
from rfcalc.report.location.places import effective_ends, own_place

if TYPE_CHECKING:
    from rfcalc.analysis.effective import EffectiveFields
    from rfcalc.analysis.fields.densities import DensityFigures
    from rfcalc.analysis.fields.products import RowProducts, SeenRows
    from rfcalc.analysis.fields.visible import AlongUnits
    from rfcalc.analysis.network import NetworkAnalysis

    # The first and last of positions next to each other; all that one unit sees along an axis.
    Stretch = tuple[int, int]
    Stretches = tuple[Stretch, ...]

# So many units of axes are looked at one by one; what would come after is not told.
_MOST_UNITS = 2**18
# The share of the energy that is told by its place among SHARES: 95 %.
SHARE = 2
_NO_PRODUCT = "what its units see is no union of few products of positions along each axis"
_TOO_MANY = "the network has too many units"


class UnitRun(NamedTuple):
    """Units next to each other along an axis.

    number: how many.  stretches: what the first of them sees; () for nothing.  step: how far the first and
    the last position of each stretch lie from those of the unit before.
    """

    number: int
    stretches: Stretches
    step: tuple[int, int]


class RowsAlong(NamedTuple):
    """What units see along an axis of an input: the number of rows in `FieldRuns`.

    axis: of the layer, along which the units stand; None where all see the same.
    """

    rows: int
    axis: int | None


class LayerRuns(NamedTuple):
    """What the units of a layer see of input number `source`.

    node: its place in the graph.  shape: of the layer, in units.  products: a union of products, with rows
    for each axis of the input; None where they are not known, for a reason.  theoretical: along each axis;
    None where there is no such field.  effective: the positions that hold 95 % of the energy of a gradient;
    None where they are not known.
    """

    name: str
    node: int
    source: int
    shape: tuple[int, ...]
    products: tuple[tuple[RowsAlong, ...], ...] | None
    reason: str
    theoretical: tuple[RowsAlong | None, ...]
    effective: tuple[RowsAlong, ...] | None
    no_effective: str


class FieldRuns(NamedTuple):
    """The layers of a network that see an input, in order, and the rows that they name."""

    layers: tuple[LayerRuns, ...]
    rows: tuple[tuple[UnitRun, ...], ...]


def field_runs(analysis: NetworkAnalysis, effective: EffectiveFields) -> FieldRuns:
    """What all units of all layers of a network see; gates and statistics are left out, as `locate` does.

    Layers of symbolic sizes are left out.
    """
    collected = _RowNumbers(analysis, effective)
    layers = []
    for index, known in enumerate(analysis.fields.nodes):
        for source, axes in enumerate(known.inputs):
            if axes is not None:
                try:
                    layers.append(collected.layer(index, source))
                except ValueError:
                    break
    return FieldRuns(tuple(layers), tuple(collected.rows))


class _RowNumbers:
    """Rows that have a number each, equal ones the same."""

    def __init__(self, analysis: NetworkAnalysis, effective: EffectiveFields) -> None:
        self.rows: dict[tuple[UnitRun, ...], int] = {}
        self._analysis = analysis
        self._visible = VisibleFields(analysis.fields)
        self._effective = effective
        self._left = _MOST_UNITS
        # By what rows were made of, which is kept so that its identity stays its own.
        self._known: dict[tuple[object, ...], tuple[object, int]] = {}

    def layer(self, node: int, source: int) -> LayerRuns:
        """What the units of a layer see of an input.  Raises ValueError where sizes are symbolic."""
        shape = whole_numbers(self._analysis.graph, node)
        whole_numbers(self._analysis.graph, self._analysis.graph.inputs[source])
        products, reason = None, ""
        try:
            found = self._visible.products(node, source)
            if found is None:
                reason = _NO_PRODUCT
            else:
                products = self._products(found)
        except OutOfReachError as error:
            reason = str(error)
        theoretical = [
            each and self._theoretical(each, shape) for each in self._visible.theoretical(node, source)
        ]
        effective, no_effective = self._energies(node, source, shape)
        return LayerRuns(
            name=self._analysis.graph.nodes[node].name,
            node=node,
            source=source,
            shape=shape,
            products=products,
            reason=reason,
            theoretical=tuple(theoretical),
            effective=effective,
            no_effective=no_effective,
        )

    def _products(self, terms: RowProducts) -> tuple[tuple[RowsAlong, ...], ...]:
        return tuple([tuple([self._seen(view) for view in term]) for term in terms])

    def _seen(self, view: SeenRows) -> RowsAlong:
        def seen(unit: int) -> Stretches:
            return _stretches(*view.rows[unit])

        return RowsAlong(self._number((id(view.rows),), view.rows, len(view.rows), seen), view.axis)

    def _theoretical(self, along: AlongUnits, shape: Sequence[int]) -> RowsAlong | None:
        length = 1 if along.axis is None else shape[along.axis]
        field = along.field
        if isinstance(field, Whole) or (isinstance(field, Periodic) and field.period == 1):
            # All units at once, however many.
            first = field.at(0)
            step = field.shift if isinstance(field, Periodic) else 0
            ends: Stretches = () if first is None else ((first.low, first.high),)
            return RowsAlong(self._kept((UnitRun(length, ends, (step, step)),)), along.axis)

        def seen(unit: int) -> Stretches:
            support = field.at(unit)
            return () if support is None else ((support.low, support.high),)

        try:
            number = self._number((id(field), length), field, length, seen)
        except OutOfReachError:
            return None
        return RowsAlong(number, along.axis)

    def _energies(
        self, node: int, source: int, shape: Sequence[int]
    ) -> tuple[tuple[RowsAlong, ...] | None, str]:
        figures = []
        for each in self._effective.of(node, source) or ():
            if each.figures is None:
                return None, each.reason
            figures.append(each.figures)
        known = self._analysis.fields.nodes[node]
        own = own_place(known, (0,) * len(shape), source)
        axes = (known.axes[source] if own else None) or (None,) * len(figures)
        found = []
        try:
            for along, axis, field in zip(figures, axes, known.inputs[source] or (), strict=True):
                found.append(self._energy(along, axis, field.stride, shape))
        except OutOfReachError as error:
            return None, str(error)
        return tuple(found), ""

    def _energy(
        self,
        figures: DensityFigures,
        axis: int | None,
        stride: int | tuple[int, int] | None,
        shape: Sequence[int],
    ) -> RowsAlong:
        first, last = effective_ends(figures, 0.0, SHARE)
        if axis is None or stride is None:
            return RowsAlong(self._kept((UnitRun(1, ((first, last),), (0, 0)),)), None)
        above, below = stride if isinstance(stride, tuple) else (stride, 1)
        if below == 1 and figures.firsts[SHARE] == first:
            # All units at once, however many.
            return RowsAlong(self._kept((UnitRun(shape[axis], ((first, last),), (above, above)),)), axis)

        def ends(unit: int) -> Stretches:
            return (effective_ends(figures, unit * above / below, SHARE),)

        key = (id(figures), stride, shape[axis])
        return RowsAlong(self._number(key, figures, shape[axis], ends), axis)

    def _number(
        self, key: tuple[object, ...], made_of: object, length: int, seen: Callable[[int], Stretches]
    ) -> int:
        """The number of the rows of so many units.  Raises OutOfReachError where they are too many."""
        known = self._known.get(key)
        if known is None:
            self._left -= length
            if self._left < 0:
                raise OutOfReachError(_TOO_MANY)
            known = self._known[key] = (made_of, self._kept(tuple(_runs(map(seen, range(length))))))
        return known[1]

    def _kept(self, rows: tuple[UnitRun, ...]) -> int:
        return self.rows.setdefault(rows, len(self.rows))


def _runs(units: Iterable[Stretches]) -> Iterator[UnitRun]:
    """Units one after the other, as few runs as a look at the next unit makes them."""
    run: UnitRun | None = None
    last: Stretches = ()
    for seen in units:
        step = _step(last, seen)
        if run is not None and step is not None and (run.number == 1 or run.step == step):
            run = UnitRun(run.number + 1, run.stretches, step)
        else:
            if run is not None:
                yield run
            run = UnitRun(1, seen, (0, 0))
        last = seen
    if run is not None:
        yield run


def _step(one: Stretches, two: Stretches) -> tuple[int, int] | None:
    """How far the ends of all stretches of one unit are from those of another; None where they differ."""
    if len(one) != len(two):
        return None
    steps = {(low - before, high - until) for (before, until), (low, high) in zip(one, two, strict=True)} or {
        (0, 0)
    }
    return steps.pop() if len(steps) == 1 else None


def _stretches(low: int, bits: int) -> Stretches:
    """The positions that bits from a first position on stand for."""
    found = []
    while bits:
        skipped = (bits & -bits).bit_length() - 1
        bits >>= skipped
        low += skipped
        length = (bits + 1 & ~bits).bit_length() - 1
        found.append((low, low + length - 1))
        bits >>= length
        low += length
    return tuple(found)
