"""RF104: a stride that is larger than the kernel reaches, so that nothing reads part of the input.

Finds: A convolution or pooling layer whose stride is larger than its kernel, or shares a factor with its
dilation, so that no window reads some positions of its input and no other layer reads them either. 1x1
convolutions with a stride have a rule of their own, RF405.
Why: What nothing reads was computed for nothing, and what it showed is lost: thin structures vanish or stay
by chance of their position.
Source: Dumoulin and Visin 2016, A guide to convolution arithmetic; Zhang 2019, Making convolutional networks
shift-invariant again
Instead: Choose a kernel at least as long as the stride; with dilation r, a stride that has no factor in
common with r.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, reduce
from math import lcm, prod
from operator import or_

from rfcalc.lint.network.windows import per_axis, strided_kernel
from rfcalc.lint.network.wiring import by_line, counted, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.axis_maps import count_of
from rfcalc.ops.reads import Along, AxisReads
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size, format_sizes

# Where several layers read a map: the positions of one period, times the layers.
MOST_POSITIONS = 2**17
# Windows with more phases or taps than this are not looked through.
MOST_PHASES = 2**10
MOST_TAPS = 2**12


class _Read(NamedTuple):
    """Which positions along one axis a layer reads: all those whose remainder by `period` is listed."""

    period: int
    rests: frozenset[int]


_ALL = _Read(1, frozenset((0,)))
# What layers read of their operands: by layer, then by operand, once for each time.  None: unknown.
_ReadsByNode = dict[int, list[tuple[_Read, ...] | None]]


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 s=2 p=2 r=2 d=16\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 s=3 d=16\n  - conv f=3 s=2 p=3 r=3 d=16\n"
    "  - conv f=1 s=2 d=16\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    skipped: dict[int, tuple[int, tuple[int, ...]]] = {}
    # A join of many branches is gone through once, not once for each of them.
    reads_of = cache(lambda reader: _reads_of(subject, reader))
    for index in range(len(nodes)):
        readers = subject.readers[index]
        # Only a layer that has a stride and windows of its own is worth the look.
        culprits = [
            reader
            for reader in readers
            if _may_skip(subject, reader)
            and any(len(axis.rests) < axis.period for read in reads_of(reader)[index] for axis in read or ())
        ]
        if not culprits or index in subject.graph.outputs:
            continue
        seen = _seen([read for reader in readers for read in reads_of(reader)[index]])
        if seen is not None and seen[0] < prod(seen[1]):
            skipped[culprits[0]] = seen
    for line in by_line(subject, skipped):
        node = nodes[line[0]]
        operand = node.inputs[0]
        count, periods = skipped[line[0]]
        kernel, stride, rates = (per_axis(node, name) for name in ("kernel", "stride", "dilation"))
        is_dilated = any(rate != 1 for rate in rates)
        dilated = f", dilation {format_sizes(rates)}" if is_dilated else ""
        others = len(subject.readers[operand]) - 1
        by, s = node.name, "s"
        if others:
            by, s = f"{node.name} and the {counted(others, 'other layer')}", ""
        yield Found(
            f"of every {format_sizes(periods)} positions of {nodes[operand].name}, {by} read{s} {count} and "
            f"skip{s} {prod(periods) - count} (kernel {format_sizes(kernel)}{dilated}, stride "
            f"{format_sizes(stride)}){more_of(subject, line)}",
            line[0],
            hint="take a kernel at least as long as the stride, "
            + ("and a dilation that shares no factor with it" if is_dilated else "or a smaller stride"),
            figures={"read": count, "positions": prod(periods)},
        )


def _may_skip(subject: Subject, reader: int) -> bool:
    """Whether a layer has windows and a stride of its own; a 1x1 convolution with a stride is RF405's."""
    node = subject.graph.nodes[reader]
    kernel = strided_kernel(node)
    wide = has(node, "convolution") and any(length != 1 for length in kernel)
    return bool(kernel) and (has(node, "pooling") or wide)


def _reads_of(subject: Subject, reader: int) -> _ReadsByNode:
    """What a layer reads of each operand along each axis, for each time it reads it; None where unknown."""
    nodes = subject.graph.nodes
    node = nodes[reader]
    facts, target = node.facts, node.facts.output.axes
    if facts.reads is None or len(facts.reads) != len(node.inputs) or facts.data_dependent:
        return {operand: [None] for operand in node.inputs}
    found: _ReadsByNode = {}
    for operand, reads in zip(node.inputs, facts.reads, strict=True):
        axes = [_read_along(read, target) for read in reads]
        known = tuple(axis for axis in axes if axis is not None)
        whole = len(known) == len(axes) == len(nodes[operand].facts.output.axes)
        found.setdefault(operand, []).append(known if whole else None)
    return found


def _read_along(read: AxisReads | None, target: Sequence[Size]) -> _Read | None:
    if read is None:
        return None
    # A single window skips nothing between two windows.
    if not isinstance(read, Along) or target[read.axis] == 1:
        return _ALL
    taps = read.taps
    if taps.shift == 1:
        return _ALL
    if taps.period > MOST_PHASES:
        return None
    rests: set[int] = set()
    for phase in range(taps.period):
        pattern = taps.taps(phase)
        # The remainders of a progression come round after `shift` taps at the latest.
        count = min(count_of(pattern), taps.shift)
        if count > MOST_TAPS:
            return None
        rests.update((pattern.start + tap * pattern.step) % taps.shift for tap in range(count))
    return _Read(taps.shift, frozenset(rests))


def _seen(reads: list[tuple[_Read, ...] | None]) -> tuple[int, tuple[int, ...]] | None:
    """How many positions of one period any layer reads, and the period; None past the limit or unknown."""
    different = list(dict.fromkeys(read for read in reads if read is not None))
    if None in reads:
        return None
    periods = tuple(lcm(*(axis.period for axis in axes)) for axes in zip(*different, strict=True))
    if len(different) == 1:
        return prod(len(axis.rests) for axis in different[0]), periods
    if prod(periods) * len(different) > MOST_POSITIONS:
        return None
    masks = (_mask(read, periods) for read in different)
    return reduce(or_, masks).bit_count(), periods


def _mask(read: tuple[_Read, ...], periods: tuple[int, ...]) -> int:
    """The positions of one period that a layer reads, as bits, the first axis running fastest."""
    mask, size = 1, 1
    for axis, period in zip(read, periods, strict=True):
        mask = sum(mask << place * size for place in range(period) if place % axis.period in axis.rests)
        size *= period
    return mask
