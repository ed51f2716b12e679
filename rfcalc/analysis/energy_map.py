"""The effective field of one unit in the plane: how the energy of its gradient lies over an input.

One sweep back from the unit.  Each layer hands on to its operands, as an array over their positions, the
energy of its own units: by the adjoint of its reading and with its gain, as `effective` goes forwards for all
units along one axis.  Both know the same, and nothing of each other's numbers.

This needs arrays, so numpy is imported where they are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import TYPE_CHECKING, Literal

from rfcalc.analysis.depth import depths_of
from rfcalc.analysis.effective import EffectiveFields
from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.axis_state import COLLAPSED, UNKNOWN
from rfcalc.analysis.fields.densities import Density, DensityFigures, Phase
from rfcalc.analysis.fields.energy_patches import EnergyPatch, along, both, cut, empty
from rfcalc.analysis.fields.gains import gain_of
from rfcalc.analysis.fields.global_paths import GlobalPaths
from rfcalc.analysis.fields.patches import ONE_LAYER, ONE_PASSED, PatchEffort, known
from rfcalc.ops.axis_maps import AxisMap, weighs_taps
from rfcalc.ops.reads import AxisReads, Collapsed, Everything, local_taps
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.energy_patches import Energies
    from rfcalc.analysis.fields.figures import BranchWeights
    from rfcalc.analysis.fields.receptive_field import FieldAnalysis
    from rfcalc.graph.ir import Node

# What becomes of some energy: it comes by local paths, or by a global one; or it fell off at a border.
_EnergyKind = Literal["local", "global", "lost"]
_KINDS: tuple[_EnergyKind, ...] = ("local", "global", "lost")
# The entries that one map may take, some seconds, and those of one array: 128 MiB.
EFFORT = 2**32
MOST_POSITIONS = 2**24
# Beyond it, or its inverse, energies are scaled.
_LARGE = 1e100


class EnergyMap(NamedTuple):
    """How the energy of a unit's gradient lies over an input.

    origin: the position of the first entry along each axis.  energies: of each position its share of all; one
        dimension for each axis, as small as what is not 0 allows.
    lost: the share that falls off at borders of layers, which a unit nearer the middle would have.
    elsewhere: the share that global paths carry.
    These two and the energies make 1 together.  One that is not known is None, and then the others are shares
    of what is known.
    """

    origin: tuple[int, ...]
    energies: Energies
    lost: float | None
    elsewhere: float | None

    def cells(self, axes: Sequence[int], most: int) -> tuple[tuple[int, ...], list[list[float]], int]:
        """Amplitudes in the plane of two axes, as parts of the largest, to be drawn.

        The place of the first, the amplitudes (roots of energies), and how many positions each has along an
        axis, so that there are no more than `most` of them.
        """
        import numpy as np

        others = tuple(axis for axis in range(self.energies.ndim) if axis not in axes)
        plane = np.asarray(self.energies.sum(axis=others))
        size = -(-max(plane.shape) // most)
        for axis, length in enumerate(plane.shape):
            plane = np.add.reduceat(plane, range(0, length, size), axis=axis)
        amplitudes = np.sqrt(plane / plane.max())
        return tuple([self.origin[axis] for axis in axes]), amplitudes.tolist(), size

    def figures(self, axis: int) -> DensityFigures | None:
        """Widths, standard deviation and centre along an axis; None where the unit sees nothing."""
        others = tuple(other for other in range(self.energies.ndim) if other != axis)
        along_axis = self.energies.sum(axis=others).tolist()
        if not any(along_axis):
            return None
        return Density(0, (Phase(self.origin[axis], along_axis),)).figures


def energy_map(
    fields: FieldAnalysis,
    node: int,
    unit: Sequence[int],
    source: int = 0,
    *,
    weights: BranchWeights = "kaiming",
    clipped: bool = True,
) -> EnergyMap:
    """How the energy of the unit at some place of a node lies over input number `source`.

    clipped: at the border of every layer, as it is for that unit at this input size; else, as in the
    theoretical field, padding is part of the signal.  Like that field's local one it leaves out what global
    paths carry, and says how much that is.  weights: of branches, see `EffectiveFields`.
    Raises OutOfReachError, with the reason, where the map is unknown or too large; ValueError for a unit that
    there is not.
    """
    graph = fields.graph
    axes = graph.nodes[node].facts.output.axes
    if len(unit) != len(axes) or (
        clipped and not all(0 <= place < known(size) for place, size in zip(unit, axes, strict=True))
    ):
        raise ValueError(f"{graph.nodes[node].name} has no unit {tuple(unit)}")
    for slot, state in zip(fields.slots, fields.states[node], strict=True):
        if slot.source == source and state is None:
            raise OutOfReachError(f"{graph.nodes[node].name} does not depend on the input")
        if slot.source == source and state is not None and state.remarks & UNKNOWN:
            raise OutOfReachError(state.reason)
    sweep = _EnergySweep(fields, source, weights, clipped)
    wanted = graph.inputs[source]
    sweep.budget.take(ONE_PASSED * (node - wanted))
    one = empty([1] * len(axes), sweep.budget)
    one[...] = 1.0
    sweep.add(node, "local", EnergyPatch(tuple(unit), one))
    for index in range(node, wanted, -1):
        sweep.step(index)
    return sweep.found(wanted)


class _EnergySweep:
    """The way back.

    pending: the energies of the nodes still to come, all to the same scale.  beside: the kinds of those that
    do not come through the node that hands on.  unknown: kinds of which not all is among them.
    """

    def __init__(self, fields: FieldAnalysis, source: int, weights: BranchWeights, clipped: bool) -> None:
        self.graph = fields.graph
        self.fields = fields
        self.source = source
        self.weights = weights
        self.clipped = clipped
        self.pending: dict[tuple[int, _EnergyKind], EnergyPatch] = {}
        self.budget = PatchEffort(EFFORT, MOST_POSITIONS)
        self.beside: set[_EnergyKind] = set()
        self.unknown: set[_EnergyKind] = set()
        self.paths = GlobalPaths(fields, source)
        self.passed = EffectiveFields(fields.graph, weights).passed
        self.depths = depths_of(fields.graph) if weights == "residual-only" else ()

    def add(self, node: int, kind: _EnergyKind, patch: EnergyPatch) -> None:
        """More energy of a node."""
        earlier = self.pending.get((node, kind))
        self.pending[node, kind] = patch if earlier is None else both(earlier, patch, self.budget)

    def step(self, index: int) -> None:
        """Hand on to its operands the energy of a node."""
        node = self.graph.nodes[index]
        own = {kind: patch for kind in _KINDS if (patch := self._taken(index, kind)) is not None}
        self.beside = {kind for _, kind in self.pending}
        for kind, patch in own.items():
            if kind in self.unknown or not patch.energies.any():
                continue
            self.budget.take(ONE_LAYER)
            try:
                self._hand_on(index, node, kind, patch)
            except OutOfReachError:
                if kind == "local":
                    raise
                self._forget(kind)

    def found(self, wanted: int) -> EnergyMap:
        """What has come to the input."""
        import numpy as np

        local = self._taken(wanted, "local")
        rest = {kind: self._taken(wanted, kind) for kind in _KINDS[1:]}
        shares = {kind: 0.0 if patch is None else patch.total for kind, patch in rest.items()}
        whole = sum(shares.values()) + (0.0 if local is None else local.total)
        rank = len(self.graph.nodes[wanted].facts.output.axes)
        lost = None if "lost" in self.unknown else shares["lost"] / (whole or 1.0)
        elsewhere = None if "global" in self.unknown else shares["global"] / (whole or 1.0)
        if local is None or not local.energies.any():
            return EnergyMap((0,) * rank, np.zeros((0,) * rank), lost, elsewhere)
        place, origin = [], []
        for axis, low in enumerate(local.origin):
            others = tuple(other for other in range(rank) if other != axis)
            filled = np.flatnonzero(local.energies.any(axis=others))
            place.append(slice(int(filled[0]), int(filled[-1]) + 1))
            origin.append(low + int(filled[0]))
        energies = np.ascontiguousarray(local.energies[tuple(place)] / whole)
        return EnergyMap(tuple(origin), energies, lost, elsewhere)

    def _taken(self, index: int, kind: _EnergyKind) -> EnergyPatch | None:
        """The energy of a node, that inside its map where there are borders; what is outside is lost."""
        patch = self.pending.pop((index, kind), None)
        if patch is None or kind == "lost" or not self.clipped:
            return patch
        inner, outer = cut(patch, self.graph.nodes[index].facts.output.axes, self.budget)
        if outer is not None and "lost" not in self.unknown:
            self.add(index, "lost", outer)
        return inner

    def _forget(self, kind: _EnergyKind) -> None:
        """Go on without the energy of a kind, which is then not known."""
        self.unknown.add(kind)
        self.pending = {key: patch for key, patch in self.pending.items() if key[1] != kind}

    def _hand_on(self, index: int, node: Node, kind: _EnergyKind, patch: EnergyPatch) -> None:
        facts = node.facts
        if facts.reads is None or len(facts.reads) != len(node.inputs):
            raise OutOfReachError(f"{node.name} does not say which positions it reads")
        operands = self._operands(index, node, kind)
        if facts.successive and len(operands) > 1:
            raise OutOfReachError("maps that stand one behind the other do not see the same")
        for place in operands:
            operand, reads = node.inputs[place], facts.reads[place]
            passing = self.passed[self.source, index, place]
            if passing.reason:
                raise OutOfReachError(passing.reason)
            factor = self._factor(index, node, place, len(operands))
            becomes = kind
            if kind == "local" and self.paths.spreads(index, operand, False, False, reads):
                becomes = "global"
                if "global" in self.unknown:
                    continue
            try:
                made = self._read(patch, reads, node, operand, kind)
            except OutOfReachError:
                if becomes == kind:
                    raise
                self._forget("global")
                continue
            if factor != 1:
                made = made._replace(energies=made.energies * factor)
            self.add(operand, becomes, made)
        self._rescale()

    def _operands(self, index: int, node: Node, kind: _EnergyKind) -> list[int]:
        """The places of the operands that energy is handed on to."""
        facts = node.facts
        assert facts.reads is not None
        found = [place for place in range(len(node.inputs)) if (self.source, index, place) in self.passed]
        if len(found) > 1 and facts.gate:
            # A gate's own path is left out.
            ruled = [
                place
                for place in found
                if not self.paths.spreads(index, node.inputs[place], False, False, facts.reads[place])
            ]
            found = ruled or found
        elif len(found) > 1 and self.weights == "residual-only" and facts.channels != "stack":
            deepest = max(self.depths[node.inputs[place]] for place in found)
            found = [place for place in found if self.depths[node.inputs[place]] == deepest]
        return found

    def _factor(self, index: int, node: Node, place: int, operands: int) -> float:
        """How much of the energy of a node one of its operands gets, but for taps."""
        if self.weights == "equal":
            factor = self.passed[self.source, index, place].factor
            if operands == 1:
                factor = factor or 1.0
            if factor is None:
                raise OutOfReachError(f"how much of the energy {node.name} passes on is not known")
            return 1 / (operands * factor)
        gain = gain_of(self.graph, index, place)
        if gain is not None:
            return exp(gain)
        # A factor of all the energy that there is makes no difference.
        if operands > 1 or "local" in self.beside:
            raise OutOfReachError(
                f"branches meet, and it is not stated how much of the gradient {node.name} passes on"
            )
        for other in self.beside:
            self._forget(other)
        return 1.0

    def _read(
        self,
        patch: EnergyPatch,
        reads: tuple[AxisReads | None, ...],
        node: Node,
        operand: int,
        kind: _EnergyKind,
    ) -> EnergyPatch:
        """What a patch hands on to one operand, but for its gain."""
        import numpy as np

        shape = self.graph.nodes[operand].facts.output
        if len(reads) != len(shape.axes) or None in reads:
            apart = node.facts.rearranged is not None
            raise OutOfReachError(
                "axes are taken apart or put together"
                if apart
                else f"{node.name} does not say which positions it reads"
            )
        fed: list[int] = []
        followed: list[AxisMap | None] = []
        for read in reads:
            taps = local_taps(read)
            if taps is not None and node.facts.gain is None and weighs_taps(taps):
                raise OutOfReachError("how its weights are spread over their taps is not stated")
            if isinstance(read, Everything) and read.path == "main" and taps is not None:
                raise OutOfReachError("a global path carries a share of it that is not known")
            followed.append(taps)
            if taps is not None:
                assert read is not None
                assert read.axis is not None
                fed.append(read.axis)
        if len(set(fed)) < len(fed):
            raise OutOfReachError(f"{node.name} makes two axes of one")
        # All positions along an axis of the node that none of the operand becomes read the same of it.
        rank = patch.energies.ndim
        others = tuple(axis for axis in range(rank) if axis not in fed)
        energies = patch.energies.sum(axis=others) if others else patch.energies
        left = [axis for axis in range(rank) if axis in fed]
        energies = np.transpose(energies, [left.index(axis) for axis in fed])
        origin = [patch.origin[axis] for axis in fed]
        for place, taps in enumerate(followed):
            if taps is None:
                length = known(shape.axes[place])
                if length > 1 and not isinstance(reads[place], Collapsed):
                    raise OutOfReachError(f"{node.name} reads all positions with weights that are not known")
                self.budget.room(energies.size * length)
                energies = np.repeat(np.expand_dims(energies / length, place), length, axis=place)
                origin.insert(place, 0)
        found = EnergyPatch(tuple(origin), energies)
        for place, (taps, size) in enumerate(zip(followed, shape.axes, strict=True)):
            if taps is not None:
                found = along(found, place, taps, size, self.clipped and kind != "lost", self.budget)
                if size == 1 and self._alone(operand):
                    found = self._within(found, place)
        return found

    def _alone(self, operand: int) -> bool:
        """Whether a map has no positions beside its own, since it stands for all of another."""
        states = (self.fields.states[operand][number] for number in self.paths.slots)
        return any(state is not None and state.remarks & COLLAPSED for state in states)

    def _within(self, patch: EnergyPatch, axis: int) -> EnergyPatch:
        """What is handed to position 0 of an axis."""
        start = max(0, -patch.origin[axis])
        place = (*[slice(None)] * axis, slice(start, start + 1))
        origin = (*patch.origin[:axis], 0, *patch.origin[axis + 1 :])
        return EnergyPatch(origin, patch.energies[place])

    def _rescale(self) -> None:
        """Keep energies within what a float can hold."""
        most = max((float(patch.energies.max(initial=0.0)) for patch in self.pending.values()), default=0.0)
        if most > _LARGE or 0 < most < 1 / _LARGE:
            for key, patch in self.pending.items():
                self.pending[key] = patch._replace(energies=patch.energies / most)
