"""What units see: a picture for paper, and what the script needs to show any unit of any layer."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rfcalc.render.charts.svg import chart_svg, in_page
from rfcalc.render.page.elements import Markup, element, fragment
from rfcalc.report.page.words import say
from rfcalc.report.words import reason_in

if TYPE_CHECKING:
    from rfcalc.render.page.anchors import PageAnchors
    from rfcalc.report.location.runs import LayerRuns, RowsAlong, UnitRun
    from rfcalc.report.page.record import PageOfNetwork
    from rfcalc.report.words import Language

# Words that the script writes itself.
FIELD_WORDS = (
    "field layer",
    "field input",
    "unit axis",
    "unit row",
    "unit column",
    "map of units",
    "over input",
    "visible",
    "theoretical",
    "effective",
    "own place",
    "box from to",
    "positions seen",
    "in padding",
    "beyond",
    "sees nothing",
    "field unknown",
    "no such field",
    "seen by",
    "units seeing",
    "field command",
)


def field_part(page: PageOfNetwork, places: PageAnchors, language: Language) -> Markup:
    """The picture of some units, and the line that shows any."""
    fields = page.fields
    if isinstance(fields.picture, str):
        return element("p", say("no fields", language, reason=fields.picture), class_="clean")
    command = f"rfcalc locate {page.command} {shlex.quote(fields.shown)}"
    picture = in_page(chart_svg(fields.picture), places.own("fields"), places.photo())
    return fragment(
        element("figure", Markup(picture), class_="growth unit-picture"),
        element(
            "p", say("field command", language), " ", element("code", command), class_="aside unit-picture"
        )
        if page.command
        else None,
    )


def field_data(page: PageOfNetwork, language: Language) -> dict[str, object] | None:
    """What all units see, as plain values; None where that of none is known.

    inputs: name and lengths.  rows: the runs along an axis, each the number of its units, how far the first
    and last position of a stretch move from one to the next, and the first and last positions of the
    stretches of its first unit.  views: input, shape, then each as rows and the layer's axis, -1 where it has
    none: products, theoretical and effective ends; where products or the last are not known, the reason.
    of: for each row of the table the numbers of its views.  photos: for each input what is said of the image
    that lies behind it, None where none does.
    """
    runs = page.fields.runs
    if not runs.layers:
        return None
    views: dict[str, int] = {}
    found: list[list[object]] = []
    of: dict[str, list[int]] = {}
    for layer in runs.layers:
        view = _view(layer, language)
        place = views.setdefault(repr(view), len(found))
        if place == len(found):
            found.append(view)
        of.setdefault(layer.name, []).append(place)
    return {
        "inputs": [list(each) for each in page.fields.inputs],
        "rows": [[_run(run) for run in rows] for rows in runs.rows],
        "views": found,
        "of": [of.get(row.name, []) if not row.is_block else [] for row in page.table.rows],
        "shown": page.fields.shown,
        "photos": list(page.fields.photo),
        "command": f"rfcalc locate {page.command}" if page.command else "",
    }


def _view(layer: LayerRuns, language: Language) -> list[object]:
    products = layer.products
    return [
        layer.source,
        list(layer.shape),
        reason_in(language, layer.reason)
        if products is None
        else [[_along(each) for each in term] for term in products],
        [each and _along(each) for each in layer.theoretical],
        reason_in(language, layer.no_effective)
        if layer.effective is None
        else [*map(_along, layer.effective)],
    ]


def _along(along: RowsAlong) -> list[int]:
    return [along.rows, -1 if along.axis is None else along.axis]


def _run(run: UnitRun) -> list[int]:
    return [run.number, *run.step, *(end for stretch in run.stretches for end in stretch)]
