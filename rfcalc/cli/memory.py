"""A lack of memory: raised while some is left, as the interpreter needs memory to handle an exception.

Where a process may have so much and no more (`ulimit -v`), Python raises MemoryError when the last byte is
taken.  It cannot always leave its functions then: it aborts, or tries for ever.
"""

from __future__ import annotations

import os

from rfcalc.cli.interrupts import signals

# How often is looked, and not before when, in seconds of the processor's time; how many bytes must be left:
# far more than are taken in between.
_INTERVAL = 0.005
_SPARED = 0.3
_RESERVE = 4 * 2**20

OUT_OF_MEMORY = (
    "rfcalc: error: out of memory: let the process have more, or use --max-layers with a lower number, which "
    "refuses networks that are too large for it"
)


def watch() -> None:
    """From now on raise MemoryError when nearly all is taken that this process may have."""
    # Other systems have neither such timers nor such a limit.
    if hasattr(signals, "setitimer"):
        # Nobody takes all memory in the first moments, and a short run is spared what the looking needs.
        signals.signal(signals.SIGPROF, lambda *_: _look_from_now_on())
        signals.setitimer(signals.ITIMER_PROF, _SPARED)


def _look_from_now_on() -> None:
    try:
        most = _most_memory()
        if most is None:
            return
        taken = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        # Other systems do not say how much is taken, and may be.
        return
    pages = (most - _RESERVE) // os.sysconf("SC_PAGESIZE")

    def look(*_: object) -> None:
        if int(os.pread(taken, 20, 0).split()[0]) > pages:
            signals.setitimer(signals.ITIMER_PROF, 0)
            raise MemoryError

    signals.signal(signals.SIGPROF, look)
    signals.setitimer(signals.ITIMER_PROF, _INTERVAL, _INTERVAL)


def _most_memory() -> int | None:
    """The bytes that the process may have; None for no limit.

    It is asked from within a handler of signals, and nothing may be imported there: Python's own import of
    another module, which it may interrupt, would fail (KeyError in `importlib`).
    """
    limits = os.open("/proc/self/limits", os.O_RDONLY)
    try:
        lines = os.read(limits, 2**13).split(b"\n")
    finally:
        os.close(limits)
    for line in lines:
        if line.startswith(b"Max address space"):
            soft = line.split()[3]
            return int(soft) if soft.isdigit() else None
    return None
