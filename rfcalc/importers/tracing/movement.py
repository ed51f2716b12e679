"""Elements in another arrangement: the one line of the language that makes one of an output's digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from rfcalc.importers.tracing.views import Dimension, IndexDigit, length
from rfcalc.ops.attributes import PerAxis, Value

Arrangement = tuple[Dimension, ...]


def movement(base: Arrangement, wanted: Arrangement) -> tuple[str, Mapping[str, Value]] | None:
    """The operator and its attributes that arrange an output as wanted; None where it is so already.

    base, wanted: the digits of each axis, then of the channels; all of base are in wanted, and no others.
    """
    if base == wanted:
        return None
    before = [one for group in base for one in group]
    after = [one for group in wanted for one in group]
    lengths = [length(group) for group in wanted]
    if before == after:
        if len(lengths) == len(base) and lengths == [length(group) for group in base]:
            return None
        return ("flatten", {}) if len(wanted) == 1 else ("reshape", {"to": PerAxis(lengths)})
    return _permuted(base, wanted) or _shuffled(base, wanted) or _split(before, after, PerAxis(lengths))


def _permuted(base: Arrangement, wanted: Arrangement) -> tuple[str, Mapping[str, Value]] | None:
    """Whole axes in another order."""
    if len(base) != len(wanted):
        return None
    places = {group: place for place, group in enumerate(base) if group}
    ones = iter([place for place, group in enumerate(base) if not group])
    order = []
    for group in wanted:
        place = places.get(group) if group else next(ones, None)
        if place is None:
            return None
        order.append(place)
    return "permute", {"order": PerAxis(order)}


def _shuffled(base: Arrangement, wanted: Arrangement) -> tuple[str, Mapping[str, Value]] | None:
    """Channels to space, space to channels, and groups of channels interleaved."""
    if len(base) != len(wanted) or len(base) < 2:
        return None
    *axes, channels = base
    *new_axes, new_channels = wanted
    if axes == new_axes and len(channels) == 2 and new_channels == channels[::-1]:
        return "channelshuffle", {"groups": channels[0].size}
    parts = [new[len(old) :] for old, new in zip(axes, new_axes, strict=True)]
    if all(new[: len(old)] == old for old, new in zip(axes, new_axes, strict=True)):
        factors = [length(part) for part in parts]
        moved = tuple([one for part in parts for one in part])
        if len(set(factors)) == 1 and channels == new_channels + moved:
            return "pixelshuffle", {"factor": factors[0]}
    parts = [old[len(new) :] for old, new in zip(axes, new_axes, strict=True)]
    if all(old[: len(new)] == new for old, new in zip(axes, new_axes, strict=True)):
        factors = [length(part) for part in parts]
        moved = tuple([one for part in parts for one in part])
        if len(set(factors)) == 1 and new_channels == channels + moved:
            return "pixelunshuffle", {"factor": factors[0]}
    return None


def _split(before: list[IndexDigit], after: list[IndexDigit], to: PerAxis) -> tuple[str, Mapping[str, Value]]:
    """Any arrangement: taken apart, put in order, read as another size."""
    runs = list(_runs(before, after))
    starts = {run[0]: place for place, run in enumerate(runs)}
    order = [starts[one] for one in after if one in starts]
    sizes = [length(run) for run in runs]
    return "permute", {"split": PerAxis(sizes), "order": PerAxis(order), "to": to}


def _runs(before: list[IndexDigit], after: list[IndexDigit]) -> Iterator[list[IndexDigit]]:
    """The digits in their order, those together that stay together."""
    follows = dict(pairwise(after))
    run: list[IndexDigit] = []
    for one in before:
        if run and follows.get(run[-1]) != one:
            yield run
            run = []
        run.append(one)
    yield run
