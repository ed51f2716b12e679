"""All that a box stands for, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.report.diagram.words import say
from rfcalc.shapes import format_sizes
from rfcalc.units import format_si

if TYPE_CHECKING:
    from rfcalc.report.diagram.diagram import DiagramBox
    from rfcalc.report.words import Language


def about_box(box: DiagramBox, language: Language) -> str:
    """Its name, what it is, the size of what leaves it, its parameters and multiply-adds."""
    text = box.text if box.kind != "input" else ""
    if box.times > 1:
        text = f"{text} × {box.times}"
    joined = [*box.joined]
    done = " + ".join((*joined[: box.before], text, *joined[box.before :])) if text else ""
    parts = [f"{box.name}: {done}" if done else box.name]
    parts.append(format_sizes(box.output.sizes()))
    for key, value in (("of params", box.params), ("of macs", box.macs)):
        if value is None and box.kind != "input":
            parts.append(say(key, language, count="?"))
        elif value:
            parts.append(say(key, language, count=format_si(value)))
    return ", ".join(parts)
