"""Elements at indices of a dimension."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.importers.tracing import parts
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.tracer import StepTracer
from rfcalc.importers.tracing.views import Dimension, TensorView, digit

# Slices that elements at indices are put together of, such as the colours of an image the other way round.
_MOST_RUNS = 8


def picked(
    tracer: StepTracer, x: TensorView, dimension: int, places: Sequence[int], batch: Dimension
) -> TensorView:
    """The elements at some indices of a dimension, in their order."""
    if not places:
        raise tracer.mistake("no index is taken")
    step = places[1] - places[0] if len(places) > 1 else 1
    if step > 0:
        part = range(places[0], places[-1] + 1, step)
        # A range may have as many places as a dimension is long, which a file states: none is looked at.
        alike = part[: len(places) + 1]
        if places == alike if isinstance(places, range) else list(places) == list(alike):
            return parts.part_of(tracer, x, dimension, part)
    joined = in_runs(tracer, x, dimension, places)
    if joined is not None:
        return joined
    lengths = (*x.lengths[:dimension], len(places), *x.lengths[dimension + 1 :])
    return parts.opaque(tracer, "gather", [x], lengths, batch, moves=True)


def in_runs(tracer: StepTracer, x: TensorView, dimension: int, places: Sequence[int]) -> TensorView | None:
    """The elements at some indices of a dimension as slices side by side; None where these were many."""
    runs = _runs(places)
    if not runs:
        return None
    found = [parts.part_of(tracer, x, dimension, run) for run in runs]
    own = x.own(dimension)
    if own not in x.base or not own:
        return parts.concatenated(tracer, found, dimension)
    # Slices of one axis, or of the channels: single elements among them are none that could stand elsewhere.
    axis = x.base.index(own)
    values = {} if axis == len(x.base) - 1 else {"axis": axis}
    joined = digit(len(places))
    return TensorView(
        tracer.add("concat", [one.step for one in found], values),
        (*x.base[:axis], joined, *x.base[axis + 1 :]),
        (*x.dimensions[:dimension], joined, *x.dimensions[dimension + 1 :]),
    )


def _runs(places: Sequence[int]) -> list[range]:
    """Indices as ranges that count up by 1, one behind the other; none where these are many."""
    found: list[range] = []
    for place in places:
        if found and found[-1].stop == place:
            found[-1] = range(found[-1].start, place + 1)
        elif len(found) == _MOST_RUNS:
            return []
        else:
            found.append(range(place, place + 1))
    return found


def gathered(
    tracer: StepTracer, x: TensorView, dimension: int, indices: Known, batch: Dimension
) -> TensorView:
    """The elements at indices of a dimension, in whose place the dimensions of the indices stand."""
    lengths = (*x.lengths[:dimension], *indices.lengths, *x.lengths[dimension + 1 :])
    wanted, size = indices.whole(), x.lengths[dimension]
    if wanted is None:
        return parts.opaque(tracer, "gather", [x], lengths, batch, moves=True)
    if any(not -size <= one < size for one in wanted):
        raise tracer.mistake(f"an index is not within the {size} of its dimension")
    return parts.reshaped(
        tracer, picked(tracer, x, dimension, [one % size for one in wanted], batch), lengths
    )
