"""A page as one file of HTML, which needs no other, no network and no script to be read.

What it may load and run is said in the page itself: nothing but its own style and its own script, by their
checksums.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.render.page.colours import colour_rules
from rfcalc.render.page.elements import element, script_element, style_element
from rfcalc.report.page.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfcalc.render.page.elements import PageContent
    from rfcalc.report.words import Language


# The style sheets of all pages.
SHEETS = ("tables.css", "elements.css", "page.css")


def single_file(
    title: str,
    main: PageContent,
    language: Language,
    *,
    sheet: str = "",
    programs: Sequence[str] = (),
    data: str = "",
) -> str:
    """The page; it ends in a line break.

    main: what stands in it.  sheet: rules of style beside those of all pages.  programs: files of this folder
    that are its script, one after the other.  data: what that reads, as JSON that ends no element.
    """
    sheet = "".join(map(style_part, SHEETS)) + colour_rules() + sheet
    program = _shortened("".join(map(_part, programs)))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(sheet, program)),
        element("meta", name="viewport", content="width=device-width,initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content=f"rfcalc {__version__}"),
        element("title", title),
        style_element(sheet),
    )
    scripts = (
        [script_element(data, "application/json", "~data"), script_element(program)] if programs else None
    )
    footer = element("footer", say("made by", language, version=__version__))
    body = element("body", element("main", main), footer, scripts)
    page = element("html", head, body, lang="zh-Hans" if language == "zh" else language)
    return f"<!doctype html>\n{page}\n"


def style_part(name: str) -> str:
    """One of the style sheets of this folder, without comments and line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", _part(name), flags=re.DOTALL)).strip()


def _part(name: str) -> str:
    return files("rfcalc.render.page").joinpath(name).read_text("utf-8")


def _shortened(program: str) -> str:
    """A script without indentation and lines of comment; it has no text of several lines."""
    lines = (line.strip() for line in program.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _policy(sheet: str, program: str) -> str:
    style, script = (b64encode(sha256(text.encode()).digest()).decode() for text in (sheet, program))
    scripts = f"'sha256-{script}'" if program else "'none'"
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src {scripts}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
