"""Pictures of what units see.  Which there are, and of each its chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, sqrt
from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, nearest, option, printable, quoted
from rfcalc.report.chart import Chart
from rfcalc.report.location.chart_words import say
from rfcalc.report.location.kinds import DEEP, PICTURES
from rfcalc.report.location.words import say as say_of_tables

if TYPE_CHECKING:
    from rfcalc.analysis.effective import EffectiveFields
    from rfcalc.report.chart import Panel
    from rfcalc.report.location.asking import Located
    from rfcalc.report.location.photo import Image
    from rfcalc.report.words import Language

# So many units have room in a picture.
MOST_UNITS = 64
_MOST_DOWN = 12


def location_chart(
    layers: Sequence[Located],
    kind: str = "fields",
    *,
    down: int | None = None,
    image: Image | None = None,
    effective: EffectiveFields | None = None,
    language: Language = "en",
) -> Chart:
    """A picture of what the units see that were located in some layers of a network.

    Where no unit was asked for it is the one in the middle, with those at the corners in "fields" of a layer.
    kind: one of PICTURES.  down: of "layers" and "strip", so many layers below the unit; where the map
    changes its size, down to the input, without it.  image: of "fields", what lies behind them.
    effective: of "fields", the effective fields, where they are known already.
    Raises UsageError for what a picture cannot show.
    """
    _refuse(layers, kind, down, image)
    several = len(layers) > 1
    # Of units that nobody chose one is enough where each has a large panel, or several.
    wide = any(len(each.analysis.inputs[source].axes) > 2 for each in layers for source in each.sources)
    if kind != "fields" or several or wide:
        layers = [each._replace(units=each.units[:1]) if each.chosen else each for each in layers]
    count = sum(len(each.units) for each in layers)
    if not count:
        raise UsageError("a picture shows units: name some, beside the regions")
    if count > MOST_UNITS:
        hint = f"name some, or use {option('corners')}"
        raise UsageError(f"{count:,} units were asked for, and a picture has room for {MOST_UNITS}: {hint}")
    panels: list[Panel] = []
    notes: list[str] = []
    for each, (found, said) in zip(
        layers, _panels(layers, kind, down, image, effective, language), strict=True
    ):
        panels += found
        notes += said
        if each.asked.how == "scope":
            notes.append(say_of_tables("scope", language, text=each.asked.text, layer=each.name))
    notes = [*map(printable, dict.fromkeys(notes))]
    network = printable(layers[0].analysis.name)
    if not panels:
        raise UsageError(f"no picture of {layers[0].name}: {'; '.join(notes)}")
    what = say(kind, language)
    title = say("title", language, layer=printable(layers[0].name), network=network, what=what)
    if several:
        title = say("title of several", language, network=network, what=what)
    about = ". ".join((title, *(panel.title for panel in panels), *notes))
    return Chart(title, tuple(panels), about, _columns(panels, kind), tuple(notes), language)


def _refuse(layers: Sequence[Located], kind: str, down: int | None, image: Image | None) -> None:
    """Raise UsageError for a picture that there is not, and for what it has not."""
    if kind not in PICTURES:
        hint = nearest(kind, PICTURES) or f"there are {', '.join(PICTURES)}"
        raise UsageError(f"{option('picture', kind)}: no such picture; {hint}")
    if down is not None and kind not in DEEP:
        raise UsageError(f"{option('down')} belongs to the pictures {' and '.join(DEEP)}, not to {kind}")
    if down is not None and not 1 <= down <= _MOST_DOWN:
        raise UsageError(f"{option('down', str(down))}: expected 1 to {_MOST_DOWN} layers")
    if image is not None and kind != "fields":
        raise UsageError(f"{option('image')} belongs to the picture fields, not to {kind}")
    for each in layers if image is not None else ():
        for source in each.sources:
            rank = len(each.analysis.inputs[source].axes)
            if rank != 2:
                name = quoted(each.input_name(source))
                raise UsageError(f"an image lies behind an input of 2 axes; {name} has {rank}")


def _panels(
    layers: Sequence[Located],
    kind: str,
    down: int | None,
    image: Image | None,
    effective: EffectiveFields | None,
    language: Language,
) -> Iterator[tuple[list[Panel], list[str]]]:
    """The panels and notes of each layer.  Imported late: each picture needs its own."""
    several = len(layers) > 1
    if kind == "fields":
        from rfcalc.analysis.effective import EffectiveFields
        from rfcalc.report.location.fields_chart import fields_panels

        effective = effective or EffectiveFields(layers[0].analysis.graph)
        for each in layers:
            yield fields_panels(each, several, effective, image, language)
    elif kind in DEEP:
        from rfcalc.report.location.layers_chart import layers_panels

        for each in layers:
            yield layers_panels(each, several, kind, down, language)
    elif kind == "support":
        from rfcalc.report.location.support_chart import support_panels

        for each in layers:
            yield support_panels(each, several, language)
    else:
        from rfcalc.report.location.energy_chart import energy_panels

        for each in layers:
            yield energy_panels(each, several, language)


def _columns(panels: Sequence[Panel], kind: str) -> int:
    """How many panels stand side by side."""
    if kind == "strip":
        return min(len(panels), 3)
    if kind == "layers" or not all(panel.square for panel in panels):
        return 1
    return len(panels) if len(panels) <= 3 else ceil(sqrt(len(panels)))
