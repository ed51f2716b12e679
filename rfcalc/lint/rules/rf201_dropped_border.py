"""RF201: windows that end before their input does.

Finds: Convolutions and pooling layers with a stride of whose map the last rows or columns are read by no
window, because the division that gives the number of windows leaves a rest, where that is one in 32 or more:
2x2 pooling of a 13x13 map leaves its last row and column out. One finding for the network. Padding that the
rest leaves uneven, 3 before and 2 after, is left alone: however many such layers there are, together they
move the last map by less than half of its own positions, and nearly all networks do so.
Why: What stands at one border is not seen, so detectors miss small objects there, and what was computed for
it is thrown away.
Source: Alsallakh et al. 2021 (Mind the Pad: CNNs can develop blind spots)
Instead: Let the last window hang over the border (`ceil=yes`, or padding behind), or give the network an
input size at which the division leaves no rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.lint.finding import Finding
from rfcalc.lint.network.windows import AxisWindows, along_alike, windows_of, with_windows
from rfcalc.lint.network.wiring import by_line, first_few, more_of, summed
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.attributes import SizeReference
from rfcalc.ops.facts import Facts
from rfcalc.ops.registry import applied, find_operator
from rfcalc.shapes import Shape, Size, format_sizes

# Of the positions of a map one in so many must be lost.
SHARE_LOST = 32
# Of more lines the rest are counted.
_MOST_NAMED = 4
# How far from the present length is looked.
FURTHEST = 512
# Layers that are looked at in all, and how many of these one that is applied counts as.
MOST_LAYERS = 200_000
APPLYING = 20


def _together(found: Sequence[Finding]) -> Finding:
    """The layer that loses most, with the others by name."""
    first, *others = found
    figures = ((each.layer, each.figures) for each in others)
    names = (f"{layer} ({figure['dropped']} of {figure['size']})" for layer, figure in figures)
    return first._replace(
        message=f"{first.message}; likewise {first_few(names, _MOST_NAMED)}",
        figures={**first.figures, "layers": summed(found, "layers")},
    )


@rule(
    "info",
    together=_together,
    fires="input: 13x13x3\nlayers:\n  - maxpool f=2 s=2\n",
    silent="input: 224x224x3\nlayers:\n  - conv f=7 s=2 p=3 d=64\n  - maxpool f=3 s=2 p=1\n"
    "  - maxpool f=2 s=2\n",
)
def find(subject: Subject) -> Reported:
    lost = with_windows(subject, lambda each: each.taps.stride > 1 and each.dropped * SHARE_LOST >= each.size)
    near = _near(subject) if lost else ""
    # The line that loses the largest share is told first; of equals the first.
    for line in sorted(by_line(subject, lost), key=lambda line: -max(_share(each) for each in lost[line[0]])):
        index = line[0]
        node = subject.graph.nodes[index]
        worst = max(lost[index], key=_share)
        rank = len(node.facts.output.axes)
        last = "the last position" if worst.dropped == 1 else f"the last {worst.dropped} positions"
        yield Found(
            f"no window of {node.name} ({worst.span} at stride {worst.taps.stride}) reads {last} of "
            f"{worst.size}{along_alike(worst, lost[index], rank)}{more_of(subject, line)}",
            index,
            hint=f"{_change(subject, index, lost[index])}{near}",
            figures={"dropped": worst.dropped, "size": worst.size, "layers": len(line)},
        )


def _share(windows: AxisWindows) -> float:
    return windows.dropped / windows.size


def _near(subject: Subject) -> str:
    """The nearest sizes of the input at which all windows reach the end; "" where there are none."""
    sizes = " or ".join(
        ", ".join(dict.fromkeys(format_sizes(shape.axes) for shape in inputs))
        for inputs in _even_inputs(subject)
    )
    return f"; with an input of {sizes} no window of the network leaves positions out" if sizes else ""


def _change(subject: Subject, index: int, lost: list[AxisWindows]) -> str:
    """What lets the windows of a layer reach the end."""
    node = subject.graph.nodes[index]
    change = "ceil=yes"
    if "ceil" not in node.arguments:
        padding = [
            f"{each.taps.before}:{each.taps.after + (each.taps.stride - each.unread if each.dropped else 0)}"
            for each in windows_of(subject, index)
        ]
        change = f"p={'x'.join(padding if len(set(padding)) > 1 else padding[:1])}"
    them = "it" if lost[0].dropped == 1 else "them"
    return f"{change} gives {node.name} one more window, which reads {them}"


def _even_inputs(subject: Subject) -> tuple[tuple[Shape, ...], ...]:
    """The nearest sizes of all inputs at which windows leave nothing out, at most one on each side.

    Axes and inputs of one length keep one length.  Empty where there are none near, where a length is a
    symbol, or where it is not known which one a window depends on.
    """
    inputs = subject.analysis.inputs
    if not all(isinstance(n, int) for shape in inputs for n in shape.axes):
        return ()
    sizes = _InputSizes(subject)
    if frozenset() in sizes.short:
        return ()
    chosen: dict[int, tuple[int, ...]] = {}
    for length in dict.fromkeys(n for shape in inputs for n in shape.axes):
        if isinstance(length, int) and any(length in lengths for lengths in sizes.short):
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

    The layers are applied again to each size that is tried, up to the first window that ends too early or the
    first layer that does not fit: most sizes fail at one of the first strides.
    windows: the strided windows of each layer, each with the lengths of the inputs that it depends on.
    short: those lengths, of the windows that end before their input does.
    """

    def __init__(self, subject: Subject) -> None:
        self.nodes = subject.graph.nodes
        self.windows = {
            index: [(each, _lengths(subject, self.nodes[index].inputs[0], each.axis)) for each in found]
            for index, found in with_windows(subject, lambda each: each.taps.stride > 1).items()
        }
        self.short = {lengths for found in self.windows.values() for each, lengths in found if each.dropped}
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
        """The nearest lengths to that of an input at which no window leaves anything out; below and above.

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
        """Whether every window that depends on inputs of a length reaches the end with another length.

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
                    isinstance(size, int) and not windows.over(size).dropped
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
