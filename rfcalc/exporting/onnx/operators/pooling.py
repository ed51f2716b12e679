"""Pooling of whole maps and to a number of bins, and what is reduced."""

from __future__ import annotations

from rfcalc.exporting.onnx.layer import LayerNodes, LayerWriter


def dims_of(nodes: LayerNodes) -> tuple[int, ...]:
    """What `over` takes together, as dimensions of (N, C, axes)."""
    taken = nodes.layer.over
    return (*((1,) if taken.channels else ()), *(2 + axis for axis in taken.axes))


def reduced(nodes: LayerNodes, operator: str, x: str, dims: tuple[int, ...]) -> str:
    """A tensor reduced along some dimensions, which stay with length 1."""
    return nodes.node(operator, x, nodes.integers(dims), keepdims=1)


def _reduction(operator: str) -> LayerWriter:
    def writer(nodes: LayerNodes) -> str:
        dims = dims_of(nodes)
        # A plain vector has no positions to reduce.
        return reduced(nodes, operator, nodes.x, dims) if dims else nodes.x

    return writer


def _global(kind: str) -> LayerWriter:
    def writer(nodes: LayerNodes) -> str:
        return nodes.node(f"Global{kind}Pool", nodes.x) if nodes.axes else nodes.x

    return writer


def _adaptive(kind: str, reduction: str) -> LayerWriter:
    def writer(nodes: LayerNodes) -> str:
        sizes, wanted = nodes.spatial, nodes.layer.lengths("size")
        if set(wanted) == {1}:
            return nodes.node(f"Global{kind}Pool", nodes.x)
        if not any(size % bins for size, bins in zip(sizes, wanted, strict=True)):
            kernel = tuple(size // bins for size, bins in zip(sizes, wanted, strict=True))
            return nodes.node(f"{kind}Pool", nodes.x, kernel_shape=kernel, strides=kernel)
        # The bins are boxes: what holds for a box holds for its sides, one axis after the other.
        x = nodes.x
        for axis, (size, bins) in enumerate(zip(sizes, wanted, strict=True)):
            if size != bins:
                x = _binned(nodes, reduction, x, 2 + axis, size, bins)
        return x

    return writer


def _binned(nodes: LayerNodes, reduction: str, x: str, dim: int, size: int, bins: int) -> str:
    """A dimension reduced to bins: bin i holds floor(i · n/m) to ceil((i + 1) · n/m) − 1."""
    found = []
    for place in range(bins):
        span = (dim, place * size // bins, -(-(place + 1) * size // bins), 1)
        found.append(reduced(nodes, reduction, nodes.sliced(x, [span]), (dim,)))
    return nodes.node("Concat", *found, axis=dim)


WRITERS: dict[str, LayerWriter] = {
    "adaptiveavgpool": _adaptive("Average", "ReduceMean"),
    "adaptivemaxpool": _adaptive("Max", "ReduceMax"),
    "globalavgpool": _global("Average"),
    "globalmaxpool": _global("Max"),
    "reducemean": _reduction("ReduceMean"),
    "reducesum": _reduction("ReduceSum"),
    "reducemax": _reduction("ReduceMax"),
}
