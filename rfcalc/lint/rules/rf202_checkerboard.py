"""RF202: a transposed convolution whose outputs are made of different numbers of inputs.

Finds: A transposed convolution whose neighbouring outputs are sums over different numbers of inputs, counted
tap by tap for every phase of the stride.
Why: Where windows overlap unevenly, outputs differ in magnitude by their position alone, and images show a
checkerboard that the weights must learn to undo.
Source: Odena, Dumoulin and Olah 2016, Deconvolution and checkerboard artifacts
Instead: Choose a kernel that is a multiple of the stride, or upsample and convolve.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd, prod

from rfcalc.lint.network.windows import along
from rfcalc.lint.network.wiring import by_line, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.axis_maps import Transposed
from rfcalc.ops.reads import Along
from rfcalc.shapes import Size, format_sizes

# On a map shorter than its windows longer strides are not looked through.
MOST_PHASES = 2**10


@rule(
    "warning",
    fires="input: 8x8x4\nlayers:\n  - deconv f=3 s=2 p=1 d=4\n",
    silent="input: 8x8x4\nlayers:\n  - deconv f=4 s=2 p=1 d=4\n",
)
def find(subject: Subject) -> Reported:
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
            f"{' and '.join(causes)}{each}{more_of(subject, line)}",
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
    for reads, shape in zip(node.facts.reads or (), subject.layer(index).inputs, strict=False):
        for read, size in zip(reads, shape.axes, strict=False):
            if isinstance(read, Along) and isinstance(read.taps, Transposed):
                found[read.axis] = read.taps, _numbers(read.taps, size, node.facts.output.axes[read.axis])
    return found if any(fewest < most for _, (fewest, most) in found.values()) else {}


@lru_cache(maxsize=1024)
def _numbers(taps: Transposed, size: Size, length: Size) -> tuple[int, int]:
    """The fewest and the most input positions that an output reads, those that miss some at the border aside.

    size and length: how long the axis is before and after; a symbolic one is taken to be long.
    """
    common = gcd(taps.dilation, taps.stride)
    modulus = taps.stride // common
    if isinstance(length, int) and isinstance(size, int):
        # Between these outputs all that is read lies within the map.
        first = max(0, taps.dilation * (taps.kernel - 1) - taps.before)
        last = min(length - 1, taps.stride * (size - 1) - taps.before)
        if last - first + 1 < taps.stride:
            return _numbers_of_few(taps, size, length)
    # Taps that are `modulus` apart meet one phase; what dilation and stride have in common is met by none.
    return 0 if common > 1 else taps.kernel // modulus, -(-taps.kernel // modulus)


def _numbers_of_few(taps: Transposed, size: int, length: int) -> tuple[int, int]:
    """The same of a map so short that not every phase has an output whose inputs are all in it."""
    if taps.stride > MOST_PHASES:
        return 0, 0
    numbers: list[int] = []
    at_the_border: list[int] = []
    for phase in range(min(taps.stride, length)):
        read = taps.taps(phase)
        # Outputs of this phase begin with it and are a stride apart, and their taps move by one.
        last = (length - 1 - phase) // taps.stride
        most = _most_within(read, size, last) if read else 0
        (numbers if most == len(read) else at_the_border).append(most)
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
