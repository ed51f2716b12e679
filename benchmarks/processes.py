"""Running a program once and measuring it: wall-clock time, and the peak memory of its process."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from typing import NamedTuple

# On Linux the kernel reports the peak in KiB, on macOS in bytes.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024

_COLUMNS = 100


class Run(NamedTuple):
    """One run: seconds from start to end, the peak resident memory in bytes, and what it printed."""

    seconds: float
    peak: int
    output: bytes


def run(command: Sequence[str], *, terminal: bool = False) -> Run:
    """Run a program to its end, its output read through a pipe or, as a user's is, through a terminal.

    Raises RuntimeError, with the output, when it fails.
    """
    reading, writing = _terminal() if terminal else os.pipe()
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=writing,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": str(_COLUMNS)} if terminal else None,
    )
    os.close(writing)
    output = _read_all(reading)
    # wait4 alone reports the memory of this one child.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    os.close(reading)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output.decode(errors='replace')}")
    return Run(seconds, usage.ru_maxrss * _RSS_UNIT, output)


def _terminal() -> tuple[int, int]:
    """The two ends of a terminal that is 100 columns wide: ours and the program's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, _COLUMNS, 0, 0))
    return ours, theirs


def _read_all(descriptor: int) -> bytes:
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError as error:
            # A terminal whose other end is closed says so with an error instead of an end of file.
            if error.errno != errno.EIO:
                raise
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)
