"""What places of the page are called, so that links find them."""

from __future__ import annotations

import re

from rfcalc.records import NamedTuple

# No name of a layer begins with this: what the page itself calls so cannot be one.
_OWN = "~"


class PageAnchors(NamedTuple):
    """The names of places that belong to one network; key: what they begin with on a page of several.

    within: what all begin with in a notebook, where the rest of the page has names, too.
    """

    key: str = ""
    within: str = ""

    def own(self, name: str) -> str:
        """That of a part of the page."""
        return f"{self.within}{_OWN}{name}{f'-{self.key}' if self.key else ''}"

    def kind(self, name: str) -> str:
        """The class of what rules of style for this network alone mean."""
        return f"{name}-{self.within}{self.key}"

    def photo(self) -> str:
        """That of the image that lies behind the fields of all networks."""
        return f"{self.within}{_OWN}photo"

    def layer(self, name: str, row: int) -> str:
        """That of a layer or a block in a row: its name, where a link can hold it as it is."""
        if not re.fullmatch(r"[A-Za-z][\w.-]*", name, re.ASCII):
            return self.own(f"row{row}")
        return f"{self.within}{f'{self.key}:' if self.key else ''}{name}"
