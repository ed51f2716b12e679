"""Interrupts: Ctrl-C ends the process at once and without a word.

Python turns it into an exception that may be raised between any two lines: in a library that takes it for a
failed import, in a callback, where it is printed and the run goes on.  The process `rfcalc` leaves it to the
system instead, except while it has something to tidy up.
"""

from __future__ import annotations

# Not from `signal`, which wraps these in enums and takes every start 0.4 ms for it.
from _signal import (  # type: ignore[import-not-found]  # part of every Python, and not in the stubs
    SIG_DFL,
    SIGINT,
    default_int_handler,
    getsignal,
    signal,
)


def end_at_once() -> None:
    """Let an interrupt end the process from now on; one that is ignored, as behind nohup, stays so."""
    if getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, SIG_DFL)


class Tidied:
    """A context in which an interrupt is raised as KeyboardInterrupt, so that what is half done is undone."""

    def __enter__(self) -> None:
        self._ended_at_once = getsignal(SIGINT) == SIG_DFL
        if self._ended_at_once:
            signal(SIGINT, default_int_handler)

    def __exit__(self, *_: object) -> None:
        if self._ended_at_once:
            signal(SIGINT, SIG_DFL)
