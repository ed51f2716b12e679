"""Where the branches that meet in a join have parted, and what the layers since then do."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from rfcalc.analysis.fields.axis_state import Slot
from rfcalc.analysis.fields.receptive_field import FieldAnalysis
from rfcalc.analysis.fields.steps import BackStep, steps_along, stride_along
from rfcalc.ops.axis_maps import Window, centre_of, count_of
from rfcalc.records import NamedTuple


class Counts(NamedTuple):
    """How many layers on a way move the centre, look ahead, and read more than one position."""

    moving: int = 0
    ahead: int = 0
    wide: int = 0

    def minus(self, other: Counts) -> Counts:
        """What a way has that the rest of it has not."""
        return Counts(self.moving - other.moving, self.ahead - other.ahead, self.wide - other.wide)


class _Way(NamedTuple):
    """What is known of the way back from a node, by the first operand of each join.

    parent: the operand; None where the way ends.
    jump: a node further back, so that a way is gone back in logarithmically many steps; where it ends, the
        node itself.
    mover: the nearest node, this one included, whose layer moves the centre, and by how much.
    """

    depth: int
    parent: int | None
    jump: int
    counts: Counts
    mover: tuple[int, Fraction] | None


class WaysBack:
    """The ways back of all nodes to one axis of one input."""

    def __init__(self, fields: FieldAnalysis, slot: Slot) -> None:
        self._fields = fields
        self._slot = slot
        self._ways: list[_Way] = []
        for node in range(len(fields.graph.nodes)):
            step = next(steps_along(fields, node, slot), None)
            self._ways.append(_Way(0, None, node, Counts(), None) if step is None else self._extended(step))

    def parting(self, nodes: Iterable[int]) -> int | None:
        """The last node that the ways back from all nodes pass; None where they never meet."""
        found: int | None
        found, *others = nodes
        for node in others:
            found = None if found is None else self._common(found, node)
        return found

    def since(self, node: int, parting: int | None) -> Counts:
        """What the layers from a node back to another on its way do; None: all the way back."""
        counts = self._ways[node].counts
        return counts if parting is None else counts.minus(self._ways[parting].counts)

    def movers(self, node: int, parting: int | None, most: int) -> list[tuple[int, Fraction]]:
        """The nearest layers since the parting that move the centre, and by how many input positions."""
        found: list[tuple[int, Fraction]] = []
        for _ in range(min(most, self.since(node, parting).moving)):
            mover = self._ways[node].mover
            assert mover is not None
            found.append(mover)
            behind = self._ways[mover[0]].parent
            assert behind is not None
            node = behind
        return found

    def _extended(self, step: BackStep) -> _Way:
        behind = self._ways[step.operand]
        middle = self._ways[behind.jump]
        # Jumps as long as those of the two before are joined: Myers 1983, Applicative random-access stacks.
        equal = behind.depth - middle.depth == middle.depth - self._ways[middle.jump].depth
        # By how many positions of the input it moves the centre; None where that is not known.
        stride, moved = stride_along(self._fields, step.operand, self._slot), centre_of(step.taps)
        shift = None if stride is None or moved is None else moved * stride
        counts = Counts(
            behind.counts.moving + bool(shift),
            behind.counts.ahead + _looks_ahead(step),
            behind.counts.wide + (step.taps.period != 1 or count_of(step.taps.taps(0)) != 1),
        )
        return _Way(
            behind.depth + 1,
            step.operand,
            middle.jump if equal else step.operand,
            counts,
            (step.node, shift) if shift else behind.mover,
        )

    def _common(self, one: int, two: int) -> int | None:
        depth = min(self._ways[one].depth, self._ways[two].depth)
        one, two = self._up(one, depth), self._up(two, depth)
        while one != two:
            first, second = self._ways[one], self._ways[two]
            if first.parent is None or second.parent is None:
                return None
            apart = first.jump != second.jump
            one, two = (first.jump, second.jump) if apart else (first.parent, second.parent)
        return one

    def _up(self, node: int, depth: int) -> int:
        way = self._ways[node]
        while way.depth > depth and way.parent is not None:
            node = way.jump if self._ways[way.jump].depth >= depth else way.parent
            way = self._ways[node]
        return node


def _looks_ahead(step: BackStep) -> bool:
    """Whether unit 0 of a layer reads past position 0, other than for want of padding in front."""
    taps, only = step.taps, step.taps.taps(0)
    if taps.period != 1:
        return True
    if only[-1] <= 0:
        return False
    return taps.shift != 1 or only.start < 0 or (isinstance(taps, Window) and taps.after > 0)
