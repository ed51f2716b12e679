"""Where the figures of layers come from: a folded part for each kind of layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.render.explanation import side_text
from rfcalc.render.page.elements import Markup, element
from rfcalc.report.cells import Amount, Style
from rfcalc.report.page.layer_kinds import kind_title
from rfcalc.report.page.words import say

if TYPE_CHECKING:
    from rfcalc.render.page.anchors import PageAnchors
    from rfcalc.report.explanation.blocks import Equation
    from rfcalc.report.page.layer_kinds import LayerKind
    from rfcalc.report.page.record import PageOfNetwork
    from rfcalc.report.words import Language


def kinds_list(page: PageOfNetwork, places: PageAnchors, language: Language) -> Markup:
    """All kinds, in the order of their first layers."""
    more = f"{page.kinds_left_out:,}"
    return element(
        "div",
        element("p", say("arithmetic about", language)),
        [_kind(kind, places.own(f"kind{place}"), language) for place, kind in enumerate(page.kinds)],
        element("p", say("kinds left out", language, count=more)) if page.kinds_left_out else None,
        class_="kinds",
    )


def _kind(kind: LayerKind, anchor: str, language: Language) -> Markup:
    key = "kind one layer" if kind.number == 1 else "kind layers"
    number = say(key, language, number=f"{kind.number:,}", name=kind.first.name)
    sizes = " + ".join(map(str, kind.first.inputs)) or "-"
    summary = element(
        "summary",
        element("code", kind_title(kind)),
        " ",
        element("small", f"{say('on inputs', language, sizes=sizes)} · {number}"),
    )
    terms = [
        (element("dt", title), element("dd", [_equation(equation) for equation in equations]))
        for title, equations in kind.passages
    ]
    # Whoever follows a link to what is within has it opened.
    return element("details", summary, element("dl", terms, id=anchor))


def _equation(equation: Equation) -> Markup:
    value = Amount(equation.value).text(Style()) if isinstance(equation.value, int) else str(equation.value)
    value += f" ({equation.aside})" if equation.aside else ""
    sides = [*map(side_text, equation.right), value]
    # Lines break between the sides where they can.
    return element(
        "p", equation.left, [(" ", element("span", f"= {side}")) for side in sides], class_="equation"
    )
