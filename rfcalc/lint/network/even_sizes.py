"""Input sizes near the present one at which every strided window of a network ends evenly.

Sizes alone are followed through the graph, along one axis at a time: whatever has the same length
stays one place, so a residual network of 150 layers has a handful of them, and many input lengths can be
tried.  The lengths at which windows end evenly repeat with the product of all that they are divided by.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import lcm
from typing import NamedTuple

from rfcalc.graph.ir import Node
from rfcalc.lint.network.windows import AxisWindows, windows_of
from rfcalc.lint.rule import Subject
from rfcalc.ops.attributes import Span
from rfcalc.ops.axis_maps import Transposed, in_place
from rfcalc.ops.facts import OperatorProblem
from rfcalc.ops.reads import AxisReads, Collapsed, Everything, identity
from rfcalc.ops.windows import resolve_padding, window_length
from rfcalc.shapes import Shape

# How far from the present length is looked, and how many lengths are worked out at most.
FURTHEST = 512
MOST_LENGTHS = 200_000

# How a length follows from the one before it.
#   windows: those of an AxisWindows, its size aside
#   straight: n · factor + offset; tiles: n, where it divides; divided: n / factor, where it divides
#   scaled: floor(n · numerator / denominator); constant: whatever n is
_Step = tuple[str, tuple[int, ...]]
_UNCHANGED: _Step = ("unchanged", ())


class _Place(NamedTuple):
    """A length that occurs in the network: that of an input, or one that follows from another place."""

    parent: int
    step: _Step
    root: int
    period: int


def even_inputs(subject: Subject) -> tuple[tuple[Shape, ...], ...]:
    """The nearest sizes of all inputs at which windows end evenly, nearest first, at most one on each side.

    Axes and inputs of one length keep one length.  Empty where there are none near, or where the length of a
    strided layer's map is not known.
    """
    inputs = subject.analysis.inputs
    lengths = _Lengths(subject)
    if lengths.unknown or not all(isinstance(n, int) for shape in inputs for n in shape.axes):
        return ()
    chosen: dict[int, tuple[int, ...]] = {}
    for root in lengths.uneven_roots():
        near = lengths.nearest(root)
        if not near:
            return ()
        chosen[root] = near
    found = [tuple(near[0] for near in chosen.values())] if chosen else []
    if len(chosen) == 1:
        # With several lengths to change, the nearest of each is enough to say.
        found = [(length,) for length in next(iter(chosen.values()))]
    return tuple(_replaced(inputs, dict(zip(chosen, picked, strict=True))) for picked in found)


def _replaced(inputs: tuple[Shape, ...], lengths: Mapping[int, int]) -> tuple[Shape, ...]:
    return tuple(
        Shape(tuple(lengths.get(n, n) if isinstance(n, int) else n for n in shape.axes), shape.channels)
        for shape in inputs
    )


class _Lengths:
    """The lengths that occur in a network, and how they follow from those of its inputs."""

    def __init__(self, subject: Subject) -> None:
        self.places: list[_Place] = []
        self.known: dict[tuple[int, _Step], int] = {}
        self.equal: dict[tuple[int, int], None] = {}
        # Whether the map of a strided layer has a length that cannot be followed.
        self.unknown = False
        self._follow(subject)

    def _follow(self, subject: Subject) -> None:
        nodes = subject.graph.nodes
        # For each node and each of its axes the place; None where it cannot be followed.
        at: list[tuple[int | None, ...]] = []
        for index, node in enumerate(nodes):
            if not node.inputs:
                axes = node.facts.output.axes
                at.append(tuple(self._root(n) if isinstance(n, int) else None for n in axes))
                continue
            windows = {found.axis: found for found in windows_of(subject, index)}
            if not node.arguments and node.facts.reads == (identity(len(at[node.inputs[0]])),):
                at.append(at[node.inputs[0]])
                continue
            steps = {axis: _window_step(found) for axis, found in windows.items()}
            at.append(
                self._leaving(node, [nodes[operand].facts.output for operand in node.inputs], at, steps)
            )
            for axis, found in windows.items():
                self.unknown |= found.stride > 1 and at[node.inputs[0]][axis] is None

    def _leaving(
        self,
        node: Node,
        entering: list[Shape],
        at: list[tuple[int | None, ...]],
        steps: Mapping[int, _Step],
    ) -> tuple[int | None, ...]:
        """The places of the axes of a layer's output; steps: those of its windows, by axis."""
        axes = node.facts.output.axes
        leaving: list[int | None] = [None] * len(axes)
        for operand, shape, reads in zip(node.inputs, entering, node.facts.reads or (), strict=False):
            for axis, read in enumerate(reads):
                if read is None or read.axis is None:
                    continue
                place, size, length = at[operand][axis], shape.axes[axis], axes[read.axis]
                if place is None or not isinstance(size, int) or not isinstance(length, int):
                    continue
                if isinstance(read, Everything) and size != length:
                    # One position that is read from everywhere says nothing of the length.
                    continue
                step = steps.get(axis) or _step(read, axis, size, length, node.arguments)
                reached = None if step is None else self._add(place, step)
                first = leaving[read.axis]
                if first is None:
                    leaving[read.axis] = reached
                elif reached is not None and reached != first:
                    self.equal[first, reached] = None
        return tuple(leaving)

    def _root(self, length: int) -> int:
        return self._add(-1, ("input", (length,)))

    def _add(self, parent: int, step: _Step) -> int:
        """The place reached from another by a step."""
        if step == _UNCHANGED:
            return parent
        place = self.known.get((parent, step))
        if place is None:
            place = self.known[parent, step] = len(self.places)
            root, period = (place, 1) if parent < 0 else self.places[parent][2:]
            period = min(period * _divisor(step), FURTHEST * 2)
            self.places.append(_Place(parent, step, root, period))
        return place

    def uneven_roots(self) -> dict[int, int]:
        """The present lengths of the inputs whose windows do not all end evenly, with their places."""
        roots = {place.step[1][0]: index for index, place in enumerate(self.places) if place.parent < 0}
        return {length: root for length, root in roots.items() if not self._is_even(root, length)}

    def nearest(self, length: int) -> tuple[int, ...]:
        """The nearest lengths to that of an input at which all windows end evenly; below and above.

        Less than half of it or more than twice would be another network.
        """
        root = self.known[-1, ("input", (length,))]
        period = 1
        for place in self.places:
            if place.root == root and period < FURTHEST:
                period = lcm(period, place.period)
        furthest = min(period, FURTHEST, MOST_LENGTHS // (2 * len(self.places)))
        found = []
        for direction in (1, -1):
            tried = (length + direction * distance for distance in range(1, furthest + 1))
            alike = (n for n in tried if length <= 2 * n <= 4 * length)
            even = next((n for n in alike if self._is_even(root, n)), None)
            found += [] if even is None else [even]
        return tuple(sorted(found, key=lambda n: (abs(n - length), n)))

    def _is_even(self, root: int, length: int) -> bool:
        """Whether every window that follows from an input of this length ends evenly.

        Also no when a window does not fit or lengths that must be equal are not.
        """
        values: list[int] = []
        for index, place in enumerate(self.places):
            if place.parent < 0:
                values.append(length if index == root else place.step[1][0])
                continue
            before = values[place.parent]
            value, even = _next(place.step, before)
            if value < 1 or (place.root == root and not even):
                return False
            values.append(value)
        return all(values[one] == values[other] for one, other in self.equal)


def _divisor(step: _Step) -> int:
    """What the length before a step is divided by: multiples of it make no difference to what is left."""
    kind, numbers = step
    if isinstance(numbers, AxisWindows):
        return numbers.stride
    return numbers[1] if kind == "scaled" else numbers[0] if kind in ("tiles", "divided") else 1


def _window_step(windows: AxisWindows) -> _Step:
    """The step of a layer with windows."""
    if windows.stride == 1 and windows.before + windows.after == windows.span - 1:
        return _UNCHANGED
    # Two axes with the same windows are one step, whatever their lengths.
    step = windows._replace(axis=0, size=0, number=0)
    return "windows", step._replace(before=0, after=0) if windows.same else step


def _step(
    read: AxisReads, axis: int, size: int, length: int, arguments: Mapping[str, object]
) -> _Step | None:
    """The step of a layer without windows; None where it cannot be told how the length follows.

    What is written decides, since any layer may happen to keep the present length.
    """
    factor, scale, window = (arguments.get(name) for name in ("factor", "scale", "window"))
    if isinstance(window, tuple):
        return "tiles", (window[axis],)
    if isinstance(factor, int):
        return ("divided", (factor,)) if length * factor == size else ("straight", (factor, 0))
    if isinstance(scale, tuple):
        return "scaled", (scale[axis].numerator, scale[axis].denominator)
    if arguments.get("like") is not None or _is_part(arguments):
        return None
    if isinstance(arguments.get("size"), tuple) or "to" in arguments:
        return "constant", (length,)
    if isinstance(read, Collapsed):
        return "constant", (length,)
    if isinstance(read, Everything):
        return _UNCHANGED
    if isinstance(read.taps, Transposed):
        return "straight", (read.taps.stride, length - size * read.taps.stride)
    if "kernel" in arguments:
        # Windows whose places depend on the data.
        return None
    if isinstance(arguments.get("padding"), tuple):
        return "straight", (1, length - size)
    return _UNCHANGED if in_place(read.taps) else None


def _is_part(arguments: Mapping[str, object]) -> bool:
    """Whether a layer keeps a part of the positions: a range, which may be all that there are now."""
    return any(isinstance(value, Span) for name, value in arguments.items() if name != "channels")


def _next(step: _Step, length: int) -> tuple[int, bool]:
    """The length that follows, 0 where there is none, and whether windows end evenly."""
    kind, numbers = step
    if isinstance(numbers, AxisWindows):
        windows = numbers._replace(size=length)
        if windows.same:
            ((before, after),) = resolve_padding(
                "same", (length,), (windows.kernel,), (windows.stride,), (windows.dilation,)
            )
            assert isinstance(before, int)
            assert isinstance(after, int)
            windows = windows._replace(before=before, after=after)
        padding = windows.before, windows.after
        try:
            number = window_length(
                length, windows.kernel, windows.stride, padding, windows.dilation, ceil=windows.rounded_up
            )
        except OperatorProblem:
            return 0, False
        assert isinstance(number, int)
        return number, windows._replace(number=number).ends_evenly
    first = numbers[0] if numbers else 0
    match kind:
        case "constant":
            return first, True
        case "straight":
            return length * first + numbers[1], True
        case "scaled":
            return length * first // numbers[1], True
        case "tiles":
            return (0 if length % first else length), True
    return (0 if length % first else length // first), True
