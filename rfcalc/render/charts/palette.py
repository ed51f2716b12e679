"""The colours of charts, on light and on dark ground, and what tells series apart where colour does not.

The colours of series begin as those of Okabe and Ito (2008, Color Universal Design).  The others were
searched: legible on their ground, and as far from each other as they can be, also for who lacks a kind of
cones.  A series has a marker too, so that it is known without colour.  Amounts are one colour, more opaque
the more there is: laid over a ground as sRGB mixes it, lightness goes evenly from that of the ground to that
of the colour, and what lies below is seen.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from rfcalc.records import NamedTuple

Role = Literal["ink", "muted", "grid", "ground"]
# A series, -1 for what has the colour of texts, or another part of a picture.
Colour: TypeAlias = int | Role


class Theme(NamedTuple):
    """The colours on one ground, as six hexadecimal digits.

    ink: of texts and frames.  muted: of what stands back.  grid: of lines behind the marks.
    series: of marks, by their number, from the first again when there are more.
    """

    ground: str
    ink: str
    muted: str
    grid: str
    series: tuple[str, ...]

    def colour(self, colour: int | Role) -> str:
        """The colour of a series, of texts for -1, or of another part."""
        if isinstance(colour, int):
            return self.ink if colour < 0 else self.series[colour % len(self.series)]
        return {"ink": self.ink, "muted": self.muted, "grid": self.grid, "ground": self.ground}[colour]


LIGHT = Theme(
    ground="ffffff",
    ink="1f2328",
    muted="59636e",
    grid="dfe3e8",
    #       blue      vermilion green     pink      tan       petrol    crimson   sand
    series=("0072b2", "d55e00", "116f40", "b8849e", "bb894e", "176377", "ba0033", "a2907a"),
)
DARK = Theme(
    ground="0d1117",
    ink="e6edf3",
    muted="9aa4af",
    grid="2a313a",
    series=("4fb0e8", "ff8c42", "b6ffc2", "b5546d", "f6ef41", "d9ffff", "e04847", "bda8ba"),
)

Marker = Literal["circle", "square", "triangle", "diamond", "cross", "plus", "down"]
MARKERS: tuple[Marker, ...] = ("circle", "square", "triangle", "diamond", "cross", "plus", "down")


def marker_of(series: int) -> Marker:
    """The marker of a series."""
    return MARKERS[series % len(MARKERS)]


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour, 0 to 255."""
    red, green, blue = bytes.fromhex(colour)
    return red, green, blue


def mixed(colour: str, ground: str, opacity: float) -> str:
    """What a colour of this opacity, 0 to 1, gives over a ground."""
    pairs = zip(channels(colour), channels(ground), strict=True)
    return bytes(round(below + opacity * (above - below)) for above, below in pairs).hex()
