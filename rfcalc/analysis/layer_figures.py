"""The figures of a layer, one record each: name, unit, meaning and value.

Whatever speaks of a figure of one layer by name finds it here, as `figures` has those of a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.fields.figures import AxisField, Status
from rfcalc.shapes import Size
from rfcalc.symbolic.polynomial import exact_quotient, total

if TYPE_CHECKING:
    from fractions import Fraction

    from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
    from rfcalc.symbolic.polynomial import Exact


_LOST = "a window it sees through has no known extent"


class Unsure(Exception):
    """A figure that is not known; the text is the reason, as the end of a sentence."""


class Span(NamedTuple):
    """A figure of a field: the least and the greatest value over the phases, both taken.

    at_most: `high` is an upper bound, and nothing is known of what is below.
    """

    low: Exact
    high: Exact
    at_most: bool = False


class View(NamedTuple):
    """A layer's view along one axis of one input.

    positions: of the layer along that axis; None when it is not known which of its axes that is.
    length: of the input.
    """

    field: AxisField
    positions: Size | None
    length: Size


class LayerCount(NamedTuple):
    """A figure that is a number of things, so that those of several layers add up.

    unit: what is counted, in the plural.  value: for numbers of so many bytes; None when not known.
    """

    name: str
    unit: str
    about: str
    value: Callable[[LayerAnalysis, int], Size | None]


class FieldFigure(NamedTuple):
    """A figure of the receptive field: one for each axis of each input that the layer sees.

    value: raises Unsure.
    """

    name: str
    about: str
    value: Callable[[View], Span]


def views(
    network: NetworkAnalysis, index: int, axis_of: Callable[[int, int], int | None]
) -> Iterator[tuple[int, tuple[View, ...]]]:
    """For each input that node `index` sees, by number, its view along each axis of that input.

    axis_of: which axis of the node runs along an axis of an input; it is asked only where their lengths
    differ.
    """
    graph = network.graph
    axes = graph.nodes[index].facts.output.axes
    for number, fields in enumerate(network.fields.nodes[index].inputs):
        if fields is None:
            continue
        lengths = graph.nodes[graph.inputs[number]].facts.output.axes
        found = []
        for axis, (field, length) in enumerate(zip(fields, lengths, strict=True)):
            positions: Size | None = axes[0] if axes else 1
            if any(other != positions for other in axes):
                along = axis_of(number, axis)
                positions = None if along is None else axes[along]
            found.append(View(field, positions, length))
        yield number, tuple(found)


def _sure(view: View) -> AxisField:
    """The field, where its numbers are those of the true field."""
    field = view.field
    if field.status == Status.DATA_DEPENDENT:
        raise Unsure("the positions it reads depend on the data")
    if field.status == Status.UNKNOWN or field.size is None:
        raise Unsure("its field is the whole input" if field.everything else _LOST)
    if field.status == Status.BOUND:
        raise Unsure("only a bound of its field is known")
    return field


def _size(view: View) -> Span:
    field = view.field
    if field.status == Status.BOUND and field.size is not None:
        return Span(0, field.size[1], at_most=True)
    low, high = _sure(view).size or (0, 0)
    return Span(low, high)


def _stride(view: View) -> Span:
    # The distance of neighbouring units is that of the grid, which is known where its taps are not.
    stride = view.field.stride
    if stride is None:
        if view.field.collapsed:
            raise Unsure("a window has covered the whole map: one unit has no stride")
        if view.field.status == Status.PER_POSITION:
            raise Unsure("its units are not evenly spaced")
        raise Unsure("its field is the whole input" if view.field.everything else _LOST)
    exact = _exact(stride)
    return Span(exact, exact)


def _padding(view: View) -> Span:
    padding = _sure(view).padding
    if padding is None:
        raise Unsure("its first unit sees nothing")
    return Span(padding, padding)


def _centre(view: View) -> Span:
    field = _sure(view)
    if field.padding is None:
        raise Unsure("its first unit sees nothing")
    centre = _exact((field.sizes[0] - 1 - 2 * field.padding, 2))
    return Span(centre, centre)


def _centre_offset(view: View) -> Span:
    field = _sure(view)
    per_position = field.status == Status.PER_POSITION
    if view.positions is None or (field.stride is None and not field.collapsed and not per_position):
        raise Unsure(_LOST)
    stride = _exact(field.stride or 0)
    # Doubled, the centres of the phases are whole; a phase that sees nothing has none.
    centres = [
        (phase, 2 * low + size - 1)
        for phase, (low, size) in enumerate(zip(field.offsets, field.sizes, strict=True))
        if low is not None
    ]
    if not centres:
        raise Unsure("its units see nothing")
    doubled: Exact = _exact((sum(centre for _, centre in centres), len(centres)))
    if not per_position:
        phase = _exact((sum(phase for phase, _ in centres), len(centres)))
        doubled = doubled - 2 * stride * phase + stride * (view.positions - 1)
    offset = exact_quotient(doubled - (view.length - 1), 2)
    return Span(offset, offset)


def _holes(view: View) -> Span:
    if view.field.status == Status.EXTENT:
        raise Unsure("branches of unequal shape meet in it, so that holes are not counted per axis")
    holes = _sure(view).holes
    if holes is None:
        raise Unsure("its holes are not known")
    return Span(*holes)


def _phases(view: View) -> Span:
    field = _sure(view)
    if field.status == Status.PER_POSITION:
        raise Unsure("its field has no period")
    return Span(field.phases, field.phases)


def _exact(ratio: int | tuple[int, int]) -> int | Fraction:
    """A whole number, or the fraction that a pair states, whole where it is."""
    from fractions import Fraction

    if isinstance(ratio, int):
        return ratio
    exact = Fraction(*ratio)
    return int(exact) if exact.denominator == 1 else exact


def _other_operations(layer: LayerAnalysis) -> Size | None:
    return None if layer.work is None else total(layer.work)


def _bytes(size: int, *counts: Size | None) -> Size | None:
    known = [count for count in counts if count is not None]
    return total(known) * size if len(known) == len(counts) else None


COUNTS: tuple[LayerCount, ...] = (
    LayerCount(
        "params",
        "parameters",
        "Learned parameters; 0 where those of an earlier layer are used.",
        lambda layer, size: layer.params,
    ),
    LayerCount(
        "macs",
        "MACs",
        "Multiply-adds of convolution, fully connected layer and matrix product, of the whole batch.",
        lambda layer, size: layer.macs,
    ),
    LayerCount("flops", "FLOPs", "Twice the MACs, exactly.", lambda layer, size: layer.flops),
    LayerCount(
        "other_ops",
        "operations",
        "All operations that are no MACs.",
        lambda layer, size: _other_operations(layer),
    ),
    LayerCount(
        "activations",
        "elements",
        "Elements of the output, of the whole batch.",
        lambda layer, size: layer.activations,
    ),
    LayerCount(
        "params_bytes", "bytes", "Bytes of the parameters.", lambda layer, size: _bytes(size, layer.params)
    ),
    LayerCount(
        "activations_bytes",
        "bytes",
        "Bytes of the output.",
        lambda layer, size: _bytes(size, layer.activations),
    ),
    LayerCount(
        "memory",
        "bytes",
        "Bytes of parameters and output together.",
        lambda layer, size: _bytes(size, layer.params, layer.activations),
    ),
    LayerCount(
        "layers", "layers", "1: over a scope or a glob, how many layers it has.", lambda layer, size: 1
    ),
)

FIELD_FIGURES: tuple[FieldFigure, ...] = (
    FieldFigure("receptive_field", "The size of the field; over the phases, the least and the most.", _size),
    FieldFigure("effective_stride", "Input positions from one unit to the next.", _stride),
    FieldFigure("effective_padding", "How far the field of unit 0 starts before the input.", _padding),
    FieldFigure("centre", "The middle of the field of unit 0, in input positions.", _centre),
    FieldFigure(
        "centre_offset",
        "How far the centres of all units, taken together, lie from the middle of the input: "
        "c + (stride · (m − 1) − (n − 1)) / 2 for m units, n input positions and c, the centre of unit 0, a "
        "mean over the phases. Negative: towards the beginning.",
        _centre_offset,
    ),
    FieldFigure("holes", "Positions between the ends of the field that are not seen.", _holes),
    FieldFigure("phases", "In how many ways units see: the period of the field.", _phases),
)


def find_count(name: str) -> LayerCount | None:
    """The count of this name; None when there is none."""
    return next((figure for figure in COUNTS if figure.name == name), None)


def find_field_figure(name: str) -> FieldFigure | None:
    """The figure of the field of this name; None when there is none."""
    return next((figure for figure in FIELD_FIGURES if figure.name == name), None)
