"""Attention: of a map to itself, in windows, or to other tensors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import inf, prod

from rfcalc.exporting.layer import number
from rfcalc.exporting.onnx.contents import TABLE, ZEROS, fan_in
from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter
from rfcalc.exporting.onnx.operators.borders import rolled
from rfcalc.records import NamedTuple


class WindowGrid(NamedTuple):
    """Windows of a map: how many along each axis, their lengths, how far they are moved."""

    counts: tuple[int, ...]
    lengths: tuple[int, ...]
    shift: tuple[int, ...]


def _attention(nodes: LayerNodes) -> str:
    layer = nodes.layer
    if layer.arguments["position_bias"] is not None:
        layer.refuse("how its numbers become a bias by position is not said")
    if not all(shape.axes for shape in layer.inputs):
        layer.refuse("attention of or to a plain vector")
    grid = _grid(nodes)
    given = [nodes.as_many(place) for place in range(len(nodes.operands))]
    shapes = layer.inputs
    axes = [tuple(number(length) for length in shape.axes) for shape in shapes]
    seen = [
        _positions(nodes, x, size, number(shape.channels), grid)
        for x, size, shape in zip(given, axes, shapes, strict=True)
    ]
    # What is left out is the one before it.
    rows = [seen[0], seen[:2][-1], seen[-1]]
    channels = [number(each.channels) for each in (shapes[0], shapes[:2][-1], shapes[-1])]
    inner = layer.integer("key_channels")
    stated = layer.arguments["value_channels"]
    projected = layer.has("projections")
    value = number(stated) if stated is not None else inner if projected else channels[2]
    widths = (inner, inner, value)
    if projected:
        rows = [
            _linear(nodes, x, name, read, width)
            for x, name, read, width in zip(rows, ("query", "key", "value"), channels, widths, strict=True)
        ]
    sizes = [axes[0], axes[:2][-1], axes[-1]]
    x = _mixed(nodes, rows, [_rows(size, grid) for size in sizes], widths, grid)
    outer = number(layer.output.channels)
    if projected:
        x = _linear(nodes, x, "output", value, outer)
    return _map(nodes, x, axes[0], outer, grid)


def _grid(nodes: LayerNodes) -> WindowGrid | None:
    layer = nodes.layer
    if layer.arguments["window"] is None:
        return None
    lengths, shift = layer.lengths("window"), layer.lengths("shift")
    counts = tuple(size // length for size, length in zip(nodes.spatial, lengths, strict=True))
    return WindowGrid(counts, lengths, shift * nodes.axes if len(shift) == 1 else shift)


def _rows(sizes: tuple[int, ...], grid: WindowGrid | None) -> int:
    """How many positions are seen together."""
    return prod(sizes if grid is None else grid.lengths)


def _positions(
    nodes: LayerNodes, x: str, sizes: tuple[int, ...], channels: int, grid: WindowGrid | None
) -> str:
    """(N, C, axes) as (N, positions, C), or (N, windows, positions, C)."""
    if grid is None:
        x = nodes.reshaped(x, (channels, prod(sizes))) if len(sizes) > 1 else x
        return nodes.permuted(x, (0, 2, 1))
    for axis, (amount, size) in enumerate(zip(grid.shift, sizes, strict=True)):
        x = rolled(nodes, x, 2 + axis, -amount, size)
    apart = [each for pair in zip(grid.counts, grid.lengths, strict=True) for each in pair]
    x = nodes.reshaped(x, (channels, *apart))
    rank = len(sizes)
    x = nodes.permuted(x, (0, *range(2, 2 + 2 * rank, 2), *range(3, 3 + 2 * rank, 2), 1))
    return nodes.reshaped(x, (prod(grid.counts), prod(grid.lengths), channels))


def _map(nodes: LayerNodes, x: str, sizes: tuple[int, ...], channels: int, grid: WindowGrid | None) -> str:
    """What `_positions` has made, as a map again."""
    rank = len(sizes)
    if grid is None:
        x = nodes.permuted(x, (0, 2, 1))
        return nodes.reshaped(x, (channels, *sizes)) if rank > 1 else x
    x = nodes.reshaped(x, (*grid.counts, *grid.lengths, channels))
    places = [place for axis in range(1, 1 + rank) for place in (axis, axis + rank)]
    x = nodes.reshaped(nodes.permuted(x, (0, 1 + 2 * rank, *places)), (channels, *sizes))
    for axis, (amount, size) in enumerate(zip(grid.shift, sizes, strict=True)):
        x = rolled(nodes, x, 2 + axis, amount, size)
    return x


def _linear(nodes: LayerNodes, x: str, name: str, read: int, width: int) -> str:
    """A projection of the channels, which stand last."""
    x = nodes.node("MatMul", x, nodes.learned(f"{name}.weight", (read, width), fan_in(2 * read), name))
    if not nodes.layer.has("bias"):
        return x
    return nodes.node("Add", x, nodes.learned(f"{name}.bias", (width,), ZEROS, f"{name}_bias"))


def _mixed(
    nodes: LayerNodes,
    rows: Sequence[str],
    counts: Sequence[int],
    widths: Sequence[int],
    grid: WindowGrid | None,
) -> str:
    """The means of values, weighted by the softmax of the products of queries and keys."""
    heads = nodes.layer.integer("heads")
    leading = 1 if grid is None else 2
    apart: list[str] = []
    for x, count, width in zip(rows, counts, widths, strict=True):
        split = nodes.reshaped(x, (count, heads, width // heads), batch=leading)
        # Keys are compared as columns.
        order = (1, 2, 0) if len(apart) == 1 else (1, 0, 2)
        apart.append(nodes.permuted(split, (*range(leading), *(leading + place for place in order))))
    scaled = nodes.node("Mul", apart[0], nodes.real((widths[0] // heads) ** -0.5))
    scores = nodes.node("MatMul", scaled, apart[1])
    if grid is not None:
        scores = _biased(nodes, scores, heads, grid)
    x = nodes.node("MatMul", nodes.node("Softmax", scores, axis=-1), apart[2])
    x = nodes.permuted(x, (*range(leading), leading + 1, leading, leading + 2))
    return nodes.reshaped(x, (counts[0], widths[2]), batch=leading)


def _biased(nodes: LayerNodes, scores: str, heads: int, grid: WindowGrid) -> str:
    """The products of windows, with a learned bias for each distance, without those of other windows."""
    places = list(product(*map(range, grid.lengths)))
    if nodes.layer.has("relative_bias"):
        spans = [2 * length - 1 for length in grid.lengths]
        distances = []
        for one, two in product(places, repeat=2):
            number_of = 0
            for a, b, length, span in zip(one, two, grid.lengths, spans, strict=True):
                number_of = number_of * span + a - b + length - 1
            distances.append(number_of)
        table = nodes.learned("relative_bias", (prod(spans), heads), TABLE)
        bias = nodes.node("Gather", table, nodes.integers(distances))
        bias = nodes.node("Reshape", bias, nodes.integers((len(places), len(places), heads)))
        scores = nodes.node("Add", scores, nodes.permuted(bias, (2, 0, 1)))
    if not any(grid.shift):
        return scores
    # Behind the roll, positions that came from the other end are of another window.
    parts = []
    for window in product(*map(range, grid.counts)):
        for place in places:
            around = zip(window, place, grid.counts, grid.lengths, grid.shift, strict=True)
            parts.append(
                sum(
                    (at * length + inner >= count * length - shift) << axis
                    for axis, (at, inner, count, length, shift) in enumerate(around)
                )
            )
    count, each = prod(grid.counts), len(places)
    sizes = (count, 1, each, 1), (count, 1, 1, each)
    together = nodes.node("Equal", *(nodes.graph.constant("int64", size, tuple(parts)) for size in sizes))
    return nodes.node("Add", scores, nodes.node("Where", together, nodes.real(0), nodes.real(-inf)))


WRITERS: dict[str, LayerWriter] = {"attention": _attention}
