"""RF101: a field that is smaller than the input, or than the objects to be seen.

Finds: The field of the last layer with positions spans less than the input of a network that covers its map
as a whole in the end (a classifier), or than the declared `object_size`. A field spans what lies between the
first position it sees and the last, holes included. A dense prediction without `object_size` is left alone. A
warning below half the length, and for a declared size; else a remark.
Why: No unit sees the whole object, so shapes larger than the field are known only by their parts: a global
pooling averages what single units found, a fully connected layer sums it. Of the field, the effective part is
smaller still.
Source: Araujo, Norris and Sim 2019, Computing receptive fields of convolutional neural networks; Luo et al.
2016 on the effective field
Instead: Add convolutions at a large stride, where each adds most, dilate them, or make the input smaller.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from rfcalc.analysis.fields.figures import AxisField, Status
from rfcalc.analysis.fields.steps import as_fraction
from rfcalc.errors import Related
from rfcalc.lint.network.fields import axis_field, collapsed_later, last_maps
from rfcalc.lint.network.windows import along
from rfcalc.lint.network.wiring import counted, surely_less
from rfcalc.lint.rule import Found, Reported, Subject, reached, rule
from rfcalc.shapes import Size, format_sizes

# With these the field is no larger than the figure says; a global path sees everything.
_SURE = (Status.EXACT, Status.BOUND, Status.PER_POSITION)


@rule(
    "info",
    fires="input: 64x64x3\nlayers:\n  - conv f=3 s=2 p=1 d=16\n  - relu\n  - conv f=3 s=2 p=1 d=32\n"
    "  - relu\n  - globalavgpool\n  - fc d=10\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=7 s=2 p=3 d=16\n  - relu\n  - conv f=7 s=2 p=3 d=32\n"
    "  - relu\n  - conv f=5 s=2 p=2 d=64\n  - globalavgpool\n  - fc d=10\n",
)
def find(subject: Subject) -> Reported:
    graph = subject.graph
    maps = last_maps(subject)
    if not maps:
        return
    deciding = set(subject.graph.ancestors(graph.outputs[0])) if graph.outputs else set()
    for source, index in enumerate(graph.inputs):
        wanted = axes = graph.nodes[index].facts.output.axes
        declared = bool(graph.object_size) and len(graph.object_size) in (1, len(axes))
        if declared:
            wanted = graph.object_size * (len(axes) // len(graph.object_size))
        # An object is seen where one output sees it; an input is decided about by the main output.
        looking = maps if declared else tuple(node for node in maps if node in deciding)
        found = _largest(subject, looking, source, wanted, declared)
        if found is None:
            continue
        last, short = found
        fields = subject.analysis.fields.nodes[last].inputs[source] or ()
        sizes = [fields[axis].size or (0, 0) for axis in short]
        name, given = graph.nodes[last].name, graph.nodes[index].name
        exact = all(low == high for low, high in sizes)
        exact = exact and all(fields[axis].status != Status.BOUND for axis in short)
        seen = ("" if exact else "at most ") + format_sizes(high for _, high in sizes)
        aim = format_sizes(wanted[axis] for axis in short)
        where = "" if len(short) == len(fields) else along(short, len(fields))
        related: tuple[Related, ...] = ()
        if declared:
            message = (
                f"the field of {name} spans {seen} positions{where}, and objects have {aim} (object_size)"
            )
        else:
            which = f"of {given}" if len(graph.inputs) > 1 else "of the input"
            message = f"the field of {name}, the last layer with positions, spans {seen} of the {aim} "
            message += f"positions {which}{where}"
            behind = reached([last], subject.readers.__getitem__)
            seen_by = ((each, axis_field(subject, each, source, short[0])) for each in behind)
            covering = next((each for each, field in seen_by if field is not None and field.collapsed), None)
            if covering is not None:
                message += (
                    f"; what lies further apart meets in {graph.nodes[covering].name} for the first time"
                )
                related = (Related("the whole map is covered here", graph.nodes[covering].position),)
        half = any(surely_less(2 * high, wanted[axis]) for axis, (_, high) in zip(short, sizes, strict=True))
        yield Found(
            message,
            last,
            related=related,
            hint=_hint(fields, short, wanted, name),
            figures={"field": [high for _, high in sizes], "wanted": [wanted[axis] for axis in short]},
            severity="warning" if declared or half else "info",
        )


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
            and surely_less(field.size[1], wanted[axis])
            and (declared or collapsed_later(subject, source, axis))
        ]
        if not short:
            return None
        reach = sum(field.size[1] for field in axes if field.size is not None)
        if best is None or reach > best[0]:
            best = reach, node, short
    return None if best is None else best[1:]


def _hint(axes: tuple[AxisField, ...], short: list[int], wanted: tuple[Size, ...], name: str) -> str:
    """How many convolutions more would do; nothing where that depends on a symbol or there is no stride."""
    fields: list[tuple[int, Fraction]] = []
    needed = 0
    for axis in short:
        size, stride, length = axes[axis].size, axes[axis].stride, wanted[axis]
        if size is None or stride is None or not isinstance(length, int):
            return ""
        step = 2 * as_fraction(stride)
        fields.append((size[1], step))
        needed = max(needed, ceil((length - size[1]) / step))
    grown = format_sizes(int(size + step * needed) for size, step in fields)
    more = counted(needed, f"further {format_sizes((3,) * len(axes))} convolution")
    return f"{more} at the stride of {name} would span {grown}"
