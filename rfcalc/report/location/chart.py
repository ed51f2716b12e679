"""Pictures of what units see.  Which there are, and of each its chart."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING, Literal, get_args

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.errors import UsageError, nearest, option, printable, quoted
from rfcalc.report.chart import Chart
from rfcalc.report.location.chart_words import say

if TYPE_CHECKING:
    from rfcalc.report.chart import Panel
    from rfcalc.report.location.asking import Located
    from rfcalc.report.location.photo import Image
    from rfcalc.report.words import Language

PictureKind = Literal["fields", "layers", "strip", "support", "energy"]
PICTURES: tuple[PictureKind, ...] = get_args(PictureKind)
# So many units have room in a picture.
MOST_UNITS = 64
_MOST_DOWN = 12


def location_chart(
    located: Located,
    kind: str = "fields",
    *,
    down: int | None = None,
    image: Image | None = None,
    language: Language = "en",
) -> Chart:
    """A picture of what the units see that were located.

    kind: one of PICTURES.  down: of "layers" and "strip", so many layers below the unit; where the map
    changes its size, down to the input, without it.  image: of "fields", what lies behind them.
    Raises UsageError for what a picture cannot show.
    """
    if kind not in PICTURES:
        hint = nearest(kind, PICTURES) or f"there are {', '.join(PICTURES)}"
        raise UsageError(f"{option('picture', kind)}: no such picture; {hint}")
    if down is not None and kind not in ("layers", "strip"):
        raise UsageError(f"{option('down')} belongs to the pictures layers and strip, not to {kind}")
    if down is not None and not 1 <= down <= _MOST_DOWN:
        raise UsageError(f"{option('down', str(down))}: expected 1 to {_MOST_DOWN} layers")
    if image is not None and kind != "fields":
        raise UsageError(f"{option('image')} belongs to the picture fields, not to {kind}")
    if not located.units:
        raise UsageError("a picture shows units: name some, beside the regions")
    if len(located.units) > MOST_UNITS:
        many = f"{len(located.units):,} units were asked for"
        raise UsageError(f"{many}; a picture has room for {MOST_UNITS}: name some, or use --corners")
    if image is not None:
        for source in located.sources:
            axes = located.analysis.inputs[source].axes
            if len(axes) != 2:
                name = quoted(located.input_name(source))
                raise UsageError(f"an image lies behind an input of 2 axes; {name} has {len(axes)}")
    try:
        panels, notes = _panels(located, kind, down, image, language)
    except OutOfReachError as reason:
        raise UsageError(f"no picture of {located.name}: {reason}") from None
    if not panels:
        raise UsageError(f"no picture of {located.name}: {'; '.join(notes)}")
    title = say(
        "title",
        language,
        layer=printable(located.name),
        network=printable(located.analysis.name),
        what=say(kind, language),
    )
    about = ". ".join((title, *(panel.title for panel in panels), *notes))
    return Chart(title, tuple(panels), about, _columns(len(panels), kind), tuple(notes), language)


def _panels(
    located: Located, kind: str, down: int | None, image: Image | None, language: Language
) -> tuple[list[Panel], list[str]]:
    # Imported late: each picture needs its own.
    if kind == "fields":
        from rfcalc.analysis.effective import EffectiveFields
        from rfcalc.report.location.fields_chart import fields_panels

        return fields_panels(located, EffectiveFields(located.analysis.graph), image, language)
    if kind in ("layers", "strip"):
        from rfcalc.report.location.layers_chart import layers_panels

        return layers_panels(located, kind, down, language)
    from rfcalc.report.location.support_chart import support_panels

    return support_panels(located, language)


def _columns(panels: int, kind: str) -> int:
    """How many panels stand side by side."""
    if kind == "strip":
        return min(panels, 3)
    return ceil(sqrt(panels))
