"""The colours of charts, on light and on dark ground, and what tells series apart where colour does not.

The colours of series follow Okabe and Ito (2008, Color Universal Design), whose eight are told apart by
nearly everybody; where one has too little contrast on a ground, a darker or lighter one of its hue stands.
A series has a marker too, so that it is known without colour.  Amounts are one colour, more opaque the more
there is: laid over a ground as sRGB mixes it, lightness goes evenly from that of the ground to that of the
colour, and what lies below is seen.
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
    #       blue      vermilion green     purple    brown     sky       wine      grey
    series=("0072b2", "d55e00", "00805d", "b0518a", "8a6d00", "2a8fc4", "7a1f3d", "5f5f5f"),
)
DARK = Theme(
    ground="0d1117",
    ink="e6edf3",
    muted="9aa4af",
    grid="2a313a",
    series=("4fb0e8", "ff8c42", "2cc295", "e59bc4", "e6c229", "9adcff", "f0758f", "b4b4b4"),
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
