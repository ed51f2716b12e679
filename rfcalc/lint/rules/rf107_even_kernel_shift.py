"""RF107: even kernels whose padding cannot be balanced, which move the map off the middle.

Finds: A kernel that spans an even number of positions at an odd stride, padded unevenly to keep the size: it
moves the map by half a position or more, and no later layer moves it back or makes the map so coarse that it
is less than an eighth of one position in the end. The padding in effect counts: that
of padding layers in front too, and none that a stride leaves unread. Causal padding is meant and left alone,
and so are even kernels at even strides, which are in line with the image. A warning where the last map is off
by one of its positions or more.
Why: An even kernel has no middle position. Each such layer moves the map half a position to the same side,
and in a stack the shifts add up: edges are seen next to where they are.
Source: Wu, Wang, Lu, Li and Zhou 2019, Convolution with even-sized kernels and symmetric padding
Instead: Choose an odd kernel; or pad two even kernels in turn on opposite sides.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from rfcalc.analysis.fields.steps import as_fraction, steps
from rfcalc.conditions.words import amount
from rfcalc.errors import Related
from rfcalc.lint.network.fields import last_maps
from rfcalc.lint.network.windows import AxisWindows, along, with_windows
from rfcalc.lint.network.wiring import by_line, counted, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.axis_maps import AxisMap, count_of
from rfcalc.records import NamedTuple
from rfcalc.shapes import format_sizes

# By how many of its positions a last map must be off: less is within every unit of it.
LEAST_OFF = Fraction(1, 8)
_NONE = Fraction(0)


class _Move(NamedTuple):
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


class _AxisShift(NamedTuple):
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


class _End(NamedTuple):
    """A last map that even kernels leave off the middle along an axis: by how many of its positions."""

    total: Fraction
    node: int


@rule(
    "info",
    fires="input: 32x32x3\nlayers:\n  - conv f=4 p=same d=16\n  - relu\n  - conv f=4 p=same d=16\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=4 p=1:2 d=16\n  - conv f=4 p=2:1 d=16\n  - maxpool f=2 s=2\n"
    "  - conv f=2 d=16\n  - conv f=2 s=2 d=16\n",
)
def find(subject: Subject) -> Reported:
    shifts, moved = _shifts(subject)
    if not moved:
        return
    ends = _ends(subject, shifts)
    # The layers that move a map to the side that the last map is off to.
    blamed: dict[int, list[tuple[_Move, _End]]] = {}
    for index, moves in moved.items():
        for move in moves:
            end = ends.get((index, move.axis, move.shift > 0))
            if end is not None:
                blamed.setdefault(index, []).append((move, end))
    nodes = subject.graph.nodes
    for line in by_line(subject, blamed):
        worst = max(line, key=lambda index: max(abs(end.total) for _, end in blamed[index]))
        move, end = max(blamed[worst], key=lambda each: abs(each[1].total))
        alike = [each for each, its in blamed[worst] if its == end and each._replace(axis=move.axis) == move]
        node, last, own, total = nodes[worst], nodes[end.node], move.shift, end.total
        stride, before = _stride(subject, end.node), _stride(subject, node.inputs[0])
        pixels = "" if stride is None else f" ({amount(abs(total) * stride)} of the input)"
        own_pixels = "" if before in (None, 1) else f" ({amount(abs(own) * (before or 1))} of the input)"
        where = along([each.axis for each in alike], len(node.facts.output.axes))
        side = "end" if own > 0 else "beginning"
        again = f", or pad another even kernel the other way round ({move.after}:{move.before})"
        yield Found(
            f"the even kernel of {node.name}, {format_sizes(each.kernel for each in alike)}, padded by "
            f"{move.before} before and {move.after} behind in effect, moves its map "
            f"{counted(abs(own), 'position')}{own_pixels} towards the {side}{where}"
            f"{more_of(subject, line, worst)}; even kernels leave {last.name} "
            f"{counted(abs(total), 'position')}{pixels} off the middle{where}",
            worst,
            related=() if end.node in line else (Related("no later layer moves it back", last.position),),
            hint=f"take an odd kernel{again if move.stride == 1 and move.after >= 0 <= move.before else ''}",
            figures={"shift": float(own), "total": float(total)},
            severity="warning" if abs(total) >= 1 else "info",
        )


def _shifts(subject: Subject) -> tuple[list[tuple[_AxisShift, ...]], dict[int, tuple[_Move, ...]]]:
    """How far even kernels have moved every map along each of its axes, and the layers to blame by index.

    Where branches meet it is the least that one of them was moved: what they differ by is RF105's.  Nothing
    is reported for a network without such kernels.
    """
    # Such windows have no middle position, and none that a stride makes good.
    even = with_windows(subject, lambda each: each.span % 2 == 0 and each.taps.stride % 2 == 1)
    # Most networks have none, and need not be followed.
    if not even:
        return [], {}
    nodes: list[tuple[_AxisShift, ...]] = []
    moves: dict[int, tuple[_Move, ...]] = {}
    for index, node in enumerate(subject.graph.nodes):
        windows = {each.axis: each for each in even.get(index, ())}
        leaving = node.facts.output.axes
        found: list[list[_AxisShift]] = [[] for _ in leaving]
        moving: list[_Move] = []
        for step in steps(subject.analysis.fields, index):
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
        nodes.append(tuple(min(each, key=lambda axis: abs(axis.off), default=_AxisShift()) for each in found))
        if moving:
            moves[index] = tuple(moving)
    return nodes, moves


def _move(windows: AxisWindows, entering: _AxisShift) -> _Move | None:
    """How windows of an even span at an odd stride move the map; None where they do not."""
    if windows.number == 1:
        return None
    before, after = windows.taps.before + entering.before, windows.after_in_effect + entering.after
    # What the division leaves over at the end of even padding is not the kernel's doing.
    if before in (after, windows.taps.after + entering.after):
        return None
    return _Move(windows.axis, windows.taps.kernel, windows.span, windows.taps.stride, before, after)


def _resized(old: _AxisShift, before: int, after: int) -> _AxisShift:
    """A map with so many positions more at its ends, or fewer.

    Padding belongs to the windows that read it.  Cutting off undoes padding first.
    """
    added = (old.before + max(before, 0), old.after + max(after, 0))
    undone = (min(added[0], max(-before, 0)), min(added[1], max(-after, 0)))
    taken = Fraction(max(-before, 0) - undone[0] - max(-after, 0) + undone[1], 2)
    return _AxisShift(old.shift, old.meant + taken, added[0] - undone[0], added[1] - undone[1])


def _moved(old: _AxisShift, move: _Move | None, taps: AxisMap) -> _AxisShift:
    """A map behind windows, in its own positions."""
    shift, meant = old.shift, old.meant
    if move is not None and not move.causal:
        shift += move.shift
    elif move is not None and move.span == 2:
        meant += move.shift
    if not (shift or meant):
        return _AxisShift()
    scale = Fraction(taps.period, taps.shift)
    return _AxisShift(shift * scale, meant * scale)


def _ends(subject: Subject, shifts: list[tuple[_AxisShift, ...]]) -> dict[tuple[int, int, bool], _End]:
    """For each axis of each node the last map behind it that is furthest off the middle.

    To either side: True stands for the end, False for the beginning.
    """
    found: dict[tuple[int, int, bool], _End] = {}
    for index in last_maps(subject):
        for axis, each in enumerate(shifts[index]):
            if abs(each.off) >= LEAST_OFF:
                found[index, axis, each.off > 0] = _End(each.off, index)
    for index in reversed(range(len(subject.graph.nodes))):
        for step, side in product(steps(subject.analysis.fields, index), (False, True)):
            behind = found.get((index, step.axis, side))
            place = step.operand, step.operand_axis, side
            # What comes before a map that is in the middle is not to blame for what comes behind it.
            if behind is not None and shifts[step.operand][step.operand_axis].off:
                found[place] = max(found.get(place, behind), behind, key=lambda end: abs(end.total))
    return found


def _stride(subject: Subject, node: int) -> Fraction | None:
    """Input positions from one unit of a node to the next, where it is the same along all axes."""
    strides = {axis.stride for field in subject.analysis.fields.nodes[node].inputs for axis in field or ()}
    only = next(iter(strides)) if len(strides) == 1 else None
    return None if only is None else as_fraction(only)
