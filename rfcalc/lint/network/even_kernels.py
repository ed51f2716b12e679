"""How far even kernels move maps off the middle, layer by layer and axis by axis."""

from __future__ import annotations

from fractions import Fraction

from rfcalc.lint.network.fields import steps
from rfcalc.lint.network.windows import AxisWindows, with_windows
from rfcalc.lint.rule import Subject
from rfcalc.ops.axis_maps import AxisMap, count_of
from rfcalc.records import NamedTuple

_NONE = Fraction(0)


class Move(NamedTuple):
    """An even kernel that moves its map along one axis.

    kernel, span: its length without and with dilation.
    before, after: the padding in effect, in positions of its operand, that of padding layers in front of it
        included; negative: so much of the operand is not reached.
    """

    axis: int
    kernel: int
    span: int
    stride: int
    before: int
    after: int

    @property
    def causal(self) -> bool:
        """Whether units read nothing behind their own position, as in a causal network."""
        return self.before == self.span - 1 and self.after <= 0

    @property
    def shift(self) -> Fraction:
        """How far the middle of the map moves, in positions of the operand; positive: towards the end."""
        return Fraction(self.after - self.before, 2)


class AxisShift(NamedTuple):
    """What has happened to a map along one axis.

    shift: how far even kernels have moved its middle, in its own positions, causal ones left out.
    meant: how far other layers have on purpose: cropping, and causal kernels of two positions, of which
        nobody knows whether they are causal or one of a balanced pair.
    before, after: positions that padding layers have added since the last window.
    """

    shift: Fraction = _NONE
    meant: Fraction = _NONE
    before: int = 0
    after: int = 0

    @property
    def off(self) -> Fraction:
        """How far even kernels leave the middle off: what is meant can undo that, and does not add to it."""
        if self.shift * self.meant >= 0:
            return self.shift
        both = self.shift + self.meant
        return max(both, _NONE) if self.shift > 0 else min(both, _NONE)


class Shifts(NamedTuple):
    """The shift of every node along each of its axes, and the layers to blame, by the index of the node."""

    nodes: list[tuple[AxisShift, ...]]
    moves: dict[int, tuple[Move, ...]]


def even_kernel_shifts(subject: Subject) -> Shifts:
    """How far even kernels have moved every map of a network.

    Where branches meet it is the least that one of them was moved: what they differ by is RF105's.  Nothing
    is reported for a network without such kernels.
    """
    # Such windows have no middle position, and none that a stride makes good.
    even = with_windows(subject, lambda each: each.span % 2 == 0 and each.taps.stride % 2 == 1)
    # Most networks have none, and need not be followed.
    if not even:
        return Shifts([], {})
    nodes: list[tuple[AxisShift, ...]] = []
    moves: dict[int, tuple[Move, ...]] = {}
    for index, node in enumerate(subject.graph.nodes):
        windows = {each.axis: each for each in even.get(index, ())}
        leaving = node.facts.output.axes
        found: list[list[AxisShift]] = [[] for _ in leaving]
        moving: list[Move] = []
        for step in steps(subject, index):
            taps, only = step.taps, step.taps.taps(0)
            new = old = nodes[step.operand][step.operand_axis]
            if taps.period == taps.shift == count_of(only) == 1:
                size = subject.graph.nodes[step.operand].facts.output.axes[step.operand_axis]
                left = leaving[step.axis]
                if isinstance(size, int) and isinstance(left, int):
                    new = _resized(old, -only.start, left - size + only.start)
            else:
                own = windows.get(step.operand_axis)
                move = None if own is None else _move(own, old)
                moving += [move] if move is not None and not move.causal else []
                new = _moved(old, move, taps)
            found[step.axis].append(new)
        nodes.append(tuple(min(each, key=lambda axis: abs(axis.off), default=AxisShift()) for each in found))
        if moving:
            moves[index] = tuple(moving)
    return Shifts(nodes, moves)


def _move(windows: AxisWindows, entering: AxisShift) -> Move | None:
    """How windows of an even span at an odd stride move the map; None where they do not."""
    if windows.number == 1:
        return None
    before, after = windows.taps.before + entering.before, windows.after_in_effect + entering.after
    # What the division leaves over at the end of even padding is not the kernel's doing.
    if before in (after, windows.taps.after + entering.after):
        return None
    return Move(windows.axis, windows.taps.kernel, windows.span, windows.taps.stride, before, after)


def _resized(old: AxisShift, before: int, after: int) -> AxisShift:
    """A map with so many positions more at its ends, or fewer.

    Padding belongs to the windows that read it.  Cutting off undoes padding first.
    """
    added = (old.before + max(before, 0), old.after + max(after, 0))
    undone = (min(added[0], max(-before, 0)), min(added[1], max(-after, 0)))
    taken = Fraction(max(-before, 0) - undone[0] - max(-after, 0) + undone[1], 2)
    return AxisShift(old.shift, old.meant + taken, added[0] - undone[0], added[1] - undone[1])


def _moved(old: AxisShift, move: Move | None, taps: AxisMap) -> AxisShift:
    """A map behind windows, in its own positions."""
    shift, meant = old.shift, old.meant
    if move is not None and not move.causal:
        shift += move.shift
    elif move is not None and move.span == 2:
        meant += move.shift
    if not (shift or meant):
        return AxisShift()
    scale = Fraction(taps.period, taps.shift)
    return AxisShift(shift * scale, meant * scale)
