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
        from resource import RLIM_INFINITY, RLIMIT_AS, getrlimit

        most, _ = getrlimit(RLIMIT_AS)
        if most == RLIM_INFINITY:
            return
        taken = os.open("/proc/self/statm", os.O_RDONLY)
    except (ImportError, OSError):
        # Other systems have no such limit, or do not say how much is taken.
        return
    pages = (most - _RESERVE) // os.sysconf("SC_PAGESIZE")

    def look(*_: object) -> None:
        if int(os.pread(taken, 20, 0).split()[0]) > pages:
            signals.setitimer(signals.ITIMER_PROF, 0)
            raise MemoryError

    signals.signal(signals.SIGPROF, look)
    signals.setitimer(signals.ITIMER_PROF, _INTERVAL, _INTERVAL)
