"""RF202: a transposed convolution whose outputs are made of different numbers of inputs.

Finds: A transposed convolution whose neighbouring outputs are sums over different numbers of inputs, counted
tap by tap for every phase of the stride.
Why: Where windows overlap unevenly, outputs differ in magnitude by their position alone, and images show a
checkerboard that the weights must learn to undo.
Source: Odena, Dumoulin and Olah 2016, Deconvolution and checkerboard artifacts
Instead: Choose a kernel that is a multiple of the stride, or upsample and convolve.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import gcd, prod

from rfcalc.lint.network.windows import along
from rfcalc.lint.network.wiring import by_line, more_of
from rfcalc.lint.rule import Found, Subject, rule
from rfcalc.ops.axis_maps import Transposed
from rfcalc.ops.reads import Along
from rfcalc.shapes import Size, format_sizes

# Of longer strides some phases stand for the others that have as many taps.
MOST_PHASES = 128


@rule(
    "warning",
    fires="input: 8x8x4\nlayers:\n  - deconv f=3 s=2 p=1 d=4\n",
    silent="input: 8x8x4\nlayers:\n  - deconv f=4 s=2 p=1 d=4\n",
)
def find(subject: Subject) -> Iterator[Found]:
    uneven = {index: axes for index, _ in subject.layers() if (axes := _uneven_axes(subject, index))}
    mending = {index: _mending([taps for taps, _ in axes.values()]) for index, axes in uneven.items()}
    for line in by_line(subject, uneven, lambda index: (mending[index], tuple(uneven[index].items()))):
        node = subject.graph.nodes[line[0]]
        axes = uneven[line[0]]
        fewest = prod(numbers[0] for _, numbers in axes.values())
        most = prod(numbers[1] for _, numbers in axes.values())
        bad = {axis: taps for axis, (taps, numbers) in axes.items() if numbers[0] < numbers[1]}
        causes = dict.fromkeys(_cause(taps) for taps in bad.values())
        each = along(bad, len(node.facts.output.axes)) if len(bad) < len(axes) else ""
        yield Found(
            f"the outputs of {node.name} are sums over {fewest} to {most} input positions, in turn: "
            f"{' and '.join(causes)}{each}{more_of(line)}",
            line[0],
            hint=mending[line[0]],
            figures={"fewest": fewest, "most": most},
        )


def _uneven_axes(subject: Subject, index: int) -> dict[int, tuple[Transposed, tuple[int, int]]]:
    """The taps of a transposed convolution by axis, with the fewest and the most inputs of an output.

    Empty for other layers, and where every output away from the border has the same number.
    """
    node = subject.graph.nodes[index]
    found: dict[int, tuple[Transposed, tuple[int, int]]] = {}
    for read, size in zip((node.facts.reads or ((),))[0], subject.layer(index).inputs[0].axes, strict=False):
        if isinstance(read, Along) and isinstance(read.taps, Transposed):
            found[read.axis] = read.taps, _numbers(read.taps, size, node.facts.output.axes[read.axis])
    return found if any(fewest < most for _, (fewest, most) in found.values()) else {}


@lru_cache(maxsize=1024)
def _numbers(taps: Transposed, size: Size, length: Size) -> tuple[int, int]:
    """The fewest and the most input positions that an output reads, those that miss some at the border aside.

    size and length: how long the axis is before and after; a symbolic one is taken to be long.
    """
    numbers: list[int] = []
    at_the_border: list[int] = []
    for phase in _phases(taps, length):
        read = taps.taps(phase)
        if not (isinstance(length, int) and isinstance(size, int)):
            numbers.append(len(read))
            continue
        # Outputs of this phase begin with it and are a stride apart, and their taps move by one.
        last = (length - 1 - phase) // taps.stride
        if last < 0:
            continue
        if not read or max(0, -read[0]) <= min(last, size - 1 - read[-1]):
            numbers.append(len(read))
        else:
            at_the_border.append(_most_within(read, size, last))
    if 0 in numbers:
        # Beside outputs that nothing is read for, those that are short of some inputs are many.
        numbers += at_the_border
    return min(numbers, default=0), max(numbers, default=0)


def _most_within(read: range, size: int, last: int) -> int:
    """How many positions of a map an output of a phase reads at most; last: the number of its last output."""
    # It reads most where the first of its taps that is in the map stands as near to the beginning as can be.
    before = max(0, -((read[0] + last) // read.step))
    if before >= len(read):
        return 0
    start = max(0, read[before])
    return min(len(read) - before, max(0, (size - 1 - start) // read.step + 1))


def _phases(taps: Transposed, length: Size) -> Iterable[int]:
    """Phases of every number of taps: all of them, or of a long stride those at the ends of each kind.

    A phase has a first tap t below m = stride / gcd(dilation, stride) and every m-th after it, so the
    phases of the first taps up to (kernel - 1) mod m have one tap more than the others.
    """
    stride = taps.stride
    if stride <= MOST_PHASES:
        return range(stride)
    common = gcd(taps.dilation, stride)
    modulus = stride // common
    more = (taps.kernel - 1) % modulus + 1
    few = MOST_PHASES // 8
    near = (range(few), range(more - few, more + few), range(modulus - few, modulus))
    first = {tap for part in near for tap in part if 0 <= tap < modulus}
    phases = {(tap * taps.dilation - taps.before) % stride for tap in first}
    # Beside these are phases that no tap meets, where dilation and stride have a common divisor.
    between = {(phase + 1) % stride for phase in phases} if common > 1 else set()
    # Of a map shorter than the stride padding takes phases away: there are those at its ends.
    ends = {*range(few), *(range(max(0, length - few), length) if isinstance(length, int) else ())}
    return sorted(phases | between | {phase for phase in ends if phase < stride})


def _cause(taps: Transposed) -> str:
    if gcd(taps.dilation, taps.stride) > 1:
        return f"its dilation {taps.dilation} and its stride {taps.stride} have a common divisor"
    return f"its kernel {taps.kernel} does not divide by its stride {taps.stride}"


def _mending(axes: list[Transposed]) -> str:
    """What would give every output the same number of inputs; all axes in their order."""
    kernels = [-(-taps.kernel // taps.stride) * taps.stride for taps in axes]
    text = f"a kernel of {format_sizes(kernels if len(set(kernels)) > 1 else kernels[:1])}"
    if any(gcd(taps.dilation, taps.stride) > 1 for taps in axes):
        text += " without dilation"
    return (
        f"{text} gives every output the same number; so does upsampling followed by a convolution of stride 1"
    )
