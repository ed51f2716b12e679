"""How the parts of the builder note mistakes."""

from __future__ import annotations

from typing import Protocol

from rfcalc.errors import Position, Related


class Fail(Protocol):
    """Notes a mistake, and through which block calls its line was reached; building goes on."""

    def __call__(
        self, message: str, position: Position, hint: str = "", related: tuple[Related, ...] = ()
    ) -> None:
        """Note one mistake."""


class Poisoned(Exception):
    """A mistake has been noted; what is being built leaves nothing to go on with."""
