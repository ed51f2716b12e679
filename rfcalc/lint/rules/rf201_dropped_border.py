"""RF201: windows that end before their padded input does, or are padded more on one side.

Finds: A convolution or pooling with a stride whose windows end before its padded input does, because the
division that gives their number leaves a rest, or that `same` pads more on one side: the padding in effect
differs from one side to the other, or the last rows and columns are read by no window. Padding that is
written uneven, and read, is what its author wants.
Why: The map is seen off-centre, a little more in every such layer, and what lies at one border is seen less:
detectors miss small objects there. Sizes that divide, such as 225 for a network that halves its map five
times by windows of 3, cost next to nothing.
Source: Alsallakh et al. 2021 (Mind the Pad: CNNs can develop blind spots)
Instead: Give the network an input size at which every strided window divides, or change the padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rfcalc.lint.network.even_sizes import even_inputs
from rfcalc.lint.network.windows import AxisWindows, along, windows_of, with_windows
from rfcalc.lint.network.wiring import by_line, counted, more_of
from rfcalc.lint.rule import Found, Subject, rule
from rfcalc.shapes import format_sizes


@rule(
    "info",
    fires="input: 224x224x3\nlayers:\n  - conv f=7 s=2 p=3 d=64\n",
    silent="input: 225x225x3\nlayers:\n  - conv f=7 s=2 p=3 d=64\n  - maxpool f=3 s=2 p=1\n",
)
def find(subject: Subject) -> Iterator[Found]:
    uneven = with_windows(subject, lambda each: each.taps.stride > 1 and not each.ends_evenly)
    hint = _hint(subject) if uneven else ""
    hints = {index: hint or _own_hint(subject, index, windows) for index, windows in uneven.items()}
    for line in by_line(subject, uneven, hints.get):
        index = line[0]
        windows = uneven[index]
        node = subject.graph.nodes[index]
        rank = len(node.facts.output.axes)
        groups: dict[AxisWindows, list[int]] = {}
        for each in windows:
            groups.setdefault(each._replace(axis=0), []).append(each.axis)
        text = "; ".join(_text(node.name, each, along(axes, rank)) for each, axes in groups.items())
        yield Found(
            f"{text}{more_of(subject, line)}",
            index,
            hint=hints[index],
            figures={
                "unread": max(each.unread for each in windows),
                "unread_input": max(_lost(each) for each in windows),
                "before": windows[0].taps.before,
                "after": windows[0].after_in_effect,
                "layers": len(line),
            },
        )


def _lost(windows: AxisWindows) -> int:
    """How many of the last positions of the input itself no window reads."""
    return max(0, -windows.after_in_effect)


def _text(name: str, windows: AxisWindows, where: str) -> str:
    before, after = windows.taps.before, max(windows.after_in_effect, 0)
    which = f"the windows of {name} ({windows.span} at stride {windows.taps.stride})"
    if windows.unread == 0:
        return (
            f"{which} have a padding of {before} before and {after} after the {windows.size} "
            f"positions{where}, which is what `same` comes to"
        )
    padded = " + ".join(str(part) for part in (before, windows.size, windows.taps.after) if part)
    short = f"{which} end {windows.unread} short of the {padded} positions{where}"
    lost = _lost(windows)
    if lost:
        last = "the last one of the input is" if lost == 1 else f"the last {lost} of the input are"
        return f"{short}: {last} read by none"
    return f"{short}: the padding is in effect {before} before and {after} after"


def _hint(subject: Subject) -> str:
    """The nearest sizes of the inputs at which no layer is uneven; "" when none is near."""
    near = even_inputs(subject)
    if not near:
        return ""
    sizes = " or ".join(
        ", ".join(dict.fromkeys(format_sizes(shape.axes) for shape in inputs)) for inputs in near
    )
    return f"with an input of {sizes} the windows of every layer end evenly"


def _own_hint(subject: Subject, index: int, uneven: Sequence[AxisWindows]) -> str:
    """What a layer by itself could have where no input of another size helps."""
    lost = [windows for windows in uneven if _lost(windows)]
    if lost:
        return (
            f"its own input would have to be {counted(lost[0].unread, 'position')} shorter or "
            f"{lost[0].taps.stride - lost[0].unread} longer"
        )
    axes = windows_of(subject, index)
    padding = [
        f"{each.taps.before}:{each.after_in_effect if each in uneven else each.taps.after}" for each in axes
    ]
    written = "x".join(padding if len(set(padding)) > 1 else padding[:1])
    return f"no size near is known at which all windows end evenly; where this is meant, write p={written}"
