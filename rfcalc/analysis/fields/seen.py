"""How many positions one unit of a layer sees, all axes together."""

from __future__ import annotations

from math import prod

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.axis_state import is_identity
from rfcalc.analysis.fields.figures import AxisField, Status
from rfcalc.analysis.fields.patches import PatchEffort
from rfcalc.analysis.fields.receptive_field import FieldAnalysis
from rfcalc.records import NamedTuple

# The entries of arrays that all layers of a network may take together: some seconds.
MOST_ENTRIES = 2**32
# How channels are read where all of them are: the union over them is as it was.
_PASSED_ON = ("all", "each", "group", "some")
_NO_COUNT = {
    Status.UNKNOWN: "the field is not known",
    Status.DATA_DEPENDENT: "the positions that are read depend on the data",
    Status.BOUND: "only a bound of the field is known",
}


class Seen(NamedTuple):
    """positions: how many a unit sees.  box: how many there are in the smallest box around them."""

    positions: int
    box: int

    @property
    def density(self) -> float:
        """The share of the box that is seen; 0 where nothing is."""
        return self.positions / self.box if self.box else 0.0


class SeenPositions:
    """What the unit in the middle of each layer of one network sees, all from one budget."""

    def __init__(self, fields: FieldAnalysis) -> None:
        self._fields = fields
        self._effort = PatchEffort(MOST_ENTRIES)
        self._origins: dict[int, int] = {}
        self._found: dict[tuple[int, int, bool], Seen | OutOfReachError] = {}

    def of(self, node: int, source: int) -> Seen:
        """What the unit in the middle of a layer sees of input number `source`.

        Global paths count where a main one is among them, and then what is seen is real; else they are
        left out and, as in the receptive field, padding counts as part of the signal.
        Raises OutOfReachError, with the reason, where it is not known, and ValueError where no such unit
        sees anything of the input.
        """
        axes = self._fields.nodes[node].inputs[source]
        if axes is None:
            raise ValueError(f"node {node} does not depend on input {source}")
        for axis in axes:
            if axis.status in _NO_COUNT:
                raise OutOfReachError(_NO_COUNT[axis.status])
        # What a global path sees is real, and then so is what is seen along the other axes.
        everything = any(axis.path == "main" or axis.size is None for axis in axes)
        alone = [_whole(axis) if everything else _along(axis) for axis in axes]
        known = [each for each in alone if each is not None]
        if len(known) == len(axes):
            return Seen(prod(each.positions for each in known), prod(each.box for each in known))
        place = self._origin(node), source, everything
        if place not in self._found:
            try:
                self._found[place] = self._in_the_plane(*place)
            except OutOfReachError as reason:
                self._found[place] = reason
        found = self._found[place]
        if isinstance(found, OutOfReachError):
            raise found
        return found

    def _in_the_plane(self, node: int, source: int, everything: bool) -> Seen:
        # Imported late: only sets that no axis alone shows need arrays.
        from rfcalc.analysis.fields.plane import support

        axes = self._fields.graph.nodes[node].facts.output.axes
        middle = [length // 2 if isinstance(length, int) else 0 for length in axes]
        found = support(
            self._fields,
            node,
            [middle],
            source,
            clipped=everything,
            everything=everything,
            effort=self._effort,
        )
        return Seen(found.size, int(found.seen.size))

    def _origin(self, node: int) -> int:
        """The layer that a layer passes on, each unit what one unit of the other sees, or itself."""
        nodes, passed = self._fields.graph.nodes, []
        while node not in self._origins:
            facts, operands = nodes[node].facts, nodes[node].inputs
            if not (
                facts.reads
                and len(operands) == len(facts.reads) == 1
                and facts.channels in _PASSED_ON
                and facts.output.axes == nodes[operands[0]].facts.output.axes
                and is_identity(facts.reads[0])
            ):
                self._origins[node] = node
                break
            passed.append(node)
            node = operands[0]
        self._origins.update(dict.fromkeys(passed, self._origins[node]))
        return self._origins[node]


def _along(axis: AxisField) -> Seen | None:
    """What every unit sees along one axis, whatever it sees along the others; None where that differs."""
    if axis.status in (Status.EXTENT, Status.PER_POSITION):
        return None
    low, high = axis.size or (0, 0)
    if low != high or axis.holes is None or axis.holes[0] != axis.holes[1]:
        return None
    return Seen(high - axis.holes[0], high)


def _whole(axis: AxisField) -> Seen | None:
    """The whole axis, where every unit sees that by a global path."""
    length = axis.strict if axis.whole and axis.status == Status.GLOBAL else None
    return Seen(length, length) if isinstance(length, int) else None
