"""Which fonts that matplotlib finds have the characters of a chart."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from rfcalc.errors import printable
from rfcalc.render.charts.palette import LIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfcalc.report.chart import Chart

# It comes with matplotlib.
_USUAL = "DejaVu Sans"
# Families with Chinese characters that systems bring, the most complete first.
_CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC"),
    *("Hiragino Sans GB", "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    *("Droid Sans Fallback", "Noto Sans CJK JP", "Arial Unicode MS", "Heiti SC", "STHeiti", "SimSun"),
)
# Of others so many are looked into.
_MOST_FONTS = 200


class FontLetters:
    """How texts are written in fonts that have their characters."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.families, missing = families_of(texts)
        self.replaced = dict.fromkeys(map(ord, missing), "?")

    def characters(self, text: str) -> str:
        """The text in characters that can be seen, and that the fonts have."""
        return printable(text.translate(self.replaced))

    def style(self, points: float, *, bold: bool = False, colour: str = LIGHT.ink) -> dict[str, Any]:
        """What is said of every text; none is markup, whatever signs are in it."""
        return {
            "fontsize": points,
            "fontfamily": self.families,
            # Of other families there may be no bold one, which would be said on standard error.
            "fontweight": "bold" if bold and len(self.families) == 1 else "normal",
            "color": f"#{colour}",
            "parse_math": False,
            "usetex": False,
        }


def families_for(chart: Chart) -> tuple[list[str], str]:
    """The families to write a chart in, see `families_of`."""
    return families_of(texts_of(chart))


def families_of(texts: Iterable[str]) -> tuple[list[str], str]:
    """The families to write texts in, of which the first with a character is used, and what none has."""
    wanted = "".join(sorted(set("".join(texts)) - _characters(_usual_file())))
    found, missing = _families_with(wanted)
    # What matplotlib knows of is a list that it wrote once; a font may have been installed since.
    if missing and _are_new_fonts():
        found, missing = _families_with(wanted)
    return [_USUAL, *found], missing


def _families_with(missing: str) -> tuple[list[str], str]:
    """Families that matplotlib knows with some of the characters, and those that none has."""
    from matplotlib import font_manager

    families: list[str] = []
    known = {font.name: font.fname for font in font_manager.fontManager.ttflist} if missing else {}
    # One of these has a box for every character there is.
    others = [name for name in sorted(known) if name not in _CHINESE and "Last Resort" not in name]
    for name in (*(name for name in _CHINESE if name in known), *others[:_MOST_FONTS]):
        left = "".join(character for character in missing if character not in _characters(known[name]))
        if left != missing:
            families.append(name)
            missing = left
        if not missing:
            break
    return families, missing


@cache
def _are_new_fonts() -> bool:
    """Make the fonts of the system that matplotlib has not listed known to it; whether there are any."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    before = {font.fname for font in manager.ttflist}
    for file in sorted({*font_manager.findSystemFonts()} - before)[:_MOST_FONTS]:
        # A file that is no font (OSError, RuntimeError), or one that cannot be scaled, for which matplotlib
        # raises NotImplementedError.
        with suppress(OSError, RuntimeError, NotImplementedError):
            manager.addfont(file)
    return len(manager.ttflist) > len(before)


def _usual_file() -> str:
    from matplotlib import font_manager

    return str(font_manager.findfont(_USUAL))


@cache
def _characters(file: str) -> frozenset[str]:
    """The characters of a font; none of a file that is none."""
    from matplotlib import ft2font

    font: Any
    try:
        font = ft2font.FT2Font(file)
    except (OSError, RuntimeError):
        return frozenset()
    return frozenset(map(chr, font.get_charmap()))


def texts_of(chart: Chart) -> Iterable[str]:
    """All text of a chart that is written into a picture."""
    yield chart.title
    yield from chart.notes
    for panel in chart.panels:
        yield panel.title
        for scale in (panel.x, panel.y):
            yield scale.label
            yield from (name for _, name in scale.ticks)
        for mark in panel.marks:
            yield getattr(mark, "label", "") or getattr(mark, "text", "")
