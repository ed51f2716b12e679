"""Input sizes near the present one at which every strided window of a network ends evenly.

The layers are applied again to each size that is tried, up to the first window that ends unevenly or the
first layer that does not fit: most sizes fail at one of the first strides.
"""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.lint.network.windows import with_windows
from rfcalc.lint.rule import Subject
from rfcalc.ops.attributes import SizeReference
from rfcalc.ops.facts import Facts
from rfcalc.ops.registry import applied, find_operator
from rfcalc.shapes import Shape, Size

# How far from the present length is looked.
FURTHEST = 512
# Layers that are looked at in all, and how many of these one that is applied counts as.
MOST_LAYERS = 200_000
APPLYING = 20


def even_inputs(subject: Subject) -> tuple[tuple[Shape, ...], ...]:
    """The nearest sizes of all inputs at which windows end evenly, nearest first, at most one on each side.

    Axes and inputs of one length keep one length.  Empty where there are none near, where a length is a
    symbol, or where it is not known which one an uneven window depends on.
    """
    inputs = subject.analysis.inputs
    if not all(isinstance(n, int) for shape in inputs for n in shape.axes):
        return ()
    sizes = _InputSizes(subject)
    if frozenset() in sizes.uneven:
        return ()
    chosen: dict[int, tuple[int, ...]] = {}
    for length in dict.fromkeys(n for shape in inputs for n in shape.axes):
        if isinstance(length, int) and any(length in lengths for lengths in sizes.uneven):
            chosen[length] = sizes.nearest(length)
            if not chosen[length]:
                return ()
    found = [tuple(near[0] for near in chosen.values())] if chosen else []
    if len(chosen) == 1:
        # With several lengths to change, the nearest of each is enough to say.
        found = [(length,) for length in next(iter(chosen.values()))]
    return tuple(
        tuple(_replaced(shape, dict(zip(chosen, picked, strict=True))) for shape in inputs)
        for picked in found
    )


def _replaced(shape: Shape, lengths: Mapping[int, int]) -> Shape:
    return shape._replace(axes=tuple(lengths.get(n, n) if isinstance(n, int) else n for n in shape.axes))


class _InputSizes:
    """The sizes of a network's layers where its inputs have others.

    windows: the strided windows of each layer, each with the lengths of the inputs that it depends on.
    uneven: those lengths, of the windows that end unevenly.
    """

    def __init__(self, subject: Subject) -> None:
        self.nodes = subject.graph.nodes
        self.windows = {
            index: [(each, _lengths(subject, self.nodes[index].inputs[0], each.axis)) for each in found]
            for index, found in with_windows(subject, lambda each: each.taps.stride > 1).items()
        }
        self.uneven = {
            lengths for found in self.windows.values() for each, lengths in found if not each.ends_evenly
        }
        self._left = MOST_LAYERS
        self._numbers = {node.name: index for index, node in enumerate(self.nodes)}
        # The layers whose size a layer follows, by the attribute that names them.
        self._followed = {
            index: followed
            for index, node in enumerate(self.nodes)
            if (followed := {k: v for k, v in node.arguments.items() if isinstance(v, SizeReference)})
        }
        # Layers that are alike share their facts.
        self._applied: dict[tuple[int, tuple[Shape, ...]], Shape | None] = {}

    def nearest(self, length: int) -> tuple[int, ...]:
        """The nearest lengths to that of an input at which all windows end evenly; below and above.

        Less than half of it or more than twice would be another network.
        """
        found = []
        for direction in (1, -1):
            tried = (length + direction * distance for distance in range(1, FURTHEST + 1))
            alike = (n for n in tried if length <= 2 * n <= 4 * length)
            even = next((n for n in alike if self._is_even(length, n)), None)
            found += [] if even is None else [even]
        return tuple(sorted(found, key=lambda n: (abs(n - length), n)))

    def _is_even(self, length: int, tried: int) -> bool:
        """Whether every window that depends on inputs of a length ends evenly with another length.

        Also no when a layer does not fit, or where there have been too many to look at.
        """
        shapes: list[Shape] = []
        for index, node in enumerate(self.nodes):
            self._left -= 1
            if not node.inputs:
                shapes.append(_replaced(node.facts.output, {length: tried}))
                continue
            entering = tuple(shapes[operand] for operand in node.inputs)
            for windows, lengths in self.windows.get(index, ()):
                size = entering[0].axes[windows.axis]
                if (length in lengths or not lengths) and not (
                    isinstance(size, int) and windows.over(size).ends_evenly
                ):
                    return False
            shape = self._shape(index, entering, shapes)
            if shape is None or self._left < 0:
                return False
            shapes.append(shape)
        return True

    def _shape(self, index: int, entering: tuple[Shape, ...], shapes: list[Shape]) -> Shape | None:
        """The size of a layer with operands of these sizes; None where it cannot be, or reads in another way.

        A map of several positions that has one then would be broadcast.
        """
        node = self.nodes[index]
        followed = {
            name: layer._replace(shape=shapes[self._numbers[layer.name]])
            for name, layer in self._followed.get(index, {}).items()
        }
        key = id(node.facts), (*entering, *(layer.shape for layer in followed.values()))
        if key not in self._applied:
            self._left -= APPLYING
            arguments = {**find_operator(node.op).undecided(node.arguments), **followed}
            facts = applied(node.op, entering, arguments)
            fits = facts is not None and _forms(facts) == _forms(node.facts)
            self._applied[key] = facts.output if facts is not None and fits else None
        return self._applied[key]


def _forms(facts: Facts) -> list[list[type]]:
    return [list(map(type, reads)) for reads in facts.reads or ()]


def _lengths(subject: Subject, node: int, axis: int) -> frozenset[Size]:
    """The lengths of the inputs, along the axes that run along an axis of a node."""
    running = subject.analysis.fields.nodes[node].axes
    return frozenset(
        length
        for shape, places in zip(subject.analysis.inputs, running, strict=True)
        for length, place in zip(shape.axes, places or (None,) * len(shape.axes), strict=True)
        if place == axis
    )
