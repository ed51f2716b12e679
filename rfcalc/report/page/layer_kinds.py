"""Where the figures of layers come from, said once for all layers of which it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.graph.asked import AskedLayer
from rfcalc.ops.axis_maps import extent_of
from rfcalc.ops.reads import Along
from rfcalc.records import NamedTuple
from rfcalc.report.explanation.blocks import Equation
from rfcalc.report.explanation.figures import Explained
from rfcalc.report.explanation.text import explanation_document
from rfcalc.report.network_table.columns import operation

if TYPE_CHECKING:
    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
    from rfcalc.report.words import Language
    from rfcalc.units import NumberFormats

# Those whose explanation is the same for all layers of a kind.
KIND_SUBJECTS = ("size", "params", "macs")
# So many kinds can be read through; of more, which are megabytes, the first few are worked out.
_MOST_KINDS, _FEW_KINDS = 500, 150


class LayerKind(NamedTuple):
    """Layers of one operation on inputs of one size.

    first: one of them.  number: how many there are.  passages: of each subject the title and its equations.
    """

    first: LayerAnalysis
    number: int
    passages: tuple[tuple[str, tuple[Equation, ...]], ...]


class FieldStep(NamedTuple):
    """How a layer's field comes of that of the layer it reads: before + extent · stride.

    All are along every axis of the first input that is seen.  operand: the node that is read.
    """

    operand: int
    before: int
    extent: int
    stride: int


def layer_kinds(
    analysis: NetworkAnalysis, dtype: NumberFormats, language: Language
) -> tuple[tuple[LayerKind, ...], tuple[int, ...]]:
    """The kinds of layers in the order of their first, and of each layer the number of its kind.

    Of very many kinds the first are worked out: the numbers of the others are larger than there are kinds.
    """
    places: dict[object, int] = {}
    firsts: list[LayerAnalysis] = []
    numbers: list[int] = []
    of_layers: list[int] = []
    for layer in analysis.layers:
        place = places.setdefault(_kind(layer), len(firsts))
        if place == len(firsts):
            firsts.append(layer)
            numbers.append(0)
        numbers[place] += 1
        of_layers.append(place)
    if len(firsts) > _MOST_KINDS:
        del firsts[_FEW_KINDS:], numbers[_FEW_KINDS:]
    kinds = [
        LayerKind(first, number, _passages(analysis, first, dtype, language))
        for first, number in zip(firsts, numbers, strict=True)
    ]
    return tuple(kinds), tuple(of_layers)


def _kind(layer: LayerAnalysis) -> object:
    """What explanations of figures depend on."""
    node = layer.node
    weights = node.facts.weights
    return (
        node.op,
        tuple((name, str(value)) for name, value in node.arguments.items()),
        layer.inputs,
        layer.output,
        layer.params,
        layer.macs,
        None if weights is None else tuple(weights.items()),
    )


def _passages(
    analysis: NetworkAnalysis, layer: LayerAnalysis, dtype: NumberFormats, language: Language
) -> tuple[tuple[str, tuple[Equation, ...]], ...]:
    explained = Explained(analysis, AskedLayer(layer.place, "name", layer.name), dtype)
    document = explanation_document(explained, KIND_SUBJECTS, language)
    found = (
        (section.title, tuple(block for block in section.blocks if isinstance(block, Equation)))
        for section in document.sections
    )
    return tuple((title, equations) for title, equations in found if equations)


def kind_title(kind: LayerKind) -> str:
    """The operation of a kind in the notation of a description, and what it reads."""
    node = kind.first.node
    written = operation(node.op, node)
    return " ".join([written.word, *(text for text, last in written.items if last > 0)])


def field_step(analysis: NetworkAnalysis, layer: LayerAnalysis) -> FieldStep | None:
    """How a layer's field follows from that of one operand; None where it is not so simple.

    What is returned adds up to the field of the layer along every axis.
    """
    nodes = analysis.fields.nodes
    seen, reads = layer.field.seen, layer.node.facts.reads
    if seen is None or not seen[1] or not reads:
        return None
    source, axes = seen
    for operand, along in zip(layer.node.inputs, reads, strict=False):
        before = nodes[operand].inputs[source]
        if before is None or len(before) != len(axes) or len(along) != len(axes):
            continue
        steps = {
            (old.size, old.stride, new.size, extent_of(read.taps) if isinstance(read, Along) else None)
            for old, new, read in zip(before, axes, along, strict=True)
        }
        if len(steps) != 1:
            continue
        old_size, stride, new_size, extent = steps.pop()
        if not isinstance(extent, int) or not isinstance(stride, int) or not extent:
            continue
        if old_size is None or new_size is None or len({*old_size}) != 1 or len({*new_size}) != 1:
            continue
        if old_size[0] + extent * stride == new_size[0]:
            return FieldStep(operand, old_size[0], extent, stride)
    return None
