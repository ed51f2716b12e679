"""RF204: a window that rounding up would add and that would start behind the input.

Finds: A pooling layer with `ceil` whose last window, the one that rounding up adds, would lie wholly in
padding. It is dropped, as PyTorch does, so that the output is one shorter than the division rounded up. A
last window that holds some of the input is what `ceil` is for, and no finding.
Why: Tools differ here: one that keeps the window gives an output one longer, whose last row and column hold
nothing but padding, and weights that fit one size do not fit the other.
Source: PyTorch MaxPool2d, on ceil_mode; Dumoulin and Visin 2016
Instead: Leave `ceil` out, or change the padding so that the last window starts in the input.
"""

from __future__ import annotations

from rfcalc.lint.network.windows import AxisWindows, along_alike, with_windows
from rfcalc.lint.network.wiring import by_line, counted, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "warning",
    fires="input: 5x5x3\nlayers:\n  - maxpool f=1 s=3 ceil=yes\n",
    silent="input: 112x112x64\nlayers:\n  - maxpool f=3 s=2 ceil=yes\n",
)
def find(subject: Subject) -> Reported:
    dropped = with_windows(subject, _is_dropped)
    for line in by_line(subject, dropped, lambda index: _hint(dropped[index][0])):
        index = line[0]
        windows = dropped[index]
        node = subject.graph.nodes[index]
        first = windows[0]
        where = along_alike(first, windows, len(node.facts.output.axes))
        yield Found(
            f"rounding up gives {node.name} {counted(first.number + 1, 'window')}{where}, but the last "
            f"would start behind the {counted(first.size, 'position')} of the input: it is dropped, as "
            f"PyTorch drops it, which leaves {first.number}; a tool that keeps it has "
            f"{first.number + 1}{more_of(subject, line)}",
            index,
            hint=_hint(first),
            figures={"windows": first.number, "rounded": first.number + 1},
        )


def _is_dropped(windows: AxisWindows) -> bool:
    """Whether windows are rounded up, which would give one more than there are."""
    room = windows.size + windows.taps.before + windows.taps.after - windows.span
    return windows.taps.rounded_up and windows.number == -(-room // windows.taps.stride)


def _hint(windows: AxisWindows) -> str:
    if windows.unread < windows.taps.stride:
        return "leave `ceil` out: it changes nothing here, and every tool then has the same size"
    # The last window must start in the input or before it, a whole number of strides behind the first.
    furthest = (windows.size + windows.taps.before - 1) // windows.taps.stride * windows.taps.stride
    after = furthest + windows.span - windows.size - windows.taps.before
    if after >= 0:
        return f"with a padding of at most {after} behind the input there is none to drop"
    room = windows.size + windows.taps.before + windows.taps.after - windows.span
    return f"leave `ceil` out: every tool then has {counted(room // windows.taps.stride + 1, 'window')}"
