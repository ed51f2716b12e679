"""What a notebook shows: elements of the page in one of its own, which changes nothing around it.

It runs no script.  Its rules of style hold for what is in it alone, by nesting; its texts and its ground have
the colours of the notebook; and its names are those of no other output, as one may be shown twice.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rfcalc.render.page.colours import notebook_colours
from rfcalc.render.page.elements import element, style_element
from rfcalc.render.page.single_file import style_part

if TYPE_CHECKING:
    from rfcalc.render.page.elements import PageContent
    from rfcalc.report.words import Language

_SCOPE = "rfcalc-shown"
# There is no ground of its own: what is sticky on the page would lie on what is below, and lines of its
# colour would not be seen.  Tables of few rows are shown whole.
_OWN = (
    "overflow-wrap:break-word;thead th,tfoot th,tfoot td{position:static}.compared .scroll{max-height:none}"
    ".treemap rect{stroke:currentColor;stroke-width:1px;stroke-opacity:.3}.treemap .frame{stroke-opacity:.6}"
    '.treemap [data-l="1"] .frame{stroke-width:2px}.treemap [data-l="2"] .frame{stroke-width:1.5px}'
)


def own_names() -> str:
    """What the names of one output begin with, which those of no other do."""
    return f"rfcalc-{os.urandom(5).hex()}-"


def in_notebook(content: PageContent, language: Language, *, whole: bool = False, sheet: str = "") -> str:
    """Elements of the page as the output of a cell.

    whole: whether they are more than tables.  sheet: rules of style beside those of all outputs.
    """
    sheets = ("tables.css", "elements.css") if whole else ("tables.css",)
    nested = "".join(map(style_part, sheets))
    rules = f".{_SCOPE}{{{nested}{sheet}{_OWN}}}"
    return element(
        "div",
        style_element(rules + notebook_colours(f".{_SCOPE}", charts=whole)),
        content,
        class_=_SCOPE,
        lang="zh-Hans" if language == "zh" else language,
    )
