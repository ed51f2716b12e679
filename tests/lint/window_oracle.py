"""Sliding windows by enumeration: which positions each one reads, in raw loops."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st


class Layer(NamedTuple):
    """A convolution or pooling along one axis."""

    kernel: int
    stride: int
    before: int
    after: int
    dilation: int = 1
    ceil: bool = False

    def line(self) -> str:
        """It as a line of a description: max pooling, which knows all of these."""
        text = f"maxpool f={self.kernel} s={self.stride} p={self.before}:{self.after} r={self.dilation}"
        return f"{text} ceil={'yes' if self.ceil else 'no'}"

    def taps(self, start: int) -> list[int]:
        """The positions that a window reads which starts here, 0 being the first of the input."""
        return [start + tap * self.dilation for tap in range(self.kernel)]

    def rounded(self, size: int) -> list[list[int]]:
        """The windows of an axis, with `ceil` until the whole padded input is covered."""
        windows: list[list[int]] = []
        start = -self.before
        while True:
            taps = self.taps(start)
            # With `ceil` windows go on until the last padded position is covered.
            end = taps[-1] - self.stride + 1 if self.ceil else taps[-1]
            if end >= size + self.after:
                return windows
            windows.append(taps)
            start += self.stride

    def windows(self, size: int) -> list[list[int]]:
        """The windows that there are: a last one that starts behind the input is dropped with `ceil`."""
        windows = self.rounded(size)
        if self.ceil and self.stride > 1 and windows and windows[-1][0] >= size:
            windows.pop()
        return windows


def layers(*, dilated: bool = True, ceil: bool = True) -> st.SearchStrategy[Layer]:
    """Layers of small numbers."""
    return st.builds(
        Layer,
        st.integers(1, 5),
        st.integers(1, 5),
        st.integers(0, 6),
        st.integers(0, 6),
        st.integers(1, 4) if dilated else st.just(1),
        st.booleans() if ceil else st.just(False),
    )
