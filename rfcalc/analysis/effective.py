"""The effective receptive field of every layer at initialisation, in one pass and in closed form.

Of independent weights with zero mean the expected squared gradient of a unit is passed on linearly: each
layer makes the energies of its units from those of what it reads, and no gradient of any kind is taken.
Along one axis the marginal is exact although the plane is no product of axes, as long as each branch enters
a join with all its energy, its mass.  A gain of mass is a fact of each operator (docs/conventions.md).

Source: Luo et al. 2016 (Understanding the effective receptive field), for the squares; He et al. 2015
(Delving deep into rectifiers), for the variance of weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, log, prod
from operator import mul
from typing import TYPE_CHECKING

from rfcalc.analysis.depth import depths_of
from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.densities import (
    OWN,
    Additions,
    Density,
    DensityFigures,
    joined,
    over_all,
    standing,
    through,
)
from rfcalc.analysis.fields.gains import filled_by, gain_of
from rfcalc.ops.axis_maps import AxisMap, Window, in_place, most_taps, tap_energies, weighs_taps
from rfcalc.ops.reads import Along, AxisReads, Collapsed, Everything, identity, local_taps
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.graph.ir import Graph, Node
    from rfcalc.ops.facts import Facts
    from rfcalc.shapes import Shape, Size

_NO_MASS = "branches meet, and it is not stated how much of the gradient {} passes on"
_NO_SHARE = "branches meet, and a global path carries a share of one that is not known"
_LOST = "a window it sees through has no known extent"
_REARRANGED = "axes are taken apart or put together"
_UNEVEN = "branches meet whose gradients differ from unit to unit along another axis"


class EffectiveAlong(NamedTuple):
    """The effective field of a layer along one axis of one input.

    figures: None where it is not known, for a reason, the end of a sentence.
    elsewhere: the share of the energy that global paths carry, which the figures leave out; None where that
        is not known.
    """

    figures: DensityFigures | None
    reason: str = ""
    elsewhere: float | None = 0.0


class Passing(NamedTuple):
    """What a reading makes of the energy of an operand.

    factor: how many times as much there is behind its taps, in the mean over all units; None where that is
        not known.  reason: why channels, or positions, that are read cannot be told, the end of a sentence.
    """

    factor: float | None
    reason: str = ""


class _AxisEnergy(NamedTuple):
    """What a node sees along one axis of an input.

    axis: of the node; None where it is left with none.  density: None where all of it is elsewhere, or where
    it is not known, for a reason.  elsewhere: see EffectiveAlong.
    """

    axis: int | None
    density: Density | None
    reason: str = ""
    elsewhere: float | None = 0.0


class _NodeEnergy(NamedTuple):
    """What a node sees of an input: along each of its axes, with its mass as a logarithm, None if not known.

    alike: whether all channels see it alike.  untold: the layers whose gains are not known, which are factors
    of the mass: their number in `EffectiveFields`.
    """

    along: tuple[_AxisEnergy, ...]
    mass: float | None = 0.0
    alike: bool = True
    untold: int = 0


class EffectiveFields:
    """The effective fields of all nodes of a network."""

    def __init__(self, graph: Graph, weights: BranchWeights = "kaiming") -> None:
        self.weights = weights
        self._graph = graph
        self._effort = Additions()
        self._depths = depths_of(graph) if weights == "residual-only" else []
        # Gains that are not known, those of a path before another, and the names of their layers.
        self._untold: dict[tuple[int, int, int], int] = {}
        self._names = [""]
        # Of the step that is made: what becomes of a density, so that axes that are alike are followed once.
        # By the number of the input, the node and the place of the operand.
        self.passed: dict[tuple[int, int, int], Passing] = {}
        self._made: dict[tuple[Density, AxisMap | int], tuple[Density, float] | str] = {}
        self._joins: dict[tuple[tuple[Density, float], ...], Density | str] = {}
        self._found: list[tuple[tuple[EffectiveAlong, ...] | None, ...]] = []
        last = {operand: index for index, node in enumerate(graph.nodes) for operand in node.inputs}
        views: dict[int, tuple[_NodeEnergy | None, ...]] = {}
        for index, node in enumerate(graph.nodes):
            views[index] = tuple(self._step(index, node, views))
            self._found.append(tuple(map(_told, views[index])))
            # Most of a network's densities are read by the next layers alone.
            for operand in {index, *node.inputs}:
                if last.get(operand, -1) <= index:
                    del views[operand]

    def of(self, node: int, source: int) -> tuple[EffectiveAlong, ...] | None:
        """Along each axis of input number `source`; None where the node does not depend on it."""
        return self._found[node][source]

    def _step(
        self, index: int, node: Node, views: dict[int, tuple[_NodeEnergy | None, ...]]
    ) -> Iterator[_NodeEnergy | None]:
        graph = self._graph
        self._made.clear()
        self._joins.clear()
        for number, source in enumerate(graph.inputs):
            if index == source:
                axes = range(len(node.facts.output.axes))
                yield _NodeEnergy(tuple([_AxisEnergy(axis, OWN) for axis in axes]))
                continue
            seen = []
            for place, operand in enumerate(node.inputs):
                view = views[operand][number] if operand in views else None
                if view is not None:
                    shape = graph.nodes[operand].facts.output
                    reads = None if node.facts.reads is None else node.facts.reads[place]
                    depth = self._depths[operand] if self._depths else 0
                    moved, self.passed[number, index, place] = self._moved(view, reads, shape, (index, place))
                    seen.append((depth, moved))
            yield self._merged(seen, node.facts) if seen else None

    def _moved(
        self,
        view: _NodeEnergy,
        reads: tuple[AxisReads | None, ...] | None,
        shape: Shape,
        reader: tuple[int, int],
    ) -> tuple[_NodeEnergy, Passing]:
        """What a node, with the place of an operand, sees through that, and what it makes of its energy."""
        facts = self._graph.nodes[reader[0]].facts
        filled = filled_by(shape, facts)
        # Where each channel is read once, the mean over them is what it was.
        some = facts.channels == "select" and (facts.part is None or filled != shape.channels)
        spread = some or facts.spreads_channels or facts.channels is None
        reason = ""
        if facts.data_dependent:
            reason = "the positions it reads depend on the data"
        elif reads is None:
            reason = "it is not known what it reads"
        elif not view.alike and (spread or (facts.channels == "group" and facts.groups is None)):
            reason = "some channels are read of those that do not all see alike"
        if reason or reads is None:
            return _unknown(view, reason), Passing(None, reason)
        gain = gain_of(self._graph, *reader)
        alike = _alike(view, reads, facts, filled)
        if shape.axes == facts.output.axes and reads == identity(len(reads)):
            return self._weighing(_NodeEnergy(view.along, 0.0, alike), view, gain, reader), Passing(1.0)
        factors: list[float | None] = []
        along: list[_AxisEnergy] = []
        followed: set[int] = set()
        for seen in view.along:
            moved, factor = self._along(seen, reads, shape.axes, facts)
            along.append(moved)
            # Of axes that are followed together, as one index, none is known here.
            if seen.axis is not None and seen.axis not in followed:
                followed.add(seen.axis)
                factors.append(factor)
        for axis, read in enumerate(reads):
            taps = local_taps(read)
            if taps is not None and axis not in followed:
                factors.append(_alone(taps))
        known = [factor for factor in factors if factor]
        passing = Passing(prod(known) if len(known) == len(factors) else None)
        mass = None if passing.factor is None else log(passing.factor)
        return self._weighing(_NodeEnergy(tuple(along), mass, alike), view, gain, reader), passing

    def _weighing(
        self, view: _NodeEnergy, before: _NodeEnergy, gain: float | None, reader: tuple[int, int]
    ) -> _NodeEnergy:
        """A view with its own mass in place of the factor of its taps, given that before and a gain."""
        if self.weights == "equal":
            return view._replace(mass=0.0)
        untold = before.untold
        if gain is None:
            key = untold, *reader
            untold = self._untold.setdefault(key, len(self._names))
            if untold == len(self._names):
                self._names.append(self._graph.nodes[reader[0]].name)
        if before.mass is None or view.mass is None:
            return view._replace(mass=None, untold=untold)
        return view._replace(mass=before.mass + view.mass + (gain or 0.0), untold=untold)

    def _along(
        self, seen: _AxisEnergy, reads: tuple[AxisReads | None, ...], lengths: tuple[Size, ...], facts: Facts
    ) -> tuple[_AxisEnergy, float | None]:
        """What is seen along an axis through one operand, and how many times its energy that has."""
        target = facts.output.axes
        if facts.gate and reads and all(isinstance(read, Everything) and not read.local for read in reads):
            # A gate's own path is left out, whatever is known of it.
            return _AxisEnergy(None, None, elsewhere=1.0), 1.0
        if seen.reason:
            return seen, None
        if seen.axis is None:
            # A vector: where it is shown at several positions, each sees the same of it.
            return (seen._replace(density=None, elsewhere=1.0) if any(n != 1 for n in target) else seen), 1.0
        read = reads[seen.axis] if seen.axis < len(reads) else None
        if read is None:
            return _AxisEnergy(None, None, _LOST if facts.rearranged is None else _REARRANGED), None
        axis, density = read.axis, seen.density
        several = axis is not None and target[axis] != 1
        if isinstance(read, Everything):
            if read.local is None:
                return _AxisEnergy(axis, None, elsewhere=1.0), 1.0
            if read.path == "main":
                # What attention passes on by each path is for the data to say.
                return _AxisEnergy(axis, density, elsewhere=None), 1.0
        if density is None:
            taps = local_taps(read)
            return seen._replace(axis=axis), 1.0 if taps is None else _alone(taps)
        if density.shift == 0 and several and lengths[seen.axis] == 1:
            return _AxisEnergy(axis, None, elsewhere=1.0), 1.0
        if isinstance(read, Collapsed):
            length = lengths[seen.axis]
            if not isinstance(length, int):
                return _AxisEnergy(None, None, "the map it covers has a symbolic size"), None
            return self._carried(seen._replace(axis=axis), length)
        taps = local_taps(read)
        assert taps is not None
        if facts.gain is None and weighs_taps(taps):
            return _AxisEnergy(None, None, "how its weights are spread over their taps is not stated"), None
        return self._carried(seen._replace(axis=axis), taps)

    def _carried(self, seen: _AxisEnergy, taps: AxisMap | int) -> tuple[_AxisEnergy, float | None]:
        """A density behind taps, or behind a window over so many positions, which is the whole map."""
        density = seen.density
        assert density is not None
        if not isinstance(taps, int) and in_place(taps):
            return seen, 1.0
        key = density, taps
        if key not in self._made:
            try:
                self._made[key] = (
                    (over_all(density, taps, self._effort), 1.0)
                    if isinstance(taps, int)
                    else through(density, taps, self._effort)
                )
            except OutOfReachError as reason:
                self._made[key] = str(reason)
        made = self._made[key]
        if isinstance(made, str):
            return _AxisEnergy(None, None, made), None
        return seen._replace(density=made[0]), made[1]

    def _merged(self, seen: Sequence[tuple[int, _NodeEnergy]], facts: Facts) -> _NodeEnergy:
        """What a node sees through all its operands, of which the depths are given."""
        views = [view for _, view in seen]
        if len(views) == 1:
            return views[0]
        summing = facts.channels != "stack" and not facts.gate and not facts.successive
        if self.weights == "residual-only" and summing:
            deepest = max(depth for depth, _ in seen)
            views = [view for depth, view in seen if depth == deepest]
        along = tuple([self._join(place, views, facts) for place in range(len(views[0].along))])
        alike = all(view.alike for view in views) and (facts.channels != "stack" or _same(views))
        if facts.gate:
            # What stands behind a gate alone is left out.
            views = [view for view in views if any(seen.density for seen in view.along)] or views
        untold = max(view.untold for view in views)
        weights = _weights(views)
        if weights is None:
            return _NodeEnergy(along, None, alike, untold)
        most = max(view.mass for view in views if view.mass is not None)
        return _NodeEnergy(along, most + log(sum(weights)), alike, untold)

    def _join(self, place: int, views: Sequence[_NodeEnergy], facts: Facts) -> _AxisEnergy:
        """What is seen through several operands along one axis."""
        unknown = next((view.along[place] for view in views if view.along[place].reason), None)
        if unknown is not None:
            return unknown
        local = [view for view in views if view.along[place].density is not None]
        if not local:
            return views[0].along[place]
        if facts.gate:
            # What stands behind a gate alone is left out, and of one factor the mass does not matter.
            views = local
        axes = {view.along[place].axis for view in local}
        if len(axes) > 1:
            return _AxisEnergy(None, None, "its operands run along different axes")
        first = local[0].along[place]
        alike = all(view.along[place].density is first.density for view in local)
        if alike and len({view.along[place].elsewhere for view in views}) == 1:
            return first
        if facts.successive and not alike:
            return _AxisEnergy(None, None, "maps that stand one behind the other do not see the same")
        weights = _weights(views)
        if weights is None or any(view.along[place].elsewhere is None for view in views):
            if alike:
                return first._replace(elsewhere=None)
            untold = self._names[max(view.untold for view in views)]
            return _AxisEnergy(first.axis, None, _NO_MASS.format(untold) if untold else _NO_SHARE)
        shares = [view.along[place].elsewhere or 0.0 for view in views]
        left = sum(map(mul, weights, shares)) / sum(weights)
        if alike:
            return first._replace(elsewhere=left)
        if not _keep_pace(local, place):
            return _AxisEnergy(first.axis, None, _UNEVEN)
        parts = [
            (density, weight * (1 - share))
            for view, weight, share in zip(views, weights, shares, strict=True)
            if (density := view.along[place].density) is not None
        ]
        single = first.axis is not None and facts.output.axes[first.axis] == 1
        return self._weighed(_AxisEnergy(first.axis, None, elsewhere=left), tuple(parts), single)

    def _weighed(
        self, seen: _AxisEnergy, parts: tuple[tuple[Density, float], ...], single: bool
    ) -> _AxisEnergy:
        """What is seen along an axis where densities with weights meet; single: by one unit."""
        if parts not in self._joins:
            try:
                units = [(standing(density), weight) for density, weight in parts] if single else parts
                self._joins[parts] = joined(units, self._effort)
            except OutOfReachError as reason:
                self._joins[parts] = str(reason)
        made = self._joins[parts]
        return seen._replace(reason=made) if isinstance(made, str) else seen._replace(density=made)


def _weights(views: Sequence[_NodeEnergy]) -> list[float] | None:
    """The masses of some operands, each as a part of the largest; None where they cannot be compared.

    Gains that are not known make no difference where all have the same ones.
    """
    masses = [view.mass for view in views if view.mass is not None]
    if len(masses) < len(views) or len({view.untold for view in views}) > 1:
        return None
    return [exp(mass - max(masses)) for mass in masses]


def _told(view: _NodeEnergy | None) -> tuple[EffectiveAlong, ...] | None:
    if view is None:
        return None
    told = []
    for seen in view.along:
        figures = seen.density.figures if seen.density else None
        reason = seen.reason
        if figures is None and not reason:
            reason = "its units see nothing" if seen.density else "all of it is seen by a global path"
        elif seen.elsewhere is None:
            figures, reason = None, "a global path carries a share of it that is not known"
        told.append(EffectiveAlong(figures, reason, seen.elsewhere))
    return tuple(told)


def _unknown(view: _NodeEnergy, reason: str) -> _NodeEnergy:
    along = [seen if seen.reason else _AxisEnergy(None, None, reason) for seen in view.along]
    return _NodeEnergy(tuple(along), None, view.alike, view.untold)


def _alone(taps: AxisMap) -> float | None:
    """How many times its energy a position has behind taps that are not followed; None where units differ."""
    return sum(tap_energies(taps, 0)) if taps.period == 1 and most_taps(taps) < 2**16 else None


def _alike(view: _NodeEnergy, reads: Sequence[AxisReads | None], facts: Facts, filled: Size | None) -> bool:
    """Whether all channels of a node see alike what they see through one operand, which fills so many."""
    if facts.output.channels == 1 or (facts.channels == "all" and facts.macs != 0):
        return True
    copied = [
        isinstance(read, Collapsed)
        if not isinstance(read, Along)
        else isinstance(read.taps, Window) and read.taps.weights == "copied" and read.taps.kernel > 1
        for read in reads
    ]
    if facts.channels == "select" and filled != facts.output.channels:
        return False
    if any(copied) and (facts.rearranged is not None or facts.channels == "group"):
        return False
    return view.alike


def _same(views: Sequence[_NodeEnergy]) -> bool:
    """Whether several operands see the same."""
    first = [seen.density for seen in views[0].along]
    return all(
        seen.density is density and not seen.reason
        for view in views[1:]
        for seen, density in zip(view.along, first, strict=True)
    )


def _keep_pace(views: Sequence[_NodeEnergy], place: int) -> bool:
    """Whether the masses of some operands are as one to the other for all units along the other axes."""
    for number in range(len(views[0].along)):
        found = [view.along[number].density for view in views]
        uneven = any(density is not None and not density.even for density in found)
        if number != place and uneven and any(density is not found[0] for density in found[1:]):
            return False
    return True
