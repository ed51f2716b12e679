"""The sliding windows of a layer along each axis, in numbers: where they end and what they miss."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from rfcalc.graph.ir import Node
from rfcalc.lint.rule import Subject
from rfcalc.ops.axis_maps import Window
from rfcalc.ops.reads import Along
from rfcalc.ops.windows import resolve_padding
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size

# More taps than this are not looked through one by one.
MOST_TAPS = 4096

# The words for padding that follows the size of the input.
_SAME = ("same", "same_lower")


class AxisWindows(NamedTuple):
    """The windows of a layer along one axis of `size` positions; same: whether padding follows the size."""

    axis: int
    size: int
    taps: Window
    same: bool

    def over(self, size: int) -> AxisWindows:
        """The windows of the layer over another number of positions."""
        taps = self.taps
        if self.same:
            numbers = resolve_padding("same", (size,), (taps.kernel,), (taps.stride,), (taps.dilation,))
            before, after = cast("tuple[int, int]", numbers[0])
            taps = taps._replace(before=before, after=after)
        return self._replace(size=size, taps=taps)

    @property
    def number(self) -> int:
        """How many windows there are."""
        return self.taps.length(self.size)

    @property
    def span(self) -> int:
        """How many positions a window spans."""
        return self.taps.dilation * (self.taps.kernel - 1) + 1

    @property
    def unread(self) -> int:
        """How many of the last positions of the padded input no window reaches; negative: so far past it."""
        return (
            self.size + self.taps.before + self.taps.after - (self.number - 1) * self.taps.stride - self.span
        )

    @property
    def after_in_effect(self) -> int:
        """The padding behind the input that windows reach; negative: so much of the input is not reached."""
        return self.taps.after - self.unread

    @property
    def dropped(self) -> int:
        """How many of the last positions of the input itself no window reads.

        0 where as much lies unread between two windows as behind the last: the end is no worse off.
        """
        return max(0, -self.after_in_effect) if self.unread > self.taps.stride - self.span else 0

    @property
    def without_input(self) -> int | None:
        """How many windows have every tap in the padding; None when there are too many taps to tell."""
        taps = self.taps
        if taps.dilation <= self.size or taps.kernel == 1:
            # Taps this close cannot stand on both sides of the input with none in it.
            reaches = [(0, self.span - 1)]
        elif taps.kernel <= MOST_TAPS:
            # Taps further apart than the input is long: no window has two of them in it.
            reaches = [(tap * taps.dilation,) * 2 for tap in range(taps.kernel)]
        else:
            return None
        seeing = 0
        for near, far in reaches:
            first = -((far - taps.before) // taps.stride)
            last = (taps.before - near + self.size - 1) // taps.stride
            seeing += max(min(last, self.number - 1) - max(first, 0) + 1, 0)
        return self.number - seeing

    @property
    def idle_taps(self) -> int:
        """How many taps stand before the input in every window, or behind it in every window."""
        taps = self.taps
        behind = -(-(self.size + taps.before) // taps.dilation)
        before = -(-(taps.before - (self.number - 1) * taps.stride) // taps.dilation)
        return max(before, 0) + max(taps.kernel - behind, 0)


def windows_of(subject: Subject, index: int) -> tuple[AxisWindows, ...]:
    """The windows of a convolution or pooling layer along each axis whose numbers are known.

    Empty for every other layer, and where the places that are read depend on the data.
    """
    node = subject.graph.nodes[index]
    if "kernel" not in node.arguments or node.facts.data_dependent or not node.facts.reads:
        return ()
    entering = subject.graph.nodes[node.inputs[0]].facts.output.axes
    same = node.arguments.word("padding") in _SAME
    return tuple(
        AxisWindows(axis, size, read.taps, same)
        for axis, (read, size) in enumerate(zip(node.facts.reads[0], entering, strict=True))
        if isinstance(read, Along) and isinstance(read.taps, Window) and isinstance(size, int)
    )


def per_axis(node: Node, attribute: str) -> tuple[Size, ...]:
    """The lengths along each axis that an attribute of a layer is; () where it has none."""
    value = node.arguments.get(attribute)
    return value if isinstance(value, tuple) else ()


def strided_kernel(node: Node) -> tuple[Size, ...]:
    """The kernel of a layer whose windows have a stride and fixed places; () for any other."""
    strided = not node.facts.data_dependent and any(step != 1 for step in per_axis(node, "stride"))
    return per_axis(node, "kernel") if strided else ()


def with_windows(subject: Subject, wanted: Callable[[AxisWindows], object]) -> dict[int, list[AxisWindows]]:
    """The layers with some windows that are wanted, each with those, axis by axis."""
    found = (
        (index, [each for each in windows_of(subject, index) if wanted(each)])
        for index, _ in subject.layers()
    )
    return {index: windows for index, windows in found if windows}


def along_alike(one: AxisWindows, windows: Iterable[AxisWindows], rank: int) -> str:
    """Along which axes of a map windows are alike, in words."""
    return along([each.axis for each in windows if each._replace(axis=one.axis) == one], rank)


def along(axes: Iterable[int], rank: int) -> str:
    """Along which axes of a map, in words: ``, ` along each axis`, ` along the width`."""
    listed = list(axes)
    if rank == 1:
        return ""
    if len(listed) == rank:
        return " along each axis"
    names = ("depth", "height", "width")[-rank:]
    return " along " + " and ".join(f"the {names[axis]}" for axis in listed)
