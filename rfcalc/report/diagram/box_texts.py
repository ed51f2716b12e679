"""All that a box stands for, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.report.diagram.words import say
from rfcalc.shapes import format_sizes
from rfcalc.units import format_si

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.report.diagram.diagram import DiagramBox, DiagramEdge
    from rfcalc.report.words import Language
    from rfcalc.shapes import Shape

# So many sizes of one box are listed in a tooltip.
_MOST_SIZES = 8


def sizes_text(outputs: Sequence[Shape], language: Language, most: int = 2) -> str:
    """The sizes of what leaves a box; of more than so many the first and the last, and how many there are."""
    sizes = [format_sizes(each.sizes()) for each in outputs]
    if len(sizes) > 1 and len(set(sizes)) == 1:
        return say("equal outputs", language, count=len(sizes), size=sizes[0])
    if len(sizes) <= most:
        return ", ".join(sizes)
    return say("outputs", language, count=len(sizes), first=sizes[0], last=sizes[-1])


def edge_text(edge: DiagramEdge, language: Language) -> str:
    """What is said of an edge: what it carries, where that is not all, and what is done on the way."""
    carried = [sizes_text(edge.carried, language)] if edge.carried else []
    return ", ".join([*carried, *([edge.text] if edge.text else [])])


def about_box(box: DiagramBox, language: Language) -> str:
    """Its name, what it is, the size of what leaves it, its parameters and multiply-adds."""
    text = box.text if box.kind != "input" else ""
    if box.times > 1:
        text = f"{text} × {box.times}"
    joined = [*box.joined]
    done = " + ".join((*joined[: box.before], text, *joined[box.before :])) if text else ""
    parts = [f"{box.name}: {done}" if done else box.name]
    parts.append(sizes_text(box.outputs, language, _MOST_SIZES))
    for key, value in (("of params", box.params), ("of macs", box.macs)):
        if value is None and box.kind != "input":
            parts.append(say(key, language, count="?"))
        elif value:
            parts.append(say(key, language, count=format_si(value)))
    return ", ".join(parts)
