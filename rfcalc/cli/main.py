"""The program's entry: runs a command and turns what went wrong into a message and an exit code.

Exit codes: 0; 1 when a check found something; 2 for a mistake in the usage or in a description, for a lack
of memory, and for a bug; 130 when interrupted, or the end by that signal; 141 when whoever read the output
went away.
"""

from __future__ import annotations

import gc
import os
import sys
from io import BufferedWriter, RawIOBase, TextIOWrapper

from rfcalc.cli.exit_codes import INTERRUPTED, MISTAKE
from rfcalc.cli.interrupts import end_at_once
from rfcalc.cli.memory import OUT_OF_MEMORY, watch

# As `typing.TYPE_CHECKING`: until this is loaded, an interrupt is not quiet.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

# The variable that shows where a bug is.
TRACEBACK = "RFCALC_TRACEBACK"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (the process's own by default) and return the exit code.

    What it raises is a bug, of which `run_process` tells.
    """
    try:
        from rfcalc.cli.run import run

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except MemoryError:
        pass
    # Here, and not where it is caught, all that the run has held is free again.
    from rfcalc.cli.output import say

    say(OUT_OF_MEMORY)
    return MISTAKE


def run_process() -> NoReturn:
    """Run the command line as the whole of a process, and end it.

    A process that prints one table spends a fifth of its time on taking the interpreter down, module
    by module, and some on collecting cycles that a run of a moment leaves none of; both are skipped.
    All files are closed by then: what is left to write is in the two streams.
    """
    end_at_once()
    watch()
    _buffer_output()
    gc.disable()
    from contextlib import suppress

    try:
        code = main()
    except Exception as error:
        # Python's own exit code would be that of findings.
        code = MISTAKE
        with suppress(OSError, ValueError, AttributeError):
            from rfcalc.cli.output import say

            say(_bug(error))
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _buffer_output() -> None:
    """Let all of standard output be written, or fail.

    Without a buffer (PYTHONUNBUFFERED) Python loses what a short write leaves, as on a full disk, in silence.
    All that is printed is flushed.
    """
    out = sys.stdout
    if out is not None and isinstance(out.buffer, RawIOBase):
        sys.stdout = TextIOWrapper(BufferedWriter(out.buffer), encoding=out.encoding, errors=out.errors)


def _bug(error: Exception) -> str:
    """What is said of an exception that nothing expected."""
    if os.environ.get(TRACEBACK):
        from traceback import format_exception

        return "".join(format_exception(error)).rstrip()
    what = f"{type(error).__name__}: {error}".replace("\n", " ")
    return (
        f"rfcalc: error: this is a bug of rfcalc ({what}); with the variable {TRACEBACK}=1 the same "
        "command shows where"
    )
