"""RF101: a field that is smaller than the input, or than the objects to be seen.

Finds: The field of the last layer with positions spans less than half of the input of a network that averages
its map over all positions in the end, or less than the declared `object_size`. A field spans what lies
between the first position it sees and the last, holes included. Without `object_size` these are left alone: a
dense prediction; a network whose fully connected layer has weights of its own for each position, which puts
parts together (LeNet, VGG); an axis along which nothing is mixed, whose positions are points or samples of
their own (PointNet); and sequences, of which a class is seldom a matter of the whole length (M5).
Why: No unit sees the whole object, so shapes larger than the field are known only by their parts, and the
pooling averages what single units found. Of the field, the effective part is smaller still.
Source: Araujo, Norris and Sim 2019, Computing receptive fields of convolutional neural networks; Luo et al.
2016 on the effective field; Brendel and Bethge 2019 on what bags of local features can tell
Instead: Put a stride or a pooling early, after which each layer sees twice as far, or dilate late layers; or
make the input smaller. The finding says which, and what the field is then.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from rfcalc.analysis.fields.axis_state import Slot
from rfcalc.analysis.fields.figures import Status
from rfcalc.analysis.fields.steps import BackStep, steps_along, stride_along
from rfcalc.conditions.words import amount
from rfcalc.errors import Related, listed
from rfcalc.graph.ir import Node
from rfcalc.lint.network.fields import ObjectToSee, axis_field, collapsed_later, last_maps, objects_to_see
from rfcalc.lint.network.windows import along
from rfcalc.lint.network.wiring import has, surely_less
from rfcalc.lint.rule import Found, Reported, Subject, reached, rule
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size, format_sizes

# With these the field is no larger than the figure says; a global path sees everything.
_SURE = (Status.EXACT, Status.BOUND, Status.PER_POSITION)


# Strides of 2 are proposed in so many layers at most, and dilations of 2.
_MOST_STRIDES = 3
_MOST_DILATED = 3


class _Reaching(NamedTuple):
    """A layer with a kernel: by how many positions of the input it makes the field longer, its numbers."""

    node: int
    added: int
    stride: int
    dilation: int


@rule(
    "warning",
    fires="input: 64x64x3\nlayers:\n  - conv f=3 s=2 p=1 d=16\n  - relu\n  - conv f=3 s=2 p=1 d=32\n"
    "  - relu\n  - globalavgpool\n  - fc d=10\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=7 s=2 p=3 d=16\n  - relu\n  - conv f=7 s=2 p=3 d=32\n"
    "  - relu\n  - globalavgpool\n  - fc d=10\n",
)
def find(subject: Subject) -> Reported:
    graph = subject.graph
    objects = tuple(objects_to_see(subject))
    for source, looking, wanted, output in objects or _whole_inputs(subject):
        declared = bool(objects)
        found = _largest(subject, looking, source, wanted, declared)
        if found is None:
            continue
        last, short = found
        fields = subject.analysis.fields.nodes[last].inputs[source] or ()
        sizes = [fields[axis].size or (0, 0) for axis in short]
        name, given = graph.nodes[last].name, graph.nodes[graph.inputs[source]].name
        exact = all(low == high for low, high in sizes)
        exact = exact and all(fields[axis].status != Status.BOUND for axis in short)
        seen = ("" if exact else "at most ") + format_sizes(high for _, high in sizes)
        aim = format_sizes(wanted[axis] for axis in short)
        where = "" if len(short) == len(fields) else along(short, len(fields))
        related: tuple[Related, ...] = ()
        if declared:
            message = (
                f"the field of {name} spans {seen} positions{where}, and objects have {aim} "
                f"(object_size{output and ' of '}{output})"
            )
        else:
            behind = reached([last], subject.readers.__getitem__)
            seen_by = ((each, axis_field(subject, each, source, short[0])) for each in behind)
            covering = next((each for each, field in seen_by if field is not None and field.collapsed), None)
            if covering is None or not _averages(graph.nodes[covering]):
                continue
            which = f"of {given}" if len(graph.inputs) > 1 else "of the input"
            message = (
                f"the field of {name}, the last layer with positions, spans {seen} of the {aim} positions "
                f"{which}{where}; what lies further apart is only averaged, in {graph.nodes[covering].name}"
            )
            related = (Related("the whole map is covered here", graph.nodes[covering].position),)
        yield Found(
            message,
            last,
            related=related,
            hint=_hint(subject, last, source, short, wanted),
            figures={"field": [high for _, high in sizes], "wanted": [wanted[axis] for axis in short]},
        )


def _whole_inputs(subject: Subject) -> Iterator[ObjectToSee]:
    """Inputs that the main output decides about as a whole; no sequences."""
    graph = subject.graph
    deciding = set(graph.ancestors(graph.outputs[0])) if graph.outputs else set()
    maps = tuple(node for node in last_maps(subject) if node in deciding)
    for source, index in enumerate(graph.inputs):
        axes = graph.nodes[index].facts.output.axes
        if len(axes) > 1 and maps:
            yield ObjectToSee(source, maps, axes, "")


def _averages(node: Node) -> bool:
    """Whether a layer that covers a whole map treats all positions alike: it has no weights for each."""
    return not (has(node, "rearranging") or has(node, "dense") or has(node, "convolution"))


def _largest(
    subject: Subject, maps: tuple[int, ...], source: int, wanted: tuple[Size, ...], declared: bool
) -> tuple[int, list[int]] | None:
    """The map with the largest field, and the axes along which it is short; None where one sees enough.

    wanted: the lengths that a field over the input should have.
    """
    best: tuple[int, int, list[int]] | None = None
    for node in maps:
        axes = subject.analysis.fields.nodes[node].inputs[source]
        if axes is None:
            continue
        short = [
            axis
            for axis, field in enumerate(axes)
            if field.size is not None
            and field.status in _SURE
            and not field.collapsed
            and not field.everything
            and surely_less(field.size[1] if declared else 2 * field.size[1], wanted[axis])
            and (declared or (field.size[1] > 1 and collapsed_later(subject, source, axis)))
        ]
        if not short:
            return None
        reach = sum(field.size[1] for field in axes if field.size is not None)
        if best is None or reach > best[0]:
            best = reach, node, short
    return None if best is None else best[1:]


def _hint(subject: Subject, last: int, source: int, short: list[int], wanted: tuple[Size, ...]) -> str:
    """Which stride or dilation makes the field large enough; of several axes the one that needs most."""
    fields = subject.analysis.fields.nodes[last].inputs[source] or ()
    rates = {
        axis: Fraction(length, size[1])
        for axis in short
        if isinstance(length := wanted[axis], int) and (size := fields[axis].size)
    }
    if len(rates) < len(short):
        return ""
    axis = max(rates, key=rates.__getitem__)
    size, length = fields[axis].size, wanted[axis]
    assert size is not None
    assert isinstance(length, int)
    layers = _layers(subject, last, Slot(source, axis))
    found = [*_by_strides(subject, layers, size[1], length), *_by_dilation(subject, layers, size[1], length)]
    if found:
        return "; ".join(found)
    stride = stride_along(subject.analysis.fields, last, Slot(source, axis))
    if stride is None:
        return ""
    window, name = format_sizes((3,) * len(fields)), subject.graph.nodes[last].name
    return (
        f"each further convolution of {window} behind {name} adds {amount(2 * stride)} positions, and "
        "twice as many behind a pooling by 2: downsample further, or make the input smaller"
    )


def _layers(subject: Subject, last: int, slot: Slot) -> list[_Reaching]:
    """The layers with kernels on the way that makes the field of a map large, the first one first."""
    fields = subject.analysis.fields
    found: list[_Reaching] = []

    def size(step: BackStep) -> int:
        field = axis_field(subject, step.operand, *slot)
        return field.size[1] if field is not None and field.size is not None else 0

    node = last
    while steps := list(steps_along(fields, node, slot)):
        step = max(steps, key=size)
        stride = stride_along(fields, step.operand, slot)
        taps = step.taps.taps(0)
        if stride is not None and len(taps) > 1 and has(subject.graph.nodes[node], "convolution"):
            added = int((taps[-1] - taps[0]) * stride)
            found.append(_Reaching(node, added, step.taps.shift, taps.step))
        node = step.operand
    return found[::-1]


def _by_strides(subject: Subject, layers: list[_Reaching], size: int, wanted: int) -> Iterator[str]:
    """Strides of 2 in as few layers as will do: in the last one that does, or else in the first few."""
    single = [place for place, layer in enumerate(layers) if layer.stride == 1]
    # Behind a stride of 2 every layer adds twice as much.
    alone = [place for place in single if size + sum(each.added for each in layers[place + 1 :]) >= wanted]
    for chosen in [alone[-1:]] if alone else [single[:number] for number in range(2, _MOST_STRIDES + 1)]:
        grown = size
        for place in chosen:
            doubled = sum(2 ** chosen.index(place) * each.added for each in layers[place + 1 :])
            grown += doubled
        if chosen and grown >= wanted:
            names = listed(subject.graph.nodes[layers[place].node].name for place in chosen)
            yield f"with a stride of 2 in {names}, or pooling by 2 in its place, the field spans {grown}"
            return


def _by_dilation(subject: Subject, layers: list[_Reaching], size: int, wanted: int) -> Iterator[str]:
    """A dilation of 2 in as few of the last layers as will do."""
    chosen: list[_Reaching] = []
    grown = size
    for layer in reversed(layers[-_MOST_DILATED:]):
        if layer.dilation > 1 or layer.stride > 1:
            return
        chosen.append(layer)
        grown += layer.added
        if grown >= wanted:
            names = listed(subject.graph.nodes[each.node].name for each in reversed(chosen))
            yield f"with a dilation of 2, and twice the padding, in {names} it spans {grown}"
            return
