"""The program's entry: runs a command and turns what went wrong into a message and an exit code.

Exit codes: 0; 1 when a check found something; 2 for a mistake in the usage or in a description; 130
when interrupted; 141 when whoever read the output went away.
"""

from __future__ import annotations

from collections.abc import Sequence

MISTAKE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (the process's own by default) and return the exit code; never raises."""
    try:
        # Imported here, so that an interrupt during start-up ends as quietly as a later one.
        from rfcalc.cli.run import run

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
