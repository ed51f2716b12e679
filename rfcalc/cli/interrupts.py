"""Interrupts: Ctrl-C ends the process at once and without a word.

Python turns it into an exception that may be raised between any two lines: in a library that takes it for a
failed import, in a callback, where it is printed and the run goes on.  The process `rfcalc` leaves it to the
system instead, except while it has something to tidy up.
"""

from __future__ import annotations

# Not `signal`, which wraps these in enums and takes every start 0.4 ms for it.
import _signal as signals  # type: ignore[import-not-found]  # in every Python, but typeshed describes `signal` alone

__all__ = ["Tidied", "end_at_once", "signals"]


def end_at_once() -> None:
    """Let an interrupt end the process from now on; one that is ignored, as behind nohup, stays so."""
    if signals.getsignal(signals.SIGINT) is signals.default_int_handler:
        signals.signal(signals.SIGINT, signals.SIG_DFL)


class Tidied:
    """A context in which an interrupt is raised as KeyboardInterrupt, so that what is half done is undone."""

    def __enter__(self) -> None:
        self._ended_at_once = signals.getsignal(signals.SIGINT) == signals.SIG_DFL
        if self._ended_at_once:
            signals.signal(signals.SIGINT, signals.default_int_handler)

    def __exit__(self, *_: object) -> None:
        if self._ended_at_once:
            signals.signal(signals.SIGINT, signals.SIG_DFL)
