"""RF102: layers behind the border where even the smallest field covers the input.

Finds: Two layers or more with kernels that read a map whose fields are as large as the input, even on the
path that shows them least: the layers past the border of Richter et al. (2021). Sizes are compared, from the
first position that is seen to the last: a field at the edge of the map lies partly in padding, and one with
holes (RF103) has not seen all that it spans. Only in networks that decide about their input as a whole
(classifiers). The share of parameters and MACs behind the border is said, 1x1 layers included. Shortcuts hand
small fields on, so residual networks seldom have such layers.
Why: A convolution gathers context. Where a field is as large as the image, Richter et al. found that further
layers stop to improve what a classifier can tell: they cost parameters and work for little or nothing.
Source: Richter, Schöning, Wiedenroth and Krumnack 2021, Should you go deeper?; Richter, Byttner, Krumnack,
Wiedenroth, Schallner and Shenk 2021, (Input) Size matters for CNN classifiers
Instead: Feed larger images, take a stride out at the beginning, or leave layers out at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rfcalc.analysis.depth import weighted
from rfcalc.analysis.fields.smallest import SmallestFields, reached_axes, smallest_fields
from rfcalc.analysis.figures import network_count
from rfcalc.analysis.productive import spanned
from rfcalc.errors import Related
from rfcalc.lint.network.fields import collapsed_later
from rfcalc.lint.network.windows import along
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.windows import whole
from rfcalc.records import NamedTuple
from rfcalc.shapes import format_sizes
from rfcalc.units import format_share


class _InputAxis(NamedTuple):
    """One axis of one input; length: its positions, None where the network does not decide about them all."""

    source: int
    axis: int
    length: int | None


@rule(
    "info",
    fires="input: 16x16x3\nlayers:\n  - {repeat: 4, do: [conv f=5 p=2 d=16, relu]}\n"
    "  - {repeat: 2, do: [conv f=3 p=1 d=16, relu]}\n  - globalavgpool\n  - fc d=10\n",
    silent="input: 16x16x3\nlayers:\n  - conv f=5 p=2 d=16\n"
    "  - {repeat: 8, do: [{add: [[conv f=3 p=1 d=16, relu], []]}]}\n  - globalavgpool\n  - fc d=10\n",
)
def find(subject: Subject) -> Reported:
    slots = [
        _InputAxis(
            source, axis, size if isinstance(size, int) and collapsed_later(subject, source, axis) else None
        )
        for source, index in enumerate(subject.graph.inputs)
        for axis, size in enumerate(subject.graph.nodes[index].facts.output.axes)
    ]
    if not any(slot.length for slot in slots):
        return
    smallest = smallest_fields(subject.graph)
    idle: list[int] = []
    pointwise: list[int] = []
    for index, node in subject.layers():
        if not weighted(node):
            continue
        reaching = reached_axes(node)
        if reaching is None:
            continue
        if _covered(smallest[node.inputs[0]], slots, reaching or range(len(node.facts.output.axes))):
            (idle if reaching else pointwise).append(index)
    # A tail of one layer is how networks end.
    if len(idle) < 2:
        return
    nodes = subject.graph.nodes
    border = idle[0]
    pointwise = [index for index in pointwise if index > border]
    reaching = reached_axes(nodes[border])
    shown = [
        (slot, field.size)
        for slot, field in zip(slots, smallest[nodes[border].inputs[0]], strict=True)
        if field is not None and reaching is not None and field.axis in reaching
    ]
    # Of several inputs the first one is enough to say.
    first = [(slot, size) for slot, size in shown if slot.source == shown[0][0].source]
    seen = format_sizes(size or 0 for _, size in first)
    lengths = format_sizes(slot.length or 0 for slot, _ in first)
    rank = len(nodes[subject.graph.inputs[first[0][0].source]].facts.output.axes)
    where = "" if len(first) == rank else along([slot.axis for slot, _ in first], rank)
    figures: dict[str, object] = {"layers": len(idle)}
    behind = [*idle, *pointwise]
    params, macs = (subject.total(figure, behind) for figure in ("params", "macs"))
    totals = (network_count(figure, subject.analysis) for figure in ("params", "macs"))
    numbers = whole(params.known, macs.known, *totals)
    shares = ""
    if params.complete and macs.complete and numbers is not None:
        figures |= {"params": params.known, "macs": macs.known}
        also = ", 1x1 layers included," if pointwise else ""
        holds, does = ("it holds", "does") if len(behind) == 1 else (f"they{also} hold", "do")
        shares = (
            f"; {holds} {format_share(numbers[0], numbers[2])} of the parameters and {does} "
            f"{format_share(numbers[1], numbers[3])} of the MACs"
        )
    later = len(idle) - 1
    are = f"it and {later} later layer{'s' if later > 1 else ''} with kernels are" if later else "it is"
    yield Found(
        f"the field of what enters {nodes[border].name} spans at least {seen} positions{where} on every "
        f"path, and the input has {lengths}: {are} past the border of productive layers{shares}",
        border,
        related=(Related("the last of these layers", nodes[idle[-1]].position),) if len(idle) > 1 else (),
        hint="larger images, or a stride less before it, give it something new to see; else fewer layers do",
        figures=figures,
    )


def _covered(entering: SmallestFields, slots: Sequence[_InputAxis], axes: Iterable[int]) -> bool:
    """Whether the field of what enters spans the inputs along all these axes, whatever the path."""
    spans = spanned(entering, set(axes))
    lengths = [(slots[slot].length, size) for slot, size in (spans or {}).items()]
    return bool(lengths) and all(length is not None and size >= length for length, size in lengths)
