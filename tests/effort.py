"""How much work a call does, in a unit that does not depend on the machine or on what else it is doing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

Result = TypeVar("Result")


class TooMuchWorkError(AssertionError):
    """A call went past the number of lines it was allowed."""


def lines_run(action: Callable[[], Result], limit: int = sys.maxsize) -> tuple[Result, int]:
    """What an action returns, and how many lines of Python it ran, in whatever modules.

    Raises TooMuchWorkError as soon as the number passes the limit, so that an endless loop ends a test.
    Work inside functions written in C counts as the line that calls them.
    """
    ran = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal ran
        if event == "line":
            ran += 1
            if ran > limit:
                raise TooMuchWorkError(f"more than {limit:,} lines ran, the last in {frame.f_code.co_name}")
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return action(), ran
    finally:
        sys.settrace(before)
