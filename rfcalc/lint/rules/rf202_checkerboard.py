"""RF202: a transposed convolution whose outputs are made of different numbers of inputs."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.ops.reads import Along, Transposed

# Strides past this are no upsampling; listing every phase would take long.
MOST_PHASES = 4096


def _find(subject: Subject) -> Iterator[Found]:
    for index, node in subject.layers():
        axes = [
            read.taps
            for reads in node.facts.reads or ()
            for read in reads
            if isinstance(read, Along) and isinstance(read.taps, Transposed)
        ]
        if not axes or any(taps.stride > MOST_PHASES for taps in axes):
            continue
        counts = [[len(taps.taps(phase)) for phase in range(taps.stride)] for taps in axes]
        if all(min(axis) == max(axis) for axis in counts):
            continue
        fewest, most = prod(map(min, counts)), prod(map(max, counts))
        kernel = "x".join(str(taps.kernel) for taps in axes)
        stride = "x".join(str(taps.stride) for taps in axes)
        even = "x".join(str(-(-taps.kernel // taps.stride) * taps.stride) for taps in axes)
        yield Found(
            f"the outputs of {node.name} are sums over {fewest} to {most} input positions, in turn: "
            f"its kernel {kernel} does not divide by its stride {stride}",
            index,
            hint=f"a kernel of {even} without dilation gives every output the same number; so does "
            "upsampling followed by a convolution of stride 1",
            figures={"fewest": fewest, "most": most},
        )


RULE = Rule(
    code="RF202",
    name="checkerboard",
    severity="warning",
    what="A transposed convolution whose neighbouring outputs are sums over different numbers of inputs, "
    "counted tap by tap for every phase of the stride.",
    why="Where windows overlap unevenly, outputs differ in magnitude by their position alone, and images "
    "show a checkerboard that the weights must learn to undo.",
    source="Odena, Dumoulin and Olah 2016, Deconvolution and checkerboard artifacts",
    instead="Choose a kernel that is a multiple of the stride, or upsample and convolve.",
    fires="input: 8x8x4\nlayers:\n  - deconv f=3 s=2 p=1 d=4\n",
    silent="input: 8x8x4\nlayers:\n  - deconv f=4 s=2 p=1 d=4\n",
    find=_find,
)
