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
from rfcalc.ops.axis_maps import AxisMap, Window, in_place
from rfcalc.ops.reads import AxisReads, Collapsed, Everything, identity, local_taps
from rfcalc.shapes import Shape

# How far from the present length is looked, and how many lengths are worked out at most.
FURTHEST = 512
MOST_LENGTHS = 200_000


class _Scaled(NamedTuple):
    """A length that no reading tells: floor(n · factor / shift), or with a factor of 0 the `constant`."""

    factor: int
    shift: int
    constant: int = 0

    def length(self, size: int) -> int:
        return size * self.factor // self.shift + self.constant


# How a length follows from the one before it.
_Step = AxisWindows | AxisMap | _Scaled
_UNCHANGED = _Scaled(1, 1)


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
    for length, root in lengths.uneven_roots().items():
        chosen[length] = lengths.nearest(root, length)
        if not chosen[length]:
            return ()
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
        self.known: dict[tuple[int, type, _Step], int] = {}
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
            if not node.arguments and node.facts.reads == (identity(len(at[node.inputs[0]])),):
                at.append(at[node.inputs[0]])
                continue
            windows = {found.axis: found for found in windows_of(subject, index)}
            at.append(
                self._leaving(node, [nodes[operand].facts.output for operand in node.inputs], at, windows)
            )
            for axis, found in windows.items():
                self.unknown |= found.taps.stride > 1 and at[node.inputs[0]][axis] is None

    def _leaving(
        self,
        node: Node,
        entering: list[Shape],
        at: list[tuple[int | None, ...]],
        windows: Mapping[int, AxisWindows],
    ) -> tuple[int | None, ...]:
        """The places of the axes of a layer's output; windows: those of the layer, by axis."""
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
                step = windows.get(axis) or _step(read, axis, length, node)
                reached = None if step is None else self._add(place, step)
                first = leaving[read.axis]
                if first is None:
                    leaving[read.axis] = reached
                elif reached is not None and reached != first:
                    self.equal[first, reached] = None
        return tuple(leaving)

    def _root(self, length: int) -> int:
        return self._add(-1, _Scaled(0, 1, length))

    def _add(self, parent: int, step: _Step) -> int:
        """The place reached from another by a step."""
        if isinstance(step, AxisWindows):
            # Two axes with the same windows are one step, whatever their lengths and their padding hold.
            before, after = (0, 0) if step.same else (step.taps.before, step.taps.after)
            taps = step.taps._replace(border="zero", weights="copied", before=before, after=after)
            step = AxisWindows(0, 0, taps, step.same)
            if taps.stride == 1 and (step.same or before + after == step.span - 1):
                return parent
        if step == _UNCHANGED:
            return parent
        key = parent, type(step), step
        place = self.known.get(key)
        if place is None:
            place = self.known[key] = len(self.places)
            root, period = (place, 1) if parent < 0 else self.places[parent][2:]
            # Multiples of what the length before is divided by make no difference to what is left.
            shift = step.taps.shift if isinstance(step, AxisWindows) else step.shift
            self.places.append(_Place(parent, step, root, min(period * shift, FURTHEST * 2)))
        return place

    def uneven_roots(self) -> dict[int, int]:
        """The present lengths of the inputs whose windows do not all end evenly, with their places."""
        roots = {
            _next(place.step, 0)[0]: index for index, place in enumerate(self.places) if place.parent < 0
        }
        return {length: root for length, root in roots.items() if not self._is_even(root, length)}

    def nearest(self, root: int, length: int) -> tuple[int, ...]:
        """The nearest lengths to that of an input at which all windows end evenly; below and above.

        Less than half of it or more than twice would be another network.
        """
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
            if index == root:
                values.append(length)
                continue
            value, even = _next(place.step, 0 if place.parent < 0 else values[place.parent])
            if value < 1 or (place.root == root and not even):
                return False
            values.append(value)
        return all(values[one] == values[other] for one, other in self.equal)


def _step(read: AxisReads, axis: int, length: int, node: Node) -> _Step | None:
    """The step of an axis that no windows are known of; None where it cannot be told how the length follows.

    What is written decides, since any layer may happen to keep the present length.
    """
    arguments, scale = node.arguments, node.arguments.get("scale")
    if isinstance(scale, tuple):
        return _Scaled(scale[axis].numerator, scale[axis].denominator)
    # Windows whose places depend on the data; a part of the positions, which may be all that there are now.
    if arguments.get("like") is not None or node.facts.data_dependent or _is_part(arguments):
        return None
    if isinstance(read, Collapsed) or isinstance(arguments.get("size"), tuple) or "to" in arguments:
        return _Scaled(0, 1, length)
    taps = local_taps(read)
    if taps is None or in_place(taps):
        return _UNCHANGED
    # Elements that are passed on must all be: a length that does not divide is refused.
    return AxisWindows(axis, 0, taps, False) if isinstance(taps, Window) else taps


def _is_part(arguments: Mapping[str, object]) -> bool:
    """Whether a layer keeps a part of the positions."""
    return any(isinstance(value, Span) for name, value in arguments.items() if name != "channels")


def _next(step: _Step, length: int) -> tuple[int, bool]:
    """The length that follows, 0 where there is none, and whether windows end evenly."""
    if isinstance(step, AxisWindows):
        windows = step.over(length)
        return windows.number, windows.ends_evenly
    return step.length(length) or 0, True
