"""Elements of HTML and SVG: whatever is given as text becomes text, and nothing else is markup.

All of a page is made with `element`; no other place writes a tag, so no name of a description can.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from rfcalc.render.charts.svg_elements import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

# Those that have no content, and those whose end may be left out.
_EMPTY = frozenset(["br", "col", "input", "meta", "link"])
# Of SVG, in which what has no content ends with its beginning.
_CLOSED = frozenset(["rect"])
_WITHOUT_END = _EMPTY | {"td", "th", "tr", "li", "dt", "dd", "option", "tbody", "thead", "tfoot"}


class Markup(str):
    """What is HTML already."""

    __slots__ = ()


# Of an element: None and an empty text stand for nothing.
PageContent: TypeAlias = "str | Markup | Iterable[PageContent] | None"
AttributeValue: TypeAlias = "str | int | bool | None"


def element(name: str, /, *content: PageContent, **attributes: AttributeValue) -> Markup:
    """An element; attributes are called like in Python: `class_`, `aria_label`.

    An attribute that is None or False is left out, one that is True has no value.
    """
    begin = "".join([f"<{name}", *(_attribute(key, value) for key, value in attributes.items())])
    if name in _CLOSED:
        return Markup(f"{begin}/>")
    end = "" if name in _WITHOUT_END else f"</{name}>"
    return Markup(f"{begin}>{fragment(*content)}{end}")


def fragment(*content: PageContent) -> Markup:
    """Contents one after another."""
    return Markup("".join(map(_written, content)))


def _written(content: PageContent) -> str:
    if content is None or isinstance(content, Markup):
        return content or ""
    if isinstance(content, str):
        return escaped(content)
    return fragment(*content)


def _attribute(key: str, value: AttributeValue) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escaped(str(value))}"'


def style_element(sheet: str) -> Markup:
    """A style sheet of ours; raises ValueError for one that would end before its end."""
    return _raw("style", sheet)


def script_element(program: str, media: str = "", name: str = "") -> Markup:
    """A script of ours, or data for one; raises ValueError for one that would end before its end."""
    return _raw("script", program, type=media or None, id=name or None)


def _raw(tag: str, text: str, **attributes: AttributeValue) -> Markup:
    # Text in these is not escaped: what would end it, or begin a comment in it, must not occur.
    if re.search(r"</|<!--|<script", text, re.IGNORECASE):
        raise ValueError(f"the text of a {tag} would be read as its end")
    begin = element(tag, **attributes).removesuffix(f"</{tag}>")
    return Markup(f"{begin}{text}</{tag}>")
