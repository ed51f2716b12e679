"""Adaptive pooling as exporters write it where bins differ in length: gathered, masked, summed, divided."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import pooled_to
from rfcalc.importers.tracing.tracer import StepTracer
from rfcalc.importers.tracing.views import TensorView
from rfcalc.records import NamedTuple


class GatheredBins(NamedTuple):
    """The positions of bins side by side, or of some their sum; nothing of it is a step so far.

    x: examples, channels and axes.  sizes: how many bins along each axis.
    labels: what each dimension is: of x the number of one, `bin` or `position` with the number of an axis.
    lengths: their sizes.
    """

    x: TensorView
    sizes: tuple[int, ...]
    labels: tuple[tuple[str, int], ...]
    lengths: tuple[int, ...]

    def permuted(self, order: Sequence[int]) -> GatheredBins:
        """Its dimensions in another order."""
        labels = tuple([self.labels[place] for place in order])
        return self._replace(labels=labels, lengths=tuple([self.lengths[place] for place in order]))

    def one(self, place: int) -> GatheredBins | None:
        """One position of each bin, that dimension left out; None for another dimension."""
        if self.labels[place][0] != "position":
            return None
        labels = self.labels[:place] + self.labels[place + 1 :]
        return self._replace(labels=labels, lengths=self.lengths[:place] + self.lengths[place + 1 :])

    @property
    def summed(self) -> bool:
        """Whether no single positions are left."""
        return all(kind != "position" for kind, _ in self.labels)


def gathered(x: TensorView, indices: Known) -> GatheredBins | None:
    """What indices of leading dimensions name (ONNX GatherND), where these are adaptive pooling's bins."""
    count = indices.lengths[-1]
    if len(indices.lengths) != 2 * count + 1 or indices.values is None or count > len(x.dimensions):
        return None
    numbers = [int(one) for one in indices.values]
    shape = indices.lengths[:-1]
    for axis in range(count):
        bins, positions = shape[2 * axis], shape[2 * axis + 1]
        stride = count
        for size in shape[2 * axis + 2 :]:
            stride *= size
        n = x.lengths[axis]
        for one in range(bins):
            start, past = one * n // bins, -(-(one + 1) * n // bins)
            found = [numbers[(one * positions + place) * stride + axis] for place in range(positions)]
            if found != [min(start + place, n - 1) for place in range(positions)] or past - start > positions:
                return None
    rest = range(count, len(x.dimensions))
    labels = [
        *[(kind, axis) for axis in range(count) for kind in ("bin", "position")],
        *[("x", place) for place in rest],
    ]
    lengths = (*shape, *[x.lengths[place] for place in rest])
    moved = x.permuted([*rest, *range(count)])
    return GatheredBins(moved, tuple(shape[::2]), tuple(labels), lengths)


def divided(tracer: StepTracer, bins: GatheredBins) -> TensorView:
    """The mean of each bin."""
    pooled = pooled_to(tracer, bins.x, bins.sizes, "avg")
    rest = len(bins.x.dimensions) - len(bins.sizes)
    places = {("bin", axis): rest + axis for axis in range(len(bins.sizes))}
    order = [places[label] if label in places else label[1] - len(bins.sizes) for label in bins.labels]
    return pooled.permuted(order)
