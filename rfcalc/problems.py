"""Collecting the mistakes of a text, so that all of them can be told at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn, Self

from rfcalc.errors import DescriptionError, Diagnostic, Position, Related

MOST_PROBLEMS = 50


class Problems:
    """The mistakes found so far, each once, up to a limit.

    In a `with` statement it takes in a DescriptionError that the statement's body raises.
    """

    def __init__(self) -> None:
        self.found: dict[Diagnostic, None] = {}

    def add(
        self, message: str, position: Position | None, hint: str = "", related: tuple[Related, ...] = ()
    ) -> None:
        """Note one mistake."""
        self.extend([Diagnostic(message, position, hint=hint, related=related)])

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Note several mistakes; raises DescriptionError with all of them once the limit is reached."""
        for diagnostic in diagnostics:
            self.found[diagnostic] = None
            if len(self.found) >= MOST_PROBLEMS:
                self.raise_any()

    def stop(
        self, message: str, position: Position, hint: str = "", related: tuple[Related, ...] = ()
    ) -> NoReturn:
        """Raise DescriptionError for a mistake after which reading cannot go on, and those before it."""
        self.found[Diagnostic(message, position, hint=hint, related=related)] = None
        raise self._error()

    def raise_any(self, doubts: tuple[Related, ...] = ()) -> None:
        """Raise DescriptionError when there is a mistake, in the order of the text.

        doubts: what else may be why; the first mistake says so.
        """
        if self.found:
            first, *others = self._error().diagnostics
            more = tuple(each for each in doubts if each not in first.related)
            raise DescriptionError([first._replace(related=first.related + more), *others])

    def _error(self) -> DescriptionError:
        return DescriptionError(sorted(self.found, key=lambda each: (each.position or ())[1:3]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, DescriptionError):
            self.extend(error.diagnostics)
            return True
        return False
