"""A page as an HTML parser reads it, which knows nothing of the package."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import NamedTuple

# What the page is made of.  Nothing of it loads anything; a script is looked at apart.
HTML = set(
    "html head meta title style script body main header footer article section nav figure div p ul li dl dt "
    "dd h1 h2 h3 a b code small span table caption thead tbody tfoot tr th td details summary input "
    "label pre".split()
)
SVG = set(
    "svg g a title desc path rect text tspan circle line clippath lineargradient stop defs mask image symbol "
    "use".split()
)
# Those that have no end tag, and those whose end may be left out, each with what ends it.
EMPTY = {"meta", "input", "br"}


class Tag(NamedTuple):
    """The beginning of an element; around: the elements it stands in."""

    name: str
    attributes: dict[str, str]
    around: tuple[str, ...]


class ParsedPage(HTMLParser):
    """The tags of a page, its texts by the element they stand in, and what is no element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.texts: list[tuple[str, str]] = []
        self.other: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(Tag(tag, {name: value or "" for name, value in attrs}, tuple(self._open)))
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    handle_pi = unknown_decl = handle_comment

    def named(self, name: str) -> list[Tag]:
        """The tags of a name."""
        return [tag for tag in self.tags if tag.name == name]

    def text_in(self, name: str) -> list[str]:
        """The texts that stand directly in elements of a name."""
        return [text for element, text in self.texts if element == name]


def live(text: str) -> list[str]:
    """What in a page does or loads something that its own script and style do not, and what a policy lets."""
    page = ParsedPage(text)
    found = [f"comment {each}" for each in page.other]
    for tag in page.tags:
        known = SVG if "svg" in tag.around or tag.name == "svg" else HTML
        if tag.name not in known:
            found.append(f"<{tag.name}>")
        for name, value in tag.attributes.items():
            if name.startswith("on") or name in (
                "style",
                "src",
                "srcset",
                "action",
                "formaction",
                "xlink:href",
            ):
                found.append(f"{name}={value}")
            if name == "href" and not value.startswith(("#", "data:image/")):
                found.append(f"href={value}")
    scripts = [tag.attributes for tag in page.named("script")]
    if any(each != {"type": "application/json", "id": "~data"} for each in scripts[:-1]) or any(scripts[-1:]):
        found.append(f"scripts {scripts}")
    policies = [tag.attributes["content"] for tag in page.named("meta") if "http-equiv" in tag.attributes]
    sums = {
        kind: [checksum(each) for each in re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)]
        for kind in ("style", "script")
    }
    wanted = "default-src 'none'; " + "; ".join(
        f"{kind}-src {' '.join(each) or chr(39) + 'none' + chr(39)}" for kind, each in sums.items()
    )
    if len(policies) != 1 or not policies[0].startswith(wanted):
        found.append(f"policy {policies}")
    return found


def checksum(text: str) -> str:
    """How a policy names a script or a style."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
