"""The sliding windows of a layer along each axis, in numbers: where they end and what they miss."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rfcalc.lint.network.traits import has
from rfcalc.lint.rule import Subject

# More taps than this are not looked through one by one.
MOST_TAPS = 4096

# The words for padding that follows the size of the input.
_SAME = ("same", "same_lower")


class AxisWindows(NamedTuple):
    """The windows along one axis: output i reads i · stride − before + t · dilation for t below kernel.

    size: how many positions the input has; number: how many windows there are.
    before, after: padding in positions.  zeros: whether the padding holds nothing of the input.
    rounded_up: whether the number of windows is rounded up.  same: whether the padding follows the size.
    """

    axis: int
    size: int
    number: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int
    zeros: bool
    rounded_up: bool
    same: bool

    @property
    def span(self) -> int:
        """How many positions a window spans."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def unread(self) -> int:
        """How many of the last positions of the padded input no window reaches; negative: so far past it."""
        return self.size + self.before + self.after - (self.number - 1) * self.stride - self.span

    @property
    def after_in_effect(self) -> int:
        """The padding behind the input that windows reach; negative: so much of the input is not reached."""
        return self.after - self.unread

    @property
    def ends_evenly(self) -> bool:
        """Whether windows reach as far past one end of the input as past the other, or leave gaps anyway.

        Padding that is written uneven is what its author wants, as long as all of it is read; so is a window
        that hangs over the end.
        """
        if self.unread <= 0:
            return not self.same or self.stride == 1 or self.before == self.after
        # Where as much lies unread between two windows as behind the last, the end is no worse off.
        return self.after_in_effect == self.before or self.unread <= self.stride - self.span

    @property
    def without_input(self) -> int | None:
        """How many windows have every tap in the padding; None when there are too many taps to tell."""
        reach = self.span - 1
        if self.dilation <= self.size or self.kernel == 1:
            # Taps this close cannot stand on both sides of the input with none in it.
            front = min(max(-((reach - self.before) // self.stride), 0), self.number)
            first_behind = -(-(self.size + self.before) // self.stride)
            return front + max(self.number - max(first_behind, front), 0)
        if self.kernel > MOST_TAPS:
            return None
        # Taps further apart than the input is long: no window has two of them in it.
        seeing = 0
        for tap in range(self.kernel):
            first = -(-(self.before - tap * self.dilation) // self.stride)
            last = (self.before - tap * self.dilation + self.size - 1) // self.stride
            seeing += max(min(last, self.number - 1) - max(first, 0) + 1, 0)
        return self.number - seeing


def windows_of(subject: Subject, index: int) -> tuple[AxisWindows, ...]:
    """The windows of a convolution or pooling layer along each axis whose numbers are known.

    Empty for every other layer, and where the places that are read depend on the data.
    """
    node = subject.graph.nodes[index]
    arguments = node.arguments
    kernel, stride, padding = arguments.get("kernel"), arguments.get("stride"), arguments.get("padding")
    if not (isinstance(kernel, tuple) and isinstance(stride, tuple) and isinstance(padding, tuple)):
        return ()
    if node.facts.data_dependent or not (has(node, "convolution") or has(node, "pooling")):
        return ()
    dilation = arguments.get("dilation") or (1,) * len(kernel)
    assert isinstance(dilation, tuple)
    entering, leaving = subject.graph.nodes[node.inputs[0]].facts.output.axes, node.facts.output.axes
    found = []
    for axis, numbers in enumerate(zip(entering, leaving, kernel, stride, padding, dilation, strict=True)):
        size, number, length, step, (before, after), rate = numbers
        if all(isinstance(each, int) for each in (size, number, length, step, before, after, rate)):
            found.append(
                AxisWindows(
                    axis=axis,
                    size=size,
                    number=number,
                    kernel=length,
                    stride=step,
                    before=before,
                    after=after,
                    dilation=rate,
                    zeros=arguments.get("padding_mode", "zeros") == "zeros",
                    rounded_up=arguments.get("ceil") is True,
                    same=arguments.word("padding") in _SAME,
                )
            )
    return tuple(found)


def along(axes: Iterable[int], rank: int) -> str:
    """Along which axes of a map, in words: ``, ` along each axis`, ` along the width`."""
    listed = list(axes)
    if rank == 1:
        return ""
    if len(listed) == rank:
        return " along each axis"
    names = ("depth", "height", "width")[-rank:]
    return " along " + " and ".join(f"the {names[axis]}" for axis in listed)
