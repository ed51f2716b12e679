"""RF107: even kernels whose padding cannot be balanced, which move the map off the middle.

Finds: A kernel that spans an even number of positions at an odd stride, padded unevenly to keep the size: it
moves the map by half a position or more, and no later layer moves it back. The padding in effect counts: that
of padding layers in front too, and none that a stride leaves unread. Causal padding is meant and left alone,
and so are even kernels at even strides, which are in line with the image. A warning where the last map is off
by one of its positions or more.
Why: An even kernel has no middle position. Each such layer moves the map half a position to the same side,
and in a stack the shifts add up: edges are seen next to where they are.
Source: Wu, Wang, Lu, Li and Zhou 2019, Convolution with even-sized kernels and symmetric padding
Instead: Choose an odd kernel; or pad two even kernels in turn on opposite sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from rfcalc.conditions.words import amount
from rfcalc.errors import Related
from rfcalc.lint.network.even_kernels import Move, Shifts, even_kernel_shifts
from rfcalc.lint.network.fields import as_fraction, last_maps, steps
from rfcalc.lint.network.windows import along
from rfcalc.lint.network.wiring import by_line, counted, more_of
from rfcalc.lint.rule import Found, Subject, rule
from rfcalc.records import NamedTuple
from rfcalc.shapes import format_sizes


class _End(NamedTuple):
    """A last map that even kernels leave off the middle along an axis: by how many of its positions."""

    total: Fraction
    node: int


class _Blame(NamedTuple):
    """A layer that moves a map along an axis to the side that the last map is off to."""

    node: int
    move: Move
    end: _End


@rule(
    "info",
    fires="input: 32x32x3\nlayers:\n  - conv f=4 p=same d=16\n  - relu\n  - conv f=4 p=same d=16\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=4 p=1:2 d=16\n  - conv f=4 p=2:1 d=16\n  - maxpool f=2 s=2\n"
    "  - conv f=2 d=16\n  - conv f=2 s=2 d=16\n",
)
def find(subject: Subject) -> Iterator[Found]:
    shifts = even_kernel_shifts(subject)
    if not shifts.moves:
        return
    ends = _ends(subject, shifts)
    blamed: dict[int, list[_Blame]] = {}
    for index, moves in shifts.moves.items():
        for move in moves:
            end = ends.get((index, move.axis, move.shift > 0))
            if end is not None:
                blamed.setdefault(index, []).append(_Blame(index, move, end))
    for line in by_line(subject, blamed):
        worst = max((each for index in line for each in blamed[index]), key=lambda each: abs(each.end.total))
        alike = [
            each.move
            for each in blamed[worst.node]
            if each.end == worst.end and each.move._replace(axis=worst.move.axis) == worst.move
        ]
        yield _found(subject, line, worst, alike)


def _ends(subject: Subject, shifts: Shifts) -> dict[tuple[int, int, bool], _End]:
    """For each axis of each node the last map behind it that is furthest off the middle.

    To either side: True stands for the end, False for the beginning.
    """
    found: dict[tuple[int, int, bool], _End] = {}
    for index in last_maps(subject):
        for axis, each in enumerate(shifts.nodes[index]):
            if each.off:
                found[index, axis, each.off > 0] = _End(each.off, index)
    for index in reversed(range(len(subject.graph.nodes))):
        for step, side in product(steps(subject, index), (False, True)):
            behind = found.get((index, step.axis, side))
            place = step.operand, step.operand_axis, side
            # What comes before a map that is in the middle is not to blame for what comes behind it.
            if behind is not None and shifts.nodes[step.operand][step.operand_axis].off:
                found[place] = max(found.get(place, behind), behind, key=lambda end: abs(end.total))
    return found


def _found(subject: Subject, line: tuple[int, ...], worst: _Blame, moves: list[Move]) -> Found:
    nodes = subject.graph.nodes
    node, last = nodes[worst.node], nodes[worst.end.node]
    move, own, total = worst.move, worst.move.shift, worst.end.total
    stride, before = _stride(subject, worst.end.node), _stride(subject, node.inputs[0])
    pixels = "" if stride is None else f" ({amount(abs(total) * stride)} of the input)"
    own_pixels = "" if before in (None, 1) else f" ({amount(abs(own) * (before or 1))} of the input)"
    where = along([each.axis for each in moves], len(node.facts.output.axes))
    side = "end" if own > 0 else "beginning"
    again = f", or pad another even kernel the other way round ({move.after}:{move.before})"
    return Found(
        f"the even kernel of {node.name}, {format_sizes(each.kernel for each in moves)}, padded by "
        f"{move.before} before and {move.after} behind in effect, moves its map "
        f"{counted(abs(own), 'position')}{own_pixels} towards the {side}{where}"
        f"{more_of(subject, line, worst.node)}; even kernels leave {last.name} "
        f"{counted(abs(total), 'position')}{pixels} off the middle{where}",
        worst.node,
        related=() if worst.end.node in line else (Related("no later layer moves it back", last.position),),
        hint=f"take an odd kernel{again if move.stride == 1 and move.after >= 0 <= move.before else ''}",
        figures={"shift": float(own), "total": float(total)},
        severity="warning" if abs(total) >= 1 else "info",
    )


def _stride(subject: Subject, node: int) -> Fraction | None:
    """Input positions from one unit of a node to the next, where it is the same along all axes."""
    strides = {axis.stride for field in subject.analysis.fields.nodes[node].inputs for axis in field or ()}
    only = next(iter(strides)) if len(strides) == 1 else None
    return None if only is None else as_fraction(only)
