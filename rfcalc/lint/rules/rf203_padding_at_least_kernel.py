"""RF203: windows that lie wholly in padding, and taps that do so in every window.

Finds: A convolution or pooling with windows that lie wholly in padding, counted exactly: the padding is as
large as the kernel with its dilation, or the taps stand further apart than the map is long. Also a
convolution of which a quarter of the taps or more read padding alone, wherever its windows stand; that is a
remark without dilation, as where a network halves its map down to one position (SSD, pix2pix). Padding by
reflection, replication or a circle repeats the input, and is left out.
Why: What such a window gives is the same for every input: work and memory for a frame of constants, which the
layers behind it take for content. The weights of such a tap are never used and never learned: at a rate of 18
a 3x3 convolution of a 7x7 map is one of 1x1.
Source: arithmetic of windows: Dumoulin and Visin 2016; PyTorch refuses pooling padded by more than half; Chen
et al. 2017 (Rethinking atrous convolution), section 3.3
Instead: Pad by at most r(f - 1); f // 2 keeps the size of a map at stride 1. Keep r below the length of
the map.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfcalc.conditions.words import amount
from rfcalc.graph.ir import Node
from rfcalc.lint.network.windows import AxisWindows, along, along_alike, per_axis, with_windows
from rfcalc.lint.network.wiring import by_line, counted, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.shapes import format_sizes, product


@rule(
    "warning",
    fires="input: 8x8x3\nlayers:\n  - conv f=1 p=1 d=16\n",
    silent="input: 8x8x3\nlayers:\n  - conv f=3 p=2 d=16\n  - conv f=3 p=4 r=4 d=16\n"
    "  - conv f=1 p=1 d=16 padding_mode=reflect\n",
)
def find(subject: Subject) -> Reported:
    empty = with_windows(subject, lambda each: each.taps.border == "zero" and each.without_input)
    hints = {
        index: _hint(windows, len(subject.graph.nodes[index].facts.output.axes))
        for index, windows in empty.items()
    }
    for line in by_line(subject, empty, hints.get):
        index = line[0]
        node = subject.graph.nodes[index]
        axes = node.facts.output.axes
        numbers = {each.axis: each.without_input or 0 for each in empty[index]}
        blind, total = _outputs(axes, numbers)
        worst = max(empty[index], key=lambda each: max(each.taps.before, each.taps.after) - each.span)
        yield Found(
            f"{blind} of {total} windows of {node.name} lie wholly in padding, and their outputs "
            f"{_outcome(node)}: {_cause(worst)}{along_alike(worst, empty[index], len(axes))}"
            f"{more_of(subject, line)}",
            index,
            hint=hints[index],
            figures={"windows": max(numbers.values()), "padding": max(worst.taps.before, worst.taps.after)},
        )
    idle = with_windows(subject, lambda each: each.taps.border == "zero" and each.idle_taps)
    idle = {i: each for i, each in idle.items() if _is_much(each)}
    for line in by_line(
        subject, (i for i in idle if i not in empty and has(subject.graph.nodes[i], "convolution"))
    ):
        yield _idle(subject, line, idle[line[0]])


def _is_much(idle: Sequence[AxisWindows]) -> bool:
    """Whether a quarter of the taps or more read padding alone."""
    reading = prod(each.taps.kernel - each.idle_taps for each in idle)
    return 4 * reading <= 3 * prod(each.taps.kernel for each in idle)


def _idle(subject: Subject, line: Sequence[int], idle: Sequence[AxisWindows]) -> Found:
    """The finding about a layer with taps that read padding alone."""
    node = subject.graph.nodes[line[0]]
    left = list(per_axis(node, "kernel"))
    taps = product(left)
    for each in idle:
        left[each.axis] = each.taps.kernel - each.idle_taps
    reading = product(left)
    first = idle[0]
    return Found(
        f"{amount(taps - reading)} of the {amount(taps)} taps of {node.name} "
        f"read{'s' if taps - reading == 1 else ''} padding alone in every window: "
        f"{first.taps.dilation} apart and padded by {first.taps.before}, they miss the "
        f"{counted(first.size, 'position')}{along_alike(first, idle, len(left))}{more_of(subject, line)}",
        line[0],
        hint=f"a kernel of {format_sizes(left)} computes the same",
        figures={"idle": taps - reading, "taps": taps},
        severity="warning" if any(each.taps.dilation > 1 for each in idle) else "info",
    )


def _outcome(node: Node) -> str:
    """What a window that reads zeros alone gives."""
    if not has(node, "convolution"):
        return "say nothing of the input"
    return "are the bias alone" if "bias" in (node.facts.weights or {}) else "are 0"


def _outputs(axes: tuple[object, ...], numbers: dict[int, int]) -> tuple[str, str]:
    """How many windows lie in padding, and how many there are; along the axis where one is symbolic."""
    sizes = [size for size in axes if isinstance(size, int)]
    if len(sizes) < len(axes):
        axis, number = next(iter(numbers.items()))
        return amount(number), str(axes[axis])
    seeing = prod(size - numbers.get(axis, 0) for axis, size in enumerate(sizes))
    return amount(prod(sizes) - seeing), amount(prod(sizes))


def _cause(windows: AxisWindows) -> str:
    if max(windows.taps.before, windows.taps.after) >= windows.span:
        return (
            f"a padding of {max(windows.taps.before, windows.taps.after)} is no less than the "
            f"{counted(windows.span, 'position')} that a window spans"
        )
    return f"their taps, {windows.taps.dilation} apart, meet none of the {windows.size} positions"


def _hint(windows: Sequence[AxisWindows], rank: int) -> str:
    """What leaves no window in padding along any axis."""
    changes: dict[str, list[int]] = {}
    for each in windows:
        changes.setdefault(_change(each), []).append(each.axis)
    parts = [f"{change}{along(axes, rank) if len(axes) < rank else ''}" for change, axes in changes.items()]
    return f"with {' and '.join(parts)} every window reads some of the input"


def _change(windows: AxisWindows) -> str:
    """What leaves no window in padding along an axis.

    Taps no further apart than the map is long do not stand on both sides of it with none inside, and a
    padding of less than the window spans does not hold it.
    """
    dilation = min(windows.taps.dilation, max(windows.size, 1))
    padding = dilation * (windows.taps.kernel - 1)
    if dilation == windows.taps.dilation or windows.taps.kernel == 1:
        return f"a padding of at most {padding}"
    if max(windows.taps.before, windows.taps.after) <= padding:
        return f"a dilation of {dilation}"
    return f"a dilation of {dilation} and a padding of at most {padding}"
