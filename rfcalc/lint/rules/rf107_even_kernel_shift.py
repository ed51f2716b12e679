"""RF107: even kernels whose padding cannot be balanced, which move the map off the middle."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from rfcalc.errors import Related
from rfcalc.lint.network.fields import as_fraction, decimal, last_maps, local_taps, positions
from rfcalc.lint.network.windows import AxisWindows, along, windows_of
from rfcalc.lint.network.wiring import by_line, more_of
from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.shapes import format_sizes

_NONE = Fraction(0)


def _find(subject: Subject) -> Iterator[Found]:
    nodes = subject.graph.nodes
    moved = {index: axes for index, _ in subject.layers() if (axes := _moving(subject, index))}
    blamed = {index for index, axes in moved.items() if not all(map(_is_causal, axes))}
    if not blamed:
        return
    shifts = _shifts(subject, moved)
    # The last maps that are still off the middle, by the layers before them.
    ends: dict[int, int] = {index: index for index in last_maps(subject) if any(shifts[index])}
    for index in reversed(range(len(nodes))):
        if index in ends:
            for operand in nodes[index].inputs:
                ends.setdefault(operand, ends[index])
    for line in by_line(subject, [index for index in sorted(blamed) if index in ends]):
        yield _found(
            subject, line, [axis for axis in moved[line[0]] if not _is_causal(axis)], ends[line[0]], shifts
        )


def _moving(subject: Subject, index: int) -> tuple[AxisWindows, ...]:
    """Along which axes a layer has an even window, an odd stride, and more padding on one side."""
    return tuple(
        axis
        for axis in windows_of(subject, index)
        if axis.span % 2 == 0 and axis.stride % 2 and axis.before != axis.after and axis.number > 1
    )


def _is_causal(axis: AxisWindows) -> bool:
    return axis.after == 0 and axis.before == axis.span - 1


def _shifts(subject: Subject, moved: dict[int, tuple[AxisWindows, ...]]) -> list[tuple[Fraction, ...]]:
    """How far even kernels have moved each map along each axis, in its own positions.

    Where branches meet it is the least that one of them was moved: what they differ by is RF105's.
    """
    shifts: list[tuple[Fraction, ...]] = []
    for index, node in enumerate(subject.graph.nodes):
        own = {axis.axis: Fraction(axis.after - axis.before, 2) for axis in moved.get(index, ())}
        found: dict[int, list[Fraction]] = {}
        for operand, reads in zip(node.inputs, node.facts.reads or (), strict=False):
            for axis, read in enumerate(reads):
                taps = local_taps(read)
                if taps is not None and read is not None and read.axis is not None:
                    before = shifts[operand][axis] + own.get(axis, _NONE)
                    found.setdefault(read.axis, []).append(
                        before * taps.period / taps.shift if before else _NONE
                    )
        shifts.append(
            tuple(min(found.get(axis, [_NONE]), key=abs) for axis in range(len(node.facts.output.axes)))
        )
    return shifts


def _found(
    subject: Subject,
    line: tuple[int, ...],
    axes: list[AxisWindows],
    end: int,
    shifts: list[tuple[Fraction, ...]],
) -> Found:
    nodes = subject.graph.nodes
    node, last = nodes[line[0]], nodes[end]
    first = axes[0]
    own = Fraction(first.after - first.before, 2)
    total = max(shifts[end], key=abs)
    stride, before = _stride(subject, end), _stride(subject, node.inputs[0])
    pixels = "" if stride is None else f" ({decimal(abs(total) * stride)} of the input)"
    own_pixels = "" if before in (None, 1) else f" ({decimal(abs(own) * (before or 1))} of the input)"
    where = along([axis.axis for axis in axes], len(node.facts.output.axes))
    side = "end" if own > 0 else "beginning"
    return Found(
        f"the even kernel of {node.name}, {format_sizes(axis.kernel for axis in axes)}, padded by "
        f"{first.before} before and {first.after} behind, moves its map {positions(abs(own))}{own_pixels} "
        f"towards the {side}{where}{more_of(line)}; even kernels leave {last.name} "
        f"{positions(abs(total))}{pixels} off the middle",
        line[0],
        related=() if end in line else (Related("no later layer moves this map back", last.position),),
        hint="take an odd kernel, or pad another even kernel the other way round "
        f"({first.after}:{first.before})",
        figures={"shift": float(own), "total": float(total)},
        severity="warning" if abs(total) >= 1 else "info",
    )


def _stride(subject: Subject, node: int) -> Fraction | None:
    """Input positions from one unit of a node to the next, where it is the same along all axes."""
    strides = {axis.stride for field in subject.analysis.fields.nodes[node].inputs for axis in field or ()}
    only = next(iter(strides)) if len(strides) == 1 else None
    return None if only is None else as_fraction(only)


RULE = Rule(
    code="RF107",
    name="even-kernel-shift",
    severity="info",
    what="A kernel that spans an even number of positions at an odd stride, padded unevenly to keep the "
    "size: it moves the map by half a position or more, and no later layer moves it back. Causal padding is "
    "meant and left alone, and so are even kernels at even strides, which are in line with the image. A "
    "warning where the last map is off by one of its positions or more.",
    why="An even kernel has no middle position. Each such layer moves the map half a position to the same "
    "side, and in a stack the shifts add up: edges are seen next to where they are.",
    source="Wu, Wang, Lu, Li and Zhou 2019, Convolution with even-sized kernels and symmetric padding",
    instead="Choose an odd kernel; or pad two even kernels in turn on opposite sides.",
    fires="input: 32x32x3\nlayers:\n  - conv f=4 p=same d=16\n  - relu\n  - conv f=4 p=same d=16\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=4 p=1:2 d=16\n  - conv f=4 p=2:1 d=16\n  - maxpool f=2 s=2\n"
    "  - conv f=2 d=16\n  - conv f=2 s=2 d=16\n",
    find=_find,
)
