"""RF201: windows that end before their padded input does, or are padded more on one side.

Finds: A convolution or pooling with a stride whose windows end before its padded input does, because the
division that gives their number leaves a rest, or that `same` pads more on one side: the padding in effect
differs from one side to the other, or the last rows and columns are read by no window. Padding that is
written uneven, and read, is what its author wants.
Why: The map is seen off-centre, a little more in every such layer, and what lies at one border is seen less:
detectors miss small objects there. Sizes that divide, such as 225 for a network that halves its map five
times by windows of 3, cost next to nothing.
Source: Alsallakh et al. 2021 (Mind the Pad: CNNs can develop blind spots)
Instead: Give the network an input size at which every strided window divides, or change the padding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.lint.network.windows import AxisWindows, along, windows_of, with_windows
from rfcalc.lint.network.wiring import by_line, counted, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.attributes import SizeReference
from rfcalc.ops.facts import Facts
from rfcalc.ops.registry import applied, find_operator
from rfcalc.shapes import Shape, Size, format_sizes

# How far from the present length is looked.
FURTHEST = 512
# Layers that are looked at in all, and how many of these one that is applied counts as.
MOST_LAYERS = 200_000
APPLYING = 20


@rule(
    "info",
    fires="input: 224x224x3\nlayers:\n  - conv f=7 s=2 p=3 d=64\n",
    silent="input: 225x225x3\nlayers:\n  - conv f=7 s=2 p=3 d=64\n  - maxpool f=3 s=2 p=1\n",
)
def find(subject: Subject) -> Reported:
    uneven = with_windows(subject, lambda each: each.taps.stride > 1 and not each.ends_evenly)
    hint = _hint(subject) if uneven else ""
    hints = {index: hint or _own_hint(subject, index, windows) for index, windows in uneven.items()}
    for line in by_line(subject, uneven, hints.get):
        index = line[0]
        windows = uneven[index]
        node = subject.graph.nodes[index]
        rank = len(node.facts.output.axes)
        groups: dict[AxisWindows, list[int]] = {}
        for each in windows:
            groups.setdefault(each._replace(axis=0), []).append(each.axis)
        text = "; ".join(_text(node.name, each, along(axes, rank)) for each, axes in groups.items())
        yield Found(
            f"{text}{more_of(subject, line)}",
            index,
            hint=hints[index],
            figures={
                "unread": max(each.unread for each in windows),
                "unread_input": max(_lost(each) for each in windows),
                "before": windows[0].taps.before,
                "after": windows[0].after_in_effect,
                "layers": len(line),
            },
        )


def _lost(windows: AxisWindows) -> int:
    """How many of the last positions of the input itself no window reads."""
    return max(0, -windows.after_in_effect)


def _text(name: str, windows: AxisWindows, where: str) -> str:
    before, after = windows.taps.before, max(windows.after_in_effect, 0)
    which = f"the windows of {name} ({windows.span} at stride {windows.taps.stride})"
    if windows.unread == 0:
        return (
            f"{which} have a padding of {before} before and {after} after the {windows.size} "
            f"positions{where}, which is what `same` comes to"
        )
    padded = " + ".join(str(part) for part in (before, windows.size, windows.taps.after) if part)
    short = f"{which} end {windows.unread} short of the {padded} positions{where}"
    lost = _lost(windows)
    if lost:
        last = "the last one of the input is" if lost == 1 else f"the last {lost} of the input are"
        return f"{short}: {last} read by none"
    return f"{short}: the padding is in effect {before} before and {after} after"


def _hint(subject: Subject) -> str:
    """The nearest sizes of the inputs at which no layer is uneven; "" when none is near."""
    near = _even_inputs(subject)
    if not near:
        return ""
    sizes = " or ".join(
        ", ".join(dict.fromkeys(format_sizes(shape.axes) for shape in inputs)) for inputs in near
    )
    return f"with an input of {sizes} the windows of every layer end evenly"


def _own_hint(subject: Subject, index: int, uneven: Sequence[AxisWindows]) -> str:
    """What a layer by itself could have where no input of another size helps."""
    lost = [windows for windows in uneven if _lost(windows)]
    if lost:
        return (
            f"its own input would have to be {counted(lost[0].unread, 'position')} shorter or "
            f"{lost[0].taps.stride - lost[0].unread} longer"
        )
    axes = windows_of(subject, index)
    padding = [
        f"{each.taps.before}:{each.after_in_effect if each in uneven else each.taps.after}" for each in axes
    ]
    written = "x".join(padding if len(set(padding)) > 1 else padding[:1])
    return f"no size near is known at which all windows end evenly; where this is meant, write p={written}"


def _even_inputs(subject: Subject) -> tuple[tuple[Shape, ...], ...]:
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

    The layers are applied again to each size that is tried, up to the first window that ends unevenly or the
    first layer that does not fit: most sizes fail at one of the first strides.
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
