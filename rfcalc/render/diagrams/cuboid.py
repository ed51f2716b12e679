"""What leaves a box as a cuboid, seen obliquely: channels to the right, a map upwards and to the back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rfcalc.records import NamedTuple
from rfcalc.render.charts.palette import Colour
from rfcalc.report.diagram.diagram import DiagramBox

PagePoint = tuple[float, float]
# Where a length to the back goes on the page: to the right, and upwards.
SLANT = (0.40, 0.34)


class CuboidFace(NamedTuple):
    """A side that is seen, by its corners; shade: how much of its colour it has, 0 to 1."""

    corners: tuple[PagePoint, ...]
    shade: float


class Cuboid(NamedTuple):
    """left and bottom: where the lower left corner of its front is.  wide, high, deep: its lengths."""

    left: float
    bottom: float
    wide: float
    high: float
    deep: float

    def at(self, across: float, up: float, back: float) -> PagePoint:
        """The place on the page of a point in it, by its lengths from the lower left corner of the front."""
        return self.left + across + SLANT[0] * back, self.bottom - up - SLANT[1] * back

    @property
    def right(self) -> float:
        """Its right end on the page."""
        return self.left + self.wide + SLANT[0] * self.deep

    @property
    def top(self) -> float:
        """Its upper end on the page."""
        return self.bottom - self.high - SLANT[1] * self.deep

    @property
    def middle(self) -> float:
        """Between its left and its right end."""
        return (self.left + self.right) / 2

    @property
    def ridge(self) -> float:
        """Where the middle of its upper edge is, at the back."""
        return self.at(self.wide / 2, 0, self.deep)[0]

    def map_corners(self, across: float) -> tuple[PagePoint, ...]:
        """The corners of the map that lies so far across, from that at the front below against the clock."""
        places = ((0.0, 0.0), (0.0, self.deep), (self.high, self.deep), (self.high, 0.0))
        return tuple(self.at(across, up, back) for up, back in places)

    def faces(self) -> tuple[CuboidFace, ...]:
        """The front, the roof and the map at the right."""
        left, right = self.map_corners(0), self.map_corners(self.wide)
        return (
            CuboidFace((left[0], right[0], right[3], left[3]), 0.18),
            CuboidFace((left[3], right[3], right[2], left[2]), 0.08),
            CuboidFace(right, 0.30),
        )


class PageVolume(NamedTuple):
    """What leaves a box, as a cuboid; colour: as of a box, of what enters that of what stands back.

    window: what a unit of the next volume reads of it.  bar: it is a vector, whose channels go upwards.
    """

    box: DiagramBox
    cuboid: Cuboid
    colour: Colour
    window: Cuboid | None = None
    bar: bool = False

    def cuboids(self) -> Iterator[tuple[Cuboid, float]]:
        """What is drawn, and how many times the shade of its faces it has."""
        yield self.cuboid, 1.0
        if self.window is not None:
            yield self.window, 1.6


class PageBeam(NamedTuple):
    """What is read of a volume, on its way into the next: lines, and the outline of all of them.

    tip: the unit that reads it; None where all units of a vector read it.
    """

    rays: tuple[tuple[PagePoint, PagePoint], ...]
    outline: tuple[PagePoint, ...]
    tip: PagePoint | None


def hull(points: Iterable[PagePoint]) -> tuple[PagePoint, ...]:
    """The corners of the least convex polygon around points (Andrew 1979)."""
    ordered = sorted(set(points))
    chains: list[list[PagePoint]] = []
    for order in (ordered, ordered[::-1]):
        chain: list[PagePoint] = []
        for point in order:
            while len(chain) > 1 and _turns_right(chain[-2], chain[-1], point):
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return tuple(chains[0] + chains[1])


def _turns_right(one: PagePoint, two: PagePoint, three: PagePoint) -> bool:
    return (two[0] - one[0]) * (three[1] - one[1]) <= (two[1] - one[1]) * (three[0] - one[0])
