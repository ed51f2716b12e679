"""How the parts of the builder note mistakes, and when it stops."""

from __future__ import annotations

from rfcalc.errors import Position, Related, quoted
from rfcalc.problems import Problems

MOST_FAILURES = 200
MOST_AT_ONE_PLACE = 3


class Poisoned(Exception):
    """A mistake has been noted; what is being built leaves nothing to go on with."""


class Stopped(Exception):
    """The expansion passed a cap, which has been noted, or very much is wrong; building stops."""


class Mistakes:
    """The mistakes of one network, each once.

    calls: the block calls around the line being built, innermost last.  only_first: whether building ends at
    the first one.  cause: the error that the first one is.
    """

    only_first = False
    cause: BaseException | None = None

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.calls: list[tuple[str, Position]] = []
        self._noted: dict[Position, set[str]] = {}
        self._failures = 0

    def fail(
        self,
        message: str,
        position: Position,
        hint: str = "",
        related: tuple[Related, ...] = (),
        cause: BaseException | None = None,
    ) -> Poisoned:
        """Note a mistake, and through which calls its line was reached; building goes on.

        cause: the error that it is; advice on symbols that is behind it becomes the hint.
        A line that is built many times is reported once for each different mistake, of a few.
        Returns what to raise where the mistake leaves nothing to go on with.  Raises Stopped after very many.
        """
        self._failures += 1
        if self._failures > MOST_FAILURES:
            raise Stopped
        if cause is not None:
            from rfcalc.symbolic.advice import advice_behind

            if advice := advice_behind(cause):
                message, hint = message.replace(f"; {advice}", ""), advice
        noted = self._noted.setdefault(position, set())
        if message in noted or len(noted) >= MOST_AT_ONE_PLACE:
            return Poisoned()
        noted.add(message)
        calls = tuple(
            Related(f"in this call of {quoted(name)}", place) for name, place in reversed(self.calls[-3:])
        )
        self.problems.add(message, position, hint, related + calls)
        if self.only_first:
            self.cause = cause
            raise Stopped
        return Poisoned()
