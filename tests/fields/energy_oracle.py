"""Expected squared gradients by their definition, carried out in matrices over positions and channels."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np

Array = np.ndarray
# Of the random networks of one axis.
SIZE = 120


def described(size: str, *layers: str) -> str:
    lines = "".join(f"  {line}\n" for line in layers)
    return f"name: N\ninput: {size}\nlayers:\n{lines}"


# The definition in full: the expected squared gradients of units with respect to all positions and channels
# of small maps, by matrices that nothing of the package makes.  A map is (height, width, channels); a matrix
# has a row for each element of the output.


class Map:
    """A layer by the matrix of its expected squared gradients: output elements by input elements."""

    def __init__(self, shape: tuple[int, int, int], energies: Array) -> None:
        self.shape = shape
        self.energies = energies

    def behind(self, shape: tuple[int, int, int], entry: Callable[..., float]) -> Map:
        """Behind a layer whose squared derivative of element (y, x, c) by element (v, u, k) is `entry`."""
        rows = list(np.ndindex(*shape))
        columns = list(np.ndindex(*self.shape))
        step = np.array([[entry(*row, *column) for column in columns] for row in rows])
        return Map(shape, step @ self.energies)

    def conv(
        self,
        kernel: int,
        channels: int,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        dilation: int = 1,
    ) -> Map:
        height, width_, inputs = self.shape
        reach = dilation * (kernel - 1)
        sizes = [(size + 2 * padding - reach - 1) // stride + 1 for size in (height, width_)]
        variance = 2 / (kernel**2 * channels / groups)

        def tap(out: int, read: int) -> bool:
            place = read - out * stride + padding
            return place % dilation == 0 and 0 <= place // dilation < kernel

        def entry(y: int, x: int, c: int, v: int, u: int, k: int) -> float:
            of_group = c // (channels // groups) == k // (inputs // groups)
            return variance if of_group and tap(y, v) and tap(x, u) else 0.0

        return self.behind((*sizes, channels), entry)

    def deconv(self, kernel: int, channels: int, stride: int) -> Map:
        height, width_, _ = self.shape
        variance = 2 / (kernel**2 * channels)

        def entry(y: int, x: int, c: int, v: int, u: int, k: int) -> float:
            return variance if 0 <= y - v * stride < kernel and 0 <= x - u * stride < kernel else 0.0

        return self.behind(((height - 1) * stride + kernel, (width_ - 1) * stride + kernel, channels), entry)

    def maxpool(self, kernel: int, stride: int, padding: int) -> Map:
        """Any of the positions that are real is the largest, each as likely."""
        height, width_, channels = self.shape
        sizes = [(size + 2 * padding - kernel) // stride + 1 for size in (height, width_)]

        def tap(out: int, read: int, size: int) -> float:
            real = [
                at for at in range(out * stride - padding, out * stride - padding + kernel) if 0 <= at < size
            ]
            return (read in real) / len(real)

        return self.behind(
            (*sizes, channels), lambda y, x, c, v, u, k: (c == k) * tap(y, v, height) * tap(x, u, width_)
        )

    def mean(self, sizes: tuple[int, int], kernel: int, stride: int, padding: int, counted: int) -> Map:
        """Means to a map of some size, each over the places within `counted` of the map, padding or not."""
        height, width_, channels = self.shape

        def tap(out: int, read: int, size: int) -> float:
            first = out * stride - padding
            places = [at for at in range(first, first + kernel) if -counted <= at < size + counted]
            return (read in places) / len(places) ** 2

        return self.behind(
            (*sizes, channels), lambda y, x, c, v, u, k: (c == k) * tap(y, v, height) * tap(x, u, width_)
        )

    def mirrored(self, by: int) -> Map:
        """The map with a border in which its inner positions are repeated as in a mirror."""
        height, width_, channels = self.shape

        def shown(out: int, size: int) -> int:
            place = abs(out - by)
            return min(place, 2 * size - 2 - place)

        return self.behind(
            (height + 2 * by, width_ + 2 * by, channels),
            lambda y, x, c, v, u, k: float((shown(y, height), shown(x, width_), c) == (v, u, k)),
        )

    def pool(self, size: int, *, mean: bool) -> Map:
        height, width_, channels = self.shape
        each = 1 / size**4 if mean else 1 / size**2
        return self.behind(
            (height // size, width_ // size, channels),
            lambda y, x, c, v, u, k: each * (c == k and v // size == y and u // size == x),
        )

    def bilinear(self) -> Map:
        height, width_, channels = self.shape

        def coefficient(out: int, read: int, size: int) -> float:
            place = (out + 0.5) / 2 - 0.5
            weights = [max(0.0, 1 - abs(place - tap)) for tap in (-1, *range(size), size)]
            # What lies outside repeats the border.
            first, last = (weights[0] if read == 0 else 0.0), (weights[-1] if read == size - 1 else 0.0)
            return weights[read + 1] + first + last

        return self.behind(
            (2 * height, 2 * width_, channels),
            lambda y, x, c, v, u, k: (c == k) * (coefficient(y, v, height) * coefficient(x, u, width_)) ** 2,
        )

    def relu(self) -> Map:
        return Map(self.shape, self.energies / 2)

    def crop(self, by: int) -> Map:
        height, width_, channels = self.shape
        return self.behind(
            (height - 2 * by, width_ - 2 * by, channels),
            lambda y, x, c, v, u, k: float((y + by, x + by, c) == (v, u, k)),
        )

    def plus(self, other: Map) -> Map:
        assert self.shape == other.shape
        return Map(self.shape, self.energies + other.energies)

    def beside(self, other: Map) -> Map:
        size, inputs = self.shape[:2], self.energies.shape[1]
        one, two = (each.energies.reshape(*size, -1, inputs) for each in (self, other))
        joined = np.concatenate([one, two], axis=2)
        return Map((*size, joined.shape[2]), joined.reshape(-1, inputs))


def source(size: int, channels: int) -> Map:
    return Map((size, size, channels), np.eye(size * size * channels))


# Random networks along one axis, by matrices over positions and channels.


class Line:
    """A layer of a network of one axis, with its energies as `Map` has them."""

    def __init__(self, size: int, channels: int, energies: Array) -> None:
        self.size = size
        self.channels = channels
        self.energies = energies

    def read(self, kernel: int, stride: int, padding: int, dilation: int, mixing: Array) -> Line:
        """Behind windows; mixing: the squared derivative of each channel by each of the operand's."""
        size = (self.size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        taps = np.zeros((size, self.size))
        for out in range(size):
            for tap in range(kernel):
                place = out * stride - padding + tap * dilation
                if 0 <= place < self.size:
                    taps[out, place] = 1
        return Line(size, len(mixing), np.kron(taps, mixing) @ self.energies)

    def conv(self, kernel: int, channels: int, stride: int = 1, dilation: int = 1) -> Line:
        mixing = np.full((channels, self.channels), 2 / (kernel * channels))
        return self.read(kernel, stride, dilation * (kernel // 2), dilation, mixing)

    def beside(self, other: Line) -> Line:
        inputs = self.energies.shape[1]
        both = [each.energies.reshape(self.size, each.channels, inputs) for each in (self, other)]
        joined = np.concatenate(both, axis=1)
        return Line(self.size, joined.shape[1], joined.reshape(-1, inputs))


def random_line(draw: Random) -> tuple[str, Line]:
    """A description of a network of one axis, and its energies."""
    found = Line(SIZE, 2, np.eye(SIZE * 2))
    lines: list[str] = []
    while len(lines) < 5:
        kernel, dilation, channels = draw.choice((1, 3, 5)), draw.choice((1, 1, 2)), draw.choice((1, 2, 3))
        shape = f"conv f={kernel} p={dilation * (kernel // 2)} dilation={dilation}"
        match draw.choice(("conv", "stride", "relu", "maxpool", "avgpool", "add", "concat")):
            case "conv":
                lines.append(f"- {shape} d={channels}")
                found = found.conv(kernel, channels, dilation=dilation)
            case "stride" if found.size > SIZE // 2:
                lines.append(f"- {shape} s=2 d={channels}")
                found = found.conv(kernel, channels, 2, dilation)
            case "relu":
                lines.append("- relu")
                found = Line(found.size, found.channels, found.energies / 2)
            case "maxpool":
                lines.append("- maxpool f=3 s=1 p=1")
                found = found.read(3, 1, 1, 1, np.eye(found.channels) / 3)
            case "avgpool":
                lines.append("- avgpool f=3 s=1 p=1")
                found = found.read(3, 1, 1, 1, np.eye(found.channels) / 9)
            case "add":
                lines.append(f"- add: [[{shape} d=2, relu, conv f=3 p=1 d={found.channels}], []]")
                behind = found.conv(kernel, 2, dilation=dilation)
                behind = Line(behind.size, 2, behind.energies / 2).conv(3, found.channels)
                found = Line(found.size, found.channels, found.energies + behind.energies)
            case "concat":
                lines.append(f"- concat: [[{shape} d={channels}], []]")
                found = found.conv(kernel, channels, dilation=dilation).beside(found)
    return described(f"{SIZE}x2", *lines), found
