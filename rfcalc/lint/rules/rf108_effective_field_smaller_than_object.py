"""RF108: a field that spans the objects to be seen, and weighs less than half of them before training.

Finds: With a declared `object_size`: the theoretical field of the map that is to see objects is large
enough, and the effective one, the width that holds 95 % of a unit's squared gradient at initialisation, is
less than half of an object. Of maps that any may see them the one with the largest effective field counts;
where `object_size` names outputs, each is judged by its own. Where an effective field is not known nothing
is said, and nothing without `object_size`: of 69 classifiers that are held up as good 13 have an effective
field of less than half of the input before training, such as VGG-16 (108 of 224).
Why: Of a chain of n layers the effective field grows with the square root of n, the theoretical one with n:
its outer part hardly counts when training begins. Training mostly makes it larger (Luo et al.), so half an
object is let pass.
Source: Luo, Li, Urtasun and Zemel 2016, Understanding the effective receptive field in deep convolutional
neural networks
Instead: Downsample earlier or once more, dilate late layers, or leave larger objects to the output of a
coarser map. `rfcalc NET --columns name,rf,effective_field` shows how it grows.
"""

from __future__ import annotations

from rfcalc.analysis.effective import EffectiveFields
from rfcalc.analysis.fields.densities import SHARES
from rfcalc.lint.network.fields import objects_to_see
from rfcalc.lint.network.windows import along
from rfcalc.lint.network.wiring import surely_less
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size, format_sizes

_WIDTH = SHARES.index(95)


class _BothFields(NamedTuple):
    """What one map sees of an input along each axis: the most positions of either field."""

    node: int
    effective: tuple[int, ...]
    theoretical: tuple[int, ...]


@rule(
    "info",
    fires="input: 224x224x3\nobject_size: 96\nlayers:\n  - conv f=3 s=2 p=1 d=16\n"
    "  - {repeat: 24, do: [conv f=3 p=1 d=16, relu]}\n  - conv f=1 d=4\n",
    silent="input: 224x224x3\nobject_size: 96\nlayers:\n  - conv f=7 s=4 p=3 d=16\n"
    "  - {repeat: 24, do: [conv f=3 p=1 d=16, relu]}\n  - conv f=1 d=4\n",
)
def find(subject: Subject) -> Reported:
    graph = subject.graph
    effective = EffectiveFields(graph) if graph.object_sizes else None
    for source, maps, wanted, output in objects_to_see(subject):
        assert effective is not None
        found = [_seen(subject, effective, node, source) for node in maps]
        known = [each for each in found if each is not None]
        # A map of which it is not known may see enough.
        if len(known) < len(found):
            continue
        spanning = [each for each in known if _spans(each.theoretical, wanted)]
        if not spanning:
            continue
        last = max(spanning, key=lambda each: sum(each.effective))
        short = [
            axis
            for axis, (width, size) in enumerate(zip(last.effective, wanted, strict=True))
            if surely_less(2 * width, size)
        ]
        if not short:
            continue
        seen, whole, aim = (
            format_sizes(sizes[axis] for axis in short)
            for sizes in (last.effective, last.theoretical, wanted)
        )
        where = "" if len(short) == len(wanted) else along(short, len(wanted))
        yield Found(
            f"the field of {graph.nodes[last.node].name} spans {whole} positions{where}, but before training "
            f"95 % of what counts lies in {seen}, less than half of an object of {aim} "
            f"(object_size{output and ' of '}{output})",
            last.node,
            hint="a stride or a pooling earlier widens it, and so does dilation late; training may too",
            figures={
                "effective": [last.effective[axis] for axis in short],
                "field": [last.theoretical[axis] for axis in short],
                "wanted": [wanted[axis] for axis in short],
            },
        )


def _seen(subject: Subject, effective: EffectiveFields, node: int, source: int) -> _BothFields | None:
    """What a map sees of an input; nothing where it does not depend on it, None where that is not known."""
    fields, along_axes = subject.analysis.fields.nodes[node].inputs[source], effective.of(node, source)
    if fields is None or along_axes is None:
        return _BothFields(node, (), ())
    figures = [axis.figures for axis in along_axes]
    sizes = [field.size for field in fields if field.path != "main"]
    widths = [each.widths[_WIDTH][1] for each in figures if each is not None]
    spans = [size[1] for size in sizes if size is not None]
    if len(widths) < len(figures) or len(spans) < len(figures):
        return None
    return _BothFields(node, tuple(widths), tuple(spans))


def _spans(sizes: tuple[int, ...], wanted: tuple[Size, ...]) -> bool:
    """Whether a field is at least as long as what is to be seen along each axis, for all symbols."""
    return len(sizes) == len(wanted) and not any(
        surely_less(size, length) for size, length in zip(sizes, wanted, strict=True)
    )
